# Tests of the Python module, in python/tests.
if(FEWBIT_BUILD_PYTHON)
  add_test(NAME python COMMAND ${FEWBIT_PYTHON} -m unittest discover
           --start-directory ${PROJECT_SOURCE_DIR}/python/tests --pattern *s_test.py)
  set_tests_properties(python PROPERTIES ENVIRONMENT
    "PYTHONPATH=${CMAKE_BINARY_DIR}/python;FEWBIT=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/fewbit;PYTHONDONTWRITEBYTECODE=1")
endif()
