fewbit_test(templates fewbit::ops)
fewbit_test(generic fewbit::ops)
