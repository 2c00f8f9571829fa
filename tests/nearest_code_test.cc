// encode() against a slow search of the neighbouring codes with rational arithmetic: every format
// of 3 to 8 bits in every coding, all rounding and overflow modes, stochastic ones with every R.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <boost/multiprecision/cpp_int.hpp>
#include <map>
#include <random>

#include "fewbit/sim/model/exact.h"
#include "fewbit/tests/textbook_format.h"

namespace fewbit::model {
namespace {

using Rational = boost::multiprecision::cpp_rational;
using fewbit::testing::textbook_formats;
using fewbit::testing::TextbookFormat;

constexpr RoundingMode kModes[] = {
    RoundingMode::kTiesToEven,         RoundingMode::kTiesToAway,        RoundingMode::kTowardZero,
    RoundingMode::kTowardPositive,     RoundingMode::kTowardNegative,    RoundingMode::kToOdd,
    RoundingMode::kTiesTowardPositive, RoundingMode::kTiesTowardNegative};

Datum to_datum(const Rational& value) {
  Datum datum;
  datum.negative = value < 0;
  datum.cls = value == 0 ? FloatClass::kZero : FloatClass::kNormal;
  const BigInt denominator = boost::multiprecision::denominator(value);  // a power of two
  datum.value.significand = boost::multiprecision::numerator(value);
  datum.value.exponent = -static_cast<int>(boost::multiprecision::msb(denominator));
  return datum;
}

constexpr RoundingMode kStochasticModes[] = {RoundingMode::kStochasticA, RoundingMode::kStochasticB,
                                             RoundingMode::kStochasticC};

/// Two neighbours of a grid, by their number, and where the value lies between them.
struct Neighbours {
  int lower = 0;
  bool exact = false;
  int nearer = 0;  // -1: lower, 0: tie, 1: upper
  Rational part;   // (value - lower) / (upper - lower)
};

BigInt floor_of(const Rational& x) {  // x >= 0
  return boost::multiprecision::numerator(x) / boost::multiprecision::denominator(x);
}

BigInt nearest_even_of(const Rational& x) {  // x >= 0
  const BigInt floor = floor_of(x);
  const Rational rest = x - Rational(floor);
  const Rational half(1, 2);
  return rest > half || (rest == half && floor % 2 != 0) ? BigInt(floor + 1) : floor;
}

/// The dropped `part` of a last place, 0 < part < 1, in the places that R of N random bits is added
/// to: 2^-N, of mode B half of it.
long long dropped_places(RoundingMode mode, const Rational& part, int n) {
  const Rational all(BigInt(1) << n);
  switch (mode) {
    case RoundingMode::kStochasticA:
      return static_cast<long long>(floor_of(part * all));
    case RoundingMode::kStochasticB:
      return static_cast<long long>(floor_of(part * 2 * all));
    default:
      return static_cast<long long>(nearest_even_of(part * all));
  }
}

/// The definitions of RoundingMode: whether the magnitude goes up.
bool goes_up(RoundingMode mode, long long dropped, int n, long long r) {
  if (mode == RoundingMode::kStochasticB) return dropped + 2 * r + 1 >= 2LL << n;
  return dropped + r >= 1LL << n;
}

/// The number of the neighbour that a mode chooses; even and odd are about the number.
int choose(const Neighbours& between, RoundingMode mode, bool negative) {
  if (between.exact) return between.lower;
  const int upper = between.lower + 1;
  const int even = between.lower % 2 == 0 ? between.lower : upper;
  const int odd = between.lower % 2 == 0 ? upper : between.lower;
  const int higher = negative ? between.lower : upper;  // as numbers with their sign
  const int lesser = negative ? upper : between.lower;
  const int nearest = between.nearer < 0 ? between.lower : upper;
  switch (mode) {
    case RoundingMode::kTiesToEven:
      return between.nearer == 0 ? even : nearest;
    case RoundingMode::kTiesToAway:
      return between.nearer == 0 ? upper : nearest;
    case RoundingMode::kTowardZero:
      return between.lower;
    case RoundingMode::kTowardPositive:
      return higher;
    case RoundingMode::kTowardNegative:
      return lesser;
    case RoundingMode::kToOdd:
      return odd;
    case RoundingMode::kTiesTowardPositive:
      return between.nearer != 0 ? nearest : higher;
    case RoundingMode::kTiesTowardNegative:
      return between.nearer != 0 ? nearest : lesser;
    default:
      return -1;  // stochastic ones need R
  }
}

/// The grid of a format with an exponent field that has no end: all magnitudes and two binades
/// more.
class Grid {
 public:
  explicit Grid(const TextbookFormat& format) {
    const int count = format.magnitudes() + 2 * (1 << format.y) + 2;
    for (int n = 0; n < count; ++n) values_.emplace_back(format.magnitude_value(n));
    EXPECT_TRUE(std::is_sorted(values_.begin(), values_.end())) << format.name();
  }
  [[nodiscard]] const std::vector<Rational>& values() const { return values_; }
  [[nodiscard]] Neighbours find(const Rational& magnitude) const {
    const auto above = std::upper_bound(values_.begin(), values_.end(), magnitude);
    const int lower = static_cast<int>(above - values_.begin()) - 1;
    if (values_[lower] == magnitude) return {lower, true, 0, 0};
    if (lower + 1 == static_cast<int>(values_.size())) return {lower, false, -1, Rational(1, 3)};
    const Rational twice = 2 * magnitude;
    const Rational middle = values_[lower] + values_[lower + 1];
    return {lower, false, twice < middle ? -1 : (twice == middle ? 0 : 1),
            (magnitude - values_[lower]) / (values_[lower + 1] - values_[lower])};
  }

