// What `formats` and `explain` say about a number format, gathered from its description alone.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/format_facts.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "fewbit/sim/model/exact.h"

namespace fewbit::cli {
namespace {

FormatFacts integer_facts(const Format& format) {
  const IntFormat& integer = format.as_int();
  FormatFacts facts;
  facts.largest_code = to_bits(integer.max(), integer.bits);
  facts.smallest_code = integer.is_bipolar ? BigInt(0) : to_bits(integer.min(), integer.bits);
  facts.finite_codes = pow2(integer.bits);
  return facts;
}

FormatFacts float_facts(const FloatFormat& format) {
  FormatFacts facts;
  const Code sign = format.is_signed ? Code{1} << format.magnitude_bits() : 0;
  const Code first_normal = format.zero_exponent_is_subnormal ? Code{1} << format.fraction_bits : 0;
  facts.largest_code = format.max_finite;
  facts.smallest_code = format.is_signed ? sign | format.max_finite : 0;
  if (first_normal <= format.max_finite) facts.smallest_normal = first_normal;
  if (first_normal > 1) facts.smallest_subnormal = 1;
  facts.finite_codes = BigInt(format.max_finite) + 1;
  if (format.is_signed) facts.finite_codes = facts.finite_codes * 2;
  if (format.negative_zero_is_nan) {
    facts.finite_codes -= 1;
    facts.nans.push_back({sign, sign});
  } else if (format.is_signed) {
    facts.negative_zero = sign;
  }
  for (const Code half : {Code{0}, sign}) {
    if (format.infinity) facts.infinities.push_back(half | *format.infinity);
    Code first = format.max_finite + 1;
    if (format.infinity && *format.infinity == first) ++first;
    const Code end = format.magnitude_mask() + 1;
    const Code gap = format.infinity && *format.infinity >= first ? *format.infinity : end;
    if (first < gap) facts.nans.push_back({half | first, half | (gap - 1)});
    if (gap + 1 < end) facts.nans.push_back({half | (gap + 1), half | (end - 1)});
    if (!format.is_signed) break;
  }
  return facts;
}

}  // namespace

FormatFacts format_facts(const Format& format) {
  FormatFacts facts = format.is_int() ? integer_facts(format) : float_facts(format.as_float());
  facts.largest = value_text(format, facts.largest_code);
  facts.smallest = value_text(format, facts.smallest_code);
  return facts;
}

std::string value_text(const Format& format, const BigInt& code) {
  return model::to_string(model::decode(format, code));
}

std::string power_text(const Format& format, Code code) {
  const model::ExactValue value = model::decode(format, code).value;
  const BigInt& significand = value.significand;
  FEWBIT_CHECK(significand > 0 && significand == pow2(bit_length(significand) - 1),
               "code {} of {} is no power of two", code, format.name());
  return fmt::format("2^{}", value.exponent + bit_length(significand) - 1);
}

std::string code_text(const Format& format, const BigInt& code) {
  return fmt::format("0x{:0>{}}", to_hex(code), (format.bits() + 3) / 4);
}

std::string range_text(const Format& format, const CodeRange& range) {
  const std::string first = code_text(format, range.first);
  return range.first == range.last ? first : first + ".." + code_text(format, range.last);
}

std::string fields_text(const Format& format, Code code) {
  const std::string bits = fmt::format("{:0{}b}", code, format.bits());
  if (format.is_int()) return bits;
  const FloatFormat& number = format.as_float();
  const std::size_t sign = number.is_signed ? 1 : 0;
  const auto exponent = static_cast<std::size_t>(number.exponent_bits);
  std::string text = number.is_signed ? bits.substr(0, 1) + "|" : "";
  text += bits.substr(sign, exponent);
  if (number.fraction_bits > 0) text += "|" + bits.substr(sign + exponent);
  return text;
}

std::string widths_text(const Format& format) {
  if (format.is_int()) return "-";
  const FloatFormat& number = format.as_float();
  return fmt::format("{}/{}/{}", number.is_signed ? 1 : 0, number.exponent_bits,
                     number.fraction_bits);
}

std::string specials_text(const Format& format) {
  std::string text;
  const auto add = [&text](bool present, const char* name) {
    if (present) text += (text.empty() ? "" : ", ") + std::string(name);
  };
  add(format.has_infinity(), "inf");
  add(format.has_nan(), "nan");
  add(format.is_float() && format.as_float().has_negative_zero(), "-0");
  return text.empty() ? "none" : text;
}

nlohmann::ordered_json facts_json(const Format& format) {
  const FormatFacts facts = format_facts(format);
  const auto hex = [&format](const BigInt& code) { return code_text(format, code); };
  const auto number = [&](const BigInt& code) -> nlohmann::ordered_json {
    return {{"code", hex(code)}, {"value", value_text(format, code)}};
  };
  const auto optional_number = [&](const std::optional<Code>& code) -> nlohmann::ordered_json {
    return code ? number(*code) : nlohmann::ordered_json();
  };
  nlohmann::ordered_json json{{"name", format.name()},
                              {"kind", format.is_int() ? "integer" : "minifloat"},
                              {"description", format.description()},
                              {"bits", format.bits()},
                              {"signed", format.is_signed()}};
  if (format.is_int()) {
    json["lsb_exponent"] = format.as_int().lsb_exponent;
  } else {
    json["exponent_bits"] = format.as_float().exponent_bits;
    json["fraction_bits"] = format.as_float().fraction_bits;
    json["bias"] = format.as_float().bias;
    json["lsb_exponent"] = format.as_float().lsb_exponent();
  }
  json["largest"] = number(facts.largest_code);
  json["smallest"] = number(facts.smallest_code);
  if (format.is_float()) {
    json["smallest_normal"] = optional_number(facts.smallest_normal);
    json["smallest_subnormal"] = optional_number(facts.smallest_subnormal);
    json["infinity_codes"] = nlohmann::ordered_json::array();
    for (const Code code : facts.infinities) json["infinity_codes"].push_back(hex(code));
    json["nan_codes"] = nlohmann::ordered_json::array();
    for (const CodeRange& range : facts.nans) {
      json["nan_codes"].push_back({hex(range.first), hex(range.last)});
    }
    json["negative_zero"] =
        facts.negative_zero ? nlohmann::ordered_json(hex(*facts.negative_zero)) : nullptr;
  }
  json["finite_codes"] = facts.finite_codes.str();
  return json;
}

}  // namespace fewbit::cli
