// Golden SystemVerilog: the text of some designs, so that a review sees what a builder's change
// changes in what is emitted.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>
#include <sstream>

#include "fewbit/gen/blocks/emit.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/util/files.h"

namespace fewbit {
namespace {

namespace fs = std::filesystem;

struct Golden {
  std::string name;  ///< of the file in tests/golden, without .sv
  OperatorRequest request;
};

constexpr Fabric kIce40 = Fabric::kIce40, kEcp5 = Fabric::kEcp5, kXilinx = Fabric::kXilinx;
constexpr const char* kE4 = "e4m3fn";

const std::vector<Golden> kDesigns = {
    {"mul_ice40", {.op = "mul", .a = kE4, .b = kE4, .result = kE4}},
    {"mul_ecp5", {.op = "mul", .a = kE4, .b = kE4, .result = kE4, .fabric = kEcp5}},
    {"mul_xilinx", {.op = "mul", .a = kE4, .b = kE4, .result = kE4, .fabric = kXilinx}},
    {"mul_exact_integers", {.op = "mul", .a = "int8", .b = "int8", .fabric = kEcp5}},
    {"mul_network_of_cells", {.op = "mul", .a = "e2m1", .b = "e2m1", .result = "e2m1"}},
    {"mul_elastic",
     {.op = "mul", .a = "e3m2", .b = "e3m2", .tag_bits = 3, .handshake = "valid_ready"}},
    {"mul_hard_block", {.op = "mul", .a = "int8", .b = "int8", .dsp = "one", .fabric = kEcp5}},
    {"add_ice40", {.op = "add", .a = kE4, .b = kE4, .result = kE4}},
    {"sub_xilinx", {.op = "sub", .a = "e5m2", .b = "e5m2", .result = "e5m2", .fabric = kXilinx}},
    {"convert_stochastic",
     {.op = "convert",
      .a = "binary16",
      .result = kE4,
      .rounding = "stochastic_b",
      .random_bits = 8}},
    {"fma_ecp5", {.op = "fma", .a = "e3m2", .b = "e3m2", .result = "e5m2", .fabric = kEcp5}},
    {"dot_ice40", {.op = "dot", .a = kE4, .b = kE4, .lanes = 4}},
    {"dot_xilinx", {.op = "dot", .a = kE4, .b = kE4, .lanes = 4, .fabric = kXilinx}},
    {"dot_accumulating",
     {.op = "dot", .a = "int4", .b = "int4", .lanes = 4, .terms = 256, .fabric = kEcp5}},
    {"mxdot_ice40", {.op = "mxdot", .a = "e2m1", .b = "e2m1", .result = "bfloat16", .lanes = 4}},
    {"dot_addend_ecp5",
     {.op = "dot",
      .a = kE4,
      .b = kE4,
      .c = "bfloat16",
      .result = "bfloat16",
      .lanes = 2,
      .fabric = kEcp5}},
    {"mxquant_xilinx",
     {.op = "mxquant", .a = "bfloat16", .result = "e2m1", .lanes = 4, .fabric = kXilinx}},
    {"squant_ice40", {.op = "squant", .a = "bfloat16", .result = "uint1", .lanes = 2}},
    {"requant_ice40", {.op = "requant", .a = "int20", .result = "int8"}},
    {"acc_saturating",
     {.op = "acc", .a = "e4m3fn", .overflow = "saturate", .acc_width = 24, .reset = "sync_high"}},
    {"mac_ice40", {.op = "mac", .a = kE4, .b = kE4, .terms = 1024}},
    {"mac_xilinx", {.op = "mac", .a = kE4, .b = kE4, .terms = 1024, .fabric = kXilinx}},
    {"mac_pipelined",
     {.op = "mac", .a = "int8", .b = "int8", .terms = 1024, .latency = 6, .fabric = kEcp5}},
    {"mac_block_ram", {.op = "mac", .a = "int4", .b = "int4", .terms = 16, .strategy = "bram"}},
    {"facc_ice40", {.op = "facc", .a = kE4, .result = "binary16"}},
    {"fmac_ecp5", {.op = "fmac", .a = kE4, .b = kE4, .result = "bfloat16", .fabric = kEcp5}},
    {"fmac_in_turn_ecp5",
     {.op = "fmac", .a = kE4, .b = kE4, .result = "bfloat16", .interleave = 3, .fabric = kEcp5}},
    {"max_ice40", {.op = "max", .a = kE4, .b = kE4, .result = kE4}},
    {"min_xilinx",
     {.op = "min", .a = kE4, .b = "int8", .result = "e5m2", .nan = "ignore", .fabric = kXilinx}},
    {"mac_generic", {.op = "mac", .a = kE4, .b = kE4, .terms = 1024, .arch = "generic"}}};

const fs::path kFolder = fs::path(FEWBIT_SOURCE_DIR) / "tests" / "golden";

/// Blocks without the operators that they instance.
struct GoldenBlock {
  std::string name;
  BlockRequest request;
};
const std::vector<GoldenBlock> kBlocks = {
    {"block_skid", {"skid", {{"--data-bits", "8"}, {"--last", "yes"}}}},
    {"block_matvec",
     {"matvec",
      {{"--weights-format", "e2m0f"},
       {"--activations-format", "ue1m3f"},
       {"--outputs", "12"},
       {"--terms", "40"},
       {"--rows", "4"},
       {"--lanes", "8"}},
      {},
      Fabric::kEcp5,
      "ecp5"}},
    {"block_thresholds",
     {"thresholds", {{"--sums-format", "int12"}, {"--result-format", "int3"}, {"--outputs", "5"}}}},
    {"block_window",
     {"window",
      {{"--format", "uint8"},
       {"--height", "6"},
       {"--width", "7"},
       {"--channels", "2"},
       {"--kernel", "3"},
       {"--pad-top", "1"},
       {"--pad-left", "1"},
       {"--pad-bottom", "1"},
       {"--pad-right", "1"}}}}};

OperatorSpec spec_of(const Golden& golden) {
  const Result<OperatorSpec> spec = make_operator_spec(golden.request);
  EXPECT_TRUE(spec.ok()) << golden.name << ": " << (spec.ok() ? "" : spec.error().message());
  return *spec;
}

std::string text_of(const rtl::EmittedDesign& design) {
  std::string text;
  for (const TextFile& file : design.files) {
    if (file.name.rfind(design.signature.module, 0) == 0) text += file.text;
  }
  return text;
}

/// The module, after those of its lanes; not the templates.
std::string text_of(const Golden& golden) { return text_of(ops::emit(spec_of(golden))); }

/// "line 12:\n  golden:  ...\n  emitted: ..." of the first line that differs; "" where none does.
std::string first_difference(const std::string& golden, const std::string& emitted) {
  std::istringstream old_lines(golden), new_lines(emitted);
  for (int number = 1;; ++number) {
    std::string before = "(the end)", now = before;
    const bool has_old = static_cast<bool>(std::getline(old_lines, before));
    const bool has_new = static_cast<bool>(std::getline(new_lines, now));
    if (!has_old && !has_new) return "";
    if (has_old != has_new || before != now) {
      return fmt::format("line {}:\n  golden:  {}\n  emitted: {}", number,
                         has_old ? before : "(the end)", has_new ? now : "(the end)");
    }
  }
}

std::set<std::string> names_in_folder() {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    names.insert(entry.path().filename().string());
  }
  return names;
}

TEST(Golden, DesignsAreOfEveryKind) {
  std::set<OperatorKind> kinds;
  std::set<Fabric> fabrics;
  std::set<bool> clocked;
  std::set<Architecture> architectures;
  for (const Golden& golden : kDesigns) {
    const OperatorSpec spec = spec_of(golden);
    kinds.insert(spec.kind);
    fabrics.insert(spec.fabric);
    clocked.insert(spec.is_clocked());
    architectures.insert(spec.arch);
  }
  for (const OperatorInfo& info : operator_table()) {
    EXPECT_TRUE(kinds.contains(info.kind)) << info.name << " has no golden design";
  }
  EXPECT_EQ(fabrics.size(), 3U);
  EXPECT_EQ(clocked.size(), 2U);
  EXPECT_EQ(architectures.size(), 2U);
}

TEST(Golden, TheFirstDifferenceIsSaid) {
  EXPECT_EQ(first_difference("a\nb\n", "a\nb\n"), "");
  EXPECT_EQ(first_difference("a\nb\n", "a\nc\n"), "line 2:\n  golden:  b\n  emitted: c");
  EXPECT_EQ(first_difference("a\n", "a\nc\n"), "line 2:\n  golden:  (the end)\n  emitted: c");
  EXPECT_EQ(first_difference("a\n\n", "a\n"), "line 2:\n  golden:  \n  emitted: (the end)");
}

/// One module for all lanes where the fabric's lanes are alike; no register goes into it.
TEST(Golden, LanesAreInstancesWhereThatCostsNothing) {
  const auto emitted = [](int lanes, Fabric fabric, std::optional<long long> latency) {
    const OperatorRequest request{
        .op = "dot", .a = kE4, .b = kE4, .lanes = lanes, .latency = latency, .fabric = fabric};
    return ops::emit(make_operator_spec(request).value()).files;
  };
  const auto lines = [](const std::vector<TextFile>& files) {
    std::ptrdiff_t count = 0;
    for (const TextFile& file : files) {
      count += std::count(file.text.begin(), file.text.end(), '\n');
    }
    return count;
  };
  EXPECT_EQ(emitted(4, kXilinx, {}).size(), 2U);
  EXPECT_LE(lines(emitted(4, kXilinx, {})), 150);
  EXPECT_LE(lines(emitted(64, kXilinx, {})), 700);
  EXPECT_EQ(emitted(4, kXilinx, 3).size(), 1U);
  EXPECT_EQ(emitted(4, kEcp5, {}).size(), 1U);
}

TEST(Golden, EmittedTextIsAsItWas) {
  std::vector<TextFile> files;
  std::set<std::string> names;
  for (const Golden& golden : kDesigns) {
    files.push_back({golden.name + ".sv", text_of(golden)});
    EXPECT_TRUE(names.insert(files.back().name).second) << golden.name << " is there twice";
  }
  for (const GoldenBlock& golden : kBlocks) {
    const Result<BlockSpec> spec = make_block_spec(golden.request);
    ASSERT_TRUE(spec.ok()) << golden.name << ": " << spec.error().message();
    files.push_back({golden.name + ".sv", text_of(blocks::emit(*spec))});
    EXPECT_TRUE(names.insert(files.back().name).second) << golden.name << " is there twice";
  }
  if (std::getenv("FEWBIT_WRITE_GOLDEN") != nullptr) {
    fs::remove_all(kFolder);
    ASSERT_TRUE(write_files(kFolder, files).ok());
    GTEST_SKIP() << files.size() << " files written to " << kFolder << ", none compared";
  }
  EXPECT_EQ(names_in_folder(), names) << "`make golden` writes tests/golden anew";
  for (const TextFile& file : files) {
    const Result<std::string> golden = read_file(kFolder / file.name);
    const std::string difference =
        golden.ok() ? first_difference(*golden, file.text) : golden.error().message();
    EXPECT_TRUE(golden.ok() && *golden == file.text)
        << "tests/golden/" << file.name << ", " << difference
        << "\nWhere that is meant, `make golden` writes it anew: look at the diff and commit it.";
  }
}

}  // namespace
}  // namespace fewbit
