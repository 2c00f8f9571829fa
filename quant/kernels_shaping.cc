// Operators that move elements, or make shapes.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "fewbit/quant/half_floats.h"
#include "fewbit/quant/kernels.h"
#include "fewbit/quant/onnx_reader.h"

namespace fewbit::quant {
namespace {

using Integers = std::vector<std::int64_t>;

/// The same elements under another shape.
Outputs reshaped(const Arguments& arguments, Shape shape) {
  Tensor out = arguments.take_first();
  out.shape = std::move(shape);
  return outputs_of(std::move(out));
}

Integers strides_of(const Shape& shape) {
  Integers strides(shape.size());
  std::int64_t stride = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    strides[i] = stride;
    stride *= shape[i];
  }
  return strides;
}

Result<Outputs> reshape(const Arguments& arguments) {
  const Tensor& x = arguments[0];
  FEWBIT_ASSIGN_OR_RETURN(shape, integers_of(arguments, 1, "shape"));
  const Error error = node_error(
      arguments.node, fmt::format("a shape of {} elements, at most one extent -1", x.size()),
      fmt::format("the input is {}, the shape {}", to_string(x.shape), to_string(shape)));
  std::optional<std::size_t> open;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && arguments.node.integer("allowzero", 0) == 0) {
      if (i >= x.shape.size()) return error;
      shape[i] = x.shape[i];
    } else if (shape[i] == -1 && !open) {
      open = i;
      shape[i] = 1;
    }
  }
  if (!is_legal(shape)) return error;
  if (open) {
    const std::size_t known = element_count(shape);
    if (known == 0 || x.size() % known != 0) return error;
    shape[*open] = static_cast<std::int64_t>(x.size() / known);
  }
  if (element_count(shape) != x.size()) return error;
  return reshaped(arguments, std::move(shape));
}

Result<Outputs> transpose(const Arguments& arguments) {
  const Tensor& x = arguments[0];
  Integers order(x.shape.size());
  std::iota(order.rbegin(), order.rend(), 0);
  order = arguments.node.get<Integers>("perm", order);
  Integers sorted = order;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (sorted.size() != x.shape.size() || sorted[i] != static_cast<std::int64_t>(i)) {
      return node_error(arguments.node, "perm with every axis once", to_string(order));
    }
  }
  const Integers strides = strides_of(x.shape);
  Shape shape;
  Integers moved;
  for (const std::int64_t axis : order) {
    shape.push_back(x.shape[static_cast<std::size_t>(axis)]);
    moved.push_back(strides[static_cast<std::size_t>(axis)]);
  }
  return outputs_of(view_of(x, shape, 0, moved));
}

Result<Outputs> expand(const Arguments& arguments) {
  const Tensor& x = arguments[0];
  FEWBIT_ASSIGN_OR_RETURN(wanted, integers_of(arguments, 1, ""));
  FEWBIT_ASSIGN_OR_RETURN(shape, broadcast_shape(arguments.node, x.shape, wanted));
  return outputs_of(view_of(x, shape, 0, broadcast_strides(x.shape, shape)));
}

