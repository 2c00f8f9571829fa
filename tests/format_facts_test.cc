// The facts of every named format, as the standards state them, against decode().
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "fewbit/sim/model/exact.h"

namespace fewbit::model {
namespace {

using ::testing::ElementsAreArray;

double to_double(const Datum& datum) {
  const double magnitude =
      std::ldexp(datum.value.significand.convert_to<double>(), datum.value.exponent);
  return datum.negative && datum.is_zero() ? -0.0 : magnitude;
}

struct Facts {
  std::string name;
  int bits, sign_bits, exponent_bits, fraction_bits, bias;
  std::vector<int> infinities, nans;
  bool has_negative_zero;
  double max;
  int max_code;
  double min_normal, min_subnormal;  // 0: there are no subnormals
};

std::vector<int> codes(int first, int last) {
  std::vector<int> list;
  for (int code = first; code <= last; ++code) list.push_back(code);
  return list;
}

std::vector<int> both_signs(std::vector<int> positive, int sign = 0x80) {
  const std::size_t count = positive.size();
  for (std::size_t i = 0; i < count; ++i) positive.push_back(positive[i] + sign);
  return positive;
}

double two_to(int exponent) { return std::ldexp(1.0, exponent); }

std::vector<Facts> facts() {
  return {
      {"e4m3fn", 8, 1, 4, 3, 7, {}, {0x7f, 0xff}, true, 448, 0x7e, two_to(-6), two_to(-9)},
      {"e5m2",
       8,
       1,
       5,
       2,
       15,
       {0x7c, 0xfc},
       both_signs(codes(0x7d, 0x7f)),
       true,
       57344,
       0x7b,
       two_to(-14),
       two_to(-16)},
      {"e4m3fnuz", 8, 1, 4, 3, 8, {}, {0x80}, false, 240, 0x7f, two_to(-7), two_to(-10)},
      {"e5m2fnuz", 8, 1, 5, 2, 16, {}, {0x80}, false, 57344, 0x7f, two_to(-15), two_to(-17)},
      {"e4m3b11fnuz", 8, 1, 4, 3, 11, {}, {0x80}, false, 30, 0x7f, two_to(-10), two_to(-13)},
      {"e4m3ieee",
       8,
       1,
       4,
       3,
       7,
       {0x78, 0xf8},
       both_signs(codes(0x79, 0x7f)),
       true,
       240,
       0x77,
       two_to(-6),
       two_to(-9)},
      {"e3m4ieee",
       8,
       1,
       3,
       4,
       3,
       {0x70, 0xf0},
       both_signs(codes(0x71, 0x7f)),
       true,
       15.5,
       0x6f,
       two_to(-2),
       two_to(-6)},
      {"e3m2", 6, 1, 3, 2, 3, {}, {}, true, 28, 0x1f, two_to(-2), two_to(-4)},
      {"e2m3", 6, 1, 2, 3, 1, {}, {}, true, 7.5, 0x1f, 1, two_to(-3)},
      {"e2m1", 4, 1, 2, 1, 1, {}, {}, true, 6, 0x7, 1, 0.5},
      {"e8m0", 8, 0, 8, 0, 127, {}, {0xff}, false, two_to(127), 0xfe, two_to(-127), 0},
      {"ue4m3", 7, 0, 4, 3, 7, {}, {0x7f}, false, 448, 0x7e, two_to(-6), two_to(-9)},
      {"binary8p3se",
       8,
       1,
       5,
       2,
       16,
       {0x7f, 0xff},
       {0x80},
       false,
       49152,
       0x7e,
       two_to(-15),
       two_to(-17)},
      {"binary8p4se",
       8,
       1,
       4,
       3,
       8,
       {0x7f, 0xff},
       {0x80},
       false,
       224,
       0x7e,
       two_to(-7),
       two_to(-10)},
      {"binary8p5se", 8, 1, 3, 4, 4, {0x7f, 0xff}, {0x80}, false, 15, 0x7e, two_to(-3), two_to(-7)},
      {"binary8p4sf", 8, 1, 4, 3, 8, {}, {0x80}, false, 240, 0x7f, two_to(-7), two_to(-10)},
      {"binary6p3sf", 6, 1, 3, 2, 4, {}, {0x20}, false, 14, 0x1f, two_to(-3), two_to(-5)},
      {"binary6p4sf", 6, 1, 2, 3, 2, {}, {0x20}, false, 3.75, 0x1f, two_to(-1), two_to(-4)},
      {"binary4p2sf", 4, 1, 2, 1, 2, {}, {0x8}, false, 3, 0x7, 0.5, 0.25},
      {"binary8p1uf", 8, 0, 8, 0, 128, {}, {0xff}, false, two_to(126), 0xfe, two_to(-127), 0},
      {"e4m3f", 8, 1, 4, 3, 7, {}, {}, true, 480, 0x7f, two_to(-6), two_to(-9)},
      {"e5m2f", 8, 1, 5, 2, 15, {}, {}, true, 114688, 0x7f, two_to(-14), two_to(-16)},
      {"e2m1f", 4, 1, 2, 1, 1, {}, {}, true, 6, 0x7, 1, 0.5},
      {"e2m3f", 6, 1, 2, 3, 1, {}, {}, true, 7.5, 0x1f, 1, two_to(-3)},
      {"e3m2f", 6, 1, 3, 2, 3, {}, {}, true, 28, 0x1f, two_to(-2), two_to(-4)},
      {"e3m0f", 4, 1, 3, 0, 3, {}, {}, true, 16, 0x7, 0.25, 0},
      {"bfloat16",
       16,
       1,
       8,
       7,
       127,
       {0x7f80, 0xff80},
       both_signs(codes(0x7f81, 0x7fff), 0x8000),
       true,
       255 * two_to(120),
       0x7f7f,
       two_to(-126),
       two_to(-133)},
      {"binary16",
       16,
       1,
       5,
       10,
       15,
       {0x7c00, 0xfc00},
       both_signs(codes(0x7c01, 0x7fff), 0x8000),
       true,
       65504,
       0x7bff,
       two_to(-14),
       two_to(-24)},
  };
}

class FormatFacts : public ::testing::TestWithParam<Facts> {};

TEST_P(FormatFacts, FieldsAndBias) {
  const Facts& expected = GetParam();
  const Format format = parse_format(expected.name).value();
  EXPECT_EQ(format.bits(), expected.bits);
  EXPECT_EQ(format.is_signed(), expected.sign_bits == 1);
  EXPECT_EQ(format.as_float().exponent_bits, expected.exponent_bits);
  EXPECT_EQ(format.as_float().fraction_bits, expected.fraction_bits);
  EXPECT_EQ(format.as_float().bias, expected.bias);
  EXPECT_EQ(format.as_float().has_negative_zero(), expected.has_negative_zero);
}

TEST_P(FormatFacts, SpecialCodesAmongAllCodes) {
  const Facts& expected = GetParam();
  const Format format = parse_format(expected.name).value();
  std::vector<int> infinities, nans;
  for (int code = 0; code < (1 << expected.bits); ++code) {
    const Datum datum = decode(format, code);
    if (datum.is_nan()) nans.push_back(code);
    if (datum.is_infinite()) infinities.push_back(code);
  }
  EXPECT_THAT(infinities, ElementsAreArray(expected.infinities));
  EXPECT_THAT(nans, ElementsAreArray(expected.nans));
}

TEST_P(FormatFacts, ExtremeMagnitudes) {
  const Facts& expected = GetParam();
  const Format format = parse_format(expected.name).value();
  std::map<FloatClass, std::set<double>> magnitudes;
  double max = 0;
  for (int code = 0; code < (1 << expected.bits); ++code) {
    const Datum datum = decode(format, code);
    if (!datum.is_finite()) continue;
    magnitudes[datum.cls].insert(std::abs(to_double(datum)));
    max = std::max(max, std::abs(to_double(datum)));
  }
  EXPECT_EQ(max, expected.max);
  EXPECT_EQ(to_double(decode(format, expected.max_code)), expected.max);
  EXPECT_EQ(*magnitudes[FloatClass::kNormal].begin(), expected.min_normal);
  const std::set<double>& subnormals = magnitudes[FloatClass::kSubnormal];
  EXPECT_EQ(subnormals.empty() ? 0 : *subnormals.begin(), expected.min_subnormal);
}

INSTANTIATE_TEST_SUITE_P(Table, FormatFacts, ::testing::ValuesIn(facts()),
                         [](const auto& row) { return row.param.name; });

TEST(WideFormats, Ieee754AndBfloat16) {
  const auto value = [](const char* name, unsigned code) {
    return to_double(decode(parse_format(name).value(), code));
  };
  EXPECT_EQ(value("binary16", 0x3c00), 1.0);
  EXPECT_EQ(value("binary16", 0x7bff), 65504.0);
  EXPECT_EQ(value("binary16", 0x0001), two_to(-24));
  EXPECT_EQ(value("bfloat16", 0x3f80), 1.0);
  EXPECT_EQ(value("bfloat16", 0xc2f7), -123.5);
  EXPECT_EQ(value("bfloat16", 0x0001), two_to(-133));
  EXPECT_EQ(value("binary32", 0x40490fdb), static_cast<double>(3.14159274F));
  EXPECT_EQ(value("binary32", 0x00000001), two_to(-149));
  EXPECT_TRUE(decode(parse_format("binary32").value(), 0x7f800001).is_nan());
  EXPECT_EQ(parse_format("binary32")->as_float().canonical_nan(), 0x7fc00000U);
}

TEST(WideFormats, LimitsOfBinary32) {
  const Format format = parse_format("binary32").value();
  EXPECT_EQ(format.as_float().exponent_bits, 8);
  EXPECT_EQ(format.as_float().fraction_bits, 23);
  EXPECT_EQ(format.as_float().bias, 127);
  EXPECT_EQ(format.as_float().max_finite, 0x7f7fffffU);
  EXPECT_EQ(to_double(decode(format, 0x7f7fffff)), static_cast<double>(3.40282347e38F));
  EXPECT_EQ(to_double(decode(format, 0x00800000)), two_to(-126));
  EXPECT_TRUE(decode(format, 0x7f800000).is_infinite());
  EXPECT_TRUE(decode(format, 0xff800000).is_infinite());
  EXPECT_TRUE(decode(format, 0xffffffff).is_nan());
  EXPECT_TRUE(decode(format, 0x80000000).is_zero());
  EXPECT_TRUE(decode(format, 0x80000000).negative);
}

// Formats that are easily taken for one another.
TEST(Traps, NamesThatLookAlike) {
  const auto format = [](const char* name) { return parse_format(name).value(); };
  EXPECT_FALSE(format("binary8p1uf") == format("e8m0"));
  EXPECT_FALSE(format("binary4p2sf") == format("e2m1"));
  EXPECT_FALSE(format("binary8p4sf") == format("e4m3fn"));
  EXPECT_EQ(format("binary8p4sf"), format("e4m3fnuz"));
  EXPECT_EQ(format("binary8p3sf"), format("e5m2fnuz"));
  EXPECT_EQ(format("FLOAT4E2M1"), format("e2m1f"));
  EXPECT_EQ(format("float8_e4m3"), format("e4m3ieee"));
  EXPECT_FALSE(format("float8_e4m3") == format("float8_e4m3fn"));
}

TEST(AllFinite, OneExponentBitIsASignAndMagnitudeInteger) {
  for (int fraction_bits = 1; fraction_bits <= 6; ++fraction_bits) {
    const Format format = parse_format(fmt::format("e1m{}f", fraction_bits)).value();
    const int magnitudes = 1 << (1 + fraction_bits);
    for (int magnitude = 0; magnitude < magnitudes; ++magnitude) {
      const double value = std::ldexp(magnitude, 1 - fraction_bits);  // bias 0
      EXPECT_EQ(to_double(decode(format, magnitude)), value);
      EXPECT_EQ(to_double(decode(format, magnitudes + magnitude)), -value);
    }
  }
}

TEST(WideFormats, MxInt8CountsIn64ths) {
  const Format format = parse_format("mxint8").value();
  EXPECT_EQ(to_double(decode(format, 0x7f)), 1 + 63.0 / 64);
  EXPECT_EQ(to_double(decode(format, 0x01)), two_to(-6));
  EXPECT_EQ(to_double(decode(format, 0x80)), -2.0);
}

TEST(ScaleE8M0, HasNoZero) {
  const Format format = parse_format("e8m0").value();
  EXPECT_EQ(to_double(decode(format, 0x00)), two_to(-127));
  EXPECT_EQ(to_double(decode(format, 0x7f)), 1.0);
}

TEST(ScaleBinary8p1uf, HasZeroAtCodeZero) {
  const Format format = parse_format("binary8p1uf").value();
  EXPECT_TRUE(decode(format, 0x00).is_zero());
  EXPECT_EQ(to_double(decode(format, 0x01)), two_to(-127));
  EXPECT_EQ(to_double(decode(format, 0x80)), 1.0);
}

// --- Conversions: ONNX Cast ---

Datum finite(double value) {
  Datum datum;
  datum.negative = std::signbit(value);
  datum.cls = value == 0 ? FloatClass::kZero : FloatClass::kNormal;
  datum.value = {BigInt(static_cast<long long>(value)), 0};
  return datum;
}
const Datum kNan{FloatClass::kNan, false, {}};
const Datum kPlusInfinity{FloatClass::kInfinity, false, {}};
const Datum kMinusInfinity{FloatClass::kInfinity, true, {}};

BigInt cast(const char* format, const Datum& datum, OverflowMode overflow) {
  return encode(parse_format(format).value(), datum, RoundingMode::kTiesToEven, overflow);
}

TEST(OnnxCast, FiniteTooLargeSaturates) {
  for (const auto& [format, max] : {std::pair{"e4m3fn", 0x7e}, std::pair{"e4m3fnuz", 0x7f},
                                    std::pair{"e5m2", 0x7b}, std::pair{"e5m2fnuz", 0x7f}}) {
    EXPECT_EQ(cast(format, finite(1000000), OverflowMode::kSaturate), max) << format;
    EXPECT_EQ(cast(format, finite(-1000000), OverflowMode::kSaturate), max + 0x80) << format;
  }
  EXPECT_EQ(cast("e2m1", finite(1000000), OverflowMode::kSaturate), 0x7);
  EXPECT_EQ(cast("e2m1", finite(-1000000), OverflowMode::kSaturate), 0xf);
}

TEST(OnnxCast, FiniteTooLargeWithoutSaturation) {
  EXPECT_EQ(cast("e4m3fn", finite(1000000), OverflowMode::kNan), 0x7f);
  EXPECT_EQ(cast("e4m3fnuz", finite(1000000), OverflowMode::kNan), 0x80);
  EXPECT_EQ(cast("e5m2", finite(1000000), OverflowMode::kInfinity), 0x7c);
  EXPECT_EQ(cast("e5m2", finite(-1000000), OverflowMode::kInfinity), 0xfc);
  EXPECT_EQ(cast("e5m2fnuz", finite(1000000), OverflowMode::kNan), 0x80);
}

TEST(OnnxCast, LastValueThatRoundsToTheLargest) {
  EXPECT_EQ(cast("e4m3fn", finite(464), OverflowMode::kNan), 0x7e);  // tie of 448 and 480: even
  EXPECT_EQ(cast("e4m3fn", finite(465), OverflowMode::kNan), 0x7f);
  EXPECT_EQ(cast("e5m2", finite(61439), OverflowMode::kInfinity), 0x7b);
  EXPECT_EQ(cast("e5m2", finite(61440), OverflowMode::kInfinity), 0x7c);  // tie: 65536 is even
}

TEST(OnnxCast, NanAndMinusZero) {
  EXPECT_EQ(cast("e4m3fn", kNan, OverflowMode::kSaturate), 0x7f);
  EXPECT_EQ(cast("e4m3fnuz", kNan, OverflowMode::kSaturate), 0x80);
  EXPECT_EQ(cast("e5m2", kNan, OverflowMode::kSaturate), 0x7e);
  EXPECT_EQ(cast("e5m2fnuz", kNan, OverflowMode::kSaturate), 0x80);
  EXPECT_EQ(cast("e2m1", kNan, OverflowMode::kSaturate), 0x7);  // +6: the format has no NaN
  EXPECT_EQ(cast("e4m3fn", finite(-0.0), OverflowMode::kSaturate), 0x80);
  EXPECT_EQ(cast("e5m2", finite(-0.0), OverflowMode::kSaturate), 0x80);
  EXPECT_EQ(cast("e2m1", finite(-0.0), OverflowMode::kSaturate), 0x8);
  EXPECT_EQ(cast("e4m3fnuz", finite(-0.0), OverflowMode::kSaturate), 0x00);
  EXPECT_EQ(cast("e5m2fnuz", finite(-0.0), OverflowMode::kSaturate), 0x00);
}

TEST(Encode, Infinity) {
  EXPECT_EQ(cast("e4m3fn", kPlusInfinity, OverflowMode::kSaturate), 0x7e);
  EXPECT_EQ(cast("e4m3fn", kMinusInfinity, OverflowMode::kNan), 0x7f);
  EXPECT_EQ(cast("e5m2", kMinusInfinity, OverflowMode::kInfinity), 0xfc);
  EXPECT_EQ(cast("e5m2", kMinusInfinity, OverflowMode::kSaturate), 0xfb);
  EXPECT_EQ(cast("e2m1", kMinusInfinity, OverflowMode::kSaturate), 0xf);
  EXPECT_EQ(cast("ue4m3", kPlusInfinity, OverflowMode::kSaturate), 0x7e);
  EXPECT_EQ(cast("ue4m3", kMinusInfinity, OverflowMode::kSaturate), 0x00);
}

TEST(Encode, IntoIntegers) {
  EXPECT_EQ(cast("int8", kNan, OverflowMode::kSaturate), 0);
  EXPECT_EQ(cast("int8", kPlusInfinity, OverflowMode::kSaturate), 0x7f);
  EXPECT_EQ(cast("int8", kMinusInfinity, OverflowMode::kWrap), 0x80);
  EXPECT_EQ(cast("uint8", kMinusInfinity, OverflowMode::kSaturate), 0);
  EXPECT_EQ(cast("uint8", finite(-3), OverflowMode::kSaturate), 0);
  EXPECT_EQ(cast("uint8", finite(-3), OverflowMode::kWrap), 0xfd);
}

// --- Text ---

TEST(DatumText, IsExact) {
  const auto text = [](const char* name, unsigned code) {
    return to_string(decode(parse_format(name).value(), code));
  };
  EXPECT_EQ(text("e4m3fn", 0x3e), "1.75");
  EXPECT_EQ(text("e4m3fn", 0x80), "-0");
  EXPECT_EQ(text("e4m3fn", 0x00), "0");
  EXPECT_EQ(text("e4m3fn", 0x7f), "nan");
  EXPECT_EQ(text("e4m3fn", 0x01), "0.001953125");
  EXPECT_EQ(text("e4m3fn", 0xfe), "-448");
  EXPECT_EQ(text("e5m2", 0xfc), "-inf");
  EXPECT_EQ(text("e5m2", 0x03), "3 x 2^-16");
  EXPECT_EQ(text("mxint8", 0xff), "-0.015625");
  EXPECT_EQ(text("e8m0", 0xfe), "1 x 2^127");
  EXPECT_EQ(text("e16m15f", 0x7fffffff), "65535 x 2^32753");
  EXPECT_EQ(to_string(decode(parse_format("int48_lsb0").value(), pow2(47) - 1)), "140737488355327");
  EXPECT_EQ(to_string(decode(parse_format("int48_lsb3").value(), pow2(47) - 1)),
            "140737488355327 x 2^3");
}

}  // namespace
}  // namespace fewbit::model
