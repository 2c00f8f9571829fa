// Blocks in the evaluator: streams against models under stalls, rules by the graph, mistakes found.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "fewbit/gen/blocks/emit.h"
#include "fewbit/gen/blocks/stream.h"
#include "fewbit/gen/rtl/mutate.h"
#include "fewbit/gen/rtl/passes.h"
#include "fewbit/sim/verify/block.h"
#include "fewbit/tests/block_requests.h"
#include "fewbit/tests/evaluated_streams.h"
#include "fewbit/tests/layer_requests.h"

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
    const auto module = blocks::module_of(spec);
    EXPECT_THAT(rtl::find_defects(*module), IsEmpty()) << spec.command();
    const rtl::EmittedDesign design = blocks::emit(spec);
    verify::StreamBehaviour behaviour(verify::plan_of(spec, design.signature),
                                      verify::stream_options(spec, 1));
    EXPECT_THAT(testing::differences(*module, behaviour), IsEmpty()) << spec.command();
    EXPECT_GT(behaviour.beats(), 4000U) << spec.command();
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
  std::vector<BlockRequest> requests = testing::block_requests();
  const std::vector<BlockRequest>& layers = testing::layer_requests();
  requests.insert(requests.end(), layers.begin(), layers.end());
  for (const BlockRequest& request : requests) {
    const BlockSpec spec = spec_of(request);
    EXPECT_TRUE(names.insert(spec.module_name()).second) << spec.module_name();
    for (const auto& [option, value] : spec.values) {
      const bool is_chosen = value != "none" && value != "random";
      if (is_chosen || option == "--dsp") used.insert(request.block + " " + option);
      used.insert(request.block + " " + option + " " + value);
    }
  }
  for (const BlockInfo& info : block_table()) {
    for (const BlockParameter& parameter : info.parameters) {
      if (parameter.is_file()) continue;  // tests of contents have those
      EXPECT_TRUE(used.contains(info.name + " " + parameter.option))
          << info.name << " " << parameter.option;
      if (!parameter.is_choice()) continue;
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

/// A block, small, and the mistakes in it that change nothing, by what is in their texts.
struct Mutated {
  BlockRequest request;
  std::vector<std::string> equivalent;
};
const std::vector<Mutated> kMutated = {
    // In reset a spare beat moves on, and what was fetched does.
    {{"skid", {{"--data-bits", "2"}, {"--last", "yes"}}}, {"spare_valid_q: reset dropped"}},
    {{"fork", {{"--data-bits", "2"}, {"--outputs", "2"}}}, {"held_spare_valid_q: reset dropped"}},
    {{"fifo", {{"--data-bits", "2"}, {"--depth", "3"}, {"--level", "yes"}}}, {}},
    {{"fifo", {{"--data-bits", "2"}, {"--depth", "7"}, {"--output-register", "yes"}}},
     {"fetched_q: reset dropped"}},
    // What arrives above the values is written again before it is read, but for what fills up a
    // packet; a queue of whole beats has places to spare; some numbers left lead to the same, and
    // all are small; an end is set where none is.
    {{"repack",
      {{"--value-bits", "1"}, {"--in-values", "2"}, {"--out-values", "3"}, {"--last", "yes"}}},
     {"arriving: bit", "fits: ", "after_last: cases", ": compared as of the other sign",
      "last_0_d: or became xor", "last_1_d: or became xor", "last_2_d: or became xor"}},
    {{"repack", {{"--value-bits", "2"}, {"--in-values", "3"}, {"--out-values", "1"}}},
     {"arriving: bit", "write_0: compared as of the other sign"}},
    // Of fresh words only whether there are any matters, and all odd steps return to none.
    {{"replay", {{"--data-bits", "2"}, {"--beats", "4"}, {"--times", "4"}, {"--depth", "9"}}},
     {"fresh_d: "}}};

TEST(Blocks, PlantedMistakesAreFound) {
  std::size_t found = 0;
  for (const Mutated& mutated : kMutated) {
    const BlockSpec spec = spec_of(mutated.request);
    const rtl::EmittedDesign design = blocks::emit(spec);
    const verify::StreamPlan plan = verify::plan_of(spec, design.signature);
    std::vector<std::string> survivors;
    for (const rtl::Mutation& mutation : rtl::mutations_of(*blocks::module_of(spec), 1)) {
      const bool is_equivalent = std::any_of(
          mutated.equivalent.begin(), mutated.equivalent.end(),
          [&](const std::string& part) { return mutation.text.find(part) != std::string::npos; });
      if (is_equivalent) continue;
      const std::shared_ptr<rtl::Module> mutant = blocks::module_of(spec);
      rtl::apply(*mutant, mutation);
      verify::StreamBehaviour behaviour(plan, {.seed = 1, .beats = 150, .runs = 40});
      if (testing::differences(*mutant, behaviour, 1).empty()) {
        survivors.push_back(mutation.text);
      } else {
        ++found;
      }
    }
    EXPECT_THAT(survivors, IsEmpty()) << spec.command();
  }
  EXPECT_GT(found, 500U);
}

/// Names of who waits, where a design stops.
TEST(Blocks, ADesignThatStopsIsSaidToWait) {
  const BlockSpec spec = spec_of({"skid", {{"--data-bits", "2"}}});
  const std::shared_ptr<rtl::Module> module = blocks::module_of(spec);
  for (const rtl::Mutation& mutation : rtl::mutations_of(*module, 1)) {
    if (mutation.text == "valid_q: never loads") rtl::apply(*module, mutation);
  }
  verify::StreamBehaviour behaviour(verify::plan_of(spec, blocks::emit(spec).signature),
                                    verify::stream_options(spec, 1));
  EXPECT_THAT(
      testing::differences(*module, behaviour, 100),
      ::testing::Contains(HasSubstr("nothing moves, out waits for out_valid_o at beat 0 of 400")));
}

}  // namespace
}  // namespace fewbit