Result<Outputs> slice(const Arguments& arguments) {
  const Tensor& x = arguments[0];
  FEWBIT_ASSIGN_OR_RETURN(starts, integers_of(arguments, 1, "starts"));
  FEWBIT_ASSIGN_OR_RETURN(ends, integers_of(arguments, 2, "ends"));
  FEWBIT_ASSIGN_OR_RETURN(axes, integers_of(arguments, 3, "axes"));
  FEWBIT_ASSIGN_OR_RETURN(steps, integers_of(arguments, 4, "steps"));
  if (axes.empty()) {
    axes.resize(starts.size());
    std::iota(axes.begin(), axes.end(), 0);
  }
  if (steps.empty()) steps.assign(starts.size(), 1);
  if (ends.size() != starts.size() || axes.size() != starts.size() ||
      steps.size() != starts.size()) {
    return node_error(arguments.node, "as many ends, axes and steps as starts", "");
  }
  Shape shape = x.shape;
  Integers strides = strides_of(x.shape);
  std::vector<bool> sliced(x.shape.size(), false);
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    FEWBIT_ASSIGN_OR_RETURN(axis, checked_axis(arguments.node, axes[i], x.rank()));
    if (sliced[axis]) return node_error(arguments.node, "every axis once", to_string(axes));
    sliced[axis] = true;
    const std::int64_t extent = x.shape[axis];
    const std::int64_t step = steps[i];
    if (step == 0 || step < -kMostElements || step > kMostElements) {
      return node_error(arguments.node, "steps other than 0", fmt::format("{}", step));
    }
    const auto limited = [&](std::int64_t place) {
      const std::int64_t least = step > 0 ? 0 : -1;
      const std::int64_t from_front = place < 0 ? place + extent : place;
      return std::clamp(from_front, least, step > 0 ? extent : extent - 1);
    };
    const std::int64_t first = std::max<std::int64_t>(0, limited(starts[i]));
    const std::int64_t end = ends[i] < -extent ? (step > 0 ? 0 : -1) : limited(ends[i]);
    const std::int64_t span = step > 0 ? end - first : first - end;
    const std::int64_t pace = step > 0 ? step : -step;
    shape[axis] = std::max<std::int64_t>(0, (span + pace - 1) / pace);
    if (extent == 0) shape[axis] = 0;
    begin += first * strides[axis];
    strides[axis] *= step;
  }
  return outputs_of(view_of(x, shape, begin, strides));
}

Result<Outputs> gather(const Arguments& arguments) {
  const Tensor& x = arguments[0];
  FEWBIT_ASSIGN_OR_RETURN(
      axis, checked_axis(arguments.node, arguments.node.integer("axis", 0), x.rank()));
  FEWBIT_ASSIGN_OR_RETURN(indices, integers_of(arguments, 1, ""));
  const std::int64_t extent = x.shape[axis];
  for (std::int64_t& index : indices) {
    if (index < -extent || index >= extent) {
      return node_error(arguments.node, fmt::format("indices of {} to {}", -extent, extent - 1),
                        fmt::format("one is {}", index));
    }
    if (index < 0) index += extent;
  }
  Shape shape(x.shape.begin(), x.shape.begin() + static_cast<std::ptrdiff_t>(axis));
  shape.insert(shape.end(), arguments[1].shape.begin(), arguments[1].shape.end());
  shape.insert(shape.end(), x.shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, x.shape.end());
  if (!is_legal(shape)) return node_error(arguments.node, "a smaller result", to_string(shape));
  const std::int64_t inner = strides_of(x.shape)[axis];
  const std::int64_t outer =
      element_count(shape) == 0 ? 0 : static_cast<std::int64_t>(x.size()) / (extent * inner);
  return std::visit(
      [&](const auto& values) {
        std::decay_t<decltype(values)> out(element_count(shape));
        auto to = out.begin();
        for (std::int64_t block = 0; block < outer; ++block) {
          for (const std::int64_t index : indices) {
            to = std::copy_n(values.begin() + (block * extent + index) * inner, inner, to);
          }
        }
        return outputs_of(Tensor{std::move(shape), std::move(out), x.integer_type});
      },
      x.data);
}

