// Pooling.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "fewbit/quant/kernels.h"

namespace fewbit::quant {
namespace {

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
  Shape shape = {x.shape[0], x.shape[1], window[0].output, window[1].output};
  if (!is_legal(shape)) return node_error(arguments.node, "a smaller result", to_string(shape));
  Tensor out = float_tensor(std::move(shape));
  float* to = out.floats().data();
  const float* image = x.floats().data();
  for (std::int64_t i = 0; i < x.shape[0] * x.shape[1]; ++i) {
    for (std::int64_t row = 0; row < window[0].output; ++row) {
      for (std::int64_t column = 0; column < window[1].output; ++column) {
        *to++ = pool(window, image, row, column);
      }
    }
    image += window[0].input * window[1].input;
  }
  if (x.rank() == 3) out.shape.erase(out.shape.begin() + 2);
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

std::vector<KernelInfo> pooling_kernels() {
  return {
      {"AveragePool", 1, 1, 1, average_pool, Sign::kOfFirst},
      {"GlobalAveragePool", 1, 1, 1, global_pool<true>, Sign::kOfFirst},
      {"GlobalMaxPool", 1, 1, 1, global_pool<false>, Sign::kOfFirst},
      {"MaxPool", 1, 1, 1, max_pool, Sign::kOfFirst},
  };
}

}  // namespace fewbit::quant
