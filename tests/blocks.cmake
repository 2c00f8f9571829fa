# Tests of blocks and streams.
fewbit_test(blocks fewbit::blocks fewbit::verify)
