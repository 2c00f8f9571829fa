// A parameter out of its range stops Yosys, Verilator and Icarus, with a name that says why; in its
// range the contract follows it.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/process.h"
#include "fewbit/sim/verify/verify.h"

namespace fewbit {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;

const fs::path kTemplates = fs::path(FEWBIT_SOURCE_DIR) / "rtl_templates";

/// Values of one parameter: those that must stop, at a module whose name has `word`, and the ends
/// of the range, which must not.
struct Range {
  std::string parameter;
  std::vector<std::string> illegal;
  std::string word;
  std::vector<std::string> legal = {};
  std::string others = {};  ///< overrides of other parameters, ".X(1), "
};

struct Ranges {
  std::string module;
  std::vector<Range> ranges;
};

enum class Tool { kYosys, kVerilator, kIcarus };
const std::vector<Tool> kTools = {Tool::kYosys, Tool::kVerilator, Tool::kIcarus};

/// Elaborates one instance of `module` with the given overrides.
class Bench {
 public:
  explicit Bench(std::vector<fs::path> files) : files_(std::move(files)) {}

  ProcessResult elaborate(Tool tool, const std::string& module, const std::string& overrides) {
    std::ofstream(folder_.path() / "top.sv")
        << fmt::format("module top;\n  {} #({}) u_dut ();\nendmodule\n", module, overrides);
    std::vector<std::string> argv;
    if (tool == Tool::kVerilator) {
      argv = {"verilator", "--lint-only", "-Wno-PINMISSING", "--top-module", "top", "top.sv"};
    } else if (tool == Tool::kIcarus) {
      argv = {"iverilog", "-g2012", "-s", "top", "-o", "top.vvp", "top.sv"};
    }
    std::string script = "read_verilog -sv top.sv";
    for (const fs::path& file : files_) {
      argv.push_back(file.string());
      script += " " + file.string();
    }
    if (tool == Tool::kYosys) argv = {"yosys", "-q", "-p", script + "; synth -run begin -top top"};
    const Result<ProcessResult> run = run_process(argv, folder_.path());
    EXPECT_TRUE(run.ok()) << (run.ok() ? "" : run.error().message());
    return run.ok() ? *run : ProcessResult{};
  }

  void expect_stop(Tool tool, const std::string& module, const std::string& overrides,
                   const std::string& word) {
    const ProcessResult run = elaborate(tool, module, overrides);
    EXPECT_NE(run.exit_code, 0) << module << " " << overrides << " in " << static_cast<int>(tool);
    EXPECT_THAT(run.log(), HasSubstr(word)) << module << " " << overrides;
    ++stops_;
  }

  void expect_legal(Tool tool, const std::string& module, const std::string& overrides) {
    const ProcessResult run = elaborate(tool, module, overrides);
    EXPECT_EQ(run.exit_code, 0) << module << " " << overrides << "\n" << run.log();
  }

  [[nodiscard]] int stops() const { return stops_; }

