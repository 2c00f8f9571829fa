// PoolSpec, DepthwiseSpec: what is reduced over the pixels of a window, channel by channel.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit {

/// What the user wrote.
struct PoolRequest {
  std::string format{};
  long long pixels = 1;  ///< of a window
  long long channels = 1;
  long long lanes = 1;  ///< S, channels a beat
  std::string name{};
  Fabric fabric = Fabric::kIce40;
};

/// The largest code, or the exact sum, of each channel over the pixels of a window.
struct PoolSpec {
  Format format = IntFormat{};
  int pixels = 1;
  int channels = 1;
  int lanes = 1;     ///< divides channels
  OperatorSpec add;  ///< of pool_mean: a code and a sum, exact
  std::string module_name;

  [[nodiscard]] int pixel_beats() const { return channels / lanes; }
  /// Of pool_mean: the least that holds the sum of so many values, in units of 2^lsb_exponent.
  [[nodiscard]] IntFormat sum_format() const;
};

/// Check every field.
Result<PoolSpec> make_pool_max_spec(const PoolRequest& request);
Result<PoolSpec> make_pool_mean_spec(const PoolRequest& request);

/// What the user wrote; empty or absent = default.
struct DepthwiseRequest {
  std::string weights_format{};
  std::string activations_format{};
  long long pixels = 1;  ///< of a window
  long long channels = 1;
  long long lanes = 1;  ///< S, channels a beat
  std::vector<Code> weights{};
  std::optional<long long> latency{};
  std::string dsp{};
  std::string name{};
  Fabric fabric = Fabric::kIce40;
};

/// y[c] = sum over p of w[p][c] x[p][c], exact; p < pixels, c < channels.
struct DepthwiseSpec {
  Format weight = IntFormat{};
  Format activation = IntFormat{};
  int pixels = 1;
  int channels = 1;
  int lanes = 1;              ///< divides channels
  std::vector<Code> weights;  ///< w[p][c] is number p * channels + c
  OperatorSpec mul;           ///< of a weight and a code
  OperatorSpec add;           ///< of a product and a sum
  std::string module_name;

  [[nodiscard]] int pixel_beats() const { return channels / lanes; }
  /// The least that holds the sum of so many products, in units of 2^lsb_exponent.
  [[nodiscard]] IntFormat sum_format() const;
};

/// Checks every field. Latency is that of the multiplier, 2 where not given.
Result<DepthwiseSpec> make_depthwise_spec(const DepthwiseRequest& request);

}  // namespace fewbit