Result<Outputs> concat(const Arguments& arguments) {
  const Tensor& first = arguments[0];
  FEWBIT_ASSIGN_OR_RETURN(
      axis, checked_axis(arguments.node, arguments.node.integer("axis", 0), first.rank()));
  Shape shape = first.shape;
  shape[axis] = 0;
  for (const Tensor* part : arguments.inputs) {
    if (part == nullptr) return node_error(arguments.node, "every input", "one is absent");
    Shape other = part->shape;
    if (part->rank() == first.rank()) other[axis] = first.shape[axis];
    if (other != first.shape || part->is_float() != first.is_float()) {
      return node_error(arguments.node, "inputs alike but for the axis",
                        fmt::format("{} and {}", to_string(first.shape), to_string(part->shape)));
    }
    shape[axis] += part->shape[axis];
  }
  if (!is_legal(shape)) return node_error(arguments.node, "a smaller result", to_string(shape));
  std::int64_t outer = 1;
  for (std::size_t i = 0; i < axis; ++i) outer *= shape[i];
  Tensor out = first;
  std::visit(
      [&](auto& values) {
        values.clear();
        values.reserve(element_count(shape));
        for (std::int64_t block = 0; block < outer; ++block) {
          for (const Tensor* part : arguments.inputs) {
            const auto& from = std::get<std::decay_t<decltype(values)>>(part->data);
            const auto size = static_cast<std::int64_t>(from.size()) / outer;
            values.insert(values.end(), from.begin() + block * size,
                          from.begin() + (block + 1) * size);
          }
        }
      },
      out.data);
  out.shape = std::move(shape);
  return outputs_of(std::move(out));
}

Result<Outputs> split(const Arguments& arguments) {
  const Tensor& x = arguments[0];
  FEWBIT_ASSIGN_OR_RETURN(
      axis, checked_axis(arguments.node, arguments.node.integer("axis", 0), x.rank()));
  FEWBIT_ASSIGN_OR_RETURN(parts, integers_of(arguments, 1, "split"));
  const std::int64_t extent = x.shape[axis];
  if (parts.empty()) {  // equal parts, the last one smaller where it does not come out even
    const auto count =
        static_cast<std::int64_t>(std::max<std::size_t>(1, arguments.node.outputs.size()));
    const std::int64_t part = (extent + count - 1) / count;
    for (std::int64_t i = 0; i < count; ++i) {
      parts.push_back(std::clamp<std::int64_t>(extent - i * part, 0, part));
    }
  }
  std::int64_t sum = 0;
  for (const std::int64_t part : parts) {
    if (part < 0 || part > extent) sum = kMostElements;
    sum += part;
  }
  if (sum != extent) {
    return node_error(arguments.node, fmt::format("parts of {} together", extent),
                      to_string(parts));
  }
  Outputs outputs;
  std::int64_t begin = 0;
  const Integers strides = strides_of(x.shape);
  for (const std::int64_t part : parts) {
    Shape shape = x.shape;
    shape[axis] = part;
    outputs.push_back(view_of(x, shape, begin * strides[axis], strides));
    begin += part;
  }
  return outputs;
}

Result<Outputs> flatten(const Arguments& arguments) {
  const Tensor& x = arguments[0];
  FEWBIT_ASSIGN_OR_RETURN(
      axis, checked_axis(arguments.node, arguments.node.integer("axis", 1), x.rank(), true));
  Shape shape = {1, 1};
  for (std::size_t i = 0; i < x.shape.size(); ++i) shape[i < axis ? 0 : 1] *= x.shape[i];
  return reshaped(arguments, std::move(shape));
}

Result<Outputs> squeeze(const Arguments& arguments) {
  const Tensor& x = arguments[0];
  FEWBIT_ASSIGN_OR_RETURN(axes, integers_of(arguments, 1, "axes"));
  std::vector<bool> dropped(x.shape.size(), false);
  for (std::size_t i = 0; i < dropped.size(); ++i) dropped[i] = axes.empty() && x.shape[i] == 1;
  for (const std::int64_t axis : axes) {
    FEWBIT_ASSIGN_OR_RETURN(place, checked_axis(arguments.node, axis, x.rank()));
    if (x.shape[place] != 1) {
      return node_error(arguments.node, "axes of extent 1", to_string(x.shape));
    }
    dropped[place] = true;
  }
  Shape shape;
  for (std::size_t i = 0; i < dropped.size(); ++i) {
    if (!dropped[i]) shape.push_back(x.shape[i]);
  }
  return reshaped(arguments, std::move(shape));
}

