// Several designs in one chip: names, prefixes, lists, shared files, file lists; by the real binary
// and the tools that read what it writes.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "fewbit/tests/cli_fixture.h"

namespace fewbit {
namespace {

using ::testing::HasSubstr;

const Words kMul = {"mul", "--a", "e4m3fn", "--b", "e4m3fn", "--result", "e4m3fn"};
const Words kMac = {"mac", "--a", "e4m3fn", "--b", "int4", "--terms", "16"};
const Words kGeneric = {"--arch", "generic"};

Words joined(std::initializer_list<Words> lists) {
  Words all;
  for (const Words& words : lists) all.insert(all.end(), words.begin(), words.end());
  return all;
}

class Emission : public Cli {
 protected:
  /// The signature that `fewbit emit ... -o FOLDER` says.
  nlohmann::json emit(const Words& request, const std::string& into) {
    const Ending ending = run(joined({{"emit"}, request, {"--json", "-o", folder(into).string()}}));
    EXPECT_EQ(ending.exit_code, 0) << ending.err;
    const nlohmann::json json = parsed(ending.out);
    return json.contains("signature") ? json.at("signature") : json.value("signatures", json);
  }

  /// All designs in one run of each tool, from the folder that has the lists: nothing is said.
  void expect_together(const std::vector<nlohmann::json>& signatures, const Words& lists,
                       const fs::path& where) {
    std::ofstream(where / "chip.sv") << chip(signatures);
    Words icarus = {"iverilog", "-g2012", "-Wall", "-Wno-timescale",
                    "-s",       "chip",   "-o",    "chip.vvp"};
    Words verilator = {"verilator", "--lint-only", "-Wall", "--top-module", "chip"};
    std::string yosys = "read_verilog -sv";
    for (const std::string& list : lists) {
      icarus.insert(icarus.end(), {"-f", list});
      verilator.insert(verilator.end(), {"-f", list});
      std::istringstream names(text_of(where / list));
      for (std::string name; std::getline(names, name);) yosys += " " + name;
    }
    icarus.push_back("chip.sv");
    verilator.push_back("chip.sv");
    for (const Words& tool :
         {icarus, verilator,
          Words{"yosys", "-q", "-p", yosys + " chip.sv; hierarchy -check -top chip; proc"}}) {
      std::string command = "cd '" + where.string() + "' &&";
      for (const std::string& word : tool) command += " '" + word + "'";
      command += " > chip.log 2>&1";
      EXPECT_EQ(std::system(command.c_str()), 0) << tool[0];
      EXPECT_EQ(text_of(where / "chip.log"), "") << tool[0];
    }
  }

  /// A module with an instance of each, all of whose ports are its own.
  static std::string chip(const std::vector<nlohmann::json>& signatures) {
    std::string ports, instances;
    for (std::size_t k = 0; k < signatures.size(); ++k) {
      std::string connections;
      for (const auto& port : signatures[k].at("ports")) {
        const std::string name = port.at("name");
        const int bits = port.at("width_bits");
        ports += fmt::format("{}\n  {} [{}:0] u{}_{}", ports.empty() ? "" : ",",
                             port.at("direction") == "input" ? "input wire" : "output wire",
                             bits - 1, k, name);
        connections += fmt::format("{}.{}(u{}_{})", connections.empty() ? "" : ", ", name, k, name);
      }
      instances += fmt::format("  {} u{} ({});\n", signatures[k].at("module").get<std::string>(), k,
                               connections);
    }
    return fmt::format("module chip ({}\n);\n{}endmodule\n", ports, instances);
  }

