// Blocks and AXI4-Stream on the command line: files, refusals, help, and the document of blocks.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <utility>

#include "fewbit/gen/spec/block_spec.h"
#include "fewbit/tests/cli_fixture.h"

namespace fewbit {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class BlocksCli : public Cli {
 protected:
  [[nodiscard]] std::string file(const std::string& name, const std::string& text) const {
    const fs::path path = folder(name);
    EXPECT_TRUE(write_file(path, text).ok());
    return path.string();
  }
};

TEST_F(BlocksCli, EmitWritesABlockAndTheCommandThatMakesItAgain) {
  const Words words = {"emit", "fifo", "--data-bits", "8", "--depth", "5", "--reset", "sync_low"};
  Words first = words;
  for (const std::string& word : {std::string("-o"), folder("first").string()}) {
    first.push_back(word);
  }
  ASSERT_EQ(run(first).exit_code, 0);
  const std::string name = "fewbit_fifo_w8_d5_sync_low";
  const std::string text = text_of(folder("first") / (name + ".sv"));
  EXPECT_THAT(text, HasSubstr("in_ready_o"));
  EXPECT_THAT(text, HasSubstr("fewbit emit fifo --data-bits 8 --depth 5 --reset sync_low"));
  const auto signature = parsed(text_of(folder("first") / (name + ".json")));
  EXPECT_EQ(signature.at("command"), "fewbit emit fifo --data-bits 8 --depth 5 --reset sync_low");
}

TEST_F(BlocksCli, EmitWritesAnOperatorWithAxiStream) {
  const Ending ending = run({"emit", "mac", "--a", "int8", "--b", "int4", "--axi-stream", "-o",
                             folder("axis").string(), "--json"});
  ASSERT_EQ(ending.exit_code, 0) << ending.err;
  const auto signature = parsed(ending.out).at("signature");
  EXPECT_EQ(signature.at("handshake"), "axi_stream");
  EXPECT_EQ(signature.at("command"), "fewbit emit mac --a int8 --b int4 --terms 1024 --axi-stream");
  const std::string module = signature.at("module");
  EXPECT_THAT(text_of(folder("axis") / (module + ".sv")),
              HasSubstr("s_axis_tdata = a_i [7:0], b_i [11:8]"));
}

const Words kMatvec = {"matvec", "--weights-format", "int4", "--activations-format",
                       "uint4",  "--outputs",        "2",    "--terms",
                       "3",      "--rows",           "2",    "--lanes",
                       "2"};

Words with(const std::string& command, const Words& block, const Words& more) {
  Words words = {command};
  words.insert(words.end(), block.begin(), block.end());
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// Rows 1 2 3 and -1 0 7: words of two beats, row 0 lowest, lane 0 lowest.
TEST_F(BlocksCli, ContentsOfALayerComeFromAFile) {
  const std::string weights = file("weights.txt", "1, 2, 3  # row 0\n-1 0x0 7\n");
  const Ending ending = run(
      with("emit", kMatvec,
           {"--weights", weights, "--target", "ecp5", "-o", folder("layer").string(), "--json"}));
  ASSERT_EQ(ending.exit_code, 0) << ending.err;
  const auto document = parsed(ending.out);
  EXPECT_EQ(document.at("contents").at("--weights"), weights);
  const auto signature = document.at("signature");
  EXPECT_EQ(signature.at("fabric"), "ecp5");
  EXPECT_THAT(signature.at("command").get<std::string>(), HasSubstr("--target ecp5"));
  const std::string module = signature.at("module");
  EXPECT_EQ(text_of(folder("layer") / (module + "_weights.hex")), "0f21\n0703\n");
  // Other weights make another memory, and are not put over the first one in silence.
  const Ending other =
      run(with("emit", kMatvec, {"--target", "ecp5", "-o", folder("layer").string()}));
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("--force"));
  EXPECT_EQ(text_of(folder("layer") / (module + "_weights.hex")), "0f21\n0703\n");
}

TEST_F(BlocksCli, RandomContentsAreSaid) {
  const Ending ending = run(with("emit", kMatvec, {"-o", folder("random").string()}));
  ASSERT_EQ(ending.exit_code, 0) << ending.err;
  EXPECT_THAT(ending.out, HasSubstr("contents of --weights: random, seed 1"));
  const Ending verified = run(with("verify", kMatvec, {"--json"}));
  ASSERT_EQ(verified.exit_code, 0) << verified.err;
  const auto document = parsed(verified.out);
  EXPECT_EQ(document.at("contents").at("--weights"), "random, seed 1");
  EXPECT_TRUE(document.at("passed"));
}

TEST_F(BlocksCli, WrongContentsWriteNothing) {
  const std::string text = file("words.txt", "1 2 3\n4 five 6\n");
  const std::string few = file("few.txt", "1 2 3 4 5\n");
  const std::string large = file("large.txt", "1 2 3 4 5 16\n");
  for (const auto& [path, message] :
       {std::pair{text, "line 2: 'five'"}, std::pair{few, "6 integers, of shape [2, 3]"},
        std::pair{large, "number 5: '16'"}, std::pair{folder("absent").string(), "--weights"}}) {
    const Ending ending =
        run(with("emit", kMatvec, {"--weights", path, "-o", folder("refused").string()}));
    EXPECT_EQ(ending.exit_code, 2);
    EXPECT_THAT(ending.out, IsEmpty());
    EXPECT_THAT(ending.err, HasSubstr(message));
    EXPECT_FALSE(fs::exists(folder("refused")));
  }
}

TEST_F(BlocksCli, OptionsOfEveryCommandAreForBlocksToo) {
  const Ending ending = run({"emit", "skid", "--data-bits", "8", "--quiet", "--json",
                             "--tool-minutes", "9", "-o", folder("quiet").string()});
  ASSERT_EQ(ending.exit_code, 0) << ending.err;
  EXPECT_EQ(parsed(ending.out).at("signature").at("command"), "fewbit emit skid --data-bits 8");
}

TEST_F(BlocksCli, WrongRequestsAreNamedAndWriteNothing) {
  struct Wrong {
    Words arguments;
    Words in_message;
  };
  const std::vector<Wrong> requests = {
      {{"emit", "fifo", "--data-bits", "8"}, {"--depth", "''", "2 to 65536"}},
      {{"emit", "fifo", "--data-bits", "0", "--depth", "8"}, {"--data-bits", "'0'", "1 to 4096"}},
      {{"emit", "fifo", "--data-bits", "8", "--depth", "3", "--storage", "block"},
       {"--depth", "'3'", "4 to 65536 with a memory"}},
      {{"emit", "fifo", "--data-bits", "8", "--depth", "99", "--storage", "registers"},
       {"--depth", "'99'", "2 to 64"}},
      {{"emit", "fifo", "--data-bits", "8", "--depth", "4", "--output-register", "yes"},
       {"--output-register", "'yes'", "no with --storage registers"}},
      {{"emit", "skid", "--data-bits", "8", "--depth", "8"},
       {"--depth", "'8'", "no --depth for the block skid"}},
      {{"emit", "skid", "--data-bits", "8", "--a", "int4"}, {"--a", "'int4'", "no --a"}},
      {{"emit", "skid", "--data-bits", "8", "--target", "ecp5"}, {"--target", "'ecp5'"}},
      {{"emit", "skid", "--data-bits", "8", "--reset", "none"},
       {"--reset", "'none'", "async_low, sync_high, sync_low"}},
      {{"emit", "skid", "--data-bits", "8", "--last", "maybe"}, {"--last", "'maybe'", "no, yes"}},
      {{"emit", "repack", "--value-bits", "8", "--in-values", "2", "--out-values", "3",
        "--last-values", "1"},
       {"--last-values", "'1'", "no --last-values without --last"}},
      {{"emit", "repack", "--value-bits", "8", "--in-values", "2", "--out-values", "3", "--last",
        "yes", "--last-values", "3"},
       {"--last-values", "'3'", "1 to 2"}},
      {{"emit", "replay", "--data-bits", "8", "--beats", "9", "--times", "2", "--depth", "8"},
       {"--depth", "'8'", "9 to 32768"}},
      {{"emit", "replay", "--data-bits", "8", "--beats", "16384", "--times", "65"},
       {"--times", "'65'", "1 to 64"}},
      {{"emit", "mul", "--a", "int4", "--b", "int4", "--depth", "4"},
       {"--depth", "'4'", "no --depth for mul"}},
      {{"verify", "skid", "--data-bits", "8", "--simulator", "icarus"},
       {"--simulator", "'icarus'", "no --simulator"}},
      {{"prove", "argmax", "--format", "int8", "--classes", "9"},
       {"block", "'argmax'", "skid", "what takes argmax: emit, verify, cost"}},
      {{"emit", "argmax", "--format", "int8", "--classes", "9", "--reset", "sync_low"},
       {"--reset", "'sync_low'", "no --reset for the block argmax"}},
      {{"emit", "join", "--format", "int8", "--target", "ice40-hx8k", "--left-multiplier", "9",
        "--dsp", "one"},
       {"--dsp", "'one'", "ice40-up5k"}},
      {{"emit", "matvec", "--weights-format", "int4"}, {"--activations-format", "matvec needs it"}},
      {{"prove", "mac", "--a", "int4", "--b", "int4", "--axi-stream", "--reset", "none"},
       {"--reset", "'none'", "with --axi-stream"}},
      {{"cost", "mac", "--a", "int4", "--b", "int4", "--axi-stream", "--handshake", "none"},
       {"--handshake", "'none'", "valid, valid_ready"}},
      {{"cost", "skid", "--data-bits", "8", "--axi-stream"}, {"--axi-stream", "no --axi-stream"}},
      {{"emit", "fif", "--data-bits", "8"}, {"operator", "'fif'", "mul, ", "did you mean fifo"}},
      {{"mutate", "skid"}, {"OP", "'skid'", "emit, verify, prove and cost"}},
      {{"cost", "skid", "--data-bits", "8", "--target", "z80"}, {"--target", "'z80'"}},
      {{"emit", "mul", "--a", "int4", "--b", "int4", "--axi-stream", "--handshake", "valid_ready"},
       {"--handshake", "'valid_ready'", "valid with --axi-stream"}},
      {{"emit", "mac", "--a", "int4", "--b", "int4", "--axi-stream", "--reset", "none"},
       {"--reset", "'none'", "with --axi-stream"}},
      {{"emit", "mac", "--a", "int4", "--b", "int4", "--axi-stream", "--model", "c"},
       {"--model", "'c'", "no --model with --axi-stream"}},
      {{"verify", "mac", "--a", "int4", "--b", "int4", "--axi-stream", "--simulator", "icarus"},
       {"--simulator", "'icarus'", "no --simulator with --axi-stream"}}};
  for (const Wrong& wrong : requests) {
    Words words = wrong.arguments;
    if (words[0] == "emit") {
      words.insert(words.end(), {"-o", folder("refused").string()});
    }
    const Ending ending = run(words);
    EXPECT_EQ(ending.exit_code, 2) << ending.err;
    EXPECT_THAT(ending.out, IsEmpty());
    for (const std::string& text : wrong.in_message) EXPECT_THAT(ending.err, HasSubstr(text));
    EXPECT_FALSE(fs::exists(folder("refused"))) << ending.err;
  }
}

TEST_F(BlocksCli, HelpAndTheDocumentTellOfEveryBlockAndOption) {
  const std::string help = run({"help", "emit"}).out;
  const std::string document = text_of(fs::path(FEWBIT_SOURCE_DIR) / "docs" / "blocks.md");
  for (const BlockInfo& info : block_table()) {
    EXPECT_THAT(help, HasSubstr("  " + info.name + " "));
    EXPECT_THAT(document, HasSubstr("## " + info.name + "\n"));
    const std::size_t begin = document.find("## " + info.name + "\n");
    const std::string section = document.substr(begin, document.find("\n## ", begin + 1) - begin);
    for (const BlockParameter& parameter : info.parameters) {
      EXPECT_THAT(help, HasSubstr(parameter.option));
      EXPECT_THAT(section, HasSubstr("`" + parameter.option + "`")) << info.name;
      EXPECT_THAT(section, HasSubstr(parameter.legal())) << info.name << " " << parameter.option;
    }
  }
  EXPECT_THAT(run({"completion", "words", "--line=emit\x1f"}).out, HasSubstr("repack\n"));
}

}  // namespace
}  // namespace fewbit
