# Tests of sim/arrays.
fewbit_test(arrays fewbit::arrays)
set_target_properties(arrays_test PROPERTIES DISABLE_PRECOMPILE_HEADERS ON)
target_compile_options(arrays_test PRIVATE $<$<CONFIG:Release>:-O2>)
