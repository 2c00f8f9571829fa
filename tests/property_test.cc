// Properties that rounding and encoding must have, in every format of 2 to 8 bits that has a name:
// all codes, and values on, between and beyond them.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>

#include "fewbit/tests/every_number.h"

namespace fewbit::model {
namespace {

using fewbit::testing::every_number_set;
using fewbit::testing::kDeterministicModes;
using fewbit::testing::NumberSet;
using fewbit::testing::to_datum;

int encoded(const Format& format, double x, RoundingMode mode, OverflowMode overflow) {
  return encode(format, to_datum(x), mode, overflow).convert_to<int>();
}

/// Overflow modes in which a format keeps its infinities, and the others that it has.
std::vector<OverflowMode> overflow_modes(const NumberSet& set) {
  std::vector<OverflowMode> modes = {OverflowMode::kSaturate};
  if (set.has_infinity()) modes.push_back(OverflowMode::kInfinity);
  if (set.nan_code >= 0) modes.push_back(OverflowMode::kNan);
  if (set.is_integer) modes.push_back(OverflowMode::kWrap);
  return modes;
}

/// Every value of the grid, points between neighbours, and points beyond both ends; ascending.
std::vector<double> dense_values(const NumberSet& set, const std::vector<double>& grid) {
  std::vector<double> values;
  const double end = std::max({2 * std::abs(grid.front()), 2 * std::abs(grid.back()), set.next});
  std::vector<double> points = {-4 * end, -end};
  if (set.next > 0) points.insert(points.end(), {-2 * set.next, -set.next});
  std::sort(points.begin(), points.end());
  points.insert(points.end(), grid.begin(), grid.end());
  if (set.next > 0) points.push_back(set.next);
  points.insert(points.end(), {2 * end, 4 * end});
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    const double gap = points[i + 1] - points[i];
    values.push_back(points[i]);
    if (points[i] == 0 && grid.front() < 0) values.insert(values.end() - 1, -0.0);
    for (const double part : {1.0 / 1024, 7.0 / 16, 0.5, 9.0 / 16, 1023.0 / 1024}) {
      values.push_back(points[i] + gap * part);
    }
  }
  return values;
}

class Property : public ::testing::TestWithParam<NumberSet> {
 protected:
  const NumberSet& set_ = GetParam();
  const Format format_ = parse_format(set_.name).value();
};

TEST_P(Property, DecodeGivesTheValueAndEncodeTheCode) {
  ASSERT_EQ(1 << format_.bits(), set_.codes());
  for (int code = 0; code < set_.codes(); ++code) {
    const Datum datum = decode(format_, code);
    const double value = set_.value(code);
    ASSERT_EQ(datum.is_nan(), std::isnan(value)) << code;
    ASSERT_EQ(datum.is_infinite(), std::isinf(value)) << code;
    ASSERT_EQ(datum.is_zero(), value == 0) << code;
    ASSERT_TRUE(std::isnan(value) || datum.negative == std::signbit(value)) << code;
    if (std::isfinite(value)) {
      ASSERT_EQ(compare(datum.value, to_datum(value).value), 0) << code;
    }
    // Identity; of several NaN codes the canonical one stands for all.
    const int same = std::isnan(value) ? set_.nan_code : code;
    for (const OverflowMode overflow : overflow_modes(set_)) {
      if (std::isinf(value) && overflow != OverflowMode::kInfinity) continue;  // has its own test
      for (const RoundingMode mode : kDeterministicModes) {
        ASSERT_EQ(encode(format_, datum, mode, overflow), same)
            << code << " " << to_string(mode) << " " << to_string(overflow);
      }
    }
  }
}

/// The two neighbours of a value inside the range; equal where the value is one of the grid.
std::pair<double, double> neighbours(const std::vector<double>& grid, double x) {
  const auto upper = std::lower_bound(grid.begin(), grid.end(), x);
  return {*upper == x ? x : *(upper - 1), *upper};
}

TEST_P(Property, RoundingIsMonotoneAndChoosesTheRightNeighbour) {
  const std::vector<double> grid = set_.grid();
  std::array<double, std::size(kDeterministicModes)> previous{};
  previous.fill(grid.front());
  int inside = 0;
  for (const double x : dense_values(set_, grid)) {
    std::array<double, std::size(kDeterministicModes)> rounded{};
    std::array<int, std::size(kDeterministicModes)> codes{};
    for (std::size_t i = 0; i < rounded.size(); ++i) {
      codes[i] = encoded(format_, x, kDeterministicModes[i], OverflowMode::kSaturate);
      rounded[i] = set_.value(codes[i]);
      ASSERT_TRUE(std::isfinite(rounded[i])) << x;  // saturate never leaves the finite range
      ASSERT_GE(rounded[i], previous[i]) << x << " " << to_string(kDeterministicModes[i]);
      // The sign of a zero is the value's, where the format has both.
      if (rounded[i] == 0) {
        ASSERT_EQ(std::signbit(rounded[i]), std::signbit(x) && set_.has_minus_zero()) << x;
      }
    }
    previous = rounded;
    if (x < grid.front() || x > grid.back()) {
      for (const double result : rounded)
        ASSERT_EQ(result, std::clamp(x, grid.front(), grid.back()));
      continue;
    }
    ++inside;
    const auto [low, high] = neighbours(grid, x);
    const auto [even, away, zero, up, down, odd, half_up, half_down] = rounded;
    ASSERT_EQ(down, low) << x;
    ASSERT_EQ(up, high) << x;
    ASSERT_EQ(zero, x < 0 ? high : low) << x;
    if (low == high) {
      for (const double result : rounded) ASSERT_EQ(result, x);
      continue;
    }
    const double middle = low + (high - low) / 2;
    if (x == middle) {
      ASSERT_EQ(away, x < 0 ? low : high) << x;
      ASSERT_EQ(codes[0] % 2, 0) << x;
      ASSERT_TRUE(even == low || even == high) << x;
      ASSERT_EQ(half_up, high) << x;
      ASSERT_EQ(half_down, low) << x;
    } else {
      ASSERT_EQ(half_up, even) << x;
      ASSERT_EQ(half_down, even) << x;
      ASSERT_EQ(even, x < middle ? low : high) << x;
      ASSERT_EQ(away, even) << x;
    }
    ASSERT_EQ(codes[5] % 2, 1) << x;
    ASSERT_TRUE(odd == low || odd == high) << x;
  }
  EXPECT_GE(inside, static_cast<int>(grid.size()));
}

// Wrap: the value counts modulo 2^bits units, in the modes without a sign.
TEST_P(Property, IntegersWrap) {
  if (!set_.is_integer) return;
  const double period = set_.codes() * (set_.grid()[1] - set_.grid()[0]);
  for (const double x : dense_values(set_, set_.grid())) {
    for (const RoundingMode mode :
         {RoundingMode::kTiesToEven, RoundingMode::kTowardPositive, RoundingMode::kTowardNegative,
          RoundingMode::kToOdd, RoundingMode::kTiesTowardPositive}) {
      const int code = encoded(format_, x, mode, OverflowMode::kWrap);
      ASSERT_EQ(encoded(format_, x + period, mode, OverflowMode::kWrap), code) << x;
      ASSERT_EQ(encoded(format_, x - 2 * period, mode, OverflowMode::kWrap), code) << x;
      if (x >= set_.grid().front() && x <= set_.grid().back()) {
        ASSERT_EQ(encoded(format_, x, mode, OverflowMode::kSaturate), code) << x;
      }
    }
  }
}

TEST_P(Property, OverflowFollowsItsRule) {
  if (set_.is_integer) return;  // IntegersWrap
  const double largest = set_.grid().back();
  const bool is_signed = set_.grid().front() < 0;
  for (const RoundingMode mode : kDeterministicModes) {
    const bool to_nearest =
        mode <= RoundingMode::kTiesToAway || mode >= RoundingMode::kTiesTowardPositive;
    for (const double sign : {1.0, -1.0}) {
      if (sign < 0 && !is_signed) continue;
      const bool outward = to_nearest || (mode == RoundingMode::kTowardPositive && sign > 0) ||
                           (mode == RoundingMode::kTowardNegative && sign < 0);
      for (const double x : {set_.next, 1.5 * set_.next, 1024 * set_.next}) {
        if (set_.nan_code >= 0) {
          ASSERT_EQ(encoded(format_, sign * x, mode, OverflowMode::kNan), set_.nan_code) << x;
        }
        if (!set_.has_infinity()) continue;
        const double result = set_.value(encoded(format_, sign * x, mode, OverflowMode::kInfinity));
        if (outward) {
          ASSERT_EQ(result, sign * INFINITY) << x << " " << to_string(mode);
        } else {
          ASSERT_TRUE(result == sign * largest ||
                      (mode == RoundingMode::kToOdd && result == sign * INFINITY))
              << x << " " << to_string(mode);
        }
      }
    }
  }
  // No overflow at the largest finite value; infinity itself.
  for (const OverflowMode overflow : overflow_modes(set_)) {
    ASSERT_EQ(set_.value(encoded(format_, largest, RoundingMode::kTiesToAway, overflow)), largest);
    const int code = encoded(format_, INFINITY, RoundingMode::kTiesToEven, overflow);
    if (overflow == OverflowMode::kNan) {
      ASSERT_EQ(code, set_.nan_code);
    } else {
      ASSERT_EQ(set_.value(code), overflow == OverflowMode::kInfinity ? INFINITY : largest);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EveryFormat, Property, ::testing::ValuesIn(every_number_set(8)),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace fewbit::model
