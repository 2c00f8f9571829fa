fewbit_test(flow_output fewbit::flows nlohmann_json::nlohmann_json)
fewbit_test(flows fewbit::flows nlohmann_json::nlohmann_json)
fewbit_test(mapped_netlist fewbit::flows fewbit::ops fewbit::verify)
fewbit_test(prove fewbit::flows fewbit::ops)
