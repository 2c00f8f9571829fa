# Tests of flows/sweep, and of the commands that use it.
fewbit_test(sweep_file fewbit::sweep)
fewbit_test(worker_pool fewbit::sweep)
