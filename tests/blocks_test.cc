// Blocks in the evaluator: streams against models under stalls, rules by the graph, mistakes found.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <set>

#include "fewbit/gen/blocks/emit.h"
#include "fewbit/gen/blocks/stream.h"
#include "fewbit/gen/rtl/mutate.h"
#include "fewbit/gen/rtl/passes.h"
#include "fewbit/sim/verify/block.h"
#include "fewbit/tests/block_requests.h"
#include "fewbit/tests/evaluated_streams.h"

namespace fewbit {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

BlockSpec spec_of(const BlockRequest& request) {
  const Result<BlockSpec> spec = make_block_spec(request);
  EXPECT_TRUE(spec.ok()) << (spec.ok() ? "" : spec.error().message());
  return *spec;
}

TEST(Blocks, DoAsTheirModelsWhoeverStalls) {
  for (const BlockRequest& request : testing::block_requests()) {
    const BlockSpec spec = spec_of(request);
    rtl::Module module(spec.module_name());
    blocks::build(module, spec);
    EXPECT_THAT(rtl::find_defects(module), IsEmpty()) << spec.command();
    const rtl::EmittedDesign design = blocks::emit(spec);
    verify::StreamBehaviour behaviour(verify::plan_of(spec, design.signature),
                                      verify::stream_options(spec, 1));
    EXPECT_THAT(testing::differences(module, behaviour), IsEmpty()) << spec.command();
    EXPECT_GT(behaviour.beats(), 5000U) << spec.command();
    double most = 0;
    for (const auto& [stream, rate] : behaviour.rates()) most = std::max(most, rate);
    const bool is_full = verify::plan_of(spec, design.signature).at_full_rate;
    EXPECT_TRUE(!is_full || most == 1) << spec.command() << ": " << most;
  }
}

TEST(Blocks, NoReadyDependsOnAReadyWithoutARegisterBetween) {
  for (const BlockRequest& request : testing::block_requests()) {
    const BlockSpec spec = spec_of(request);
    EXPECT_THAT(blocks::stream_defects(*blocks::module_of(spec)), IsEmpty()) << spec.command();
  }
}

TEST(Blocks, RequestsUseEveryParameterAndEveryWord) {
  std::set<std::string> used;
  std::set<std::string> names;
  for (const BlockRequest& request : testing::block_requests()) {
    const BlockSpec spec = spec_of(request);
    EXPECT_TRUE(names.insert(spec.module_name()).second) << spec.module_name();
    for (const auto& [option, value] : spec.values) {
      used.insert(request.block + " " + option);
      used.insert(request.block + " " + option + " " + value);
    }
  }
  for (const BlockInfo& info : block_table()) {
    for (const BlockParameter& parameter : info.parameters) {
      EXPECT_TRUE(used.contains(info.name + " " + parameter.option)) << parameter.option;
      for (std::size_t begin = 0; begin < parameter.words.size();) {
        const std::size_t end = std::min(parameter.words.find(", ", begin), parameter.words.size());
        const std::string word = parameter.words.substr(begin, end - begin);
        EXPECT_TRUE(used.contains(info.name + " " + parameter.option + " " + word))
            << info.name << " " << parameter.option << " " << word;
        begin = end + 2;
      }
    }
  }
}

/// Small, and between them of every block and structure.
const std::vector<BlockRequest> kMutated = {
    {"skid", {{"--data-bits", "2"}, {"--last", "yes"}}},
    {"fifo", {{"--data-bits", "2"}, {"--depth", "3"}, {"--level", "yes"}}},
    {"fifo", {{"--data-bits", "2"}, {"--depth", "6"}, {"--output-register", "yes"}}},
    {"repack",
     {{"--value-bits", "2"}, {"--in-values", "2"}, {"--out-values", "3"}, {"--last", "yes"}}},
    {"repack", {{"--value-bits", "2"}, {"--in-values", "3"}, {"--out-values", "1"}}},
    {"fork", {{"--data-bits", "2"}, {"--outputs", "2"}}},
    {"replay", {{"--data-bits", "2"}, {"--beats", "3"}, {"--times", "2"}}}};

TEST(Blocks, PlantedMistakesAreFound) {
  for (const BlockRequest& request : kMutated) {
    const BlockSpec spec = spec_of(request);
    const rtl::EmittedDesign design = blocks::emit(spec);
    const verify::StreamPlan plan = verify::plan_of(spec, design.signature);
    std::vector<std::string> survivors;
    const auto mutations = rtl::mutations_of(*blocks::module_of(spec), 1);
    for (const rtl::Mutation& mutation : mutations) {
      const std::shared_ptr<rtl::Module> mutant = blocks::module_of(spec);
      rtl::apply(*mutant, mutation);
      verify::StreamBehaviour behaviour(plan, verify::stream_options(spec, 1));
      if (testing::differences(*mutant, behaviour, 1).empty()) survivors.push_back(mutation.text);
    }
    EXPECT_GT(mutations.size(), 20U) << spec.command();
    EXPECT_THAT(survivors, IsEmpty())
        << spec.command() << ": " << survivors.size() << " of " << mutations.size();
  }
}

}  // namespace
}  // namespace fewbit
