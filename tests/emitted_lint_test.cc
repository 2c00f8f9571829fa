// Emitted designs are clean in Verilator -Wall without waivers, and Yosys reads them without a
// warning.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cstdlib>
#include <map>
#include <set>
#include <sstream>

#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/rtl/passes.h"
#include "fewbit/gen/util/process.h"
#include "fewbit/tests/random_request.h"

namespace fewbit {
namespace {

struct Case {
  const char *op, *a, *b, *result, *reset, *overflow;
  long long acc_width;
};
constexpr Case kCases[] = {
    {"mul", "int4", "int4", "exact", "", "", 0},
    {"mul", "e4m3fn", "e4m3fn", "e4m3fn", "", "", 0},
    {"mul", "e5m2", "e2m1", "exact", "", "", 0},
    {"mul", "int8", "e3m2", "int8", "", "wrap", 0},
    {"mul", "e2m1", "e2m1", "binary16", "", "", 0},
    {"mul", "ue2m2f", "uint3", "e4m3fnuz", "", "", 0},
    {"add", "e4m3fn", "e5m2", "e5m2", "", "saturate", 0},
    {"add", "int3", "e3m0f", "exact", "", "", 0},
    {"sub", "e4m3fnuz", "uint5", "bfloat16", "", "", 0},
    {"sub", "int1", "e1m2f", "uint5", "", "", 0},
    {"acc", "e5m2", "", "exact", "sync_high", "", 0},
    {"acc", "uint8", "", "exact", "none", "saturate", 12},
    {"mac", "int8", "int8", "exact", "", "", 0},
    {"mac", "e2m1", "e2m1", "exact", "sync_low", "", 0},
    {"mac", "e4m3f", "e4m3f", "exact", "", "", 0},
    {"mac", "e5m2", "e4m3fn", "exact", "none", "", 0},
    {"mac", "int4", "e4m3fn", "exact", "", "saturate", 30},
    {"mac", "uint3", "ue2m2f", "exact", "", "", 0},
    {"mac", "e2m1", "int8", "exact", "", "wrap", 16},
};

/// No net has its name from another and a number, no section title comes twice, no line is longer
/// than 100 columns (but for a name, a number or a command that is), and no net only renames
/// another, but for those that proofs refer to.
void expect_readable(const OperatorSpec& spec, const std::string& text) {
  rtl::Module module(spec.module_name());
  ops::build(module, spec);
  EXPECT_THAT(rtl::legalise_names(module), ::testing::IsEmpty()) << spec.command();
  std::set<int> marked;
  for (const rtl::Mark& mark : module.marks()) marked.insert(mark.node);
  const std::vector<bool> live = rtl::live_nodes(module);
  for (std::size_t i = 0; i < module.nodes().size(); ++i) {
    const rtl::Node& net = module.nodes()[i];
    if (!live[i] || net.op != rtl::Op::kNet || marked.contains(static_cast<int>(i))) continue;
    EXPECT_NE(module.node(net.args[0]).op, rtl::Op::kNet) << net.name << " in " << spec.command();
  }
  std::set<std::string> titles;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const bool is_word = line.find("'h") != std::string::npos ||
                         line.find(spec.module_name()) != std::string::npos ||
                         line.starts_with("// Reproduce ");
    EXPECT_TRUE(line.size() <= 100 || is_word) << line << " in " << spec.command();
    if (!line.starts_with("  // ")) continue;
    EXPECT_TRUE(titles.insert(line).second) << line << " twice in " << spec.command();
  }
}

/// Verilator -Wall and Yosys have nothing to say about the design.
void expect_clean(const OperatorSpec& spec) {
  const rtl::EmittedDesign design = ops::emit(spec);
  const ScratchDirectory folder = ScratchDirectory::make().value();
  ASSERT_TRUE(write_files(folder.path(), design.files).ok());
  expect_readable(spec, design.files.back().text);
  static std::map<std::string, std::string> texts;  // by name: one text each
  const auto [known, is_new] = texts.try_emplace(design.signature.module, design.files.back().text);
  EXPECT_EQ(known->second, design.files.back().text) << spec.command();
  std::vector<std::string> lint = {"verilator", "--lint-only", "-Wall", "--top-module",
                                   design.signature.module};
  std::string read = "read_verilog -sv -DFEWBIT_BEHAVIOURAL";  // no primitives
  for (const TextFile& file : design.files) {
    lint.push_back(file.name);
    read += " " + file.name;
  }
  const Result<ProcessResult> verilator = run_process(lint, folder.path());
  ASSERT_TRUE(verilator.ok()) << verilator.error().message();
  EXPECT_EQ(verilator->exit_code, 0) << spec.command() << "\n" << verilator->log();
  EXPECT_EQ(verilator->log(), "") << spec.command();
  const Result<ProcessResult> yosys = run_process(
      {"yosys", "-p", read + "; hierarchy -check -top " + design.signature.module + "; proc"},
      folder.path());
  ASSERT_TRUE(yosys.ok()) << yosys.error().message();
  EXPECT_EQ(yosys->exit_code, 0) << spec.command() << "\n" << yosys->log();
  EXPECT_EQ(yosys->log().find("Warning"), std::string::npos) << spec.command() << "\n"
                                                             << yosys->log();
}

TEST(EmittedDesigns, AreCleanInVerilatorAndYosys) {
  int designs = 0;
  for (const Case& c : kCases) {
    for (const char* arch : {"optimized", "generic"}) {
      for (const Fabric fabric : {Fabric::kIce40, Fabric::kEcp5, Fabric::kXilinx}) {
        const bool generic = std::string(arch) == "generic";
        if (generic && fabric != Fabric::kIce40) continue;  // the same text for all
        OperatorRequest request{.op = c.op, .a = c.a, .b = c.b, .result = c.result};
        request.reset = c.reset;
        request.overflow = c.overflow;
        request.arch = arch;
        request.fabric = fabric;
        if (c.acc_width > 0) request.acc_width = c.acc_width;
        const Result<OperatorSpec> spec = make_operator_spec(request);
        ASSERT_TRUE(spec.ok()) << spec.error().message();
        expect_clean(*spec);
        ++designs;
      }
    }
  }
  EXPECT_EQ(designs, 76);
}

/// FEWBIT_LINT_RUNS: requests for each operator, for longer campaigns.
TEST(EmittedDesigns, OfEveryOperatorAreCleanToo) {
  const char* runs = std::getenv("FEWBIT_LINT_RUNS");
  const int count = runs != nullptr ? std::atoi(runs) : 4;
  for (const OperatorInfo& info : operator_table()) {
    testing::RandomRequests requests(7);
    for (int i = 0; i < count; ++i) {
      OperatorSpec spec = requests.next(info);
      for (const Architecture arch : {Architecture::kOptimized, Architecture::kGeneric}) {
        spec.arch = arch;
        expect_clean(spec);
      }
    }
  }
}

}  // namespace
}  // namespace fewbit
