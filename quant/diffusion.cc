// Steps of DDIM, and Frechet's distance: see diffusion.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/diffusion.h"

#include <cblas.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "fewbit/quant/metrics.h"

/// LAPACK's eigenvalues of a symmetric matrix, as OpenBLAS has them, without a header of its own.
extern "C" void dsyev_(const char* job, const char* triangle, const int* size, double* matrix,
                       const int* stride, double* values, double* work, const int* room,
                       int* failed);

namespace fewbit::quant {
namespace {

/// Of picture and noise at the time `step` / `steps`.
struct Shares {
  Shares(int step, int steps)
      : picture(std::cos(std::numbers::pi / 2 * step / steps)),
        noise(std::sin(std::numbers::pi / 2 * step / steps)) {}
  double picture, noise;
};

/// z and the time in every pixel.
Tensor with_time(const Tensor& z, float time) {
  Tensor input = float_tensor({z.shape[0], 2, z.shape[2], z.shape[3]});
  const auto pixels = static_cast<std::size_t>(z.shape[2] * z.shape[3]);
  auto out = input.floats().begin();
  for (auto row = z.floats().begin(); row != z.floats().end();) {
    const auto end = row + static_cast<std::ptrdiff_t>(pixels);
    out = std::copy(row, end, out);
    out = std::fill_n(out, pixels, time);
    row = end;
  }
  return input;
}

/// A symmetric matrix of n rows, or any one of n columns, row by row.
struct Matrix {
  explicit Matrix(std::size_t size) : n(size), cells(size * size) {}
  double& at(std::size_t row, std::size_t column) { return cells[row * n + column]; }
  [[nodiscard]] double at(std::size_t row, std::size_t column) const {
    return cells[row * n + column];
  }
  std::size_t n;
  std::vector<double> cells;
};

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix c(a.n);
  const auto n = static_cast<int>(a.n);
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a.cells.data(), n,
              b.cells.data(), n, 0, c.cells.data(), n);
  return c;
}

/// Eigenvalues of a symmetric matrix, whose rows become the vectors where `with_vectors` is true.
Result<std::vector<double>> eigenvalues(Matrix& a, bool with_vectors) {
  const auto n = static_cast<int>(a.n);
  const int room = 3 * n;
  std::vector<double> values(a.n), work(3 * a.n);
  int failed = 0;
  dsyev_(with_vectors ? "V" : "N", "U", &n, a.cells.data(), &n, values.data(), work.data(), &room,
         &failed);
  if (failed != 0) {
    return Error{"features", "a covariance", "one whose eigenvalues LAPACK finds",
                 fmt::format("dsyev says {}", failed)};
  }
  return values;
}

/// The root of a covariance; eigenvalues below 0 are rounding errors.
Result<Matrix> root(Matrix a) {
  FEWBIT_ASSIGN_OR_RETURN(values, eigenvalues(a, true));
  Matrix result(a.n);
  for (std::size_t k = 0; k < a.n; ++k) {
    const double value = std::sqrt(std::max(0.0, values[k]));
    for (std::size_t i = 0; i < a.n; ++i) {
      for (std::size_t j = 0; j < a.n; ++j) {
        result.at(i, j) += value * a.at(k, i) * a.at(k, j);
      }
    }
  }
  return result;
}

struct Moments {
  std::vector<double> mean;
  Matrix covariance;
};

Moments moments(const Tensor& features) {
  const auto n = static_cast<std::size_t>(features.shape[0]);
  const auto f = static_cast<std::size_t>(features.shape[1]);
  const std::vector<float>& values = features.floats();
  Moments found{std::vector<double>(f), Matrix(f)};
  for (std::size_t i = 0; i < values.size(); ++i) {
    found.mean[i % f] += static_cast<double>(values[i]) / static_cast<double>(n);
  }
  std::vector<double> off(f);
  for (std::size_t row = 0; row < n; ++row) {
    for (std::size_t i = 0; i < f; ++i) {
      off[i] = static_cast<double>(values[row * f + i]) - found.mean[i];
    }
    for (std::size_t i = 0; i < f; ++i) {
      for (std::size_t j = 0; j < f; ++j) {
        found.covariance.at(i, j) += off[i] * off[j] / static_cast<double>(n - 1);
      }
    }
  }
  return found;
}

Status check_features(const Tensor& features) {
  const bool is_right = features.is_float() && features.rank() == 2 && features.shape[0] >= 2 &&
                        features.shape[1] >= 1;
  if (!is_right) {
    return Error{"features", to_string(features.shape), "numbers [n, features], n 2 or more", ""};
  }
  if (!std::all_of(features.floats().begin(), features.floats().end(),
                   [](float value) { return std::isfinite(value); })) {
    return Error{"features", "not finite", "finite numbers", ""};
  }
  return Ok{};
}

}  // namespace

