# The worked examples of docs/library.md; they check themselves.
foreach(example complex_mac dot_engine verified_cost)
  add_executable(${example}_example ${PROJECT_SOURCE_DIR}/docs/examples/${example}.cc)
  target_link_libraries(${example}_example PRIVATE fewbit::ops fewbit::study fewbit::verify)
  add_test(NAME ${example}_example COMMAND ${example}_example)
endforeach()
fewbit_test(planted_bug fewbit::ops fewbit::verify)