 private:
  ScratchDirectory folder_ = ScratchDirectory::make().value();
  std::vector<fs::path> files_;
  int stops_ = 0;
};

std::vector<fs::path> all_templates() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(kTemplates)) {
    if (entry.path().extension() == ".sv") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Range lsb(const std::string& parameter, int most = 1000000) {
  return {parameter,
          {std::to_string(-most - 1), std::to_string(most + 1)},
          fmt::format("{}_must_be_minus_{}_to_{}", parameter, most, most)};
}

Range within(const std::string& parameter, long long least, long long most,
             const std::string& others = "") {
  return {parameter,
          {std::to_string(least - 1), std::to_string(most + 1)},
          fmt::format("{}_must_be_{}_to_{}", parameter, least, most),
          {},
          others};
}

/// What a format's parameters can be; `p` is their prefix. The default is e4m3fn.
std::vector<Range> format_ranges(const std::string& p, const std::string& with_exp_bits = "") {
  return {
      {p + "Width", {"0", "33"}, p + "Width_must_be_1_to_2048_or_32_of_a_minifloat", {"32"}},
      {p + "ExpBits",
       {"-1", "8"},
       p + "ExpBits_must_be_0_to_16_within_" + p + "Width",
       {"7"},
       with_exp_bits},
      {p + "MaxFinite", {"32'h80", "-1"}, p + "MaxFinite_must_fit_the_format", {"32'h7f"}},
      {p + "Infinity",
       {"32'h7e", "32'h80"},
       fmt::format("{0}Infinity_must_be_above_{0}MaxFinite_and_fit_the_format", p),
       {"32'h7f"},
       fmt::format(".{}HasInfinity(1'b1), ", p)},
  };
}

std::vector<Range> operator+(std::vector<Range> x, const std::vector<Range>& y) {
  x.insert(x.end(), y.begin(), y.end());
  return x;
}

/// The cells, where formats, roundings and resets are checked, for whatever instantiates them.
const std::vector<Ranges> kCells = {
    {"fewbit_decode",
     format_ranges("", ".ShiftWidth(7), ") +
         std::vector<Range>{within("SigWidth", 1, 4096),
                            {"ShiftWidth", {"3", "5"}, "ShiftWidth_must_be_ExpBits"}}},
    {"fewbit_frame",
     {{"SigWidth", {"0", "4097"}, "SigWidth_must_be_1_to_4096", {"1"}},
      within("PositionWidth", 1, 24),
      {"Reach", {"11", "8193"}, "Reach_must_be_SigWidth_and_4_to_8192", {"12"}}}},
    {"fewbit_addend",
     {within("SumWidth", 1, 1280), lsb("SumLsbExponent", 4000000), within("CExpBits", 1, 16),
      lsb("CLsbExponent"), within("RExpBits", 1, 16)}},
    {"fewbit_fixed_point", {within("LeftShift", 0, 2048), within("ValueWidth", 1, 4096)}},
    {"fewbit_round",
     format_ranges("R") +
         std::vector<Range>{
             within("MagWidth", 1, 4096),
             within("ShiftWidth", 1, 24),
             {"MaxShift", {"-1", "32"}, "MaxShift_must_be_a_value_of_ShiftWidth_bits", {"31"}},
             lsb("LsbExponent", 4000000),
             lsb("RLsbExponent"),
             {"RNanCode", {"32'h100", "-1"}, "RNanCode_must_fit_the_format", {"32'hff"}},
             within("Rounding", 0, 10),
             within("RandomWidth", 1, 32),
             within("Overflow", 0, 6)}},
    {"fewbit_register", {within("Width", 1, 4096), within("ResetKind", 0, 3)}},
    {"fewbit_accumulator",
     {within("AddendWidth", 1, 2048),
      within("AccWidth", 1, 2048),
      within("Latency", 1, 2),
      {"DropBits", {"-1", "8"}, "DropBits_must_be_0_to_AddendWidth_less_1", {"7"}},
      {"Rounding", {"-1", "5", "8", "11"}, "Rounding_must_be_0_to_4_or_9_to_10", {"9"}}}},
};

/// Verilator unrolls no loop of so many turns, and says so first.
const std::vector<Ranges> kTooLongForVerilator = {
    {"fewbit_measure_bank", {within("Width", 1, 65536)}}};

const std::string kExact = ".RoundResult(1'b0), ";

/// The operators' own parameters.
const std::vector<Ranges> kOperators = {
    {"fewbit_mul_generic",
     {within("AWidth", 1, 32),
      within("BWidth", 1, 32),
      lsb("ALsbExponent"),
      lsb("BLsbExponent"),
      within("Terms", 1, 64),
      {"RWidth", {"36", "2049"}, "RWidth_must_hold_the_exact_result", {"37"}, kExact}}},
    {"fewbit_add_generic",
     {lsb("ALsbExponent"),
      lsb("BLsbExponent"),
      {"RWidth", {"19", "2049"}, "RWidth_must_hold_the_exact_result", {"20"}, kExact}}},
    {"fewbit_max_generic",
     {lsb("ALsbExponent"),
      lsb("BLsbExponent"),
      {"RWidth", {"18", "2049"}, "RWidth_must_hold_the_exact_result", {"19"}, kExact}}},
    {"fewbit_fma_generic",
     {within("AWidth", 1, 32),
      within("BWidth", 1, 32),
      lsb("ALsbExponent"),
      lsb("BLsbExponent"),
      lsb("CLsbExponent"),
      {"RWidth", {"36", "2049"}, "RWidth_must_hold_the_exact_result", {"37"}, kExact}}},
    {"fewbit_convert_generic", {lsb("ALsbExponent")}},
    {"fewbit_requant_generic",
     {within("AWidth", 1, 2048),
      within("BWidth", 1, 32),
      lsb("ALsbExponent"),
      lsb("BLsbExponent"),
      within("ShiftWidth", 1, 8),
      {"ZeroPointWidth", {"0", "9"}, "ZeroPointWidth_must_be_1_to_RWidth", {"8"}}}},
    {"fewbit_acc_generic",
     {{"AddendWidth", {"18", "2049"}, "AddendWidth_must_hold_every_value_of_a", {"19"}}}},
    // 37 bits hold a product of two e4m3fn, 39 the sum of four
    {"fewbit_mac_generic",
     {{"AddendWidth", {"36"}, "RWidth_must_hold_the_exact_result", {"37"}},
      {"AddendWidth",
       {"2049"},
       "1_to_2048"}}},  // product and accumulator: who is asked first says so
    {"fewbit_dot_generic",
     {within("Lanes", 1, 64),
      lsb("ALsbExponent"),
      lsb("BLsbExponent"),
      {"SumWidth", {"38", "2049"}, "RWidth_must_hold_the_exact_result", {"39"}},
      {"RWidth", {"38", "2049"}, "RWidth_must_be_SumWidth_to_2048", {"39"}, kExact}}},
    {"fewbit_mxdot_generic",
     {within("Lanes", 1, 64),
      {"SSigned", {"1'b1"}, "SSigned_must_be_0"},
      within("SExpBits", 1, 16),
      lsb("SLsbExponent"),
      {"SumWidth", {"41", "2049"}, "RWidth_must_", {"42"}},
      {"RWidth", {"41", "2049"}, "RWidth_must_be_SumWidth_to_2048", {"42"}, kExact}}},
    {"fewbit_mxquant_generic",
     {within("Lanes", 1, 64),
      within("AExpBits", 1, 16),
      {"ASigned", {"1'b0"}, "ASigned_must_be_1"},
      lsb("ALsbExponent", 100000),
      within("ScalePolicy", 0, 3),
      lsb("RMaxExponent", 100000),
      {"RFracBits", {"-1", "4"}, "RFracBits_must_be_0_to_RWidth_less_1", {"3"}}}},
    {"fewbit_squant_generic",
     {within("Lanes", 1, 64),
      within("AWidth", 1, 32, ".AExpBits(0), "),
      {"AExpBits", {"-1", "8"}, "AExpBits_must_be_0_to_16_within_AWidth", {"7"}},
      within("RWidth", 1, 8),
      within("RandomWidth", 1, 16)}},
    {"fewbit_fmac_generic", {within("Interleave", 1, 8)}},
    {"fewbit_mac_one_line",
     {within("AWidth", 1, 32),
      within("BWidth", 1, 32),
      {"AccWidth", {"15", "2049"}, "AccWidth_must_be_AWidth_and_BWidth_to_2048", {"16"}}}},
};

/// Every parameter that an operator passes on to a cell, which checks it under the cell's name.
const std::vector<Ranges> kPassedOn = {
    {"fewbit_add_generic",
     {{"BMaxFinite", {"32'h80"}, "MaxFinite_must_fit_the_format"},
      {"AExpBits", {"8"}, "ExpBits_must_be_0_to_16_within_Width"}}},
    {"fewbit_mul_generic",
     {{"AMaxFinite", {"32'h80"}, "MaxFinite_must_fit_the_format"},
      {"BExpBits", {"8", "-1"}, "ExpBits_must_be_0_to_16_within_Width"},
      {"Rounding", {"12"}, "Rounding_must_be_0_to_10"},
      {"Overflow", {"9"}, "Overflow_must_be_0_to_6"},
      {"RNanCode", {"32'h100"}, "RNanCode_must_fit_the_format"}}},
    {"fewbit_convert_generic",
     {{"AWidth", {"0", "33"}, "Width_must_be_1_to_2048_or_32_of_a_minifloat"},
      {"RWidth", {"0", "33"}, "RWidth_must_be_1_to_2048_or_32_of_a_minifloat"},
      {"RMaxFinite", {"32'h80"}, "RMaxFinite_must_fit_the_format"},
      {"RandomWidth", {"0", "33"}, "RandomWidth_must_be_1_to_32"}}},
    {"fewbit_requant_generic", {{"RLsbExponent", {"1000001"}, "RLsbExponent_must_be"}}},
    {"fewbit_acc_generic",
     {{"AccWidth", {"0", "2049"}, "AccWidth_must_be_1_to_2048"},
      {"ResetKind", {"-1", "4"}, "ResetKind_must_be_0_to_3"},
      {"AWidth", {"33"}, "Width_must_be_1_to_2048_or_32_of_a_minifloat"}}},
    {"fewbit_mac_generic",
     {{"AccWidth", {"0", "2049"}, "AccWidth_must_be_1_to_2048"},
      {"ResetKind", {"4"}, "ResetKind_must_be_0_to_3"},
      {"Latency", {"3"}, "Latency_must_be_1_to_2"},
      {"DropBits", {"37"}, "DropBits_must_be_0_to_AddendWidth_less_1"},
      {"BWidth", {"33"}, "BWidth_must_be_1_to_32"}}},
    {"fewbit_fmac_generic",
     {{"RLsbExponent", {"-1000001"}, "CLsbExponent_must_be_minus_1000000"},
      {"ResetKind", {"4"}, "ResetKind_must_be_0_to_3"},
      {"Rounding", {"11"}, "Rounding_must_be_0_to_10"}}},
    {"fewbit_dot_generic", {{"AWidth", {"33"}, "AWidth_must_be_1_to_32"}}},
    {"fewbit_mxdot_generic",
     {{"SMaxFinite", {"32'h100"}, "MaxFinite_must_fit_the_format"},
      {"SWidth", {"0"}, "Width_must_be_1_to_2048_or_32_of_a_minifloat"}}},
    {"fewbit_mxquant_generic",
     {{"RMaxFinite", {"32'h8"}, "RMaxFinite_must_fit_the_format"},
      {"RExpBits", {"4"}, "RExpBits_must_be_0_to_16_within_RWidth"}}},
};

std::string override_of(const Range& range, const std::string& value) {
  return fmt::format("{}.{}({})", range.others, range.parameter, value);
}

/// How many overrides stopped: in each of the tools, or each parameter in the next of them.
int expect_ranges(const std::vector<Ranges>& modules, const std::vector<Tool>& tools,
                  bool in_turns = false) {
  Bench bench(all_templates());
  std::size_t turn = 0;
  for (const auto& [module, ranges] : modules) {
    for (const Range& range : ranges) {
      ++turn;
      for (std::size_t i = 0; i < tools.size(); ++i) {
        if (in_turns && turn % tools.size() != i) continue;
        const Tool tool = tools[i];
        for (const std::string& value : range.illegal) {
          bench.expect_stop(tool, module, override_of(range, value), range.word);
        }
        for (const std::string& value : range.legal) {
          bench.expect_legal(tool, module, override_of(range, value));
        }
      }
    }
  }
  return bench.stops();
}

TEST(ParameterRanges, CellsStopEveryTool) {
  // 36 parameters, below and above; Rounding between, too
  EXPECT_EQ(expect_ranges(kCells, kTools), (36 * 2 + 2) * 3);
  EXPECT_EQ(expect_ranges(kTooLongForVerilator, {Tool::kYosys, Tool::kIcarus}), 2 * 2);
}

TEST(ParameterRanges, OperatorsStopEveryTool) {
  EXPECT_GT(expect_ranges(kOperators, kTools, true), 75);
}

TEST(ParameterRanges, WhatOperatorsPassOnIsChecked) {
  EXPECT_GT(expect_ranges(kPassedOn, kTools, true), 25);
}

/// An accumulator, and the fewest bits that it can have: of its addend, or of its lower segments
/// and one more.
struct Sum {
  OperatorRequest request;
  int least;
};

const std::vector<Sum> kSums = {
    {{.op = "mac", .a = "e4m3fn", .b = "e4m3fn", .terms = 1024}, 37},
    {{.op = "mac", .a = "e4m3fn", .b = "e4m3fn", .terms = 1024, .arch = "generic"}, 37},
    {{.op = "mac", .a = "e4m3fn", .b = "e4m3fn", .terms = 1024, .fabric = Fabric::kXilinx}, 37},
    {{.op = "acc", .a = "int4", .terms = 20}, 5},
    {{.op = "dot", .a = "int4", .b = "int4", .lanes = 4, .terms = 256, .fabric = Fabric::kEcp5},
     11},
};

TEST(ParameterRanges, EmittedAccumulatorsStopEveryTool) {
  for (const Sum& sum : kSums) {
    const OperatorSpec spec = make_operator_spec(sum.request).value();
    const rtl::EmittedDesign design = ops::emit(spec);
    const ScratchDirectory folder = ScratchDirectory::make().value();
    ASSERT_TRUE(write_files(folder.path(), design.files).ok());
    std::vector<fs::path> files;
    for (const TextFile& file : design.files) files.push_back(folder.path() / file.name);
    Bench bench(files);
    const std::string word = fmt::format("AccWidth_must_be_{}_to_2048", sum.least);
    for (const Tool tool : kTools) {
      for (const int width : {1, 20, sum.least - 1, 2049}) {
        if (width >= sum.least && width <= 2048) continue;
        bench.expect_stop(tool, design.signature.module, fmt::format(".AccWidth({})", width), word);
      }
      for (const int width : {sum.least, spec.acc_width + 3}) {
        bench.expect_legal(tool, design.signature.module, fmt::format(".AccWidth({})", width));
      }
    }
    EXPECT_GE(bench.stops(), 9) << spec.command();
  }
}

/// int4 x int4 is at most 64 and at least -56: a sum of n of them has to fit, for the n that the
/// header names for each width.
TEST(ParameterRanges, TheContractFollowsTheWidth) {
  const OperatorRequest request = {.op = "mac", .a = "int4", .b = "int4", .terms = 16};
  for (const char* arch : {"optimized", "generic"}) {
    OperatorRequest with_arch = request;
    with_arch.arch = arch;
    const OperatorSpec spec = make_operator_spec(with_arch).value();
    ASSERT_EQ(spec.acc_width, 12);  // 16 * 64 = 2^10 is one too many for 11 bits
    const rtl::EmittedDesign design = ops::emit(spec);
    const std::string& text = design.files.back().text;
    EXPECT_THAT(text, HasSubstr("acc_o: AccWidth bits, two's complement"));
    EXPECT_THAT(text, HasSubstr("impossible within 16 * 2^(AccWidth - 12) terms"));
    std::vector<verify::Subject> subjects;
    for (const int width : {9, 10, 12, 15}) {
      const long long terms = width < 12 ? 16 >> (12 - width) : 16LL << (width - 12);
      EXPECT_LT(terms * 64, 1LL << (width - 1)) << width;
      verify::Subject subject{spec, design, {{"AccWidth", width}}, fmt::format("{}", width)};
      subject.spec.acc_width = width;
      subject.spec.terms = terms;
      subjects.push_back(subject);
    }
    const auto reports = verify::verify(subjects, {});
    ASSERT_TRUE(reports.ok()) << reports.error().message();
    ASSERT_EQ(reports->size(), 4U);
    for (const verify::VerifyReport& report : *reports) {
      EXPECT_TRUE(report.passed) << verify::to_text(report);
      EXPECT_GT(report.worst_sum_applied, 0U) << report.label;
    }
  }
}

/// Where the width is no parameter, the contract says a number.
TEST(ParameterRanges, AFixedWidthIsANumber) {
  const OperatorSpec spec =
      make_operator_spec({.op = "mac", .a = "int4", .b = "int4", .acc_width = 8}).value();
  const std::string text = ops::emit(spec).files.back().text;
  EXPECT_THAT(text, HasSubstr("acc_o: 8 bits"));
  EXPECT_EQ(text.find("AccWidth"), std::string::npos);
}

}  // namespace
}  // namespace fewbit
