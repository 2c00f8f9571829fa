// Block formats: numbers that share a scale with their neighbours (OCP MX, NVFP4).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fewbit/quant/linear.h"
#include "fewbit/quant/number_grid.h"

namespace fewbit::quant {

/// How the elements of a block are scaled.
enum class BlockScale {
  kMx,     ///< 32 elements, a power of two (e8m0) by `mxquant`'s rule `floor`
  kNvfp4,  ///< 16 elements, ue4m3 nearest to the block's largest magnitude over the element's, and
           ///< one more scale for the whole tensor that brings its largest to 448 x the element's
};

/// Format of an operand: numbers, in blocks or with scales for whole tensors or channels.
struct OperandFormat {
  Format element;
  std::optional<BlockScale> blocks;

  /// "e2m1", "mxfp4"
  [[nodiscard]] std::string name() const;
  /// Bits of `count` numbers in blocks along one axis of `axis` elements; scales of blocks count,
  /// those of tensors and channels do not.
  [[nodiscard]] std::int64_t bits_of(std::int64_t count, std::int64_t axis) const;
};

/// Elements that share a scale; the last block of an axis may have fewer.
std::size_t block_size(BlockScale scale);

/// mxfp4, mxfp6_e3m2, mxfp6_e2m3, mxfp8_e4m3, mxfp8_e5m2, mxint8, mxint6, mxint4, nvfp4, nvint4.
const std::vector<OperandFormat>& block_formats();

/// One of block_formats() or a format by parse_format. Errors name `field`, and formats that
/// NumberGrid refuses.
Result<OperandFormat> parse_operand_format(const std::string& field, const std::string& text);

/// An Error that names `field` where activations cannot have the format: without a zero there is
/// nothing for a ReLU to give or for the border of an image.
Status check_activations(const std::string& field, const OperandFormat& format);

/// A tensor as [outer, axis, inner], blocks along the axis.
struct BlockLayout {
  std::size_t outer = 1;
  std::size_t axis = 1;
  std::size_t inner = 1;
};

/// Blocks along the sum of products: of a convolution the input channels of one group at one place
/// of the window, of a matrix product the axis that is summed.
BlockLayout left_layout(const LinearCall& call);
BlockLayout right_layout(const LinearCall& call);

/// Writes the numbers nearest to `x`, in units of the element format's least step times
/// `tensor_scale`, the scale of the block included: exact doubles. A block of zeros gives zeros.
/// `tensor_scale` is 1 for kMx. `grid` is that of the elements.
void round_in_blocks(BlockScale scale, const NumberGrid& grid, const BlockLayout& layout,
                     const std::vector<float>& x, double tensor_scale, std::vector<double>& units);

/// What an element's least step stands for, by the scale of its block, in units of that step times
/// `tensor_scale`; 0 in a block of zeros. round_in_blocks rounds by these.
std::vector<double> block_units(BlockScale scale, const NumberGrid& grid, const BlockLayout& layout,
                                const std::vector<float>& x, double tensor_scale);

/// The scale of a tensor whose largest magnitude is this. `grid` is that of the elements.
double tensor_scale(BlockScale scale, const NumberGrid& grid, double absolute_maximum);

}  // namespace fewbit::quant
