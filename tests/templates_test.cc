// Every template, alone and as a top, is read by Verilator -Wall and by Yosys without a warning.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

#include "gen/ops/generic.h"
#include "gen/util/files.h"
#include "gen/util/process.h"

namespace fewbit {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::filesystem::path kTemplates = std::filesystem::path(FEWBIT_SOURCE_DIR) / "rtl_templates";

using Parameters = std::vector<std::pair<std::string, std::string>>;

ProcessResult run(const std::vector<std::string>& argv, const std::filesystem::path& directory) {
  Result<ProcessResult> result = run_process(argv, directory);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message());
  return result.ok() ? *result : ProcessResult{.exit_code = 127, .output = "", .seconds = 0};
}

/// Verilator's lint of `module` as the top, with parameters overridden, from `files` alone.
void expect_lint_clean(const std::string& module, const Parameters& parameters,
                       const std::vector<std::string>& files) {
  std::vector<std::string> argv = {"verilator", "--lint-only", "-Wall", "--top-module", module};
  for (const auto& [name, value] : parameters) {
    // Verilator 5.006 takes no sized negative number on its command line.
    const bool is_negative = value.starts_with("-32'sd");
    argv.push_back("-G" + name + "=" + (is_negative ? "-" + value.substr(6) : value));
  }
  argv.insert(argv.end(), files.begin(), files.end());
  const ProcessResult result = run(argv, kTemplates);
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, Not(HasSubstr("Warning")));
}

/// Yosys reads `files` and elaborates `module` with these parameters, and has nothing to say.
void expect_yosys_clean(const std::string& module, const Parameters& parameters,
                        const std::vector<std::string>& files) {
  const ScratchDirectory scratch;
  std::string overrides;
  for (const auto& [name, value] : parameters) {
    overrides += (overrides.empty() ? "" : ", ") + fmt::format(".{}({})", name, value);
  }
  std::ofstream(scratch.path() / "top.sv")
      << fmt::format("module top;\n  {} #({}) u_dut ();\nendmodule\n", module, overrides);
  std::string script = "read_verilog -sv";
  for (const std::string& file : files) script += " " + (kTemplates / file).string();
  script += " top.sv; hierarchy -check -top top; proc; flatten; stat";
  const ProcessResult result = run({"yosys", "-p", script}, scratch.path());
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, Not(HasSubstr("Warning")));
  EXPECT_THAT(result.output, HasSubstr("Number of cells"));
}

struct Cell {
  std::string module;
  Parameters parameters;
};

