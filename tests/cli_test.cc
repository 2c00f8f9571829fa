// The command line, by its real binary: outputs, an interrupted run.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "fewbit/tests/cli_fixture.h"

namespace fewbit {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(Cli, VersionIsOneLine) {
  const Ending ending = run({"--version"});
  EXPECT_EQ(ending.exit_code, 0);
  std::string release = text_of(fs::path(FEWBIT_SOURCE_DIR) / "VERSION");
  release.pop_back();  // the end of the line
  EXPECT_THAT(ending.out, ::testing::MatchesRegex("fewbit " + release + "(-[0-9a-z-]+)?\n"));
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
         {"--acc-width",    "mul ",          "add ",         "sub ",         "acc ",
          "mac ",           "convert ",      "fma ",         "dot ",         "mxdot ",
          "mxquant ",       "squant ",       "requant ",     "facc ",        "fmac ",
          "--scale FORMAT", "--lanes N",     "--shift-bits", "stochastic_a", "--random-bits",
          "onnx_saturate",  "sat_propagate", "--subnormals", "flush_inputs", "--scale-policy",
          "--handshake",    "valid_ready",   "--tag-bits",   "--model",      "--testbench",
          "Examples:"}) {
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

TEST_F(Cli, EmitReplacesNoModuleOfAnotherRequestInSilence) {
  const auto emit = [&](const Words& more) {
    Words words = {"emit",   "mul",      "--a",    "e4m3fn", "--b",
                   "e4m3fn", "--result", "e4m3fn", "-o",     folder("rtl").string()};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  };
  ASSERT_EQ(emit({}).exit_code, 0);
  std::map<fs::path, std::string> texts;
  fs::path module;
  for (const auto& entry : fs::directory_iterator(folder("rtl"))) {
    texts[entry.path()] = text_of(entry.path());
    if (entry.path().extension() == ".sv") module = entry.path();
  }
  const auto is_as_before = [&] {
    return std::all_of(texts.begin(), texts.end(),
                       [](const auto& file) { return text_of(file.first) == file.second; });
  };
  // Other cells make another module, which has a name of its own.
  EXPECT_EQ(emit({"--target", "xilinx-usp"}).exit_code, 0);
  EXPECT_TRUE(is_as_before());
  EXPECT_EQ(files_in(folder("rtl")), 6U);
  // The signature says whose module it is.
  const fs::path signature = fs::path(module).replace_extension(".json");
  const std::string own = texts[signature];
  std::string other = own;
  const std::string command = "--result e4m3fn";
  ASSERT_NE(other.find(command), std::string::npos);
  other.replace(other.find(command), command.size(), "--result e5m2");
  std::ofstream(signature) << other;
  const Ending refused = emit({});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--force"));
  EXPECT_THAT(refused.err, HasSubstr("fewbit emit mul --a e4m3fn --b e4m3fn --result e5m2;"));
  EXPECT_EQ(text_of(signature), other);
  EXPECT_EQ(emit({"--force"}).exit_code, 0);
  EXPECT_TRUE(is_as_before());
  std::ofstream(module) << "// as another version wrote it";
  EXPECT_EQ(emit({}).exit_code, 0);
  EXPECT_TRUE(is_as_before());
  std::ofstream(module) << "// as nobody knows who wrote it";
  fs::remove(signature);
  EXPECT_EQ(emit({}).exit_code, 2);
  EXPECT_EQ(files_in(folder("rtl")), 5U);
}

TEST_F(Cli, EmitSaysThatItReplacesASharedCell) {
  const Words generic = {"emit", "mac",    "--a",     "int4", "--b",
                         "int4", "--arch", "generic", "-o",   folder("rtl").string()};
  EXPECT_EQ(run(generic).err, "");
  EXPECT_EQ(run(generic).err, "");
  std::ofstream(folder("rtl") / "fewbit_accumulator.sv", std::ios::app) << "// mine";
  const Ending ending = run(generic);
  EXPECT_EQ(ending.exit_code, 0);
  EXPECT_THAT(ending.err, HasSubstr("fewbit_accumulator.sv had another text"));
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

TEST_F(Cli, VerifyAsksIcarusWhereItIsNamed) {
  const Ending ending = run({"verify", "facc", "--a", "e2m1", "--result", "e3m2", "--reset", "none",
                             "--simulator", "icarus", "--json"});
  ASSERT_EQ(ending.exit_code, 0) << ending.err;
  const auto json = parsed(ending.out);
  EXPECT_TRUE(json.at("passed"));
  EXPECT_TRUE(json.at("reports").at(0).at("exhaustive"));
  EXPECT_EQ(json.at("reports").at(0).at("recoveries"), 24);
  EXPECT_THAT(json.at("tools").at("iverilog").get<std::string>(), HasSubstr("Icarus Verilog"));
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
       {"fewbit_mac_int3_e2m1_t4608_xilinx.sv", "fewbit_mac_int3_e2m1_t4608_generic.sv"}) {
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
