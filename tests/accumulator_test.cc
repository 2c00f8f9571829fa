// Accumulators on sequences worked out by hand: wrapping, saturating, sticky flags, new sums.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "fewbit/sim/model/operators.h"

namespace fewbit::model {
namespace {

Accumulator narrow(const char* op, const char* a, const char* b, int width,
                   const char* overflow = "") {
  OperatorRequest request{.op = op, .a = a, .b = b};
  request.acc_width = width;
  request.overflow = overflow;
  return Accumulator(make_operator_spec(request).value());
}

TEST(Accumulator, WrapsInTwosComplement) {
  Accumulator sum = narrow("acc", "int4", "", 4);
  EXPECT_EQ(sum.step(true, 7, 0).result, 7);
  EXPECT_EQ(sum.step(false, 2, 0).result, 0x9);    // 9 - 16 = -7
  EXPECT_EQ(sum.step(false, 0x8, 0).result, 0x1);  // -7 - 8 = -15, + 16 = 1
}

TEST(Accumulator, SaturatesAtEachStep) {
  Accumulator sum = narrow("acc", "int4", "", 4, "saturate");
  EXPECT_EQ(sum.step(true, 7, 0).result, 7);
  EXPECT_EQ(sum.step(false, 2, 0).result, 7);
  EXPECT_EQ(sum.step(false, 0xf, 0).result, 6);    // leaves the limit again
  EXPECT_EQ(sum.step(false, 0x8, 0).result, 0xe);  // -2
  EXPECT_EQ(sum.step(false, 0x8, 0).result, 0x8);  // -10: clamps to -8
}

TEST(Accumulator, WrapsAndSaturatesUnsigned) {
  Accumulator wrapping = narrow("acc", "uint4", "", 5);
  Accumulator saturating = narrow("acc", "uint4", "", 5, "saturate");
  EXPECT_EQ(wrapping.step(true, 15, 0).result, 15);
  EXPECT_EQ(wrapping.step(false, 15, 0).result, 30);
  EXPECT_EQ(wrapping.step(false, 15, 0).result, 13);  // 45 - 32
  saturating.step(true, 15, 0);
  saturating.step(false, 15, 0);
  EXPECT_EQ(saturating.step(false, 15, 0).result, 31);
}

TEST(Accumulator, CountsMinifloatProductsInTheirUnit) {
  // e2m1: 0x1 is 0.5, 0x7 is 6, 0xf is -6; the unit of products is 0.25.
  Accumulator sum(make_operator_spec({.op = "mac", .a = "e2m1", .b = "e2m1"}).value());
  EXPECT_EQ(sum.step(true, 0x1, 0x1).result, 1);
  EXPECT_EQ(sum.step(false, 0x7, 0x7).result, 145);            // + 36
  EXPECT_EQ(sum.step(false, 0x7, 0xf).result, 1);              // - 36
  EXPECT_EQ(sum.step(false, 0x1, 0x9).result, 0);              // - 0.25
  EXPECT_EQ(sum.step(false, 0x1, 0x9).result, (1 << 19) - 1);  // -0.25 in 19 bits
}

TEST(Accumulator, FirstStartsANewSum) {
  Accumulator sum = narrow("acc", "int4", "", 8);
  sum.step(true, 5, 0);
  sum.step(false, 5, 0);
  EXPECT_EQ(sum.step(true, 3, 0).result, 3);
  sum.reset();
  EXPECT_EQ(sum.outputs().result, 0);
  EXPECT_EQ(sum.step(false, 4, 0).result, 4);
}

TEST(Accumulator, SpecialAddendsRaiseStickyFlagsAndAddNothing) {
  // e5m2: 0x3c is 1, 0x7c +Inf, 0xfc -Inf, 0x7d NaN; the unit is 2^-16.
  Accumulator sum(make_operator_spec({.op = "acc", .a = "e5m2"}).value());
  EXPECT_EQ(sum.step(true, 0x3c, 0).result, 1 << 16);
  const Outputs after_infinity = sum.step(false, 0x7c, 0);
  EXPECT_EQ(after_infinity.result, 1 << 16);
  EXPECT_TRUE(after_infinity.result_defined);
  EXPECT_TRUE(after_infinity.pinf);
  EXPECT_FALSE(after_infinity.nan || after_infinity.ninf);
  const Outputs after_one = sum.step(false, 0x3c, 0);
  EXPECT_EQ(after_one.result, 2 << 16);
  EXPECT_TRUE(after_one.pinf);
  EXPECT_TRUE(sum.step(false, 0xfc, 0).ninf);
  EXPECT_FALSE(sum.outputs().nan);  // opposite infinities keep their own flags
  EXPECT_TRUE(sum.step(false, 0x7d, 0).nan);
  EXPECT_TRUE(sum.outputs().pinf && sum.outputs().ninf);
  const Outputs fresh = sum.step(true, 0x3c, 0);
  EXPECT_FALSE(fresh.nan || fresh.pinf || fresh.ninf);
  const Outputs first_is_nan = sum.step(true, 0x7d, 0);
  EXPECT_TRUE(first_is_nan.nan);
  EXPECT_EQ(first_is_nan.result, 0);
}

TEST(Accumulator, ProductsOfSpecialOperands) {
  Accumulator sum(make_operator_spec({.op = "mac", .a = "e5m2", .b = "int4"}).value());
  EXPECT_TRUE(sum.step(true, 0x7c, 0xf).ninf);  // Inf x -1
  EXPECT_FALSE(sum.outputs().pinf || sum.outputs().nan);
  EXPECT_TRUE(sum.step(true, 0x7c, 0x0).nan);  // Inf x 0
  EXPECT_FALSE(sum.outputs().pinf || sum.outputs().ninf);
  EXPECT_TRUE(sum.step(true, 0xfc, 0xf).pinf);  // -Inf x -1
}

/// By hand: quarters, rounded to integers one by one.
TEST(Accumulator, EachAddendIsRoundedToTheLowestBit) {
  const std::map<std::string, std::vector<int>> expected = {
      // quarters: -6  -5  -3  -2  -1  1  2  3  5  6
      {"toward_zero", {-1, -1, 0, 0, 0, 0, 0, 0, 1, 1}},
      {"toward_positive", {-1, -1, 0, 0, 0, 1, 1, 1, 2, 2}},
      {"toward_negative", {-2, -2, -1, -1, -1, 0, 0, 0, 1, 1}},
      {"ties_to_even", {-2, -1, -1, 0, 0, 0, 0, 1, 1, 2}},
      {"ties_to_away", {-2, -1, -1, -1, 0, 0, 1, 1, 1, 2}},
      {"ties_toward_positive", {-1, -1, -1, 0, 0, 0, 1, 1, 1, 2}},
      {"ties_toward_negative", {-2, -1, -1, -1, 0, 0, 0, 1, 1, 1}},
  };
  const std::vector<int> quarters = {-6, -5, -3, -2, -1, 1, 2, 3, 5, 6};
  for (const auto& [rounding, integers] : expected) {
    OperatorRequest request{.op = "acc", .a = "int4_lsbm2", .rounding = rounding, .terms = 100};
    request.acc_lsb = 0;
    Accumulator sum(make_operator_spec(request).value());
    int total = 0;
    for (std::size_t i = 0; i < quarters.size(); ++i) {
      total += integers[i];
      const BigInt code = quarters[i] & 15;
      EXPECT_EQ(sum.step(true, code, 0).result & 7, integers[i] & 7) << rounding << quarters[i];
    }
    sum.reset();
    for (const int quarter : quarters) sum.step(false, quarter & 15, 0);
    EXPECT_EQ(sum.outputs().result & 63, total & 63) << rounding;
  }
}

TEST(Accumulator, WithoutLowBitsItIsNarrower) {
  OperatorRequest request{.op = "mac", .a = "e4m3fn", .b = "e4m3fn"};
  EXPECT_EQ(make_operator_spec(request)->acc_width, 47);
  request.acc_lsb = -10;  // of -18
  const OperatorSpec spec = make_operator_spec(request).value();
  EXPECT_EQ(spec.acc_width, 39);
  EXPECT_EQ(spec.rounding, RoundingMode::kTowardZero);
  EXPECT_EQ(output_format(spec).name(), "int39_lsbm10");
  EXPECT_EQ(spec.module_name(), "fewbit_mac_e4m3fn_e4m3fn_t1024_lsbm10");
  EXPECT_EQ(spec.command(), "fewbit emit mac --a e4m3fn --b e4m3fn --terms 1024 --acc-lsb -10");
  request.acc_lsb = -18;
  EXPECT_FALSE(make_operator_spec(request).ok());  // nothing would be dropped
  request.acc_lsb = 18;
  EXPECT_FALSE(make_operator_spec(request).ok());  // nothing would be left
  request.acc_lsb = 17;
  EXPECT_EQ(make_operator_spec(request)->acc_width, 12);
}

TEST(Accumulator, LongIntegerSumsMatchMachineArithmetic) {
  Accumulator wrapping = narrow("mac", "int8", "int8", 18);
  Accumulator exact(
      make_operator_spec({.op = "mac", .a = "int8", .b = "int8"}).value());  // 1024 terms: 26 bits
  std::mt19937 random(7);
  long long sum = 0;
  for (int i = 0; i < 20000; ++i) {
    const bool first = i % 1024 == 0;
    const unsigned a = random() & 0xff;
    const unsigned b = random() & 0xff;
    sum = (first ? 0 : sum) + static_cast<signed char>(a) * static_cast<signed char>(b);
    ASSERT_EQ(exact.step(first, a, b).result, sum & ((1 << 26) - 1));
    ASSERT_EQ(wrapping.step(first, a, b).result, sum & ((1 << 18) - 1));
  }
}

}  // namespace
}  // namespace fewbit::model
