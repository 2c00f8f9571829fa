# Tests of sim/model. MPFR and rational arithmetic are its referees.
fewbit_test(nearest_code fewbit::model)
fewbit_test(mpfr fewbit::model mpfr gmp)
foreach(test nearest_code_test mpfr_test)  # they compute more than they are compiled
  set_target_properties(${test} PROPERTIES DISABLE_PRECOMPILE_HEADERS ON)
  target_compile_options(${test} PRIVATE $<$<CONFIG:Release>:-O3>)
endforeach()
fewbit_test(format_facts fewbit::model)
fewbit_test(quantization fewbit::model)
fewbit_test(addend fewbit::model)
fewbit_test(operators fewbit::model)
fewbit_test(p3109 fewbit::model)
fewbit_test(property fewbit::model)
fewbit_test(conversion_property fewbit::model)
fewbit_test(accumulator fewbit::model)

find_package(rapidcheck REQUIRED)
fewbit_test(wide_property fewbit::model rapidcheck)
set_tests_properties(wide_property PROPERTIES ENVIRONMENT "RC_PARAMS=max_success=5000 seed=1")
