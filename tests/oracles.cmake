# Programs of `make verify-oracles`, and a slice of it that needs no package from PyPI.
add_library(oracle_serve STATIC oracles/serve.cc)
target_link_libraries(oracle_serve PUBLIC fewbit::util)

add_executable(oracle_model oracles/model_server.cc)
target_link_libraries(oracle_model PRIVATE oracle_serve fewbit::model)

add_executable(oracle_mpfr oracles/mpfr_server.cc oracles/mpfr_format.cc)
target_link_libraries(oracle_mpfr PRIVATE oracle_serve mpfr gmp)

# Of `make verify-ocr`.
add_executable(network_outputs EXCLUDE_FROM_ALL oracles/network_outputs.cc)
target_link_libraries(network_outputs PRIVATE fewbit::quant)

find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME oracles_slice COMMAND ${Python3_EXECUTABLE}
         ${CMAKE_CURRENT_SOURCE_DIR}/oracles/slice_test.py ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})

# LLVM's APFloat knows 4, 6 and 8-bit floats, e8m0 included, from version 20 on.
find_program(FEWBIT_LLVM_CONFIG llvm-config-22)
if(FEWBIT_LLVM_CONFIG)
  execute_process(COMMAND ${FEWBIT_LLVM_CONFIG} --includedir OUTPUT_VARIABLE llvm_include
                  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${FEWBIT_LLVM_CONFIG} --libdir OUTPUT_VARIABLE llvm_lib
                  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${FEWBIT_LLVM_CONFIG} --libs support OUTPUT_VARIABLE llvm_libs
                  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  add_executable(oracle_apfloat EXCLUDE_FROM_ALL oracles/apfloat_server.cc)
  target_include_directories(oracle_apfloat SYSTEM PRIVATE ${llvm_include})
  target_link_directories(oracle_apfloat PRIVATE ${llvm_lib})
  target_link_libraries(oracle_apfloat PRIVATE oracle_serve ${llvm_libs})
endif()
