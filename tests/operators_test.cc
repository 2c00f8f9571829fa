// Exact mul, add, sub, max and min against double arithmetic, which is exact at these widths: all
// pairs.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/model/operators.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "fewbit/tests/textbook_format.h"

namespace fewbit::model {
namespace {

using fewbit::testing::textbook_formats;
using fewbit::testing::TextbookFormat;

/// An operand format as a table of doubles, whatever its kind.
struct Operand {
  std::string name;
  std::vector<double> values;
};

Operand integer_operand(int bits, bool is_signed) {
  Operand operand{(is_signed ? "int" : "uint") + std::to_string(bits), {}};
  for (int code = 0; code < (1 << bits); ++code) {
    operand.values.push_back(is_signed && code >= (1 << (bits - 1)) ? code - (1 << bits) : code);
  }
  return operand;
}

std::vector<Operand> operands() {
  std::vector<Operand> list = {integer_operand(1, true), integer_operand(4, true),
                               integer_operand(3, false)};
  for (const TextbookFormat& format : textbook_formats(4, 5)) {
    if (format.x > 4) continue;  // sums would need more than the 53 bits of a double
    Operand operand{format.name(), {}};
    for (int code = 0; code < format.codes(); ++code) operand.values.push_back(format.value(code));
    list.push_back(operand);
  }
  return list;
}

/// "max", "min", or with IGNORED after it where the number beside a NaN is the result, which is
/// what the C library's functions do.
double chosen(const std::string& op, double x, double y) {
  const bool larger = op.rfind("max", 0) == 0;
  const bool ignores = op.size() > 3;
  if (!ignores && (std::isnan(x) || std::isnan(y))) return std::nan("");
  return larger ? std::fmax(x, y) : std::fmin(x, y);
}

double apply(const std::string& op, double x, double y) {
  if (op[0] == 'm' && op != "mul") return chosen(op, x, y);
  return op == "mul" ? x * y : (op == "add" ? x + y : x - y);
}

/// The value of an exact result: two's complement in a format that nothing else is taken from.
double result_value(const OperatorSpec& spec, const BigInt& code) {
  const IntFormat format = output_format(spec).as_int();
  double value = code.convert_to<double>();
  if (format.is_signed && value >= std::ldexp(1.0, format.bits - 1)) {
    value -= std::ldexp(1.0, format.bits);
  }
  return std::ldexp(value, format.lsb_exponent);
}

void check_pair_of_formats(const std::string& op, const Operand& a, const Operand& b) {
  const bool ignores = op.size() > 3;
  const Result<OperatorSpec> spec = make_operator_spec(
      {.op = op.substr(0, 3), .a = a.name, .b = b.name, .nan = ignores ? "ignore" : ""});
  if (ignores && !spec.ok() && spec.error().field == "--nan") return;  // neither can be NaN
  ASSERT_TRUE(spec.ok()) << spec.error().message();
  SpecialFlags seen;
  double least = std::numeric_limits<double>::infinity(), largest = -least;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    for (std::size_t j = 0; j < b.values.size(); ++j) {
      const double expected = apply(op, a.values[i], b.values[j]);
      const Outputs outputs = evaluate(*spec, i, j);
      const bool is_infinite = std::isinf(expected);
      ASSERT_EQ(outputs.nan, std::isnan(expected)) << spec->command() << " " << i << " " << j;
      ASSERT_EQ(outputs.pinf, is_infinite && expected > 0) << spec->command();
      ASSERT_EQ(outputs.ninf, is_infinite && expected < 0) << spec->command();
      ASSERT_EQ(outputs.result_defined, std::isfinite(expected)) << spec->command();
      if (outputs.result_defined) {
        least = std::min(least, expected);
        largest = std::max(largest, expected);
        ASSERT_EQ(result_value(*spec, outputs.result), expected)
            << spec->command() << " " << i << " " << j;
      }
      seen.nan = seen.nan || outputs.nan;
      seen.pinf = seen.pinf || outputs.pinf;
      seen.ninf = seen.ninf || outputs.ninf;
    }
  }
  const SpecialFlags flags = special_flags(*spec);
  EXPECT_EQ(flags.nan, seen.nan) << spec->command();
  EXPECT_EQ(flags.pinf, seen.pinf) << spec->command();
  EXPECT_EQ(flags.ninf, seen.ninf) << spec->command();
  const ExactRange range = exact_range(*spec);
  EXPECT_EQ(std::ldexp(range.min.convert_to<double>(), range.lsb_exponent), least)
      << spec->command();
  EXPECT_EQ(std::ldexp(range.max.convert_to<double>(), range.lsb_exponent), largest)
      << spec->command();
}

TEST(ExactOperators, EveryPairOfEveryPairOfSmallFormats) {
  const std::vector<Operand> list = operands();
  ASSERT_GT(list.size(), 50U);
  for (std::size_t i = 0; i < list.size(); ++i) {
    for (std::size_t j = 0; j < list.size(); ++j) {
      std::vector<const char*> ops = {"mul", "add", "sub"};
      // Of choices every fifth pair: each format meets a fifth of the others, on both sides.
      if ((i + 2 * j) % 5 == 0) {
        ops.insert(ops.end(), {"max", "min", "max ignored", "min ignored"});
      }
      for (const char* op : ops) {
        check_pair_of_formats(op, list[i], list[j]);
        if (::testing::Test::HasFatalFailure()) return;
      }
    }
  }
}

Outputs rounded(const char* op, const char* a, const char* b, const char* result,
                const char* rounding, unsigned a_code, unsigned b_code) {
  OperatorRequest request{.op = op, .a = a, .b = b};
  request.result = result;
  request.rounding = rounding;
  return evaluate(make_operator_spec(request).value(), a_code, b_code);
}

TEST(RoundedOperators, SignsOfZero) {
  // e4m3fn: 0x00 is +0, 0x80 is -0, 0x38 is 1, 0xb8 is -1.
  const auto e4m3fn = [](const char* op, const char* rounding, unsigned a, unsigned b) {
    return rounded(op, "e4m3fn", "e4m3fn", "e4m3fn", rounding, a, b).result;
  };
  EXPECT_EQ(e4m3fn("mul", "", 0x80, 0x38), 0x80);
  EXPECT_EQ(e4m3fn("mul", "", 0x80, 0xb8), 0x00);
  EXPECT_EQ(e4m3fn("mul", "", 0x01, 0x81), 0x80);  // rounds to -0
  EXPECT_EQ(e4m3fn("add", "", 0x80, 0x80), 0x80);
  EXPECT_EQ(e4m3fn("add", "", 0x80, 0x00), 0x00);
  EXPECT_EQ(e4m3fn("add", "toward_negative", 0x80, 0x00), 0x80);
  EXPECT_EQ(e4m3fn("add", "", 0x38, 0xb8), 0x00);
  EXPECT_EQ(e4m3fn("add", "toward_negative", 0x38, 0xb8), 0x80);
  EXPECT_EQ(e4m3fn("sub", "", 0x80, 0x00), 0x80);
  EXPECT_EQ(e4m3fn("sub", "", 0x00, 0x00), 0x00);
  // maximum and minimum of IEEE 754-2019: -0 is below +0, whichever comes first.
  EXPECT_EQ(e4m3fn("max", "", 0x80, 0x00), 0x00);
  EXPECT_EQ(e4m3fn("max", "", 0x00, 0x80), 0x00);
  EXPECT_EQ(e4m3fn("max", "", 0x80, 0x80), 0x80);
  EXPECT_EQ(e4m3fn("min", "", 0x80, 0x00), 0x80);
  EXPECT_EQ(e4m3fn("min", "toward_negative", 0x00, 0x80), 0x80);
  EXPECT_EQ(e4m3fn("min", "", 0x00, 0x00), 0x00);
  // An integer zero is +0: -1 x -0 and -0 - 0.
  EXPECT_EQ(rounded("mul", "int4", "e4m3fn", "e4m3fn", "", 0xf, 0x80).result, 0x00);
  EXPECT_EQ(rounded("mul", "int4", "e4m3fn", "e4m3fn", "", 0x0, 0x80).result, 0x80);
  EXPECT_EQ(rounded("sub", "e4m3fn", "int4", "e4m3fn", "", 0x80, 0x0).result, 0x80);
  EXPECT_EQ(rounded("max", "e4m3fn", "int4", "e4m3fn", "", 0x80, 0x0).result, 0x00);
  EXPECT_EQ(rounded("min", "int4", "e4m3fn", "e4m3fn", "", 0x0, 0x80).result, 0x80);
}

/// docs/operators.md, `requant`.
TEST(RoundedOperators, AZeroProductOfRequantHasNoSign) {
  for (const char* rounding : {"ties_to_even", "toward_negative"}) {
    OperatorRequest request{.op = "requant", .a = "int4", .b = "int4", .result = "e4m3fn"};
    request.rounding = rounding;
    const Function requant(make_operator_spec(request).value());
    request.op = "mul";
    const Function mul(make_operator_spec(request).value());
    const BigInt minus_one = 15;
    EXPECT_EQ(mul({minus_one, 0}).result, 0x80) << rounding;
    EXPECT_EQ(requant({minus_one, 0, 0}).result, 0) << rounding;
  }
  // -1 / 2^31 is not zero; it rounds to one.
  const Function requant(
      make_operator_spec({.op = "requant", .a = "int4", .result = "e4m3fn"}).value());
  EXPECT_EQ(requant({15, 31}).result, 0x80);
}

TEST(RoundedOperators, SpecialValuesAreCodedInTheResult) {
  // e5m2: 0x7c is +Inf, 0xfc -Inf, 0x7e NaN, 0x3c is 1.
  const Outputs nan = rounded("mul", "e5m2", "e5m2", "e4m3fn", "", 0x7c, 0x00);
  EXPECT_EQ(nan.result, 0x7f);
  EXPECT_TRUE(nan.result_defined);
  EXPECT_FALSE(nan.nan || nan.pinf || nan.ninf);
  EXPECT_EQ(rounded("add", "e5m2", "e5m2", "e5m2", "", 0x7c, 0xfc).result, 0x7e);
  EXPECT_EQ(rounded("sub", "e5m2", "e5m2", "e5m2", "", 0x3c, 0x7c).result, 0xfc);
  EXPECT_EQ(rounded("mul", "e5m2", "e5m2", "int8", "", 0xfc, 0x3c).result, 0x80);
  EXPECT_EQ(rounded("mul", "e5m2", "e5m2", "int8", "", 0x7e, 0x3c).result, 0x00);
}

TEST(RoundedOperators, WideResults) {
  // 2^15 x -1 in binary32; e5m2 0x78 is 2^15, 0xbc is -1.
  EXPECT_EQ(rounded("mul", "e5m2", "e5m2", "binary32", "", 0x78, 0xbc).result, 0xc7000000U);
  // 2^31 - 1 is not a binary32 number: 2^31, or the largest below.
  EXPECT_EQ(rounded("add", "int32", "int1", "binary32", "", 0x7fffffffU, 0).result, 0x4f000000U);
  EXPECT_EQ(rounded("add", "int32", "int1", "binary32", "toward_zero", 0x7fffffffU, 0).result,
            0x4effffffU);
}

/// Scale exponent and elements of a block of bfloat16 codes, worked out by hand.
struct Block {
  const char* policy;
  const char* element;
  std::vector<unsigned> codes;  ///< bfloat16
  int scale;                    ///< exponent
  std::vector<unsigned> elements;
};

TEST(Mxquant, BlocksByHand) {
  const std::vector<Block> blocks = {
      // e2m1: largest 6 = 1.5 x 2^2. 6 fits as it is; 7 = 1.75 x 4 rounds to 8 at 2 bits.
      {"floor", "e2m1", {0x40c0, 0xbf80}, 0, {7, 0xa}},
      {"floor", "e2m1", {0x40e0, 0xbf80}, 0, {7, 0xa}},
      {"ceil", "e2m1", {0x40c0, 0xbf80}, 1, {5, 0x9}},
      {"even", "e2m1", {0x40c0, 0xbf80}, 0, {7, 0xa}},
      {"even", "e2m1", {0x40e0, 0xbf80}, 1, {6, 0x9}},  // 3.5 is a tie between 3 and 4
      // uint4: largest 15, 4 bits. 15 fits; 15.5 rounds to 16, and 7.75 to 8.
      {"even", "uint4", {0x4170, 0x3f80}, 0, {15, 1}},
      {"even", "uint4", {0x4178, 0x4000}, 1, {8, 1}},
      // int4: largest 7, 3 bits. 7 fits; 7.5 rounds to 8, and 3.75 to 4.
      {"even", "int4", {0x40e0, 0xbf80}, 0, {7, 0xf}},
      {"even", "int4", {0x40f0, 0xc000}, 1, {4, 0xf}},
      // rceil: 6 and 7 are what e2m1 and int4 hold; a bit more is not.
      {"rceil", "e2m1", {0x40c0, 0xbf80}, 0, {7, 0xa}},
      {"rceil", "e2m1", {0x40c1, 0xbf80}, 1, {5, 0x9}},
      {"rceil", "e2m1", {0x40e0, 0xbf80}, 1, {6, 0x9}},  // 3.5 is a tie between 3 and 4
      {"rceil", "int4", {0x40e0, 0xbf80}, 0, {7, 0xf}},
      {"rceil", "int4", {0x40e8, 0xc000}, 1, {4, 0xf}},  // 7.25 / 2 = 3.625
      {"rceil", "uint4", {0x4170, 0x3f80}, 0, {15, 1}},
      // Zeros have the least scale.
      {"floor", "e2m1", {0x0000, 0x8000}, -127, {0, 8}},
  };
  for (const Block& block : blocks) {
    OperatorRequest request{.op = "mxquant", .a = "bfloat16", .result = block.element};
    request.scale_policy = block.policy;
    request.lanes = static_cast<long long>(block.codes.size());
    const OperatorSpec spec = make_operator_spec(request).value();
    BigInt operand = 0;
    BigInt elements = 0;
    for (std::size_t lane = block.codes.size(); lane-- > 0;) {
      operand = (operand << 16) | block.codes[lane];
      elements = (elements << 4) | block.elements[lane];
    }
    const Outputs outputs = evaluate(spec, {operand});
    EXPECT_EQ(outputs.scale, block.scale + 127) << block.policy << " " << block.element;
    EXPECT_EQ(outputs.result, elements) << block.policy << " " << block.element;
  }
}

TEST(Mxquant, RceilIsTheLeastScaleThatHoldsTheLargest) {
  // e4m3fn holds 448 = 1.75 x 2^8: 150 / 448 is above 1/4 and at most 1/2, 2^-1: code 126.
  const OperatorSpec spec = make_operator_spec({.op = "mxquant",
                                                .a = "bfloat16",
                                                .result = "e4m3fn",
                                                .scale_policy = "rceil",
                                                .lanes = 1})
                                .value();
  const auto scale = [&](unsigned code) { return evaluate(spec, {BigInt(code)}).scale; };
  EXPECT_EQ(scale(0x4316), 126);                             // 150
  EXPECT_EQ(scale(0x43e0), 127);                             // 448
  EXPECT_EQ(scale(0xc3e1), 128);                             // -450
  EXPECT_EQ(scale(0x4360), 126);                             // 224
  EXPECT_EQ(scale(0x4361), 127);                             // 225
  EXPECT_EQ(evaluate(spec, {BigInt(0x4316)}).result, 0x79);  // 300: between 288 and 320, 288
}

/// Of int16 without a multiplier, shifted by 2.
BigInt requantized(const char* result, const char* zero_point, int a, int z,
                   const char* overflow = "saturate", const char* rounding = "ties_to_even") {
  const OperatorSpec spec = make_operator_spec({.op = "requant",
                                                .a = "int16",
                                                .result = result,
                                                .rounding = rounding,
                                                .overflow = overflow,
                                                .zero_point = zero_point})
                                .value();
  return evaluate(spec, {to_bits(a, 16), BigInt(2), to_bits(z, spec.zero_point->bits())}).result;
}

TEST(Requant, ZeroPointsByHand) {
  EXPECT_EQ(requantized("uint8", "uint8", -300, 128), 53);   // -75 + 128
  EXPECT_EQ(requantized("uint8", "uint8", -1000, 128), 0);   // -250 + 128
  EXPECT_EQ(requantized("uint8", "uint8", 1000, 128), 255);  // 250 + 128 = 378
  EXPECT_EQ(requantized("uint8", "uint8", 1000, 128, "wrap"), 122);
  EXPECT_EQ(requantized("uint8", "uint8", -1000, 128, "wrap"), 134);
  EXPECT_EQ(requantized("int8", "int8", 1000, -123), 127);  // 250 - 123 = 127
  EXPECT_EQ(requantized("int8", "int8", 1000, -124), 126);
  EXPECT_EQ(requantized("int8", "int8", -1000, 127), 0x85);  // -250 + 127 = -123
  EXPECT_EQ(requantized("int8", "int8", -1000, 121), 0x80);  // -129
  EXPECT_EQ(requantized("int4", "uint4", -64, 15), 0xf);     // -16 + 15 = -1
  // Rounded before it is added: 1.5 to 2, 2.5 to 2, and not 4.5 to 4 or 3.5 to 4.
  EXPECT_EQ(requantized("int8", "int8", 6, 3), 5);
  EXPECT_EQ(requantized("int8", "int8", 10, 1), 3);
  // Ties by the sign of what is rounded: -0.5 + 4.
  EXPECT_EQ(requantized("int8", "int8", -2, 4, "saturate", "ties_toward_positive"), 4);
  EXPECT_EQ(requantized("int8", "int8", -2, 4, "saturate", "ties_toward_negative"), 3);
  EXPECT_EQ(requantized("int8", "int8", -2, 4, "saturate", "ties_to_away"), 3);
  EXPECT_EQ(requantized("int8", "int8", -2, 4, "saturate", "toward_zero"), 4);
}

/// 1.m x 2^e of e9m6ieee (bias 255).
unsigned e9m6(int e, unsigned m) { return static_cast<unsigned>(e + 255) << 6 | m; }

TEST(AnyExponents, ByHand) {
  const auto of = [](OperatorRequest request, const std::vector<BigInt>& operands) {
    return evaluate(make_operator_spec(request).value(), operands).result;
  };
  const OperatorRequest mul{.op = "mul", .a = "e9m6ieee", .b = "e9m6ieee", .result = "e9m6ieee"};
  EXPECT_EQ(of(mul, {e9m6(255, 32), e9m6(-254, 32)}), e9m6(2, 8));  // 1.5 x 1.5 = 1.125 x 2
  EXPECT_EQ(of(mul, {e9m6(-200, 0), e9m6(-60, 0)}), 1U);            // 2^-260, the least subnormal
  EXPECT_EQ(of(mul, {e9m6(-200, 0), e9m6(-61, 0)}), 0U);            // a tie with 0
  EXPECT_EQ(of(mul, {e9m6(200, 0), e9m6(200, 0)}), 0x7fc0U);        // infinity
  // binary16p1se: powers of two, code 16384 is 1. 2^k + 2^k = 2^(k+1); 1 + 2^-2 is nearer 1,
  // 1 + 2^-1 is a tie between 1 and 2, whose code is odd.
  const OperatorRequest add{
      .op = "add", .a = "binary16p1se", .b = "binary16p1se", .result = "binary16p1se"};
  EXPECT_EQ(of(add, {16384, 16384}), 16385);
  EXPECT_EQ(of(add, {16384, 16382}), 16384);
  EXPECT_EQ(of(add, {16384, 16383}), 16384);
  EXPECT_EQ(of(add, {30000, 2}), 30000);
  OperatorRequest up = add;
  up.rounding = "toward_positive";
  EXPECT_EQ(of(up, {30000, 2}), 30001);
  EXPECT_EQ(of(up, {30000, 0x8002}), 30000);
  up.rounding = "toward_negative";
  EXPECT_EQ(of(up, {30000, 0x8002}), 29999);
  // 2^100 x 2^100 - 2^200 + nothing: a product far above the addend, and one that it cancels.
  const OperatorRequest fma{.op = "fma",
                            .a = "binary16p1se",
                            .b = "binary16p1se",
                            .c = "binary16p1se",
                            .result = "binary16p1se"};
  EXPECT_EQ(of(fma, {16484, 16484, 0x8000 + 16584}), 0);
  EXPECT_EQ(of(fma, {16484, 16484, 5}), 16584);
  EXPECT_EQ(of(fma, {1, 1, 5}), 5);
}

}  // namespace
}  // namespace fewbit::model