TEST(TemplatesTest, CellsAreClean) {
  const std::vector<std::string> all = {"fewbit_decode.sv", "fewbit_fixed_point.sv",
                                        "fewbit_round.sv", "fewbit_register.sv",
                                        "fewbit_accumulator.sv"};
  const std::vector<Cell> cells = {
      {"fewbit_decode", {}},
      {"fewbit_decode", {{"ExpBits", "32'sd0"}, {"ShiftWidth", "32'sd1"}}},  // int8, low 4 bits
      {"fewbit_decode",                                                      // uint1
       {{"Width", "32'sd1"},
        {"IsSigned", "1'b0"},
        {"ExpBits", "32'sd0"},
        {"ShiftWidth", "32'sd1"}}},
      {"fewbit_decode",  // e8m0
       {{"IsSigned", "1'b0"},
        {"ExpBits", "32'sd8"},
        {"Subnormals", "1'b0"},
        {"MaxFinite", "32'hfe"},
        {"SigWidth", "32'sd1"},
        {"ShiftWidth", "32'sd8"}}},
      {"fewbit_decode",  // binary32
       {{"Width", "32'sd32"},
        {"ExpBits", "32'sd8"},
        {"MaxFinite", "32'h7f7fffff"},
        {"HasInfinity", "1'b1"},
        {"Infinity", "32'h7f800000"},
        {"SigWidth", "32'sd24"},
        {"ShiftWidth", "32'sd8"}}},
      {"fewbit_fixed_point", {}},
      {"fewbit_fixed_point", {{"LeftShift", "32'sd3"}, {"ValueWidth", "32'sd22"}}},
      {"fewbit_fixed_point", {{"ExpBits", "32'sd0"}, {"ValueWidth", "32'sd8"}}},
      {"fewbit_round", {}},
      {"fewbit_round", {{"LsbExponent", "-32'sd60"}}},  // underflows
      {"fewbit_round", {{"MagWidth", "32'sd1"}, {"ShiftWidth", "32'sd1"}, {"MaxShift", "32'sd0"}}},
      {"fewbit_round", {{"RExpBits", "32'sd0"}, {"RLsbExponent", "32'sd0"}}},
      {"fewbit_round", {{"RExpBits", "32'sd0"}, {"RLsbExponent", "32'sd40"}}},
      {"fewbit_round", {{"RExpBits", "32'sd0"}, {"RLsbExponent", "-32'sd40"}}},
      {"fewbit_register", {{"ResetKind", "32'sd0"}}},
      {"fewbit_register", {{"ResetKind", "32'sd1"}}},
      {"fewbit_register", {{"ResetKind", "32'sd2"}}},
      {"fewbit_register", {{"ResetKind", "32'sd3"}, {"Width", "32'sd9"}}},
      {"fewbit_accumulator", {}},
      {"fewbit_accumulator", {{"Saturate", "1'b1"}}},
      {"fewbit_accumulator", {{"Saturate", "1'b1"}, {"IsSigned", "1'b0"}}},
      {"fewbit_accumulator", {{"AccWidth", "32'sd5"}, {"IsSigned", "1'b0"}}},
      {"fewbit_accumulator", {{"AccWidth", "32'sd5"}, {"Saturate", "1'b1"}}},
      {"fewbit_accumulator", {{"AccWidth", "32'sd1"}, {"AddendWidth", "32'sd1"}}},
  };
  for (const Cell& cell : cells) {
    SCOPED_TRACE(cell.module + " " + ::testing::PrintToString(cell.parameters));
    expect_lint_clean(cell.module, cell.parameters, all);
    expect_yosys_clean(cell.module, cell.parameters, all);
  }
}

TEST(TemplatesTest, OperatorsWithTheirDefaultsAreClean) {
  std::vector<std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator(kTemplates)) {
    if (entry.path().extension() == ".sv") all.push_back(entry.path().filename().string());
  }
  std::sort(all.begin(), all.end());
  for (const char* module :
       {"fewbit_mul_generic", "fewbit_add_generic", "fewbit_acc_generic", "fewbit_mac_generic"}) {
    SCOPED_TRACE(module);
    expect_lint_clean(module, {}, all);
    expect_yosys_clean(module, {}, all);
  }
}

OperatorRequest combinational(const std::string& op, const std::string& a, const std::string& b,
                              const std::string& result = "exact", const std::string& rounding = "",
                              const std::string& overflow = "") {
  OperatorRequest request;
  request.op = op;
  request.a = a;
  request.b = b;
  request.result = result;
  request.rounding = rounding;
  request.overflow = overflow;
  return request;
}

OperatorRequest accumulating(const std::string& op, const std::string& a, const std::string& b,
                             std::optional<long long> acc_width = std::nullopt,
                             const std::string& overflow = "", const std::string& reset = "") {
  OperatorRequest request;
  request.op = op;
  request.a = a;
  request.b = b;
  request.acc_width = acc_width;
  request.overflow = overflow;
  request.reset = reset;
  return request;
}