  void expect_hashes(const nlohmann::json& signature, const fs::path& where) {
    for (const char* kind : {"files", "model_files", "testbench_files"}) {
      if (!signature.contains(kind)) continue;
      for (const auto& file : signature.at(kind)) {
        const std::string name = file.at("name");
        EXPECT_EQ(file.at("sha256"), sha256(text_of(where / name))) << name;
      }
    }
  }
};

std::vector<std::string> lines_of(const fs::path& path) {
  std::vector<std::string> lines;
  std::istringstream text(text_of(path));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

TEST_F(Emission, TheNameIsTheUsersInEveryFile) {
  const nlohmann::json signature = emit(
      joined({kMul, {"--name", "scaler", "--model", "dpi", "--testbench", "sv,cocotb"}}), "rtl");
  EXPECT_EQ(signature.at("module"), "scaler");
  EXPECT_THAT(signature.at("command"), HasSubstr(" --result e4m3fn --name scaler"));
  expect_hashes(signature, folder("rtl"));
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder("rtl"))) {
    if (!entry.is_regular_file()) continue;
    names.insert(entry.path().filename().string());
    EXPECT_FALSE(std::regex_search(text_of(entry.path()),
                                   std::regex("fewbit_(?!tb_folder)", std::regex::icase)))
        << entry.path();
  }
  EXPECT_THAT(names, ::testing::IsSupersetOf({"scaler.sv", "scaler.f", "scaler.json", "scaler.h",
                                              "scaler_dpi.c", "scaler_dpi_pkg.sv", "scaler_tb.sv",
                                              "scaler_tb_operands.hex", "test_scaler.py"}));
  // The command makes the same again.
  std::istringstream words(signature.at("command").get<std::string>());
  Words again(std::istream_iterator<std::string>(words), {});
  again.erase(again.begin(), again.begin() + 2);
  EXPECT_EQ(emit(again, "again").at("files"), signature.at("files"));
  for (const char* tool : {"iverilog -g2012 -s scaler_tb -o tb.vvp -f scaler_tb.f && vvp -n tb.vvp",
                           "gcc -fsyntax-only -Wall -Wextra -Werror -std=c99 -x c scaler.h"}) {
    const std::string command = fmt::format("cd '{}' && {} > log", folder("rtl").string(), tool);
    EXPECT_EQ(std::system(command.c_str()), 0) << tool << text_of(folder("rtl") / "log");
  }
}

/// Two releases: the shared files of one name have two texts.
TEST_F(Emission, APrefixKeepsTwoReleasesApart) {
  std::vector<nlohmann::json> signatures;
  for (const Words& request : {joined({kMul, kGeneric}), joined({kMac, kGeneric}), kMul}) {
    signatures.push_back(emit(request, "old"));
    signatures.push_back(emit(joined({request, {"--prefix", "npu_"}}), "new"));
    EXPECT_EQ(signatures.back().at("module"),
              "npu_" + signatures[signatures.size() - 2].at("module").get<std::string>());
    expect_hashes(signatures.back(), folder("new"));
  }
  const std::regex unprefixed("(^|[^A-Za-z0-9_])(fewbit_|FEWBIT_)");
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder("new"))) {
    if (!entry.is_regular_file()) continue;
    ++files;
    EXPECT_FALSE(std::regex_search(text_of(entry.path()), unprefixed)) << entry.path();
    EXPECT_TRUE(entry.path().filename().string().starts_with("npu_")) << entry.path();
  }
  EXPECT_GT(files, 9U);
  EXPECT_THAT(text_of(folder("new") / "npu_fewbit_round.sv"), HasSubstr("`NPU_FEWBIT_STOP("));
  // In the other release a parameter of a shared module has another name.
  std::string other = text_of(folder("old") / "fewbit_decode.sv");
  other = std::regex_replace(other, std::regex("SigWidth"), "SignificandBits");
  std::ofstream(folder("old") / "fewbit_decode.sv") << other;
  for (const auto& entry : fs::directory_iterator(folder("old"))) {
    if (entry.path().extension() != ".sv") continue;
    const std::string text = text_of(entry.path());
    std::ofstream(entry.path()) << std::regex_replace(text, std::regex("\\.SigWidth"),
                                                      ".SignificandBits");
  }
  std::set<std::string> sources;  // in the order of the lists: shared files first
  std::ofstream list(folder("all.f"));
  for (const nlohmann::json& signature : signatures) {
    const std::string from =
        signature.at("module").get<std::string>().starts_with("npu_") ? "new" : "old";
    for (const auto& file : signature.at("files")) {
      const std::string path = from + "/" + file.at("name").get<std::string>();
      if (sources.insert(path).second) list << path << "\n";
    }
  }
  list.close();
  expect_together(signatures, {"all.f"}, folder("."));
}

TEST_F(Emission, AListIsOneFolderWithEachFileOnce) {
  std::ofstream(folder("designs.yaml"))
      << "- operators: [mul, add]\n  a: [e4m3fn, e5m2]\n  b: same\n"
         "  result: e4m3fn\n  arch: [optimized, generic]\n"
         "- operators: mac\n  a: int4\n  b: int4\n  terms: 16\n"
         "  targets: [ice40-hx8k, ecp5]\n  arch: generic\n";
  const nlohmann::json signatures =
      emit({"--list", folder("designs.yaml").string(), "--name", "chip_parts"}, "rtl");
  // Two operators, two formats, two architectures; the generic mac is one for all targets.
  ASSERT_EQ(signatures.size(), 9U);
  std::set<std::string> needed;
  std::vector<nlohmann::json> all;
  for (const nlohmann::json& signature : signatures) {
    all.push_back(signature);
    for (const auto& file : signature.at("files")) needed.insert(file.at("name"));
    const std::string name = signature.at("module");
    EXPECT_EQ(parsed(text_of(folder("rtl") / (name + ".json"))), signature);
    expect_hashes(signature, folder("rtl"));
    EXPECT_TRUE(fs::exists(folder("rtl") / (name + ".f")));
  }
  const std::vector<std::string> list = lines_of(folder("rtl") / "chip_parts.f");
  EXPECT_THAT(list, ::testing::UnorderedElementsAreArray(needed));
  expect_together(all, {"chip_parts.f"}, folder("rtl"));
  // JSON is a kind of YAML.
  std::ofstream(folder("designs.json")) << R"([{"operators": "mul", "a": "int4", "b": "int4"}])";
  EXPECT_EQ(emit({"--list", folder("designs.json").string()}, "json").size(), 1U);
  EXPECT_TRUE(fs::exists(folder("json") / "fewbit_designs.f"));
}

