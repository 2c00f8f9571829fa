// The protocol between the oracles' Python side and the programs that answer requests.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fewbit/gen/util/result.h"

namespace fewbit::oracles {

/// One request: the header line `OP COUNT a=FORMAT [b=FORMAT ...] [OPTION=VALUE ...]`, followed on
/// standard input by COUNT little-endian 64-bit codes of a, then of b, and so on by the letter.
/// Besides a, b, c: f (1 starts a new sum), h (shift), r (random bits), s and t (block scales).
/// With lanes=N a code of a and of b holds N elements, the first one lowest. mxquant's answer holds
/// the elements and above them the scale.
struct Request {
  std::string op;
  std::map<std::string, std::string> fields;           ///< formats of the operands and options
  std::vector<std::vector<std::uint64_t>> operands{};  ///< by letter: one code per case
  /// The value of a field, or "" where the request has none.
  [[nodiscard]] std::string field(const std::string& name) const;
  /// Where in a case's codes this operand is, if it is there.
  [[nodiscard]] std::optional<std::size_t> position(const std::string& operand) const;
};

/// What a program answers where it has no answer to one case (never a code of its own: results are
/// narrower, and NaN in binary64 is the quiet one).
inline constexpr std::uint64_t kNoAnswer = ~std::uint64_t{0};
/// The one NaN of answers in binary64.
inline constexpr std::uint64_t kQuietNan = 0x7ff8'0000'0000'0000;

/// Answers one case: the code of the result, given one code per operand.
using Answer = std::function<std::uint64_t(const std::vector<std::uint64_t>&)>;

/// The main function of a program that serves requests until the input ends: `ok\n` and COUNT
/// codes, or `error MESSAGE\n`. With --version it prints the judge's version. Returns the exit
/// code: 0, or 2 for a request that cannot be read.
int serve(int argc, char** argv, const std::string& version,
          const std::function<Result<Answer>(const Request&)>& prepare);

}  // namespace fewbit::oracles
