# Tests of flows/study.
fewbit_test(hardware_tables fewbit::study nlohmann_json::nlohmann_json)
fewbit_test(study fewbit::study)
find_package(SQLite3 REQUIRED)
fewbit_test(study_sweep fewbit::study_sweep SQLite::SQLite3)
fewbit_test(study_quant fewbit::study_quant)
