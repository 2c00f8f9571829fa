// Block formats: see blocks.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/blocks.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace fewbit::quant {
namespace {

constexpr int kMostMxExponent = 127;  ///< of e8m0, both ways
constexpr double kNvfp4ScaleMaximum = 448;
constexpr int kScaleBits = 8;

const NumberGrid& ue4m3_grid() {
  static const NumberGrid kGrid = NumberGrid::make(parse_format("ue4m3").value()).value();
  return kGrid;
}

struct NamedBlock {
  const char* name;
  const char* element;
  BlockScale scale;
};
constexpr NamedBlock kNamed[] = {
    {"mxfp4", "e2m1", BlockScale::kMx},      {"mxfp6_e3m2", "e3m2", BlockScale::kMx},
    {"mxfp6_e2m3", "e2m3", BlockScale::kMx}, {"mxfp8_e4m3", "e4m3fn", BlockScale::kMx},
    {"mxfp8_e5m2", "e5m2", BlockScale::kMx}, {"mxint8", "mxint8", BlockScale::kMx},
    {"mxint6", "int6", BlockScale::kMx},     {"mxint4", "int4", BlockScale::kMx},
    {"nvfp4", "e2m1", BlockScale::kNvfp4},   {"nvint4", "int4", BlockScale::kNvfp4},
};

double greatest_element(const NumberGrid& grid) {
  return std::ldexp(grid.max(), grid.unit_exponent());
}

/// What one unit of a block's elements stands for, in units of the tensor.
double block_unit(BlockScale scale, const NumberGrid& grid, double maximum, double tensor) {
  if (scale == BlockScale::kMx) {
    const int element_exponent = std::ilogb(grid.max()) + grid.unit_exponent();
    const int exponent =
        std::clamp(std::ilogb(maximum) - element_exponent, -kMostMxExponent, kMostMxExponent);
    return std::ldexp(1.0, exponent);
  }
  const NumberGrid& scales = ue4m3_grid();
  const double unit = std::ldexp(1.0, scales.unit_exponent());
  return scales.nearest(maximum / (greatest_element(grid) * tensor) / unit) * unit;
}

}  // namespace

std::size_t block_size(BlockScale scale) { return scale == BlockScale::kMx ? 32 : 16; }

const std::vector<OperandFormat>& block_formats() {
  static const std::vector<OperandFormat> kAll = [] {
    std::vector<OperandFormat> all;
    for (const NamedBlock& named : kNamed) {
      all.push_back({parse_format(named.element).value(), named.scale});
    }
    return all;
  }();
  return kAll;
}

std::string OperandFormat::name() const {
  if (blocks) {
    for (const NamedBlock& named : kNamed) {
      if (named.scale == *blocks && parse_format(named.element).value() == element) {
        return named.name;
      }
    }
  }
  return element.name();
}

std::int64_t OperandFormat::bits_of(std::int64_t count, std::int64_t axis) const {
  std::int64_t bits = count * element.bits();
  if (blocks && axis > 0) {
    const auto size = static_cast<std::int64_t>(block_size(*blocks));
    bits += count / axis * ((axis + size - 1) / size) * kScaleBits;
  }
  return bits;
}

Result<OperandFormat> parse_operand_format(const std::string& field, const std::string& text) {
  std::vector<std::string> names;
  for (const NamedBlock& named : kNamed) {
    if (text == named.name) {
      return OperandFormat{parse_format(named.element).value(), named.scale};
    }
    names.emplace_back(named.name);
  }
  const auto named_by_field = [&](Error error) {
    error.detail =
        fmt::format("{}{}{}", error.field, error.detail.empty() ? "" : ": ", error.detail);
    error.field = field;
    error.legal += fmt::format("; or in blocks {}", fmt::join(names, ", "));
    return error;
  };
  const Result<Format> format = parse_format(text);
  if (!format.ok()) return named_by_field(format.error());
  const Result<NumberGrid> grid = NumberGrid::make(*format);
  if (!grid.ok()) return named_by_field(grid.error());
  return OperandFormat{*format, {}};
}

