# Tests of the arithmetic blocks of networks.
fewbit_test(matvec fewbit::blocks fewbit::block_model fewbit::verify)
fewbit_test(requantizer fewbit::blocks fewbit::block_model fewbit::verify)
fewbit_test(window fewbit::blocks fewbit::block_model fewbit::verify)
fewbit_test(thresholds fewbit::blocks fewbit::block_model fewbit::verify)
fewbit_test(pool fewbit::blocks fewbit::block_model fewbit::verify)
