// Operators that put pixels elsewhere: Pad, Resize, and zeros between pixels.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fewbit/quant/kernels.h"
#include "fewbit/quant/transposed_convolutions.h"

namespace fewbit::quant {
namespace {

using Integers = std::vector<std::int64_t>;

Error too_large(const Node& node, const Shape& shape) {
  return node_error(node, fmt::format("a result of at most {} elements", kMostElements),
                    to_string(shape));
}

/// The element of `x` at sources[axis][index] along every axis; `fill` where one of these is -1.
template <typename T>
std::vector<T> moved(const std::vector<T>& x, const Shape& from,
                     const std::vector<Integers>& sources, T fill) {
  std::size_t count = 1;
  for (const Integers& axis : sources) count *= axis.size();
  std::vector<T> out(count, fill);
  if (count == 0) return out;
  const std::size_t axes = sources.size() - 1;
  const Integers& columns = sources[axes];
  std::vector<std::size_t> place(axes, 0);
  for (std::size_t row = 0; row < count; row += columns.size()) {
    std::int64_t begin = 0;
    for (std::size_t axis = 0; axis < axes && begin >= 0; ++axis) {
      const std::int64_t source = sources[axis][place[axis]];
      begin = source < 0 ? -1 : begin * from[axis] + source;
    }
    for (std::size_t i = 0; begin >= 0 && i < columns.size(); ++i) {
      if (columns[i] >= 0)
        out[row + i] = x[static_cast<std::size_t>(begin * from[axes] + columns[i])];
    }
    for (std::size_t axis = axes; axis-- > 0;) {
      if (++place[axis] < sources[axis].size()) break;
      place[axis] = 0;
    }
  }
  return out;
}

// --- Pad ---

/// The pixel that stands at `place`, which may lie outside 0 .. extent - 1; -1 for the fill.
std::int64_t padding_source(const std::string& mode, std::int64_t place, std::int64_t extent) {
  if (place >= 0 && place < extent) return place;
  if (mode == "constant" || extent == 0) return -1;
  if (mode == "edge") return std::clamp<std::int64_t>(place, 0, extent - 1);
  const auto wrapped = [](std::int64_t value, std::int64_t period) {
    return (value % period + period) % period;
  };
  if (mode == "wrap") return wrapped(place, extent);
  if (extent == 1) return 0;  // reflect
  const std::int64_t period = 2 * (extent - 1);
  const std::int64_t folded = wrapped(place, period);
  return std::min(folded, period - folded);
}

/// Paddings before and behind each axis, of those that `axes` names.
Result<Integers> paddings(const Arguments& arguments) {
  const std::int64_t rank = arguments[0].rank();
  FEWBIT_ASSIGN_OR_RETURN(given, integers_of(arguments, 1, "pads"));
  FEWBIT_ASSIGN_OR_RETURN(axes, integers_of(arguments, 3, ""));
  if (arguments.optional(3) == nullptr) {
    axes.resize(static_cast<std::size_t>(rank));
    std::iota(axes.begin(), axes.end(), 0);
  }
  if (given.size() != 2 * axes.size()) {
    return node_error(arguments.node, fmt::format("{} paddings", 2 * axes.size()),
                      fmt::format("there are {}", given.size()));
  }
  Integers pads(2 * static_cast<std::size_t>(rank), 0);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    FEWBIT_ASSIGN_OR_RETURN(axis, checked_axis(arguments.node, axes[i], rank));
    for (const std::int64_t pad : {given[i], given[i + axes.size()]}) {
      if (pad < -kMostElements || pad > kMostElements) {
        return node_error(arguments.node, fmt::format("paddings of at most {}", kMostElements),
                          to_string(given));
      }
    }
    pads[axis] = given[i];
    pads[axis + static_cast<std::size_t>(rank)] = given[i + axes.size()];
  }
  return pads;
}

Result<Outputs> pad(const Arguments& arguments) {
  const Tensor& x = arguments[0];
  const auto mode = arguments.node.get<std::string>("mode", "constant");
  if (mode != "constant" && mode != "edge" && mode != "reflect" && mode != "wrap") {
    return node_error(arguments.node, "mode constant, edge, reflect or wrap", mode);
  }
  if (x.rank() == 0) return node_error(arguments.node, "at least one dimension", "it is a scalar");
  FEWBIT_ASSIGN_OR_RETURN(pads, paddings(arguments));
  Shape shape = x.shape;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    shape[i] = std::max<std::int64_t>(0, shape[i] + pads[i] + pads[i + shape.size()]);
  }
  if (!is_legal(shape)) return too_large(arguments.node, shape);
  std::vector<Integers> sources(shape.size());
  for (std::size_t i = 0; i < shape.size(); ++i) {
    for (std::int64_t place = 0; place < shape[i]; ++place) {
      sources[i].push_back(padding_source(mode, place - pads[i], x.shape[i]));
    }
  }
  const Tensor* const value = arguments.optional(2);
  if (value != nullptr && (value->size() != 1 || value->is_float() != x.is_float())) {
    return node_error(arguments.node, "one element of the input's type as value",
                      to_string(value->shape));
  }
  if (x.is_float()) {
    const float fill =
        value == nullptr ? arguments.node.get<float>("value", 0.0F) : value->floats()[0];
    return outputs_of(Tensor{std::move(shape), moved(x.floats(), x.shape, sources, fill)});
  }
  const std::int64_t fill = value == nullptr ? 0 : value->integers()[0];
  return outputs_of(
      Tensor{std::move(shape), moved(x.integers(), x.shape, sources, fill), x.integer_type});
}

