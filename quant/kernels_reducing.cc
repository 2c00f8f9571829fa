// Operators whose results are made of many elements: normalisation, means, pooling.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "fewbit/quant/kernels.h"

namespace fewbit::quant {
namespace {

/// Splits a shape at an axis: extents before it, of it, behind it.
struct Split {
  std::int64_t outer = 1;
  std::int64_t extent = 1;
  std::int64_t inner = 1;
};
Split split_at(const Shape& shape, std::size_t begin, std::size_t end) {
  Split split;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    (i < begin ? split.outer : i < end ? split.extent : split.inner) *= shape[i];
  }
  return split;
}

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

Result<Outputs> reduce_mean(const Arguments& arguments) {
  const Tensor& x = arguments[0];
  FEWBIT_ASSIGN_OR_RETURN(axes, integers_of(arguments, 1, "axes"));
  std::vector<bool> reduced(x.shape.size(),
                            axes.empty() && arguments.node.integer("noop_with_empty_axes", 0) == 0);
  for (const std::int64_t axis : axes) {
    FEWBIT_ASSIGN_OR_RETURN(place, checked_axis(arguments.node, axis, x.rank()));
    reduced[place] = true;
  }
  const bool keep = arguments.node.integer("keepdims", 1) != 0;
  Shape ones = x.shape;  // the result with reduced axes as 1
  Shape kept;
  for (std::size_t i = 0; i < ones.size(); ++i) {
    if (reduced[i]) ones[i] = 1;
    if (!reduced[i] || keep) kept.push_back(ones[i]);
  }
  std::vector<double> sums(element_count(ones));
  // Every element goes to its sum, line by line.
  const std::vector<std::int64_t> strides = broadcast_strides(ones, x.shape);
  const std::int64_t columns = x.shape.empty() ? 1 : x.shape.back();
  const std::int64_t column_stride = strides.empty() ? 0 : strides.back();
  std::vector<std::int64_t> place(x.shape.size(), 0);
  std::int64_t to = 0;
  for (std::size_t line = 0; line < x.size(); line += static_cast<std::size_t>(columns)) {
    const float* from = x.floats().data() + line;
    if (column_stride == 0) {
      double sum = 0;
      for (std::int64_t i = 0; i < columns; ++i) sum += static_cast<double>(from[i]);
      sums[static_cast<std::size_t>(to)] += sum;
    } else {
      for (std::int64_t i = 0; i < columns; ++i) {
        sums[static_cast<std::size_t>(to + i)] += static_cast<double>(from[i]);
      }
    }
    for (std::size_t axis = x.shape.size() - (x.shape.empty() ? 0 : 1); axis-- > 0;) {
      to += strides[axis];
      if (++place[axis] < x.shape[axis]) break;
      to -= strides[axis] * x.shape[axis];
      place[axis] = 0;
    }
  }
  Tensor out = float_tensor(kept);
  const double count = static_cast<double>(x.size()) / static_cast<double>(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    out.floats()[i] = static_cast<float>(sums[i] / count);
  }
  return outputs_of(std::move(out));
}

/// Calls visit(value) for every pixel that the window at (row, column) covers.
template <typename Visit>
void for_each_pixel(const Window& window, const float* image, std::int64_t row, std::int64_t column,
                    Visit visit) {
  for (std::int64_t ky = 0; ky < window[0].kernel; ++ky) {
    const std::int64_t y = row * window[0].stride + ky * window[0].dilation - window[0].pad_begin;
    if (y < 0 || y >= window[0].input) continue;
    for (std::int64_t kx = 0; kx < window[1].kernel; ++kx) {
      const std::int64_t x =
          column * window[1].stride + kx * window[1].dilation - window[1].pad_begin;
      if (x >= 0 && x < window[1].input) visit(image[y * window[1].input + x]);
    }
  }
}

template <typename Pool>
Result<Outputs> pooled(const Arguments& arguments, Pool pool) {
  const Tensor& x = arguments[0];
  if (!arguments.node.has("kernel_shape")) {
    return node_error(arguments.node, "the attribute kernel_shape", "it is missing");
  }
  FEWBIT_ASSIGN_OR_RETURN(window, window_of(arguments.node, x.shape, {1, 1}));
  const Shape shape = {x.shape[0], x.shape[1], window[0].output, window[1].output};
  if (!is_legal(shape)) return node_error(arguments.node, "a smaller result", to_string(shape));
  Tensor out = float_tensor(shape);
  float* to = out.floats().data();
  const float* image = x.floats().data();
  for (std::int64_t i = 0; i < x.shape[0] * x.shape[1]; ++i) {
    for (std::int64_t row = 0; row < window[0].output; ++row) {
      for (std::int64_t column = 0; column < window[1].output; ++column) {
        *to++ = pool(window, image, row, column);
      }
    }
    image += x.shape[2] * x.shape[3];
  }
  return outputs_of(std::move(out));
}

Result<Outputs> max_pool(const Arguments& arguments) {
  if (arguments.node.outputs.size() > 1) {
    return node_error(arguments.node, "one output", "places of maxima are not covered");
  }
  return pooled(arguments, [](const Window& window, const float* image, std::int64_t row,
                              std::int64_t column) {
    float max = -std::numeric_limits<float>::infinity();
    for_each_pixel(window, image, row, column, [&](float value) { max = std::max(max, value); });
    return max;
  });
}

/// Places of the window along one axis that lie inside the padded image.
std::int64_t padded_extent(const WindowAxis& axis, std::int64_t place) {
  std::int64_t count = 0;
  for (std::int64_t k = 0; k < axis.kernel; ++k) {
    count += place * axis.stride + k * axis.dilation < axis.pad_begin + axis.input + axis.pad_end;
  }
  return count;
}

Result<Outputs> average_pool(const Arguments& arguments) {
  const bool count_padding = arguments.node.integer("count_include_pad", 0) != 0;
  return pooled(arguments, [=](const Window& window, const float* image, std::int64_t row,
                               std::int64_t column) {
    double sum = 0;
    std::int64_t count = 0;
    for_each_pixel(window, image, row, column, [&](float value) {
      sum += static_cast<double>(value);
      ++count;
    });
    if (count_padding) count = padded_extent(window[0], row) * padded_extent(window[1], column);
    return count == 0 ? 0.0F : static_cast<float>(sum / static_cast<double>(count));
  });
}

template <bool kMean>
Result<Outputs> global_pool(const Arguments& arguments) {
  const Tensor& x = arguments[0];
  if (x.rank() < 3) return node_error(arguments.node, "at least 3 dimensions", to_string(x.shape));
  const Split split = split_at(x.shape, 2, x.shape.size());
  Shape shape(x.shape.size(), 1);
  std::copy_n(x.shape.begin(), 2, shape.begin());
  Tensor out = float_tensor(shape);
  for (std::int64_t i = 0; i < split.outer; ++i) {
    const float* from = x.floats().data() + i * split.extent;
    double sum = 0;
    float max = -std::numeric_limits<float>::infinity();
    for (std::int64_t place = 0; place < split.extent; ++place) {
      sum += static_cast<double>(from[place]);
      max = std::max(max, from[place]);
    }
    out.floats()[static_cast<std::size_t>(i)] =
        kMean ? static_cast<float>(sum / static_cast<double>(split.extent)) : max;
  }
  return outputs_of(std::move(out));
}

}  // namespace

std::vector<KernelInfo> reducing_kernels() {
  return {
      {"AveragePool", 1, 1, 1, average_pool},
      {"BatchNormalization", 5, 5, 5, batch_normalization},
      {"GlobalAveragePool", 1, 1, 1, global_pool<true>},
      {"GlobalMaxPool", 1, 1, 1, global_pool<false>},
      {"LayerNormalization", 2, 3, 3, layer_normalization},
      {"MaxPool", 1, 1, 1, max_pool},
      {"ReduceMean", 1, 2, 1, reduce_mean},
      {"Softmax", 1, 1, 1, softmax},
  };
}

}  // namespace fewbit::quant
