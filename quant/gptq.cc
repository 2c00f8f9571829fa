// GPTQ by two Cholesky factorisations (LAPACK, as OpenBLAS has it).
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/gptq.h"

#include <cmath>
#include <utility>

extern "C" {
void dpotrf_(const char* triangle, const int* order, double* matrix, const int* stride, int* info);
void dpotri_(const char* triangle, const int* order, double* matrix, const int* stride, int* info);
}

namespace fewbit::quant {
namespace {

constexpr double kDamping = 0.01;

}  // namespace

Result<GptqFactor> GptqFactor::make(std::span<const double> moments, std::size_t terms) {
  GptqFactor result(terms);
  std::vector<double>& factor = result.factor_;
  factor.assign(moments.begin(), moments.end());
  double trace = 0;
  for (std::size_t i = 0; i < terms; ++i) trace += moments[i * terms + i];
  // Without any input every order and every error is as good as another.
  const double damping = trace > 0 ? kDamping * trace / static_cast<double>(terms) : 1.0;
  for (std::size_t i = 0; i < terms; ++i) factor[i * terms + i] += damping;
  // LAPACK counts by columns: its lower triangle is the upper one here.
  const int order = static_cast<int>(terms);
  int failed = std::isfinite(trace) ? 0 : 1;
  if (failed == 0) dpotrf_("L", &order, factor.data(), &order, &failed);
  if (failed == 0) dpotri_("L", &order, factor.data(), &order, &failed);
  if (failed == 0) dpotrf_("L", &order, factor.data(), &order, &failed);
  if (failed != 0) {
    return Error{"second moments", fmt::format("with trace {}", trace),
                 "positive definite ones after damping", "GPTQ is not possible"};
  }
  return result;
}

std::vector<double> GptqFactor::round(const NumberGrid& grid, double scale,
                                      std::vector<double> weights) const {
  return round(grid, std::vector<double>(terms_, scale), std::move(weights));
}

std::vector<double> GptqFactor::round(const NumberGrid& grid, std::span<const double> scales,
                                      std::vector<double> weights) const {
  std::vector<double> units(terms_);
  for (std::size_t i = 0; i < terms_; ++i) {
    units[i] = scales[i] == 0 ? 0 : grid.nearest(weights[i] / scales[i]);
    const double* const row = &factor_[i * terms_];
    const double error = (weights[i] - units[i] * scales[i]) / row[i];
    for (std::size_t k = i + 1; k < terms_; ++k) weights[k] -= error * row[k];
  }
  return units;
}

}  // namespace fewbit::quant
