// LSTM. Its products of weights are computed in binary32: they are no linear layers.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <optional>

#include "fewbit/quant/kernels.h"

namespace fewbit::quant {
namespace {

constexpr std::int64_t kGates = 4;  ///< input, output, forget, cell, as ONNX orders them

enum LstmInput : std::size_t {
  kX,           ///< [steps, batch, inputs]
  kWeights,     ///< [directions, 4 hidden, inputs]
  kRecurrence,  ///< [directions, 4 hidden, hidden]
  kBias,        ///< [directions, 8 hidden]: of weights, of recurrence
  kLengths,
  kHidden,    ///< [directions, batch, hidden]
  kCell,      ///< the same
  kPeephole,  ///< [directions, 3 hidden]: input, output, forget
  kInputs,
};

struct LstmSizes {
  std::int64_t steps = 0;
  std::int64_t batch = 0;
  std::int64_t inputs = 0;
  std::int64_t hidden = 0;
  std::int64_t directions = 1;
};

float sigmoid(float x) { return 1.0F / (1.0F + std::exp(-x)); }

/// Axes in another order, for layout 1, in which the batch comes first.
Tensor transposed(const Tensor& x, std::vector<std::size_t> order) {
  const std::vector<std::int64_t> strides = broadcast_strides(x.shape, x.shape);
  Shape shape;
  std::vector<std::int64_t> moved;
  for (const std::size_t axis : order) {
    shape.push_back(x.shape[axis]);
    moved.push_back(strides[axis]);
  }
  return view_of(x, shape, 0, moved);
}

Status check_attributes(const Arguments& arguments) {
  using Strings = std::vector<std::string>;
  const Node& node = arguments.node;
  if (node.has("clip") || node.integer("input_forget", 0) != 0 || node.has("activations")) {
    return node_error(node, "no clip, input_forget or activations",
                      "gates other than sigmoid and tanh are not covered");
  }
  const auto direction = node.get<std::string>("direction", "forward");
  const Strings directions = {"forward", "reverse", "bidirectional"};
  if (std::find(directions.begin(), directions.end(), direction) != directions.end()) return Ok{};
  return node_error(node, "direction forward, reverse or bidirectional", direction);
}

/// The sizes, once every input fits them. `x` has the steps first.
Result<LstmSizes> sizes_of(const Arguments& arguments, const Tensor& x) {
  const Node& node = arguments.node;
  const Tensor& recurrence = arguments[kRecurrence];
  LstmSizes sizes;
  const Error error = node_error(
      node, "X [steps, batch, inputs], W [directions, 4 hidden, inputs] and what fits them",
      fmt::format("X is {}, W {}, R {}", to_string(arguments[kX].shape),
                  to_string(arguments[kWeights].shape), to_string(recurrence.shape)));
  if (x.rank() != 3 || recurrence.rank() != 3) return error;
  const bool both = node.get<std::string>("direction", "forward") == "bidirectional";
  sizes = {x.shape[0], x.shape[1], x.shape[2], recurrence.shape[2], both ? 2 : 1};
  const std::int64_t hidden = sizes.hidden;
  if (node.integer("hidden_size", hidden) != hidden || hidden < 1 || x.size() == 0) return error;
  const bool batch_first = node.integer("layout", 0) != 0;
  const Shape state = batch_first ? Shape{sizes.batch, sizes.directions, hidden}
                                  : Shape{sizes.directions, sizes.batch, hidden};
  const std::pair<LstmInput, Shape> expected[] = {
      {kWeights, {sizes.directions, kGates * hidden, sizes.inputs}},
      {kRecurrence, {sizes.directions, kGates * hidden, hidden}},
      {kBias, {sizes.directions, 2 * kGates * hidden}},
      {kHidden, state},
      {kCell, state},
      {kPeephole, {sizes.directions, 3 * hidden}}};
  for (const auto& [place, shape] : expected) {
    const Tensor* const input = arguments.optional(place);
    if (input == nullptr) continue;
    if (input->shape != shape || !input->is_float()) return error;
  }
  const Tensor* const lengths = arguments.optional(kLengths);
  if (lengths != nullptr &&
      (lengths->is_float() || std::any_of(lengths->integers().begin(), lengths->integers().end(),
                                          [&](std::int64_t n) { return n != sizes.steps; }))) {
    return node_error(node, fmt::format("sequences of {} steps each", sizes.steps),
                      "other lengths are not covered");
  }
  const Shape largest = {sizes.steps, sizes.batch, kGates * hidden, sizes.directions};
  if (!is_legal(largest)) return node_error(node, "smaller gates", to_string(largest));
  return sizes;
}

/// out = left x right^T.
void multiply(std::int64_t rows, std::int64_t terms, std::int64_t columns, const float* left,
              const float* right, float* out) {
  LinearCall call;
  MatrixShape shape;
  shape.rows = rows;
  shape.terms = terms;
  shape.columns = columns;
  shape.right_transposed = true;
  call.shape = std::move(shape);
  call.output = {rows, columns};
  sums_of_products(call, left, right, out);
}

/// One direction of the network; `hidden` and `cell` [batch, hidden] are changed step by step.
class Direction {
 public:
  Direction(const Arguments& arguments, const LstmSizes& sizes, std::int64_t place)
      : sizes_(sizes), columns_(kGates * sizes.hidden) {
    const auto part = [&](LstmInput input, std::int64_t elements) -> const float* {
      const Tensor* const tensor = arguments.optional(input);
      return tensor == nullptr ? nullptr : tensor->floats().data() + place * elements;
    };
    weights_ = part(kWeights, columns_ * sizes.inputs);
    recurrence_ = part(kRecurrence, columns_ * sizes.hidden);
    bias_ = part(kBias, 2 * columns_);
    peephole_ = part(kPeephole, 3 * sizes.hidden);
  }

