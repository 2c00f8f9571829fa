# Tests of gen/spec.
fewbit_test(format fewbit::spec)
fewbit_test(ranges fewbit::spec)
fewbit_test(operator_spec fewbit::spec)
fewbit_test(operator_refusals fewbit::spec)
fewbit_test(format_names fewbit::spec)
fewbit_test(refusal_advice fewbit::spec)
