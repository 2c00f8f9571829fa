# The worked example of docs/library.md; it checks itself.
add_executable(complex_mac_example ${PROJECT_SOURCE_DIR}/docs/examples/complex_mac.cc)
target_link_libraries(complex_mac_example PRIVATE fewbit::ops fewbit::verify)
add_test(NAME complex_mac_example COMMAND complex_mac_example)
fewbit_test(planted_bug fewbit::ops fewbit::verify)
