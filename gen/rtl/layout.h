// Long statements broken into lines, at the operators that hold them together least; spelling of
// names.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace fewbit::rtl {

inline constexpr std::size_t kColumns = 100;  ///< of the emitted text

/// The lines of a statement, which begins at column `indent`; later lines are four columns further
/// in. A line ends behind a comma or in front of an operator, at the outermost of those that fit. A
/// word that is longer than a line stays whole.
std::vector<std::string> lay_out(const std::string& statement, std::size_t indent);

/// a_12_b as A12B, and AccWidth as acc_width.
std::string upper_camel(const std::string& snake);
std::string snake_case(const std::string& camel);

}  // namespace fewbit::rtl
