// Kernels: what each ONNX operator computes, in binary32.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/quant/linear.h"

namespace fewbit::quant {

/// What a kernel sees of a node. Inputs that are absent are null; the table below says which may
/// be, and which are floats.
struct Arguments {
  const Node& node;
  std::vector<const Tensor*> inputs;
  std::size_t linear_layer = 0;  ///< of Conv, Gemm and MatMul
  const LinearArithmetic& arithmetic;
  Tensor* spare = nullptr;           ///< the first input, where no later node reads it
  std::uint64_t right_identity = 0;  ///< LinearCall's

  /// The first input, to be changed: itself where it is spare, else a copy.
  [[nodiscard]] Tensor take_first() const { return spare ? std::move(*spare) : *inputs[0]; }
  [[nodiscard]] const Tensor& operator[](std::size_t i) const { return *inputs[i]; }
  /// Null where absent.
  [[nodiscard]] const Tensor* optional(std::size_t i) const {
    return i < inputs.size() ? inputs[i] : nullptr;
  }
};

using Outputs = std::vector<Tensor>;
/// The results of a node, moved: an initializer list would copy each of them.
template <typename... Tensors>
Outputs outputs_of(Tensors... tensors) {
  Outputs all;
  all.reserve(sizeof...(tensors));
  (all.push_back(std::move(tensors)), ...);
  return all;
}
using Kernel = Result<Outputs> (*)(const Arguments&);

/// When no number of a node's results is below 0.
enum class Sign {
  kAny,           ///< nothing is known
  kNonnegative,   ///< always
  kOfFirst,       ///< where the first input has none below 0
  kOfAll,         ///< where no input has
  kOfOne,         ///< where one input or more has none
  kOfLowerLimit,  ///< where the attribute min, or the constant second input, is not below 0
};

/// All that is known of an operator.
struct KernelInfo {
  std::string op;
  std::size_t required_inputs;
  std::size_t most_inputs;
  std::size_t float_inputs;  ///< so many from the first must hold floats, where they are present
  Kernel kernel;
  Sign sign = Sign::kAny;
  bool is_linear = false;   ///< MACs compute it
  std::string domain = {};  ///< that defines it; "" for ONNX's own
};

inline constexpr std::size_t kAnyNumber = std::size_t{1} << 20;  ///< of inputs
/// Of operators that Network makes of others.
inline constexpr char kOwnDomain[] = "fewbit";
/// QONNX's, in which tools for quantized networks write.
inline constexpr char kQonnxDomain[] = "qonnx.custom_op.general";

/// Conv, Gemm, MatMul and ConvTranspose: sums of products by `arithmetic`, all else in binary32.
std::vector<KernelInfo> linear_kernels();
/// One result per element: Add, Relu, Gelu, Clip, ...
std::vector<KernelInfo> elementwise_kernels();
/// Softmax, LayerNormalization, BatchNormalization, ReduceMean, ReduceMax, ...
std::vector<KernelInfo> reducing_kernels();
/// Pooling.
std::vector<KernelInfo> pooling_kernels();
/// Shapes and copies: Reshape, Transpose, Concat, Slice, Gather, ...
std::vector<KernelInfo> shaping_kernels();
/// Pad, Resize and the zeros between the pixels of a transposed convolution.
std::vector<KernelInfo> resampling_kernels();
/// LSTM.
std::vector<KernelInfo> recurrent_kernels();
/// QuantizeLinear, DequantizeLinear; QONNX's Quant, BipolarQuant and FloatQuant.
std::vector<KernelInfo> rounding_kernels();

/// The kernel of an operator of any domain, or null.
const KernelInfo* find_kernel(const std::string& op);
/// Every operator of files that has a kernel, in alphabetic order.
std::vector<std::string> covered_operators();
bool is_linear(const std::string& op);

/// The kernel of a node. Errors: none (all covered operators are listed), another domain, wrong
/// counts of inputs.
Result<const KernelInfo*> kernel_of(const Node& node);
/// Runs one node on its inputs after checking their number and types.
Result<Outputs> run_kernel(const KernelInfo& kernel, const Arguments& arguments);

/// The axis `axis` of a tensor of `rank` dimensions, counted from the front; rank itself is legal
/// where `end_allowed`.
Result<std::size_t> checked_axis(const Node& node, std::int64_t axis, std::int64_t rank,
                                 bool end_allowed = false);
/// The integers of input `i`, or of the attribute that older operator sets have in its place; empty
/// where there is neither.
Result<std::vector<std::int64_t>> integers_of(const Arguments& arguments, std::size_t i,
                                              const std::string& attribute);
/// Shape of both operands together by the rule of numpy.
Result<Shape> broadcast_shape(const Node& node, const Shape& x, const Shape& y);
/// Strides of `operand` over the axes of `result`, 0 where it is repeated.
std::vector<std::int64_t> broadcast_strides(const Shape& operand, const Shape& result);
/// The elements of `x` at begin + sum of index x stride, row-major.
Tensor view_of(const Tensor& x, const Shape& shape, std::int64_t begin,
               const std::vector<std::int64_t>& strides);

/// A shape split at axes: extents before them, theirs, and those behind.
struct Split {
  std::int64_t outer = 1;
  std::int64_t extent = 1;
  std::int64_t inner = 1;
};
Split split_at(const Shape& shape, std::size_t begin, std::size_t end);

}  // namespace fewbit::quant
