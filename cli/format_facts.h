// What `formats` and `explain` say about a number format, gathered from its description alone.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fewbit/gen/spec/format.h"

namespace fewbit::cli {

/// First and last code of a run of codes of one kind.
struct CodeRange {
  Code first = 0;
  Code last = 0;
};

/// Codes are complete, sign bit included; values are exact.
struct FormatFacts {
  std::string largest;  ///< largest finite value
  BigInt largest_code;
  std::string smallest;  ///< smallest (most negative) finite value
  BigInt smallest_code;
  std::optional<Code> smallest_normal;     ///< floats: code of the smallest positive normal value
  std::optional<Code> smallest_subnormal;  ///< floats that have subnormals
  std::vector<Code> infinities;
  std::vector<CodeRange> nans;
  std::optional<Code> negative_zero;
  BigInt finite_codes;
};

FormatFacts format_facts(const Format& format);

/// Exact value of a code: "1.75", "-0", "nan", "3 x 2^-40".
std::string value_text(const Format& format, const BigInt& code);
/// "0x7e": as many digits as the format's bits need.
std::string code_text(const Format& format, const BigInt& code);
/// "0x7e", "0x7d..0x7f".
std::string range_text(const Format& format, const CodeRange& range);
/// Value of a code that is a power of two: "2^-9".
std::string power_text(const Format& format, Code code);
/// Sign, exponent and fraction apart: "0|1111|110"; an integer in one piece.
std::string fields_text(const Format& format, Code code);
/// "1/4/3"; "-" for integers.
std::string widths_text(const Format& format);
/// "inf, nan, -0" of what the format has; "none".
std::string specials_text(const Format& format);

/// {name, kind, bits, ..., specials}: everything above, for --json.
nlohmann::ordered_json facts_json(const Format& format);

}  // namespace fewbit::cli
