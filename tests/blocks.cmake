# Tests of blocks and streams.
fewbit_test(blocks fewbit::blocks fewbit::verify)
fewbit_test(layer_blocks fewbit::blocks fewbit::verify)
fewbit_test(axi_stream fewbit::blocks fewbit::verify)
fewbit_test(axi_stream_tools fewbit::blocks fewbit::flows)
fewbit_test(blocks_tools fewbit::blocks fewbit::flows fewbit::verify)
fewbit_test(blocks_cli fewbit::spec nlohmann_json::nlohmann_json)
add_dependencies(blocks_cli_test fewbit)
# Layers placed and routed, minutes each: `make engine-speed` runs it.
add_executable(engine_speed_test engine_speed_test.cc)
target_link_libraries(engine_speed_test PRIVATE fewbit::blocks fewbit::flows fewbit::verify GTest::gmock_main)
fewbit_compile_quickly(engine_speed_test fewbit_test_headers)
# The whole of what axi_stream_test asks in a sample: `make verify-axi-stream` runs it.
add_executable(axi_stream_matrix_test axi_stream_matrix_test.cc)
target_link_libraries(axi_stream_matrix_test PRIVATE fewbit::blocks fewbit::verify GTest::gmock_main)
fewbit_compile_quickly(axi_stream_matrix_test fewbit_test_headers)
