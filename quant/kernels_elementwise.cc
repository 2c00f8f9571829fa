// Operators with one result per element.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "fewbit/quant/kernels.h"

namespace fewbit::quant {
namespace {

// --- Two operands ---

/// Calls row(x offset, y offset, out offset) for every row of the result, the last axis.
template <typename Row>
void for_each_row(const Shape& shape, const std::vector<std::int64_t>& x_strides,
                  const std::vector<std::int64_t>& y_strides, Row row) {
  const std::size_t axes = shape.empty() ? 0 : shape.size() - 1;
  const auto count = static_cast<std::int64_t>(element_count(shape));
  const std::int64_t columns = shape.empty() ? 1 : shape.back();
  std::vector<std::int64_t> place(axes, 0);
  std::int64_t x = 0;
  std::int64_t y = 0;
  for (std::int64_t out = 0; out < count; out += columns) {
    row(x, y, out);
    for (std::size_t axis = axes; axis-- > 0;) {
      x += x_strides[axis];
      y += y_strides[axis];
      if (++place[axis] < shape[axis]) break;
      x -= x_strides[axis] * shape[axis];
      y -= y_strides[axis] * shape[axis];
      place[axis] = 0;
    }
  }
}

/// out = x operation y, repeated to `shape`. `out` may be x where that has the shape.
template <typename T, typename Operation>
void combine(const T* x, const Shape& x_shape, const T* y, const Shape& y_shape, const Shape& shape,
             T* out, Operation operation) {
  const std::vector<std::int64_t> x_strides = broadcast_strides(x_shape, shape);
  const std::vector<std::int64_t> y_strides = broadcast_strides(y_shape, shape);
  // Shapes alike are one row.
  const auto columns = x_shape == y_shape ? static_cast<std::int64_t>(element_count(shape))
                       : shape.empty()    ? 1
                                          : shape.back();
  const bool x_moves = x_shape == y_shape || (!shape.empty() && x_strides.back() != 0);
  const bool y_moves = x_shape == y_shape || (!shape.empty() && y_strides.back() != 0);
  const auto row = [&](std::int64_t xi, std::int64_t yi, std::int64_t oi) {
    const T* const a = x + xi;
    const T* const b = y + yi;
    T* const to = out + oi;
    if (x_moves && y_moves) {
#pragma GCC ivdep
      for (std::int64_t i = 0; i < columns; ++i) to[i] = operation(a[i], b[i]);
    } else if (x_moves) {
      const T b0 = *b;
#pragma GCC ivdep
      for (std::int64_t i = 0; i < columns; ++i) to[i] = operation(a[i], b0);
    } else {
      const T a0 = *a;
      for (std::int64_t i = 0; i < columns; ++i) to[i] = operation(a0, b[y_moves ? i : 0]);
    }
  };
  if (x_shape == y_shape) {
    row(0, 0, 0);
  } else {
    for_each_row(shape, x_strides, y_strides, row);
  }
}

/// The result of `operation`, of T's, in the place of the first operand where that can be.
template <typename T, typename Operation>
Outputs combined(const Arguments& arguments, const Tensor& y, const Shape& shape,
                 Operation operation) {
  using Values = std::vector<T>;
  const Tensor& x = arguments[0];
  const Values& from = std::get<Values>(y.data);
  if (x.shape != shape) {
    Values out(element_count(shape));
    combine(std::get<Values>(x.data).data(), x.shape, from.data(), y.shape, shape, out.data(),
            operation);
    return outputs_of(Tensor{shape, std::move(out)});
  }
  Tensor out = arguments.take_first();
  T* const values = std::get<Values>(out.data).data();
  // Spare operands are read once: y is another tensor, or a copy was taken.
  combine(values, shape, from.data(), y.shape, shape, values, operation);
  return outputs_of(std::move(out));
}

template <typename Operation>
Result<Outputs> binary(const Arguments& arguments) {
  const Tensor& x = arguments[0];
  const Tensor& y = arguments[1];
  if (x.is_float() != y.is_float()) {
    return node_error(arguments.node, "two operands of one type", "one holds floats");
  }
  FEWBIT_ASSIGN_OR_RETURN(shape, broadcast_shape(arguments.node, x.shape, y.shape));
  if (x.is_float()) {
    return combined<float>(arguments, y, shape,
                           [](float a, float b) { return Operation::apply(a, b); });
  }
  if (Operation::kDivides &&
      std::find(y.integers().begin(), y.integers().end(), 0) != y.integers().end()) {
    return node_error(arguments.node, "divisors other than 0", "one is 0");
  }
  using Integer = std::int64_t;
  return combined<Integer>(arguments, y, shape,
                           [](Integer a, Integer b) { return Operation::apply(a, b); });
}

/// Of any number of operands, from the first on.
template <typename Operation>
Result<Outputs> of_all(const Arguments& arguments) {
  Tensor result = arguments.take_first();
  for (std::size_t i = 1; i < arguments.inputs.size(); ++i) {
    if (arguments.inputs[i] == nullptr)
      return node_error(arguments.node, "operands", "one is absent");
    const Arguments pair{
        arguments.node, {&result, arguments.inputs[i]}, 0, arguments.arithmetic, &result};
    FEWBIT_ASSIGN_OR_RETURN(next, binary<Operation>(pair));
    result = std::move(next[0]);
  }
  return outputs_of(std::move(result));
}

/// Integers wrap, as two's complement does; the only ones are shapes.
std::int64_t wrapped(std::uint64_t value) { return static_cast<std::int64_t>(value); }
std::uint64_t bits(std::int64_t value) { return static_cast<std::uint64_t>(value); }

struct Add {
  static constexpr bool kDivides = false;
  static float apply(float a, float b) { return a + b; }
  static std::int64_t apply(std::int64_t a, std::int64_t b) { return wrapped(bits(a) + bits(b)); }
};
struct Sub {
  static constexpr bool kDivides = false;
  static float apply(float a, float b) { return a - b; }
  static std::int64_t apply(std::int64_t a, std::int64_t b) { return wrapped(bits(a) - bits(b)); }
};
struct Mul {
  static constexpr bool kDivides = false;
  static float apply(float a, float b) { return a * b; }
  static std::int64_t apply(std::int64_t a, std::int64_t b) { return wrapped(bits(a) * bits(b)); }
};
struct Min {
  static constexpr bool kDivides = false;
  static float apply(float a, float b) { return b < a || std::isnan(b) ? b : a; }
  static std::int64_t apply(std::int64_t a, std::int64_t b) { return std::min(a, b); }
};
struct Max {
  static constexpr bool kDivides = false;
  static float apply(float a, float b) { return b > a || std::isnan(b) ? b : a; }
  static std::int64_t apply(std::int64_t a, std::int64_t b) { return std::max(a, b); }
};
struct Equal {
  static constexpr bool kDivides = false;
  static float apply(float a, float b) { return a == b ? 1.0F : 0.0F; }
  static std::int64_t apply(std::int64_t a, std::int64_t b) { return a == b ? 1 : 0; }
};
struct Div {
  static constexpr bool kDivides = true;
  static float apply(float a, float b) { return a / b; }
  static std::int64_t apply(std::int64_t a, std::int64_t b) {
    return b == -1 ? wrapped(0 - bits(a)) : a / b;
  }
};

/// 0 or 1, as Booleans are held.
Result<Outputs> equal(const Arguments& arguments) {
  FEWBIT_ASSIGN_OR_RETURN(outputs, binary<Equal>(arguments));
  Tensor& answers = outputs[0];
  if (answers.is_float()) {
    answers.data = std::vector<std::int64_t>(answers.floats().begin(), answers.floats().end());
  }
  answers.integer_type = IntegerType::kInt64;
  return outputs;
}

Result<Outputs> negate(const Arguments& arguments) {
  Tensor out = arguments.take_first();
  if (out.is_float()) {
    for (float& value : out.floats()) value = -value;
  } else {
    for (std::int64_t& value : out.integers()) value = wrapped(0 - bits(value));
  }
  return outputs_of(std::move(out));
}

Result<Outputs> power(const Arguments& arguments) {
  const Tensor& x = arguments[0];
  Tensor exponent = arguments[1];  // may hold integers
  if (!exponent.is_float()) {
    exponent.data = std::vector<float>(exponent.integers().begin(), exponent.integers().end());
  }
  FEWBIT_ASSIGN_OR_RETURN(shape, broadcast_shape(arguments.node, x.shape, exponent.shape));
  if (exponent.size() == 1 && exponent.floats()[0] == 2.0F) {
    return combined<float>(arguments, exponent, shape, [](float a, float) { return a * a; });
  }
  return combined<float>(arguments, exponent, shape,
                         [](float a, float b) { return std::pow(a, b); });
}

// --- One operand ---

template <typename Operation>
Outputs mapped(const Arguments& arguments, Operation operation) {
  Tensor out = arguments.take_first();
  for (float& value : out.floats()) value = operation(value);
  return outputs_of(std::move(out));
}

float sigmoid_of(float x) { return 1.0F / (1.0F + std::exp(-x)); }
float hard_sigmoid_of(float x, float alpha, float beta) {
  return std::max(0.0F, std::min(1.0F, alpha * x + beta));
}
/// NaN stays NaN.
float relu_of(float x) { return x < 0.0F ? 0.0F : x; }

template <float (*function)(float)>
Result<Outputs> unary(const Arguments& arguments) {
  return mapped(arguments, [](float x) { return function(x); });
}

float erf_of(float x) { return std::erf(x); }
float exp_of(float x) { return std::exp(x); }
float log_of(float x) { return std::log(x); }
float reciprocal_of(float x) { return 1.0F / x; }
float sqrt_of(float x) { return std::sqrt(x); }
float tanh_of(float x) { return std::tanh(x); }
float hard_swish_of(float x) { return x * hard_sigmoid_of(x, 1.0F / 6.0F, 0.5F); }

Result<Outputs> hard_sigmoid(const Arguments& arguments) {
  const auto alpha = arguments.node.get<float>("alpha", 0.2F);
  const auto beta = arguments.node.get<float>("beta", 0.5F);
  return mapped(arguments, [=](float x) { return hard_sigmoid_of(x, alpha, beta); });
}

Result<Outputs> leaky_relu(const Arguments& arguments) {
  const auto alpha = arguments.node.get<float>("alpha", 0.01F);
  return mapped(arguments, [=](float x) { return x < 0.0F ? alpha * x : x; });
}

Result<Outputs> gelu(const Arguments& arguments) {
  const auto approximation = arguments.node.get<std::string>("approximate", "none");
  if (approximation == "none") {
    return mapped(arguments, [](float x) {
      return 0.5F * x * (1.0F + std::erf(x * std::numbers::sqrt2_v<float> / 2.0F));
    });
  }
  if (approximation == "tanh") {
    const float factor = std::sqrt(2.0F * std::numbers::inv_pi_v<float>);
    return mapped(arguments, [=](float x) {
      return 0.5F * x * (1.0F + std::tanh(factor * (x + 0.044715F * x * x * x)));
    });
  }
  return node_error(arguments.node, "approximate none or tanh", approximation);
}

Result<Outputs> clip(const Arguments& arguments) {
  float limits[2] = {arguments.node.get<float>("min", std::numeric_limits<float>::lowest()),
                     arguments.node.get<float>("max", std::numeric_limits<float>::max())};
  for (std::size_t i = 0; i < 2; ++i) {
    const Tensor* limit = arguments.optional(i + 1);
    if (limit == nullptr) continue;
    if (limit->size() != 1) return node_error(arguments.node, "limits of one element each", "");
    limits[i] = limit->floats()[0];
  }
  const float min = limits[0];
  const float max = limits[1];
  return mapped(arguments, [=](float x) { return std::min(max, std::max(x, min)); });
}

}  // namespace

std::vector<KernelInfo> elementwise_kernels() {
  return {
      {"Add", 2, 2, 0, binary<Add>, Sign::kOfAll},
      {"Clip", 1, 3, 3, clip, Sign::kOfLowerLimit},
      {"Div", 2, 2, 0, binary<Div>},
      {"Equal", 2, 2, 0, equal},
      {"Erf", 1, 1, 1, unary<erf_of>},
      {"Exp", 1, 1, 1, unary<exp_of>, Sign::kNonnegative},
      {"Gelu", 1, 1, 1, gelu},
      {"HardSigmoid", 1, 1, 1, hard_sigmoid, Sign::kNonnegative},
      {"HardSwish", 1, 1, 1, unary<hard_swish_of>, Sign::kOfFirst},
      {"LeakyRelu", 1, 1, 1, leaky_relu},
      {"Log", 1, 1, 1, unary<log_of>},
      {"Max", 1, kAnyNumber, 0, of_all<Max>, Sign::kOfOne},
      {"Min", 1, kAnyNumber, 0, of_all<Min>, Sign::kOfAll},
      {"Mul", 2, 2, 0, binary<Mul>, Sign::kOfAll},
      {"Neg", 1, 1, 0, negate},
      {"Pow", 2, 2, 1, power},
      {"Reciprocal", 1, 1, 1, unary<reciprocal_of>},
      {"Relu", 1, 1, 1, unary<relu_of>, Sign::kNonnegative},
      {"Sigmoid", 1, 1, 1, unary<sigmoid_of>, Sign::kNonnegative},
      {"Sqrt", 1, 1, 1, unary<sqrt_of>, Sign::kNonnegative},
      {"Sub", 2, 2, 0, binary<Sub>},
      {"Sum", 1, kAnyNumber, 1, of_all<Add>, Sign::kOfAll},
      {"Tanh", 1, 1, 1, unary<tanh_of>},
  };
}

}  // namespace fewbit::quant
