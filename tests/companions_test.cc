// What `fewbit emit` writes beside a design, and `fewbit verify --model`, by the real binary.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>

#include "fewbit/tests/cli_fixture.h"

namespace fewbit {
namespace {

using ::testing::IsEmpty;

TEST_F(Cli, EmitWritesModelsAndTestBenchesAndTheSignatureNamesThem) {
  const std::string name = "fewbit_mul_e4m3fn_e4m3fn_to_e4m3fn";
  const Words request = {"emit",   "mul",      "--a",    "e4m3fn", "--b",
                         "e4m3fn", "--result", "e4m3fn", "-o",     folder("rtl").string(),
                         "--json"};
  Words with_all = request;
  with_all.insert(with_all.end(), {"--model", "dpi,c", "--testbench", "sv,cocotb"});
  const Ending ending = run(with_all);
  ASSERT_EQ(ending.exit_code, 0) << ending.err;
  const auto signature = parsed(text_of(folder("rtl") / (name + ".json")));
  Words names;
  for (const char* kind : {"model_files", "testbench_files"}) {
    for (const auto& file : signature.at(kind)) {
      names.push_back(file.at("name"));
      EXPECT_EQ(file.at("sha256"), sha256(text_of(folder("rtl") / names.back()))) << names.back();
    }
  }
  EXPECT_THAT(names, ::testing::ElementsAre(name + ".h", name + "_dpi.h", name + "_dpi.c",
                                            name + "_dpi_pkg.sv", name + "_tb.sv", name + "_tb.f",
                                            name + "_tb_operands.hex", name + "_tb_results.hex",
                                            "test_" + name + ".py"));
  EXPECT_EQ(parsed(ending.out).at("signature"), signature);
  // Without them it is the same request.
  const Ending again = run(request);
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.err, IsEmpty());
  EXPECT_FALSE(parsed(again.out).at("signature").contains("model_files"));
}

/// 1 times 1.5, 448 times 2, which saturates, and a NaN, by a program of a user.
TEST_F(Cli, TheHeaderIsAllThatAProgramNeeds) {
  const std::string name = "fewbit_mul_e4m3fn_e4m3fn_to_e4m3fn";
  ASSERT_EQ(run({"emit", "mul", "--a", "e4m3fn", "--b", "e4m3fn", "--result", "e4m3fn", "--model",
                 "c", "-o", folder("rtl").string()})
                .exit_code,
            0);
  std::ofstream(folder("main.c")) << fmt::format(
      "#include \"{0}.h\"\n"
      "int main(void) {{\n"
      "  if ({0}(0x38, 0x3c).result_o != 0x3c) return 1;\n"
      "  if ({0}(0x7e, 0xc0).result_o != 0xfe) return 2;\n"
      "  if ({0}(0xab38, ~UINT64_C(0xc3)).result_o != 0x3c) return 3;  // bits beyond the codes\n"
      "  return {0}(0xff, 0x38).result_o == 0x7f ? 0 : 4;\n"
      "}}\n",
      name);
  const std::string command = fmt::format(
      "cd '{}' && gcc -std=c99 -Wall -Wextra -pedantic -Werror -Irtl main.c -o main && ./main",
      scratch_.path().string());
  EXPECT_EQ(std::system(command.c_str()), 0);
}

/// A compiler that takes one rounding for another, in what it is given to compile.
TEST_F(Cli, AModelThatDiffersIsShownAndEndsWith1) {
  fs::create_directory(folder("bin"));
  std::ofstream(folder("bin") / "gcc")
      << "#!/bin/sh\nsed -i 's/_model_ties_to_even, /_model_ties_to_away, /' fewbit_*.h\n"
         "PATH=${PATH#*:} exec gcc \"$@\"\n";
  fs::permissions(folder("bin") / "gcc", fs::perms::owner_all);
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"PATH", folder("bin").string() + ":" + std::getenv("PATH")}};
  for (const char* model : {"c", "dpi"}) {
    const Words arguments = {"verify",   "mul",  "--a",     "e3m2", "--b",   "e2m1",
                             "--result", "e2m1", "--model", model,  "--json"};
    const auto right = parsed(run(arguments).out);
    EXPECT_TRUE(right.at("passed"));
    EXPECT_EQ(right.at("reports").at(0).at("operands_applied"), 1024);
    EXPECT_TRUE(right.at("tools").contains("gcc"));
    const Ending ending = run(arguments, wrong);
    EXPECT_EQ(ending.exit_code, 1) << ending.err;
    EXPECT_GT(parsed(ending.out).at("reports").at(0).at("mismatch_count"), 0);
  }
}

}  // namespace
}  // namespace fewbit
