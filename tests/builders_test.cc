// The optimized builders against the model, in the process: every operand pair of a sample of
// requests. SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "gen/ops/emit.h"
#include "gen/rtl/evaluator.h"
#include "gen/rtl/printer.h"
#include "sim/model/operators.h"

namespace fewbit {
namespace {

const char* const kOperands[] = {"int3",        "uint3",    "int1",   "e2m1",     "e3m2",
                                 "e5m2",        "e4m3fnuz", "e1m2f",  "e3m0f",    "ue2m2f",
                                 "binary6p3se", "int5",     "e4m3fn", "e2m2ieee", "binary5p2ue"};
const char* const kResults[] = {"exact",  "int4",        "uint5",    "e2m1",
                                "e4m3fn", "e5m2",        "e4m3fnuz", "e3m0f",
                                "ue3m2f", "binary6p3se", "binary16", "bfloat16"};
const char* const kRoundings[] = {"ties_to_even", "toward_positive", "toward_negative",
                                  "to_odd",       "ties_to_away",    "toward_zero"};

OperatorSpec spec_of(const OperatorRequest& request) {
  Result<OperatorSpec> spec = make_operator_spec(request);
  EXPECT_TRUE(spec.ok()) << (spec.ok() ? "" : spec.error().message());
  return *spec;
}

/// Operand pairs on which the module and the model differ, the first as text.
std::string compare(const OperatorSpec& spec) {
  rtl::Module module(spec.module_name());
  ops::build(module, spec);
  rtl::print(module);
  rtl::Evaluator evaluator(module);
  const SpecialFlags flags = special_flags(spec);
  const int step = spec.a.bits() + spec.b->bits() > 12 ? 13 : 1;
  for (int i = 0; i < 1 << (spec.a.bits() + spec.b->bits()); i += step) {
    const BigInt a = i >> spec.b->bits();
    const BigInt b = i & ((1 << spec.b->bits()) - 1);
    evaluator.set("a_i", a);
    evaluator.set("b_i", b);
    evaluator.settle();
    const model::Outputs expected = model::evaluate(spec, a, b);
    if ((expected.result_defined && evaluator.get("result_o") != expected.result) ||
        (flags.nan && (evaluator.get("nan_o") != 0) != expected.nan) ||
        (flags.pinf && (evaluator.get("pinf_o") != 0) != expected.pinf) ||
        (flags.ninf && (evaluator.get("ninf_o") != 0) != expected.ninf)) {
      return fmt::format("{} on {}: a {}, b {}: expected {}, got {}", spec.command(),
                         to_string(spec.fabric), to_hex(a), to_hex(b), to_hex(expected.result),
                         to_hex(evaluator.get("result_o")));
    }
  }
  return "";
}

TEST(Builders, CombinationalOperatorsEqualTheModel) {
  unsigned turn = 0;
  int designs = 0;
  for (const char* op : {"mul", "add", "sub"}) {
    for (const char* a : kOperands) {
      for (const char* b : kOperands) {
        for (const char* result : kResults) {
          if (++turn % 11 != 0) continue;
          OperatorRequest request{.op = op, .a = a, .b = b, .result = result};
          if (request.result != "exact") request.rounding = kRoundings[turn / 11 % 6];
          request.fabric = static_cast<Fabric>(turn % 3);
          EXPECT_EQ(compare(spec_of(request)), "");
          ++designs;
        }
      }
    }
  }
  EXPECT_GT(designs, 700);
}

TEST(Builders, AccumulatorsEqualTheModel) {
  std::mt19937 random(1);
  int designs = 0;
  for (const char* a : kOperands) {
    for (const char* b : kOperands) {
      OperatorRequest request{.op = "mac", .a = a, .b = b};
      request.terms = 50;
      request.fabric = static_cast<Fabric>(designs % 3);
      const OperatorSpec spec = spec_of(request);
      rtl::Module module(spec.module_name());
      ops::build(module, spec);
      rtl::print(module);
      rtl::Evaluator evaluator(module);
      model::Accumulator accumulator(spec);
      evaluator.set("valid_i", 1);
      std::vector<model::Outputs> expected;
      for (int cycle = 0; cycle < 400; ++cycle) {
        const bool first = cycle == 0 || cycle % 37 == 0;
        const BigInt x = random() & ((1U << spec.a.bits()) - 1);
        const BigInt y = random() & ((1U << spec.b->bits()) - 1);
        evaluator.set("first_i", first ? 1 : 0);
        evaluator.set("a_i", x);
        evaluator.set("b_i", y);
        expected.push_back(accumulator.step(first, x, y));
        evaluator.clock();
        if (cycle == 0) continue;
        ASSERT_EQ(evaluator.get("valid_o"), 1);
        ASSERT_EQ(evaluator.get("acc_o"), expected[static_cast<std::size_t>(cycle) - 1].result)
            << spec.command() << " on " << to_string(spec.fabric) << ", cycle " << cycle;
      }
      ++designs;
    }
  }
  EXPECT_EQ(designs, 225);
}

TEST(Builders, SameRequestSameBytes) {
  const OperatorSpec spec = spec_of({.op = "mac", .a = "e4m3fn", .b = "int4"});
  const auto first = ops::output_files(ops::emit(spec));
  const auto second = ops::output_files(ops::emit(spec));
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].name, second[i].name);
    EXPECT_EQ(first[i].text, second[i].text);
  }
}

}  // namespace
}  // namespace fewbit
