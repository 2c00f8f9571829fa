// Memories: reads and writes in the evaluator, text, mistakes, and the blocks that hold them.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/rtl/memory.h"

#include <gmock/gmock.h>

#include <map>
#include <random>
#include <set>

#include "fewbit/gen/rtl/design.h"
#include "fewbit/gen/rtl/evaluator.h"
#include "fewbit/gen/rtl/mutate.h"
#include "fewbit/gen/rtl/passes.h"

namespace fewbit::rtl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// A memory with all its ports outside.
void build(Module& m, const MemorySpec& spec, bool output_register) {
  m.clocked(Reset::kSyncHigh);
  const int bits = address_bits(spec.depth);
  const int memory = m.memory("words", spec);
  const Signal read_enable = m.input("read_enable_i", 1);
  const Signal read_address = m.input("read_address_i", bits);
  m.write(memory, m.input("write_enable_i", 1), m.input("write_address_i", bits),
          m.input("write_data_i", spec.width));
  m.output("word_o", m.read(memory, "word", read_address, read_enable, output_register));
}

MemorySpec small(Collision collision = Collision::kOld) {
  MemorySpec spec{.depth = 12, .width = 5, .collision = collision};
  for (int i = 0; i < 10; ++i) spec.contents.push_back((7 * i + 3) % 32);
  return spec;
}

struct Stimulus {
  int read_enable, read_address, write_enable, write_address, write_data;
};
std::vector<Stimulus> stimuli(int count) {
  std::mt19937 random(3);
  std::vector<Stimulus> all;  // at first what the words are at the start
  for (int i = 0; i < 12; ++i) all.push_back({1, i, 0, 0, 0});
  for (int i = 0; i < count; ++i) {
    const auto below = [&](unsigned most) { return static_cast<int>(random() % most); };
    all.push_back({below(4) != 0, below(12), below(2), below(12), below(32)});
    if (below(3) == 0) all.back().write_address = all.back().read_address;
  }
  return all;
}
void apply_to(Evaluator& run, const Stimulus& x) {
  run.set("read_enable_i", x.read_enable);
  run.set("read_address_i", x.read_address);
  run.set("write_enable_i", x.write_enable);
  run.set("write_address_i", x.write_address);
  run.set("write_data_i", x.write_data);
}

TEST(Memory, AReadGivesTheOldWordOneOrTwoClockEdgesLater) {
  for (const bool output_register : {false, true}) {
    Module m("memory");
    build(m, small(), output_register);
    EXPECT_THAT(find_defects(m), IsEmpty());
    Evaluator run(m);
    std::map<int, int> words;
    for (int i = 0; i < 12; ++i) words[i] = i < 10 ? (7 * i + 3) % 32 : 0;
    int first = 0;
    int second = 0;
    int collisions = 0;
    for (const Stimulus& x : stimuli(2000)) {
      apply_to(run, x);
      run.clock();
      if (x.read_enable != 0) {
        second = first;
        first = words[x.read_address];
        collisions += x.write_enable != 0 && x.write_address == x.read_address ? 1 : 0;
      }
      if (x.write_enable != 0) words[x.write_address] = x.write_data;
      ASSERT_EQ(run.get("word_o"), output_register ? second : first);
    }
    EXPECT_GT(collisions, 100);
  }
}

TEST(Memory, WhereACollisionMayGiveAnythingTheEvaluatorGivesGarbage) {
  Module m("memory");
  build(m, small(Collision::kAnything), false);
  Evaluator run(m);
  apply_to(run, {1, 2, 1, 2, 9});
  run.clock();
  EXPECT_EQ(run.get("word_o"), 31 - 17);
  apply_to(run, {1, 2, 0, 2, 0});
  run.clock();
  EXPECT_EQ(run.get("word_o"), 9);
}

TEST(Memory, IsPrintedSoThatSynthesisFindsIt) {
  Module m("memory");
  build(m, small(), false);
  const std::string text = Design(m).files()[0].text;
  EXPECT_THAT(text, HasSubstr("  // A read of the word that is being written gives the old one\n"));
  EXPECT_THAT(text, HasSubstr("  logic [4:0] words [0:11];\n"));
  EXPECT_THAT(text, HasSubstr("      words[i] = Words[i*5 +: 5];\n"));
  EXPECT_THAT(text, HasSubstr("word_q <= words[read_address_i];"));
  EXPECT_THAT(text, HasSubstr("  always_ff @(posedge clk_i) begin\n    if (write_enable_i) begin\n"
                              "      words[write_address_i] <= write_data_i;\n    end\n  end\n"));
  EXPECT_THAT(text, Not(HasSubstr("no_rw_check")));
  Module free("memory");
  MemorySpec spec = small(Collision::kAnything);
  spec.style = MemoryStyle::kDistributed;
  build(free, spec, false);
  EXPECT_THAT(Design(free).files()[0].text,
              HasSubstr("  (* ram_style = \"distributed\" *) (* no_rw_check *) logic [4:0] words"));
}

