fewbit_test(verify fewbit::verify nlohmann_json::nlohmann_json)