  /// The sums of all steps that no earlier step is needed for.
  [[nodiscard]] std::vector<float> sums_of_inputs(const Tensor& x) const {
    const std::int64_t rows = sizes_.steps * sizes_.batch;
    std::vector<float> sums(static_cast<std::size_t>(rows * columns_));
    multiply(rows, sizes_.inputs, columns_, x.floats().data(), weights_, sums.data());
    return sums;
  }

  /// `sums`: of the step's inputs.
  void step(const float* sums, float* hidden, float* cell) const {
    std::vector<float> own(static_cast<std::size_t>(sizes_.batch * columns_));
    multiply(sizes_.batch, sizes_.hidden, columns_, hidden, recurrence_, own.data());
    for (std::int64_t row = 0; row < sizes_.batch; ++row) {
      for (std::int64_t i = 0; i < sizes_.hidden; ++i) {
        const auto gate = [&](std::int64_t number) {
          const std::int64_t at = number * sizes_.hidden + i;
          const float bias = bias_ == nullptr ? 0.0F : bias_[at] + bias_[columns_ + at];
          return sums[row * columns_ + at] + own[static_cast<std::size_t>(row * columns_ + at)] +
                 bias;
        };
        const auto seen = [&](std::int64_t number, float value) {
          return peephole_ == nullptr ? 0.0F : peephole_[number * sizes_.hidden + i] * value;
        };
        float& memory = cell[row * sizes_.hidden + i];
        const float input = sigmoid(gate(0) + seen(0, memory));
        const float forget = sigmoid(gate(2) + seen(2, memory));
        memory = forget * memory + input * std::tanh(gate(3));
        const float output = sigmoid(gate(1) + seen(1, memory));
        hidden[row * sizes_.hidden + i] = output * std::tanh(memory);
      }
    }
  }

 private:
  const LstmSizes& sizes_;
  std::int64_t columns_;
  const float* weights_ = nullptr;
  const float* recurrence_ = nullptr;
  const float* bias_ = nullptr;
  const float* peephole_ = nullptr;
};

Result<Outputs> lstm(const Arguments& arguments) {
  FEWBIT_RETURN_IF_ERROR(check_attributes(arguments));
  const bool batch_first = arguments.node.integer("layout", 0) != 0;
  const Tensor& given = arguments[kX];
  if (given.rank() != 3)
    return node_error(arguments.node, "X of 3 dimensions", to_string(given.shape));
  const Tensor x = batch_first ? transposed(given, {1, 0, 2}) : given;
  FEWBIT_ASSIGN_OR_RETURN(sizes, sizes_of(arguments, x));
  const auto state = [&](LstmInput input) {
    const Tensor* const tensor = arguments.optional(input);
    if (tensor == nullptr) return float_tensor({sizes.directions, sizes.batch, sizes.hidden});
    return batch_first ? transposed(*tensor, {1, 0, 2}) : *tensor;
  };
  Tensor hidden = state(kHidden);
  Tensor cell = state(kCell);
  Tensor all = float_tensor({sizes.steps, sizes.directions, sizes.batch, sizes.hidden});
  const std::int64_t size = sizes.batch * sizes.hidden;
  const bool reverse = arguments.node.get<std::string>("direction", "forward") == "reverse";
  for (std::int64_t place = 0; place < sizes.directions; ++place) {
    const Direction direction(arguments, sizes, place);
    const std::vector<float> sums = direction.sums_of_inputs(x);
    float* const own = hidden.floats().data() + place * size;
    for (std::int64_t i = 0; i < sizes.steps; ++i) {
      const std::int64_t step = reverse || place == 1 ? sizes.steps - 1 - i : i;
      direction.step(sums.data() + step * sizes.batch * kGates * sizes.hidden, own,
                     cell.floats().data() + place * size);
      std::copy_n(own, size, all.floats().data() + (step * sizes.directions + place) * size);
    }
  }
  if (batch_first) {
    all = transposed(all, {2, 0, 1, 3});
    hidden = transposed(hidden, {1, 0, 2});
    cell = transposed(cell, {1, 0, 2});
  }
  return outputs_of(std::move(all), std::move(hidden), std::move(cell));
}

}  // namespace

std::vector<KernelInfo> recurrent_kernels() { return {{"LSTM", 3, kInputs, 4, lstm}}; }

}  // namespace fewbit::quant
