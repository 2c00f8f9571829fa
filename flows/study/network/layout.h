// Layouts: how the tensors of a lowered network travel, pixel by pixel, of each its channels.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/gen/spec/window_spec.h"
#include "fewbit/quant/hardware/lowered_network.h"

namespace fewbit::study {

/// A tensor of one image as a stream. Tensors without rows and columns are one pixel.
struct Layout {
  int channels = 1, height = 1, width = 1;
  [[nodiscard]] int pixels() const { return height * width; }
  [[nodiscard]] int values() const { return channels * pixels(); }
  bool operator==(const Layout&) const = default;
};

/// Of each node: nodes that keep the order of their operand's numbers keep its layout, whatever
/// their shape (Flatten). Errors: images of other ranks than 1 and 3.
Result<std::vector<Layout>> layouts_of(const quant::LoweredNetwork& network);

/// The window that a node slides over its operand; null where it has none.
const quant::Window* window_of(const quant::LoweredOp& op);

/// One window that is the whole image.
bool covers_image(const quant::Window& window);
/// Windows that are the pixels themselves.
bool is_pixelwise(const quant::Window& window);

/// The same as a request for a block, format and lanes apart. Errors: windows that are not square,
/// or move by other steps down than across.
Result<WindowRequest> window_request(const std::string& node, const quant::Window& window,
                                     const Layout& image);

/// Element of a network's tensor (channel, row, column) that value `place` of its stream is.
int element_of(const Layout& layout, int place);

/// For each pixel that a node sends, in order: how many pixels of its operand it needs before it
/// can. A block `window` waits for whole rows.
std::vector<int> pixels_needed(const quant::LoweredNode& node, const Layout& from,
                               const Layout& to);

/// A stem for names of modules, "conv1", from any name: a to z, 0 to 9 and single underscores.
std::string legal_stem(const std::string& name);

}  // namespace fewbit::study
