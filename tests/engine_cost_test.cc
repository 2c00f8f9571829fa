// LUTs of a layer by block on ECP5: how much of it is not the rows' sums.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>
#include <sstream>
#include <string>

#include "fewbit/gen/rtl/design.h"
#include "fewbit/gen/util/process.h"
#include "fewbit/tests/engine_layers.h"

namespace fewbit {
namespace {

using fewbit::testing::kEngineLayers;
using fewbit::testing::layer;
using fewbit::testing::layer_of;
using fewbit::testing::LayerSpecs;
using fewbit::testing::NamedLayer;

/// Of each module LUT4s, and two for each cell of a carry chain, from the text of `stat`; its JSON
/// is broken in Yosys 0.23 where there are several modules.
std::map<std::string, int> luts_by_module(const std::string& stat) {
  std::map<std::string, int> luts;
  std::istringstream lines(stat);
  std::string module;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string first, second;
    words >> first >> second;
    if (first == "===") module = second == "design" ? "" : second;  // all of it at the end
    // All memory is in blocks.
    EXPECT_THAT(first, ::testing::Not(::testing::HasSubstr("DPR16X4")));
    if (module.empty()) continue;
    if (first == "LUT4") luts[module] += std::stoi(second);
    if (first == "CCU2C") luts[module] += 2 * std::stoi(second);
  }
  return luts;
}

class EngineCost : public ::testing::TestWithParam<NamedLayer> {};

TEST_P(EngineCost, AQuarterOfTheLutsIsNotSumsAtMost) {
  const LayerSpecs specs = layer_of(GetParam().shape);
  rtl::Module m("fewbit_layer");
  m.header("fewbit_layer - a matrix and a requantizer");
  m.clocked(rtl::Reset::kAsyncLow);
  const blocks::Stream x = blocks::input_stream(
      m, "x", {.data_bits = specs.matvec.lanes * specs.matvec.activation.bits(), .has_last = true});
  blocks::output_stream(m, "y", layer(m, specs, x));
  const rtl::EmittedDesign design = rtl::Design(m).emit();
  const ScratchDirectory folder = ScratchDirectory::make().value();
  ASSERT_TRUE(write_files(folder.path(), design.files).ok());
  ASSERT_TRUE(write_files(folder.path(), design.data_files).ok());
  std::string names;
  for (const TextFile& file : design.files) names += " " + file.name;
  const auto run = run_tool(
      ToolKind::kSynthesis,
      {"yosys", "-q", "-p",
       fmt::format("read_verilog -sv{}; synth_ecp5 -abc9 -nowidelut -noflatten -top fewbit_layer; "
                   "tee -q -o stat.txt stat",
                   names)},
      folder.path());
  ASSERT_TRUE(run.ok()) << run.error().message();
  ASSERT_EQ(run->exit_code, 0) << run->log();
  int rows = 0;
  int whole = 0;
  const std::string stat = read_file(folder.path() / "stat.txt").value();
  for (const auto& [module, luts] : luts_by_module(stat)) {
    const bool is_row = module.starts_with("fewbit_dot_");
    const int count = is_row ? specs.matvec.rows : 1;
    fmt::print("{:72} {:2} x {:4} LUT4\n", module, count, luts);
    whole += luts * count;
    if (is_row) rows += luts * count;
  }
  fmt::print("{}: {} LUT4, {:.1f} % not the rows'\n", GetParam().name, whole,
             100.0 * (whole - rows) / whole);
  ASSERT_GT(rows, 0);
  EXPECT_LE(whole - rows, whole / 4);
}

INSTANTIATE_TEST_SUITE_P(Layers, EngineCost, ::testing::ValuesIn(kEngineLayers),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace fewbit