TEST(TemplatesTest, InstancesOfRequestsAreClean) {
  const std::vector<OperatorRequest> requests = {
      // Exact: every coding, mixed kinds, one-bit formats, hundreds of bits
      combinational("mul", "int4", "int4"),
      combinational("mul", "int8", "uint3"),
      combinational("mul", "uint4", "uint4"),
      combinational("mul", "int1", "uint1"),
      combinational("mul", "int32", "int32"),
      combinational("mul", "e2m1", "e2m1"),
      combinational("mul", "e4m3fn", "e4m3fn"),
      combinational("mul", "e5m2", "e4m3fnuz"),
      combinational("mul", "e3m0f", "int4"),
      combinational("mul", "ue2m2f", "e3m2"),
      combinational("mul", "mxint8", "binary8p3se"),
      combinational("mul", "e7m0f", "e7m0f"),
      combinational("add", "int4", "int4"),
      combinational("add", "uint4", "uint3"),
      combinational("add", "e3m2", "mxint8"),
      combinational("add", "e5m2", "e4m3fn"),
      combinational("sub", "uint4", "uint4"),
      combinational("sub", "e4m3fnuz", "ue2m2f"),
      // Rounded: into floats and integers, narrower and wider, every rounding and overflow
      combinational("mul", "e4m3fn", "e4m3fn", "e4m3fn"),
      combinational("mul", "e5m2", "e5m2", "e5m2", "toward_positive", "infinity"),
      combinational("mul", "e5m2", "e5m2", "e5m2", "toward_negative", "nan"),
      combinational("mul", "e4m3fn", "int4", "binary16", "ties_to_away"),
      combinational("mul", "e3m2", "e3m2", "int8", "toward_zero", "wrap"),
      combinational("mul", "int8", "int8", "int4", "to_odd", "saturate"),
      combinational("mul", "e2m1", "e2m1", "binary32"),
      combinational("mul", "e3m2", "e2m3", "ue2m2f"),
      combinational("mul", "e3m2", "e2m3", "e3m0f"),
      combinational("mul", "e2m3", "mxint8", "mxint8"),
      combinational("mul", "int1", "uint1", "e1m2f"),
      combinational("add", "e4m3fn", "e4m3fn", "e4m3fn", "", "nan"),
      combinational("add", "e5m2", "e5m2", "e5m2"),
      combinational("add", "int4", "int4", "uint3", "", "wrap"),
      combinational("add", "uint4", "e3m2", "binary8p3se"),
      combinational("sub", "e4m3fnuz", "e4m3fnuz", "e4m3fnuz", "toward_negative"),
      combinational("sub", "int4", "e2m1", "bfloat16"),
      combinational("sub", "ue2m2f", "ue2m2f", "int3", "to_odd"),
      // Accumulators
      accumulating("acc", "int4", ""),
      accumulating("acc", "uint3", "", 3, "wrap", "none"),
      accumulating("acc", "e4m3fn", "", std::nullopt, "", "sync_high"),
      accumulating("acc", "ue2m2f", "", 10, "saturate", "sync_low"),
      accumulating("acc", "binary8p3se", ""),
      accumulating("mac", "int4", "int4"),
      accumulating("mac", "int3", "uint4", 7, "saturate"),
      accumulating("mac", "uint4", "uint4", 8, "saturate", "none"),
      accumulating("mac", "e2m1", "e2m1", std::nullopt, "", "sync_high"),
      accumulating("mac", "e4m3fn", "e5m2", std::nullopt, "", "sync_low"),
      accumulating("mac", "e4m3fnuz", "int8", 40, "saturate"),
      accumulating("mac", "e5m2", "e5m2"),
  };
  for (const OperatorRequest& request : requests) {
    const Result<OperatorSpec> spec = make_operator_spec(request);
    ASSERT_TRUE(spec.ok()) << spec.error().message();
    SCOPED_TRACE(spec->command());
    const ops::GenericInstance instance = ops::generic_instance(*spec);
    expect_lint_clean(instance.module, instance.parameters, instance.files);
    expect_yosys_clean(instance.module, instance.parameters, instance.files);
  }
}

}  // namespace
}  // namespace fewbit
