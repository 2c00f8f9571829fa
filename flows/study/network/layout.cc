// Layouts: see layout.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/network/layout.h"

#include <fmt/format.h>

#include <algorithm>

namespace fewbit::study {

using quant::LoweredNode;
using quant::Window;
using quant::WindowAxis;

namespace {

constexpr std::size_t kLongestStem = 40;

Layout layout_of_window(const Window& window, std::int64_t channels) {
  return {static_cast<int>(channels), static_cast<int>(window[0].output),
          static_cast<int>(window[1].output)};
}

std::int64_t extent_of(const WindowAxis& axis) { return (axis.kernel - 1) * axis.dilation + 1; }

}  // namespace

const Window* window_of(const quant::LoweredOp& op) {
  if (const auto* sums = std::get_if<quant::LinearSums>(&op)) {
    const auto* convolution = std::get_if<quant::ConvolutionShape>(&sums->shape);
    return convolution == nullptr ? nullptr : &convolution->window;
  }
  if (const auto* sums = std::get_if<quant::WindowSums>(&op)) return &sums->window;
  if (const auto* pool = std::get_if<quant::MaxPooling>(&op)) return &pool->window;
  return nullptr;
}

bool covers_image(const Window& window) {
  return std::all_of(window.begin(), window.end(), [](const WindowAxis& axis) {
    return axis.output == 1 && axis.kernel == axis.input && axis.pad_begin == 0 &&
           (axis.dilation == 1 || axis.kernel == 1);
  });
}

bool is_pixelwise(const Window& window) {
  return std::all_of(window.begin(), window.end(), [](const WindowAxis& axis) {
    return axis.kernel == 1 && axis.stride == 1 && axis.output == axis.input;
  });
}

Result<std::vector<Layout>> layouts_of(const quant::LoweredNetwork& network) {
  std::vector<Layout> layouts;
  for (const LoweredNode& node : network.nodes) {
    if (std::holds_alternative<quant::ImageInput>(node.op)) {
      const quant::Shape& shape = node.shape;
      if (shape.size() != 1 && shape.size() != 3) {
        return Error{"NETWORK", quant::to_string(shape),
                     "images of channels, rows and columns, or without rows and columns",
                     "shape of an image"};
      }
      const auto extent = [&](std::size_t k) {
        return k < shape.size() ? static_cast<int>(shape[k]) : 1;
      };
      layouts.push_back({extent(0), extent(1), extent(2)});
      continue;
    }
    const Layout from = layouts[node.inputs[0]];
    if (const Window* window = window_of(node.op)) {
      const auto* sums = std::get_if<quant::LinearSums>(&node.op);
      layouts.push_back(
          layout_of_window(*window, sums == nullptr ? from.channels : sums->channels()));
    } else if (const auto* sums = std::get_if<quant::LinearSums>(&node.op)) {
      layouts.push_back({static_cast<int>(sums->channels()), 1, 1});
    } else {
      layouts.push_back(from);
    }
    for (const std::size_t input : node.inputs) {
      if (layouts[input] == from) continue;
      return Error{"NETWORK", node.name, "operands whose numbers come in one order",
                   "one operand was flattened, the other was not"};
    }
  }
  return layouts;
}

Result<WindowRequest> window_request(const std::string& node, const Window& window,
                                     const Layout& image) {
  const auto& [y, x] = window;
  if (y.kernel != x.kernel || y.stride != x.stride || (y.dilation != x.dilation && y.kernel > 1)) {
    return Error{
        "NETWORK", node, "square windows with one stride and dilation",
        fmt::format("{} x {} pixels, strides {} and {}", y.kernel, x.kernel, y.stride, x.stride)};
  }
  const auto behind = [](const WindowAxis& axis) {
    return std::max<std::int64_t>(
        0, (axis.output - 1) * axis.stride + extent_of(axis) - axis.input - axis.pad_begin);
  };
  WindowRequest request;
  request.height = image.height;
  request.width = image.width;
  request.channels = image.channels;
  request.kernel = y.kernel;
  request.stride = y.stride;
  request.dilation = y.dilation;
  request.pad_top = y.pad_begin;
  request.pad_left = x.pad_begin;
  request.pad_bottom = behind(y);
  request.pad_right = behind(x);
  return request;
}

int element_of(const Layout& layout, int place) {
  return place % layout.channels * layout.pixels() + place / layout.channels;
}

std::vector<int> pixels_needed(const LoweredNode& node, const Layout& from, const Layout& to) {
  std::vector<int> needed(static_cast<std::size_t>(to.pixels()));
  const Window* window = window_of(node.op);
  const bool is_matrix = window == nullptr && std::holds_alternative<quant::LinearSums>(node.op);
  for (int place = 0; place < to.pixels(); ++place) {
    int& own = needed[static_cast<std::size_t>(place)];
    own = place + 1;
    if (is_matrix || (window != nullptr && covers_image(*window))) own = from.pixels();
    if (window == nullptr || covers_image(*window) || is_pixelwise(*window)) continue;
    const WindowAxis& y = (*window)[0];
    const auto row = static_cast<std::int64_t>(place / to.width);
    const std::int64_t first = row * y.stride - y.pad_begin;
    const bool is_last = row + 1 == to.height;
    const std::int64_t rows = std::max(first + extent_of(y), is_last ? y.input : first + y.stride);
    own = static_cast<int>(std::clamp<std::int64_t>(rows, 0, y.input)) * from.width;
  }
  return needed;
}

std::string legal_stem(const std::string& name) {
  std::string stem;
  for (const char c : name) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    const bool is_plain = is_upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (is_plain) {
      stem += is_upper ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!stem.empty() && stem.back() != '_') {
      stem += '_';
    }
    if (stem.size() >= kLongestStem) break;
  }
  while (!stem.empty() && stem.back() == '_') stem.pop_back();
  if (stem.empty()) return "layer";
  return stem.front() >= '0' && stem.front() <= '9' ? "n" + stem : stem;
}

}  // namespace fewbit::study
