# Tests of flows/packages and flows/fusesoc.
find_program(TCLSH tclsh REQUIRED)
add_test(NAME packages COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/packages/packages_test.py
         ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/fewbit)
set_tests_properties(packages PROPERTIES TIMEOUT 900)
# Those of docs/integrate.md whose tools are Debian's; `make test-integration` runs all.
add_test(NAME integration_examples COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/packages/examples_test.py
         ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/fewbit Icarus Vivado Quartus)
set_tests_properties(integration_examples PROPERTIES TIMEOUT 900)
