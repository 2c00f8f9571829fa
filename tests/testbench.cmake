# Tests of sim/testbench.
fewbit_test(testbench fewbit::ops fewbit::c_model fewbit::testbench)
# Needs what `make tools` installs: `make test-integration` runs it.
add_executable(integration_test integration_test.cc)
target_link_libraries(integration_test PRIVATE fewbit::ops fewbit::testbench GTest::gmock_main)
target_compile_definitions(integration_test PRIVATE FEWBIT_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
fewbit_compile_quickly(integration_test fewbit_test_headers)