 private:
  std::vector<Rational> values_;
};

/// The code that the rule of the header gives for a neighbour above the largest finite value.
int overflow_code(const TextbookFormat& format, bool negative, RoundingMode mode,
                  OverflowMode overflow) {
  const int largest = format.code(format.max_finite(), negative);
  if (overflow == OverflowMode::kSaturate || overflow == OverflowMode::kPropagate ||
      overflow == OverflowMode::kSaturateNan) {
    return largest;
  }
  if (overflow == OverflowMode::kNan) return format.nan_code();
  const bool sat_none = overflow == OverflowMode::kSatNone;
  const bool stays = mode == RoundingMode::kTowardZero ||
                     (mode == RoundingMode::kToOdd && format.max_finite() % 2 != 0 && !sat_none) ||
                     (mode == RoundingMode::kTowardPositive && negative) ||
                     (mode == RoundingMode::kTowardNegative && !negative);
  if (sat_none && !stays && !format.has_infinity()) return format.nan_code();
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

/// The code of a neighbour, whatever it is.
int expected_code(const TextbookFormat& format, int chosen, bool negative, RoundingMode mode,
                  OverflowMode overflow) {
  if (negative && !format.is_signed) {
    const bool stays =
        chosen == 0 || mode == RoundingMode::kTowardZero || mode == RoundingMode::kTowardPositive;
    return overflow == OverflowMode::kSatNone && !stays ? format.nan_code() : 0;
  }
  return chosen <= format.max_finite() ? format.code(chosen, negative)
                                       : overflow_code(format, negative, mode, overflow);
}

std::vector<OverflowMode> overflows_of(const TextbookFormat& textbook) {
  std::vector<OverflowMode> overflows = {OverflowMode::kSaturate};
  if (textbook.has_infinity()) overflows.push_back(OverflowMode::kInfinity);
  if (textbook.has_nan()) overflows.push_back(OverflowMode::kNan);
  if (textbook.has_infinity()) overflows.push_back(OverflowMode::kPropagate);
  if (textbook.has_nan()) overflows.push_back(OverflowMode::kSaturateNan);
  const bool spends_infinities = textbook.is_signed && textbook.has_infinity();
  if (textbook.has_nan() && !spends_infinities) overflows.push_back(OverflowMode::kSatNone);
  return overflows;
}

/// Every N up to 3 and every R; the overflow modes take turns.
void check_stochastic(const TextbookFormat& textbook, const Format& format,
                      const Rational& magnitude, const Neighbours& between) {
  const std::vector<OverflowMode> overflows = overflows_of(textbook);
  const Datum positive = to_datum(magnitude);
  const Datum negated = to_datum(Rational(-magnitude));
  std::size_t turn = 0;
  for (const RoundingMode mode : kStochasticModes) {
    for (int n = 1; n <= 3; ++n) {
      const long long dropped = between.exact ? 0 : dropped_places(mode, between.part, n);
      for (int r = 0; r < 1 << n; ++r) {
        const bool up = !between.exact && goes_up(mode, dropped, n, r);
        const int chosen = between.lower + (up ? 1 : 0);
        const OverflowMode overflow = overflows[turn++ % overflows.size()];
        for (const bool negative : {false, true}) {
          if (negative && magnitude == 0) continue;
          const Datum& datum = negative ? negated : positive;
          ASSERT_EQ(encode(format, datum, Projection{mode, overflow, false, n, r}),
                    expected_code(textbook, chosen, negative, mode, overflow))
              << textbook.name() << " " << to_string(datum) << " " << to_string(mode) << " "
              << to_string(overflow) << " R = " << r << " of " << n << " bits";
        }
      }
    }
  }
}

void check_format(const TextbookFormat& textbook) {
  const Result<Format> format = parse_format(textbook.name());
  ASSERT_TRUE(format.ok()) << format.error().message();
  const std::vector<OverflowMode> overflows = overflows_of(textbook);
  const Grid grid(textbook);
  for (const Rational& magnitude : interesting_values(grid)) {
    const Neighbours between = grid.find(magnitude);
    for (const bool negative : {false, true}) {
      if (negative && magnitude == 0) continue;
      const Datum datum = to_datum(negative ? Rational(-magnitude) : magnitude);
      for (const RoundingMode mode : kModes) {
        const int chosen = choose(between, mode, negative);
        const bool is_subnormal = chosen < 1 << textbook.y;
        for (const OverflowMode overflow : overflows) {
          ASSERT_EQ(encode(*format, datum, mode, overflow),
                    expected_code(textbook, chosen, negative, mode, overflow))
              << textbook.name() << " " << to_string(datum) << " " << to_string(mode) << " "
              << to_string(overflow);
          ASSERT_EQ(encode(*format, datum, Projection{mode, overflow, true, 0, 0}),
                    expected_code(textbook, is_subnormal ? 0 : chosen, negative, mode, overflow))
              << textbook.name() << " " << to_string(datum) << " " << to_string(mode) << " "
              << to_string(overflow) << " flushed";
        }
      }
    }
    check_stochastic(textbook, *format, magnitude, between);
    if (::testing::Test::HasFatalFailure()) return;
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
  // Of 2 random bits: by mode, eighths of a last place and R.
  std::map<int, std::array<std::array<bool, 4>, 8>> up_by_eighths;
  for (const RoundingMode mode : kStochasticModes) {
    for (int rest = 1; rest < 8; ++rest) {
      for (int r = 0; r < 4; ++r) {
        up_by_eighths[static_cast<int>(mode)][rest][r] =
            goes_up(mode, dropped_places(mode, Rational(rest, 8), 2), 2, r);
      }
    }
  }
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
          const Neighbours between{magnitude / 8, rest == 0, rest < 4 ? -1 : (rest == 4 ? 0 : 1),
                                   Rational(rest) / 8};
          const unsigned mask = (1U << bits) - 1;
          for (const RoundingMode mode : kModes) {
            const int rounded = choose(between, mode, eighths < 0) * (eighths < 0 ? -1 : 1);
            const int clamped = std::min(std::max(rounded, min), max);
            ASSERT_EQ(encode(format, to_datum(value), mode, OverflowMode::kSaturate),
                      static_cast<unsigned>(clamped) & mask)
                << bits << " " << is_signed << " " << eighths << " " << to_string(mode);
            ASSERT_EQ(encode(format, to_datum(value), mode, OverflowMode::kWrap),
                      static_cast<unsigned>(rounded) & mask)
                << bits << " " << is_signed << " " << eighths << " " << to_string(mode);
          }
          for (const RoundingMode mode : kStochasticModes) {
            for (int r = 0; r < 4; ++r) {
              const int up = up_by_eighths[static_cast<int>(mode)][rest][r] ? 1 : 0;
              const int rounded = (magnitude / 8 + up) * (eighths < 0 ? -1 : 1);
              const int clamped = std::min(std::max(rounded, min), max);
              ASSERT_EQ(encode(format, to_datum(value),
                               Projection{mode, OverflowMode::kSaturate, false, 2, r}),
                        static_cast<unsigned>(clamped) & mask)
                  << bits << " " << is_signed << " " << eighths << " " << to_string(mode) << r;
              ASSERT_EQ(encode(format, to_datum(value),
                               Projection{mode, OverflowMode::kWrap, false, 2, r}),
                        static_cast<unsigned>(rounded) & mask)
                  << bits << " " << is_signed << " " << eighths << " " << to_string(mode) << r;
            }
          }
        }
      }
    }
  }
}

