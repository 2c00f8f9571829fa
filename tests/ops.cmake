fewbit_test(builders fewbit::ops fewbit::model fewbit::vectors)
fewbit_test(emitted_lint fewbit::ops)
fewbit_test(golden fewbit::ops)
fewbit_test(block_product fewbit::ops)
