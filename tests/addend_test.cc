// Dot products plus a float: the model against double arithmetic that rounds to odd, so that the
// one rounding to binary32 after it is right; special values and zeros; what is refused.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "fewbit/sim/model/operators.h"

namespace fewbit::model {
namespace {

using ::testing::HasSubstr;

constexpr int kLanes = 4;

double e4m3fn_value(unsigned code) {
  const unsigned exponent = code >> 3 & 15, fraction = code & 7;
  const double magnitude = exponent == 0
                               ? std::ldexp(fraction, -9)
                               : std::ldexp(8 + fraction, static_cast<int>(exponent) - 10);
  if (exponent == 15 && fraction == 7) return std::nan("");
  return (code & 0x80) != 0 ? -magnitude : magnitude;
}

float float_of(std::uint32_t code) {
  float value = 0;
  std::memcpy(&value, &code, sizeof value);
  return value;
}

std::uint32_t code_of(float value) {
  std::uint32_t code = 0;
  std::memcpy(&code, &value, sizeof code);
  return code;
}

/// x + y as a double, rounded to odd: 53 bits are so many more than 24 that a float made of it is
/// the sum rounded once.
double sum_to_odd(double x, double y) {
  const double sum = x + y;
  if (!std::isfinite(sum)) return sum;
  const double part = sum - x;
  const double error = (x - (sum - part)) + (y - part);  // exact, where nothing overflows
  std::uint64_t bits = 0;
  std::memcpy(&bits, &sum, sizeof bits);
  if (error == 0 || (bits & 1) != 0) return sum;
  const bool away = (error > 0) == (sum > 0);
  bits += away ? 1 : -1;
  double odd = 0;
  std::memcpy(&odd, &bits, sizeof odd);
  return odd;
}

OperatorSpec spec_of(const OperatorRequest& request) {
  const Result<OperatorSpec> spec = make_operator_spec(request);
  EXPECT_TRUE(spec.ok()) << (spec.ok() ? "" : spec.error().message());
  return *spec;
}

OperatorRequest dot_request() {
  return {.op = "dot",
          .a = "e4m3fn",
          .b = "e4m3fn",
          .c = "binary32",
          .result = "binary32",
          .lanes = kLanes};
}

/// A float whose exponent is near that of the sum, or anywhere.
std::uint32_t addend(std::mt19937_64& random, double sum) {
  const auto any = static_cast<std::uint32_t>(random());
  if (random() % 4 == 0 || sum == 0) return any;
  const auto places = static_cast<int>(random() % 72) - 44;
  const double near = -sum * std::ldexp(1 + std::ldexp(random() % 1024, -20), places);
  return code_of(static_cast<float>(near)) ^ (any & 0x80000003U);
}

TEST(Addend, OneRoundingOfTheSumOfLanesAndAFloat) {
  const Function dot(spec_of(dot_request()));
  OperatorRequest scaled = dot_request();
  scaled.op = "mxdot";
  const Function mxdot(spec_of(scaled));
  std::mt19937_64 random(1);
  int inexact = 0;
  for (int i = 0; i < 60000; ++i) {
    BigInt a = 0, b = 0;
    double sum = 0;
    const std::uint64_t sparse = random() % 3 == 0 ? random() : ~std::uint64_t{0};
    for (int lane = 0; lane < kLanes; ++lane) {
      const auto x = static_cast<unsigned>(random() & (sparse >> lane) & 0xff);
      const auto y = static_cast<unsigned>(random() & 0xff);
      a |= BigInt(x) << (8 * lane);
      b |= BigInt(y) << (8 * lane);
      sum += e4m3fn_value(x) * e4m3fn_value(y);  // exact: 39 bits
    }
    const auto scale_a = static_cast<int>(random() % 60) + 97;
    const auto scale_b = static_cast<int>(random() % 60) + 97;
    const double scaled_sum = std::ldexp(sum, scale_a + scale_b - 254);
    for (const bool with_scale : {false, true}) {
      const double value = with_scale ? scaled_sum : sum;
      const std::uint32_t c = addend(random, value);
      const double exact = sum_to_odd(value, float_of(c));
      const auto expected = static_cast<float>(exact);
      if (static_cast<double>(expected) != exact) ++inexact;
      const BigInt code =
          with_scale ? mxdot({a, b, scale_a, scale_b, c}).result : dot({a, b, c}).result;
      const float got = float_of(code.convert_to<std::uint32_t>());
      if (std::isnan(expected)) {
        ASSERT_TRUE(std::isnan(got)) << sum << " + " << float_of(c);
      } else if (expected == 0) {
        ASSERT_EQ(code, 0) << "zeros are positive";
      } else {
        ASSERT_EQ(got, expected) << value << " + " << float_of(c);
      }
    }
  }
  EXPECT_GT(inexact, 20000);
}

/// Codes of binary32 and e5m2: infinities 0x7f800000, 0x7c; NaN 0x7fc00000, 0x7e.
TEST(Addend, SpecialValuesAndZeros) {
  OperatorRequest request = dot_request();
  request.a = request.b = "e5m2";
  request.lanes = 2;
  const OperatorSpec spec = spec_of(request);
  const auto of = [&](unsigned a, unsigned b, std::uint32_t c) {
    return evaluate(spec, {a, b, c}).result;
  };
  const std::uint32_t infinity = 0x7f800000, nan = 0x7fc00000, minus = 0x80000000;
  EXPECT_EQ(of(0x3c7c, 0x3c3c, code_of(-3)), infinity);
  EXPECT_EQ(of(0x3cfc, 0x3c3c, code_of(-3)), infinity | minus);
  EXPECT_EQ(of(0x3c3c, 0x3c3c, infinity | minus), infinity | minus);
  EXPECT_EQ(of(0x3c7c, 0x3c3c, infinity), infinity);
  EXPECT_EQ(of(0x3c7c, 0x3c3c, infinity | minus), nan);
  EXPECT_EQ(of(0xfc7c, 0x3c3c, 0), nan) << "infinities of both signs in the lanes";
  EXPECT_EQ(of(0x007c, 0x0000, 0), nan) << "infinity times zero";
  EXPECT_EQ(of(0x0000, 0x3c3c, nan), nan);
  EXPECT_EQ(of(0x3c3c, 0x3c3c, code_of(-2)), 0);
  EXPECT_EQ(of(0x8080, 0x3c3c, minus), 0) << "an exact zero is +0";
  request.rounding = "toward_negative";
  EXPECT_EQ(evaluate(spec_of(request), {0x0000, 0x3c3c, 0}).result, minus);
  EXPECT_EQ(evaluate(spec_of(request), {0x3c3c, 0x3c3c, code_of(-2)}).result, minus);
}

TEST(Addend, Refusals) {
  struct Refusal {
    OperatorRequest request;
    std::string field, legal;
  };
  OperatorRequest exact = dot_request(), integer = dot_request(), to_integer = dot_request();
  OperatorRequest outputs = dot_request(), sum = dot_request(), scale = dot_request();
  OperatorRequest wide = dot_request();
  exact.result = "exact";
  integer.c = "int8";
  to_integer.result = "int8";
  outputs.outputs = 2;
  sum.result = "exact";
  sum.terms = 8;
  scale.c = "e8m0";
  wide.a = wide.b = "e9m6ieee";
  const std::vector<Refusal> refusals = {
      {exact, "--c: 'binary32'", "an exact result has no addend"},
      {integer, "--c: 'int8'", "a float format with a zero"},
      {to_integer, "--result: 'int8'", "a float format"},
      {outputs, "--c: 'binary32'", "several outputs have no addend"},
      {sum, "--c: 'binary32'", "an exact accumulator has no addend"},
      {scale, "--c: 'e8m0'", "a float format with a zero"},
      {wide, "sum of the lanes", "at most 1024 bits beside --c"}};
  for (const Refusal& refusal : refusals) {
    const Result<OperatorSpec> spec = make_operator_spec(refusal.request);
    ASSERT_FALSE(spec.ok()) << refusal.legal;
    EXPECT_THAT(spec.error().message(), HasSubstr(refusal.field));
    EXPECT_THAT(spec.error().message(), HasSubstr(refusal.legal));
  }
}

TEST(Addend, NamesAndFormula) {
  const OperatorSpec spec = spec_of(dot_request());
  EXPECT_EQ(spec.command(),
            "fewbit emit dot --a e4m3fn --b e4m3fn --c binary32 --lanes 4 --result binary32");
  EXPECT_EQ(formula(spec), "c_i + sum of a_i[k] * b_i[k], k < 4");
  EXPECT_EQ(spec.contract(), "result_o = round(c_i + sum over lanes of a_i[k] * b_i[k])");
  std::vector<std::string> ports;
  for (const OperandPort& port : operand_ports(spec)) ports.push_back(port.name);
  EXPECT_THAT(ports, ::testing::ElementsAre("a_i", "b_i", "c_i"));
}

}  // namespace
}  // namespace fewbit::model
