// Hard multipliers: the modules that instance them do the same by their primitives as in plain
// SystemVerilog, and what the vendors' guides say; our model of DSP48E2 beside Yosys' of DSP48E1.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <sstream>
#include <string>
#include <vector>

#include "fewbit/gen/util/bigint.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/process.h"

namespace fewbit::embedded {
const std::vector<TextFile>& cell_models();
const std::vector<TextFile>& rtl_templates();
}  // namespace fewbit::embedded

namespace fewbit {
namespace {

std::string text_of(const std::vector<TextFile>& files, const std::string& name) {
  for (const TextFile& file : files) {
    if (file.name == name) return file.text;
  }
  ADD_FAILURE() << "no file " << name;
  return "";
}

/// The lines that a bench writes: hexadecimal numbers.
using Lines = std::vector<std::vector<BigInt>>;

Lines simulate(const std::vector<TextFile>& files, const std::vector<std::string>& options) {
  const ScratchDirectory folder = ScratchDirectory::make().value();
  EXPECT_TRUE(write_files(folder.path(), files).ok());
  std::vector<std::string> command = {"iverilog", "-g2012", "-o", "bench.vvp"};
  command.insert(command.end(), options.begin(), options.end());
  for (const TextFile& file : files) command.push_back(file.name);
  const ProcessResult built = run_process(command, folder.path()).value();
  EXPECT_EQ(built.exit_code, 0) << built.log();
  const ProcessResult run = run_process({"vvp", "-n", "bench.vvp"}, folder.path()).value();
  EXPECT_EQ(run.exit_code, 0) << run.log();
  Lines lines;
  std::istringstream text(run.output);
  for (std::string line; std::getline(text, line);) {
    std::istringstream words(line);
    lines.emplace_back();
    for (std::string word; words >> word;) lines.back().emplace_back("0x" + word);
  }
  return lines;
}

/// The simulation models of a family, beside the program.
Result<std::string> cells_of_yosys(const std::string& family) {
  const std::string command = "dirname \"$(dirname \"$(command -v yosys)\")\"";
  std::string place = run_process({"sh", "-c", command}, ".").value().output;
  place.resize(place.find_last_not_of('\n') + 1);
  return read_file(place + "/share/yosys/" + family + "/cells_sim.v");
}

BigInt part(const BigInt& all, int k, int bits) { return (all >> (k * bits)) & (pow2(bits) - 1); }

/// Low bits of a number in two's complement.
BigInt number(const BigInt& all, int k, int bits) {
  return from_bits(part(all, k, bits), bits, true);
}

/// UG579: F = D - A in 27 bits; P = PCIN + F x B.
class Cascade : public ::testing::TestWithParam<int> {};

TEST_P(Cascade, IsTheSumOfDifferencesTimesFactors) {
  const int count = GetParam();
  const std::string bench = fmt::format(
      "module bench;\n"
      "  reg [{0}*27-1:0] plus, minus;\n  reg [{0}*18-1:0] x;\n  wire [47:0] p;\n"
      "  fewbit_dsp48e2_cascade #(.Count({0})) u (.plus_i(plus), .minus_i(minus), .x_i(x), "
      ".p_o(p));\n"
      "  integer i, k;\n"
      "  initial for (i = 0; i < 2000; i = i + 1) begin\n"
      "    for (k = 0; k < {0}; k = k + 1) begin\n"
      "      plus[27*k+:27] = i < 8 ? {{27{{i[0]}}}} : $random;\n"
      "      minus[27*k+:27] = i < 8 ? {{i[1], 26'b0}} : $random;\n"
      "      x[18*k+:18] = i < 8 ? {{i[2], {{17{{i[0]}}}}}} : $random;\n"
      "    end\n"
      "    #1 $display(\"%h %h %h %h\", plus, minus, x, p);\n"
      "  end\nendmodule\n",
      count);
  const TextFile text = {"cascade.sv",
                         text_of(embedded::rtl_templates(), "fewbit_dsp48e2_cascade.sv")};
  const TextFile model = {"model.v", text_of(embedded::cell_models(), "DSP48E2.v")};
  const Lines plain = simulate({text, {"bench.sv", bench}}, {});
  EXPECT_EQ(plain, simulate({model, text, {"bench.sv", bench}}, {"-DSYNTHESIS"}));
  ASSERT_EQ(plain.size(), 2000U);
  for (const std::vector<BigInt>& line : plain) {
    ASSERT_EQ(line.size(), 4U);
    BigInt sum = 0;
    for (int k = 0; k < count; ++k) {
      const BigInt factor =
          from_bits(to_bits(number(line[0], k, 27) - number(line[1], k, 27), 27), 27, true);
      sum += factor * number(line[2], k, 18);
    }
    ASSERT_EQ(line[3], to_bits(sum, 48));
  }
}

INSTANTIATE_TEST_SUITE_P(Counts, Cascade, ::testing::Values(1, 2, 4));

/// All 8 x 8 bits in one half, while the other has the same numbers in another order.
class Halves : public ::testing::TestWithParam<std::pair<bool, bool>> {};

TEST_P(Halves, AreTheirProducts) {
  const auto [a_signed, b_signed] = GetParam();
  const std::string bench = fmt::format(
      "module bench;\n"
      "  reg [15:0] a, b;\n  wire [31:0] p;\n"
      "  fewbit_sb_mac16_pair #(.ASigned({}), .BSigned({})) u (.a_i(a), .b_i(b), .p_o(p));\n"
      "  integer i;\n"
      "  initial for (i = 0; i < 65536; i = i + 1) begin\n"
      "    a = {{i[7:0] ^ 8'h55, i[7:0]}};\n    b = {{i[7:0] + i[15:8], i[15:8]}};\n"
      "    #1 $display(\"%h %h %h\", a, b, p);\n"
      "  end\nendmodule\n",
      a_signed ? 1 : 0, b_signed ? 1 : 0);
  const Result<std::string> yosys = cells_of_yosys("ice40");
  ASSERT_TRUE(yosys.ok());
  const TextFile text = {"pair.sv", text_of(embedded::rtl_templates(), "fewbit_sb_mac16_pair.sv")};
  const Lines plain = simulate({text, {"bench.sv", bench}}, {});
  EXPECT_EQ(plain, simulate({{"cells.v", *yosys}, text, {"bench.sv", bench}},
                            {"-DSYNTHESIS", "-DNO_ICE40_DEFAULT_ASSIGNMENTS"}));
  ASSERT_EQ(plain.size(), 65536U);
  for (const std::vector<BigInt>& line : plain) {
    for (int k = 0; k < 2; ++k) {
      const BigInt product =
          from_bits(part(line[0], k, 8), 8, a_signed) * from_bits(part(line[1], k, 8), 8, b_signed);
      ASSERT_EQ(part(line[2], k, 16), to_bits(product, 16));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Signs, Halves,
                         ::testing::Values(std::pair{true, true}, std::pair{true, false},
                                           std::pair{false, true}, std::pair{false, false}));

/// Of 25 bits where DSP48E1 has them; in DSP48E2 there are 27.
TEST(Dsp48e2, IsDsp48e1OfYosysWhereBothAreAlike) {
  std::string bench =
      "module bench;\n"
      "  reg [29:0] a;\n  reg [24:0] d;\n  reg [17:0] b;\n  reg [47:0] pcin;\n  integer i;\n"
      "  initial for (i = 0; i < 2000; i = i + 1) begin\n"
      "    a = {{7{i[0]}}, 23'h0};\n    a = i < 8 ? {{7{i[0]}}, {23{i[1]}}} : $random;\n"
      "    a = {{6{a[23]}}, a[23:0]};\n    d = $random;\n    d = {d[23], d[23:0]};\n"
      "    b = i < 8 ? {i[2], 17'b0} : $random;\n    pcin = {$random, $random};\n"
      "    #1 $display(\"%h %h\", ";
  std::string ones, twos, instances;
  const auto add = [&](const std::string& name, const char* inmode, const char* z, bool preadds) {
    const auto instance = [&](const char* cell, const std::string& more, const std::string& ports) {
      return fmt::format(
          "  wire [47:0] {4}_{0};\n"
          "  {0} #(.ACASCREG(0), .ADREG(0), .ALUMODEREG(0), .AREG(0), .BCASCREG(0), .BREG(0), "
          ".CARRYINREG(0), .CARRYINSELREG(0), .CREG(0), .DREG(0), .INMODEREG(0), .MREG(0), "
          ".OPMODEREG(0), .PREG(0){1}) u_{4}_{0} (.A(a), .ACIN(30'b0), .ALUMODE(4'b0), .B(b), "
          ".BCIN(18'b0), .C(48'b0), .CARRYIN(1'b0), .CARRYINSEL(3'b0), .INMODE({2}), .PCIN(pcin), "
          ".P({4}_{0}){3});\n",
          cell, more, inmode, ports, name);
    };
    instances += instance("DSP48E1", preadds ? ", .USE_DPORT(\"TRUE\")" : "",
                          fmt::format(", .D(d), .OPMODE({{{}, 4'b0101}}), .CLK(1'b0)", z));
    instances +=
        instance("DSP48E2", preadds ? ", .AMULTSEL(\"AD\")" : "",
                 fmt::format(", .D({{{{2{{d[24]}}}}, d}}), .OPMODE({{2'b00, {}, 4'b0101}})", z));
    ones += (ones.empty() ? "" : ", ") + name + "_DSP48E1";
    twos += (twos.empty() ? "" : ", ") + name + "_DSP48E2";
  };
  add("plain", "5'b00000", "3'b000", false);
  add("sum", "5'b00100", "3'b000", true);
  add("difference", "5'b01100", "3'b000", true);
  add("added", "5'b01100", "3'b001", true);
  bench += fmt::format("{{{}}}, {{{}}});\n  end\n{}endmodule\n", ones, twos, instances);
  const Result<std::string> yosys = cells_of_yosys("xilinx");
  ASSERT_TRUE(yosys.ok());
  const std::size_t begin = yosys->find("module DSP48E1");
  ASSERT_NE(begin, std::string::npos);
  const std::string dsp48e1 =
      yosys->substr(begin, yosys->find("endmodule", begin) - begin) + "endmodule\n";
  const TextFile model = {"model.v", text_of(embedded::cell_models(), "DSP48E2.v")};
  const Lines lines = simulate({model, {"yosys.v", dsp48e1}, {"bench.sv", bench}}, {});
  ASSERT_EQ(lines.size(), 2000U);
  for (const std::vector<BigInt>& line : lines) {
    ASSERT_EQ(line.size(), 2U);
    ASSERT_EQ(line[0], line[1]);
  }
}

}  // namespace
}  // namespace fewbit
