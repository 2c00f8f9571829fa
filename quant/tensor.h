// Tensor: a shape and its elements, row-major, binary32 or integers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "fewbit/gen/util/check.h"

namespace fewbit::quant {

using Shape = std::vector<std::int64_t>;

/// A tensor of a network, read or computed, has at most this many elements (512 MiB of binary32): a
/// file of some bytes can ask for any number.
inline constexpr std::int64_t kMostElements = std::int64_t{1} << 27;
/// All images of a file together; their bytes are there (1 GiB of binary32).
inline constexpr std::int64_t kMostFileElements = std::int64_t{1} << 28;
/// Tensors that one run of a network holds at a time, constants apart, and the constants that it
/// computes.
inline constexpr std::size_t kMostHeldBytes = std::size_t{1} << 30;
/// All constants that a network's file and its external data hold.
inline constexpr std::size_t kMostConstantBytes = std::size_t{1} << 31;
inline constexpr std::size_t kMostDimensions = 32;

/// Product of the extents; 1 for a scalar. Meant for legal shapes.
std::size_t element_count(const Shape& shape);
/// No extent is negative, and there are at most `most` elements.
bool is_legal(const Shape& shape, std::int64_t most = kMostElements);
/// "[2, 3, 4]"
std::string to_string(const Shape& shape);

/// Types that a quantized number is clamped to; all others are kInt64.
enum class IntegerType { kInt64, kInt8, kUint8 };

/// All integer and Boolean types of ONNX are held in 64 bits.
struct Tensor {
  Shape shape;
  std::variant<std::vector<float>, std::vector<std::int64_t>> data;
  IntegerType integer_type = IntegerType::kInt64;

  [[nodiscard]] bool is_float() const { return std::holds_alternative<std::vector<float>>(data); }
  [[nodiscard]] const std::vector<float>& floats() const { return std::get<0>(data); }
  [[nodiscard]] std::vector<float>& floats() { return std::get<0>(data); }
  [[nodiscard]] const std::vector<std::int64_t>& integers() const { return std::get<1>(data); }
  [[nodiscard]] std::vector<std::int64_t>& integers() { return std::get<1>(data); }
  [[nodiscard]] std::size_t size() const { return element_count(shape); }
  [[nodiscard]] std::size_t bytes() const { return size() * (is_float() ? 4 : 8); }
  [[nodiscard]] std::int64_t rank() const { return static_cast<std::int64_t>(shape.size()); }
};

Tensor float_tensor(Shape shape);  ///< of zeros
Tensor float_tensor(Shape shape, std::vector<float> values);
Tensor integer_tensor(Shape shape, std::vector<std::int64_t> values);

/// The images first .. first + count - 1 along the first axis. `tensor` holds floats.
Tensor slice_batch(const Tensor& tensor, std::size_t first, std::size_t count);

}  // namespace fewbit::quant
