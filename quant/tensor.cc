// Shapes and tensors.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/tensor.h"

#include <fmt/ranges.h>

namespace fewbit::quant {

std::size_t element_count(const Shape& shape) {
  std::size_t count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
  return count;
}

bool is_legal(const Shape& shape, std::int64_t most) {
  std::int64_t count = 1;
  bool empty = false;
  for (const std::int64_t extent : shape) {
    if (extent < 0) return false;
    if (extent == 0) {
      empty = true;
    } else if (count > most / extent) {
      return false;
    } else {
      count *= extent;
    }
  }
  return empty || count <= most;
}

std::string to_string(const Shape& shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

Tensor float_tensor(Shape shape) {
  const std::size_t count = element_count(shape);
  return {std::move(shape), std::vector<float>(count)};
}

Tensor float_tensor(Shape shape, std::vector<float> values) {
  FEWBIT_CHECK(values.size() == element_count(shape), "{} values for {}", values.size(),
               to_string(shape));
  return {std::move(shape), std::move(values)};
}

Tensor integer_tensor(Shape shape, std::vector<std::int64_t> values) {
  FEWBIT_CHECK(values.size() == element_count(shape), "{} values for {}", values.size(),
               to_string(shape));
  return {std::move(shape), std::move(values)};
}

Tensor slice_batch(const Tensor& tensor, std::size_t first, std::size_t count) {
  Shape shape = tensor.shape;
  const std::size_t size = tensor.size() / static_cast<std::size_t>(shape[0]);
  shape[0] = static_cast<std::int64_t>(count);
  const float* begin = tensor.floats().data() + first * size;
  return float_tensor(std::move(shape), std::vector<float>(begin, begin + count * size));
}

}  // namespace fewbit::quant
