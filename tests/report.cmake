# Tests of `fewbit report` that need no browser (make test-report has those that do).
fewbit_test(report fewbit::study_sweep fewbit::model)
add_dependencies(report_test fewbit)
