# Tests of sim/model. MPFR and rational arithmetic are its referees.
fewbit_test(nearest_code fewbit::model)
fewbit_test(mpfr fewbit::model mpfr gmp)
fewbit_test(format_facts fewbit::model)
fewbit_test(operators fewbit::model)
fewbit_test(accumulator fewbit::model)