/// Values at, just below and just above every boundary of the dropped part that N bits can see,
/// with every R of a few bits, or the R around the decision of many.
TEST(Stochastic, EveryBoundaryOfTheDroppedPart) {
  const Rational tiny(BigInt(1), BigInt(1) << 100);
  int checked = 0;
  for (const char* name : {"e4m3fn", "e5m2", "e3m0f", "e2m1", "binary8p3se", "ue3m2f", "e4m3fnuz",
                           "int8", "mxint8", "uint5_lsb3"}) {
    const Format format = parse_format(name).value();
    // A code and the one above, of a normal and, for floats, of a subnormal number.
    for (const unsigned lower : {0U, 1U, 5U}) {
      const auto value_of = [&](unsigned code) {
        const ExactValue value = decode(format, code).value;
        const Rational scale(BigInt(1) << std::abs(value.exponent));
        return value.exponent < 0 ? Rational(Rational(value.significand) / scale)
                                  : Rational(Rational(value.significand) * scale);
      };
      const Rational bottom = value_of(lower);
      const Rational gap = value_of(lower + 1) - bottom;
      for (const int n : {1, 2, 3, 6, 13, 32}) {
        std::mt19937_64 random(static_cast<unsigned>(n));
        const int boundaries = n <= 6 ? (4 << n) - 1 : 200;
        for (int k = 1; k <= boundaries; ++k) {
          const BigInt place = n <= 6 ? BigInt(k) : BigInt(1 + random() % ((4ULL << n) - 1));
          for (const Rational& beside : {Rational(-tiny), Rational(0), tiny}) {
            const Rational part = Rational(place, BigInt(4) << n) + beside;
            const Datum datum = to_datum(bottom + gap * part);
            for (const RoundingMode mode : kStochasticModes) {
              // Going up is monotonic in R: the decision lies near 2^N (1 - part).
              const BigInt turning = floor_of((1 - part) * Rational(BigInt(1) << n));
              const long long dropped = dropped_places(mode, part, n);
              for (BigInt r = n <= 3 ? BigInt(0) : BigInt(turning - 2);
                   r < (n <= 3 ? pow2(n) : BigInt(turning + 3)); ++r) {
                if (r < 0 || r >= pow2(n)) continue;
                const bool up = goes_up(mode, dropped, n, static_cast<long long>(r));
                ASSERT_EQ(
                    encode(format, datum, Projection{mode, OverflowMode::kSaturate, false, n, r}),
                    up ? lower + 1 : lower)
                    << name << " " << lower << " + " << part << " " << to_string(mode)
                    << " R = " << r << " of " << n << " bits";
                ++checked;
              }
            }
          }
        }
      }
    }
  }
  EXPECT_GT(checked, 100000);
}