// --- InsertZeros ---

/// One axis of a transposed convolution.
struct SpreadAxis {
  std::int64_t input, kernel, stride, dilation, pad_begin, pad_end, output_padding;

  [[nodiscard]] std::int64_t reach() const { return (kernel - 1) * dilation; }
  /// Of the convolution's input. Padding takes from it what the kernel adds around it.
  [[nodiscard]] std::int64_t extent() const {
    return (input - 1) * stride + 1 + output_padding + 2 * reach() - pad_begin - pad_end;
  }
  /// Sets the padding so that the result has `output` places.
  void fit(std::int64_t output, bool more_behind) {
    const std::int64_t all = (input - 1) * stride + output_padding + reach() + 1 - output;
    // What is missing is missing behind the image.
    pad_begin = all < 0 ? 0 : more_behind ? all / 2 : all - all / 2;
    pad_end = all - pad_begin;
  }
};

constexpr std::int64_t kMostSpread = 1 << 16;  ///< of kernel, stride, dilation and padding

bool is_in_range(const SpreadAxis& axis) {
  const auto is_between = [](std::int64_t number, std::int64_t least) {
    return number >= least && number <= kMostSpread;
  };
  return is_between(axis.kernel, 1) && is_between(axis.stride, 1) && is_between(axis.dilation, 1) &&
         is_between(axis.pad_begin, 0) && is_between(axis.pad_end, 0) &&
         is_between(axis.output_padding, 0);
}

Result<std::vector<SpreadAxis>> spread_axes(const Node& node, const Shape& input) {
  const auto kernel = node.get<Integers>("kernel_shape", {});
  const std::size_t count = kernel.size();
  const auto strides = node.get<Integers>("strides", Integers(count, 1));
  const auto dilations = node.get<Integers>("dilations", Integers(count, 1));
  const auto pads = node.get<Integers>("pads", Integers(2 * count, 0));
  const auto more = node.get<Integers>("output_padding", Integers(count, 0));
  const auto output = node.get<Integers>("output_shape", Integers(count, 0));
  const auto rule = node.get<std::string>("auto_pad", "NOTSET");
  const bool is_same = rule == "SAME_UPPER" || rule == "SAME_LOWER";
  const Error error = node_error(
      node,
      fmt::format("kernel, stride and dilation of 1 to {0} for each axis, paddings of 0 to {0}",
                  kMostSpread),
      fmt::format("input {}, auto_pad {}", to_string(input), rule));
  if (!is_same && rule != "NOTSET" && rule != "VALID") return error;
  for (const Integers* list : {&strides, &dilations, &more, &output}) {
    if (list->size() != count) return error;
  }
  if (input.size() != count + 2 || pads.size() != 2 * count) return error;
  std::vector<SpreadAxis> axes;
  for (std::size_t i = 0; i < count; ++i) {
    SpreadAxis axis{input[i + 2], kernel[i],       strides[i], dilations[i],
                    pads[i],      pads[i + count], more[i]};
    if (!is_in_range(axis) || output[i] < 0 || output[i] > kMostElements) return error;
    if (output[i] > 0) axis.fit(output[i], rule == "SAME_UPPER");
    if (output[i] == 0 && is_same) axis.fit(axis.input * axis.stride, rule == "SAME_UPPER");
    if (axis.input < 1 || axis.extent() <= axis.reach()) return error;
    axes.push_back(axis);
  }
  return axes;
}

