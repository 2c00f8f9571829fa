# Tests of the stages of the builders, and of the structure that they make.
fewbit_test(stages fewbit::ops)
fewbit_test(structure fewbit::ops)
