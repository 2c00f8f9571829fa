// Every P3109 format Binary<K>p<P><s|u><e|f> of 3 to 16 bits, code by code, against the definition
// in the working group's interim report: bias, zero, one, NaN, infinities, extremes, all values.
// And saturation, row by row as the draft has it.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/sim/model/exact.h"

namespace fewbit::model {
namespace {

struct P3109 {
  int k, p;
  bool is_signed, is_extended;

  [[nodiscard]] std::string name() const {
    return "binary" + std::to_string(k) + "p" + std::to_string(p) + (is_signed ? "s" : "u") +
           (is_extended ? "e" : "f");
  }
  [[nodiscard]] int bias() const { return 1 << (is_signed ? k - p - 1 : k - p); }
  [[nodiscard]] int one() const { return 1 << (is_signed ? k - 2 : k - 1); }
  [[nodiscard]] int nan() const { return is_signed ? 1 << (k - 1) : (1 << k) - 1; }
  [[nodiscard]] int plus_infinity() const { return is_signed ? (1 << (k - 1)) - 1 : (1 << k) - 2; }
  [[nodiscard]] int minus_infinity() const { return (1 << k) - 1; }  // signed ones alone
  [[nodiscard]] int largest() const { return is_extended ? plus_infinity() - 1 : plus_infinity(); }
};

std::vector<P3109> formats_of(int k) {
  std::vector<P3109> formats;
  for (const bool is_signed : {true, false}) {
    for (int p = 1; p <= (is_signed ? k - 1 : k); ++p) {
      formats.push_back({k, p, is_signed, true});
      formats.push_back({k, p, is_signed, false});
    }
  }
  return formats;
}

/// |value| of code x: with T the trailing p - 1 bits and E the bits above, T x 2^(2 - bias - p)
/// where E = 0 and (2^(p-1) + T) x 2^(E + 1 - bias - p) elsewhere.
void expect_value(const P3109& p3109, const Datum& datum, int x, bool negative) {
  const int trailing = x % (1 << (p3109.p - 1));
  const int exponent = x / (1 << (p3109.p - 1));
  const bool is_subnormal = exponent == 0;
  int significand = is_subnormal ? trailing : (1 << (p3109.p - 1)) + trailing;
  if (negative) significand = -significand;
  const int weight = (is_subnormal ? 2 : exponent + 1) - p3109.bias() - p3109.p;
  ASSERT_TRUE(datum.is_finite());
  ASSERT_EQ(datum.negative, negative);
  if (x == 0) {
    ASSERT_TRUE(datum.is_zero());
    return;
  }
  ASSERT_EQ(datum.cls, is_subnormal ? FloatClass::kSubnormal : FloatClass::kNormal);
  ASSERT_EQ(compare(datum.value, {significand, weight}), 0);
}

void check_every_code(const P3109& p3109, const Format& format) {
  for (int code = 0; code < 1 << p3109.k; ++code) {
    SCOPED_TRACE(code);
    const Datum datum = decode(format, code);
    const bool is_infinity =
        p3109.is_extended &&
        (code == p3109.plus_infinity() || (p3109.is_signed && code == p3109.minus_infinity()));
    if (code == p3109.nan()) {
      ASSERT_TRUE(datum.is_nan());
    } else if (is_infinity) {
      ASSERT_TRUE(datum.is_infinite());
      ASSERT_EQ(datum.negative, code != p3109.plus_infinity());
    } else {
      const bool negative = p3109.is_signed && code > p3109.nan();
      expect_value(p3109, datum, negative ? code - p3109.nan() : code, negative);
    }
    const OverflowMode overflow =
        p3109.is_extended ? OverflowMode::kInfinity : OverflowMode::kSaturate;
    ASSERT_EQ(encode(format, datum, RoundingMode::kToOdd, overflow), code);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

class P3109Formats : public ::testing::TestWithParam<int> {};

TEST_P(P3109Formats, AreAsDefined) {
  const std::vector<P3109> formats = formats_of(GetParam());
  ASSERT_EQ(formats.size(), 2U * (2 * static_cast<std::size_t>(GetParam()) - 1));
  for (const P3109& p3109 : formats) {
    SCOPED_TRACE(p3109.name());
    const Result<Format> format = parse_format(p3109.name());
    ASSERT_TRUE(format.ok()) << format.error().message();
    EXPECT_EQ(format->bits(), p3109.k);
    EXPECT_EQ(format->is_signed(), p3109.is_signed);
    EXPECT_EQ(format->as_float().bias, p3109.bias());
    EXPECT_EQ(format->as_float().fraction_bits, p3109.p - 1);
    EXPECT_EQ(format->has_infinity(), p3109.is_extended);
    EXPECT_EQ(format->as_float().canonical_nan(), static_cast<Code>(p3109.nan()));
    EXPECT_EQ(format->as_float().max_finite, static_cast<Code>(p3109.largest()));
    EXPECT_FALSE(format->as_float().has_negative_zero());
    EXPECT_TRUE(decode(*format, 0).is_zero());
    EXPECT_EQ(compare(decode(*format, p3109.one()).value, {1, 0}), 0);
    check_every_code(p3109, *format);
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Bits, P3109Formats, ::testing::Range(3, 17));

// --- 4.7.5, Saturation ---

/// A closed extended real.
struct Real {
  enum Kind { kFinite, kPlusInfinity, kMinusInfinity, kNan } kind;
  double value = 0;
  [[nodiscard]] bool is_finite() const { return kind == kFinite; }
};

bool keeps_infinity(const Real& x, bool is_signed, bool is_extended) {
  return is_extended && !x.is_finite() && (is_signed || x.kind == Real::kPlusInfinity);
}

bool is_one_of(RoundingMode mode, const std::set<RoundingMode>& modes) {
  return modes.contains(mode);
}

/// The rows of P3109/D1 (July 2026), 4.7.5, in their order; x is rounded.
Real saturated(const std::string& mode, RoundingMode rounding, Real x, double low, double high,
               bool is_signed, bool is_extended) {
  using enum RoundingMode;
  const Real lowest{Real::kFinite, low};
  const Real highest{Real::kFinite, high};
  const bool below = x.is_finite() && x.value < low;
  const bool above = x.is_finite() && x.value > high;
  if (x.is_finite() && !below && !above) return x;
  const Real nearest = below || x.kind == Real::kMinusInfinity ? lowest : highest;
  if (mode == "sat_finite") return nearest;
  if (mode == "sat_propagate") {
    return keeps_infinity(x, is_signed, is_extended) ? x : nearest;
  }
  if (above && is_one_of(rounding, {kTowardZero, kTowardNegative})) return highest;
  if (below && is_one_of(rounding, {kTowardZero, kTowardPositive})) return lowest;
  if (!is_extended) return {Real::kNan};
  if (above || x.kind == Real::kPlusInfinity) return {Real::kPlusInfinity};
  return {is_signed ? Real::kMinusInfinity : Real::kNan};
}

Datum datum_of(const Real& x) {
  Datum datum;
  datum.negative = x.kind == Real::kMinusInfinity || std::signbit(x.value);
  if (x.is_finite()) {
    datum.cls = x.value == 0 ? FloatClass::kZero : FloatClass::kNormal;
    datum.value = {static_cast<long long>(std::ldexp(x.value, 30)), -30};
  } else {
    datum.cls = x.kind == Real::kNan ? FloatClass::kNan : FloatClass::kInfinity;
  }
  return datum;
}

/// The code of a saturated value, by a search over what all codes stand for.
int code_of(const Format& format, const Real& x) {
  for (int code = 0; code < 1 << format.bits(); ++code) {
    const Datum datum = decode(format, code);
    if (x.kind == Real::kNan && datum.is_nan()) return code;
    if (x.is_finite() && datum.is_finite() && compare(datum.value, datum_of(x).value) == 0) {
      return code;
    }
    const bool same_infinity = datum.is_infinite() && !x.is_finite() && x.kind != Real::kNan &&
                               datum.negative == (x.kind == Real::kMinusInfinity);
    if (same_infinity) return code;
  }
  return -1;
}

/// Values that every rounding leaves alone, and one that it takes to a neighbour of zero.
void check_saturation(const P3109& p3109, const Format& format, const std::string& mode,
                      RoundingMode rounding) {
  OperatorRequest request{.op = "convert", .a = "binary32", .result = p3109.name()};
  request.overflow = mode;
  request.rounding = std::string(to_string(rounding));
  const OperatorSpec spec = make_operator_spec(request).value();
  const auto value_of = [&](int code) {
    const ExactValue value = decode(format, code).value;
    return std::ldexp(value.significand.convert_to<double>(), value.exponent);
  };
  const double high = value_of(p3109.largest());
  const double low = p3109.is_signed ? -high : 0;
  const double least = value_of(1);
  const auto expect = [&](const Real& exact, const Real& rounded) {
    const Real expected =
        saturated(mode, rounding, rounded, low, high, p3109.is_signed, p3109.is_extended);
    EXPECT_EQ(encode(format, datum_of(exact), projection_of(spec)), code_of(format, expected))
        << p3109.name() << " " << mode << " " << to_string(rounding) << " " << exact.value << " "
        << exact.kind;
  };
  for (const double sign : {1.0, -1.0}) {
    for (const double magnitude :
         {0.0, least, value_of(p3109.largest() - 1), high, 4 * high, 64 * high}) {
      const Real x{Real::kFinite, sign * magnitude};
      expect(x, x);
    }
    const Real infinity{sign > 0 ? Real::kPlusInfinity : Real::kMinusInfinity};
    expect(infinity, infinity);
    const bool away =
        rounding == RoundingMode::kToOdd ||
        rounding == (sign > 0 ? RoundingMode::kTowardPositive : RoundingMode::kTowardNegative);
    expect({Real::kFinite, sign * least / 8}, {Real::kFinite, away ? sign * least : sign * 0.0});
  }
}

TEST(P3109Saturation, IsThatOfTheDraft) {
  for (const int k : {3, 4, 5}) {
    for (const P3109& p3109 : formats_of(k)) {
      const Format format = parse_format(p3109.name()).value();
      if (p3109.largest() < 2) continue;  // two values
      for (const std::string mode : {"sat_finite", "sat_propagate", "sat_none"}) {
        for (const RoundingMode rounding :
             {RoundingMode::kTiesToEven, RoundingMode::kTiesToAway, RoundingMode::kTowardZero,
              RoundingMode::kTowardPositive, RoundingMode::kTowardNegative, RoundingMode::kToOdd,
              RoundingMode::kTiesTowardPositive, RoundingMode::kTiesTowardNegative}) {
          check_saturation(p3109, format, mode, rounding);
        }
      }
    }
  }
}

// Extremal values as the report's tables state them.
TEST(P3109Literals, LargestAndSmallestValues) {
  const auto text = [](const char* name, unsigned code) {
    return to_string(decode(parse_format(name).value(), code));
  };
  EXPECT_EQ(text("binary8p3se", 0x7e), "49152");
  EXPECT_EQ(text("binary8p3se", 0x01), "1 x 2^-17");
  EXPECT_EQ(text("binary8p4se", 0x7e), "224");
  EXPECT_EQ(text("binary8p4se", 0x01), "0.0009765625");
  EXPECT_EQ(text("binary8p5se", 0x7e), "15");
  EXPECT_EQ(text("binary8p1uf", 0xfe), "1 x 2^126");
  EXPECT_EQ(text("binary8p1ue", 0xfd), "1 x 2^125");
  EXPECT_EQ(text("binary4p2sf", 0x7), "3");
  EXPECT_EQ(text("binary3p1ue", 0x5), "2");
  EXPECT_EQ(text("binary16p1uf", 0xfffe), "1 x 2^32766");
  EXPECT_EQ(text("binary16p1uf", 0x0001), "1 x 2^-32767");
  EXPECT_EQ(text("binary16p16uf", 0xfffe), "32767 x 2^-14");
}

}  // namespace
}  // namespace fewbit::model