TEST_F(Emission, SharedFilesCanBeLeftToAnother) {
  const nlohmann::json first = emit(joined({kMul, kGeneric}), "rtl");
  const nlohmann::json second = emit(
      joined({{"mul", "--a", "e5m2", "--b", "e4m3fn", "--result", "e5m2", "--no-cells"}, kGeneric}),
      "rtl");
  const std::string name = second.at("module");
  EXPECT_EQ(lines_of(folder("rtl") / (name + ".f")), std::vector<std::string>{name + ".sv"});
  Words cells, shared;
  for (const auto& cell : second.at("cells")) cells.push_back(cell.dump());
  for (const auto& file : first.at("files")) {
    if (file.at("name") != first.at("module").get<std::string>() + ".sv")
      shared.push_back(file.dump());
  }
  EXPECT_EQ(cells, shared);
  expect_together({first, second}, {first.at("module").get<std::string>() + ".f", name + ".f"},
                  folder("rtl"));
}

TEST_F(Emission, AbsoluteListsWorkFromAnyFolder) {
  const nlohmann::json signature =
      emit(joined({kMul, kGeneric, {"--absolute", "--testbench", "sv"}}), "deep/rtl");
  expect_hashes(signature, folder("deep/rtl"));
  fs::create_directory(folder("elsewhere"));
  const std::string list =
      (folder("deep/rtl") / signature.at("module").get<std::string>()).string();
  const std::string command = fmt::format(
      "cd '{0}' && iverilog -g2012 -s {1}_tb -o tb.vvp "
      "-DFEWBIT_TB_FOLDER='\"../deep/rtl\"' -f {2}_tb.f && vvp -n tb.vvp | grep -q '^PASS' && "
      "verilator --lint-only -Wall --top-module {1} -f {2}.f",
      folder("elsewhere").string(), signature.at("module").get<std::string>(), list);
  EXPECT_EQ(std::system(command.c_str()), 0);
}

TEST_F(Emission, WhatCannotBeServedIsSaidAndWritesNothing) {
  std::ofstream(folder("list.yaml")) << "operators: mul\na: int4\nb: int4\n";
  std::ofstream(folder("wrong.yaml"))
      << "operators: mul\na: int4\nb: int4\nlanes: 0\ncolour: red\n";
  const std::string list = folder("list.yaml").string();
  const std::vector<std::pair<Words, Words>> cases = {
      {joined({kMul, {"--name", "8bit"}}), {"--name", "'8bit'", "a letter"}},
      {joined({kMul, {"--name", "module"}}), {"--name", "'module'", "SystemVerilog"}},
      {joined({kMul, {"--name", "double"}}), {"--name", "'double'", "C"}},
      {joined({kMul, {"--name", "fewbit_round"}}), {"--name", "'fewbit_round'"}},
      {joined({kMul, {"--prefix", "a-"}}), {"--prefix", "'a-'"}},
      {joined({kMul, {"--prefix", "_a"}}), {"--prefix", "'_a'"}},
      {joined({kMul, {"--with", "core,vhdl"}}), {"--with", "'vhdl'", "core, edam, tcl"}},
      {joined({kMul, {"--no-cells", "--testbench", "sv"}}), {"--testbench", "--no-cells"}},
      {joined({kMul, {"--no-cells", "--with", "tcl"}}), {"--with", "--no-cells"}},
      {joined({{"mul"}, {"--list", list}}), {"OP", "'mul'", "--list"}},
      {{"--list", list, "--a", "int4"}, {"--a", "'int4'", "--list"}},
      {{"--list", list, "--fmax", "100"}, {"--fmax", "--list"}},
      {{"--list", list, "--name", "fewbit_mul_int4_int4"}, {"--name", "fewbit_mul_int4_int4"}},
      {{"--list", folder("none.yaml").string()}, {"none.yaml"}},
      {{"--list", folder("wrong.yaml").string()}, {"wrong.yaml line 5", "'colour'"}},
  };
  for (const auto& [words, expected] : cases) {
    const Ending ending = run(joined({{"emit"}, words, {"-o", folder("none").string()}}));
    EXPECT_EQ(ending.exit_code, 2) << ::testing::PrintToString(words) << ending.out;
    for (const std::string& text : expected) EXPECT_THAT(ending.err, HasSubstr(text));
    EXPECT_FALSE(fs::exists(folder("none")));
  }
  const Ending odd = run(joined({{"emit"}, kMul, {"--absolute", "-o", folder("a b").string()}}));
  EXPECT_EQ(odd.exit_code, 2);
  EXPECT_THAT(odd.err, HasSubstr("--absolute"));
}

}  // namespace
}  // namespace fewbit
