# Tests of the arithmetic blocks of networks.
foreach(block matvec requantizer window thresholds pool join engine)
  fewbit_test(${block} fewbit::blocks fewbit::block_model fewbit::verify)
endforeach()
# One of the layers that `make engine-cost` maps.
fewbit_test(engine_cost fewbit::blocks)
set_property(TEST engine_cost PROPERTY ENVIRONMENT GTEST_FILTER=*Int4P16S8)
