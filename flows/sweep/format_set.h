// Sets of number formats by grid, pattern or name.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/gen/spec/format.h"

namespace fewbit::sweep {

/// What an item of a format set can be, for messages.
inline constexpr char kFormatItems[] =
    "a format (fewbit formats), a grid LO..HI of 1..8 bits, or a pattern with * and ?";

/// The formats that one item stands for; `field` is for messages. An item is
/// - 3..8: every signed integer, and all-finite minifloat of 1 to 5 exponent bits, of 3 to 8 bits
/// - e?m3*: the named formats (fewbit formats) whose name or alias matches
/// - e4m3fn: one format
Result<std::vector<Format>> formats_of(const std::string& field, const std::string& item);

/// The union over items between commas, each format once, in order.
Result<std::vector<Format>> format_set(const std::string& field, const std::string& items);

}  // namespace fewbit::sweep
