// The services of flows/study as a C++ user calls them: verified cost, the grid, a latency search.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <set>

#include "fewbit/flows/study/fmax_search.h"
#include "fewbit/flows/study/measure_many.h"
#include "fewbit/flows/study/mutation.h"
#include "fewbit/flows/study/proof.h"
#include "fewbit/flows/study/verify_grid.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/sim/verify/verify.h"

namespace fewbit::study {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

OperatorSpec spec_of(const OperatorRequest& request) { return make_operator_spec(request).value(); }

/// Remembers what it was told.
class Remembering : public Watcher {
 public:
  void begin(const std::string& title, std::size_t total) override {
    begun.push_back(title + " " + std::to_string(total));
  }
  void finished(const std::string& /*part*/, const std::string& outcome) override {
    const std::lock_guard lock(mutex_);
    outcomes.insert(outcome);
  }
  std::vector<std::string> begun;
  std::multiset<std::string> outcomes;

 private:
  std::mutex mutex_;
};

Measurement planned(const OperatorSpec& spec) { return {spec, ops::emit(spec), {}, {}, {}, 0}; }

// One design is right. The other has been given the text of a sum in place of a product: no cost.
TEST(MeasureMany, GivesACostOnlyToWhatEqualsTheModel) {
  const flows::Target target = flows::find_target("ice40-hx8k").value();
  Measurement right = planned(spec_of({.op = "mul", .a = "uint2", .b = "uint2"}));
  Measurement wrong = planned(spec_of({.op = "mul", .a = "uint2", .b = "uint3"}));
  std::string& text = wrong.design.files.back().text;
  const std::string output = "assign result_o = ";
  const std::size_t at = text.find(output);
  ASSERT_NE(at, std::string::npos) << text;
  text.insert(at + output.size(), "~");
  Remembering watcher;
  const Status status = measure_many({{&right, &target, 0}, {&wrong, &target, 0}}, 1, watcher);
  ASSERT_TRUE(status.ok()) << status.error().message();
  ASSERT_TRUE(right.cost);
  EXPECT_TRUE(right.exhaustive());
  EXPECT_EQ(right.rtl_vectors(), 16u);
  EXPECT_EQ(right.netlist_vectors(), 16u);
  EXPECT_GT(right.cost->luts, 3);
  EXPECT_EQ(right.why_not(), "");
  EXPECT_FALSE(wrong.cost);
  EXPECT_EQ(wrong.why_not(), "hardware and model differ");
  EXPECT_THAT(watcher.begun, ElementsAre("verify RTL 2", "cost 1"));
  EXPECT_EQ(watcher.outcomes.count("equal"), 1u);
  EXPECT_EQ(watcher.outcomes.count("MISMATCH"), 1u);
}

TEST(LeastLatency, IsTheFirstThatReachesTheFrequency) {
  const flows::Target target = flows::find_target("ice40-hx8k").value();
  const OperatorRequest request{.op = "mul", .a = "uint2", .b = "uint2"};
  std::vector<int> tried;
  const auto note = [&tried](int latency, const flows::CostPoint&) { tried.push_back(latency); };
  const auto found = least_latency(request, target, 1, {.seeds = 1}, note);
  ASSERT_TRUE(found.ok()) << found.error().message();
  ASSERT_TRUE(found->spec);
  EXPECT_EQ(found->spec->latency(), 1);
  EXPECT_GE(found->best_mhz, 1);
  EXPECT_THAT(tried, ElementsAre(1));
  const auto never = least_latency(request, target, 1e6, {.seeds = 1}, note);
  ASSERT_TRUE(never.ok());
  EXPECT_FALSE(never->spec);
  EXPECT_FALSE(never->mismatch);
  EXPECT_EQ(never->best_mhz, 0);  // the delay model gives none a chance
  const auto unpipelined = least_latency({.op = "facc", .a = "int4", .result = "bfloat16"}, target,
                                         100, {.seeds = 1}, note);
  ASSERT_FALSE(unpipelined.ok());
  EXPECT_EQ(unpipelined.error().field, "--fmax");
}

std::size_t subjects_in(const Grid& grid) {
  const auto subjects = grid_subjects({}, grid);
  EXPECT_TRUE(subjects.ok()) << (subjects.ok() ? "" : subjects.error().message());
  return subjects.ok() ? subjects->size() : 0;
}

TEST(VerifyGrid, HasEveryPairInBothArchitectures) {
  const std::size_t formats = subjects_in({"2", {"acc"}, "optimized", ""});
  EXPECT_GT(formats, 0u);
  const std::size_t pairs = subjects_in({"2", {"mac"}, "optimized", ""});
  EXPECT_EQ(pairs, formats * formats);
  EXPECT_EQ(subjects_in({"2", {"mac"}, "", ""}), 2 * pairs);
  EXPECT_EQ(subjects_in({"2", {"mac", "acc"}, "generic", ""}), pairs + formats);
  EXPECT_EQ(subjects_in({"2", {"mul"}, "optimized", "0..2"}),
            3 * subjects_in({"2", {"mul"}, "optimized", ""}));
}

TEST(VerifyGrid, NamesTheOptionThatIsWrong) {
  for (const auto& [grid, field] :
       std::vector<std::pair<Grid, std::string>>{{{"0..3", {"mul"}, "", ""}, "--grid"},
                                                 {{"4..3", {"mul"}, "", ""}, "--grid"},
                                                 {{"x", {"mul"}, "", ""}, "--grid"},
                                                 {{"2", {"mul"}, "", "3..1"}, "--latencies"},
                                                 {{"2", {"muul"}, "", ""}, "operator"},
                                                 {{"2", {"mul"}, "other", ""}, "--arch"}}) {
    const auto subjects = grid_subjects({}, grid);
    ASSERT_FALSE(subjects.ok()) << grid.bits;
    EXPECT_EQ(subjects.error().field, field);
  }
}

TEST(Mutate, AccountsForEveryMutant) {
  const auto tally = mutate(spec_of({.op = "mul", .a = "uint2", .b = "uint2"}), 8, 1, 1);
  ASSERT_TRUE(tally.ok()) << tally.error().message();
  EXPECT_EQ(tally->tried, 8u);
  EXPECT_GT(tally->possible, 8u);
  EXPECT_EQ(tally->killed + tally->equivalent + tally->survivors.size(), 8u);
  EXPECT_GT(tally->killed, 4u);  // every pair of operands is tried
  EXPECT_TRUE(tally->survivors.empty());
}

TEST(ProofInputs, SumsHaveTheExactOperatorOfOneAddend) {
  const flows::ProofInputs mul = proof_inputs(spec_of({.op = "mul", .a = "int4", .b = "int4"}));
  EXPECT_EQ(mul.optimized.signature.arch, "optimized");
  EXPECT_EQ(mul.generic.signature.arch, "generic");
  EXPECT_FALSE(mul.exact);
  const flows::ProofInputs mac = proof_inputs(spec_of({.op = "mac", .a = "int4", .b = "e2m1"}));
  ASSERT_TRUE(mac.exact);
  EXPECT_EQ(mac.exact->signature.operator_name, "mul");
}

}  // namespace
}  // namespace fewbit::study
