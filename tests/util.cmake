# Tests of gen/util.
fewbit_test(bigint fewbit::util)
fewbit_test(files fewbit::util)
fewbit_test(process fewbit::util)
fewbit_test(endings fewbit::util)
fewbit_test(trust fewbit::util)
fewbit_test(utf8 fewbit::util)
fewbit_test(text fewbit::util)
fewbit_test(sha256 fewbit::util)
