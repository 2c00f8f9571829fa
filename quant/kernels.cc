// The table of kernels, what several of them share, and the linear layers.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/kernels.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "fewbit/quant/transposed_convolutions.h"

namespace fewbit::quant {
namespace {

const std::map<std::string, KernelInfo>& table() {
  static const std::map<std::string, KernelInfo> kTable = [] {
    std::map<std::string, KernelInfo> rows;
    for (const auto& part :
         {linear_kernels(), elementwise_kernels(), reducing_kernels(), pooling_kernels(),
          shaping_kernels(), resampling_kernels(), recurrent_kernels(), rounding_kernels()}) {
      for (const KernelInfo& row : part) {
        FEWBIT_CHECK(rows.emplace(row.op, row).second, "{} has two kernels", row.op);
      }
    }
    return rows;
  }();
  return kTable;
}

/// Adds `bias` x `factor` to every element of `to`, broadcast.
Status add_bias(const Node& node, const Tensor& bias, float factor, Tensor& to) {
  FEWBIT_ASSIGN_OR_RETURN(shape, broadcast_shape(node, to.shape, bias.shape));
  if (shape != to.shape) {
    return node_error(
        node, "a bias that fits the result",
        fmt::format("result {}, bias {}", to_string(to.shape), to_string(bias.shape)));
  }
  const std::vector<std::int64_t> strides = broadcast_strides(bias.shape, shape);
  const std::int64_t columns = shape.empty() ? 1 : shape.back();
  const std::int64_t rows =
      static_cast<std::int64_t>(to.size()) / std::max<std::int64_t>(1, columns);
  const std::int64_t row_stride = strides.size() < 2 ? 0 : strides[strides.size() - 2];
  const std::int64_t column_stride = strides.empty() ? 0 : strides.back();
  float* value = to.floats().data();
  for (std::int64_t row = 0; row < rows; ++row, value += columns) {
    const float* const from = bias.floats().data() + row * row_stride;
    for (std::int64_t column = 0; column < columns; ++column) {
      value[column] += factor * from[column * column_stride];
    }
  }
  return Ok{};
}

Result<Tensor> linear_sums(const Arguments& arguments) {
  FEWBIT_ASSIGN_OR_RETURN(call, linear_call(arguments.node, arguments[0], arguments[1]));
  call.layer = arguments.linear_layer;
  call.right_identity = arguments.right_identity;
  std::vector<float> sums = arguments.arithmetic.sums(call);
  return float_tensor(std::move(call.output), std::move(sums));
}

Result<Outputs> conv(const Arguments& arguments) {
  FEWBIT_ASSIGN_OR_RETURN(out, linear_sums(arguments));
  if (const Tensor* bias = arguments.optional(2)) {
    const auto outputs = static_cast<std::size_t>(out.shape[1]);
    if (bias->rank() != 1 || bias->size() != outputs) {
      return node_error(arguments.node, fmt::format("a bias of {} elements", outputs),
                        fmt::format("its shape is {}", to_string(bias->shape)));
    }
    const std::size_t places = out.size() / std::max<std::size_t>(1, outputs) /
                               std::max<std::size_t>(1, static_cast<std::size_t>(out.shape[0]));
    float* value = out.floats().data();
    for (std::int64_t image = 0; image < out.shape[0]; ++image) {
      for (std::size_t channel = 0; channel < outputs; ++channel) {
        const float shift = bias->floats()[channel];
        for (std::size_t place = 0; place < places; ++place) *value++ += shift;
      }
    }
  }
  // One dimension was computed as rows of one pixel.
  if (arguments[0].rank() == 3) out.shape.erase(out.shape.begin() + 2);
  return outputs_of(std::move(out));
}

Result<Outputs> gemm(const Arguments& arguments) {
  FEWBIT_ASSIGN_OR_RETURN(out, linear_sums(arguments));
  const auto alpha = arguments.node.get<float>("alpha", 1.0F);
  if (alpha != 1.0F) {
    for (float& value : out.floats()) value *= alpha;
  }
  if (const Tensor* bias = arguments.optional(2)) {
    FEWBIT_RETURN_IF_ERROR(
        add_bias(arguments.node, *bias, arguments.node.get<float>("beta", 1.0F), out));
  }
  return outputs_of(std::move(out));
}

/// With computed weights, in binary32: Network makes a linear layer of one with constant weights.
Result<Outputs> transposed_convolution(const Arguments& arguments) {
  FEWBIT_ASSIGN_OR_RETURN(parts, split_transposed_convolution(arguments.node, arguments[1]));
  const FloatArithmetic arithmetic;
  const Arguments spread{parts.spread, {arguments.inputs[0]}, 0, arithmetic};
  FEWBIT_ASSIGN_OR_RETURN(images, run_kernel(*find_kernel(parts.spread.op), spread));
  return conv(
      {parts.convolution, {images.data(), &parts.weights, arguments.optional(2)}, 0, arithmetic});
}

Result<Outputs> matmul(const Arguments& arguments) {
  FEWBIT_ASSIGN_OR_RETURN(out, linear_sums(arguments));
  return outputs_of(std::move(out));
}

}  // namespace

std::vector<KernelInfo> linear_kernels() {
  return {{"Conv", 2, 3, 3, conv, Sign::kAny, true},
          {"ConvTranspose", 2, 3, 3, transposed_convolution},
          {"Gemm", 2, 3, 3, gemm, Sign::kAny, true},
          {"MatMul", 2, 2, 2, matmul, Sign::kAny, true}};
}

bool is_linear(const std::string& op) {
  const KernelInfo* kernel = find_kernel(op);
  return kernel != nullptr && kernel->is_linear;
}

const KernelInfo* find_kernel(const std::string& op) {
  const auto found = table().find(op);
  return found == table().end() ? nullptr : &found->second;
}

Result<const KernelInfo*> kernel_of(const Node& node) {
  const KernelInfo* const kernel = find_kernel(node.op);
  // QONNX's nodes were FINN's and Brevitas's before.
  const bool is_qonnx = node.domain == "onnx.brevitas" || node.domain == "finn.custom_op.general";
  const std::string domain = is_qonnx ? kQonnxDomain : node.domain;
  if (kernel == nullptr || kernel->domain != domain) {
    return node_error(node, fmt::format("one of {}", fmt::join(covered_operators(), ", ")),
                      domain.empty() ? "the operator is not covered"
                                     : fmt::format("its domain is {}", node.domain));
  }
  if (node.inputs.size() >= kernel->required_inputs && node.inputs.size() <= kernel->most_inputs &&
      !node.outputs.empty()) {
    return kernel;
  }
  return node_error(
      node,
      fmt::format("{} to {} inputs, at least one output", kernel->required_inputs,
                  kernel->most_inputs),
      fmt::format("it has {} inputs and {} outputs", node.inputs.size(), node.outputs.size()));
}

Result<Outputs> run_kernel(const KernelInfo& kernel, const Arguments& arguments) {
  for (std::size_t i = 0; i < arguments.inputs.size(); ++i) {
    const Tensor* input = arguments.inputs[i];
    if (input == nullptr && i < kernel.required_inputs) {
      return node_error(arguments.node, fmt::format("{} inputs", kernel.required_inputs),
                        fmt::format("input {} is absent", i));
    }
    if (input != nullptr && i < kernel.float_inputs && !input->is_float()) {
      return node_error(arguments.node, fmt::format("floats as input {}", i), "it holds integers");
    }
  }
  return kernel.kernel(arguments);
}

std::vector<std::string> covered_operators() {
  std::vector<std::string> names;
  for (const auto& [name, row] : table()) {
    if (row.domain != kOwnDomain) names.push_back(name);
  }
  return names;
}

Result<std::size_t> checked_axis(const Node& node, std::int64_t axis, std::int64_t rank,
                                 bool end_allowed) {
  const std::int64_t most = end_allowed ? rank : rank - 1;
  if (axis < -rank || axis > most) {
    return node_error(node, fmt::format("an axis of {} to {}", -rank, most),
                      fmt::format("the axis is {}", axis));
  }
  return static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
}

Result<std::vector<std::int64_t>> integers_of(const Arguments& arguments, std::size_t i,
                                              const std::string& attribute) {
  const Tensor* input = arguments.optional(i);
  if (input == nullptr) return arguments.node.get<std::vector<std::int64_t>>(attribute, {});
  if (input->is_float()) {
    return node_error(arguments.node, fmt::format("integers as input {}", i), "it holds floats");
  }
  return input->integers();
}

Result<Shape> broadcast_shape(const Node& node, const Shape& x, const Shape& y) {
  Shape result(std::max(x.size(), y.size()));
  for (std::size_t i = 0; i < result.size(); ++i) {
    const auto extent = [&](const Shape& shape) {
      const std::size_t missing = result.size() - shape.size();
      return i < missing ? 1 : shape[i - missing];
    };
    if (extent(x) != extent(y) && extent(x) != 1 && extent(y) != 1) {
      return node_error(node, "shapes alike or 1 along each axis",
                        fmt::format("they are {} and {}", to_string(x), to_string(y)));
    }
    result[i] = extent(x) == 1 ? extent(y) : extent(x);
  }
  if (!is_legal(result)) {
    return node_error(node, fmt::format("a result of at most {} elements", kMostElements),
                      to_string(result));
  }
  return result;
}

Split split_at(const Shape& shape, std::size_t begin, std::size_t end) {
  Split split;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    (i < begin ? split.outer : i < end ? split.extent : split.inner) *= shape[i];
  }
  return split;
}

