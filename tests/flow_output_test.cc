// What Yosys and nextpnr print, recorded in tests/data/flows, as typed values.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "fewbit/flows/cost.h"
#include "fewbit/flows/nextpnr.h"
#include "fewbit/flows/yosys.h"
#include "fewbit/gen/util/files.h"

namespace fewbit::flows {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

std::string recorded(const std::string& name) {
  return read_file(std::filesystem::path(FEWBIT_SOURCE_DIR) / "tests/data/flows" / name).value();
}

std::map<std::string, int> recorded_cells(const std::string& name) {
  std::map<std::string, int> cells = parse_stat(recorded(name), "fewbit_measure").value();
  EXPECT_EQ(cells.erase("fewbit_measure_register"), 1U);
  return cells;
}

CostPoint recorded_counts(const std::string& target, const std::string& name) {
  return count_cells(find_target(target).value(), recorded_cells(name)).value();
}

TEST(StatTest, CellsOfOneModule) {
  const std::string text = recorded("ice40_stat.json");
  EXPECT_THAT(parse_stat(text, "fewbit_measure").value(),
              ElementsAre(Pair("SB_CARRY", 20), Pair("SB_DFFER", 18), Pair("SB_LUT4", 73),
                          Pair("fewbit_measure_register", 28)));
  EXPECT_THAT(parse_stat(text, "fewbit_measure_register").value(), ElementsAre(Pair("SB_DFF", 1)));
}

TEST(StatTest, AnotherModuleOrAnotherTextIsAnError) {
  EXPECT_THAT(parse_stat(recorded("ice40_stat.json"), "core").error().message(),
              HasSubstr("'core'"));
  EXPECT_FALSE(parse_stat("=== fewbit_measure ===\n  Number of cells: 3\n", "fewbit_measure").ok());
}

TEST(CountTest, Ice40CountsCarriesApart) {
  const CostPoint point = recorded_counts("ice40-hx8k", "ice40_stat.json");
  EXPECT_EQ(point.luts, 73);
  EXPECT_EQ(point.carries, 20);
  EXPECT_EQ(point.ffs, 18);
  EXPECT_EQ(point.lut_equivalents, 73);
  EXPECT_EQ(point.dsps + point.brams, 0);
}

TEST(CountTest, XilinxAddsLutsOfEverySizeAndListsTheRest) {
  const CostPoint point = recorded_counts("xilinx-usp", "xilinx_stat.json");
  EXPECT_EQ(point.luts, 41 + 2 + 5 + 2 + 15);
  EXPECT_EQ(point.carries, 7);
  EXPECT_EQ(point.ffs, 18);
  EXPECT_EQ(point.lut_equivalents, point.luts);
  EXPECT_EQ(point.cells.at("MUXF7"), 4);
  EXPECT_EQ(point.cells.at("MUXF8"), 1);
  EXPECT_EQ(point.cells.at("INV"), 1);
}

TEST(CountTest, Ecp5CarryHoldsTwoLuts) {
  const CostPoint point = recorded_counts("ecp5", "ecp5_stat.json");
  EXPECT_EQ(point.luts, 51);
  EXPECT_EQ(point.carries, 13);
  EXPECT_EQ(point.ffs, 18);
  EXPECT_EQ(point.lut_equivalents, 51 + 2 * 13);
}

TEST(CountTest, CellThatTheTargetDoesNotListIsAnError) {
  std::map<std::string, int> cells = recorded_cells("ice40_stat.json");
  cells["$mem_v2"] = 1;
  const Result<CostPoint> point = count_cells(find_target("ice40-hx8k").value(), cells);
  ASSERT_FALSE(point.ok());
  EXPECT_THAT(point.error().message(), HasSubstr("$mem_v2"));
}

TEST(LongestPathTest, LengthOfThePath) {
  EXPECT_EQ(parse_longest_path(recorded("ice40_ltp.txt")).value(), 19);
}

TEST(LongestPathTest, LoopOrAnotherTextIsAnError) {
  EXPECT_THAT(parse_longest_path(recorded("loop_ltp.txt")).error().message(), HasSubstr("loop"));
  EXPECT_FALSE(parse_longest_path("").ok());
  EXPECT_FALSE(parse_longest_path("Longest topological path in x (length=many):").ok());
}

TEST(WarningsTest, OfACarelessDesignAllCount) {
  EXPECT_THAT(
      parse_warnings(recorded("yosys_careless.log")),
      ElementsAre("careless.sv:3: Warning: Identifier `\\undeclared' is implicitly declared.",
                  "Warning: Resizing cell port careless_top.core.y_o from 5 bits to 4 bits.",
                  "Warning: Wire careless_top.\\z_o is used but has no driver.",
                  "Warning: Wire careless_top.\\core.undeclared is used but has no driver."));
}

TEST(WarningsTest, AbcThatStopsInMfsLeavesItsMappingBehind) {
  const std::string stopped =
      "Warning: ABC: execution of command \"\"berkeley-abc\" -s -f /t/abc.script 2>&1\" failed: "
      "return code 134.\n";
  EXPECT_EQ(parse_warnings(stopped).size(), 1U);
  EXPECT_THAT(parse_warnings("ABC: berkeley-abc: src/aig/gia/giaMfs.c:388: Gia_ManInsertMfs: "
                             "Assertion `iLitNew >= 0' failed.\n" +
                             stopped),
              IsEmpty());
}

TEST(WarningsTest, OfSynthesisItselfAreKnown) {
  EXPECT_THAT(recorded("yosys_xilinx.log"), HasSubstr("Warning: 'synth_xilinx"));
  EXPECT_THAT(recorded("yosys_xilinx.log"), HasSubstr("ABC: Warning: "));
  EXPECT_THAT(parse_warnings(recorded("yosys_xilinx.log")), IsEmpty());
}

TEST(NextpnrTest, FmaxOfTheOnlyClock) {
  EXPECT_NEAR(parse_fmax(recorded("nextpnr_report.json")).value(), 646.41, 0.01);
}

TEST(NextpnrTest, ReportWithoutExactlyOneClockIsAnError) {
  EXPECT_FALSE(parse_fmax("").ok());
  EXPECT_FALSE(parse_fmax(R"({"fmax": {}})").ok());
  EXPECT_FALSE(parse_fmax(R"({"fmax": {"a": {"achieved": 1.0}, "b": {"achieved": 2.0}}})").ok());
}

TEST(NextpnrTest, FailureIsTheErrorLine) {
  EXPECT_EQ(parse_failure(recorded("nextpnr_failed.log")),
            "ERROR: Unable to find a placement location for cell 'a_i[25]$sb_io'");
  EXPECT_EQ(parse_failure("terminate called\nabort\n\n"), "abort");
}

TEST(NextpnrTest, LogicCellsThatAreNotTheWrappers) {
  const std::string packed = R"({"modules": {"fewbit_place": {"cells": {
    "measured.core.sum_LC": {"type": "ICESTORM_LC"},
    "measured.bank_acc_o.gen_bit[0].u_bit.q_LC": {"type": "ICESTORM_LC"},
    "measured.core.valid_DFFLC": {"type": "ICESTORM_LC"},
    "$nextpnr_ICESTORM_LC_0": {"type": "ICESTORM_LC"},
    "measured.bank_a_i.gen_bit[0].u_bit.q_DFFLC": {"type": "ICESTORM_LC"},
    "$auto$simplemap.cc:1:chain_DFFLC": {"type": "ICESTORM_LC"},
    "$PACKER_GND": {"type": "ICESTORM_LC"},
    "clk_i$sb_io": {"type": "SB_IO"}}}}})";
  EXPECT_EQ(parse_logic_cells(packed, "ICESTORM_LC").value(), 4);
  EXPECT_FALSE(parse_logic_cells("{}", "ICESTORM_LC").ok());
}

