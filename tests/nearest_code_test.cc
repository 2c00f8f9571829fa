// encode() against a slow search of the neighbouring codes with rational arithmetic: every format
// of 3 to 8 bits in every coding, all rounding and overflow modes.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <random>

#include "sim/model/exact.h"
#include "tests/textbook_format.h"

namespace fewbit::model {
namespace {

using Rational = boost::multiprecision::cpp_rational;
using fewbit::testing::textbook_formats;
using fewbit::testing::TextbookFormat;

constexpr RoundingMode kModes[] = {RoundingMode::kTiesToEven,     RoundingMode::kTiesToAway,
                                   RoundingMode::kTowardZero,     RoundingMode::kTowardPositive,
                                   RoundingMode::kTowardNegative, RoundingMode::kToOdd};

Datum to_datum(const Rational& value) {
  Datum datum;
  datum.negative = value < 0;
  datum.cls = value == 0 ? FloatClass::kZero : FloatClass::kNormal;
  const BigInt denominator = boost::multiprecision::denominator(value);  // a power of two
  datum.value.significand = boost::multiprecision::numerator(value);
  datum.value.exponent = -static_cast<int>(boost::multiprecision::msb(denominator));
  return datum;
}

/// Two neighbours of a grid, by their number, and where the value lies between them.
struct Neighbours {
  int lower = 0;
  bool exact = false;
  int nearer = 0;  // -1: lower, 0: tie, 1: upper
};

/// The number of the neighbour that a mode chooses; even and odd are about the number.
int choose(const Neighbours& between, RoundingMode mode, bool negative) {
  if (between.exact) return between.lower;
  const int upper = between.lower + 1;
  const int even = between.lower % 2 == 0 ? between.lower : upper;
  const int odd = between.lower % 2 == 0 ? upper : between.lower;
  const int nearest = between.nearer < 0 ? between.lower : upper;
  switch (mode) {
    case RoundingMode::kTiesToEven:
      return between.nearer == 0 ? even : nearest;
    case RoundingMode::kTiesToAway:
      return between.nearer == 0 ? upper : nearest;
    case RoundingMode::kTowardZero:
      return between.lower;
    case RoundingMode::kTowardPositive:
      return negative ? between.lower : upper;
    case RoundingMode::kTowardNegative:
      return negative ? upper : between.lower;
    case RoundingMode::kToOdd:
      return odd;
  }
  return -1;
}

/// The grid of a format with an exponent field that has no end: all magnitudes and two binades
/// more.
class Grid {
 public:
  explicit Grid(const TextbookFormat& format) {
    const int count = format.magnitudes() + 2 * (1 << format.y) + 2;
    for (int n = 0; n < count; ++n) values_.emplace_back(format.magnitude_value(n));
  }
  [[nodiscard]] const std::vector<Rational>& values() const { return values_; }
  [[nodiscard]] Neighbours find(const Rational& magnitude) const {
    int lower = 0;
    for (int n = 0; n < static_cast<int>(values_.size()); ++n) {
      if (values_[n] <= magnitude) lower = n;
    }
    if (values_[lower] == magnitude) return {lower, true, 0};
    if (lower + 1 == static_cast<int>(values_.size())) return {lower, false, -1};
    const Rational twice = 2 * magnitude;
    const Rational middle = values_[lower] + values_[lower + 1];
    return {lower, false, twice < middle ? -1 : (twice == middle ? 0 : 1)};
  }

