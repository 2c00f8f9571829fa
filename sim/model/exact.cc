// Arithmetic on exact values, and their decimal text.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/model/exact.h"

#include <algorithm>

namespace fewbit::model {
namespace {

/// The significand that x has with a smaller exponent.
BigInt significand_at(const ExactValue& x, int exponent) {
  return x.exponent == exponent ? x.significand : x.significand << (x.exponent - exponent);
}

constexpr int kMaxDecimals = 10;
constexpr int kMaxIntegerBits = 40;

/// value without trailing zero bits in the significand; 0 has exponent 0.
ExactValue normalised(const ExactValue& value) {
  if (value.significand == 0) return {0, 0};
  const auto zeros = static_cast<int>(boost::multiprecision::lsb(abs(value.significand)));
  return {value.significand / pow2(zeros), value.exponent + zeros};
}

std::string finite_text(const ExactValue& value) {
  const ExactValue x = normalised(value);
  const int top_bit = bit_length(x.significand) + x.exponent;
  if ((top_bit > kMaxIntegerBits && x.exponent != 0) || x.exponent < -kMaxDecimals) {
    return fmt::format("{} x 2^{}", x.significand.str(), x.exponent);
  }
  if (x.exponent >= 0) return significand_at(x, 0).str();
  // f / 2^k = f x 5^k / 10^k: k decimals, the last of which is a 5.
  const auto decimals = static_cast<std::size_t>(-x.exponent);
  const BigInt five_power = boost::multiprecision::pow(BigInt(5), static_cast<unsigned>(decimals));
  std::string digits = BigInt(abs(x.significand) * five_power).str();
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  digits.insert(digits.size() - decimals, 1, '.');
  return (x.significand < 0 ? "-" : "") + digits;
}

}  // namespace

ExactValue operator*(const ExactValue& x, const ExactValue& y) {
  return {x.significand * y.significand, x.exponent + y.exponent};
}

ExactValue operator+(const ExactValue& x, const ExactValue& y) {
  const int exponent = std::min(x.exponent, y.exponent);
  return {significand_at(x, exponent) + significand_at(y, exponent), exponent};
}

ExactValue operator-(const ExactValue& x) { return {-x.significand, x.exponent}; }

int compare(const ExactValue& x, const ExactValue& y) {
  const int exponent = std::min(x.exponent, y.exponent);
  const int order = significand_at(x, exponent).compare(significand_at(y, exponent));
  return order < 0 ? -1 : (order > 0 ? 1 : 0);
}

std::string to_string(const Datum& datum) {
  if (datum.is_nan()) return "nan";
  if (datum.is_infinite()) return datum.negative ? "-inf" : "inf";
  if (datum.is_zero()) return datum.negative ? "-0" : "0";
  return finite_text(datum.value);
}

}  // namespace fewbit::model
