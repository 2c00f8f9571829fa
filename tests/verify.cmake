fewbit_test(verify fewbit::verify nlohmann_json::nlohmann_json)
fewbit_test(small_formats fewbit::ops fewbit::verify)
fewbit_test(runtime_cache fewbit::verify nlohmann_json::nlohmann_json)
