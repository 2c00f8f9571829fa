// Hand-written designs through the real tools: what is counted, and when there is no number.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "fewbit/flows/cost.h"
#include "fewbit/flows/wrapper.h"
#include "fewbit/flows/yosys.h"
#include "fewbit/gen/util/files.h"

namespace fewbit::flows {
namespace {

using rtl::Direction;
using rtl::PortRole;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

rtl::EmittedDesign design_of(const std::string& module, const std::string& text,
                             const std::vector<rtl::PortSignature>& ports) {
  rtl::EmittedDesign design;
  design.files = {{module + ".sv", text}};
  design.signature.module = module;
  design.signature.ports = ports;
  return design;
}

/// result_o = a_i, no cell of its own.
rtl::EmittedDesign empty_core() {
  return design_of("empty",
                   "module empty (input wire [7:0] a_i, output wire [7:0] result_o);\n"
                   "  assign result_o = a_i;\n"
                   "endmodule\n",
                   {{"a_i", Direction::kInput, PortRole::kOperand, 8},
                    {"result_o", Direction::kOutput, PortRole::kResult, 8}});
}

/// An 8-bit accumulator with enable.
rtl::EmittedDesign accumulator() {
  return design_of("accumulator",
                   "module accumulator (input wire clk_i, input wire rst_ni, input wire valid_i,\n"
                   "    input wire [7:0] a_i, output reg [7:0] acc_o);\n"
                   "  always_ff @(posedge clk_i or negedge rst_ni) begin\n"
                   "    if (!rst_ni) acc_o <= 8'd0;\n"
                   "    else if (valid_i) acc_o <= acc_o + a_i;\n"
                   "  end\n"
                   "endmodule\n",
                   {{"clk_i", Direction::kInput, PortRole::kClock},
                    {"rst_ni", Direction::kInput, PortRole::kReset},
                    {"valid_i", Direction::kInput, PortRole::kValid},
                    {"a_i", Direction::kInput, PortRole::kOperand, 8},
                    {"acc_o", Direction::kOutput, PortRole::kResult, 8}});
}

Target target_of(const std::string& name) { return find_target(name).value(); }

/// Yosys prints the same netlist in an order that depends on what else it has loaded.
std::vector<std::string> sorted_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  std::sort(lines.begin(), lines.end());
  return lines;
}

CostOptions options_with(int seeds) {
  CostOptions options;
  options.seeds = seeds;
  options.is_equal_to_model = [](const std::vector<Netlist>&) -> Result<bool> { return true; };
  return options;
}

TEST(WrapperTest, EmptyCoreHasNoCellOnAnyTarget) {
  for (const Target& target : targets()) {
    if (target.yosys != "yosys") continue;  // what `make tools` installs: tests/targets_test.cc
    const ScratchDirectory folder = ScratchDirectory::make().value();
    const Result<Mapping> mapped =
        map_design(empty_core(), target, target.flows[0], 1, folder.path());
    ASSERT_TRUE(mapped.ok()) << target.name << ": " << mapped.error().message();
    EXPECT_THAT(mapped->cells, IsEmpty()) << target.name;
    EXPECT_EQ(mapped->depth, 0) << target.name;
  }
}

TEST(WrapperTest, EveryDataBitHasARegister) {
  const ScratchDirectory folder = ScratchDirectory::make().value();
  const Target target = target_of("ice40-hx8k");
  ASSERT_TRUE(map_design(accumulator(), target, target.flows[0], 1, folder.path()).ok());
  const auto cells =
      parse_stat(read_file(folder.path() / "stat.json").value(), "fewbit_measure").value();
  EXPECT_EQ(cells.at("fewbit_measure_register"), 1 + 8 + 8);
  EXPECT_EQ(wrapper_bits(accumulator().signature), 1 + 8 + 8);
}

TEST(CostTest, AccumulatorOnIce40) {
  CostOptions options = options_with(2);
  std::vector<std::string> asked;
  std::string netlist_text;
  options.is_equal_to_model = [&](const std::vector<Netlist>& netlists) -> Result<bool> {
    EXPECT_EQ(netlists.size(), 1U);
    const Netlist& netlist = netlists.front();
    asked.push_back(netlist.flow);
    netlist_text = netlist.design.files.at(0).text;
    EXPECT_EQ(netlist.design.files.size(), 1U);
    EXPECT_EQ(netlist.design.signature.module, "accumulator");
    EXPECT_EQ(netlist.design.signature.ports.size(), 5U);
    return true;
  };
  const Result<CostPoint> cost = measure_cost(accumulator(), target_of("ice40-hx8k"), options);
  ASSERT_TRUE(cost.ok()) << cost.error().message();
  EXPECT_EQ(cost->target, "ice40-hx8k");
  EXPECT_THAT(asked, ::testing::ElementsAre(cost->flow));
  EXPECT_THAT(netlist_text, HasSubstr("module accumulator("));
  EXPECT_THAT(netlist_text, Not(HasSubstr("SB_")));
  // One LUT per bit, and the inverter of the reset: SB_DFFER has an active-high one.
  EXPECT_EQ(cost->luts, 8 + 1);
  EXPECT_EQ(cost->ffs, 8);
  EXPECT_EQ(cost->dsps + cost->brams, 0);
  // Through the carries of bits 0 to 6 and the LUT of bit 7.
  EXPECT_EQ(cost->carries, 7);
  EXPECT_EQ(cost->depth, 8);
  ASSERT_TRUE(cost->fmax_mhz.has_value());
  EXPECT_EQ(cost->fmax_mhz->ok, 2);
  EXPECT_EQ(cost->fmax_mhz->failed, 0);
  EXPECT_LE(cost->fmax_mhz->min, cost->fmax_mhz->median);
  EXPECT_LE(cost->fmax_mhz->median, cost->fmax_mhz->max);
  // 2.74 ns is what a registered 8-bit addition takes on this device: the shift register around it
  // must not be what limits.
  EXPECT_GT(cost->fmax_mhz->min, 250);
  EXPECT_LT(cost->fmax_mhz->max, 450);

  const nlohmann::ordered_json json = to_json(*cost);
  EXPECT_THAT(json["tools"]["yosys"].get<std::string>(), HasSubstr("Yosys "));
  EXPECT_THAT(json["tools"]["nextpnr-ice40"].get<std::string>(), HasSubstr("Version "));
  EXPECT_EQ(json["cells"]["SB_LUT4"], 9);
  EXPECT_EQ(json["lut_equivalents"], 9);
  EXPECT_GT(json["seconds"].get<double>(), 0);
}

/// Only the wrapper's flip-flops have cells to themselves here.
TEST(CostTest, LogicCellsAreTheCoresAlone) {
  const Result<CostPoint> empty =
      measure_cost(empty_core(), target_of("ice40-hx8k"), options_with(1));
  ASSERT_TRUE(empty.ok()) << empty.error().message();
  EXPECT_EQ(empty->logic_cells, 0);
  const Result<CostPoint> cost =
      measure_cost(accumulator(), target_of("ice40-hx8k"), options_with(1));
  ASSERT_TRUE(cost.ok()) << cost.error().message();
  // Each bit's LUT, carry and flip-flop share a cell; the inverter of the reset has its own.
  EXPECT_EQ(cost->logic_cells, 8 + 1);
}

TEST(CostTest, CopiesAreMappedTogetherAndCutApart) {
  CostOptions options = options_with(1);
  options.copies = 3;
  std::size_t asked = 0;
  options.is_equal_to_model = [&asked](const std::vector<Netlist>& netlists) -> Result<bool> {
    asked = netlists.size();
    for (const Netlist& netlist : netlists) {
      EXPECT_THAT(netlist.design.files.at(0).text, HasSubstr("module accumulator("));
      EXPECT_THAT(netlist.design.files.at(0).text, HasSubstr("output [7:0] acc_o;"));
      EXPECT_THAT(netlist.design.files.at(0).text, Not(HasSubstr("copy")));
    }
    return true;
  };
  const Result<CostPoint> cost = measure_cost(accumulator(), target_of("ice40-hx8k"), options);
  ASSERT_TRUE(cost.ok()) << cost.error().message();
  EXPECT_EQ(asked, 3U);
  EXPECT_EQ(cost->ffs, 3 * 8);
  EXPECT_EQ(cost->luts, 3 * 8 + 1);  // they share the inverter of the reset
  const nlohmann::ordered_json json = to_json(*cost);
  EXPECT_EQ(json["copies"], 3);
  EXPECT_EQ(json["ffs"], 8);
  EXPECT_NEAR(json["luts"].get<double>(), 25 / 3.0, 1e-9);
  EXPECT_EQ(per_core_text(*cost, cost->luts), "8.33");
}

TEST(CostTest, NamedFlowIsTheOnlyOne) {
  CostOptions options = options_with(0);
  options.flow = "abc9_area";
  for (const char* name : {"ice40-hx8k", "ecp5", "xilinx-usp"}) {
    const Result<CostPoint> cost = measure_cost(accumulator(), target_of(name), options);
    ASSERT_TRUE(cost.ok()) << cost.error().message();
    EXPECT_EQ(cost->flow, "abc9_area");
    EXPECT_EQ(cost->ffs, 8);
  }
  options.flow = "abc10";
  const Result<CostPoint> unknown = measure_cost(accumulator(), target_of("ecp5"), options);
  ASSERT_FALSE(unknown.ok());
  EXPECT_THAT(unknown.error().message(), HasSubstr("abc9, abc9_search, abc9_area, abc, abc9_wide"));
}

TEST(CostTest, MissingProgramOfPyPIIsNamedWithItsCommand) {
  Target target = target_of("ecp5-25f");
  target.nextpnr = "yowasp-nextpnr-of-nobody";
  const Result<CostPoint> cost = measure_cost(accumulator(), target, options_with(1));
  ASSERT_FALSE(cost.ok());
  EXPECT_THAT(cost.error().message(), HasSubstr("make tools"));
}

TEST(CostTest, SynthesisOnlyTargetHasNoFmax) {
  const Result<CostPoint> cost = measure_cost(accumulator(), target_of("ecp5"), options_with(2));
  ASSERT_TRUE(cost.ok()) << cost.error().message();
  EXPECT_FALSE(cost->fmax_mhz.has_value());
  EXPECT_EQ(cost->ffs, 8);
  EXPECT_EQ(cost->lut_equivalents, cost->luts + 2 * cost->carries);
}

TEST(CostTest, NetlistThatDiffersFromTheModelHasNoCost) {
  CostOptions options = options_with(2);
  std::vector<std::string> steps;
  options.progress = [&](const std::string& step) { steps.push_back(step); };
  options.is_equal_to_model = [](const std::vector<Netlist>&) -> Result<bool> { return false; };
  const Result<CostPoint> cost = measure_cost(accumulator(), target_of("ice40-hx8k"), options);
  ASSERT_FALSE(cost.ok());
  EXPECT_THAT(cost.error().message(), HasSubstr("equal to the model"));
  EXPECT_THAT(steps, Not(::testing::Contains("place and route")));
}

TEST(CostTest, VerificationThatCannotRunHasNoCost) {
  CostOptions options = options_with(0);
  options.is_equal_to_model = [](const std::vector<Netlist>&) -> Result<bool> {
    return Error{"verilator", "none", "a simulator", ""};
  };
  const Result<CostPoint> cost = measure_cost(accumulator(), target_of("ice40-hx8k"), options);
  ASSERT_FALSE(cost.ok());
  EXPECT_EQ(cost.error().field, "verilator");
}

TEST(CostTest, MissingRouterIsNamedBeforeAnythingRuns) {
  Target target = target_of("ice40-hx8k");
  target.nextpnr = "nextpnr-of-nobody";
  CostOptions options = options_with(1);
  bool started = false;
  options.progress = [&](const std::string&) { started = true; };
  const Result<CostPoint> cost = measure_cost(accumulator(), target, options);
  ASSERT_FALSE(cost.ok());
  EXPECT_THAT(cost.error().message(), HasSubstr("nextpnr-of-nobody"));
  EXPECT_FALSE(started);
}

TEST(CostTest, MissingYosysIsNamedWithItsPackage) {
  const std::string path = std::getenv("PATH");
  const ScratchDirectory nothing = ScratchDirectory::make().value();
  ::setenv("PATH", nothing.path().c_str(), 1);
  const Result<CostPoint> cost = measure_cost(accumulator(), target_of("ecp5"), options_with(0));
  ::setenv("PATH", path.c_str(), 1);
  ASSERT_FALSE(cost.ok());
  EXPECT_THAT(cost.error().message(), HasSubstr("'yosys'"));
  EXPECT_THAT(cost.error().message(), HasSubstr("Debian"));
}

TEST(CostTest, ARouterThatDoesNotKnowTheDeviceGivesNoCost) {
  Target target = target_of("ice40-hx8k");
  target.flows.resize(1);
  target.nextpnr_arguments = {"--up5k", "--package", "of-nobody"};
  const Result<CostPoint> cost = measure_cost(accumulator(), target, options_with(2));
  ASSERT_FALSE(cost.ok());
  EXPECT_EQ(cost.error().cause, Cause::kTool);
  EXPECT_THAT(cost.error().message(), HasSubstr("of-nobody"));
}

TEST(SynthesisTest, WarningWhileReadingIsAnError) {
  rtl::EmittedDesign design = empty_core();
  design.files[0].text =
      "module empty (input wire [7:0] a_i, output wire [7:0] result_o);\n"
      "  assign result_o = a_i ^ {7'd0, undeclared};\n"
      "endmodule\n";
  const Result<std::vector<Netlist>> netlists = synthesize_netlists(design, target_of("ecp5"));
  ASSERT_FALSE(netlists.ok());
  EXPECT_THAT(netlists.error().message(), HasSubstr("undeclared"));
}

TEST(SynthesisTest, ErrorOfYosysIsShown) {
  rtl::EmittedDesign design = empty_core();
  design.files[0].text = "module empty (;\nendmodule\n";
  const Result<std::vector<Netlist>> netlists = synthesize_netlists(design, target_of("ecp5"));
  ASSERT_FALSE(netlists.ok());
  EXPECT_THAT(netlists.error().message(), HasSubstr("syntax error"));
}

TEST(SynthesisTest, StagesMapTheSameCellsAsTheWholeCommand) {
  Target whole = target_of("xilinx-usp");
  ASSERT_THAT(whole.flows[0].stages, Not(IsEmpty()));
  whole.flows[0].stages.clear();
  const Target staged = target_of("xilinx-usp");
  const ScratchDirectory a = ScratchDirectory::make().value();
  const ScratchDirectory b = ScratchDirectory::make().value();
  const Result<Mapping> of_whole = map_design(accumulator(), whole, whole.flows[0], 1, a.path());
  const Result<Mapping> of_stages = map_design(accumulator(), staged, staged.flows[0], 1, b.path());
  ASSERT_TRUE(of_whole.ok()) << of_whole.error().message();
  ASSERT_TRUE(of_stages.ok()) << of_stages.error().message();
  EXPECT_EQ(of_stages->cells, of_whole->cells);
  EXPECT_EQ(of_stages->depth, of_whole->depth);
  const auto staged_text = simulation_netlists(accumulator(), staged, 1, b.path());
  const auto whole_text = simulation_netlists(accumulator(), whole, 1, a.path());
  ASSERT_TRUE(staged_text.ok() && whole_text.ok());
  EXPECT_EQ(sorted_lines(staged_text->at(0)), sorted_lines(whole_text->at(0)));
}

TEST(SynthesisTest, VariantsThatPartLateMapTheSameAsAlone) {
  const Target target = target_of("ice40-hx8k");
  const std::vector<FlowVariant> flows = target.flows_for(accumulator().signature.dsp, "").value();
  ASSERT_THAT(flows, SizeIs(2));
  ASSERT_THAT(flows[0].parts_at, Not(IsEmpty()));
  ASSERT_EQ(flows[0].parts_at, flows[1].parts_at);
  const ScratchDirectory shared = ScratchDirectory::make().value();
  const auto together = map_design(accumulator(), target, flows, 1, shared.path());
  ASSERT_TRUE(together.ok()) << together.error().message();
  ASSERT_THAT(*together, SizeIs(2));
  for (std::size_t i = 0; i < flows.size(); ++i) {
    FlowVariant whole = flows[i];
    whole.parts_at.clear();
    const ScratchDirectory alone = ScratchDirectory::make().value();
    const Result<Mapping> mapping = map_design(accumulator(), target, whole, 1, alone.path());
    ASSERT_TRUE(mapping.ok()) << mapping.error().message();
    EXPECT_EQ(together->at(i).cells, mapping->cells) << whole.name;
    EXPECT_EQ(together->at(i).depth, mapping->depth) << whole.name;
  }
}

TEST(SynthesisTest, NetlistIsTheSameTextEveryTime) {
  const Target target = target_of("ice40-up5k");
  const auto first = synthesize_netlists(accumulator(), target).value();
  const auto second = synthesize_netlists(accumulator(), target).value();
  const std::vector<FlowVariant> flows = target.flows_for(accumulator().signature.dsp, "").value();
  ASSERT_EQ(first.size(), flows.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].flow, flows[i].name);
    EXPECT_EQ(first[i].design.files.at(0).text, second.at(i).design.files.at(0).text);
  }
}

}  // namespace
}  // namespace fewbit::flows