Result<Outputs> insert_zeros(const Arguments& arguments) {
  const Tensor& x = arguments[0];
  FEWBIT_ASSIGN_OR_RETURN(axes, spread_axes(arguments.node, x.shape));
  Shape shape = x.shape;
  for (std::size_t i = 0; i < axes.size(); ++i) shape[i + 2] = axes[i].extent();
  if (!is_legal(shape)) return too_large(arguments.node, shape);
  std::vector<Integers> sources(shape.size());
  for (std::size_t i = 0; i < shape.size(); ++i) {
    sources[i].resize(static_cast<std::size_t>(shape[i]));
    std::iota(sources[i].begin(), sources[i].end(), 0);
    if (i < 2) continue;
    const SpreadAxis& axis = axes[i - 2];
    for (std::int64_t& place : sources[i]) {
      const std::int64_t from = place - axis.reach() + axis.pad_begin;
      const bool is_pixel = from >= 0 && from % axis.stride == 0 && from / axis.stride < axis.input;
      place = is_pixel ? from / axis.stride : -1;
    }
  }
  return outputs_of(Tensor{std::move(shape), moved(x.floats(), x.shape, sources, 0.0F)});
}

// --- Resize ---

/// What one place of the result is made of along an axis: first + weight x (second - first).
struct Tap {
  std::int64_t first = 0;
  std::int64_t second = 0;
  float weight = 0;
};

struct ResizeAxis {
  std::int64_t input = 0;
  std::int64_t output = 0;
  float scale = 1;
};

/// Where the middle of output place `place` lies in the input.
float coordinate(const std::string& rule, const ResizeAxis& axis, std::int64_t place) {
  const auto x = static_cast<float>(place);
  const auto input = static_cast<float>(axis.input);
  const auto output = static_cast<float>(axis.output);
  if (rule == "asymmetric") return x / axis.scale;
  if (rule == "align_corners") {
    return axis.output == 1 ? 0.0F : x * (input - 1) / (output - 1);
  }
  if (rule == "pytorch_half_pixel" && axis.output == 1) return 0;
  const float half = (x + 0.5F) / axis.scale - 0.5F;
  if (rule != "half_pixel_symmetric") return half;
  const float adjustment = output / (axis.scale * input);
  return input / 2 * (1 - adjustment) + half;
}

float nearest(const std::string& rule, float x) {
  if (rule == "floor") return std::floor(x);
  if (rule == "ceil") return std::ceil(x);
  if (rule == "round_prefer_ceil") return std::floor(x + 0.5F);
  return std::ceil(x - 0.5F);
}

std::vector<Tap> taps_of(const Node& node, const ResizeAxis& axis) {
  const auto rule = node.get<std::string>("coordinate_transformation_mode",
                                          node.opset < 11 ? "asymmetric" : "half_pixel");
  const bool is_linear = node.get<std::string>("mode", "nearest") == "linear";
  const auto rounding =
      node.get<std::string>("nearest_mode", node.opset < 11 ? "floor" : "round_prefer_floor");
  const auto inside = [&](float place) {
    return static_cast<std::int64_t>(std::clamp(place, 0.0F, static_cast<float>(axis.input - 1)));
  };
  std::vector<Tap> taps;
  for (std::int64_t place = 0; place < axis.output; ++place) {
    const float x = coordinate(rule, axis, place);
    if (is_linear) {
      const float low = std::floor(x);
      taps.push_back({inside(low), inside(low + 1), x - low});
    } else {
      const std::int64_t source = inside(nearest(rounding, x));
      taps.push_back({source, source, 0});
    }
  }
  return taps;
}

/// Every line along `axis` anew.
Tensor resampled(const Tensor& x, std::size_t axis, const std::vector<Tap>& taps) {
  const Split split = split_at(x.shape, axis, axis + 1);
  Shape shape = x.shape;
  shape[axis] = static_cast<std::int64_t>(taps.size());
  Tensor out = float_tensor(std::move(shape));
  float* to = out.floats().data();
  for (std::int64_t outer = 0; outer < split.outer; ++outer) {
    const float* const from = x.floats().data() + outer * split.extent * split.inner;
    for (const Tap& tap : taps) {
      const float* const first = from + tap.first * split.inner;
      const float* const second = from + tap.second * split.inner;
      for (std::int64_t i = 0; i < split.inner; ++i) {
        *to++ = tap.weight == 0 ? first[i] : first[i] * (1 - tap.weight) + second[i] * tap.weight;
      }
    }
  }
  return out;
}

