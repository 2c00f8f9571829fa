// Operators whose results are made of many elements: normalisation, sums, means.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "fewbit/quant/kernels.h"

namespace fewbit::quant {
namespace {

/// exp(x - max) / sum over `extent` elements, `stride` apart.
void softmax_line(const float* from, float* to, std::int64_t extent, std::int64_t stride) {
  float max = -std::numeric_limits<float>::infinity();
  for (std::int64_t i = 0; i < extent; ++i) max = std::max(max, from[i * stride]);
  float sum = 0;
  for (std::int64_t i = 0; i < extent; ++i) {
    to[i * stride] = std::exp(from[i * stride] - max);
    sum += to[i * stride];
  }
  for (std::int64_t i = 0; i < extent; ++i) to[i * stride] /= sum;
}

Result<Outputs> softmax(const Arguments& arguments) {
  constexpr int kOneAxisSince = 13;  // before: all axes from `axis` on together
  const bool one_axis = arguments.node.opset >= kOneAxisSince;
  const Tensor& x = arguments[0];
  FEWBIT_ASSIGN_OR_RETURN(
      axis, checked_axis(arguments.node, arguments.node.integer("axis", one_axis ? -1 : 1),
                         x.rank(), !one_axis));
  const Split split = split_at(x.shape, axis, one_axis ? axis + 1 : x.shape.size());
  Tensor out = float_tensor(x.shape);
  for (std::int64_t outer = 0; outer < split.outer; ++outer) {
    for (std::int64_t inner = 0; inner < split.inner; ++inner) {
      const std::int64_t place = outer * split.extent * split.inner + inner;
      softmax_line(x.floats().data() + place, out.floats().data() + place, split.extent,
                   split.inner);
    }
  }
  return outputs_of(std::move(out));
}

Result<Outputs> layer_normalization(const Arguments& arguments) {
  const Tensor& x = arguments[0];
  FEWBIT_ASSIGN_OR_RETURN(
      axis, checked_axis(arguments.node, arguments.node.integer("axis", -1), x.rank()));
  const auto epsilon = arguments.node.get<float>("epsilon", 1e-5F);
  const Split split = split_at(x.shape, axis, x.shape.size());
  const auto extent = static_cast<std::size_t>(split.extent);
  const Tensor* bias = arguments.optional(2);
  if (arguments[1].size() != extent || (bias != nullptr && bias->size() != extent)) {
    return node_error(arguments.node, fmt::format("scale and bias of {} elements", extent),
                      fmt::format("the scale is {}", to_string(arguments[1].shape)));
  }
  Tensor out = float_tensor(x.shape);
  Shape statistics_shape = x.shape;
  std::fill(statistics_shape.begin() + static_cast<std::ptrdiff_t>(axis), statistics_shape.end(),
            1);
  Tensor means = float_tensor(statistics_shape);
  Tensor inverse_deviations = float_tensor(statistics_shape);
  for (std::int64_t row = 0; row < split.outer; ++row) {
    const float* from = x.floats().data() + row * split.extent;
    float* to = out.floats().data() + row * split.extent;
    double mean = 0;
    double square = 0;
    for (std::size_t i = 0; i < extent; ++i) mean += static_cast<double>(from[i]);
    mean /= static_cast<double>(extent);
    for (std::size_t i = 0; i < extent; ++i) {
      const double difference = static_cast<double>(from[i]) - mean;
      square += difference * difference;
    }
    const double variance = square / static_cast<double>(extent);
    const double factor = 1 / std::sqrt(variance + static_cast<double>(epsilon));
    for (std::size_t i = 0; i < extent; ++i) {
      to[i] = static_cast<float>((static_cast<double>(from[i]) - mean) * factor) *
                  arguments[1].floats()[i] +
              (bias == nullptr ? 0.0F : bias->floats()[i]);
    }
    means.floats()[static_cast<std::size_t>(row)] = static_cast<float>(mean);
    inverse_deviations.floats()[static_cast<std::size_t>(row)] = static_cast<float>(factor);
  }
  return outputs_of(std::move(out), std::move(means), std::move(inverse_deviations));
}

Result<Outputs> batch_normalization(const Arguments& arguments) {
  const Tensor& x = arguments[0];
  if (arguments.node.integer("training_mode", 0) != 0) {
    return node_error(arguments.node, "training_mode 0", "networks are only evaluated");
  }
  if (x.rank() < 2) return node_error(arguments.node, "at least 2 dimensions", to_string(x.shape));
  const auto channels = static_cast<std::size_t>(x.shape[1]);
  for (std::size_t i = 1; i < 5; ++i) {
    if (arguments[i].size() != channels) {
      return node_error(arguments.node, fmt::format("{} elements in every parameter", channels),
                        fmt::format("input {} is {}", i, to_string(arguments[i].shape)));
    }
  }
  const auto epsilon = arguments.node.get<float>("epsilon", 1e-5F);
  const Split split = split_at(x.shape, 1, 2);
  Tensor out = float_tensor(x.shape);
  for (std::int64_t outer = 0; outer < split.outer; ++outer) {
    for (std::size_t channel = 0; channel < channels; ++channel) {
      const float factor =
          arguments[1].floats()[channel] / std::sqrt(arguments[4].floats()[channel] + epsilon);
      const float mean = arguments[3].floats()[channel];
      const float bias = arguments[2].floats()[channel];
      const std::int64_t place =
          (outer * split.extent + static_cast<std::int64_t>(channel)) * split.inner;
      for (std::int64_t i = place; i < place + split.inner; ++i) {
        const auto at = static_cast<std::size_t>(i);
        out.floats()[at] = (x.floats()[at] - mean) * factor + bias;
      }
    }
  }
  return outputs_of(std::move(out));
}

/// How elements are reduced, in double.
struct Sum {
  static constexpr double kStart = 0;
  static double apply(double a, double b) { return a + b; }
};
/// NaN stays NaN.
struct Maximum {
  static constexpr double kStart = -std::numeric_limits<double>::infinity();
  static double apply(double a, double b) { return b > a || std::isnan(b) ? b : a; }
};
struct Minimum {
  static constexpr double kStart = std::numeric_limits<double>::infinity();
  static double apply(double a, double b) { return b < a || std::isnan(b) ? b : a; }
};

/// Every element goes to its result, line by line; `ones`: the shape with reduced axes as 1.
template <typename Operation>
std::vector<double> reduced(const Tensor& x, const Shape& ones) {
  std::vector<double> results(element_count(ones), Operation::kStart);
  const std::vector<std::int64_t> strides = broadcast_strides(ones, x.shape);
  const std::int64_t columns = x.shape.empty() ? 1 : x.shape.back();
  const std::int64_t column_stride = strides.empty() ? 0 : strides.back();
  std::vector<std::int64_t> place(x.shape.size(), 0);
  std::int64_t to = 0;
  for (std::size_t line = 0; line < x.size(); line += static_cast<std::size_t>(columns)) {
    const float* from = x.floats().data() + line;
    if (column_stride == 0) {
      double result = Operation::kStart;
      for (std::int64_t i = 0; i < columns; ++i) {
        result = Operation::apply(result, static_cast<double>(from[i]));
      }
      double& all = results[static_cast<std::size_t>(to)];
      all = Operation::apply(all, result);
    } else {
      for (std::int64_t i = 0; i < columns; ++i) {
        double& all = results[static_cast<std::size_t>(to + i)];
        all = Operation::apply(all, static_cast<double>(from[i]));
      }
    }
    for (std::size_t axis = x.shape.size() - (x.shape.empty() ? 0 : 1); axis-- > 0;) {
      to += strides[axis];
      if (++place[axis] < x.shape[axis]) break;
      to -= strides[axis] * x.shape[axis];
      place[axis] = 0;
    }
  }
  return results;
}

template <typename Operation, bool kMean = false>
Result<Outputs> reduce(const Arguments& arguments) {
  const Tensor& x = arguments[0];
  FEWBIT_ASSIGN_OR_RETURN(axes, integers_of(arguments, 1, "axes"));
  std::vector<bool> is_reduced(
      x.shape.size(), axes.empty() && arguments.node.integer("noop_with_empty_axes", 0) == 0);
  for (const std::int64_t axis : axes) {
    FEWBIT_ASSIGN_OR_RETURN(place, checked_axis(arguments.node, axis, x.rank()));
    is_reduced[place] = true;
  }
  const bool keep = arguments.node.integer("keepdims", 1) != 0;
  Shape ones = x.shape;  // the result with reduced axes as 1
  Shape kept;
  for (std::size_t i = 0; i < ones.size(); ++i) {
    if (is_reduced[i]) ones[i] = 1;
    if (!is_reduced[i] || keep) kept.push_back(ones[i]);
  }
  const std::vector<double> results = reduced<Operation>(x, ones);
  Tensor out = float_tensor(kept);
  const double count = static_cast<double>(x.size()) / static_cast<double>(results.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    out.floats()[i] = static_cast<float>(kMean ? results[i] / count : results[i]);
  }
  return outputs_of(std::move(out));
}

/// Every element over a power of the squares in the channels around its own.
Result<Outputs> local_response_normalization(const Arguments& arguments) {
  const Tensor& x = arguments[0];
  const std::int64_t size = arguments.node.integer("size", 0);
  if (x.rank() < 3 || size < 1) {
    return node_error(arguments.node, "at least 3 dimensions and a size from 1",
                      fmt::format("{}, size {}", to_string(x.shape), size));
  }
  const auto alpha = static_cast<double>(arguments.node.get<float>("alpha", 1e-4F));
  const auto beta = static_cast<double>(arguments.node.get<float>("beta", 0.75F));
  const auto bias = static_cast<double>(arguments.node.get<float>("bias", 1.0F));
  const Split split = split_at(x.shape, 1, 2);
  const std::int64_t before = std::min((size - 1) / 2, split.extent);
  const std::int64_t behind = std::min(size - 1 - (size - 1) / 2, split.extent);
  constexpr std::int64_t kMostSquares = std::int64_t{1} << 33;
  if (!x.floats().empty() &&
      before + behind + 1 > kMostSquares / static_cast<std::int64_t>(x.size())) {
    return node_error(arguments.node, fmt::format("at most {} squares", kMostSquares),
                      fmt::format("{}, size {}", to_string(x.shape), size));
  }
  Tensor out = float_tensor(x.shape);
  std::vector<double> squares(static_cast<std::size_t>(split.inner));
  for (std::int64_t outer = 0; outer < split.outer; ++outer) {
    const float* const from = x.floats().data() + outer * split.extent * split.inner;
    float* const to = out.floats().data() + outer * split.extent * split.inner;
    for (std::int64_t channel = 0; channel < split.extent; ++channel) {
      std::fill(squares.begin(), squares.end(), 0.0);
      const std::int64_t end = std::min(split.extent, channel + behind + 1);
      for (std::int64_t other = std::max<std::int64_t>(0, channel - before); other < end; ++other) {
        for (std::size_t i = 0; i < squares.size(); ++i) {
          const auto value =
              static_cast<double>(from[static_cast<std::size_t>(other * split.inner) + i]);
          squares[i] += value * value;
        }
      }
      const auto own = static_cast<std::size_t>(channel * split.inner);
      for (std::size_t i = 0; i < squares.size(); ++i) {
        const double base = bias + alpha / static_cast<double>(size) * squares[i];
        to[own + i] =
            static_cast<float>(static_cast<double>(from[own + i]) * std::pow(base, -beta));
      }
    }
  }
  return outputs_of(std::move(out));
}

}  // namespace

std::vector<KernelInfo> reducing_kernels() {
  return {
      {"BatchNormalization", 5, 5, 5, batch_normalization},
      {"LRN", 1, 1, 1, local_response_normalization, Sign::kOfFirst},
      {"LayerNormalization", 2, 3, 3, layer_normalization},
      {"ReduceMax", 1, 2, 1, reduce<Maximum>, Sign::kOfFirst},
      {"ReduceMean", 1, 2, 1, reduce<Sum, true>, Sign::kOfFirst},
      {"ReduceMin", 1, 2, 1, reduce<Minimum>, Sign::kOfFirst},
      {"ReduceSum", 1, 2, 1, reduce<Sum>, Sign::kOfFirst},
      {"Softmax", 1, 1, 1, softmax, Sign::kNonnegative},
  };
}

}  // namespace fewbit::quant
