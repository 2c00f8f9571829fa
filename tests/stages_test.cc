// Stages of the builders, each alone in the evaluator: rounder, alignment, interface, accumulator.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <random>

#include "fewbit/gen/ops/operand/interface.h"
#include "fewbit/gen/ops/product/alignment.h"
#include "fewbit/gen/ops/sum/accumulator.h"
#include "fewbit/gen/ops/sum/round.h"
#include "fewbit/gen/rtl/evaluator.h"

namespace fewbit::ops {
namespace {

using rtl::Evaluator;
using rtl::Module;
using rtl::Signal;

constexpr Fabric kFabrics[] = {Fabric::kIce40, Fabric::kEcp5, Fabric::kXilinx};

OperatorSpec spec_of(const OperatorRequest& request) { return make_operator_spec(request).value(); }

unsigned bits_of(const Evaluator& run, const std::string& output) {
  return static_cast<unsigned>(run.get(output));
}

// --- The rounder.

/// Magnitudes of e2m1, by code, and of int4 (up to 7; below zero one more).
const std::vector<double> kE2m1 = {0, 0.5, 1, 1.5, 2, 3, 4, 6};
const std::vector<double> kInt4 = {0, 1, 2, 3, 4, 5, 6, 7};

/// The code that a value rounds to among magnitudes, by looking at its two neighbours; beyond the
/// largest it saturates.
unsigned rounded(double value, bool negative, const std::vector<double>& magnitudes,
                 const std::string& mode) {
  const auto above = std::lower_bound(magnitudes.begin(), magnitudes.end(), value);
  if (above == magnitudes.end()) return static_cast<unsigned>(magnitudes.size()) - 1;
  const auto high = static_cast<unsigned>(above - magnitudes.begin());
  if (*above == value) return high;
  const unsigned low = high - 1;
  const double up = magnitudes[high] - value;
  const double down = value - magnitudes[low];
  if (mode == "toward_zero") return low;
  if (mode == "toward_positive") return negative ? low : high;
  if (mode == "toward_negative") return negative ? high : low;
  if (mode == "to_odd") return low % 2 == 1 ? low : high;
  if (up != down) return up < down ? high : low;
  if (mode == "ties_to_away") return high;
  if (mode == "ties_toward_positive") return negative ? low : high;
  if (mode == "ties_toward_negative") return negative ? high : low;
  return low % 2 == 0 ? low : high;
}

constexpr const char* kModes[] = {"ties_to_even",         "ties_to_away",        "toward_zero",
                                  "toward_positive",      "toward_negative",     "to_odd",
                                  "ties_toward_positive", "ties_toward_negative"};

TEST(Rounder, FixedPointGoesToTheNeighbourThatTheModeNames) {
  constexpr int kBits = 9;
  constexpr int kLsb = -4;
  for (const char* mode : kModes) {
    for (const char* result : {"e2m1", "int4"}) {
      const bool is_int = std::string(result) == "int4";
      const OperatorSpec spec =
          spec_of({.op = "convert", .a = "binary16", .result = result, .rounding = mode});
      Module m("rounder");
      const Signal zero = m.constant(1, 0);
      const SignMagnitude value{m.input("magnitude_i", kBits), m.input("negative_i", 1), kLsb};
      m.output("result_o", round_and_pack(m, spec, {value, zero, zero}, m.constant(0, 0)));
      Evaluator run(m);
      for (unsigned code = 0; code < 2U << kBits; ++code) {
        const unsigned magnitude = code >> 1;
        const bool negative = code % 2 == 1;
        run.set("magnitude_i", magnitude);
        run.set("negative_i", negative ? 1 : 0);
        run.settle();
        const double exact = std::ldexp(magnitude, kLsb);
        unsigned expected = 0;
        if (!is_int) {
          expected = rounded(exact, negative, kE2m1, mode) | (negative ? 8U : 0U);
        } else if (!negative) {
          expected = rounded(exact, negative, kInt4, mode);
        } else {
          std::vector<double> below = kInt4;
          below.push_back(8);
          expected = (16U - rounded(exact, negative, below, mode)) % 16U;
        }
        ASSERT_EQ(bits_of(run, "result_o"), expected)
            << mode << " into " << result << ": " << (negative ? "-" : "") << exact;
      }
    }
  }
}

TEST(Rounder, AnExponentMovesTheMagnitude) {
  for (const char* mode : kModes) {
    const OperatorSpec spec =
        spec_of({.op = "convert", .a = "binary16", .result = "e2m1", .rounding = mode});
    Module m("rounder");
    const Signal zero = m.constant(1, 0);
    SignMagnitude value{m.input("magnitude_i", 5), m.input("negative_i", 1), -8};
    value.exponent = m.input("exponent_i", 4);
    value.max_exponent = 15;
    m.output("result_o", round_and_pack(m, spec, {value, zero, zero}, m.constant(0, 0)));
    Evaluator run(m);
    for (unsigned code = 0; code < 1U << 10; ++code) {
      const unsigned magnitude = code % 32, exponent = code / 32 % 16;
      const bool negative = code >> 9 != 0;
      run.set("magnitude_i", magnitude);
      run.set("exponent_i", exponent);
      run.set("negative_i", negative ? 1 : 0);
      run.settle();
      const double exact = std::ldexp(magnitude, static_cast<int>(exponent) - 8);
      ASSERT_EQ(bits_of(run, "result_o"),
                rounded(exact, negative, kE2m1, mode) | (negative ? 8U : 0U))
          << mode << ": " << magnitude << " x 2^" << exponent << " / 256";
    }
  }
}

// e4m3fn has one NaN, 0x7f, and no infinity; e5m2's infinity is 0x7c; of the formats without either
// the largest number stands for infinity.
TEST(Rounder, SpecialValuesComeLast) {
  const auto special = [](const char* result, bool nan, bool negative) {
    const OperatorSpec spec = spec_of({.op = "convert", .a = "binary16", .result = result});
    Module m("rounder");
    const SignMagnitude value{m.input("magnitude_i", 6), m.input("negative_i", 1), -2};
    const ExactResult exact{value, m.input("nan_i", 1), m.input("infinite_i", 1)};
    m.output("result_o", round_and_pack(m, spec, exact, m.constant(0, 0)));
    Evaluator run(m);
    run.set("magnitude_i", 5);
    run.set("negative_i", negative ? 1 : 0);
    run.set(nan ? "nan_i" : "infinite_i", 1);
    run.settle();
    return bits_of(run, "result_o");
  };
  EXPECT_EQ(special("e4m3fn", true, false), 0x7fU);
  EXPECT_EQ(special("e5m2", false, false), 0x7cU);
  EXPECT_EQ(special("e5m2", false, true), 0xfcU);
  EXPECT_EQ(special("e2m1", false, false), 0x7U);
  EXPECT_EQ(special("e2m1", false, true), 0xfU);
}

TEST(Rounder, WhatFallsOutStaysInTheStickyBit) {
  Module m("jam");
  const Signal x = m.input("x_i", 7);
  m.output("right_o", shift_right_jam(m, "right", x, m.input("amount_i", 4)));
  m.output("narrow_o", jammed(m, x, 4));
  m.output("wide_o", jammed(m, x, 9));
  Evaluator run(m);
  for (unsigned bits = 0; bits < 128; ++bits) {
    for (unsigned amount = 0; amount < 16; ++amount) {
      run.set("x_i", bits);
      run.set("amount_i", amount);
      run.settle();
      const auto jam = [bits](unsigned places) {
        return (bits >> places) | ((bits & ((1U << places) - 1)) != 0 ? 1U : 0U);
      };
      ASSERT_EQ(bits_of(run, "right_o"), jam(amount)) << bits << " >> " << amount;
      ASSERT_EQ(bits_of(run, "narrow_o"), jam(3)) << bits;
      ASSERT_EQ(bits_of(run, "wide_o"), bits << 2) << bits;
    }
  }
}

// --- Alignment.

/// The exponent field of a code, subnormals as the least normal.
unsigned scale_of(unsigned code, int exponent_bits, int fraction_bits) {
  return std::max(1U, code >> fraction_bits & ((1U << exponent_bits) - 1)) - 1;
}

TEST(Alignment, MovesAProductToItsPlace) {
  struct Case {
    const char *a, *b;
    int a_exponent, a_fraction, b_exponent, b_fraction;
  };
  for (const Fabric fabric : kFabrics) {
    for (const Case& c : {Case{"e2m1", "e2m1", 2, 1, 2, 1}, Case{"e2m3", "e3m2", 2, 3, 3, 2},
                          Case{"e4m3fn", "e2m1", 4, 3, 2, 1}, Case{"e4m3fn", "", 4, 3, 0, 0}}) {
      const bool both = *c.b != '\0';
      Module m("alignment");
      const Format a_format = parse_format(c.a).value();
      const Unpacked a = unpack(m, a_format, m.input("a_i", a_format.bits()), "a", false);
      std::optional<Unpacked> b;
      int b_bits = 0;
      if (both) {
        const Format b_format = parse_format(c.b).value();
        b_bits = b_format.bits();
        b = unpack(m, b_format, m.input("b_i", b_bits), "b", false);
      }
      constexpr int kProductBits = 5;
      const ShiftPlan plan = plan_shift(m, a, both ? &*b : nullptr, fabric, 1);
      const Aligned moved = shift_stages(m, plan, 0, plan.stages(),
                                         {m.input("product_i", kProductBits), 0, {}}, false, {});
      EXPECT_EQ(moved.bits.width(), kProductBits + plan.max_shift);
      EXPECT_EQ(plan.max_shift, (1 << c.a_exponent) - 2 + (both ? (1 << c.b_exponent) - 2 : 0));
      m.output("aligned_o", moved.bits);
      Evaluator run(m);
      for (unsigned codes = 0; codes < 1U << (a_format.bits() + b_bits); ++codes) {
        const unsigned a_code = codes >> b_bits, b_code = codes % (1U << b_bits);
        for (const unsigned product : {1U, 21U, 31U}) {
          run.set("a_i", a_code);
          if (both) run.set("b_i", b_code);
          run.set("product_i", product);
          run.settle();
          const unsigned places = scale_of(a_code, c.a_exponent, c.a_fraction) +
                                  (both ? scale_of(b_code, c.b_exponent, c.b_fraction) : 0);
          ASSERT_EQ(run.get("aligned_o"), BigInt(product) << places)
              << c.a << " " << a_code << ", " << c.b << " " << b_code;
        }
      }
    }
  }
}

TEST(Alignment, GrowsToTheLeft) {
  for (const int most : {5, 7, 11}) {
    Module m("left");
    const Signal x = shift_left_growing(m, "left", m.input("x_i", 3), m.input("amount_i", 4), most);
    EXPECT_EQ(x.width(), 3 + most);
    m.output("x_o", x);
    Evaluator run(m);
    for (int amount = 0; amount <= most; ++amount) {
      for (unsigned bits = 0; bits < 8; ++bits) {
        run.set("x_i", bits);
        run.set("amount_i", amount);
        run.settle();
        ASSERT_EQ(bits_of(run, "x_o"), bits << amount) << bits << " << " << amount << ", " << most;
      }
    }
  }
}

// --- The interface.

/// A product of two numbers of three bits behind the handshake.
void build_product(Module& m, const OperatorSpec& spec) {
  Interface io(m, spec);
  Results results;
  results.result = product(io.operand("a_i"), false, io.operand("b_i"), false);
  io.finish(results);
}

OperatorSpec product_spec(const char* handshake, int latency) {
  return spec_of({.op = "mul",
                  .a = "uint3",
                  .b = "uint3",
                  .tag_bits = 4,
                  .latency = latency,
                  .handshake = handshake});
}

TEST(Interface, NothingIsLostOrDoubledUnderBackPressure) {
  for (const int latency : {1, 2, 3}) {
    Module m("handshake");
    build_product(m, product_spec("valid_ready", latency));
    Evaluator run(m);
    std::mt19937 random(7);
    std::deque<std::pair<unsigned, unsigned>> accepted;  // product, tag
    unsigned taken = 0;
    std::optional<std::pair<unsigned, unsigned>> offered;  // and not taken at the last edge
    for (unsigned cycle = 0; cycle < 3000; ++cycle) {
      const unsigned a = random() % 8, b = random() % 8, tag = random() % 16;
      const bool valid = random() % 4 != 0, ready = random() % 3 != 0;
      run.set("a_i", a);
      run.set("b_i", b);
      run.set("tag_i", tag);
      run.set("valid_i", valid ? 1 : 0);
      run.set("ready_i", ready ? 1 : 0);
      run.settle();
      const bool is_offered = run.get("valid_o") != 0;
      ASSERT_EQ(run.get("ready_o") != 0, ready || !is_offered) << cycle;
      if (offered) {
        ASSERT_TRUE(is_offered) << cycle;
      }
      if (is_offered) {
        ASSERT_FALSE(accepted.empty()) << cycle;
        const std::pair result{bits_of(run, "result_o"), bits_of(run, "tag_o")};
        ASSERT_EQ(result, accepted.front()) << cycle;
        if (offered) {
          ASSERT_EQ(result, *offered) << cycle;
        }
        offered = ready ? std::nullopt : std::optional(result);
        if (ready) {
          accepted.pop_front();
          ++taken;
        }
      }
      if (valid && run.get("ready_o") != 0) accepted.emplace_back(a * b, tag);
      run.clock();
    }
    EXPECT_GT(taken, 1000U);
    EXPECT_LE(accepted.size(), static_cast<std::size_t>(latency));
  }
}

TEST(Interface, ResultsComeAfterTheLatency) {
  for (const int latency : {1, 2, 3}) {
    Module m("valid");
    build_product(m, product_spec("valid", latency));
    Evaluator run(m);
    std::mt19937 random(11);
    std::deque<std::optional<std::pair<unsigned, unsigned>>> expected(
        static_cast<std::size_t>(latency));
    for (unsigned cycle = 0; cycle < 500; ++cycle) {
      const unsigned a = random() % 8, b = random() % 8, tag = random() % 16;
      const bool valid = random() % 2 != 0;
      run.set("a_i", a);
      run.set("b_i", b);
      run.set("tag_i", tag);
      run.set("valid_i", valid ? 1 : 0);
      run.settle();
      expected.push_back(valid ? std::optional(std::pair{a * b, tag}) : std::nullopt);
      ASSERT_EQ(run.get("valid_o") != 0, expected.front().has_value()) << latency << ": " << cycle;
      if (expected.front()) {
        ASSERT_EQ(bits_of(run, "result_o"), expected.front()->first) << latency << ": " << cycle;
        ASSERT_EQ(bits_of(run, "tag_o"), expected.front()->second) << latency << ": " << cycle;
      }
      expected.pop_front();
      run.clock();
    }
  }
}

// --- The accumulator.

/// The sum in `width` bits, two's complement, as the rule says.
int summed(int sum, int addend, int width, bool saturates) {
  const int most = (1 << (width - 1)) - 1;
  sum += addend;
  if (saturates) return std::clamp(sum, -most - 1, most);
  if (sum > most) return sum - (2 * most + 2);
  return sum < -most - 1 ? sum + 2 * most + 2 : sum;
}

TEST(Accumulator, AddsWrapsAndSaturatesOnEveryFabric) {
  constexpr int kWidth = 7;
  for (const Fabric fabric : kFabrics) {
    for (const char* overflow : {"wrap", "saturate"}) {
      const OperatorSpec spec = spec_of({.op = "acc",
                                         .a = "int5",
                                         .overflow = overflow,
                                         .acc_width = kWidth,
                                         .handshake = "valid",
                                         .fabric = fabric});
      const std::string name = fmt::format("{} on {}", overflow, to_string(fabric));
      Module m("accumulator");
      Interface io(m, spec);
      const Signal a = io.control().stage().cross("addend", io.operand("a_i"));
      const Signal zero = m.constant(1, 0);
      const Addend addend{a, a.top(), zero, 0};
      io.finish(accumulate(m, spec, io.control(), addend, {zero, zero, zero}));
      Evaluator run(m);
      std::mt19937 random(5);
      std::deque<int> sums;
      int sum = 0;
      bool is_first = true;
      unsigned compared = 0;
      for (unsigned cycle = 0; cycle < 3000; ++cycle) {
        const int operand = static_cast<int>(random() % 32) - 16;
        const bool valid = random() % 5 != 0;
        const bool first = is_first || random() % 12 == 0;
        run.set("a_i", to_bits(operand, 5));
        run.set("valid_i", valid ? 1 : 0);
        run.set("first_i", first ? 1 : 0);
        run.settle();
        if (run.get("valid_o") != 0) {
          ASSERT_FALSE(sums.empty()) << name << ": " << cycle;
          ASSERT_EQ(from_bits(run.get("acc_o"), kWidth, true), sums.front())
              << name << ": " << cycle;
          sums.pop_front();
          ++compared;
        }
        if (valid) {
          sum = summed(first ? 0 : sum, operand, kWidth, spec.overflow == OverflowMode::kSaturate);
          sums.push_back(sum);
          is_first = false;
        }
        run.clock();
      }
      EXPECT_GT(compared, 2000U) << name;
      EXPECT_LE(sums.size(), static_cast<std::size_t>(spec.latency())) << name;
    }
  }
}

}  // namespace
}  // namespace fewbit::ops