Status check_resize(const Node& node) {
  const auto refuse_other = [&](const std::string& attribute, const std::string& usual,
                                const std::vector<std::string>& legal) -> Status {
    const auto value = node.get<std::string>(attribute, usual);
    if (std::find(legal.begin(), legal.end(), value) != legal.end()) return Ok{};
    return node_error(node, fmt::format("{} {}", attribute, fmt::join(legal, ", ")), value);
  };
  FEWBIT_RETURN_IF_ERROR(refuse_other("mode", "nearest", {"nearest", "linear"}));
  FEWBIT_RETURN_IF_ERROR(refuse_other(
      "coordinate_transformation_mode", "half_pixel",
      {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric"}));
  FEWBIT_RETURN_IF_ERROR(
      refuse_other("nearest_mode", "round_prefer_floor",
                   {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"}));
  FEWBIT_RETURN_IF_ERROR(refuse_other("keep_aspect_ratio_policy", "stretch", {"stretch"}));
  if (node.integer("antialias", 0) == 0) return Ok{};
  return node_error(node, "antialias 0", "filters over many pixels are not covered");
}

/// From the inputs scales or sizes, of all axes or of those that `axes` names.
Result<std::vector<ResizeAxis>> resize_axes(const Arguments& arguments) {
  const Node& node = arguments.node;
  const Tensor& x = arguments[0];
  std::vector<ResizeAxis> result(x.shape.size());
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = {x.shape[i], x.shape[i], 1};
  Integers axes(x.shape.size());
  std::iota(axes.begin(), axes.end(), 0);
  axes = node.get<Integers>("axes", axes);
  const Tensor* const scales = arguments.optional(node.opset < 11 ? 1 : 2);
  const Tensor* const sizes = arguments.optional(3);
  const bool by_size = sizes != nullptr && sizes->size() > 0;
  const Tensor* const given = by_size ? sizes : scales;
  if (given == nullptr || given->size() != axes.size() || given->is_float() == by_size) {
    return node_error(node, fmt::format("scales or sizes of {} axes", axes.size()), "");
  }
  for (std::size_t i = 0; i < axes.size(); ++i) {
    FEWBIT_ASSIGN_OR_RETURN(place, checked_axis(node, axes[i], x.rank()));
    ResizeAxis& axis = result[place];
    if (by_size) {
      axis.output = sizes->integers()[i];
      axis.scale = static_cast<float>(axis.output) / static_cast<float>(axis.input);
    } else {
      axis.scale = scales->floats()[i];
      const float output = std::floor(static_cast<float>(axis.input) * axis.scale);
      const bool fits = output >= 0 && output <= static_cast<float>(kMostElements);
      axis.output = fits ? static_cast<std::int64_t>(output) : -1;
    }
    constexpr std::int64_t kMostPlaces = 1 << 20;
    if (axis.input < 1 || axis.output < 1 || axis.output > kMostPlaces) {
      return node_error(node, fmt::format("1 to {} places along every axis", kMostPlaces),
                        fmt::format("axis {} of {}", place, to_string(x.shape)));
    }
  }
  return result;
}

Result<Outputs> resize(const Arguments& arguments) {
  FEWBIT_RETURN_IF_ERROR(check_resize(arguments.node));
  FEWBIT_ASSIGN_OR_RETURN(axes, resize_axes(arguments));
  // Axis by axis: what is between is never larger than the larger of both extents of every axis.
  Shape most;
  for (const ResizeAxis& axis : axes) most.push_back(std::max(axis.input, axis.output));
  if (!is_legal(most)) return too_large(arguments.node, most);
  Tensor out = arguments.take_first();
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (axes[i].scale == 1 && axes[i].output == axes[i].input) continue;
    out = resampled(out, i, taps_of(arguments.node, axes[i]));
  }
  return outputs_of(std::move(out));
}

}  // namespace

std::vector<KernelInfo> resampling_kernels() {
  return {
      {kInsertZeros, 1, 1, 1, insert_zeros, Sign::kOfFirst, false, kOwnDomain},
      {"Pad", 1, 4, 0, pad},
      {"Resize", 1, 4, 1, resize, Sign::kOfFirst},
  };
}

}  // namespace fewbit::quant
