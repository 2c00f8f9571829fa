// Emitted test benches in other people's tools: Verilator, and cocotb of PyPI, which `make tools`
// installs. `make test-integration` runs this.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/tests/testbench_requests.h"

namespace fewbit {
namespace {

using testing::write_bench;

std::vector<OperatorSpec> specs() {
  std::vector<OperatorSpec> all = testing::operators_of_benches();
  for (const OperatorSpec& spec : testing::clocked_benches()) all.push_back(spec);
  return all;
}

TEST(Integration, EveryTestBenchPassesByVerilator) {
  for (const OperatorSpec& spec : specs()) {
    const ScratchDirectory folder = ScratchDirectory::make().value();
    write_bench(spec, folder.path());
    testing::expect_pass(testing::run_by_verilator(spec.module_name(), folder.path()),
                         spec.module_name());
  }
}

ProcessResult run_by_cocotb(const std::string& module, const std::filesystem::path& folder) {
  const std::filesystem::path python =
      std::filesystem::path(FEWBIT_SOURCE_DIR) / ".tools" / "bin" / "python";
  return testing::run_in(folder, {python.string(), "test_" + module + ".py"});
}

TEST(Integration, EveryTestBenchPassesByCocotb) {
  for (const OperatorSpec& spec : specs()) {
    const ScratchDirectory folder = ScratchDirectory::make().value();
    write_bench(spec, folder.path());
    const ProcessResult run = run_by_cocotb(spec.module_name(), folder.path());
    EXPECT_EQ(run.exit_code, 0) << run.log();
    EXPECT_THAT(run.log(), ::testing::HasSubstr("PASS=1 FAIL=0")) << run.log();
  }
}

TEST(Integration, AWrongDesignFailsByCocotb) {
  for (const OperatorSpec& spec :
       {testing::operators_of_benches()[0], testing::clocked_benches()[1]}) {
    const ScratchDirectory folder = ScratchDirectory::make().value();
    write_bench(spec, folder.path());
    const std::filesystem::path file = folder.path() / (spec.module_name() + ".sv");
    std::string text = read_file(file).value();
    const std::string assign = "assign result_o = ";
    ASSERT_NE(text.find(assign), std::string::npos) << text;
    text.replace(text.find(assign), assign.size(), assign + "~");
    ASSERT_TRUE(write_file(file, text).ok());
    const ProcessResult run = run_by_cocotb(spec.module_name(), folder.path());
    EXPECT_NE(run.exit_code, 0) << run.log();
    EXPECT_THAT(run.log(), ::testing::HasSubstr("result_o is")) << run.log();
  }
}

}  // namespace
}  // namespace fewbit
