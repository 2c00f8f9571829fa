// GPTQ by two Cholesky factorisations (LAPACK, as OpenBLAS has it).
// SPDX-License-Identifier: Apache-2.0
#include "quant/gptq.h"

extern "C" {
void dpotrf_(const char* triangle, const int* order, double* matrix, const int* stride, int* info);
void dpotri_(const char* triangle, const int* order, double* matrix, const int* stride, int* info);
}

namespace fewbit::quant {
namespace {

constexpr double kDamping = 0.01;

}  // namespace

GptqFactor::GptqFactor(std::span<const double> moments, std::size_t terms)
    : terms_(terms), factor_(moments.begin(), moments.end()) {
  double trace = 0;
  for (std::size_t i = 0; i < terms; ++i) trace += moments[i * terms + i];
  // Without any input every order and every error is as good as another.
  const double damping = trace > 0 ? kDamping * trace / static_cast<double>(terms) : 1.0;
  for (std::size_t i = 0; i < terms; ++i) factor_[i * terms + i] += damping;
  // LAPACK counts by columns: its lower triangle is the upper one here.
  const int order = static_cast<int>(terms);
  int info = 0;
  dpotrf_("L", &order, factor_.data(), &order, &info);
  FEWBIT_CHECK(info == 0, "damped second moments without a Cholesky factor: {}", info);
  dpotri_("L", &order, factor_.data(), &order, &info);
  FEWBIT_CHECK(info == 0, "damped second moments without an inverse: {}", info);
  dpotrf_("L", &order, factor_.data(), &order, &info);
  FEWBIT_CHECK(info == 0, "inverse second moments without a Cholesky factor: {}", info);
}

std::vector<double> GptqFactor::round(const NumberGrid& grid, double scale,
                                      std::vector<double> weights) const {
  std::vector<double> units(terms_);
  for (std::size_t i = 0; i < terms_; ++i) {
    units[i] = grid.nearest(weights[i] / scale);
    const double* const row = &factor_[i * terms_];
    const double error = (weights[i] - units[i] * scale) / row[i];
    for (std::size_t k = i + 1; k < terms_; ++k) weights[k] -= error * row[k];
  }
  return units;
}

}  // namespace fewbit::quant
