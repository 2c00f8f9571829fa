// Fields that the requests of several blocks have, checked.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/gen/spec/format.h"
#include "fewbit/gen/util/result.h"

namespace fewbit {

/// `value`, which must be `least` to `most`; `why` says what the limit is.
Result<int> checked_count(const std::string& field, long long value, long long least,
                          long long most, const std::string& why = "");

/// parse_format(), whose Error is on `field`.
Result<Format> parsed_format(const std::string& field, const std::string& text);

/// A format all of whose codes are finite numbers, one of them 0: code 0.
Result<Format> finite_format_with_zero(const std::string& field, const std::string& text);

/// An integer of at most 32 bits, in units of 1, or of 2^lsb with an lsb of up to `most_lsb`.
Result<Format> integer_format(const std::string& field, const std::string& text, int most_lsb = 0);

/// `value`, which must divide `whole`; `why` says what that is.
Result<int> checked_divisor(const std::string& field, long long value, long long whole,
                            const std::string& why);

/// How the sums of a layer come and its codes leave.
struct SumOrder {
  int outputs = 1;  ///< sums of a vector
  int rows = 1;     ///< sums of a beat: 1 to outputs, at most `most_rows`
  int units = 1;    ///< codes of a beat: divides rows
};
Result<SumOrder> checked_sum_order(long long outputs, long long rows, long long units,
                                   long long most_outputs, long long most_rows);

/// Exactly so many codes of a format; `what` is one of them, such as "weight".
Status check_codes(const std::string& what, const std::vector<Code>& codes, std::size_t wanted,
                   const Format& format);

/// `given`, which must be a name that an emitted module can have, or `otherwise` where it is empty.
Result<std::string> checked_module_name(const std::string& given, const std::string& otherwise);

}  // namespace fewbit
