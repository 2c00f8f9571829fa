// Formats of 16 and 32 bits, with exponents of up to 16: every code of the former, random codes of
// the latter (RC_PARAMS chooses number and seed), and points between neighbouring codes.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "fewbit/sim/model/exact.h"
#include "fewbit/tests/every_number.h"

namespace fewbit::model {
namespace {

using fewbit::testing::kDeterministicModes;

struct Wide {
  std::string name;
  int x, y, bias;
  bool is_signed;
  Code largest;                  ///< largest finite magnitude code
  std::optional<Code> infinity;  ///< magnitude code
  std::optional<Code> nan;       ///< the whole code that results use
  bool has_minus_zero;

  [[nodiscard]] Code sign(bool negative) const { return negative ? Code{1} << (x + y) : 0; }
  /// Sixteenths of the way from a magnitude code to the next one.
  [[nodiscard]] Datum between(Code magnitude, int sixteenths, bool negative) const {
    const Code fraction = magnitude & ((Code{1} << y) - 1);
    const auto field = static_cast<int>(magnitude >> y);
    const Code significand = field == 0 ? fraction : fraction + (Code{1} << y);
    const BigInt sixteen_fold = BigInt(significand) * 16 + sixteenths;
    if (sixteen_fold == 0) return {FloatClass::kZero, negative, {}};
    return {FloatClass::kNormal,
            negative,
            {negative ? BigInt(-sixteen_fold) : sixteen_fold, std::max(field, 1) - bias - y - 4}};
  }
};

const std::vector<Wide>& sixteen_bits() {
  static const std::vector<Wide> kFormats = {
      {"binary16", 5, 10, 15, true, 0x7bff, 0x7c00, 0x7e00, true},
      {"bfloat16", 8, 7, 127, true, 0x7f7f, 0x7f80, 0x7fc0, true},
      {"binary16p1uf", 16, 0, 32768, false, 0xfffe, {}, 0xffff, false},
      {"binary16p1se", 15, 0, 16384, true, 0x7ffe, 0x7fff, 0x8000, false},
      {"binary16p11se", 5, 10, 16, true, 0x7ffe, 0x7fff, 0x8000, false},
      {"binary16p8ue", 9, 7, 256, false, 0xfffd, 0xfffe, 0xffff, false},
      {"binary16p16uf", 1, 15, 1, false, 0xfffe, {}, 0xffff, false},
      {"e14m1b65535f", 14, 1, 65535, true, 0x7fff, {}, {}, true},
      {"e9m6bm1000fn", 9, 6, -1000, true, 0x7ffe, {}, 0x7fff, true},
  };
  return kFormats;
}

const std::vector<Wide>& thirty_two_bits() {
  static const std::vector<Wide> kFormats = {
      {"binary32", 8, 23, 127, true, 0x7f7fffff, 0x7f800000, 0x7fc00000, true},
      {"e8m23fn", 8, 23, 127, true, 0x7ffffffe, {}, 0x7fffffff, true},
      {"e16m15f", 16, 15, 32767, true, 0x7fffffff, {}, {}, true},
      {"ue16m16b300ieee", 16, 16, 300, false, 0xfffeffff, 0xffff0000, 0xffff8000, false},
      {"e12m19bm5000fnuz", 12, 19, -5000, true, 0x7fffffff, {}, 0x80000000, false},
  };
  return kFormats;
}

/// The magnitude code that a point between two codes becomes; no upper bound.
Code expected_code(Code lower, int sixteenths, RoundingMode mode, bool negative) {
  const Code upper = lower + 1;
  if (sixteenths == 0) return lower;
  switch (mode) {
    case RoundingMode::kTiesToEven:
      if (sixteenths == 8) return lower % 2 == 0 ? lower : upper;
      return sixteenths < 8 ? lower : upper;
    case RoundingMode::kTiesToAway:
      return sixteenths < 8 ? lower : upper;
    case RoundingMode::kTiesTowardPositive:
      return sixteenths < (negative ? 9 : 8) ? lower : upper;
    case RoundingMode::kTiesTowardNegative:
      return sixteenths < (negative ? 8 : 9) ? lower : upper;
    case RoundingMode::kTowardPositive:
      return negative ? lower : upper;
    case RoundingMode::kTowardNegative:
      return negative ? upper : lower;
    case RoundingMode::kToOdd:
      return lower % 2 == 0 ? upper : lower;
    default:
      return lower;
  }
}

/// A wrong result in words, or "".
std::string wrong_rounding(const Wide& wide, const Format& format, Code magnitude, int sixteenths,
                           RoundingMode mode, bool negative) {
  const Datum datum = wide.between(magnitude, sixteenths, negative);
  const Code rounded = expected_code(magnitude, sixteenths, mode, negative);
  const bool keeps_sign = negative && (rounded != 0 || wide.has_minus_zero);
  const Code saturated = std::min(rounded, wide.largest) | wide.sign(keeps_sign);
  std::string wrong;
  const auto expect = [&](OverflowMode overflow, Code expected) {
    const BigInt code = encode(format, datum, mode, overflow);
    if (code == expected) return;
    wrong += fmt::format("{}: {} + {}/16 {} {} {}: {:x} in place of {:x}\n", wide.name, magnitude,
                         sixteenths, negative, to_string(mode), to_string(overflow),
                         code.convert_to<Code>(), expected);
  };
  expect(OverflowMode::kSaturate, saturated);
  const bool fits = rounded <= wide.largest;
  if (wide.nan) expect(OverflowMode::kNan, fits ? saturated : *wide.nan);
  const bool to_nearest = mode == RoundingMode::kTiesToEven || mode == RoundingMode::kTiesToAway ||
                          mode >= RoundingMode::kTiesTowardPositive;
  if (wide.infinity && (fits || to_nearest)) {
    expect(OverflowMode::kInfinity, fits ? saturated : *wide.infinity | wide.sign(negative));
  }
  return wrong;
}

/// A code that decode or encode has wrong, in words, or "".
std::string wrong_code(const Wide& wide, const Format& format, Code code) {
  const Code magnitude = code & (wide.sign(true) - 1);
  const bool negative = wide.is_signed && code >= wide.sign(true);
  const Datum datum = decode(format, code);
  const bool is_infinity = magnitude == wide.infinity;
  const bool is_nan = (magnitude > wide.largest && !is_infinity) ||
                      (negative && magnitude == 0 && !wide.has_minus_zero);
  bool right = datum.is_nan() == is_nan && datum.is_infinite() == is_infinity;
  if (right && !is_nan) right = datum.negative == negative;
  if (right && datum.is_finite()) {
    right = compare(datum.value, wide.between(magnitude, 0, negative).value) == 0;
  }
  const OverflowMode overflow = wide.infinity ? OverflowMode::kInfinity : OverflowMode::kSaturate;
  for (const RoundingMode mode : kDeterministicModes) {
    right = right && encode(format, datum, mode, overflow) == (is_nan ? *wide.nan : code);
  }
  return right ? "" : fmt::format("{}: code {:x}", wide.name, code);
}

TEST(SixteenBits, EveryCodeDecodesAndEncodes) {
  for (const Wide& wide : sixteen_bits()) {
    const Format format = parse_format(wide.name).value();
    ASSERT_EQ(format.bits(), 16) << wide.name;
    for (Code code = 0; code < 0x10000; ++code) ASSERT_EQ(wrong_code(wide, format, code), "");
  }
}

TEST(SixteenBits, EveryGapRoundsRight) {
  for (const Wide& wide : sixteen_bits()) {
    const Format format = parse_format(wide.name).value();
    for (Code magnitude = 0; magnitude <= wide.largest; ++magnitude) {
      for (const int sixteenths : {0, 1, 8, 15}) {
        const bool negative = wide.is_signed && (magnitude + sixteenths) % 3 == 0;
        for (const RoundingMode mode : kDeterministicModes) {
          ASSERT_EQ(wrong_rounding(wide, format, magnitude, sixteenths, mode, negative), "");
        }
      }
    }
  }
}

/// Magnitude codes: anywhere, or next to zero, the first normal and the largest.
rc::Gen<Code> any_magnitude(const Wide& wide) {
  const Code normal = Code{1} << wide.y;
  return rc::gen::oneOf(
      rc::gen::resize(rc::kNominalSize, rc::gen::inRange<Code>(0, wide.largest + 1)),
      rc::gen::element<Code>(0, 1, normal - 1, normal, normal + 1, wide.largest - 1, wide.largest));
}

rc::Gen<RoundingMode> any_mode() {
  return rc::gen::elementOf(
      std::vector<RoundingMode>(std::begin(kDeterministicModes), std::end(kDeterministicModes)));
}

TEST(ThirtyTwoBits, CodesDecodeAndEncode) {
  for (const Wide& wide : thirty_two_bits()) {
    const Format format = parse_format(wide.name).value();
    ASSERT_EQ(format.bits(), 32) << wide.name;
    EXPECT_TRUE(rc::check(wide.name + ": decode, then encode", [&] {
      const Code code = *rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint32_t>());
      RC_ASSERT(wrong_code(wide, format, code) == "");
    }));
    for (const Code code : {Code{0}, wide.largest, wide.largest + 1, Code{0x7fffffff},
                            Code{0x80000000}, Code{0x80000001}, Code{0xffffffff}}) {
      EXPECT_EQ(wrong_code(wide, format, code), "");
    }
  }
}

TEST(ThirtyTwoBits, GapsRoundRight) {
  for (const Wide& wide : thirty_two_bits()) {
    const Format format = parse_format(wide.name).value();
    EXPECT_TRUE(rc::check(wide.name + ": rounding between neighbours", [&] {
      const Code magnitude = *any_magnitude(wide);
      const int sixteenths = *rc::gen::inRange(0, 16);
      const bool negative = wide.is_signed && *rc::gen::arbitrary<bool>();
      RC_ASSERT(wrong_rounding(wide, format, magnitude, sixteenths, *any_mode(), negative) == "");
    }));
  }
}

TEST(ThirtyTwoBits, RoundingIntoFewerBitsIsMonotone) {
  const std::vector<const char*> targets = {"binary16",     "bfloat16",    "e4m3fn",
                                            "binary16p1se", "binary8p3se", "int8_lsb0"};
  for (const Wide& wide : thirty_two_bits()) {
    const Format format = parse_format(wide.name).value();
    EXPECT_TRUE(rc::check(wide.name + ": order survives rounding", [&] {
      const Format target = parse_format(*rc::gen::elementOf(targets)).value();
      const RoundingMode mode = *any_mode();
      std::vector<Datum> data;
      for (int i = 0; i < 2; ++i) {
        const bool negative = wide.is_signed && *rc::gen::arbitrary<bool>();
        data.push_back(wide.between(*any_magnitude(wide), 0, negative));
      }
      if (compare(data[0].value, data[1].value) > 0) std::swap(data[0], data[1]);
      std::vector<Datum> rounded;
      for (const Datum& datum : data) {
        rounded.push_back(decode(target, encode(target, datum, mode, OverflowMode::kSaturate)));
      }
      RC_ASSERT(compare(rounded[0].value, rounded[1].value) <= 0);
    }));
  }
}

}  // namespace
}  // namespace fewbit::model
