# Tests of the arithmetic blocks of networks.
fewbit_test(matvec fewbit::blocks fewbit::block_model fewbit::verify)
