// Fields of blocks: see block_fields.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/block_fields.h"

#include <fmt/format.h>

#include <algorithm>

namespace fewbit {

Result<int> checked_count(const std::string& field, long long value, long long least,
                          long long most, const std::string& why) {
  if (value >= least && value <= most) return static_cast<int>(value);
  return Error{field, std::to_string(value), fmt::format("{} to {}", least, most), why};
}

Result<Format> parsed_format(const std::string& field, const std::string& text) {
  const Result<Format> format = parse_format(text);
  if (format.ok()) return format;
  Error error = format.error();
  error.field = field;
  return error;
}

Result<Format> finite_format_with_zero(const std::string& field, const std::string& text) {
  FEWBIT_ASSIGN_OR_RETURN(format, parsed_format(field, text));
  if (!format.has_zero()) {
    return Error{field, text, "a format with a zero",
                 "what is beyond the end of a vector or an image is 0"};
  }
  if (format.has_nan() || format.has_infinity()) {
    return Error{field, text, "a format of finite numbers, such as e4m3f",
                 "sums and pixels are numbers"};
  }
  return format;
}

Result<Format> integer_format(const std::string& field, const std::string& text, int most_lsb) {
  FEWBIT_ASSIGN_OR_RETURN(format, finite_format_with_zero(field, text));
  const bool is_integer = format.is_int() && format.bits() <= 32 &&
                          format.as_int().lsb_exponent >= 0 &&
                          format.as_int().lsb_exponent <= most_lsb;
  if (is_integer) return format;
  return Error{field, text, "an integer of 1 to 32 bits",
               most_lsb == 0 ? std::string("in units of 1")
                             : fmt::format("or fixed point with an lsb of 0 to {}", most_lsb)};
}

Result<int> checked_divisor(const std::string& field, long long value, long long whole,
                            const std::string& why) {
  if (value >= 1 && value <= whole && whole % value == 0) return static_cast<int>(value);
  return Error{field, std::to_string(value), fmt::format("a divisor of {}", whole), why};
}

Result<SumOrder> checked_sum_order(long long outputs, long long rows, long long units,
                                   long long most_outputs, long long most_rows) {
  SumOrder order;
  FEWBIT_ASSIGN_OR_RETURN(all, checked_count("--outputs", outputs, 1, most_outputs));
  FEWBIT_ASSIGN_OR_RETURN(beat,
                          checked_count("--rows", rows, 1, std::min<long long>(all, most_rows),
                                        fmt::format("of {} outputs", all)));
  FEWBIT_ASSIGN_OR_RETURN(divisor,
                          checked_divisor("--units", units, beat, "of the sums of a beat"));
  order.outputs = all;
  order.rows = beat;
  order.units = divisor;
  return order;
}

Status check_codes(const std::string& what, const std::vector<Code>& codes, std::size_t wanted,
                   const Format& format) {
  if (codes.size() != wanted) {
    return Error{what + "s", fmt::format("{} codes", codes.size()), fmt::format("{} codes", wanted),
                 ""};
  }
  const int bits = format.bits();
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (bits < 64 && codes[i] >> bits != 0) {
      return Error{fmt::format("{} {}", what, i), std::to_string(codes[i]),
                   fmt::format("codes of {} bits", bits), format.name()};
    }
  }
  return Ok{};
}

Result<std::string> checked_module_name(const std::string& given, const std::string& otherwise) {
  if (given.empty()) return otherwise;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  const bool is_legal = given.size() <= 200 && given.starts_with("fewbit_") &&
                        std::all_of(given.begin(), given.end(),
                                    [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
  if (is_legal) return given;
  return Error{"--name", given, "fewbit_ and up to 193 of a to z, 0 to 9 and _", ""};
}

}  // namespace fewbit
