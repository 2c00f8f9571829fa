// What a row of results says about accuracy: see report_figures.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/sweep/report_figures.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/sim/model/quantization.h"

namespace fewbit::study {
namespace {

struct FormatFigures {
  std::optional<double> range_db;
  std::optional<model::Quantization> gaussian, laplacian;
  std::optional<ExactRange> values;
};

FormatFigures figures_of(const std::string& name) {
  FormatFigures figures;
  const Result<Format> format = parse_format(name);
  if (!format.ok()) return figures;
  figures.range_db = model::dynamic_range_db(*format);
  figures.gaussian = model::quantize(*format, model::Source::kGaussian);
  figures.laplacian = model::quantize(*format, model::Source::kLaplacian);
  figures.values = operand_range(*format);
  return figures;
}

using Quantized = std::optional<model::Quantization> FormatFigures::*;

/// SQNR of the product, or of the only operand.
std::optional<double> sqnr_db(const FormatFigures& a, const FormatFigures* b, Quantized source) {
  if (!(a.*source) || (b != nullptr && !(b->*source))) return std::nullopt;
  return b == nullptr ? (a.*source)->sqnr_db()
                      : model::product_sqnr_db(*(a.*source), *(b->*source));
}

/// The format of an exact running sum of products, or of single operands: its lsb is that of the
/// addends.
std::string accumulator_name(const store::ResultRow& row, const FormatFigures& a,
                             const FormatFigures* b) {
  if (!row.acc_width || *row.acc_width <= 0 || !a.values || (b != nullptr && !b->values)) return "";
  IntFormat sum;
  sum.bits = static_cast<int>(*row.acc_width);
  sum.is_signed = a.values->min < 0 || (b != nullptr && b->values->min < 0);
  sum.lsb_exponent = a.values->lsb_exponent + (b == nullptr ? 0 : b->values->lsb_exponent);
  return Format(sum).name();
}

}  // namespace

std::vector<report::Row> with_figures(const std::vector<store::ResultRow>& rows) {
  std::map<std::string, FormatFigures> known;
  const auto find = [&known](const std::string& name) -> const FormatFigures* {
    if (name.empty()) return nullptr;
    const auto at = known.find(name);
    return at != known.end() ? &at->second : &known.emplace(name, figures_of(name)).first->second;
  };
  std::vector<report::Row> result;
  for (const store::ResultRow& row : rows) {
    report::Figures figures;
    const FormatFigures *a = find(row.a), *b = find(row.b);
    if (a != nullptr) {
      figures.accumulator = accumulator_name(row, *a, b);
      figures.range_db = a->range_db;
      if (b != nullptr) {
        figures.range_db = a->range_db && b->range_db
                               ? std::optional(std::min(*a->range_db, *b->range_db))
                               : std::nullopt;
      }
      figures.gaussian_db = sqnr_db(*a, b, &FormatFigures::gaussian);
      figures.laplacian_db = sqnr_db(*a, b, &FormatFigures::laplacian);
    }
    result.push_back({row, figures});
  }
  return result;
}

}  // namespace fewbit::study
