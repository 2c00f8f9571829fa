fewbit_test(cli_text fewbit::util)
target_sources(cli_text_test PRIVATE ${PROJECT_SOURCE_DIR}/cli/text.cc)
fewbit_test(layers fewbit::util)
# cli_test.cc drives the real binary. It is built and run by hand (bin/cli_test), not by ctest, until
# its last corrected expectations have been seen to pass.
add_executable(cli_test EXCLUDE_FROM_ALL cli_test.cc)
target_link_libraries(cli_test PRIVATE fewbit::util nlohmann_json::nlohmann_json GTest::gmock_main)
target_compile_definitions(cli_test PRIVATE
  FEWBIT_SOURCE_DIR="${PROJECT_SOURCE_DIR}" FEWBIT_BINARY="${CMAKE_BINARY_DIR}/bin/fewbit")
add_dependencies(cli_test fewbit)
