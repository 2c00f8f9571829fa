// Libraries of standard cells: read, refused, their functions, and the longest path by their
// tables.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/liberty.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "fewbit/flows/cell_timing.h"
#include "fewbit/flows/cost.h"
#include "fewbit/gen/util/process.h"
#include "liberty_text.h"

namespace fewbit::flows {
namespace {

using ::testing::HasSubstr;

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

CellLibrary small() {
  const auto library = parse_library("--liberty", small_liberty());
  EXPECT_TRUE(library.ok()) << library.error().message();
  return *library;
}

TEST(Liberty, AreasPinsAndUnitsAreRead) {
  const CellLibrary library = small();
  EXPECT_EQ(library.name, "small");
  ASSERT_EQ(library.cells.size(), 6U);
  const LibraryCell& nand = *library.cell("NAND");
  EXPECT_EQ(nand.area, 3.5);
  ASSERT_EQ(nand.pins.size(), 3U);
  EXPECT_DOUBLE_EQ(nand.pin("B")->capacitance, 0.005);  // pF
  EXPECT_EQ(nand.pin("Y")->arcs.size(), 2U);
  EXPECT_TRUE(nand.is_usable);
  EXPECT_FALSE(library.cell("LATCH")->is_usable);
  const CellState& state = library.cell("DFF")->state.value();
  EXPECT_EQ(state.clear, "R'");
  EXPECT_EQ(state.preset, "");
  const FullAdder adder = library.full_adder().value();
  EXPECT_EQ(adder.cell + adder.sum + adder.carry, "FASK");
}

/// What ABC does not take, but the format allows or libraries have.
TEST(Liberty, PinsMayShareAGroupAndSemicolonsMayBeMissing) {
  const std::string pins = "capacitance : 5; } pin (B) { direction : input; capacitance : 5; }";
  const std::string shared =
      replaced(replaced(small_liberty(), "pin (A) { direction : input; " + pins,
                        "pin (A, B) { direction : input; capacitance : 5; }"),
               "nom_voltage : 1.8;", "nom_voltage : 1.8");
  const auto library = parse_library("--liberty", shared);
  ASSERT_TRUE(library.ok()) << library.error().message();
  EXPECT_EQ(library->verilog(), small().verilog());
  EXPECT_DOUBLE_EQ(library->cell("NAND")->pin("B")->capacitance, 0.005);
}

TEST(Liberty, TablesAreLinearBetweenTheirPointsAndBeyondTheLastLoad) {
  const CellLibrary library = small();
  const TimingArc& arc = library.cell("INV")->pin("Y")->arcs.at(0);
  EXPECT_DOUBLE_EQ(arc.rise.at(0.010, 0), 0.100);
  EXPECT_DOUBLE_EQ(arc.rise.at(0.015, 0.050), 0.170);
  EXPECT_DOUBLE_EQ(arc.rise.at(0.030, 0), 0.300);    // 0.1 ns per 10 fF
  EXPECT_DOUBLE_EQ(arc.rise.at(0.010, 0.5), 0.140);  // slews end with the table
  EXPECT_DOUBLE_EQ(arc.rise.at(0, 0), 0.100);
  // Written the other way round it is the same table.
  const std::string turned = replaced(
      replaced(replaced(small_liberty(), "variable_1 : total_output_net_capacitance",
                        "variable_1 : input_net_transition"),
               "variable_2 : input_net_transition;\n    index_1 (\"10, 20\");\n    index_2 "
               "(\"0, 100\");",
               "variable_2 : total_output_net_capacitance;\n    index_1 (\"0, 100\");\n    "
               "index_2 (\"10, 20\");"),
      "values (\"100, 140\", \\\n                                   \"200, 240\")",
      "values (\"100, 200\", \"140, 240\")");
  const auto other = parse_library("--liberty", turned);
  ASSERT_TRUE(other.ok()) << other.error().message();
  EXPECT_DOUBLE_EQ(other->cell("INV")->pin("Y")->arcs.at(0).rise.at(0.015, 0.050), 0.170);
}

TEST(Liberty, FunctionsBindAsTheFormatSays) {
  const std::pair<const char*, const char*> functions[] = {
      {"A", "\\A "},
      {"!A B", "((~\\A ) & \\B )"},
      {"A B' + C", "((\\A  & (~\\B )) | \\C )"},
      {"A*B|C^D", "((\\A  & \\B ) | (\\C  ^ \\D ))"},
      {"A & B ^ C", "(\\A  & (\\B  ^ \\C ))"},
      {"(A+B)'", "(~(\\A  | \\B ))"},
      {"1", "1'b1"}};
  for (const auto& [function, verilog] : functions) {
    EXPECT_EQ(verilog_of("function", function).value(), verilog) << function;
  }
  for (const char* function : {"", "A +", "(A", "A)", "A ? B", "+A"}) {
    const auto text = verilog_of("function", function);
    ASSERT_FALSE(text.ok()) << function;
    EXPECT_EQ(text.error().value, function);
  }
}

TEST(Liberty, WhatIsWrongIsSaidWithItsLine) {
  struct Case {
    const char *from, *to, *value, *legal, *detail;
  };
  const Case cases[] = {
      {"library (small)", "libary (small)", "libary", "library (NAME) {", "line 2"},
      {"area : 3.5;", "area : many;", "many", "area as a number", "line 35"},
      {"area : 3.5;", "area : -1;", "-1", "an area of 0 or more for cell NAND", "line 35"},
      {"area : 3.5;", "", "", "an area of 0 or more for cell NAND", "line 35"},
      {"!(A B)", "!(A X)", "!(A X)", "the pins of cell NAND", "line 35"},
      {"!(A B)", "!(A B", "!(A B", "a function of pins", "from character"},
      {"\"1ps\"", "\"1fs\"", "1fs", "time_unit 1ns", "line 2"},
      {"(1, ff)", "(1, mm)", "mm", "pf or ff", "line 2"},
      {"cell_rise (grid)", "cell_rise (gird)", "gird", "a lu_table_template", "line 27"},
      {"\"50, 70\", \"100, 120\"", "\"50, 70\", \"100\"", "3 values", "4", "line 29"},
      {"\"50, 70\"", "\"50, x\"", "x", "values of numbers", "line 29"},
      {"index_1 (\"10, 20\")", "index_1 (\"20, 10\")", "index_1", "numbers that rise", "line"},
      {"clocked_on : \"C\";", "", "DFF", "next_state and clocked_on", "line"},
      {"capacitance : 10;", "capacitance : -10;", "-10", "capacitance of 0 or more", "line 20"},
      {"\"50, 50\"); } } }", "\"50, 50); } } }", "\"50, 50); } }", "a closing quote", "line"},
      {"cell (NAND)", "cell (\"N\n!touch x\")", "!touch x", "letters, digits", "line 35"},
      {"pin (C)", "pin (\"C;\")", "C;", "letters, digits", "line"},
      {"ff (IQ, IQN)", "ff (IQ, \"I Q\")", "I Q", "letters, digits", "line"},
      {"function : \"A\";", "function : \"0\";", "small", "and a buffer", ""},
      {"ff (IQ, IQN)", "latch (IQ, IQN)", "small", "a flip-flop", ""},
  };
  for (const Case& one : cases) {
    const auto library = parse_library("--liberty", replaced(small_liberty(), one.from, one.to));
    ASSERT_FALSE(library.ok()) << one.to;
    const Error& error = library.error();
    EXPECT_EQ(error.field, "--liberty") << one.to;
    EXPECT_THAT(error.value, HasSubstr(one.value)) << one.to;
    EXPECT_THAT(error.legal, HasSubstr(one.legal)) << one.to;
    EXPECT_THAT(error.detail, HasSubstr(one.detail)) << one.to;
  }
  // Nothing that is cut off is a library.
  const std::string whole = small_liberty();
  for (std::size_t bytes = 0; bytes + 2 < whole.size(); bytes += 7) {
    EXPECT_FALSE(parse_library("--liberty", whole.substr(0, bytes)).ok()) << bytes;
  }
  std::string deep = "library (x) {";
  for (int i = 0; i < 100000; ++i) deep += "a () {";
  EXPECT_THAT(parse_library("--liberty", deep).error().legal, HasSubstr("deep"));
  EXPECT_FALSE(verilog_of("function", std::string(100000, '(')).ok());
}

/// Yosys's JSON of cells: type, and pins with their nets.
std::string netlist(const std::string& cells) {
  return fmt::format(R"({{"modules": {{"top": {{"cells": {{{}}}}}}}}})", cells);
}

constexpr const char* kPath =
    R"("from": {"type": "DFF", "connections": {"C": [2], "R": ["1"], "D": [9], "Q": [3]}},
       "one": {"type": "INV", "connections": {"A": [3], "Y": [4]}},
       "two": {"type": "INV", "connections": {"A": [4], "Y": [5]}},
       "to": {"type": "DFF", "connections": {"C": [2], "R": ["1"], "D": [5], "Q": [6]}})";

TEST(CellTiming, ThePathOfTwoInvertersIsTheSumOfItsParts) {
  // Each net has a load of 10 fF.
  // Rising at the first Q: 300, slew 50. Falls behind "one": + 60; rises behind "two", slew 50 in:
  //   + 120 = 480; setup of an edge of slew 100: + 60 = 540.
  // Falling: 310, slew 100. Rises: + 140 = 450, slew 100; falls: + 70 = 520, slew 50, + 50 = 570.
  EXPECT_NEAR(longest_path_ns(netlist(kPath), "top", small()).value(), 0.570, 1e-12);
  // One more reader of the net between: 20 fF there, 100 more where it rises.
  const std::string more =
      std::string(kPath) + R"(, "three": {"type": "INV", "connections": {"A": [4], "Y": [7]}})";
  EXPECT_NEAR(longest_path_ns(netlist(more), "top", small()).value(), 0.670, 1e-12);
}

TEST(CellTiming, ResistanceCountsAndConstantsDoNotWait) {
  // 310 to the falling Q with 5 fF (the table begins at 10 fF), rising NAND: 30 + 1 x 10.
  // Rising Q: 300, falling NAND 40 + 2 x 10. No slews in intrinsic delays: setup 20 or 30.
  const std::string text = netlist(
      R"("from": {"type": "DFF", "connections": {"C": [2], "R": [8], "D": ["0"], "Q": [3]}},
         "nand": {"type": "NAND", "connections": {"A": [3], "B": ["1"], "Y": [4]}},
         "to": {"type": "DFF", "connections": {"C": [2], "R": [8], "D": [4], "Q": [6]}})");
  EXPECT_NEAR(longest_path_ns(text, "top", small()).value(), 0.390, 1e-12);
}

TEST(CellTiming, WhatHasNoTimeIsAnError) {
  const auto detail = [](const std::string& text, const CellLibrary& library) {
    const auto path = longest_path_ns(text, "top", library);
    return path.ok() ? std::string("a path") : path.error().message();
  };
  EXPECT_THAT(detail(netlist(R"("x": {"type": "AND9", "connections": {}})"), small()),
              HasSubstr("AND9"));
  EXPECT_THAT(detail(netlist(R"("x": {"type": "LATCH", "connections": {}})"), small()),
              HasSubstr("LATCH"));
  EXPECT_THAT(detail(netlist(R"("x": {"type": "INV", "connections": {"Z": [2]}})"), small()),
              HasSubstr("INV.Z"));
  EXPECT_THAT(detail(netlist(R"("x": {"type": "INV", "connections": {"A": [2], "Y": [3]}},
                               "y": {"type": "INV", "connections": {"A": [3], "Y": [2]}})"),
                     small()),
              HasSubstr("combinational loop"));
  EXPECT_THAT(detail("{}", small()), HasSubstr("write_json"));
  const CellLibrary falling =
      parse_library("--liberty", replaced(small_liberty(), "\"C\"; clear", "\"C'\"; clear"))
          .value();
  EXPECT_THAT(detail(netlist(kPath), falling), HasSubstr("rising edges"));
  const CellLibrary without =
      parse_library("--liberty", replaced(small_liberty(),
                                          "timing_sense : negative_unate;\n"
                                          "        intrinsic_rise : 30; "
                                          "rise_resistance : 1;\n        "
                                          "intrinsic_fall : 40; fall_resistance "
                                          ": 2;",
                                          "timing_sense : negative_unate;"))
          .value();
  EXPECT_THAT(
      detail(netlist(R"("x": {"type": "NAND", "connections": {"A": [2], "Y": [3]}})"), without),
      HasSubstr("NAND.Y"));
}

/// The library of Debian's package, whose makers wrote the cells a second time, as Verilog gates.
TEST(Osu018, FunctionsEqualTheVerilogThatComesWithTheLibrary) {
  const Target target = find_target("asic-osu018").value();
  const auto library = target.library();
  ASSERT_TRUE(library.ok()) << library.error().message();
  const ScratchDirectory folder = ScratchDirectory::make().value();
  ASSERT_TRUE(write_files(folder.path(), {{"ours.v", (*library)->verilog()}}).ok());
  const std::string theirs = replaced(target.library_path, ".lib", ".v");
  std::string script = "read_verilog -icells ours.v\n";
  std::vector<std::string> gates;
  for (const auto& [name, cell] : (*library)->cells) {
    if (!cell.is_usable || cell.state) continue;
    gates.push_back(name);
    script += fmt::format("rename {0} ours_{0}\n", name);
  }
  script += "read_verilog -overwrite theirs.v\nproc\n";
  for (const std::string& name : gates) {
    script += fmt::format(
        "miter -equiv -flatten -make_outputs {0} ours_{0} miter_{0}\n"
        "sat -verify -prove trigger 0 miter_{0}\n",
        name);
  }
  // Of their file the gates alone, without times: Yosys reads no primitives of tables, which
  // flip-flops are, and the multiplexer in one gate.
  std::string text = read_file(theirs).value();
  text = replaced(text, "udp_mux2 (I0_out", "fewbit_mux2 u (I0_out");
  std::string kept =
      "module fewbit_mux2 (output o, input a, input b, input s);\n"
      "  assign o = s ? b : a;\nendmodule\n";
  for (const std::string& name : gates) {
    const std::size_t from = text.find("module " + name + " (");
    ASSERT_NE(from, std::string::npos) << name;
    const std::size_t times = text.find("specify", from), end = text.find("endmodule", from);
    kept += text.substr(from, std::min(times, end) - from) + "endmodule\n";
  }
  ASSERT_TRUE(write_files(folder.path(), {{"theirs.v", kept}, {"compare.ys", script}}).ok());
  const auto run = run_process({"yosys", "-Q", "-T", "-q", "-s", "compare.ys"}, folder.path());
  ASSERT_TRUE(run.ok());
  EXPECT_EQ(run->exit_code, 0) << run->log();
  EXPECT_GE(gates.size(), 20U);
}

}  // namespace
}  // namespace fewbit::flows
