// Requests for thresholds: see thresholds_spec.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/thresholds_spec.h"

#include <fmt/format.h>

#include <algorithm>

#include "fewbit/gen/spec/block_fields.h"

namespace fewbit {
namespace {

constexpr long long kMostOutputs = 65536;
constexpr long long kMostRows = 256;
constexpr int kMostResultBits = 4;

/// The codes in the order of their values; of two zeros the one that is +0.
std::vector<Code> levels_of(const Format& format) {
  std::vector<Code> codes;
  const Code count = Code{1} << format.bits();
  const Code half = count / 2;
  if (format.is_float() && format.is_signed()) {
    for (Code magnitude = half - 1; magnitude > 0; --magnitude) codes.push_back(half + magnitude);
    for (Code code = 0; code < half; ++code) codes.push_back(code);
    return codes;
  }
  const Code least = format.is_signed() ? half : 0;
  for (Code i = 0; i < count; ++i) codes.push_back((least + i) % count);
  return codes;
}

Status check_thresholds(const ThresholdsRequest& request, const ThresholdsSpec& spec) {
  if (static_cast<int>(request.thresholds.size()) != spec.outputs) {
    return Error{"thresholds", fmt::format("of {} outputs", request.thresholds.size()),
                 fmt::format("of {} outputs", spec.outputs), ""};
  }
  const auto least = spec.sum.as_int().min().convert_to<long long>();
  const auto most = spec.sum.as_int().max().convert_to<long long>() + 1;
  for (std::size_t c = 0; c < request.thresholds.size(); ++c) {
    const std::vector<long long>& row = request.thresholds[c];
    const std::string field = fmt::format("thresholds of output {}", c);
    if (row.size() + 1 != spec.levels.size()) {
      return Error{field, fmt::format("{} numbers", row.size()),
                   fmt::format("{} numbers", spec.levels.size() - 1),
                   fmt::format("{} has {} values", spec.result.name(), spec.levels.size())};
    }
    for (std::size_t j = 0; j < row.size(); ++j) {
      const long long from = j == 0 ? least : row[j - 1];
      if (row[j] < from || row[j] > most) {
        return Error{field, std::to_string(row[j]), fmt::format("{} to {}", from, most),
                     "none is below the one before it"};
      }
    }
  }
  return Ok{};
}

}  // namespace

Result<ThresholdsSpec> make_thresholds_spec(const ThresholdsRequest& request) {
  ThresholdsSpec spec;
  FEWBIT_ASSIGN_OR_RETURN(sum, integer_format("--sums-format", request.sums_format));
  FEWBIT_ASSIGN_OR_RETURN(result,
                          finite_format_with_zero("--result-format", request.result_format));
  if (result.bits() > kMostResultBits) {
    return Error{"--result-format", request.result_format,
                 fmt::format("a format of at most {} bits", kMostResultBits),
                 "each bit more doubles the thresholds; a requantizer rounds into any format"};
  }
  spec.sum = sum;
  spec.result = result;
  spec.levels = levels_of(result);
  FEWBIT_ASSIGN_OR_RETURN(order, checked_sum_order(request.outputs, request.rows, request.units,
                                                   kMostOutputs, kMostRows));
  spec.outputs = order.outputs;
  spec.rows = order.rows;
  spec.units = order.units;
  FEWBIT_RETURN_IF_ERROR(check_thresholds(request, spec));
  spec.thresholds = request.thresholds;
  FEWBIT_ASSIGN_OR_RETURN(
      name, checked_module_name(request.name,
                                fmt::format("fewbit_thresholds_{}_{}_c{}_p{}_n{}", sum.name(),
                                            result.name(), spec.outputs, spec.rows, spec.units)));
  spec.module_name = name;
  return spec;
}

}  // namespace fewbit
