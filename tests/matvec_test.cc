// matvec against its model, under stalls; its rate; what it refuses; mistakes that must show.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/matvec.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <tuple>

#include "fewbit/sim/model/blocks/matvec.h"
#include "fewbit/tests/block_run.h"
#include "fewbit/tests/graph_edit.h"

namespace fewbit {
namespace {

using fewbit::testing::append;
using fewbit::testing::GraphEdit;
using fewbit::testing::MakeTraffic;
using fewbit::testing::Outcome;
using fewbit::testing::random_codes;
using fewbit::testing::run_block;
using fewbit::testing::Traffic;
using ::testing::AllOf;
using ::testing::HasSubstr;

struct Shape {
  std::string w, x;
  int outputs, terms, rows, lanes;
  int latency = 4;
};

MatvecSpec spec_of(const Shape& shape) {
  MatvecRequest request{.weights_format = shape.w, .activations_format = shape.x};
  request.outputs = shape.outputs;
  request.terms = shape.terms;
  request.rows = shape.rows;
  request.lanes = shape.lanes;
  request.latency = shape.latency;
  request.fabric = Fabric::kEcp5;
  std::mt19937 random(7);
  const int bits = parse_format(shape.w).value().bits();
  for (int i = 0; i < shape.outputs * shape.terms; ++i) {
    request.weights.push_back(random() % (1U << bits));
  }
  const auto spec = make_matvec_spec(request);
  EXPECT_TRUE(spec.ok()) << spec.error().message();
  return spec.value();
}

/// Vectors of random codes, and the sums of the model; what is beyond the terms must not matter.
MakeTraffic traffic_of(const MatvecSpec& spec) {
  return [spec, reference = model::Matvec(spec)](std::mt19937_64& random, std::size_t count) {
    Traffic traffic;
    const int bits = spec.activation.bits();
    while (std::max(traffic.x.size(), traffic.y.size()) < count) {
      const std::vector<Code> x = random_codes(random, spec.terms, bits);
      append(traffic.x, x, spec.lanes, bits, [&] { return BigInt(random() % 2); });
      append(traffic.y, reference(x), spec.rows, spec.sum_format().bits);
    }
    return traffic;
  };
}

/// One after the other: several groups and one, dividing and not, one beat a vector, one word of
/// weights, signed weights times unsigned activations, little and much latency.
const Shape kShapes[] = {
    {"e2m0f", "ue1m3f", 12, 40, 4, 8}, {"int4", "int4", 7, 21, 3, 4, 2},
    {"e2m1", "int8", 5, 9, 5, 4, 3},   {"int8", "uint8", 10, 6, 4, 6},
    {"e4m3f", "e2m1", 3, 4, 3, 4, 1},  {"int2", "ue2m2f", 9, 50, 2, 1, 6},
};

TEST(Matvec, GivesTheSumsOfItsModelAtFullRate) {
  for (const Shape& shape : kShapes) {
    const MatvecSpec spec = spec_of(shape);
    SCOPED_TRACE(spec.module_name);
    const Outcome outcome = run_block(*blocks::matvec(spec), traffic_of(spec), false);
    EXPECT_TRUE(outcome.report.passed) << outcome.text();
    EXPECT_DOUBLE_EQ(outcome.rates.at("y"), 1.0 / spec.beats());
  }
}

TEST(Matvec, AMistakeShows) {
  const MatvecSpec spec = spec_of(kShapes[0]);
  // The last beat of a sum enters where its sum has no place; a third vector comes in over one that
  // is still read.
  for (const auto& [holder, right, wrong] :
       {std::tuple{"enters", "place_left", 1}, std::tuple{"holds_two_d", "holds_one_q", 0}}) {
    const auto module = blocks::matvec(spec);
    GraphEdit edit(*module);
    edit.plant(holder, edit[right], edit.constant(1, wrong));
    EXPECT_FALSE(run_block(*module, traffic_of(spec), false).report.passed) << holder;
  }
}

TEST(Matvec, RefusesWhatItDoesNotCover) {
  MatvecRequest good{.weights_format = "int4", .activations_format = "int4"};
  good.outputs = 4;
  good.terms = 6;
  good.rows = 2;
  good.lanes = 3;
  good.weights.assign(24, 1);
  ASSERT_TRUE(make_matvec_spec(good).ok());
  const auto refusal = [&](auto change) {
    MatvecRequest request = good;
    change(request);
    const auto spec = make_matvec_spec(request);
    return spec.ok() ? std::string("accepted") : spec.error().message();
  };
  EXPECT_THAT(refusal([](auto& r) { r.weights_format = "bipolar"; }),
              AllOf(HasSubstr("--weights-format"), HasSubstr("with a zero")));
  EXPECT_THAT(refusal([](auto& r) { r.activations_format = "e4m3fn"; }),
              AllOf(HasSubstr("--activations-format"), HasSubstr("finite")));
  EXPECT_THAT(refusal([](auto& r) { r.activations_format = "e8m0"; }), HasSubstr("zero"));
  EXPECT_THAT(refusal([](auto& r) { r.rows = 0; }), HasSubstr("1 to 4"));
  EXPECT_THAT(refusal([](auto& r) { r.rows = 5; }), HasSubstr("1 to 4"));
  EXPECT_THAT(refusal([](auto& r) { r.lanes = 7; }), HasSubstr("1 to 6"));
  EXPECT_THAT(refusal([](auto& r) { r.outputs = 0; }), HasSubstr("--outputs"));
  EXPECT_THAT(refusal([](auto& r) { r.terms = 1 << 20; }), HasSubstr("--terms"));
  EXPECT_THAT(refusal([](auto& r) { r.weights.pop_back(); }), HasSubstr("24 codes"));
  EXPECT_THAT(refusal([](auto& r) { r.weights[5] = 16; }), HasSubstr("weight 5"));
  EXPECT_THAT(refusal([](auto& r) { r.latency = 1; }), HasSubstr("2 to 64"));
  EXPECT_THAT(refusal([](auto& r) { r.name = "module"; }), HasSubstr("--name"));
  EXPECT_THAT(refusal([](auto& r) { r.dsp = "all"; }), HasSubstr("--dsp"));
}

}  // namespace
}  // namespace fewbit