std::vector<std::int64_t> broadcast_strides(const Shape& operand, const Shape& result) {
  std::vector<std::int64_t> strides(result.size(), 0);
  const std::size_t missing = result.size() - operand.size();
  std::int64_t stride = 1;
  for (std::size_t i = operand.size(); i-- > 0;) {
    strides[i + missing] = operand[i] == 1 ? 0 : stride;
    stride *= operand[i];
  }
  return strides;
}

Tensor view_of(const Tensor& x, const Shape& shape, std::int64_t begin,
               const std::vector<std::int64_t>& strides) {
  const std::size_t axes = shape.empty() ? 0 : shape.size() - 1;
  const std::int64_t columns = shape.empty() ? 1 : shape.back();
  const std::int64_t step = shape.empty() ? 1 : strides.back();
  return std::visit(
      [&](const auto& values) {
        std::decay_t<decltype(values)> out(element_count(shape));
        std::vector<std::int64_t> place(axes, 0);
        std::int64_t offset = begin;
        for (std::size_t row = 0; row < out.size(); row += static_cast<std::size_t>(columns)) {
          auto* const to = out.data() + row;
          const auto* const from = values.data() + offset;
          if (step == 1) {
            std::copy_n(from, columns, to);
          } else {
            for (std::int64_t i = 0; i < columns; ++i) to[i] = from[i * step];
          }
          for (std::size_t axis = axes; axis-- > 0;) {
            offset += strides[axis];
            if (++place[axis] < shape[axis]) break;
            offset -= strides[axis] * shape[axis];
            place[axis] = 0;
          }
        }
        return Tensor{shape, std::move(out), x.integer_type};
      },
      x.data);
}

}  // namespace fewbit::quant
