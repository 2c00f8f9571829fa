# Tests of flows/store.
fewbit_test(store fewbit::store)