/// How many of the 2^N random numbers go up: d 2^N rounded down (A), to nearest with ties up (B),
/// to nearest with ties to even (C).
TEST(Stochastic, ProbabilitiesAreTheDroppedPart) {
  const Format format = parse_format("int8").value();
  constexpr int kBits = 5;
  for (int sixteenths = 1; sixteenths < 16 << kBits; ++sixteenths) {  // of d 2^N
    const Rational part(sixteenths, 16 << kBits);
    const auto ups = [&](RoundingMode mode) {
      int count = 0;
      for (int r = 0; r < 1 << kBits; ++r) {
        const BigInt code = encode(format, to_datum(17 + part),
                                   Projection{mode, OverflowMode::kSaturate, false, kBits, r});
        EXPECT_TRUE(code == 17 || code == 18);
        count += code == 18 ? 1 : 0;
      }
      return count;
    };
    const int floor = sixteenths / 16;
    const int rest = sixteenths % 16;
    EXPECT_EQ(ups(RoundingMode::kStochasticA), floor) << part;
    EXPECT_EQ(ups(RoundingMode::kStochasticB), rest >= 8 ? floor + 1 : floor) << part;
    EXPECT_EQ(ups(RoundingMode::kStochasticC),
              rest > 8 || (rest == 8 && floor % 2 != 0) ? floor + 1 : floor)
        << part;
  }
}

/// Exact values and special ones do not depend on the random bits.
TEST(Stochastic, ExactAndSpecialValuesIgnoreTheRandomBits) {
  for (const char* name : {"e4m3fn", "e5m2", "binary8p4se", "int8", "e2m1"}) {
    const Format format = parse_format(name).value();
    for (unsigned code = 0; code < 1U << format.bits(); ++code) {
      const Datum datum = decode(format, code);
      for (const RoundingMode mode : kStochasticModes) {
        for (const int r : {0, 1, 14, 15}) {
          const BigInt got =
              encode(format, datum, Projection{mode, OverflowMode::kPropagate, false, 4, r});
          EXPECT_EQ(got, encode(format, datum, RoundingMode::kTowardZero, OverflowMode::kPropagate))
              << name << " " << code;
          EXPECT_TRUE(datum.is_nan() || got == code) << name << " " << code;
        }
      }
    }
  }
}

}  // namespace
}  // namespace fewbit::model
