fewbit_test(templates fewbit::ops)
fewbit_test(generic fewbit::ops)
fewbit_test(parameter_ranges fewbit::ops fewbit::verify)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME template_parts
         COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/template_parts_test.py)
