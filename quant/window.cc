// Windows of convolutions and pooling, from a node's attributes.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "fewbit/quant/linear.h"

namespace fewbit::quant {
namespace {

constexpr std::int64_t kMostWindow = 1 << 16;  ///< of kernel, stride, dilation and padding

/// Sets the padding of an axis on which a window reaches over `span` values, where `rule` (ONNX's
/// auto_pad) does; false where there is no such rule.
bool pad_automatically(const std::string& rule, std::int64_t span, WindowAxis& axis) {
  if (rule == "NOTSET" || rule == "VALID") return true;
  if (rule != "SAME_UPPER" && rule != "SAME_LOWER") return false;
  const std::int64_t outputs = (axis.input + axis.stride - 1) / axis.stride;
  const std::int64_t pad =
      std::max<std::int64_t>(0, (outputs - 1) * axis.stride + span - axis.input);
  axis.pad_begin = rule == "SAME_UPPER" ? pad / 2 : pad - pad / 2;
  axis.pad_end = pad - axis.pad_begin;
  return true;
}

bool is_legal(const WindowAxis& axis) {
  const auto is_between = [](std::int64_t number, std::int64_t least) {
    return number >= least && number <= kMostWindow;
  };
  return is_between(axis.kernel, 1) && is_between(axis.stride, 1) && is_between(axis.dilation, 1) &&
         is_between(axis.pad_begin, 0) && is_between(axis.pad_end, 0);
}

}  // namespace

Result<Window> window_of(const Node& node, const Shape& input, std::array<std::int64_t, 2> kernel) {
  using Integers = std::vector<std::int64_t>;
  // One dimension is one row.
  const std::size_t axes = input.size() == 3 ? 1 : 2;
  const auto kernels = node.get<Integers>(
      "kernel_shape", axes == 1 ? Integers{kernel[1]} : Integers{kernel[0], kernel[1]});
  const auto strides = node.get<Integers>("strides", Integers(axes, 1));
  const auto dilations = node.get<Integers>("dilations", Integers(axes, 1));
  const auto pads = node.get<Integers>("pads", Integers(2 * axes, 0));
  const auto auto_pad = node.get<std::string>("auto_pad", "NOTSET");
  const bool ceil = node.integer("ceil_mode", 0) != 0;
  const Error error = node_error(
      node, "one or two dimensions with kernel, stride and dilation from 1, padding from 0",
      fmt::format("input {}, auto_pad {}", to_string(input), auto_pad));
  if ((input.size() != 4 && input.size() != 3) || kernels.size() != axes ||
      strides.size() != axes || dilations.size() != axes || pads.size() != 2 * axes) {
    return error;
  }
  Window window;
  if (axes == 1) window[0] = {1, 1, 1, 1, 0, 0, 1};
  for (std::size_t i = 0; i < axes; ++i) {
    WindowAxis& axis = window[2 - axes + i];
    axis = {input[i + 2], kernels[i], strides[i], dilations[i], pads[i], pads[i + axes], 0};
    if (!is_legal(axis)) return error;
    const std::int64_t span = (axis.kernel - 1) * axis.dilation + 1;
    if (!pad_automatically(auto_pad, span, axis)) return error;
    const std::int64_t room = axis.input + axis.pad_begin + axis.pad_end - span;
    if (room < 0) return error;
    axis.output = (room + (ceil ? axis.stride - 1 : 0)) / axis.stride + 1;
    // A window that would begin behind the image does not count.
    if (ceil && (axis.output - 1) * axis.stride >= axis.input + axis.pad_begin) --axis.output;
  }
  return window;
}

}  // namespace fewbit::quant
