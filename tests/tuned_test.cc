// What --optimize goes by: the data name legal things, and on a sample what they say still holds.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/tuned.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "fewbit/flows/cost.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/spec/operator_request.h"
#include "fewbit/gen/spec/strategy.h"
#include "fewbit/gen/util/files.h"

namespace fewbit {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

/// "mac --a int4 --b int4" as a request.
OperatorRequest parsed(const std::string& text, Fabric fabric) {
  OperatorRequest request;
  request.fabric = fabric;
  std::istringstream words(text);
  words >> request.op;
  for (std::string name, value; words >> name >> value;) {
    const Status set = set_option(request, name, value);
    EXPECT_TRUE(set.ok()) << set.error().message();
  }
  return request;
}

TEST(Tuned, DataNameLegalRequestsStrategiesAndFlows) {
  ASSERT_FALSE(tuned_rows().empty());
  std::set<std::string> seen;
  for (const TunedRow& row : tuned_rows()) {
    SCOPED_TRACE(row.request + " on " + row.choice.target);
    const Result<OperatorSpec> spec = make_operator_spec(parsed(row.request, row.fabric));
    ASSERT_TRUE(spec.ok()) << spec.error().message();
    EXPECT_EQ(tuned_request(*spec), row.request);
    EXPECT_THAT(strategies_of(*spec), Contains(row.choice.strategy));
    const Result<flows::Target> target = flows::find_target(row.choice.target);
    ASSERT_TRUE(target.ok()) << target.error().message();
    EXPECT_EQ(target->fabric, to_string(row.fabric));
    EXPECT_TRUE(target->flows_for({}, row.choice.flow).ok()) << row.choice.flow;
    const std::optional<TunedChoice> choice = tuned_choice(*spec, row.goal);
    ASSERT_TRUE(choice.has_value());
    EXPECT_EQ(choice->strategy, row.choice.strategy);
    EXPECT_TRUE(
        seen.insert(row.request + row.choice.target + std::string(to_string(row.goal))).second)
        << "twice";
  }
  EXPECT_EQ(seen.size() % std::size(kGoals), 0U);
}

TEST(Tuned, OptimizeBuildsWhatMeasuredBest) {
  ASSERT_FALSE(tuned_rows().empty());
  for (const TunedRow& row : tuned_rows()) {
    OperatorRequest request = parsed(row.request, row.fabric);
    const OperatorSpec plain = make_operator_spec(request).value();
    request.optimize = to_string(row.goal);
    const OperatorSpec spec = make_operator_spec(request).value();
    EXPECT_EQ(choose_strategy(spec), row.choice.strategy) << row.request;
    // The default by another name would be another module.
    if (choose_strategy(plain) == row.choice.strategy) {
      EXPECT_EQ(spec.module_name(), plain.module_name());
    }
  }
}

TEST(Tuned, LengthOfTheSumAndInterfaceDoNotCount) {
  OperatorRequest request{.op = "mac", .a = "int4", .b = "int4"};
  const std::string name = tuned_request(make_operator_spec(request).value());
  EXPECT_EQ(name, "mac --a int4 --b int4");
  request.terms = 7;
  request.latency = 5;
  request.handshake = "valid_ready";
  request.reset = "sync_high";
  request.tag_bits = 3;
  EXPECT_EQ(tuned_request(make_operator_spec(request).value()), name);
  request.terms.reset();
  request.acc_width = 40;
  request.overflow = "saturate";
  EXPECT_EQ(tuned_request(make_operator_spec(request).value()), name);
  const OperatorRequest rounded{
      .op = "mul", .a = "e3m2", .b = "e3m2", .result = "e3m2", .subnormals = "flush"};
  EXPECT_EQ(tuned_request(make_operator_spec(rounded).value()),
            "mul --a e3m2 --b e3m2 --result e3m2 --subnormals flush");
}

TEST(Tuned, WithoutDataTheDefaultIsBuilt) {
  OperatorRequest request{.op = "mac", .a = "int17", .b = "e5m9f"};
  const OperatorSpec plain = make_operator_spec(request).value();
  ASSERT_FALSE(tuned_choice(plain, Goal::kArea).has_value());
  request.optimize = "area";
  const OperatorSpec spec = make_operator_spec(request).value();
  EXPECT_EQ(spec.strategy, Strategy::kAuto);
  EXPECT_EQ(spec.module_name(), plain.module_name());
}

/// What was measured without hard multipliers says nothing of requests with them.
TEST(Tuned, DataDoNotApplyToHardMultipliers) {
  int tried = 0;
  for (const TunedRow& row : tuned_rows()) {
    OperatorRequest request = parsed(row.request, row.fabric);
    request.dsp = "one";
    const Result<OperatorSpec> plain = make_operator_spec(request);
    if (!plain.ok()) continue;  // no product, or too small a one
    ++tried;
    EXPECT_FALSE(tuned_choice(*plain, row.goal).has_value()) << row.request;
    request.optimize = to_string(row.goal);
    EXPECT_EQ(make_operator_spec(request).value().module_name(), plain->module_name());
  }
  EXPECT_GT(tried, 10);
}

/// A block RAM has no place among lookup tables, and takes a cycle: nothing proposes it.
TEST(Tuned, StrategiesThatAreComparedAreLogicAlone) {
  const OperatorSpec spec = make_operator_spec({.op = "mac", .a = "int4", .b = "int4"}).value();
  EXPECT_THAT(strategies_of(spec), Contains(Strategy::kBram));
  EXPECT_THAT(strategies_in_logic(spec), Not(Contains(Strategy::kBram)));
  EXPECT_THAT(strategies_in_logic(spec), Contains(Strategy::kConditionalRows));
}

TEST(Tuned, WrongRequestsAreNamed) {
  const auto message = [](const OperatorRequest& request) {
    const Result<OperatorSpec> spec = make_operator_spec(request);
    return spec.ok() ? std::string("accepted") : spec.error().message();
  };
  EXPECT_THAT(message({.op = "mac", .a = "int4", .b = "int4", .optimize = "power"}),
              HasSubstr("area, speed, balanced"));
  EXPECT_THAT(
      message({.op = "mac", .a = "int4", .b = "int4", .arch = "generic", .optimize = "area"}),
      HasSubstr("one structure"));
  EXPECT_THAT(
      message({.op = "mac", .a = "int4", .b = "int4", .strategy = "and_rows", .optimize = "area"}),
      HasSubstr("--strategy"));
}

/// The area winner of a few requests, mapped anew beside every other strategy with the same flow.
TEST(Tuned, WinnersOfASampleStillWin) {
  const auto path = std::filesystem::path(FEWBIT_SOURCE_DIR) / "gen" / "spec" / "tuned.json";
  const auto document = nlohmann::json::parse(read_file(path).value());
  const std::set<std::string> sample = {"mac --a int3 --b int3 xilinx-usp",
                                        "mac --a int4 --b int4 ice40-hx8k",
                                        "mac --a e2m1 --b e2m1 ecp5"};
  std::size_t found = 0;
  for (const auto& row : document.at("rows")) {
    const std::string name =
        row.at("request").get<std::string>() + " " + row.at("target").get<std::string>();
    if (!sample.contains(name)) continue;
    ++found;
    const flows::Target target = flows::find_target(row.at("target")).value();
    const Fabric fabric = flows::fabric_of(target).value();
    OperatorSpec spec = make_operator_spec(parsed(row.at("request"), fabric)).value();
    const flows::FlowVariant flow = target.flows_for({}, row.at("area").at("flow")).value().front();
    const int stored = row.at("area").at("luts");
    int of_winner = -1;
    for (const Strategy strategy : strategies_in_logic(spec)) {
      spec.strategy = strategy;
      const auto cost = flows::preview_cost(ops::emit(spec), target, flow);
      ASSERT_TRUE(cost.ok()) << cost.error().message();
      const bool is_winner = to_string(strategy) == row.at("area").at("strategy");
      if (is_winner) of_winner = cost->lut_equivalents;
      EXPECT_GE(cost->lut_equivalents, stored) << name << " " << to_string(strategy);
    }
    EXPECT_EQ(of_winner, stored) << name;
  }
  EXPECT_EQ(found, sample.size());
}

}  // namespace
}  // namespace fewbit
