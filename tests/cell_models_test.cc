// Lookup tables: our models of them, read by every verification of a netlist, against Yosys' own.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <ostream>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "fewbit/flows/cost.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/process.h"

namespace fewbit::embedded {
const std::vector<TextFile>& cell_models();
}

namespace fewbit {
namespace {

using ::testing::HasSubstr;

constexpr const char* kIce40 = "+/ice40/cells_sim.v";
constexpr const char* kEcp5 = "+/ecp5/cells_sim.v";
constexpr const char* kXilinx = "+/xilinx/cells_sim.v";

struct LookUpTable {
  const char* file;   ///< ours
  const char* yosys;  ///< theirs
  const char* cell;
  const char* inputs;  ///< a letter or two each, from bit 0 of the index
  const char* output;
  const char* parameter;
};

std::ostream& operator<<(std::ostream& stream, const LookUpTable& table) {
  return stream << table.file << " " << table.cell;
}

const LookUpTable kTables[] = {
    {"ice40_lut.v", kIce40, "SB_LUT4", "I0 I1 I2 I3", "O", "LUT_INIT"},
    {"ecp5_lut.v", kEcp5, "LUT4", "A B C D", "Z", "INIT"},
    {"xilinx_luts.v", kXilinx, "LUT1", "I0", "O", "INIT"},
    {"xilinx_luts.v", kXilinx, "LUT2", "I0 I1", "O", "INIT"},
    {"xilinx_luts.v", kXilinx, "LUT3", "I0 I1 I2", "O", "INIT"},
    {"xilinx_luts.v", kXilinx, "LUT4", "I0 I1 I2 I3", "O", "INIT"},
    {"xilinx_luts.v", kXilinx, "LUT5", "I0 I1 I2 I3 I4", "O", "INIT"},
    {"xilinx_luts.v", kXilinx, "LUT6", "I0 I1 I2 I3 I4 I5", "O", "INIT"}};

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), std::istream_iterator<std::string>()};
}

/// One instance for every single bit of the contents, and 16 of random contents; perhaps with the
/// two upper inputs exchanged.
std::string instances(const LookUpTable& table, bool exchanged = false) {
  std::vector<std::string> inputs = words(table.inputs);
  if (exchanged) std::swap(inputs.back(), inputs[inputs.size() - 2]);
  const unsigned bits = 1U << inputs.size();
  std::vector<std::uint64_t> contents;
  for (unsigned bit = 0; bit < bits; ++bit) contents.push_back(std::uint64_t{1} << bit);
  std::mt19937_64 random(1);
  for (int i = 0; i < 16; ++i) contents.push_back(random() >> (64 - bits));
  std::string text = fmt::format("module top (input [{}:0] i, output [{}:0] o);\n",
                                 inputs.size() - 1, contents.size() - 1);
  for (std::size_t k = 0; k < contents.size(); ++k) {
    text += fmt::format("  {} #(.{}({}'h{:x})) u{} (.{}(o[{}])", table.cell, table.parameter, bits,
                        contents[k], k, table.output, k);
    for (std::size_t n = 0; n < inputs.size(); ++n) {
      text += fmt::format(", .{}(i[{}])", inputs[n], n);
    }
    text += ");\n";
  }
  return text + "endmodule\n";
}

std::string model_text(const std::string& name) {
  for (const TextFile& file : embedded::cell_models()) {
    if (file.name == name) return file.text;
  }
  return "";
}

/// The exit code and the log of a proof that the two models give `top` the same outputs; with two
/// inputs of ours exchanged.
ProcessResult prove_equal(const LookUpTable& table, const std::string& ours,
                          bool exchanged = false) {
  const ScratchDirectory folder = ScratchDirectory::make().value();
  const std::string script = fmt::format(
      "read_verilog -defer {}\nread_verilog top.v\nhierarchy -top top\nproc\nflatten\n"
      "delete t:$specify2 t:$specify3 t:$specrule\nrename top theirs\ndesign -stash theirs\n"
      "read_verilog -icells ours.v\nread_verilog our_top.v\nhierarchy -top top\nflatten\n"
      "rename top ours\ndesign -stash ours\n"
      "design -copy-from theirs theirs\ndesign -copy-from ours ours\n"
      "miter -equiv -flatten -make_outputs theirs ours miter\n"
      "sat -verify -prove trigger 0 miter\n",
      table.yosys);
  EXPECT_TRUE(write_files(folder.path(), {{"ours.v", ours},
                                          {"top.v", instances(table)},
                                          {"our_top.v", instances(table, exchanged)},
                                          {"prove.ys", script}})
                  .ok());
  return run_process({"yosys", "-Q", "-T", "-s", "prove.ys"}, folder.path()).value();
}

class LookUpTableTest : public ::testing::TestWithParam<LookUpTable> {};

TEST_P(LookUpTableTest, IsProvedEqualToTheModelOfYosys) {
  const std::string text = model_text(GetParam().file);
  ASSERT_THAT(text, HasSubstr(fmt::format("module {} (", GetParam().cell)));
  const ProcessResult proof = prove_equal(GetParam(), text);
  EXPECT_EQ(proof.exit_code, 0) << proof.log();
  EXPECT_THAT(proof.log(), HasSubstr("SAT proof finished - no model found: SUCCESS!"));
}

INSTANTIATE_TEST_SUITE_P(All, LookUpTableTest, ::testing::ValuesIn(kTables));

TEST(LookUpTableTest, AllModulesOfTheFilesThatTargetsNameAreProved) {
  std::multiset<std::string> proved;
  for (const LookUpTable& table : kTables) proved.insert(table.file);
  std::set<std::string> named;
  for (const flows::Target& target : flows::targets()) {
    if (target.lut_models.empty()) continue;
    named.insert(target.lut_models);
    const std::vector<std::string> tokens = words(model_text(target.lut_models));
    EXPECT_EQ(std::count(tokens.begin(), tokens.end(), "endmodule"),
              static_cast<std::ptrdiff_t>(proved.count(target.lut_models)))
        << target.name;
    EXPECT_EQ(target.yosys, "yosys") << target.name << ": its models are of another Yosys";
  }
  EXPECT_EQ(named, std::set<std::string>(proved.begin(), proved.end()));
}

TEST(LookUpTableTest, AModelWithTwoInputsExchangedIsFound) {
  const LookUpTable& table = kTables[0];
  const ProcessResult proof = prove_equal(table, model_text(table.file), true);
  EXPECT_NE(proof.exit_code, 0);
  EXPECT_THAT(proof.log(), HasSubstr("ERROR: Called with -verify and proof did fail!"));
}

}  // namespace
}  // namespace fewbit
