# README.md, whose numbers are those of docs/.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME readme COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/readme_test.py
         ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/fewbit)
