// Which operands a dot product of a linear layer takes, by the layer's definition.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>

#include "fewbit/quant/linear.h"

namespace fewbit::quant {

/// Places of the left and right operands of every product in output element `place`; left is -1
/// where a convolution's window lies outside the image.
using Products = std::vector<std::pair<std::int64_t, std::int64_t>>;

inline Products convolution_products(const ConvolutionShape& shape, std::int64_t place) {
  const auto& [rows, columns] = shape.window;
  const std::int64_t column = place % columns.output;
  const std::int64_t row = place / columns.output % rows.output;
  const std::int64_t output = place / (columns.output * rows.output) % shape.outputs;
  const std::int64_t image = place / (columns.output * rows.output * shape.outputs);
  const std::int64_t depth = shape.channels / shape.groups;
  const std::int64_t group = output / (shape.outputs / shape.groups);
  Products products;
  for (std::int64_t term = 0; term < shape.terms(); ++term) {
    const std::int64_t k = term % columns.kernel;
    const std::int64_t i = term / columns.kernel % rows.kernel;
    const std::int64_t channel = group * depth + term / (columns.kernel * rows.kernel);
    const std::int64_t y = row * rows.stride + i * rows.dilation - rows.pad_begin;
    const std::int64_t x = column * columns.stride + k * columns.dilation - columns.pad_begin;
    const bool inside = y >= 0 && y < rows.input && x >= 0 && x < columns.input;
    products.emplace_back(
        inside ? ((image * shape.channels + channel) * rows.input + y) * columns.input + x : -1,
        output * shape.terms() + term);
  }
  return products;
}

inline Products matrix_products(const MatrixShape& shape, std::int64_t place) {
  const std::int64_t column = place % shape.columns;
  const std::int64_t row = place / shape.columns % shape.rows;
  const auto matrix = static_cast<std::size_t>(place / (shape.columns * shape.rows));
  const std::int64_t left = shape.left_matrices[matrix] * shape.rows * shape.terms;
  const std::int64_t right = shape.right_matrices[matrix] * shape.terms * shape.columns;
  Products products;
  for (std::int64_t term = 0; term < shape.terms; ++term) {
    products.emplace_back(
        left + (shape.left_transposed ? term * shape.rows + row : row * shape.terms + term),
        right +
            (shape.right_transposed ? column * shape.terms + term : term * shape.columns + column));
  }
  return products;
}

inline Products dot_product(const LinearCall& call, std::size_t place) {
  const auto number = static_cast<std::int64_t>(place);
  if (const auto* shape = std::get_if<ConvolutionShape>(&call.shape)) {
    return convolution_products(*shape, number);
  }
  return matrix_products(std::get<MatrixShape>(call.shape), number);
}

/// The output channel of element `place`.
inline std::size_t output_channel(const LinearCall& call, std::size_t place) {
  if (const auto* shape = std::get_if<ConvolutionShape>(&call.shape)) {
    const auto pixels = static_cast<std::size_t>(shape->window[0].output * shape->window[1].output);
    return place / pixels % static_cast<std::size_t>(shape->outputs);
  }
  return place % static_cast<std::size_t>(std::get<MatrixShape>(call.shape).columns);
}

}  // namespace fewbit::quant
