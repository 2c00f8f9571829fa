# Tests of gen/rtl.
fewbit_test(mutate fewbit::rtl)
fewbit_test(pipeline fewbit::rtl)