Result<Outputs> unsqueeze(const Arguments& arguments) {
  const Tensor& x = arguments[0];
  FEWBIT_ASSIGN_OR_RETURN(axes, integers_of(arguments, 1, "axes"));
  const std::int64_t rank = x.rank() + static_cast<std::int64_t>(axes.size());
  std::vector<bool> added(static_cast<std::size_t>(rank), false);
  for (const std::int64_t axis : axes) {
    FEWBIT_ASSIGN_OR_RETURN(place, checked_axis(arguments.node, axis, rank));
    if (added[place]) return node_error(arguments.node, "every axis once", to_string(axes));
    added[place] = true;
  }
  Shape shape;
  auto next = x.shape.begin();
  for (const bool is_new : added) shape.push_back(is_new ? 1 : *next++);
  return reshaped(arguments, std::move(shape));
}

Result<Outputs> identity(const Arguments& arguments) { return outputs_of(arguments.take_first()); }

/// The input, and a mask that drops nothing.
Result<Outputs> dropout(const Arguments& arguments) {
  const Tensor* const training = arguments.optional(2);
  if (training != nullptr && !training->is_float() && training->size() == 1 &&
      training->integers()[0] != 0) {
    return node_error(arguments.node, "training_mode false", "networks are only evaluated");
  }
  Tensor out = arguments.take_first();
  if (arguments.node.outputs.size() < 2) return outputs_of(std::move(out));
  Tensor mask = integer_tensor(out.shape, Integers(out.size(), 1));
  return outputs_of(std::move(out), std::move(mask));
}

Result<Outputs> where(const Arguments& arguments) {
  const Tensor& condition = arguments[0];
  const Tensor& x = arguments[1];
  const Tensor& y = arguments[2];
  if (condition.is_float() || x.is_float() != y.is_float()) {
    return node_error(arguments.node, "Booleans, and two operands of one type", "");
  }
  FEWBIT_ASSIGN_OR_RETURN(both, broadcast_shape(arguments.node, x.shape, y.shape));
  FEWBIT_ASSIGN_OR_RETURN(shape, broadcast_shape(arguments.node, condition.shape, both));
  const auto repeated = [&](const Tensor& tensor) {
    return view_of(tensor, shape, 0, broadcast_strides(tensor.shape, shape));
  };
  const Tensor choice = repeated(condition);
  Tensor out = repeated(x);
  const Tensor others = repeated(y);
  std::visit(
      [&](auto& values) {
        const auto& other = std::get<std::decay_t<decltype(values)>>(others.data);
        for (std::size_t i = 0; i < values.size(); ++i) {
          if (choice.integers()[i] == 0) values[i] = other[i];
        }
      },
      out.data);
  return outputs_of(std::move(out));
}

/// Network replaces one whose condition is constant by the nodes of its branch.
Result<Outputs> conditional(const Arguments& arguments) {
  return node_error(arguments.node, "a condition that depends on constants alone",
                    "it depends on the input");
}

Result<Outputs> shape(const Arguments& arguments) {
  const std::int64_t rank = arguments[0].rank();
  const auto place = [&](std::int64_t axis) {
    return std::clamp<std::int64_t>(axis < 0 ? axis + rank : axis, 0, rank);
  };
  const std::int64_t begin = place(arguments.node.integer("start", 0));
  const std::int64_t end = std::max(begin, place(arguments.node.integer("end", rank)));
  const Shape& all = arguments[0].shape;
  return outputs_of(
      integer_tensor({end - begin}, Integers(all.begin() + begin, all.begin() + end)));
}

Result<Outputs> constant_of_shape(const Arguments& arguments) {
  FEWBIT_ASSIGN_OR_RETURN(shape, integers_of(arguments, 0, ""));
  if (!is_legal(shape)) {
    return node_error(arguments.node, "a shape of extents from 0", to_string(shape));
  }
  const auto value = arguments.node.get<Tensor>("value", float_tensor({1}));
  if (value.size() != 1) return node_error(arguments.node, "one element as value", "");
  return outputs_of(view_of(value, shape, 0, Integers(shape.size(), 0)));
}

