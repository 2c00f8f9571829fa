// Diffusion: pictures from noise by a network that takes noise out, and how far two sets are apart.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "fewbit/quant/network.h"

namespace fewbit::quant {

/// Numbers with the standard normal distribution (Box and Muller of std::mt19937_64), the same for
/// the same seed.
Tensor normal_noise(Shape shape, std::uint64_t seed);

/// Pictures, about -1 to 1, from noise [n, 1, rows, columns], by deterministic steps of DDIM (arXiv
/// 2010.02502): `steps` evaluations of the network at the times t = 1, 1 - 1/steps, ..., 1/steps.
/// It takes [n, 2, rows, columns], what is hidden, z = cos(t pi/2) x + sin(t pi/2) e, and t in
/// every pixel, and gives v = cos(t pi/2) e - sin(t pi/2) x (arXiv 2202.00512); the picture x that
/// follows from it is kept within -1 to 1. The same for any `jobs`. share(s): s of it, 0 to 1, is
/// done. inputs(i): what the network takes at each step. Errors: noise of another shape, outputs of
/// another shape, those of the network.
Result<Tensor> pictures_from_noise(const Network& network, const LinearArithmetic& arithmetic,
                                   const Tensor& noise, int steps, int jobs,
                                   const std::function<void(double)>& share = nullptr,
                                   const std::function<void(const Tensor&)>& inputs = nullptr);

/// `count` inputs that the network, in float, has on its ways from noise to pictures, evenly of all
/// steps, [count, 2, rows, columns]. Noise is that of `seed`. Errors as above.
Result<Tensor> inputs_of_all_steps(const Network& network, std::int64_t rows, std::int64_t columns,
                                   int steps, std::size_t count, std::uint64_t seed, int jobs);

/// The graph of a classifier up to what its last linear layer takes. Error: no linear layer.
Result<Graph> up_to_the_last_layer(Graph graph);

/// Frechet's distance, squared, of the two normal distributions that have the means and covariances
/// of the features [n, f] and [m, f]: |mean difference|^2 + trace(A + B - 2 (A B)^(1/2)), as of the
/// FID (arXiv 1706.08500) but for where the features come from. 0 or more; no unit. Errors: other
/// than two shapes with one f, fewer than two rows, numbers that are not finite.
Result<double> frechet_distance(const Tensor& features, const Tensor& others);

}  // namespace fewbit::quant
