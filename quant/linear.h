// Linear layers: convolutions and matrix products, the part of a network that MACs compute.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <variant>

#include "fewbit/quant/graph.h"

namespace fewbit::quant {

/// How a window moves along one axis.
struct WindowAxis {
  std::int64_t input = 0;
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t pad_begin = 0;
  std::int64_t pad_end = 0;
  std::int64_t output = 0;
};
using Window = std::array<WindowAxis, 2>;  ///< rows, columns

/// From the attributes kernel_shape, strides, dilations, pads, auto_pad and ceil_mode. `input` has
/// rank 4, or 3: one row; kernel_shape defaults to `kernel`.
Result<Window> window_of(const Node& node, const Shape& input, std::array<std::int64_t, 2> kernel);

/// A convolution: images [batch, channels, ..], weights [outputs, channels / groups, ..].
struct ConvolutionShape {
  std::int64_t batch = 0;
  std::int64_t channels = 0;
  std::int64_t outputs = 0;
  std::int64_t groups = 1;
  Window window;

  /// Products in one sum.
  [[nodiscard]] std::int64_t terms() const {
    return channels / groups * window[0].kernel * window[1].kernel;
  }
};

/// Matrix products left x right, one for each pair in left_matrices and right_matrices (numbers of
/// matrices in the operands, after broadcasting).
struct MatrixShape {
  std::int64_t rows = 0;
  std::int64_t terms = 0;
  std::int64_t columns = 0;
  bool left_transposed = false;   ///< the left operand is stored [terms, rows]
  bool right_transposed = false;  ///< the right operand is stored [columns, terms]
  std::vector<std::int64_t> left_matrices = {0};
  std::vector<std::int64_t> right_matrices = {0};
};

/// One linear layer with its operands: images (or left matrices) and weights (or right matrices).
struct LinearCall {
  std::size_t layer = 0;  ///< place among the network's linear layers
  std::variant<ConvolutionShape, MatrixShape> shape;
  const Tensor* left = nullptr;
  const Tensor* right = nullptr;
  Shape output;
  std::uint64_t right_identity = 0;  ///< of *right where it is constant: new_identity()

  [[nodiscard]] std::int64_t terms() const;
};

/// Shapes of a Conv, Gemm or MatMul node with these operands, or what does not fit.
Result<LinearCall> linear_call(const Node& node, const Tensor& left, const Tensor& right);

/// A number other than 0 and all that were given before, for constant weights of one value.
std::uint64_t new_identity();

/// Writes the sums of products to `out`: no bias, no scaling. T is float or double; integers that
/// it holds exactly give exact sums as long as it holds these, whatever the order.
template <typename T>
void sums_of_products(const LinearCall& call, const T* left, const T* right, T* out);
/// The same of floats in the order that is fastest here. `identity`: of `right` (new_identity); 0
/// where it is computed.
void sums_of_products_anyhow(const LinearCall& call, const float* left, const float* right,
                             std::uint64_t identity, float* out);

/// The second moments of a layer are at most this many (2 GiB): 16,384 terms in one group.
inline constexpr std::int64_t kMostMoments = std::int64_t{1} << 28;
/// They are, and the images of one group, unfolded to compute them, are no more than kMostElements.
bool second_moments_fit(const LinearCall& call);

/// Adds to `moments` the products of all pairs of left operands that meet in one sum, summed over
/// all sums: [groups, terms, terms] for a convolution, [1, terms, terms] for a matrix product by
/// one right matrix. An empty `moments` is taken as zeros. second_moments_fit holds.
void add_second_moments(const LinearCall& call, std::vector<double>& moments);

/// The output channel of element `place` of the result: the second axis of a convolution, the last
/// of a matrix product; elements with one channel are in runs of `inner`.
struct OutputChannels {
  std::size_t channels = 1;
  std::size_t inner = 1;
  [[nodiscard]] std::size_t of(std::size_t place) const { return place / inner % channels; }
};
OutputChannels output_channels(const LinearCall& call);

/// How sums of products are computed. Safe for several threads.
class LinearArithmetic {
 public:
  virtual ~LinearArithmetic() = default;
  virtual std::vector<float> sums(const LinearCall& call) const = 0;
};

/// Tells BLAS to compute in the thread that calls it.
void use_one_blas_thread();

/// binary32, in the order in which BLAS adds.
class FloatArithmetic : public LinearArithmetic {
 public:
  std::vector<float> sums(const LinearCall& call) const override;
};

/// binary32, in the order that is fastest here.
class FastFloatArithmetic : public LinearArithmetic {
 public:
  std::vector<float> sums(const LinearCall& call) const override;
};

}  // namespace fewbit::quant