 private:
  std::vector<Rational> values_;
};

/// The code that the rule of the header gives for a neighbour above the largest finite value.
int overflow_code(const TextbookFormat& format, bool negative, RoundingMode mode,
                  OverflowMode overflow) {
  const int largest = format.code(format.max_finite(), negative);
  if (overflow == OverflowMode::kSaturate) return largest;
  if (overflow == OverflowMode::kNan) return format.nan_code();
  const bool stays = mode == RoundingMode::kTowardZero || mode == RoundingMode::kToOdd ||
                     (mode == RoundingMode::kTowardPositive && negative) ||
                     (mode == RoundingMode::kTowardNegative && !negative);
  return stays ? largest : format.code(format.max_finite() + 1, negative);
}

/// Values on, between and beyond the codes; products and sums of codes.
std::vector<Rational> interesting_values(const Grid& grid) {
  std::vector<Rational> values;
  const std::vector<Rational>& points = grid.values();
  for (std::size_t n = 0; n + 1 < points.size(); ++n) {
    const Rational gap = points[n + 1] - points[n];
    values.push_back(points[n]);
    for (const int sixteenth : {1, 7, 8, 9, 15}) values.push_back(points[n] + gap * sixteenth / 16);
  }
  const Rational tiny = points[1] / (BigInt(1) << 90);
  const Rational huge = points.back() * (BigInt(1) << 90);
  for (const Rational& value :
       {tiny, Rational(points[1] / 2 - tiny), Rational(points[1] / 2 + tiny), huge}) {
    values.push_back(value);
  }
  std::mt19937 random(1);
  for (int i = 0; i < 100; ++i) {
    const Rational x = points[random() % points.size()];
    const Rational y = points[random() % points.size()];
    values.push_back(x * y);
    values.push_back(x + y);
    values.push_back(x > y ? Rational(x - y) : Rational(y - x));
  }
  return values;
}

void check_format(const TextbookFormat& textbook) {
  const Result<Format> format = parse_format(textbook.name());
  ASSERT_TRUE(format.ok()) << format.error().message();
  std::vector<OverflowMode> overflows = {OverflowMode::kSaturate};
  if (textbook.has_infinity()) overflows.push_back(OverflowMode::kInfinity);
  if (textbook.has_nan()) overflows.push_back(OverflowMode::kNan);
  const Grid grid(textbook);
  for (const Rational& magnitude : interesting_values(grid)) {
    const Neighbours between = grid.find(magnitude);
    for (const bool negative : {false, true}) {
      if (negative && magnitude == 0) continue;
      const Datum datum = to_datum(negative ? Rational(-magnitude) : magnitude);
      for (const RoundingMode mode : kModes) {
        const int chosen = choose(between, mode, negative);
        for (const OverflowMode overflow : overflows) {
          int expected = 0;  // negative into unsigned
          if (!negative || textbook.is_signed) {
            expected = chosen <= textbook.max_finite()
                           ? textbook.code(chosen, negative)
                           : overflow_code(textbook, negative, mode, overflow);
          }
          ASSERT_EQ(encode(*format, datum, mode, overflow), expected)
              << textbook.name() << " " << to_string(datum) << " " << to_string(mode) << " "
              << to_string(overflow);
        }
      }
    }
  }
}

class NearestCode : public ::testing::TestWithParam<int> {};

TEST_P(NearestCode, EveryCodingOfThisWidth) {
  const std::vector<TextbookFormat> formats = textbook_formats(GetParam(), GetParam());
  ASSERT_GE(formats.size(), 14U);
  int checked = 0;
  for (const TextbookFormat& format : formats) {
    if (format.max_finite() == 0) continue;  // nothing but zero
    check_format(format);
    if (::testing::Test::HasFatalFailure()) return;
    ++checked;
  }
  EXPECT_GE(checked, 14);
}

INSTANTIATE_TEST_SUITE_P(Bits, NearestCode, ::testing::Range(3, 9));

TEST(NearestInteger, AllModesSaturatedAndWrapped) {
  for (int bits = 1; bits <= 8; ++bits) {
    for (const bool is_signed : {true, false}) {
      for (const int lsb_exponent : {-3, 0, 2}) {
        const IntFormat format{bits, is_signed, lsb_exponent};
        const int min = is_signed ? -(1 << (bits - 1)) : 0;
        const int max = (1 << (is_signed ? bits - 1 : bits)) - 1;
        for (int eighths = 8 * -300; eighths <= 8 * 300; ++eighths) {
          const Rational units = Rational(eighths) / 8;  // in units of 2^lsb_exponent
          const Rational value = lsb_exponent < 0 ? Rational(units / (1 << -lsb_exponent))
                                                  : Rational(units * (1 << lsb_exponent));
          const int magnitude = std::abs(eighths);
          const int rest = magnitude % 8;
          const Neighbours between{magnitude / 8, rest == 0, rest < 4 ? -1 : (rest == 4 ? 0 : 1)};
          for (const RoundingMode mode : kModes) {
            const int rounded = choose(between, mode, eighths < 0) * (eighths < 0 ? -1 : 1);
            const unsigned mask = (1U << bits) - 1;
            const int clamped = std::min(std::max(rounded, min), max);
            ASSERT_EQ(encode(format, to_datum(value), mode, OverflowMode::kSaturate),
                      static_cast<unsigned>(clamped) & mask)
                << bits << " " << is_signed << " " << eighths << " " << to_string(mode);
            ASSERT_EQ(encode(format, to_datum(value), mode, OverflowMode::kWrap),
                      static_cast<unsigned>(rounded) & mask)
                << bits << " " << is_signed << " " << eighths << " " << to_string(mode);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace fewbit::model
