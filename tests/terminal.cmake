# fewbit on a terminal.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME terminal COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/terminal_test.py
         ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/fewbit)
add_test(NAME verify_files COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/verify_files_test.py
         ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/fewbit)