TEST(Memory, ContentsMayBeInAFileBeside) {
  Module m("memory");
  MemorySpec spec = small();
  spec.in_file = true;
  build(m, spec, false);
  const EmittedDesign design = Design(m).emit();
  EXPECT_THAT(design.files[0].text,
              HasSubstr("$readmemh({`FEWBIT_DATA_FOLDER, \"memory_words.hex\"}, words);"));
  ASSERT_EQ(design.data_files.size(), 1U);
  EXPECT_EQ(design.data_files[0].name, "memory_words.hex");
  EXPECT_EQ(design.data_files[0].text, "03\n0a\n11\n18\n1f\n06\n0d\n14\n1b\n02\n00\n00\n");
  EXPECT_EQ(design.signature.files.back().name, "memory_words.hex");
}

TEST(Memory, MisuseIsADefect) {
  Module twice("memory");
  build(twice, small(), false);
  twice.output("again_o", twice.read(0, "again", twice.input("again_i", 4)));
  EXPECT_THAT(find_defects(twice), ElementsAre("memory words has two reads"));
  Module empty("memory");
  empty.clocked(Reset::kNone);
  const int memory = empty.memory("words", {.depth = 4, .width = 2});
  empty.output("word_o", empty.read(memory, "word", empty.input("address_i", 2)));
  EXPECT_THAT(find_defects(empty), ElementsAre("memory words has neither contents nor a write"));
}

TEST(Memory, MistakesArePlanted) {
  Module original("memory");
  build(original, small(), false);
  std::set<Mutation::Kind> kinds;
  for (const Mutation& mutation : mutations_of(original, 1)) {
    kinds.insert(mutation.kind);
    Module right("memory");
    Module wrong("memory");
    build(right, small(), false);
    build(wrong, small(), false);
    apply(wrong, mutation);
    EXPECT_THAT(Design(wrong).defects(), IsEmpty()) << mutation.text;
    Evaluator expected(right);
    Evaluator got(wrong);
    bool differs = false;
    for (const Stimulus& x : stimuli(300)) {
      apply_to(expected, x);
      apply_to(got, x);
      expected.clock();
      got.clock();
      differs = differs || expected.get("word_o") != got.get("word_o");
    }
    EXPECT_TRUE(differs) << mutation.text;
  }
  for (const auto kind : {Mutation::Kind::kOtherWord, Mutation::Kind::kNewWord,
                          Mutation::Kind::kWrites, Mutation::Kind::kFlipBit}) {
    EXPECT_TRUE(kinds.contains(kind));
  }
}

TEST(MemoryBlocks, TheFewestThatHoldTheWords) {
  struct Case {
    const std::vector<BlockShape>& shapes;
    int depth, width;
    BlockShape shape;
    int deep, wide;
  };
  const Case cases[] = {
      {ecp5_blocks(), 512, 36, {512, 36}, 1, 1},   {ecp5_blocks(), 512, 37, {512, 36}, 1, 2},
      {ecp5_blocks(), 513, 36, {1024, 18}, 1, 2},  {ecp5_blocks(), 16384, 1, {16384, 1}, 1, 1},
      {ecp5_blocks(), 16384, 3, {16384, 1}, 1, 3}, {ecp5_blocks(), 300, 20, {512, 36}, 1, 1},
      {ecp5_blocks(), 4096, 9, {2048, 9}, 2, 1},   {ecp5_blocks(), 20000, 1, {16384, 1}, 2, 1},
      {ice40_blocks(), 256, 16, {256, 16}, 1, 1},  {ice40_blocks(), 512, 36, {512, 8}, 1, 5},
      {ice40_blocks(), 1000, 9, {1024, 4}, 1, 3},  {ice40_blocks(), 2048, 2, {2048, 2}, 1, 1},
      {ice40_blocks(), 2049, 2, {2048, 2}, 2, 1},  {xilinx_blocks(), 1024, 18, {1024, 18}, 1, 1}};
  for (const Case& c : cases) {
    const BlockUse use = memory_blocks(c.shapes, c.depth, c.width);
    EXPECT_EQ(use.shape, c.shape) << c.depth << " x " << c.width;
    EXPECT_EQ(use.deep, c.deep) << c.depth << " x " << c.width;
    EXPECT_EQ(use.wide, c.wide) << c.depth << " x " << c.width;
  }
  EXPECT_EQ(address_bits(2), 1);
  EXPECT_EQ(address_bits(12), 4);
  EXPECT_EQ(address_bits(16), 4);
  EXPECT_EQ(address_bits(17), 5);
}

}  // namespace
}  // namespace fewbit::rtl
