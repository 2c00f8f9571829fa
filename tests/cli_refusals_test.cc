// The command line, by its real binary: wrong requests, files in the way, missing tools.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>
#include <iterator>
#include <sstream>

#include "fewbit/tests/cli_fixture.h"

namespace fewbit {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class CliRefusals : public Cli {};

struct WrongRequest {
  Words arguments;
  Words in_message;  // field, value, what is legal
};

/// Exit code 2, a message with field, value and legal range, no result and nothing written.
TEST_F(CliRefusals, WrongRequestsAreNamedAndWriteNothing) {
  const std::vector<WrongRequest> requests = {
      {{"emit", "mac", "--a", "int4", "--b", "float7"}, {"--b", "'float7'", "int<N>"}},
      {{"emit", "mac", "--a", "e4m3", "--b", "int4"}, {"--a", "'e4m3'", "e4m3fn (448)"}},
      {{"emit", "mac", "--b", "int4"}, {"--a", "''", "a number format"}},
      {{"emit", "mac", "--a", "int33", "--b", "int4"}, {"--a", "'int33'", "1 to 32"}},
      {{"emit", "mac", "--a", "int4", "--b", "int4", "--terms", "0"},
       {"--terms", "'0'", "1 to 4294967296"}},
      {{"emit", "mac", "--a", "int4", "--b", "int4", "--terms", "many"},
       {"--terms", "'many'", "an integer"}},
      {{"emit", "mac", "--a", "int4", "--b", "int4", "--acc-width", "3"},
       {"--acc-width", "'3'", "8 to 1024"}},
      {{"emit", "mac", "--a", "int4", "--b", "int4", "--acc-width", "2000"},
       {"--acc-width", "'2000'", "8 to 1024"}},
      {{"emit", "mac", "--a", "int4", "--b", "int4", "--acc-width", "20", "--terms", "4"},
       {"--acc-width", "'20'", "either --terms or --acc-width"}},
      {{"emit", "mul", "--a", "int4", "--b", "int4", "--model", "c,java"},
       {"--model", "'java'", "c, dpi"}},
      {{"emit", "mul", "--a", "int4", "--b", "int4", "--testbench", "vhdl"},
       {"--testbench", "'vhdl'", "sv, cocotb"}},
      {{"verify", "mul", "--a", "int4", "--b", "int4", "--model", "c,dpi"},
       {"--model", "'c,dpi'", "c or dpi"}},
      {{"verify", "mul", "--a", "int4", "--b", "int4", "--model", "c", "--netlist", "ecp5"},
       {"--netlist", "'ecp5'", "no --netlist with --model"}},
      {{"verify", "mul", "--a", "int4", "--b", "int4", "--model", "c", "--simulator", "icarus"},
       {"--simulator", "'icarus'", "no --simulator with --model"}},
      {{"verify", "--grid", "3", "--model", "c"}, {"--model", "'c'", "no --model with --grid"}},
      {{"emit", "div", "--a", "int4", "--b", "int4"}, {"operator", "'div'", "mul, add, sub"}},
      {{"emit", "mul", "--a", "int4", "--b", "int4", "--arch", "fast"},
       {"--arch", "'fast'", "generic, optimized"}},
      {{"emit", "mul", "--a", "int4", "--b", "int4", "--target", "z80"},
       {"--target", "'z80'", "ice40-hx8k"}},
      {{"emit", "mac", "--a", "int4", "--b", "int4", "--latency", "0"},
       {"--latency", "'0'", "1 to 64"}},
      {{"emit", "fmac", "--a", "int4", "--b", "int4", "--result", "e5m2", "--acc-lsb", "1"},
       {"--acc-lsb", "'1'", "fmac does not"}},
      {{"emit", "mac", "--a", "int4", "--b", "int4", "--acc-lsb", "-1"},
       {"--acc-lsb", "'-1'", "1 to 6"}},
      {{"emit", "mac", "--a", "int4", "--b", "int4", "--acc-lsb", "1", "--rounding", "to_odd"},
       {"--rounding", "'to_odd'", "toward_zero"}},
      {{"emit", "dot", "--a", "int4", "--b", "int4", "--acc-lsb", "1"},
       {"--acc-lsb", "'1'", "nothing is accumulated"}},
      {{"emit", "mul", "--a", "int4", "--b", "int4", "--latency", "2", "--arch", "generic"},
       {"--latency", "'2'", "not pipelined"}},
      {{"emit", "mac", "--a", "int4", "--b", "int4", "--strategy", "code_sum"},
       {"--strategy", "'code_sum'", "auto, exact_first"}},
      {{"emit", "mac", "--a", "int8", "--b", "int8", "--dsp", "one"},
       {"--dsp", "'one'", "no hard multipliers on ice40-hx8k", "ice40-up5k"}},
      {{"emit", "mul", "--a", "int8", "--b", "int8", "--dsp", "packed", "--target", "cyclonev"},
       {"--dsp", "'packed'", "legal: none", "fewbit uses no hard multipliers on cyclonev"}},
      {{"emit", "mac", "--a", "int8", "--b", "int8", "--dsp", "many", "--target", "ice40-up5k"},
       {"--dsp", "'many'", "none, one, packed"}},
      {{"cost", "mac", "--a", "int8", "--b", "int8", "--dsp", "one", "--target", "ice40-up5k",
        "--flow", "abc9"},
       {"--flow", "'abc9'", "dsp_abc9"}},
      {{"emit", "mac", "--a", "int8", "--b", "int8", "--dsp", "one", "--target", "ice40-up5k",
        "--fmax", "40"},
       {"--fmax", "'40'", "nextpnr-ice40 does not time a hard multiplier"}},
      {{"prove", "mac", "--a", "int4", "--b", "int4", "--strategy", "bram"},
       {"--strategy", "'bram'", "proofs do not look into one"}},
      {{"emit", "mac", "--a", "int4", "--b", "int4", "--reset", "never"},
       {"--reset", "'never'", "async_low, sync_high"}},
      {{"emit", "mul", "--a", "e2m3", "--b", "e2m3", "--result", "e2m3", "--rounding", "up"},
       {"--rounding", "'up'", "toward_positive"}},
      {{"emit", "mul", "--a", "e2m3", "--b", "e2m3", "--result", "e2m3", "--overflow", "nan"},
       {"--overflow", "'nan'", "saturate"}},
      {{"emit", "convert", "--a", "int4"}, {"--result", "'exact'", "convert has no exact result"}},
      {{"emit", "fma", "--a", "int4", "--b", "int4"}, {"--c", "''", "a number format"}},
      {{"emit", "dot", "--a", "int4", "--b", "int4", "--lanes", "65"},
       {"--lanes", "'65'", "1 to 64"}},
      {{"emit", "dot", "--a", "int4", "--b", "int4", "--lanes", "four"},
       {"--lanes", "'four'", "an integer"}},
      {{"emit", "mxdot", "--a", "e2m1", "--b", "e2m1", "--scale", "int8"},
       {"--scale", "'int8'", "an unsigned float format"}},
      {{"emit", "mxquant", "--a", "bfloat16", "--result", "e2m1", "--scale-policy", "up"},
       {"--scale-policy", "'up'", "floor, ceil, even"}},
      {{"emit", "requant", "--a", "int32", "--result", "int8", "--shift-bits", "9"},
       {"--shift-bits", "'9'", "1 to 8"}},
      {{"emit", "facc", "--a", "e2m1", "--result", "e5m2", "--terms", "4"},
       {"--terms", "'4'", "facc does not accumulate exactly"}},
      {{"emit", "mul", "--a", "e2m1", "--b", "e2m1", "--result", "e2m1", "--random-bits", "4"},
       {"--random-bits", "'4'", "only stochastic rounding"}},
      {{"emit", "mul", "--a", "e2m1", "--b", "e2m1", "--subnormals", "keeping"},
       {"--subnormals", "'keeping'", "keep, flush_inputs"}},
      {{"emit", "mul", "--a", "e2m1", "--b", "e2m1", "--tag-bits", "4"},
       {"--tag-bits", "'4'", "combinational without --handshake"}},
      {{"emit", "mac", "--a", "e2m1", "--b", "e2m1", "--handshake", "none"},
       {"--handshake", "'none'", "valid, valid_ready"}},
      {{"emit", "mac", "--a", "int4", "--b", "int4", "--tems", "4"},
       {"option", "'--tems'", "did you mean --terms?"}},
      {{"emit", "mac", "--a", "int4", "--b"}, {"--b"}},
      {{"emit", "mac", "extra", "--a", "int4", "--b", "int4"}, {"argument", "'extra'"}},
      {{"quant", "run", "extra"}, {"argument", "'extra'", "see fewbit quant run --help"}},
      {{"quant", "run", "--limit"}, {"--limit", "see fewbit quant run --help"}},
      {{"verify", "--grid", "2..9"}, {"--grid", "'2..9'", "1..8"}},
      {{"verify", "mul", "--grid", "3..4"}, {"OP", "'mul'", "--ops"}},
      {{"verify", "--grid", "3", "--ops", "mac,pow"}, {"operator", "'pow'", "mul, add"}},
      {{"verify", "mul", "--a", "int4", "--b", "int4", "--jobs", "0"}, {"--jobs", "'0'", "1..256"}},
      {{"verify", "mul", "--a", "int4", "--b", "int4", "--netlist", "z80"},
       {"--target", "'z80'", "ice40-hx8k"}},
      {{"verify", "mul", "--a", "int4", "--b", "int4", "--seed", "x"}, {"--seed", "'x'", "0.."}},
      {{"verify", "mul", "--a", "int4", "--b", "int4", "--simulator", "ghdl"},
       {"--simulator", "'ghdl'", "verilator or icarus"}},
      {{"cost", "mul", "--a", "int4", "--b", "int4", "--tool-minutes", "0"},
       {"--tool-minutes", "'0'", "1..100000"}},
      {{"sweep", "slurm", "sweep.yaml", "--folder", "x", "--tool-minutes", "60"},
       {"option", "'--tool-minutes'"}},
      {{"cost", "mul", "--a", "int4", "--b", "int4", "--seeds", "101"},
       {"--seeds", "'101'", "0..100"}},
      {{"cost", "mul", "--a", "int4", "--b", "int4", "--flow", "best"},
       {"--flow", "'best'", "abc9"}},
      {{"emit", "mac", "--a", "int4", "--b", "int4", "--seeds", "3"}, {"--seeds", "'3'", "--fmax"}},
      {{"emit", "mac", "--a", "int4", "--b", "int4", "--fmax", "9", "--latency", "3"},
       {"--latency", "'3'", "--fmax"}},
      {{"emit", "mac", "--a", "int4", "--b", "int4", "--fmax", "9", "--target", "xilinx-usp"},
       {"--target", "'xilinx-usp'", "place and route"}},
      {{"emit", "fmac", "--a", "e2m1", "--b", "e2m1", "--result", "e5m2", "--fmax", "9"},
       {"--fmax", "'9'", "cannot be pipelined"}},
      {{"tune", "mul", "--a", "int4", "--b", "int4", "--optimize", "all"},
       {"--optimize", "'all'", "area, speed, balanced"}},
      {{"emit", "mac", "--a", "int4", "--b", "int4", "--optimize", "power"},
       {"--optimize", "'power'", "area, speed, balanced"}},
      {{"cost", "mul", "--a", "int4", "--b", "int4", "--arch", "generic", "--optimize", "area"},
       {"--optimize", "'area'", "one structure"}},
      {{"emit", "mac", "--a", "int4", "--b", "int4", "--strategy", "and_rows", "--optimize",
        "area"},
       {"--optimize", "'area'", "--strategy has been given"}},
      {{"demo", "--optimize", "most"}, {"--optimize", "'most'", "area, speed, balanced"}},
      {{"tune", "mul", "--suite"}, {"--suite", "'mul'", "no operator"}},
      {{"tune", "--suite", "--optimize", "speed", "-o", "x.json"},
       {"--optimize", "'speed'", "--suite"}},
      {{"tune", "--suite", "--target", "ecp5", "-o", "x.json"}, {"--target", "'ecp5'", "--suite"}},
      {{"tune", "--suite"}, {"-o", "''", "a file"}},
      {{"tune", "mul", "--a", "int4", "--b", "int4", "-o", "x.json"},
       {"-o", "'x.json'", "--suite"}},
      {{"tune", "--suite", "--tables", "sample", "-o", "x.json"},
       {"--tables", "'sample'", "mul, mul-flush, add"}},
      {{"tune", "mul", "--a", "int4", "--b", "int4", "--tables", "mul"},
       {"--tables", "'mul'", "--suite"}},
      {{"hardware", "--tables", "none"}, {"--tables", "'none'", "mul, mul-flush"}},
      {{"verify", "--latencies", "1", "mul"}, {"--latencies", "'1'", "--grid"}},
      {{"demo", "--pairs", "int4:"}, {"--b", "''", "a number format"}},
      {{"demo", "--terms", "-1"}, {"--terms", "'-1'", "1.."}},
      {{"explain", "e17m1f"}, {"format", "'e17m1f'", "1 to 16 exponent bits"}},
      {{"explain", "binary32", "--table"}, {"--table", "'", "16 bits"}},
      {{"explain"}, {"format", "''"}},
      {{"emti"}, {"command", "'emti'", "did you mean emit?"}},
      {{"help", "nothing"}, {"command", "'nothing'", "emit"}},
  };
  for (const WrongRequest& request : requests) {
    Words arguments = request.arguments;
    const fs::path output = folder("never");
    if (!arguments.empty() && (arguments[0] == "emit" || arguments[0] == "demo")) {
      arguments.insert(arguments.begin() + 1, {"-o", output.string()});
    }
    const Ending ending = run(arguments);
    SCOPED_TRACE(::testing::PrintToString(arguments));
    EXPECT_EQ(ending.exit_code, 2);
    EXPECT_THAT(ending.out, IsEmpty());
    for (const std::string& word : request.in_message) EXPECT_THAT(ending.err, HasSubstr(word));
    EXPECT_FALSE(fs::exists(output));
  }
}

/// The words of a list with commas.
Words listed(std::string text) {
  std::replace(text.begin(), text.end(), ',', ' ');
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

/// On every target: what a refusal of --dsp calls legal there is accepted.
TEST_F(CliRefusals, LegalHardMultipliersAreAccepted) {
  const auto emit = [&](Words words, const std::string& target, const std::string& dsp) {
    words.insert(words.end(), {"--target", target, "--dsp", dsp, "--json", "--force", "-o",
                               folder("out").string()});
    return run(words);
  };
  const Words product = {"emit", "mul", "--a", "int12", "--b", "int12"};
  const Words lanes = {"emit", "dot", "--a", "int4", "--b", "int4", "--lanes", "2"};
  const auto no_target = parsed(emit(product, "z80", "none").out).at("error");
  int accepted = 0;
  int refused = 0;
  for (const std::string& target : listed(no_target.at("legal"))) {
    for (const Words& request : {product, lanes}) {
      for (const char* dsp : {"one", "packed"}) {
        SCOPED_TRACE(target + " " + request[1] + " " + dsp);
        const Ending ending = emit(request, target, dsp);
        if (ending.exit_code == 0) {
          ++accepted;
          continue;
        }
        ++refused;
        const auto error = parsed(ending.out).at("error");
        EXPECT_EQ(error.at("field"), "--dsp");
        for (const std::string& legal : listed(error.at("legal"))) {
          EXPECT_EQ(emit(request, target, legal).exit_code, 0) << ending.err << legal;
        }
      }
    }
  }
  EXPECT_GT(accepted, 10);
  EXPECT_GT(refused, 10);
}

TEST_F(CliRefusals, WrongRequestsAreADocumentToo) {
  const Ending ending = run({"explain", "e4m3", "--json"});
  EXPECT_EQ(ending.exit_code, 2);
  const auto error = parsed(ending.out).at("error");
  EXPECT_EQ(error.at("field"), "format");
  EXPECT_EQ(error.at("value"), "e4m3");
  EXPECT_THAT(ending.err, HasSubstr("e4m3fn (448)"));
}

/// `command` with words that no parser can place, --json among them at every place.
std::vector<Words> unplaceable(const Words& command) {
  const std::vector<Words> tails = {
      {"--a", "int4", "--a", "int4"},  // twice
      {"--a"},                         // without its value
      {"--db", "x", "--db", "y"},
      {"--network", "n", "--network", "n"},
      {"--json=perhaps"},
      {"--json", "--json"},
      {"--nothing"},
      {"nothing", "nothing"},
      {"--help"},
      {"--version"},
  };
  std::vector<Words> lines;
  for (const Words& tail : tails) {
    Words words = command;
    words.insert(words.end(), tail.begin(), tail.end());
    for (std::size_t at = 0; at <= words.size(); at += std::max<std::size_t>(1, words.size())) {
      lines.push_back(words);
      lines.back().insert(lines.back().begin() + static_cast<std::ptrdiff_t>(at), "--json");
    }
  }
  return lines;
}

TEST_F(CliRefusals, EveryEndingIsOneDocument) {
  const Words commands[] = {{},
                            {"help"},
                            {"emit", "mac"},
                            {"explain", "e2m1"},
                            {"cost", "mul", "--target", "ecp5"},
                            {"quant", "run"},
                            {"sweep"},
                            {"sweep", "export", "csv"},
                            {"sweep", "plan", "none.yaml"},
                            {"report", "none.sqlite"},
                            {"best"}};
  int ended = 0;
  for (const Words& command : commands) {
    for (const Words& line : unplaceable(command)) {
      const Ending ending = run(line);
      SCOPED_TRACE(::testing::PrintToString(line) + ending.err);
      const auto document = nlohmann::json::parse(ending.out, nullptr, false);
      EXPECT_TRUE(document.is_object()) << ending.out;
      EXPECT_EQ(ending.exit_code == 2, document.is_object() && document.contains("error"));
      ++ended;
    }
  }
  EXPECT_GT(ended, 200);
}

TEST_F(CliRefusals, EmitNeedsAFolder) {
  const Ending ending = run({"emit", "mul", "--a", "int4", "--b", "int4"});
  EXPECT_EQ(ending.exit_code, 2);
  EXPECT_THAT(ending.err, HasSubstr("-o"));
}

TEST_F(CliRefusals, AFileInPlaceOfTheFolderIsRefused) {
  std::ofstream(folder("file")) << "mine";
  const Ending ending =
      run({"emit", "mul", "--a", "int4", "--b", "int4", "-o", (folder("file") / "rtl").string()});
  EXPECT_EQ(ending.exit_code, 2);
  EXPECT_THAT(ending.err, HasSubstr("output directory"));
  EXPECT_THAT(ending.err, HasSubstr(folder("file").string()));
  EXPECT_EQ(text_of(folder("file")), "mine");
}

TEST_F(CliRefusals, AFullDiskIsNoSuccess) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
  const std::string command =
      std::string(FEWBIT_BINARY) + " formats > /dev/full 2> " + folder("message").string();
  const int status = std::system(command.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 2);
  EXPECT_THAT(text_of(folder("message")), HasSubstr("stdout"));
}

TEST_F(CliRefusals, AMissingToolIsNamedWithItsPackage) {
  const std::vector<std::pair<std::string, std::string>> environment = {
      {"PATH", folder("empty").string()}};
  const Ending verify = run({"verify", "mul", "--a", "int4", "--b", "int4"}, environment);
  EXPECT_EQ(verify.exit_code, 2);
  EXPECT_THAT(verify.err, HasSubstr("Debian package verilator"));
  const Ending netlist =
      run({"verify", "mul", "--a", "int4", "--b", "int4", "--netlist", "ice40-hx8k"}, environment);
  EXPECT_EQ(netlist.exit_code, 2);
  EXPECT_THAT(netlist.err, HasSubstr("Debian package yosys"));
}

}  // namespace
}  // namespace fewbit
