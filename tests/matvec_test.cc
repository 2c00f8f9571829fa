// matvec against its model, under stalls; its rate; what it refuses; mistakes that must show.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/matvec.h"

#include <gmock/gmock.h>

#include <random>

#include "fewbit/gen/blocks/stream.h"
#include "fewbit/gen/rtl/design.h"
#include "fewbit/sim/model/blocks/matvec.h"
#include "fewbit/tests/graph_edit.h"
#include "fewbit/tests/stream_run.h"

namespace fewbit {
namespace {

using fewbit::testing::Beat;
using fewbit::testing::GraphEdit;
using fewbit::testing::Side;
using fewbit::testing::Stalls;
using fewbit::testing::StreamRun;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

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

/// Vectors of random codes, one of them all at the largest code; and the beats of x and y.
struct Traffic {
  std::vector<Beat> x, y;
};
Traffic traffic_of(const MatvecSpec& spec, int vectors) {
  std::mt19937 random(11);
  Traffic traffic;
  const model::Matvec reference(spec);
  const int bits = spec.activation.bits();
  const int sum_bits = spec.sum_format().bits;
  for (int v = 0; v < vectors; ++v) {
    std::vector<Code> x;
    for (int k = 0; k < spec.terms; ++k) x.push_back(random() % (1U << bits));
    const std::vector<BigInt> sums = reference(x);
    x.resize(static_cast<std::size_t>(spec.beats() * spec.lanes));
    // What is beyond the terms must not matter.
    for (std::size_t k = static_cast<std::size_t>(spec.terms); k < x.size(); ++k) {
      x[k] = random() % (1U << bits);
    }
    for (int b = 0; b < spec.beats(); ++b) {
      BigInt data = 0;
      for (int s = spec.lanes; s-- > 0;) {
        data = (data << bits) | x[static_cast<std::size_t>(b * spec.lanes + s)];
      }
      traffic.x.push_back({data, b + 1 == spec.beats()});
    }
    for (int g = 0; g < spec.groups(); ++g) {
      BigInt data = 0;
      for (int r = spec.rows; r-- > 0;) {
        const int c = g * spec.rows + r;
        data <<= sum_bits;
        if (c < spec.outputs) data |= to_bits(sums[static_cast<std::size_t>(c)], sum_bits);
      }
      traffic.y.push_back({data, g + 1 == spec.groups()});
    }
  }
  return traffic;
}

struct Outcome {
  verify::VerifyReport report;
  std::string waiting;
  std::vector<int> cycles;  ///< in which sums left
};
Outcome run(const MatvecSpec& spec, const rtl::EmittedDesign& design, int vectors, Stalls in,
            Stalls out) {
  Traffic traffic = traffic_of(spec, vectors);
  StreamRun behaviour({{"x", {.beats = traffic.x, .stalls = in}}},
                      {{"y", {.beats = traffic.y, .stalls = out}}}, 5);
  const auto report = verify::verify_design(design, behaviour, {});
  EXPECT_TRUE(report.ok()) << report.error().message();
  return {report.value(), behaviour.waiting(), behaviour.output("y").cycles};
}

rtl::EmittedDesign design_of(const MatvecSpec& spec) {
  const auto module = blocks::matvec(spec);
  EXPECT_THAT(blocks::stream_defects(*module), IsEmpty());
  return rtl::Design(*module).emit();
}

/// One after the other: several groups and one, dividing and not, one beat a vector, one word of
/// weights, signed weights times unsigned activations, little and much latency.
const Shape kShapes[] = {
    {"e2m0f", "ue1m3f", 12, 40, 4, 8},   {"int4", "int4", 7, 21, 3, 4, 2},
    {"e2m1", "int8", 5, 9, 5, 4, 3},     {"int8", "uint8", 10, 6, 4, 6},
    {"e4m3f", "e2m1", 3, 4, 3, 4, 1},    {"int2", "ue2m2f", 9, 50, 2, 1, 6},
};

TEST(Matvec, GivesTheSumsOfItsModel) {
  constexpr int kFree = 20;  // vectors without a stall, to see the rate
  for (const Shape& shape : kShapes) {
    const MatvecSpec spec = spec_of(shape);
    SCOPED_TRACE(spec.module_name);
    const auto beats = [&](int of_a_vector) { return static_cast<std::size_t>(kFree * of_a_vector); };
    const Outcome outcome = run(spec, design_of(spec), 80, {30, 1, beats(spec.beats())},
                                {40, 3, beats(spec.groups())});
    EXPECT_TRUE(outcome.report.passed) << verify::to_text(outcome.report);
    ASSERT_EQ(outcome.waiting, "");
    EXPECT_GE(outcome.report.vectors, 80U * static_cast<unsigned>(spec.groups()));
    const auto end_of = [&](int vector) {
      return outcome.cycles[static_cast<std::size_t>(vector * spec.groups()) - 1];
    };
    EXPECT_EQ(end_of(18) - end_of(4), 14 * spec.groups() * spec.beats());
  }
}

TEST(Matvec, AMistakeShows) {
  const MatvecSpec spec = spec_of(kShapes[0]);
  const auto plant = [&](const std::string& holder, auto right, auto wrong) {
    auto module = blocks::matvec(spec);
    GraphEdit edit(*module);
    edit.plant(holder, right(edit), wrong(edit));
    return rtl::Design(*module).emit();
  };
  // The last beat of a sum enters where its sum has no place.
  const rtl::EmittedDesign no_credit = plant(
      "enters", [](GraphEdit& e) { return e["has_place"]; },
      [](GraphEdit& e) { return e.constant(1, 1); });
  // A third vector comes in over one that is still read.
  const rtl::EmittedDesign overrun = plant(
      "holds_two_d", [](GraphEdit& e) { return e["holds_one_q"]; },
      [](GraphEdit& e) { return e.constant(1, 0); });
  for (const auto* design : {&no_credit, &overrun}) {
    const Outcome outcome = run(spec, *design, 30, {}, {90, 5});
    EXPECT_FALSE(outcome.report.passed && outcome.waiting.empty());
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
