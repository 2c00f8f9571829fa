# Tests of cli. cli_test and cli_refusals_test drive the real binary.
fewbit_test(cli fewbit::util nlohmann_json::nlohmann_json)
add_dependencies(cli_test fewbit)
fewbit_test(cli_refusals fewbit::util nlohmann_json::nlohmann_json)
add_dependencies(cli_refusals_test fewbit)
fewbit_test(cli_text fewbit::util)
target_sources(cli_text_test PRIVATE ${PROJECT_SOURCE_DIR}/cli/text.cc)
fewbit_test(hardware_tables fewbit::ops fewbit::verify fewbit::flows nlohmann_json::nlohmann_json)
target_sources(hardware_tables_test PRIVATE ${PROJECT_SOURCE_DIR}/cli/hardware_groups.cc
               ${PROJECT_SOURCE_DIR}/cli/hardware_tables.cc ${PROJECT_SOURCE_DIR}/cli/text.cc)
fewbit_test(layers fewbit::util)
fewbit_test(matrix fewbit::ops fewbit::verify)
add_dependencies(matrix_test fewbit)
fewbit_test(hardware_regression fewbit::util nlohmann_json::nlohmann_json)
add_dependencies(hardware_regression_test fewbit)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME signals COMMAND ${Python3_EXECUTABLE}
         ${CMAKE_CURRENT_SOURCE_DIR}/endings/signals_test.py ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/fewbit
         ${PROJECT_SOURCE_DIR})
set_tests_properties(signals PROPERTIES TIMEOUT 900)
fewbit_test(tools fewbit::util)
add_dependencies(tools_test fewbit)
fewbit_test(hostile_input fewbit::util nlohmann_json::nlohmann_json)
add_dependencies(hostile_input_test fewbit)
