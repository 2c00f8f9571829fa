# Tests of sim/c_model.
fewbit_test(c_model fewbit::ops fewbit::verify)
# The whole of what c_model_test asks in a sample: `make verify-c-models` runs it.
add_executable(c_model_matrix_test c_model_matrix_test.cc)
target_link_libraries(c_model_matrix_test PRIVATE fewbit::ops fewbit::verify GTest::gmock_main)
fewbit_compile_quickly(c_model_matrix_test fewbit_test_headers)
