fewbit_test(templates fewbit::ops)
fewbit_test(generic fewbit::ops)
fewbit_test(parameter_ranges fewbit::ops fewbit::verify)
