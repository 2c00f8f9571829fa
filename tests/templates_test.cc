// Every template, alone and as a top, is read by Verilator -Wall and by Yosys without a warning.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

#include "fewbit/gen/ops/generic.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/process.h"

namespace fewbit {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::filesystem::path kTemplates = std::filesystem::path(FEWBIT_SOURCE_DIR) / "rtl_templates";

using Parameters = std::vector<std::pair<std::string, std::string>>;

ProcessResult run(const std::vector<std::string>& argv, const std::filesystem::path& directory) {
  Result<ProcessResult> result = run_process(argv, directory);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message());
  return result.ok() ? *result : ProcessResult{.exit_code = 127};
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
  EXPECT_EQ(result.exit_code, 0) << result.log();
  EXPECT_THAT(result.log(), Not(HasSubstr("Warning")));
}

/// Yosys reads `files` and elaborates `module` with these parameters, and has nothing to say.
void expect_yosys_clean(const std::string& module, const Parameters& parameters,
                        const std::vector<std::string>& files) {
  const ScratchDirectory scratch = ScratchDirectory::make().value();
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
  EXPECT_EQ(result.exit_code, 0) << result.log();
  EXPECT_THAT(result.log(), Not(HasSubstr("Warning")));
  EXPECT_THAT(result.log(), HasSubstr("Number of cells"));
}

struct Cell {
  std::string module;
  Parameters parameters;
};