/// Types that Cast knows, as ONNX counts them.
enum CastType : std::int64_t {
  kFloat = 1,
  kUint8 = 2,
  kInt8 = 3,
  kInt32 = 6,
  kInt64 = 7,
  kBool = 9,
  kFloat16 = 10,
  kDouble = 11,
  kBfloat16 = 16,
};

/// As an integer type holds it: the low bits.
std::int64_t wrapped(std::int64_t value, std::int64_t type) {
  switch (type) {
    case kUint8:
      return static_cast<std::uint8_t>(value);
    case kInt8:
      return static_cast<std::int8_t>(value);
    case kInt32:
      return static_cast<std::int32_t>(value);
    case kBool:
      return value != 0 ? 1 : 0;
    default:
      return value;
  }
}

Result<Outputs> cast_to_float(const Arguments& arguments, std::int64_t type) {
  const Tensor& x = arguments[0];
  Tensor out = x.is_float()
                   ? arguments.take_first()
                   : Tensor{x.shape, std::vector<float>(x.integers().begin(), x.integers().end())};
  for (float& value : out.floats()) {
    if (type == kFloat16) value = rounded_to_binary16(value);
    if (type == kBfloat16) value = rounded_to_bfloat16(value);
  }
  return outputs_of(std::move(out));
}

Result<Outputs> cast(const Arguments& arguments) {
  const std::int64_t to = arguments.node.integer("to", 0);
  const Tensor& x = arguments[0];
  if (to == kFloat || to == kDouble || to == kFloat16 || to == kBfloat16) {
    return cast_to_float(arguments, to);
  }
  if (to != kInt32 && to != kInt64 && to != kUint8 && to != kInt8 && to != kBool) {
    return node_error(
        arguments.node,
        "a cast to float, double, float16, bfloat16, int64, int32, int8, uint8 or bool",
        fmt::format("its type is {}", onnx_type_name(to)));
  }
  Integers values;
  values.reserve(x.size());
  if (x.is_float()) {
    for (const float value : x.floats()) {
      if (to == kBool) {
        values.push_back(value != 0 ? 1 : 0);
        continue;
      }
      if (!(std::abs(value) < 9.0e18F)) {
        return node_error(arguments.node, "numbers that fit 64 bits", fmt::format("{}", value));
      }
      values.push_back(wrapped(static_cast<std::int64_t>(value), to));
    }
  } else {
    for (const std::int64_t value : x.integers()) values.push_back(wrapped(value, to));
  }
  Tensor out = integer_tensor(x.shape, std::move(values));
  if (to == kInt8) out.integer_type = IntegerType::kInt8;
  if (to == kUint8) out.integer_type = IntegerType::kUint8;
  return outputs_of(std::move(out));
}

}  // namespace

std::vector<KernelInfo> shaping_kernels() {
  return {
      {"Cast", 1, 1, 0, cast},
      {"Concat", 1, kAnyNumber, 0, concat, Sign::kOfAll},
      {"ConstantOfShape", 1, 1, 0, constant_of_shape},
      {"Dropout", 1, 3, 0, dropout, Sign::kOfFirst},
      {"Expand", 2, 2, 0, expand, Sign::kOfFirst},
      {"Flatten", 1, 1, 0, flatten, Sign::kOfFirst},
      {"Gather", 2, 2, 0, gather, Sign::kOfFirst},
      {"Identity", 1, 1, 0, identity, Sign::kOfFirst},
      {"If", 1, 1, 0, conditional},
      {"Reshape", 1, 2, 0, reshape, Sign::kOfFirst},
      {"Shape", 1, 1, 0, shape},
      {"Slice", 1, 5, 0, slice, Sign::kOfFirst},
      {"Split", 1, 2, 0, split, Sign::kOfFirst},
      {"Squeeze", 1, 2, 0, squeeze, Sign::kOfFirst},
      {"Transpose", 1, 1, 0, transpose, Sign::kOfFirst},
      {"Unsqueeze", 1, 2, 0, unsqueeze, Sign::kOfFirst},
      {"Where", 3, 3, 0, where},
  };
}

}  // namespace fewbit::quant