Status check_activations(const std::string& field, const OperandFormat& format) {
  if (format.element.has_zero()) return Ok{};
  return Error{field, format.name(), "a format with a zero",
               "it has no zero, which borders and ReLU need"};
}

BlockLayout left_layout(const LinearCall& call) {
  if (const auto* shape = std::get_if<ConvolutionShape>(&call.shape)) {
    return {static_cast<std::size_t>(shape->batch * shape->groups),
            static_cast<std::size_t>(shape->channels / shape->groups),
            static_cast<std::size_t>(shape->window[0].input * shape->window[1].input)};
  }
  const auto& shape = std::get<MatrixShape>(call.shape);
  const auto rows = static_cast<std::size_t>(shape.rows);
  const auto terms = static_cast<std::size_t>(shape.terms);
  const std::size_t matrices = call.left->size() / (rows * terms);
  if (shape.left_transposed) return {matrices, terms, rows};
  return {matrices * rows, terms, 1};
}

BlockLayout right_layout(const LinearCall& call) {
  if (const auto* shape = std::get_if<ConvolutionShape>(&call.shape)) {
    return {static_cast<std::size_t>(shape->outputs),
            static_cast<std::size_t>(shape->channels / shape->groups),
            static_cast<std::size_t>(shape->window[0].kernel * shape->window[1].kernel)};
  }
  const auto& shape = std::get<MatrixShape>(call.shape);
  const auto columns = static_cast<std::size_t>(shape.columns);
  const auto terms = static_cast<std::size_t>(shape.terms);
  const std::size_t matrices = call.right->size() / (columns * terms);
  if (shape.right_transposed) return {matrices * columns, terms, 1};
  return {matrices, terms, columns};
}

namespace {

/// Calls visit(place of the first element, elements) for each block; elements of one are
/// layout.inner places apart.
template <typename Visit>
void for_each_block(const BlockLayout& layout, std::size_t most, Visit visit) {
  for (std::size_t outer = 0; outer < layout.outer; ++outer) {
    for (std::size_t first = 0; first < layout.axis; first += most) {
      const std::size_t size = std::min(most, layout.axis - first);
      for (std::size_t inner = 0; inner < layout.inner; ++inner) {
        visit((outer * layout.axis + first) * layout.inner + inner, size);
      }
    }
  }
}

}  // namespace

std::vector<double> block_units(BlockScale scale, const NumberGrid& grid, const BlockLayout& layout,
                                const std::vector<float>& x, double tensor_scale) {
  std::vector<double> units(x.size(), 0.0);
  for_each_block(layout, block_size(scale), [&](std::size_t start, std::size_t size) {
    float maximum = 0;
    for (std::size_t i = 0; i < size; ++i) {
      maximum = std::max(maximum, std::abs(x[start + i * layout.inner]));
    }
    if (maximum == 0) return;
    const double unit = block_unit(scale, grid, static_cast<double>(maximum), tensor_scale);
    for (std::size_t i = 0; i < size; ++i) units[start + i * layout.inner] = unit;
  });
  return units;
}

void round_in_blocks(BlockScale scale, const NumberGrid& grid, const BlockLayout& layout,
                     const std::vector<float>& x, double tensor_scale, std::vector<double>& units) {
  units = block_units(scale, grid, layout, x, tensor_scale);
  const double element_unit = std::ldexp(1.0, grid.unit_exponent());
  std::vector<float> block(block_size(scale));
  std::vector<double> rounded(block.size());
  for_each_block(layout, block.size(), [&](std::size_t start, std::size_t size) {
    const double unit = units[start];
    if (unit == 0) return;  // zeros, or so small that the scale is 0
    for (std::size_t i = 0; i < size; ++i) block[i] = x[start + i * layout.inner];
    grid.round(block.data(), size, 1 / (unit * tensor_scale * element_unit), rounded.data());
    for (std::size_t i = 0; i < size; ++i) units[start + i * layout.inner] = rounded[i] * unit;
  });
}

double tensor_scale(BlockScale scale, const NumberGrid& grid, double absolute_maximum) {
  if (scale == BlockScale::kMx || absolute_maximum == 0) return 1;
  return absolute_maximum / (kNvfp4ScaleMaximum * greatest_element(grid));
}

}  // namespace fewbit::quant