TEST(SummaryTest, MedianLeastGreatest) {
  const Fmax odd = summarise({120, 100, 140}, 2);
  EXPECT_EQ(odd.median, 120);
  EXPECT_EQ(odd.min, 100);
  EXPECT_EQ(odd.max, 140);
  EXPECT_EQ(odd.ok, 3);
  EXPECT_EQ(odd.failed, 2);
  EXPECT_EQ(summarise({130, 100, 110, 200}, 0).median, 120);
}

TEST(SummaryTest, WithoutARoutedSeedThereIsNoNumber) {
  CostPoint point;
  point.fmax_mhz = summarise({}, 5);
  point.fmax_mhz->first_failure = "exit code 255";
  const nlohmann::ordered_json json = to_json(point);
  EXPECT_TRUE(json["fmax_mhz"]["median"].is_null());
  EXPECT_TRUE(json["fmax_mhz"]["min"].is_null());
  EXPECT_TRUE(json["fmax_mhz"]["max"].is_null());
  EXPECT_EQ(json["fmax_mhz"]["failed"], 5);
  EXPECT_EQ(json["fmax_mhz"]["first_failure"], "exit code 255");
}

TEST(SummaryTest, SynthesisOnlyHasNoFmax) {
  EXPECT_TRUE(to_json(CostPoint{})["fmax_mhz"].is_null());
}

TEST(TargetsTest, AllAreComplete) {
  std::vector<std::string> names;
  for (const Target& target : targets()) {
    names.push_back(target.name);
    EXPECT_THAT(target.flows, ::testing::Not(IsEmpty())) << target.name;
    for (const char* group : {"luts", "carries", "ffs", "dsps", "brams"}) {
      EXPECT_TRUE(target.cells.contains(group)) << target.name << " " << group;
    }
  }
  EXPECT_THAT(names,
              ElementsAre("asic-osu018", "cyclonev", "ecp5", "ecp5-25f", "ecp5-45f", "ecp5-85f",
                          "gatemate-a1", "gowin-gw2a18", "ice40-hx8k", "ice40-up5k", "machxo2-1200",
                          "nexus-lifcl40", "xilinx-usp", "xilinx7"));
}

/// Half a CPE is one; an L2T5 takes a whole one, an adder half.
TEST(TargetsTest, ACellMayTakeThePlaceOfSeveralLuts) {
  const Target target = find_target("gatemate-a1").value();
  const Result<CostPoint> point =
      count_cells(target, {{"CC_L2T4", 5}, {"CC_L2T5", 3}, {"CC_ADDF", 2}, {"CC_DFF", 7}});
  ASSERT_TRUE(point.ok()) << point.error().message();
  EXPECT_EQ(point->luts, 5 + 3);
  EXPECT_EQ(point->lut_equivalents, 5 + 2 * 3 + 2);
  EXPECT_EQ(point->ffs, 7);
}

TEST(TargetsTest, UnknownNameGetsTheKnownOnes) {
  const Result<Target> target = find_target("ice40");
  ASSERT_FALSE(target.ok());
  for (const Target& known : targets()) {
    EXPECT_THAT(target.error().message(), HasSubstr(known.name));
  }
}

}  // namespace
}  // namespace fewbit::flows
