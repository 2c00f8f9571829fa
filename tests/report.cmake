# Tests of `fewbit report` that need no browser (make test-report has those that do).
fewbit_test(report fewbit::report fewbit::model)
target_sources(report_test PRIVATE ${PROJECT_SOURCE_DIR}/cli/report_figures.cc)
add_dependencies(report_test fewbit)