TEST(TemplatesTest, CellsAreClean) {
  const std::vector<std::string> all = {
      "fewbit_decode.sv",   "fewbit_fixed_point.sv", "fewbit_frame.sv",        "fewbit_round.sv",
      "fewbit_register.sv", "fewbit_accumulator.sv", "fewbit_mac_one_line.sv", "fewbit_addend.sv"};
  const std::vector<Cell> cells = {
      {"fewbit_decode", {}},
      {"fewbit_decode", {{"ExpBits", "32'sd0"}, {"ShiftWidth", "32'sd1"}}},  // int8, low 4 bits
      {"fewbit_decode",                                                      // uint1
       {{"Width", "32'sd1"},
        {"IsSigned", "1'b0"},
        {"ExpBits", "32'sd0"},
        {"ShiftWidth", "32'sd1"}}},
      {"fewbit_decode",  // bipolar
       {{"Width", "32'sd1"},
        {"ExpBits", "32'sd0"},
        {"IsBipolar", "1'b1"},
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
      {"fewbit_decode", {{"Flush", "1'b1"}}},
      {"fewbit_fixed_point", {}},
      {"fewbit_fixed_point", {{"Flush", "1'b1"}}},
      {"fewbit_fixed_point", {{"LeftShift", "32'sd3"}, {"ValueWidth", "32'sd22"}}},
      {"fewbit_fixed_point", {{"ExpBits", "32'sd0"}, {"ValueWidth", "32'sd8"}}},
      {"fewbit_frame", {}},
      {"fewbit_frame",
       {{"SigWidth", "32'sd20"}, {"PositionWidth", "32'sd3"}, {"Reach", "32'sd24"}}},
      {"fewbit_addend", {}},
      {"fewbit_addend",  // scaled, plus an e5m2
       {{"SumWidth", "32'sd20"},
        {"ShiftWidth", "32'sd4"},
        {"MaxShift", "32'sd15"},
        {"SumLsbExponent", "-32'sd6"},
        {"CExpBits", "32'sd5"},
        {"CMaxFinite", "32'h7b"},
        {"CHasInfinity", "1'b1"},
        {"CInfinity", "32'h7c"},
        {"CLsbExponent", "-32'sd16"}}},
      {"fewbit_round", {}},
      {"fewbit_round", {{"LsbExponent", "-32'sd60"}}},  // underflows
      {"fewbit_round", {{"MagWidth", "32'sd1"}, {"ShiftWidth", "32'sd1"}, {"MaxShift", "32'sd0"}}},
      {"fewbit_round", {{"RExpBits", "32'sd0"}, {"RLsbExponent", "32'sd0"}}},
      {"fewbit_round", {{"RExpBits", "32'sd0"}, {"RLsbExponent", "32'sd40"}}},
      {"fewbit_round", {{"RExpBits", "32'sd0"}, {"RLsbExponent", "-32'sd40"}}},
      {"fewbit_round", {{"RFlush", "1'b1"}}},
      {"fewbit_round",  // into e8m0
       {{"RSigned", "1'b0"},
        {"RExpBits", "32'sd8"},
        {"RSubnormals", "1'b0"},
        {"RLsbExponent", "-32'sd127"},
        {"RMaxFinite", "32'hfe"},
        {"RNanCode", "32'hff"}}},
      {"fewbit_round", {{"Rounding", "32'sd6"}, {"RandomWidth", "32'sd8"}, {"Overflow", "32'sd5"}}},
      {"fewbit_round", {{"Rounding", "32'sd7"}, {"RandomWidth", "32'sd1"}}},
      {"fewbit_round", {{"Rounding", "32'sd8"}, {"RandomWidth", "32'sd32"}}},
      {"fewbit_round", {{"RExpBits", "32'sd0"}, {"Rounding", "32'sd8"}, {"RandomWidth", "32'sd5"}}},
      {"fewbit_round",  // into e5m2
       {{"RExpBits", "32'sd5"},
        {"RLsbExponent", "-32'sd16"},
        {"RMaxFinite", "32'h7b"},
        {"RHasInfinity", "1'b1"},
        {"RInfinity", "32'h7c"},
        {"RNanCode", "32'h7e"},
        {"Overflow", "32'sd4"}}},
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
      {"fewbit_accumulator", {{"Latency", "32'sd1"}}},
      {"fewbit_accumulator", {{"DropBits", "32'sd1"}, {"Rounding", "32'sd0"}}},
      {"fewbit_accumulator", {{"DropBits", "32'sd3"}, {"IsSigned", "1'b0"}}},
      {"fewbit_accumulator", {{"DropBits", "32'sd7"}, {"Rounding", "32'sd9"}}},
      {"fewbit_mac_one_line", {}},
      {"fewbit_mac_one_line", {{"AWidth", "32'sd3"}, {"AccWidth", "32'sd16"}}},
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
  std::vector<std::string> operators;
  for (const std::string& file : all) {
    const std::size_t end = file.find("_generic.sv");
    if (end != std::string::npos) operators.push_back(file.substr(0, end));
  }
  EXPECT_GE(operators.size(), 12U);
  for (const std::string& name : operators) {
    const std::string module = name + "_generic";
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

/// The instance of each request, and the accumulator of an exact sum of dot products.
void expect_requests_clean(const std::vector<OperatorRequest>& requests) {
  for (const OperatorRequest& request : requests) {
    const Result<OperatorSpec> spec = make_operator_spec(request);
    ASSERT_TRUE(spec.ok()) << spec.error().message();
    SCOPED_TRACE(spec->command());
    const ops::GenericInstance instance = ops::generic_instance(*spec);
    expect_lint_clean(instance.module, instance.parameters, instance.files);
    expect_yosys_clean(instance.module, instance.parameters, instance.files);
    if (!spec->accumulates_exactly() || !spec->info().has(Option::kLanes)) continue;
    const ops::GenericInstance sum = ops::generic_accumulator(*spec);
    expect_lint_clean(sum.module, sum.parameters, sum.files);
    expect_yosys_clean(sum.module, sum.parameters, sum.files);
  }
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
      combinational("mul", "e3m2", "e3m2", "int4", "ties_toward_positive"),
      combinational("add", "e5m2", "e4m3fn", "e4m3fn", "ties_toward_negative"),
      // Of any exponents
      combinational("mul", "e9m6ieee", "e9m6ieee", "e9m6ieee"),
      combinational("add", "binary16p5se", "int8", "binary16p5se"),
      combinational("sub", "binary16p1uf", "binary16p1uf", "binary16p1uf", "toward_negative"),
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
  expect_requests_clean(requests);
}

TEST(TemplatesTest, InstancesOfConversionsAreClean) {
  expect_requests_clean({
      {.op = "convert", .a = "binary32", .result = "e4m3fn"},
      {.op = "convert", .a = "e2m1", .result = "binary16"},
      {.op = "convert", .a = "int100_lsbm18", .result = "e5m2", .rounding = "toward_negative"},
      {.op = "convert", .a = "e8m0", .result = "binary32"},
      {.op = "convert", .a = "bfloat16", .result = "e8m0", .rounding = "toward_positive"},
      {.op = "convert", .a = "e5m2", .result = "int8", .overflow = "wrap"},
      {.op = "convert", .a = "int8", .result = "uint3"},
      {.op = "convert", .a = "uint1", .result = "int1"},
      {.op = "convert", .a = "e4m3fnuz", .result = "e5m2", .overflow = "onnx_saturate"},
      {.op = "convert", .a = "e5m2", .result = "e4m3fnuz", .overflow = "onnx_saturate"},
      {.op = "convert", .a = "binary8p3se", .result = "binary6p3se", .overflow = "sat_propagate"},
      {.op = "convert", .a = "bfloat16", .result = "e4m3fn", .rounding = "stochastic_a"},
      {.op = "convert",
       .a = "bfloat16",
       .result = "e2m1",
       .rounding = "stochastic_b",
       .random_bits = 32},
      {.op = "convert",
       .a = "e3m2",
       .result = "e2m1",
       .rounding = "stochastic_c",
       .random_bits = 1},
      {.op = "convert", .a = "e3m2", .result = "int4", .rounding = "stochastic_c"},
      {.op = "convert", .a = "binary16", .result = "e5m2", .subnormals = "flush"},
      {.op = "convert", .a = "binary16p1uf", .result = "binary16p1uf"},
      {.op = "requant", .a = "int32", .result = "int8"},
      {.op = "requant", .a = "int32", .b = "uint16", .result = "int8", .overflow = "wrap"},
      {.op = "requant", .a = "uint20_lsbm3", .b = "int6", .result = "uint5", .shift_bits = 8},
      {.op = "requant",
       .a = "int12",
       .b = "int8",
       .result = "e4m3fn",
       .rounding = "stochastic_b",
       .shift_bits = 1},
      {.op = "requant", .a = "int1", .result = "e3m0f", .shift_bits = 3},
      {.op = "requant", .a = "int32", .b = "uint16", .result = "uint8", .zero_point = "uint8"},
      {.op = "requant",
       .a = "int9_lsb2",
       .result = "int5",
       .overflow = "wrap",
       .zero_point = "int4"},
  });
}

TEST(TemplatesTest, InstancesOfFusedOperatorsAreClean) {
  expect_requests_clean({
      {.op = "fma", .a = "e4m3fn", .b = "e4m3fn", .result = "e4m3fn"},
      {.op = "fma", .a = "int4", .b = "int4", .c = "int20"},
      {.op = "fma", .a = "uint3", .b = "uint4", .c = "uint2"},
      {.op = "fma", .a = "binary16p1se", .b = "binary16p1se", .result = "binary16p1se"},
      {.op = "fma", .a = "uint3", .b = "uint4", .c = "int64_lsb0"},
      {.op = "fma", .a = "e5m2", .b = "int3", .c = "e3m2"},
      {.op = "fma",
       .a = "e2m1",
       .b = "uint3",
       .c = "e5m2",
       .result = "binary16",
       .rounding = "toward_negative",
       .subnormals = "flush"},
      {.op = "fma",
       .a = "int1",
       .b = "uint1",
       .c = "mxint8",
       .result = "int4",
       .rounding = "to_odd",
       .overflow = "wrap"},
      {.op = "fma",
       .a = "e4m3fnuz",
       .b = "binary8p3se",
       .c = "ue3m2f",
       .result = "bfloat16",
       .rounding = "stochastic_c",
       .random_bits = 12},
      {.op = "dot", .a = "e4m3fn", .b = "int4"},
      {.op = "dot", .a = "uint4", .b = "uint3", .lanes = 3},
      {.op = "dot", .a = "int4", .b = "uint1", .lanes = 1},
      {.op = "dot",
       .a = "e5m2",
       .b = "e2m1",
       .result = "e5m2",
       .overflow = "propagate",
       .lanes = 5},
      {.op = "dot",
       .a = "ue2m2f",
       .b = "ue2m2f",
       .result = "uint4",
       .rounding = "toward_positive",
       .lanes = 2},
      {.op = "dot",
       .a = "e2m1",
       .b = "e2m1",
       .result = "binary32",
       .subnormals = "flush",
       .lanes = 8},
      {.op = "dot",
       .a = "e2m1",
       .b = "e2m1",
       .result = "e4m3fn",
       .rounding = "stochastic_a",
       .lanes = 4},
      {.op = "mxdot", .a = "e2m1", .b = "e2m1"},
      {.op = "mxdot", .a = "e2m1", .b = "e2m1", .scale = "ue4m3fn", .result = "binary32"},
      {.op = "mxdot", .a = "mxint8", .b = "e4m3fn", .result = "bfloat16", .lanes = 4},
      {.op = "mxdot",
       .a = "e5m2",
       .b = "uint4",
       .scale = "ue5m2ieee",
       .result = "int20_lsbm7",
       .subnormals = "flush_inputs",
       .lanes = 2},
      {.op = "mxdot",
       .a = "int4",
       .b = "int4",
       .scale = "binary8p1uf",
       .result = "e5m2",
       .rounding = "stochastic_b",
       .lanes = 1},
      {.op = "max", .a = "e4m3fn", .b = "e4m3fn"},
      {.op = "max", .a = "uint4", .b = "int8"},
      {.op = "min", .a = "uint4", .b = "e5m2", .nan = "ignore"},
      {.op = "max", .a = "binary8p3se", .b = "e4m3fn", .result = "e5m2", .nan = "ignore"},
      {.op = "min", .a = "bfloat16", .b = "int20_lsbm7", .result = "bfloat16"},
      {.op = "min", .a = "e3m2", .b = "ue3m2f", .result = "int4", .rounding = "stochastic_b"},
      {.op = "mxquant", .a = "bfloat16", .result = "e2m1", .lanes = 4},
      {.op = "mxquant", .a = "binary32", .result = "mxint8", .scale_policy = "ceil", .lanes = 2},
      {.op = "mxquant", .a = "e5m2", .result = "e4m3fn", .scale_policy = "even", .lanes = 3},
      {.op = "mxquant", .a = "bfloat16", .result = "e4m3fn", .scale_policy = "rceil", .lanes = 3},
      {.op = "mxquant", .a = "e3m0f", .result = "int4", .scale_policy = "rceil", .lanes = 2},
      {.op = "mxquant", .a = "e4m3fnuz", .result = "e4m3fnuz", .lanes = 1},
      {.op = "mxquant", .a = "e3m0f", .result = "int4", .scale_policy = "even", .lanes = 2},
      {.op = "mxquant", .a = "binary8p3se", .result = "ue3m2f", .scale_policy = "ceil", .lanes = 2},
      {.op = "squant", .a = "bfloat16", .result = "uint4", .lanes = 4},
      {.op = "squant", .a = "int1", .result = "uint1", .lanes = 1, .random_bits = 1},
      {.op = "squant", .a = "ue3m0f", .result = "uint8", .lanes = 2, .random_bits = 16},
      {.op = "squant", .a = "e4m3fnuz", .result = "uint2", .lanes = 2, .random_bits = 3},
  });
}

TEST(TemplatesTest, InstancesOfRunningSumsAreClean) {
  expect_requests_clean({
      {.op = "acc", .a = "e4m3fn", .subnormals = "flush_inputs", .handshake = "valid_ready"},
      {.op = "mac",
       .a = "e2m1",
       .b = "e5m2",
       .subnormals = "flush_inputs",
       .handshake = "valid_ready",
       .reset = "sync_low"},
      {.op = "dot", .a = "e4m3fn", .b = "int4", .lanes = 3, .terms = 100},
      {.op = "dot",
       .a = "e5m2",
       .b = "e5m2",
       .overflow = "saturate",
       .lanes = 2,
       .acc_width = 80,
       .reset = "none"},
      {.op = "dot", .a = "uint4", .b = "uint4", .lanes = 4, .terms = 9, .reset = "sync_high"},
      {.op = "mxdot",
       .a = "e2m1",
       .b = "e2m1",
       .scale = "ue3m2f",
       .lanes = 2,
       .terms = 5,
       .handshake = "valid_ready"},
      {.op = "mxdot", .a = "int4", .b = "int4", .lanes = 2, .acc_width = 600},
      {.op = "facc", .a = "e4m3fn", .result = "e5m2"},
      {.op = "facc",
       .a = "int8",
       .result = "binary16",
       .rounding = "toward_zero",
       .reset = "sync_low"},
      {.op = "facc",
       .a = "binary32",
       .result = "binary32",
       .overflow = "saturate",
       .subnormals = "flush",
       .reset = "none"},
      {.op = "facc",
       .a = "ue3m2f",
       .result = "ue4m3fn",
       .rounding = "stochastic_a",
       .reset = "sync_high"},
      {.op = "fmac", .a = "e4m3fn", .b = "e4m3fn", .result = "bfloat16"},
      {.op = "fmac",
       .a = "int4",
       .b = "e2m1",
       .result = "e4m3fnuz",
       .rounding = "to_odd",
       .overflow = "saturate_nan",
       .handshake = "valid_ready"},
      {.op = "fmac",
       .a = "e5m2",
       .b = "binary8p3se",
       .result = "binary8p3se",
       .rounding = "stochastic_c",
       .overflow = "sat_propagate",
       .random_bits = 6},
  });
}

}  // namespace
}  // namespace fewbit
