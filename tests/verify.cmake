fewbit_test(verify fewbit::verify nlohmann_json::nlohmann_json)
fewbit_test(runtime_cache fewbit::verify nlohmann_json::nlohmann_json)
