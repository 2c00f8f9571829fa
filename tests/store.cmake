# Tests of flows/store.
fewbit_test(store fewbit::store)
fewbit_test(store_columns fewbit::store)
