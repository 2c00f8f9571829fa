// Overflow rules by name, and the policies of P3109 and ONNX, which name a rule for each format.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit {

/// The rule of a word of --overflow for a result of this format that is rounded in this way; of ""
/// the format's own. An Error lists the words that the format has.
Result<OverflowMode> parse_result_overflow(const std::string& text, const Format& result,
                                           RoundingMode rounding);

}  // namespace fewbit
