# Tests of flows/sweep, and of the commands that use it.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
fewbit_test(sweep_file fewbit::sweep)
fewbit_test(worker_pool fewbit::sweep)
fewbit_test(sweep_command fewbit::store nlohmann_json::nlohmann_json)
add_dependencies(sweep_command_test fewbit)
add_test(NAME sweep_kill COMMAND ${Python3_EXECUTABLE}
         ${CMAKE_CURRENT_SOURCE_DIR}/sweep/kill_test.py ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/fewbit)
add_test(NAME asic_table COMMAND ${Python3_EXECUTABLE}
         ${CMAKE_CURRENT_SOURCE_DIR}/sweep/asic_table_test.py
         ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/fewbit ${PROJECT_SOURCE_DIR})
add_test(NAME published_sweep COMMAND ${Python3_EXECUTABLE}
         ${CMAKE_CURRENT_SOURCE_DIR}/sweep/published_test.py ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/fewbit
         ${PROJECT_SOURCE_DIR})
add_test(NAME published_accuracies COMMAND ${Python3_EXECUTABLE}
         ${CMAKE_CURRENT_SOURCE_DIR}/sweep/published_accuracies_test.py
         ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/fewbit ${PROJECT_SOURCE_DIR})
