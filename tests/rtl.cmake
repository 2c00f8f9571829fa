# Tests of gen/rtl.
fewbit_test(mutate fewbit::rtl)
