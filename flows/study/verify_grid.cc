// The grid: every pair of the all-finite minifloats and integers of a few bits.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/verify_grid.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "fewbit/flows/study/subjects.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/spec/format.h"
#include "fewbit/gen/util/text.h"

namespace fewbit::study {
namespace {

constexpr int kMinGridBits = 1;
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

/// The pairs of operand formats.
Result<std::vector<std::pair<std::string, std::string>>> grid_pairs(const std::string& bits) {
  std::vector<std::pair<std::string, std::string>> pairs;
  if (bits == "demo") {
    for (const std::string& text : split_commas(kDemoPairs)) {
      const std::size_t colon = text.find(':');
      pairs.emplace_back(text.substr(0, colon),
                         colon == std::string::npos ? text : text.substr(colon + 1));
    }
    return pairs;
  }
  FEWBIT_ASSIGN_OR_RETURN(range, parse_bits(bits));
  const std::vector<Format> formats = paper_formats(range.first, range.second);
  for (const Format& a : formats) {
    for (const Format& b : formats) pairs.emplace_back(a.name(), b.name());
  }
  return pairs;
}

/// "0..6" as numbers; nothing, once, where none are given.
Result<std::vector<std::optional<long long>>> grid_latencies(const std::string& text) {
  if (text.empty()) return std::vector<std::optional<long long>>{std::nullopt};
  const std::size_t dots = text.find("..");
  const std::string last = dots == std::string::npos ? text : text.substr(dots + 2);
  FEWBIT_ASSIGN_OR_RETURN(min, parse_integer("--latencies", text.substr(0, dots), 0, kMostLatency));
  FEWBIT_ASSIGN_OR_RETURN(max, parse_integer("--latencies", last, min, kMostLatency));
  std::vector<std::optional<long long>> all;
  for (long long latency = min; latency <= max; ++latency) all.emplace_back(latency);
  return all;
}

}  // namespace

Result<std::vector<verify::Subject>> grid_subjects(OperatorRequest request, const Grid& grid) {
  FEWBIT_ASSIGN_OR_RETURN(pairs, grid_pairs(grid.bits));
  FEWBIT_ASSIGN_OR_RETURN(latencies, grid_latencies(grid.latencies));
  std::vector<std::string> archs = {"generic", "optimized"};
  if (!grid.latencies.empty()) archs = {"optimized"};
  if (!grid.arch.empty()) archs = {grid.arch};
  std::vector<verify::Subject> subjects;
  const auto add = [&subjects](const OperatorSpec& spec, const std::string& more) {
    std::string label = label_of(spec) + more;
    if (spec.latency() != spec.usual_latency()) label += fmt::format(" latency {}", spec.latency());
    subjects.push_back({spec, ops::emit(spec), {}, label});
  };
  for (const std::string& op : grid.ops) {
    request.op = op;
    std::string previous;
    for (const auto& [a, b] : pairs) {
      if (is_unary(op) && a == previous) continue;
      previous = a;
      for (const std::string& arch : archs) {
        for (const std::optional<long long>& latency : latencies) {
          request.arch = arch;
          request.a = a;
          request.b = is_unary(op) ? "" : b;
          request.latency.reset();
          FEWBIT_ASSIGN_OR_RETURN(plain, make_operator_spec(request));
          if (latency && *latency < plain.least_latency()) continue;
          request.latency = latency;
          FEWBIT_ASSIGN_OR_RETURN(spec, make_operator_spec(request));
          add(spec, "");
          const bool multiplies = spec.expression().is_flat(Expression::Kind::kProduct);
          if (!multiplies || spec.accumulates() || spec.result) continue;
          if (spec.a.is_bipolar() && !spec.b->is_bipolar()) continue;  // a product may be 0, or 2
          OperatorSpec rounded = spec;
          rounded.result = spec.a;
          rounded.overflow = default_result_overflow(spec.a);
          add(rounded, " rounded");
        }
      }
    }
  }
  return subjects;
}

}  // namespace fewbit::study
