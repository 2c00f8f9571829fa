# Tests of gen/rtl.
fewbit_test(mutate fewbit::rtl)
fewbit_test(pipeline fewbit::rtl)
fewbit_test(probe fewbit::rtl)
fewbit_test(block_nodes fewbit::rtl)
