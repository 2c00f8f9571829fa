fewbit_test(vectors fewbit::vectors)
