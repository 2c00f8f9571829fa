// Operators of networks that are quantized already: ONNX's QuantizeLinear and DequantizeLinear,
// QONNX's Quant (also named IntQuant), BipolarQuant and FloatQuant.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>

#include "fewbit/quant/kernels.h"

namespace fewbit::quant {
namespace {

/// Scale and zero point of each element: one for all, or one for each place along an axis.
struct LinearSteps {
  const Tensor* scales = nullptr;
  const Tensor* zeros = nullptr;
  Split split;

  [[nodiscard]] std::size_t place(std::size_t i) const {
    if (scales->size() == 1) return 0;
    return i / static_cast<std::size_t>(split.inner) % static_cast<std::size_t>(split.extent);
  }
  [[nodiscard]] float scale(std::size_t i) const { return scales->floats()[place(i)]; }
  [[nodiscard]] std::int64_t zero(std::size_t i) const {
    return zeros == nullptr ? 0 : zeros->integers()[place(i)];
  }
};

Result<LinearSteps> linear_steps(const Arguments& arguments) {
  const Tensor& x = arguments[0];
  LinearSteps steps{&arguments[1], arguments.optional(2), {}};
  if (!steps.scales->is_float()) return node_error(arguments.node, "a scale of floats", "");
  if (steps.zeros != nullptr &&
      (steps.zeros->is_float() || steps.zeros->size() != steps.scales->size())) {
    return node_error(arguments.node, "an integer zero point for each scale",
                      to_string(steps.zeros->shape));
  }
  if (arguments.node.integer("block_size", 0) != 0) {
    return node_error(arguments.node, "block_size 0", "scales of blocks are not covered");
  }
  if (steps.scales->size() == 1) return steps;
  FEWBIT_ASSIGN_OR_RETURN(
      axis, checked_axis(arguments.node, arguments.node.integer("axis", 1), x.rank()));
  steps.split = split_at(x.shape, axis, axis + 1);
  if (steps.scales->rank() == 1 && steps.scales->shape[0] == x.shape[axis]) return steps;
  return node_error(arguments.node, fmt::format("one scale, or {}", x.shape[axis]),
                    to_string(steps.scales->shape));
}

/// To int8 where the zero point has that type, else to uint8.
Result<Outputs> quantize(const Arguments& arguments) {
  const Tensor& x = arguments[0];
  FEWBIT_ASSIGN_OR_RETURN(steps, linear_steps(arguments));
  constexpr std::int64_t kUint8 = 2, kInt8 = 3;  // as ONNX counts types
  const std::int64_t type = arguments.node.integer("output_dtype", 0);
  if ((type != 0 && type != kUint8 && type != kInt8) ||
      (steps.zeros != nullptr && steps.zeros->integer_type == IntegerType::kInt64)) {
    return node_error(arguments.node, "results of type int8 or uint8", "");
  }
  const bool is_signed =
      steps.zeros != nullptr ? steps.zeros->integer_type == IntegerType::kInt8 : type == kInt8;
  const float least = is_signed ? -128 : 0;
  const float most = is_signed ? 127 : 255;
  std::vector<std::int64_t> codes(x.size());
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const float code =
        std::nearbyint(x.floats()[i] / steps.scale(i)) + static_cast<float>(steps.zero(i));
    if (std::isnan(code)) return node_error(arguments.node, "numbers", "one is NaN");
    codes[i] = static_cast<std::int64_t>(std::clamp(code, least, most));
  }
  Tensor out = integer_tensor(x.shape, std::move(codes));
  out.integer_type = is_signed ? IntegerType::kInt8 : IntegerType::kUint8;
  return outputs_of(std::move(out));
}

Result<Outputs> dequantize(const Arguments& arguments) {
  const Tensor& x = arguments[0];
  if (x.is_float()) return node_error(arguments.node, "integers as input 0", "it holds floats");
  FEWBIT_ASSIGN_OR_RETURN(steps, linear_steps(arguments));
  Tensor out = float_tensor(x.shape);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto difference =
        static_cast<double>(x.integers()[i]) - static_cast<double>(steps.zero(i));
    out.floats()[i] = static_cast<float>(difference) * steps.scale(i);
  }
  return outputs_of(std::move(out));
}

// --- QONNX ---

enum class Rounding { kNearest, kUp, kDown };

float rounded(Rounding rounding, float x) {
  if (rounding == Rounding::kUp) return std::ceil(x);
  return rounding == Rounding::kDown ? std::floor(x) : std::nearbyint(x);
}

/// From the attribute rounding_mode, in letters of either case.
Result<Rounding> rounding_of(const Node& node) {
  auto mode = node.get<std::string>("rounding_mode", "ROUND");
  for (char& letter : mode) {
    letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  }
  if (mode == "ROUND") return Rounding::kNearest;
  if (mode == "CEIL") return Rounding::kUp;
  if (mode == "FLOOR") return Rounding::kDown;
  return node_error(node, "rounding_mode ROUND, CEIL or FLOOR", mode);
}

/// One number of input `i`, from `least` to `most`.
Result<float> number_of(const Arguments& arguments, std::size_t i, float least, float most) {
  const Tensor& given = arguments[i];
  if (given.size() == 1 && given.floats()[0] >= least && given.floats()[0] <= most) {
    return given.floats()[0];
  }
  return node_error(
      arguments.node, fmt::format("one number of {} to {} as input {}", least, most, i),
      given.size() == 1 ? fmt::format("it is {}", given.floats()[0]) : to_string(given.shape));
}

