// The command line, by its real binary: outputs, every kind of wrong request, an interrupted run.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "gen/util/files.h"
#include "tests/command_line.h"

namespace fewbit {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using Words = std::vector<std::string>;

class Cli : public ::testing::Test {
 protected:
  Ending run(const Words& arguments,
             const std::vector<std::pair<std::string, std::string>>& environment = {}) {
    return CommandLine(arguments, scratch_.path(), environment).wait();
  }
  [[nodiscard]] fs::path folder(const std::string& name) const { return scratch_.path() / name; }

  ScratchDirectory scratch_;
};

nlohmann::json parsed(const std::string& text) { return nlohmann::json::parse(text); }

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST_F(Cli, VersionIsOneLine) {
  const Ending ending = run({"--version"});
  EXPECT_EQ(ending.exit_code, 0);
  EXPECT_EQ(ending.out, "fewbit 0.1.0\n");
}

TEST_F(Cli, HelpNamesEveryCommandAndShowsExamples) {
  for (const Words& arguments : {Words{"help"}, Words{"--help"}}) {
    const Ending ending = run(arguments);
    EXPECT_EQ(ending.exit_code, 0);
    for (const char* word : {"formats", "explain", "emit", "verify", "cost", "demo", "Examples:"}) {
      EXPECT_THAT(ending.out, HasSubstr(word));
    }
  }
}

TEST_F(Cli, HelpOfACommandListsTheOperators) {
  for (const Words& arguments : {Words{"help", "emit"}, Words{"emit", "--help"}}) {
    const Ending ending = run(arguments);
    EXPECT_EQ(ending.exit_code, 0);
    for (const char* word :
         {"--acc-width",   "mul ",         "add ",         "sub ",           "acc ",
          "mac ",          "convert ",     "fma ",         "dot ",           "mxdot ",
          "mxquant ",      "requant ",     "facc ",        "fmac ",          "--scale FORMAT",
          "--lanes N",     "--shift-bits", "stochastic_a", "--random-bits",  "onnx_saturate",
          "sat_propagate", "--subnormals", "flush_inputs", "--scale-policy", "--handshake",
          "valid_ready",   "--tag-bits",   "Examples:"}) {
      EXPECT_THAT(ending.out, HasSubstr(word));
    }
  }
}

TEST_F(Cli, FormatsAreATableAndADocument) {
  EXPECT_THAT(run({"formats"}).out, HasSubstr("e4m3fnuz"));
  const Ending ending = run({"formats", "--json"});
  EXPECT_EQ(ending.exit_code, 0);
  bool found = false;
  const auto json = parsed(ending.out);
  for (const auto& row : json.at("formats")) {
    if (row.at("name") != "e4m3fn") continue;
    found = true;
    EXPECT_EQ(row.at("format").at("bits"), 8);
    EXPECT_EQ(row.at("format").at("largest").at("value"), "448");
  }
  EXPECT_TRUE(found);
}

TEST_F(Cli, FormatsInMarkdownAreThoseOfTheDocument) {
  const std::string document = text_of(fs::path(FEWBIT_SOURCE_DIR) / "docs" / "formats.md");
  const std::string begin = "<!-- formats -->\n";
  const std::size_t from = document.find(begin);
  const std::size_t to = document.find("<!-- formats-end -->");
  ASSERT_LT(from, to);
  ASSERT_NE(to, std::string::npos);
  const Ending ending = run({"formats", "--markdown"});
  EXPECT_EQ(ending.exit_code, 0);
  EXPECT_THAT(ending.out, HasSubstr("| e4m3fn |"));
  EXPECT_EQ(document.substr(from + begin.size(), to - from - begin.size()), ending.out)
      << "run make formats-table";
}

TEST_F(Cli, ExplainWideFormats) {
  const auto scale = parsed(run({"explain", "binary16p1uf", "--table", "--json"}).out);
  EXPECT_EQ(scale.at("largest").at("value"), "1 x 2^32766");
  EXPECT_EQ(scale.at("exponent_bits"), 16);
  ASSERT_EQ(scale.at("codes").size(), 65536U);
  EXPECT_EQ(scale.at("codes").at(0x8000).at("value"), "1");
  EXPECT_EQ(scale.at("codes").at(0xffff).at("value"), "nan");
  EXPECT_EQ(parsed(run({"explain", "e4m3bm3f", "--json"}).out).at("bias"), -3);
  const auto sum = parsed(run({"explain", "int100_lsbm18", "--json"}).out);
  EXPECT_EQ(sum.at("lsb_exponent"), -18);
  EXPECT_EQ(sum.at("largest").at("code"), "0x7" + std::string(24, 'f'));
  EXPECT_EQ(sum.at("smallest").at("code"), "0x8" + std::string(24, '0'));
  EXPECT_EQ(sum.at("smallest").at("value"), "-1 x 2^81");
}

TEST_F(Cli, ExplainKnowsTheSpecialCodes) {
  const auto e5m2 = parsed(run({"explain", "e5m2", "--json"}).out);
  EXPECT_EQ(e5m2.at("bias"), 15);
  EXPECT_EQ(e5m2.at("largest").at("value"), "57344");
  EXPECT_EQ(e5m2.at("largest").at("code"), "0x7b");
  EXPECT_EQ(e5m2.at("infinity_codes"), nlohmann::json({"0x7c", "0xfc"}));
  EXPECT_EQ(e5m2.at("nan_codes"), parsed(R"([["0x7d", "0x7f"], ["0xfd", "0xff"]])"));
  EXPECT_EQ(e5m2.at("finite_codes"), "248");
  const auto fnuz = parsed(run({"explain", "e4m3fnuz", "--json"}).out);
  EXPECT_EQ(fnuz.at("nan_codes"), parsed(R"([["0x80", "0x80"]])"));
  EXPECT_TRUE(fnuz.at("negative_zero").is_null());
  EXPECT_EQ(fnuz.at("finite_codes"), "255");
}

TEST_F(Cli, ExplainTableListsEveryCodeOfE2m1) {
  const auto json = parsed(run({"explain", "e2m1", "--table", "--json"}).out);
  // 6 over 0.5, and a rounding error of a magnitude that eight values leave.
  EXPECT_NEAR(json.at("dynamic_range_db"), 20 * std::log10(12), 1e-9);
  EXPECT_GT(json.at("sqnr_gaussian_db"), 15);
  EXPECT_LT(json.at("sqnr_gaussian_db"), 24);
  EXPECT_TRUE(parsed(run({"explain", "binary32", "--json"}).out).at("sqnr_laplacian_db").is_null());
  Words values;
  for (const auto& row : json.at("codes")) values.push_back(row.at("value"));
  EXPECT_EQ(values, (Words{"0", "0.5", "1", "1.5", "2", "3", "4", "6", "-0", "-0.5", "-1", "-1.5",
                           "-2", "-3", "-4", "-6"}));
  EXPECT_EQ(json.at("codes").at(13).at("fields"), "1|10|1");
}

TEST_F(Cli, EmitWritesTheSameBytesEachTime) {
  const Words request = {"emit", "mac", "--a", "int4", "--b", "e4m3fn", "--json"};
  Words first = request;
  first.insert(first.end(), {"-o", folder("first").string()});
  Words second = request;
  second.insert(second.end(), {"-o", folder("second").string()});
  const Ending ending = run(first);
  ASSERT_EQ(ending.exit_code, 0) << ending.err;
  ASSERT_EQ(run(second).exit_code, 0);
  const auto json = parsed(ending.out);
  EXPECT_EQ(json.at("files").size(), files_in(folder("first")));
  EXPECT_EQ(files_in(folder("first")), files_in(folder("second")));
  for (const auto& entry : fs::directory_iterator(folder("first"))) {
    EXPECT_EQ(text_of(entry.path()), text_of(folder("second") / entry.path().filename()));
    EXPECT_THAT(text_of(entry.path()), Not(HasSubstr(scratch_.path().string())));
  }
}

TEST_F(Cli, EmitNamesTheCommandThatReproducesIt) {
  const std::vector<Words> requests = {
      {"mac", "--a", "int8", "--b", "int8", "--target", "ecp5", "--arch", "generic", "--reset",
       "sync_high"},
      {"convert", "--a", "bfloat16", "--result", "e4m3fn", "--rounding", "stochastic_b",
       "--random-bits", "12", "--overflow", "onnx_no_saturate", "--subnormals", "flush"},
      {"fma", "--a", "e2m1", "--b", "int3", "--result", "e5m2"},
      {"dot", "--a", "e2m1", "--b", "e2m1", "--acc-width", "30", "--overflow", "saturate",
       "--handshake", "valid_ready", "--tag-bits", "3"},
      {"mxdot", "--a", "e2m1", "--b", "e2m1", "--scale", "ue4m3fn", "--result", "binary32"},
      {"mxquant", "--a", "bfloat16", "--lanes", "4", "--result", "e2m1", "--scale-policy", "ceil"},
      {"requant", "--a", "int32", "--b", "uint9", "--shift-bits", "4", "--result", "int8", "--arch",
       "generic", "--handshake", "valid", "--reset", "none"},
      {"facc", "--a", "e4m3fn", "--result", "binary16"},
      {"fmac", "--a", "e4m3fn", "--b", "e5m2", "--result", "bfloat16", "--arch", "generic"},
  };
  for (const Words& request : requests) {
    SCOPED_TRACE(::testing::PrintToString(request));
    const fs::path first = folder("first_" + request[0]);
    const fs::path second = folder("second_" + request[0]);
    Words arguments = {"emit"};
    arguments.insert(arguments.end(), request.begin(), request.end());
    arguments.insert(arguments.end(), {"--json", "-o", first.string()});
    const Ending ending = run(arguments);
    ASSERT_EQ(ending.exit_code, 0) << ending.err;
    const auto signature = parsed(ending.out).at("signature");
    EXPECT_EQ(signature.at("operator"), request[0]);
    std::string command = signature.at("command");
    ASSERT_THAT(command, StartsWith("fewbit emit " + request[0] + " "));
    Words again;
    for (std::size_t begin = 0; begin < command.size();) {
      const std::size_t end = std::min(command.find(' ', begin), command.size());
      again.push_back(command.substr(begin, end - begin));
      begin = end + 1;
    }
    again.erase(again.begin());
    again.insert(again.end(), {"-o", second.string()});
    ASSERT_EQ(run(again).exit_code, 0);
    EXPECT_EQ(files_in(first), files_in(second));
    for (const auto& entry : fs::directory_iterator(first)) {
      EXPECT_EQ(text_of(entry.path()), text_of(second / entry.path().filename()));
    }
  }
}

/// What a harness needs to know of lanes, scales, tags and random bits.
TEST_F(Cli, EmitSignsEveryPort) {
  const auto ports_of = [&](const Words& request) {
    Words arguments = {"emit"};
    arguments.insert(arguments.end(), request.begin(), request.end());
    arguments.insert(arguments.end(), {"--json", "-o", folder("signed").string()});
    const Ending ending = run(arguments);
    EXPECT_EQ(ending.exit_code, 0) << ending.err;
    const auto signature = parsed(ending.out).at("signature");
    Words ports;
    for (const auto& port : signature.at("ports")) {
      ports.push_back(port.at("name").get<std::string>() + ":" +
                      port.at("role").get<std::string>() + ":" +
                      std::to_string(port.at("width_bits").get<int>()) + ":" +
                      port.value("format", "") + ":" + std::to_string(port.value("lanes", 1)));
    }
    return ports;
  };
  EXPECT_EQ(
      ports_of({"mxdot", "--a", "e2m1", "--b", "int4", "--lanes", "8", "--result", "binary32",
                "--rounding", "stochastic_a", "--handshake", "valid_ready", "--tag-bits", "5"}),
      (Words{"clk_i:clock:1::1", "rst_ni:reset:1::1", "valid_i:valid:1::1", "ready_i:ready:1::1",
             "tag_i:tag:5::1", "a_i:operand:32:e2m1:8", "b_i:operand:32:int4:8",
             "scale_a_i:operand:8:e8m0:1", "scale_b_i:operand:8:e8m0:1",
             "random_i:operand:8:uint8:1", "ready_o:ready:1::1", "valid_o:valid:1::1",
             "result_o:result:32:binary32:1", "tag_o:tag:5::1"}));
  EXPECT_EQ(
      ports_of({"mxquant", "--a", "bfloat16", "--lanes", "3", "--result", "e3m2"}),
      (Words{"a_i:operand:48:bfloat16:3", "result_o:result:18:e3m2:3", "scale_o:scale:8:e8m0:1"}));
  EXPECT_EQ(ports_of({"requant", "--a", "int20", "--b", "uint6", "--result", "int4"}),
            (Words{"a_i:operand:20:int20:1", "b_i:operand:6:uint6:1", "shift_i:operand:5:uint5:1",
                   "result_o:result:4:int4:1"}));
}

struct WrongRequest {
  Words arguments;
  Words in_message;  // field, value, what is legal
};

/// Exit code 2, a message with field, value and legal range, no result and nothing written.
TEST_F(Cli, WrongRequestsAreNamedAndWriteNothing) {
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
      {{"emit", "div", "--a", "int4", "--b", "int4"}, {"operator", "'div'", "mul, add, sub"}},
      {{"emit", "mul", "--a", "int4", "--b", "int4", "--arch", "fast"},
       {"--arch", "'fast'", "generic, optimized"}},
      {{"emit", "mul", "--a", "int4", "--b", "int4", "--target", "z80"},
       {"--target", "'z80'", "ice40-hx8k"}},
      {{"emit", "mac", "--a", "int4", "--b", "int4", "--latency", "1"},
       {"--latency", "'1'", "2 to 64"}},
      {{"emit", "mul", "--a", "int4", "--b", "int4", "--latency", "2", "--arch", "generic"},
       {"--latency", "'2'", "not pipelined"}},
      {{"emit", "mac", "--a", "int4", "--b", "int4", "--strategy", "code_sum"},
       {"--strategy", "'code_sum'", "auto, exact_first"}},
      {{"emit", "mac", "--a", "int8", "--b", "int8", "--dsp", "one"},
       {"--dsp", "'one'", "ice40-hx8k has no hard multipliers", "ice40-up5k"}},
      {{"emit", "mac", "--a", "int8", "--b", "int8", "--dsp", "many"},
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
      {{"verify", "--grid", "2..9"}, {"--grid", "'2..9'", "3..8"}},
      {{"verify", "mul", "--grid", "3..4"}, {"OP", "'mul'", "--ops"}},
      {{"verify", "--grid", "3", "--ops", "mac,pow"}, {"operator", "'pow'", "mul, add"}},
      {{"verify", "mul", "--a", "int4", "--b", "int4", "--jobs", "0"}, {"--jobs", "'0'", "1..256"}},
      {{"verify", "mul", "--a", "int4", "--b", "int4", "--netlist", "z80"},
       {"--target", "'z80'", "ice40-hx8k"}},
      {{"verify", "mul", "--a", "int4", "--b", "int4", "--seed", "x"}, {"--seed", "'x'", "0.."}},
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
      {{}, {"command", "''", "emit"}},
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

TEST_F(Cli, WrongRequestsAreADocumentToo) {
  const Ending ending = run({"explain", "e4m3", "--json"});
  EXPECT_EQ(ending.exit_code, 2);
  const auto error = parsed(ending.out).at("error");
  EXPECT_EQ(error.at("field"), "format");
  EXPECT_EQ(error.at("value"), "e4m3");
  EXPECT_THAT(ending.err, HasSubstr("e4m3fn (448)"));
}

TEST_F(Cli, EmitNeedsAFolder) {
  const Ending ending = run({"emit", "mul", "--a", "int4", "--b", "int4"});
  EXPECT_EQ(ending.exit_code, 2);
  EXPECT_THAT(ending.err, HasSubstr("-o"));
}

TEST_F(Cli, AFileInPlaceOfTheFolderIsRefused) {
  std::ofstream(folder("file")) << "mine";
  const Ending ending =
      run({"emit", "mul", "--a", "int4", "--b", "int4", "-o", (folder("file") / "rtl").string()});
  EXPECT_EQ(ending.exit_code, 2);
  EXPECT_THAT(ending.err, HasSubstr("output directory"));
  EXPECT_THAT(ending.err, HasSubstr(folder("file").string()));
  EXPECT_EQ(text_of(folder("file")), "mine");
}

TEST_F(Cli, AFullDiskIsNoSuccess) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
  const std::string command =
      std::string(FEWBIT_BINARY) + " formats > /dev/full 2> " + folder("message").string();
  const int status = std::system(command.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 2);
  EXPECT_THAT(text_of(folder("message")), HasSubstr("stdout"));
}

TEST_F(Cli, AMissingToolIsNamedWithItsPackage) {
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

TEST_F(Cli, VerifyComparesTheDefaultAndAnOverriddenAccumulator) {
  const Ending ending =
      run({"verify", "mac", "--a", "int3", "--b", "e2m1", "--terms", "100", "--json"});
  ASSERT_EQ(ending.exit_code, 0) << ending.err;
  const auto json = parsed(ending.out);
  EXPECT_TRUE(json.at("passed"));
  ASSERT_EQ(json.at("reports").size(), 2u);
  for (const auto& report : json.at("reports")) {
    EXPECT_TRUE(report.at("exhaustive"));
    EXPECT_GE(report.at("vectors"), 128);  // 2^(3 + 4) pairs
  }
}

TEST_F(Cli, VerifyKnowsEveryOperatorAndOption) {
  struct Verified {
    Words request;
    std::uint64_t combinations;
  };
  const std::vector<Verified> cases = {
      {{"convert", "--a", "e4m3fn", "--result", "e2m1", "--rounding", "stochastic_a",
        "--random-bits", "4"},
       1U << 12},
      {{"fma", "--a", "int3", "--b", "e2m1", "--result", "e3m2"}, 1U << 13},
      {{"dot", "--a", "int2", "--b", "int3", "--lanes", "3", "--handshake", "valid_ready",
        "--tag-bits", "4"},
       1U << 15},
      {{"mxquant", "--a", "e3m2", "--lanes", "2", "--result", "e2m1", "--arch", "generic"},
       1U << 12},
      {{"requant", "--a", "int12", "--result", "int4"}, 1U << 17},
      {{"fmac", "--a", "e2m1", "--b", "int3", "--result", "e3m2", "--subnormals", "flush"},
       1U << 7},
  };
  for (const Verified& expected : cases) {
    Words arguments = {"verify"};
    arguments.insert(arguments.end(), expected.request.begin(), expected.request.end());
    arguments.push_back("--json");
    const Ending ending = run(arguments);
    SCOPED_TRACE(::testing::PrintToString(arguments));
    ASSERT_EQ(ending.exit_code, 0) << ending.err;
    const auto json = parsed(ending.out);
    EXPECT_TRUE(json.at("passed"));
    ASSERT_EQ(json.at("reports").size(), 1u);
    const auto& report = json.at("reports").at(0);
    EXPECT_TRUE(report.at("exhaustive"));
    EXPECT_EQ(report.at("operands_applied"), expected.combinations);
    EXPECT_GE(report.at("vectors"), expected.combinations);
    EXPECT_EQ(report.at("mismatch_count"), 0);
  }
}

TEST_F(Cli, VerifyGridCoversEveryPairOfTheSmallestFormats) {
  const Ending ending = run({"verify", "--grid", "3", "--ops", "mul,acc", "--json"});
  ASSERT_EQ(ending.exit_code, 0) << ending.err;
  // 3 formats of 3 bits (int3, e1m1, e2m0): 9 pairs of mul, exact and rounded, and 3 of acc, in two
  // architectures.
  EXPECT_EQ(parsed(ending.out).at("reports").size(), 2u * (2 * 9 + 3));
}

TEST_F(Cli, CostReportsOnlyWhatIsVerified) {
  const Ending ending =
      run({"cost", "mul", "--a", "e2m1", "--b", "e2m1", "--target", "xilinx-usp", "--json"});
  ASSERT_EQ(ending.exit_code, 0) << ending.err;
  const auto json = parsed(ending.out);
  EXPECT_EQ(json.at("target"), "xilinx-usp");
  EXPECT_GT(json.at("luts"), 0);
  EXPECT_TRUE(json.at("verified").at("exhaustive"));
  EXPECT_GE(json.at("verified").at("rtl_vectors"), 256);
  EXPECT_GE(json.at("verified").at("netlist_vectors"), 256);
  for (const char* tool : {"fewbit", "verilator", "yosys"}) {
    EXPECT_TRUE(json.at("tools").contains(tool)) << tool;
  }
}

/// A synthesis that gets every output bit wrong, of several copies those of the second alone: the
/// real one, its netlist changed afterwards.
TEST_F(Cli, ANetlistThatDiffersIsShownEndsWith1AndHasNoCost) {
  fs::create_directory(folder("bin"));
  std::ofstream(folder("bin") / "yosys")
      << "#!/bin/sh\nPATH=${PATH#*:} yosys \"$@\" || exit $?\n"
         "wrong() { sed -i 's/assign result_o = {/assign result_o = ~{/' $1; }\n"
         "if [ -f netlist_1.v ]; then wrong netlist_1.v\n"
         "elif [ -f netlist_0.v ]; then wrong netlist_0.v; fi\n";
  fs::permissions(folder("bin") / "yosys", fs::perms::owner_all);
  const std::vector<std::pair<std::string, std::string>> environment = {
      {"PATH", folder("bin").string() + ":" + std::getenv("PATH")}};
  const std::vector<std::string> request = {"mul", "--a", "int3", "--b", "int3"};
  const auto ending_of = [&](const std::string& command, const std::vector<std::string>& more) {
    std::vector<std::string> words = {command};
    words.insert(words.end(), request.begin(), request.end());
    words.insert(words.end(), more.begin(), more.end());
    return CommandLine(words, scratch_.path(), environment).wait();
  };
  const Ending verify = ending_of("verify", {"--netlist", "ecp5"});
  EXPECT_EQ(verify.exit_code, 1) << verify.err;
  EXPECT_THAT(verify.out, HasSubstr("PASS mul int3 x int3 optimized:"));
  EXPECT_THAT(verify.out, HasSubstr("expected"));
  EXPECT_THAT(verify.out, HasSubstr("1 of 2 designs equal"));

  for (const char* copies : {"1", "2"}) {
    const Ending cost = ending_of("cost", {"--target", "ecp5", "--copies", copies, "--json"});
    EXPECT_EQ(cost.exit_code, 1) << cost.err;
    const auto json = parsed(cost.out);
    EXPECT_FALSE(json.at("verified").at("passed"));
    EXPECT_FALSE(json.contains("luts"));
  }
}

TEST_F(Cli, DemoWritesTheTableAndTheDesigns) {
  const Ending ending = run(
      {"demo", "--pairs", "int3:e2m1", "--targets", "xilinx-usp", "-o", folder("demo").string()});
  ASSERT_EQ(ending.exit_code, 0) << ending.err;
  EXPECT_THAT(ending.out, HasSubstr("int3 x e2m1"));
  EXPECT_THAT(text_of(folder("demo") / "demo.md"), HasSubstr("| int3 x e2m1 |"));
  EXPECT_THAT(ending.err, HasSubstr("2/2"));
  for (const char* name :
       {"fewbit_mac_int3_e2m1_t4608.sv", "fewbit_mac_int3_e2m1_t4608_generic.sv"}) {
    EXPECT_TRUE(fs::exists(folder("demo") / "xilinx-usp" / name)) << name;
  }
}

TEST_F(Cli, AnInterruptEndsWith130AndLeavesNothing) {
  fs::create_directory(folder("tmp"));
  const CommandLine child(
      {"verify", "mac", "--a", "e4m3fn", "--b", "e5m2", "--terms", "77"}, scratch_.path(),
      {{"TMPDIR", folder("tmp").string()}, {"FEWBIT_CACHE", folder("cache").string()}});
  ASSERT_TRUE(child.wait_until([&] { return files_in(folder("tmp")) > 0; }));
  child.interrupt();
  const Ending ending = child.wait();
  EXPECT_EQ(ending.exit_code, 130);
  EXPECT_THAT(ending.out, IsEmpty());
  EXPECT_THAT(ending.err, HasSubstr("interrupted"));
  EXPECT_EQ(files_in(folder("tmp")), 0u);
}

TEST_F(Cli, AnInterruptedRuntimeBuildLeavesNoPartOfIt) {
  for (const char* name : {"tmp", "cache"}) fs::create_directory(folder(name));
  const CommandLine child(
      {"verify", "mul", "--a", "int3", "--b", "int3"}, scratch_.path(),
      {{"TMPDIR", folder("tmp").string()}, {"FEWBIT_CACHE", folder("cache").string()}});
  ASSERT_TRUE(child.wait_until([&] { return files_in(folder("cache")) > 0; }));
  child.interrupt();
  EXPECT_EQ(child.wait().exit_code, 130);
  EXPECT_EQ(files_in(folder("tmp")), 0u);
  EXPECT_EQ(files_in(folder("cache")), 0u);
}

TEST_F(Cli, AnInterruptedDemoLeavesNoTable) {
  fs::create_directory(folder("tmp"));
  const CommandLine child(
      {"demo", "--pairs", "int3", "--targets", "xilinx-usp", "-o", folder("demo").string()},
      scratch_.path(), {{"TMPDIR", folder("tmp").string()}});
  ASSERT_TRUE(child.wait_until([&] { return files_in(folder("tmp")) > 0; }));
  child.interrupt();
  const Ending ending = child.wait();
  EXPECT_EQ(ending.exit_code, 130);
  EXPECT_EQ(files_in(folder("tmp")), 0u);
  EXPECT_FALSE(fs::exists(folder("demo") / "demo.md"));
}

}  // namespace
}  // namespace fewbit