Tensor normal_noise(Shape shape, std::uint64_t seed) {
  Tensor noise = float_tensor(std::move(shape));
  std::mt19937_64 random(seed);
  const auto uniform = [&] {  // above 0, at most 1
    return (static_cast<double>(random() >> 11U) + 1) * 0x1p-53;
  };
  std::vector<float>& values = noise.floats();
  for (std::size_t i = 0; i < values.size(); i += 2) {
    const double radius = std::sqrt(-2 * std::log(uniform()));
    const double angle = 2 * std::numbers::pi * uniform();
    values[i] = static_cast<float>(radius * std::cos(angle));
    if (i + 1 < values.size()) values[i + 1] = static_cast<float>(radius * std::sin(angle));
  }
  return noise;
}

Result<Tensor> pictures_from_noise(const Network& network, const LinearArithmetic& arithmetic,
                                   const Tensor& noise, int steps, int jobs,
                                   const std::function<void(double)>& share,
                                   const std::function<void(const Tensor&)>& inputs) {
  if (!noise.is_float() || noise.rank() != 4 || noise.shape[1] != 1 || noise.shape[0] < 1) {
    return Error{"noise", to_string(noise.shape), "numbers [n, 1, rows, columns]", ""};
  }
  Tensor z = noise;
  for (int step = steps; step > 0; --step) {
    const Tensor input =
        with_time(z, static_cast<float>(static_cast<double>(step) / static_cast<double>(steps)));
    if (inputs) inputs(input);
    FEWBIT_ASSIGN_OR_RETURN(v, all_outputs(network, arithmetic, input, jobs));
    if (v.shape != z.shape) {
      return Error{"network output", to_string(v.shape), to_string(z.shape),
                   "what takes noise out gives as many numbers as a picture has"};
    }
    const Shares now(step, steps), then(step - 1, steps);
    for (std::size_t i = 0; i < z.size(); ++i) {
      const double hidden = static_cast<double>(z.floats()[i]);
      const double given = static_cast<double>(v.floats()[i]);
      const double picture = now.picture * hidden - now.noise * given;
      const double rest = now.noise * hidden + now.picture * given;
      z.floats()[i] =
          static_cast<float>(then.picture * std::clamp(picture, -1.0, 1.0) + then.noise * rest);
    }
    if (share) share(static_cast<double>(steps - step + 1) / static_cast<double>(steps));
  }
  return z;
}

Result<Tensor> inputs_of_all_steps(const Network& network, std::int64_t rows, std::int64_t columns,
                                   int steps, std::size_t count, std::uint64_t seed, int jobs) {
  const std::size_t per_step = (count + static_cast<std::size_t>(steps) - 1) / steps;
  Tensor all = float_tensor({static_cast<std::int64_t>(count), 2, rows, columns});
  const std::size_t size = all.size() / count;
  std::size_t step = 0;
  // Input k of a step has the place k x steps + step: what is left out is left out of some steps.
  const auto keep = [&](const Tensor& input) {
    for (std::size_t k = 0; k < per_step; ++k) {
      const std::size_t place = k * static_cast<std::size_t>(steps) + step;
      if (place >= count) break;
      std::copy_n(input.floats().begin() + static_cast<std::ptrdiff_t>(k * size), size,
                  all.floats().begin() + static_cast<std::ptrdiff_t>(place * size));
    }
    ++step;
  };
  const Tensor noise = normal_noise({static_cast<std::int64_t>(per_step), 1, rows, columns}, seed);
  FEWBIT_RETURN_IF_ERROR(
      pictures_from_noise(network, FastFloatArithmetic(), noise, steps, jobs, nullptr, keep));
  return all;
}

Result<Graph> up_to_the_last_layer(Graph graph) {
  const auto last = std::find_if(graph.nodes.rbegin(), graph.nodes.rend(), [](const Node& node) {
    return node.op == "Conv" || node.op == "Gemm" || node.op == "MatMul";
  });
  if (last == graph.nodes.rend()) {
    return Error{"network", "no linear layer", "a classifier that ends with one", ""};
  }
  graph.outputs = {last->inputs[0]};
  graph.nodes.erase(last.base() - 1, graph.nodes.end());
  return graph;
}

Result<double> frechet_distance(const Tensor& features, const Tensor& others) {
  FEWBIT_RETURN_IF_ERROR(check_features(features));
  FEWBIT_RETURN_IF_ERROR(check_features(others));
  if (features.shape[1] != others.shape[1]) {
    return Error{"features", to_string(others.shape), fmt::format("[n, {}]", features.shape[1]),
                 ""};
  }
  const Moments a = moments(features), b = moments(others);
  double distance = 0;
  for (std::size_t i = 0; i < a.mean.size(); ++i) {
    distance += (a.mean[i] - b.mean[i]) * (a.mean[i] - b.mean[i]);
    distance += a.covariance.at(i, i) + b.covariance.at(i, i);
  }
  // A^(1/2) B A^(1/2) is symmetric and has the eigenvalues of A B.
  FEWBIT_ASSIGN_OR_RETURN(half, root(a.covariance));
  Matrix both = product(product(half, b.covariance), half);
  FEWBIT_ASSIGN_OR_RETURN(values, eigenvalues(both, false));
  for (const double value : values) distance -= 2 * std::sqrt(std::max(0.0, value));
  return std::max(0.0, distance);
}

}  // namespace fewbit::quant
