# Tests of quant. ONNX's own node tests are Debian's libonnx-testdata.
find_package(ZLIB REQUIRED)
foreach(stem quant_blocks quant_exact_sums quant_mixed quant_files quant_kernels quant_network quantizer
        quant_onnx quant_sequences learned_rounding equalization)
  fewbit_test(${stem} fewbit::quant)
endforeach()
target_link_libraries(quant_files_test PRIVATE ZLIB::ZLIB)
fewbit_test(quant_mac fewbit::quant fewbit::ops fewbit::verify)
fewbit_test(quant_cli fewbit::util nlohmann_json::nlohmann_json)
add_dependencies(quant_cli_test fewbit)
fewbit_test(quant_grid fewbit::store nlohmann_json::nlohmann_json)
add_dependencies(quant_grid_test fewbit)
fewbit_test(quant_text fewbit::util nlohmann_json::nlohmann_json)
add_dependencies(quant_text_test fewbit)