/// Least and largest code.
std::pair<float, float> code_range(float bits, bool is_signed, bool is_narrow) {
  const float steps = std::exp2(bits - (is_signed ? 1.0F : 0.0F));
  const float narrower = is_narrow ? 1 : 0;
  if (is_signed) return {narrower - steps, steps - 1};
  return {0, steps - 1 - narrower};
}

/// The values of `tensor` repeated to the shape of x, which they must fit.
Result<Tensor> repeated_to(const Node& node, const Tensor& tensor, const Shape& shape) {
  FEWBIT_ASSIGN_OR_RETURN(both, broadcast_shape(node, shape, tensor.shape));
  if (both == shape) return view_of(tensor, shape, 0, broadcast_strides(tensor.shape, shape));
  return node_error(node, "parameters that fit the input",
                    fmt::format("{} and {}", to_string(shape), to_string(tensor.shape)));
}

/// Inputs x, scale, zero point and bits; the result is x in steps of the scale.
Result<Outputs> quant(const Arguments& arguments) {
  const Node& node = arguments.node;
  FEWBIT_ASSIGN_OR_RETURN(rounding, rounding_of(node));
  const bool is_signed = node.integer("signed", 1) != 0;
  constexpr float kMostBits = 24;  // that binary32 holds
  FEWBIT_ASSIGN_OR_RETURN(bits, number_of(arguments, 3, 1, kMostBits));
  const auto [least, most] = code_range(bits, is_signed, node.integer("narrow", 1) != 0);
  const Tensor& x = arguments[0];
  FEWBIT_ASSIGN_OR_RETURN(scales, repeated_to(node, arguments[1], x.shape));
  FEWBIT_ASSIGN_OR_RETURN(zeros, repeated_to(node, arguments[2], x.shape));
  const bool is_bipolar = bits == 1 && is_signed;
  Tensor out = float_tensor(x.shape);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float scale = scales.floats()[i];
    const float zero = zeros.floats()[i];
    const float steps = x.floats()[i] / scale + zero;
    // Clamped, then rounded, as QONNX does it.
    const float code = is_bipolar ? (steps >= 0 ? 1.0F : -1.0F)
                                  : rounded(rounding, std::clamp(steps, least, most));
    out.floats()[i] = (code - zero) * scale;
  }
  return outputs_of(std::move(out));
}

/// Inputs x, scale, bits of exponent and of fraction, bias, largest value: x / scale as a number of
/// that format with subnormals, all codes finite, the largest beyond the largest.
Result<Outputs> float_quant(const Arguments& arguments) {
  const Node& node = arguments.node;
  FEWBIT_ASSIGN_OR_RETURN(rounding, rounding_of(node));
  if (node.integer("saturation", 1) == 0) return node_error(node, "saturation 1", "it is 0");
  FEWBIT_ASSIGN_OR_RETURN(exponent_bits, number_of(arguments, 2, 1, 8));
  FEWBIT_ASSIGN_OR_RETURN(fraction_bits, number_of(arguments, 3, 0, 22));
  FEWBIT_ASSIGN_OR_RETURN(bias, number_of(arguments, 4, -126, 126));
  constexpr float kMost = std::numeric_limits<float>::max();
  FEWBIT_ASSIGN_OR_RETURN(given_most, number_of(arguments, 5, 0, kMost));
  const Tensor& x = arguments[0];
  FEWBIT_ASSIGN_OR_RETURN(scales, repeated_to(node, arguments[1], x.shape));
  const float significand = 2 - std::exp2(-fraction_bits);
  const float most =
      std::min(significand * std::exp2(std::exp2(exponent_bits) - 1 - bias), given_most);
  const float least_step = 1 - bias - fraction_bits;  // as an exponent
  Tensor out = float_tensor(x.shape);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float value = x.floats()[i] / scales.floats()[i];
    if (!std::isfinite(value)) return node_error(node, "finite numbers", fmt::format("{}", value));
    const float own = value == 0 ? least_step : std::logb(value) - fraction_bits;
    const float step = std::exp2(std::max(own, least_step));
    out.floats()[i] =
        std::clamp(step * rounded(rounding, value / step), -most, most) * scales.floats()[i];
  }
  return outputs_of(std::move(out));
}

/// Inputs x and scale: plus the scale from 0 on, else minus the scale.
Result<Outputs> bipolar_quant(const Arguments& arguments) {
  const Tensor& x = arguments[0];
  FEWBIT_ASSIGN_OR_RETURN(scales, repeated_to(arguments.node, arguments[1], x.shape));
  Tensor out = float_tensor(x.shape);
  for (std::size_t i = 0; i < x.size(); ++i) {
    out.floats()[i] = x.floats()[i] >= 0 ? scales.floats()[i] : -scales.floats()[i];
  }
  return outputs_of(std::move(out));
}

}  // namespace

std::vector<KernelInfo> rounding_kernels() {
  return {
      {"BipolarQuant", 2, 2, 2, bipolar_quant, Sign::kAny, false, kQonnxDomain},
      {"DequantizeLinear", 2, 3, 0, dequantize},
      {"FloatQuant", 6, 6, 6, float_quant, Sign::kAny, false, kQonnxDomain},
      {"IntQuant", 4, 4, 4, quant, Sign::kAny, false, kQonnxDomain},
      {"Quant", 4, 4, 4, quant, Sign::kAny, false, kQonnxDomain},
      {"QuantizeLinear", 2, 3, 2, quantize},
  };
}

}  // namespace fewbit::quant
