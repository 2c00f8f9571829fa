fewbit_test(verify fewbit::verify nlohmann_json::nlohmann_json)
fewbit_test(bipolar fewbit::ops fewbit::verify)
fewbit_test(small_formats fewbit::ops fewbit::verify)
fewbit_test(runtime_cache fewbit::verify nlohmann_json::nlohmann_json)
fewbit_test(icarus fewbit::flows fewbit::ops fewbit::verify)
# The whole of what icarus_test asks in a sample: `make verify-icarus` runs it.
add_executable(icarus_matrix_test icarus_matrix_test.cc)
target_link_libraries(icarus_matrix_test PRIVATE fewbit::flows fewbit::ops fewbit::verify GTest::gmock_main)
fewbit_compile_quickly(icarus_matrix_test fewbit_test_headers)
# Needs what `make tools` installs: `make test-tools` runs it.
add_executable(readers_test readers_test.cc)
target_link_libraries(readers_test PRIVATE fewbit::flows fewbit::ops fewbit::verify GTest::gmock_main)
target_compile_definitions(readers_test PRIVATE FEWBIT_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
fewbit_compile_quickly(readers_test fewbit_test_headers)
