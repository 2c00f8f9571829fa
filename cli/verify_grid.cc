// The grid: every pair of the all-finite minifloats and integers of a few bits.
// SPDX-License-Identifier: Apache-2.0
#include "cli/verify_grid.h"

#include <fmt/format.h>

#include <utility>

#include "cli/subjects.h"
#include "cli/text.h"
#include "gen/ops/emit.h"
#include "gen/spec/format.h"

namespace fewbit::cli {
namespace {

constexpr int kMinGridBits = 3;
constexpr int kMaxGridBits = 8;

Result<std::pair<int, int>> parse_bits(const std::string& text) {
  const std::size_t dots = text.find("..");
  const std::string first = text.substr(0, dots);
  const std::string last = dots == std::string::npos ? first : text.substr(dots + 2);
  const auto min = parse_integer("--grid", first, kMinGridBits, kMaxGridBits);
  const auto max = parse_integer("--grid", last, kMinGridBits, kMaxGridBits);
  if (!min.ok() || !max.ok() || *min > *max) {
    return Error{"--grid", text, fmt::format("MIN..MAX within {}..{}", kMinGridBits, kMaxGridBits),
                 "bits of the operands"};
  }
  return std::pair(static_cast<int>(*min), static_cast<int>(*max));
}

bool is_unary(const std::string& op) {
  for (const OperatorInfo& info : operator_table()) {
    if (info.name == op) return !info.needs_b();
  }
  return false;
}

}  // namespace

Result<std::vector<verify::Subject>> grid_subjects(RequestOptions request, const std::string& bits,
                                                   const std::vector<std::string>& ops) {
  FEWBIT_ASSIGN_OR_RETURN(range, parse_bits(bits));
  const std::vector<Format> formats = paper_formats(range.first, range.second);
  const std::vector<std::string> archs =
      request.value(Option::kArch).empty() ? std::vector<std::string>{"generic", "optimized"}
                                           : std::vector<std::string>{request.value(Option::kArch)};
  std::vector<verify::Subject> subjects;
  for (const std::string& op : ops) {
    for (const std::string& arch : archs) {
      request.op = op;
      request.value(Option::kArch) = arch;
      for (const Format& a : formats) {
        for (const Format& b : formats) {
          request.value(Option::kA) = a.name();
          request.value(Option::kB) = is_unary(op) ? "" : b.name();
          FEWBIT_ASSIGN_OR_RETURN(spec, request.spec());
          subjects.push_back({spec, ops::emit(spec), {}, label_of(spec)});
          if (spec.kind == OperatorKind::kMul && !spec.result) {  // and rounded into a's format
            OperatorSpec rounded = spec;
            rounded.result = a;
            rounded.overflow = default_result_overflow(a);
            subjects.push_back({rounded, ops::emit(rounded), {}, label_of(rounded) + " rounded"});
          }
          if (is_unary(op)) break;
        }
      }
    }
  }
  return subjects;
}

}  // namespace fewbit::cli
