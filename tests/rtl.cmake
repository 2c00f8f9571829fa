# Tests of gen/rtl.
fewbit_test(mutate fewbit::rtl)
fewbit_test(pipeline fewbit::rtl)
fewbit_test(probe fewbit::rtl)
fewbit_test(block_nodes fewbit::rtl)
fewbit_test(design fewbit::rtl)
fewbit_test(memory fewbit::rtl)
fewbit_test(control fewbit::rtl)
fewbit_test(instance_timing fewbit::rtl)
