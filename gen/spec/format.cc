// What follows from a format's fields: special codes, ranges, its canonical name and description.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/format.h"

#include <cmath>
#include <cstdlib>
#include <map>

#include "fewbit/gen/spec/format_coding.h"

namespace fewbit {
namespace {

/// Exponent all ones, fraction 0.
Code ieee_infinity(int exponent_bits, int fraction_bits) {
  return ((Code{1} << exponent_bits) - 1) << fraction_bits;
}

std::string signed_number(int value) {
  return value < 0 ? fmt::format("m{}", -value) : fmt::format("{}", value);
}

std::string int_name(const IntFormat& format) {
  if (format.is_bipolar) return "bipolar";
  if (format == IntFormat{8, true, -6}) return "mxint8";
  std::string name = fmt::format("{}int{}", format.is_signed ? "" : "u", format.bits);
  if (format.lsb_exponent != 0 || format.bits > kMaxIntegerBits) {
    name += fmt::format("_lsb{}", signed_number(format.lsb_exponent));
  }
  return name;
}

std::string suffix_of(Coding coding) {
  switch (coding) {
    case Coding::kFinite:
      return "f";
    case Coding::kFn:
      return "fn";
    case Coding::kFnuz:
      return "fnuz";
    case Coding::kIeee:
      return "ieee";
    case Coding::kExtended:
      break;
  }
  FEWBIT_CHECK(false, "a coding without a suffix");
}

/// A name for any coding: spells out every field.
std::string explicit_name(const FloatFormat& format) {
  std::string name =
      fmt::format("{}e{}m{}b{}_max{:x}", format.is_signed ? "" : "u", format.exponent_bits,
                  format.fraction_bits, signed_number(format.bias), format.max_finite);
  if (format.infinity) name += fmt::format("_inf{:x}", *format.infinity);
  if (format.negative_zero_is_nan) name += "_nz";
  if (!format.zero_exponent_is_subnormal) name += "_nosub";
  return name;
}

/// binary<K>p<P><s|u><e|f>, where that is the format's canonical name. P3109's signed finite
/// formats are fnuz.
std::optional<std::string> p3109_name(const FloatFormat& format) {
  if (format.bits() < kMinP3109Bits || format.bits() > kMaxP3109Bits) return std::nullopt;
  const int bias = default_bias(format.exponent_bits, Coding::kExtended);
  for (const Coding coding : {Coding::kExtended, Coding::kFn}) {
    const bool is_extended = coding == Coding::kExtended;
    if (format.is_signed && !is_extended) continue;
    if (format == make_float_format(format.exponent_bits, format.fraction_bits, format.is_signed,
                                    coding, bias)) {
      return fmt::format("binary{}p{}{}{}", format.bits(), format.fraction_bits + 1,
                         format.is_signed ? "s" : "u", is_extended ? "e" : "f");
    }
  }
  return std::nullopt;
}

std::string float_name(const FloatFormat& format) {
  if (format == e8m0_format()) return "e8m0";
  if (const std::optional<std::string> name = p3109_name(format)) return *name;
  const std::optional<Coding> coding = coding_of(format);
  if (!coding || *coding == Coding::kExtended) return explicit_name(format);
  const bool has_default_bias = format.bias == default_bias(format.exponent_bits, *coding);
  static const std::map<std::string, std::string> kWellKnown = {
      {"e2m1f", "e2m1"},        {"e2m3f", "e2m3"},        {"e3m2f", "e3m2"},
      {"e5m2ieee", "e5m2"},     {"e8m7ieee", "bfloat16"}, {"e5m10ieee", "binary16"},
      {"e8m23ieee", "binary32"}};
  const std::string name = fmt::format(
      "{}e{}m{}{}{}", format.is_signed ? "" : "u", format.exponent_bits, format.fraction_bits,
      has_default_bias ? "" : "b" + signed_number(format.bias), suffix_of(*coding));
  const auto known = kWellKnown.find(name);
  return known == kWellKnown.end() ? name : known->second;
}

/// A magnitude code as its fields in binary: "S.1111.110".
std::string code_fields(const FloatFormat& format, Code magnitude) {
  const Code fraction_mask = (Code{1} << format.fraction_bits) - 1;
  std::string text = format.is_signed ? "S." : "";
  text += fmt::format("{:0{}b}", magnitude >> format.fraction_bits, format.exponent_bits);
  if (format.fraction_bits > 0) {
    text += fmt::format(".{:0{}b}", magnitude & fraction_mask, format.fraction_bits);
  }
  return text;
}

std::string nan_description(const FloatFormat& format) {
  if (format.negative_zero_is_nan) {
    return fmt::format("NaN = 0x{:x} (no minus zero)", Code{1} << format.magnitude_bits());
  }
  if (!format.has_magnitude_nan()) return "no NaN";
  if (coding_of(format) == Coding::kIeee) {
    return fmt::format("NaN = {}{:b} with a fraction other than 0", format.is_signed ? "S." : "",
                       format.magnitude_mask() >> format.fraction_bits);
  }
  return "NaN = " + code_fields(format, format.magnitude_mask());
}

std::string float_description(const FloatFormat& format) {
  return fmt::format("{}{} exponent, {} fraction bits, bias {}, {}, {}, {}, largest {}",
                     format.is_signed ? "1 sign, " : "unsigned, ", format.exponent_bits,
                     format.fraction_bits, format.bias,
                     format.zero_exponent_is_subnormal ? "subnormals kept" : "no zero",
                     format.infinity ? "Inf = " + code_fields(format, *format.infinity) : "no Inf",
                     nan_description(format), largest_value_text(format));
}

}  // namespace

bool FloatFormat::has_magnitude_nan() const {
  const Code special = magnitude_mask() - max_finite;
  return special > (infinity ? 1U : 0U);
}

Code FloatFormat::canonical_nan() const {
  FEWBIT_CHECK(has_nan(), "a format without NaN was asked for its NaN");
  if (negative_zero_is_nan) return Code{1} << magnitude_bits();
  const bool is_ieee = infinity == ieee_infinity(exponent_bits, fraction_bits);
  if (is_ieee) return *infinity | (Code{1} << (fraction_bits - 1));
  return magnitude_mask();
}

BigInt FloatFormat::max_magnitude() const {
  const int exponent = max_exponent_field();
  const BigInt fraction = max_finite & ((Code{1} << fraction_bits) - 1);
  if (!zero_exponent_is_subnormal) return (pow2(fraction_bits) + fraction) << exponent;
  if (exponent == 0) return fraction;
  return (pow2(fraction_bits) + fraction) << (exponent - 1);
}

Format::Format(IntFormat format) : format_(format), name_(int_name(format)) {}
Format::Format(FloatFormat format) : format_(format), name_(float_name(format)) {}

std::string Format::description() const {
  if (is_float()) return float_description(as_float());
  const IntFormat& format = as_int();
  if (format.is_bipolar) return "1 bit, -1 (code 0) or +1 (code 1), no zero";
  std::string text =
      fmt::format("{} bits, {}", format.bits, format.is_signed ? "two's complement" : "unsigned");
  if (format.lsb_exponent != 0) text += fmt::format(", unit 2^{}", format.lsb_exponent);
  return text;
}

int default_bias(int exponent_bits, Coding coding) {
  const int half = 1 << (exponent_bits - 1);
  return coding == Coding::kFnuz || coding == Coding::kExtended ? half : half - 1;
}

FloatFormat make_float_format(int exponent_bits, int fraction_bits, bool is_signed, Coding coding,
                              std::optional<int> bias) {
  FloatFormat format;
  format.exponent_bits = exponent_bits;
  format.fraction_bits = fraction_bits;
  format.bias = bias.value_or(default_bias(exponent_bits, coding));
  format.is_signed = is_signed;
  const Code mask = format.magnitude_mask();
  switch (coding) {
    case Coding::kFinite:
      format.max_finite = mask;
      break;
    case Coding::kFn:
      format.max_finite = mask - 1;
      break;
    case Coding::kFnuz:
      FEWBIT_CHECK(is_signed, "fnuz is a signed coding");
      format.max_finite = mask;
      format.negative_zero_is_nan = true;
      break;
    case Coding::kIeee:
      FEWBIT_CHECK(fraction_bits >= 1, "IEEE-like formats need a fraction bit for NaN");
      format.infinity = ieee_infinity(exponent_bits, fraction_bits);
      format.max_finite = *format.infinity - 1;
      break;
    case Coding::kExtended:
      format.infinity = is_signed ? mask : mask - 1;
      format.max_finite = *format.infinity - 1;
      format.negative_zero_is_nan = is_signed;
      break;
  }
  return format;
}

std::optional<Coding> coding_of(const FloatFormat& format) {
  for (const Coding coding :
       {Coding::kFinite, Coding::kFn, Coding::kFnuz, Coding::kIeee, Coding::kExtended}) {
    if (coding == Coding::kFnuz && !format.is_signed) continue;
    if (coding == Coding::kIeee && format.fraction_bits < 1) continue;
    if (format == make_float_format(format.exponent_bits, format.fraction_bits, format.is_signed,
                                    coding, format.bias)) {
      return coding;
    }
  }
  return std::nullopt;
}

std::string largest_value_text(const FloatFormat& format) {
  const int field = format.max_exponent_field();
  Code significand = format.max_finite & ((Code{1} << format.fraction_bits) - 1);
  int exponent = format.lsb_exponent();
  if (field > 0 || !format.zero_exponent_is_subnormal) {
    significand |= Code{1} << format.fraction_bits;
    exponent += field - (format.zero_exponent_is_subnormal ? 1 : 0);
  }
  if (std::abs(exponent) < 900) {
    return fmt::format("{:g}", std::ldexp(static_cast<double>(significand), exponent));
  }
  for (; significand % 2 == 0 && significand > 0; significand /= 2) ++exponent;
  return fmt::format("{} x 2^{}", significand, exponent);
}

FloatFormat e8m0_format() {
  FloatFormat format = make_float_format(8, 0, false, Coding::kFn, 127);
  format.zero_exponent_is_subnormal = false;
  return format;
}

}  // namespace fewbit
