# make bench
if(FEWBIT_BUILD_BENCH)
  find_package(benchmark REQUIRED)
  add_executable(fewbit_bench bench/fewbit_bench.cc)
  target_link_libraries(fewbit_bench PRIVATE fewbit::ops fewbit::model benchmark::benchmark)
endif()
