fewbit_test(builders fewbit::ops fewbit::model)
