// Blocks through the tools: Verilator, a mapped netlist, proofs that hold and proofs that do not.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <tuple>

#include "fewbit/flows/prove_streams.h"
#include "fewbit/gen/blocks/emit.h"
#include "fewbit/gen/rtl/mutate.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/process.h"
#include "fewbit/sim/verify/block.h"
#include "fewbit/tests/block_requests.h"
#include "fewbit/tests/graph_edit.h"
#include "fewbit/tests/layer_requests.h"

namespace fewbit {
namespace {

using ::testing::HasSubstr;

BlockSpec spec_of(const BlockRequest& request) {
  const Result<BlockSpec> spec = make_block_spec(request);
  EXPECT_TRUE(spec.ok()) << (spec.ok() ? "" : spec.error().message());
  return *spec;
}

TEST(BlocksInVerilator, AnEmittedOneDoesAsItsModel) {
  const BlockSpec spec = spec_of({"repack",
                                  {{"--value-bits", "5"},
                                   {"--in-values", "3"},
                                   {"--out-values", "4"},
                                   {"--last", "yes"},
                                   {"--last-values", "2"}}});
  const auto done = verify::verify_block(spec, blocks::emit(spec), "repack", {});
  ASSERT_TRUE(done.ok()) << done.error().message();
  EXPECT_TRUE(done->report.passed) << verify::to_text(done->report);
  EXPECT_EQ(done->rates.at("in"), 1);
  EXPECT_GT(done->beats, 5000U);
}

TEST(BlocksInVerilator, AQueueThatStopsIsSaidToWait) {
  const BlockSpec spec = spec_of({"fifo", {{"--data-bits", "4"}, {"--depth", "3"}}});
  const auto edit = [](rtl::Module& module) {
    for (const rtl::Mutation& mutation : rtl::mutations_of(module, 1)) {
      if (mutation.text == "valid_0_q: never loads") rtl::apply(module, mutation);
    }
  };
  const rtl::EmittedDesign design = blocks::emit_variant(spec, "stopping_fifo", edit);
  const auto done = verify::verify_block(spec, design, "fifo", {});
  ASSERT_TRUE(done.ok()) << done.error().message();
  EXPECT_FALSE(done->report.passed);
  EXPECT_THAT(verify::to_text(done->report),
              HasSubstr("out waits for out_valid_o at beat 0 of 400"));
}

TEST(BlocksInVerilator, AMappedQueueWithAMemoryDoesAsItsModel) {
  const BlockSpec spec = spec_of(
      {"fifo",
       {{"--data-bits", "9"}, {"--depth", "40"}, {"--storage", "block"}, {"--last", "yes"}}});
  flows::Target target = flows::find_target("ice40-hx8k").value();
  target.flows.resize(1);
  const auto netlists = flows::synthesize_netlists(blocks::emit(spec), target);
  ASSERT_TRUE(netlists.ok()) << netlists.error().message();
  const auto done = verify::verify_block(spec, netlists->front().design, "netlist", {});
  ASSERT_TRUE(done.ok()) << done.error().message();
  EXPECT_TRUE(done->report.passed) << verify::to_text(done->report);
}

/// With contents in block RAM of both families, and weights that are loaded into one.
TEST(BlocksInVerilator, MappedLayersDoAsTheirModels) {
  using Words = std::vector<std::string>;
  const Words matvec = {
      "--weights-format", "int4", "--activations-format", "uint4", "--outputs", "16",
      "--terms",          "32"};
  Words loaded = matvec;
  loaded.insert(loaded.end(), {"--load-bits", "8"});
  for (const auto& [name, fabric, words] : {std::tuple{"ice40-hx8k", Fabric::kIce40, matvec},
                                            std::tuple{"ice40-hx8k", Fabric::kIce40, loaded},
                                            std::tuple{"ecp5", Fabric::kEcp5, matvec}}) {
    const BlockSpec spec = spec_of(testing::layer_request("matvec", words, fabric));
    flows::Target target = flows::find_target(name).value();
    target.flows.resize(1);
    const auto netlists = flows::synthesize_netlists(blocks::emit(spec), target);
    ASSERT_TRUE(netlists.ok()) << name << ": " << netlists.error().message();
    const auto done = verify::verify_block(spec, netlists->front().design, "netlist", {});
    ASSERT_TRUE(done.ok()) << done.error().message();
    EXPECT_TRUE(done->report.passed) << name << "\n" << verify::to_text(done->report);
  }
}

/// Words of 36 bits, whose block RAM of ECP5 has ports that synthesis leaves open, and a
/// multiplier.
TEST(BlocksInVerilator, AMappedRequantizerDoesAsItsModel) {
  const BlockSpec spec =
      spec_of(testing::layer_request("requantizer", {"--sums-format", "int17", "--result-format",
                                                     "int4", "--outputs", "96", "--dsp", "one"}));
  const flows::Target target = flows::find_target("ecp5").value();
  const auto netlists = flows::synthesize_netlists(blocks::emit(spec), target);
  ASSERT_TRUE(netlists.ok()) << netlists.error().message();
  const auto done = verify::verify_block(spec, netlists->front().design, "netlist", {});
  ASSERT_TRUE(done.ok()) << done.error().message();
  EXPECT_TRUE(done->report.passed) << verify::to_text(done->report);
}

/// Large memories of iCE40 UP5K, which have one port and no initial contents: 8,192 words of 64
/// bits.
TEST(BlocksInYosys, LoadedWeightsAreInSpram) {
  const BlockSpec spec = spec_of(testing::layer_request(
      "matvec",
      {"--weights-format", "int4", "--activations-format", "int4", "--outputs", "256", "--terms",
       "512", "--rows", "4", "--lanes", "4", "--load-bits", "16"},
      Fabric::kIce40));
  const rtl::EmittedDesign design = blocks::emit(spec);
  const ScratchDirectory folder = ScratchDirectory::make().value();
  ASSERT_TRUE(write_files(folder.path(), design.files).ok());
  std::string names;
  for (const TextFile& file : design.files) names += " " + file.name;
  const auto run = run_tool(
      ToolKind::kSynthesis,
      {"yosys", "-q", "-p",
       fmt::format("read_verilog -sv{}; synth_ice40 -device u -spram -top {}; tee -q -o stat stat; "
                   "select -assert-count 4 t:SB_SPRAM256KA",
                   names, design.signature.module)},
      folder.path());
  ASSERT_TRUE(run.ok()) << run.error().message();
  EXPECT_EQ(run->exit_code, 0) << run->log() << read_file(folder.path() / "stat").value();
}

std::vector<flows::ProofPart> parts_of(const BlockSpec& spec, const rtl::EmittedDesign& design) {
  const auto parts = flows::prove_streams(spec, design, {.seconds = 600});
  EXPECT_TRUE(parts.ok()) << (parts.ok() ? "" : parts.error().message());
  return parts.ok() ? *parts : std::vector<flows::ProofPart>{};
}

TEST(BlocksProved, TheRulesOfStreamsHoldOfEveryBlock) {
  for (const BlockRequest& request : testing::block_requests()) {
    const BlockSpec spec = spec_of(request);
    const std::vector<flows::ProofPart> parts = parts_of(spec, blocks::emit(spec));
    EXPECT_GE(parts.size(), 2U);
    for (const flows::ProofPart& part : parts) {
      EXPECT_TRUE(part.proved) << spec.command() << ": " << part.name << ": " << part.detail;
    }
  }
}

TEST(BlocksProved, OrderIsProvedOfRegisters) {
  const auto count = [](const BlockRequest& request) {
    const BlockSpec spec = spec_of(request);
    return parts_of(spec, blocks::emit(spec)).size();
  };
  EXPECT_EQ(count({"fifo", {{"--data-bits", "2"}, {"--depth", "3"}}}), 3U);
  EXPECT_EQ(count({"fifo", {{"--data-bits", "2"}, {"--depth", "9"}}}), 2U);
}

/// The names of what is refuted of a block after `edit`.
std::string refuted(const BlockRequest& request,
                    const std::function<void(testing::GraphEdit&)>& edit) {
  const BlockSpec spec = spec_of(request);
  const rtl::EmittedDesign design = blocks::emit_variant(spec, "changed", [&](rtl::Module& module) {
    testing::GraphEdit graph(module);
    edit(graph);
  });
  std::string names;
  for (const flows::ProofPart& part : parts_of(spec, design)) {
    if (part.refuted) names += part.name + "; ";
  }
  return names;
}

TEST(BlocksProved, MistakesAreRefuted) {
  const BlockRequest skid{"skid", {{"--data-bits", "3"}}};
  const auto always_moves = [](testing::GraphEdit& graph) {
    graph.plant("move", ~graph["valid_q"], graph.constant(1, 1));
  };
  EXPECT_THAT(refuted(skid, always_moves), HasSubstr("valid and payload stay"));
  EXPECT_THAT(refuted(skid,
                      [](testing::GraphEdit& graph) {
                        graph.plant("offered", graph["spare_valid_q"], graph.constant(1, 0));
                      }),
              HasSubstr("none lost or made"));
  const BlockRequest memory{"fifo",
                            {{"--data-bits", "3"}, {"--depth", "9"}, {"--storage", "block"}}};
  EXPECT_EQ(refuted(memory, always_moves), "valid and payload stay until the beat moves; ");
  EXPECT_EQ(refuted(memory,
                    [](testing::GraphEdit& graph) {
                      graph.plant("in_ready", ~graph["full"], graph["out_ready_i"]);
                    }),
            "a register behind every ready that comes in; ");
}

}  // namespace
}  // namespace fewbit
