// Reading the nodes of a network for hardware numerics.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/hardware/reading.h"

#include <algorithm>
#include <cmath>

namespace fewbit::quant {
namespace {

constexpr char kCovered[] =
    "one of Add, AveragePool, Clip, Conv, Flatten, Gemm, GlobalAveragePool, MaxPool, ReduceMean, "
    "Relu, Reshape";

Error not_covered(const Node& node, std::string legal, std::string detail) {
  Error error = node_error(node, std::move(legal), std::move(detail));
  error.field = "hardware numerics: node";
  return error;
}

/// What a node reads: its operands, constants by input, shapes with a batch in front.
struct Seen {
  const Node& node;
  const std::vector<const Tensor*>& constants;
  Shape input, output;
  [[nodiscard]] const Tensor* constant(std::size_t i) const {
    return i < constants.size() ? constants[i] : nullptr;
  }
};

using Part = decltype(ReadNode::part);

Result<Part> read_linear(const Seen& seen, std::size_t layer) {
  const Node& node = seen.node;
  const Tensor* weights = seen.constant(1);
  if (weights == nullptr) {
    return not_covered(node, "constant weights", "it multiplies two computed matrices");
  }
  const bool has_bias = node.inputs.size() > 2 && !node.inputs[2].empty();
  LinearPart part;
  part.layer = layer;
  part.bias = seen.constant(2);
  if (has_bias && part.bias == nullptr) {
    return not_covered(node, "a constant bias", "its bias is computed");
  }
  Tensor image;
  image.shape = seen.input;
  image.shape[0] = 1;
  FEWBIT_ASSIGN_OR_RETURN(call, linear_call(node, image, *weights));
  part.shape = call.shape;
  if (const auto* shape = std::get_if<ConvolutionShape>(&part.shape)) {
    const bool is_depthwise = shape->groups == shape->channels && shape->groups == shape->outputs;
    if (shape->groups != 1 && !is_depthwise) {
      return not_covered(node, "1 group, or one for each channel with one filter each",
                         fmt::format("{} channels in {} groups make {}", shape->channels,
                                     shape->groups, shape->outputs));
    }
  } else {
    if (std::get<MatrixShape>(part.shape).left_transposed) {
      return not_covered(node, "transA 0", "each image is a row");
    }
    part.alpha = static_cast<double>(node.get<float>("alpha", 1.0F));
    part.beta = static_cast<double>(node.get<float>("beta", 1.0F));
    if (!(part.alpha > 0)) return not_covered(node, "a positive alpha", std::to_string(part.alpha));
  }
  const auto channels = static_cast<std::size_t>(call.output[1]);
  if (part.bias != nullptr && part.bias->size() != 1 && part.bias->size() != channels) {
    return not_covered(node, fmt::format("a bias of 1 or {} elements", channels),
                       to_string(part.bias->shape));
  }
  return Part(part);
}

Result<Part> read_clamp(const Seen& seen) {
  ClampPart part;
  if (seen.node.op == "Relu") {
    part.bounds.least = 0;
    return Part(part);
  }
  for (std::size_t i = 1; i < seen.node.inputs.size(); ++i) {
    const Tensor* bound = seen.constant(i);
    if (!seen.node.inputs[i].empty() && bound == nullptr) {
      return not_covered(seen.node, "constant bounds", "a bound is computed");
    }
    if (bound == nullptr) continue;
    (i == 1 ? part.bounds.least : part.bounds.most) = static_cast<double>(bound->floats()[0]);
  }
  if (seen.node.has("min")) {
    part.bounds.least = static_cast<double>(seen.node.get<float>("min", 0.0F));
  }
  if (seen.node.has("max")) {
    part.bounds.most = static_cast<double>(seen.node.get<float>("max", 0.0F));
  }
  if (!(part.bounds.least <= part.bounds.most)) {
    return not_covered(seen.node, "a least bound not above the largest", "");
  }
  return Part(part);
}

/// Elements of a window inside the image, at place `place`.
std::int64_t inside(const WindowAxis& axis, std::int64_t place, bool with_padding) {
  std::int64_t count = 0;
  for (std::int64_t k = 0; k < axis.kernel; ++k) {
    const std::int64_t at = place * axis.stride + k * axis.dilation - axis.pad_begin;
    const bool padded = at >= -axis.pad_begin && at < axis.input + axis.pad_end;
    count += with_padding ? padded : at >= 0 && at < axis.input;
  }
  return count;
}

/// The same in every place, or -1.
std::int64_t equal_count(const WindowAxis& axis, bool with_padding) {
  const std::int64_t first = inside(axis, 0, with_padding);
  for (std::int64_t place = 1; place < axis.output; ++place) {
    if (inside(axis, place, with_padding) != first) return -1;
  }
  return first;
}

Result<Part> read_pool(const Seen& seen) {
  if (!seen.node.has("kernel_shape")) {
    return not_covered(seen.node, "the attribute kernel_shape", "it is missing");
  }
  FEWBIT_ASSIGN_OR_RETURN(window, window_of(seen.node, seen.input, {1, 1}));
  for (const WindowAxis& axis : window) {
    for (std::int64_t place = 0; place < axis.output; ++place) {
      if (inside(axis, place, false) > 0) continue;
      return not_covered(seen.node, "windows that meet the image", "one lies in the padding alone");
    }
  }
  if (seen.node.op == "MaxPool") return Part(PoolPart{window});
  const bool with_padding = seen.node.integer("count_include_pad", 0) != 0;
  const std::int64_t rows = equal_count(window[0], with_padding);
  const std::int64_t columns = equal_count(window[1], with_padding);
  if (rows < 0 || columns < 0) {
    return not_covered(seen.node, "windows of one size: no padding, or count_include_pad 1",
                       "a mean is a sum times one constant");
  }
  return Part(MeanPart{window, rows * columns});
}

Result<Part> read_mean(const Seen& seen) {
  if (seen.input.size() != 4) {
    return not_covered(seen.node, "images of 4 dimensions", to_string(seen.input));
  }
  if (seen.node.op == "ReduceMean") {
    auto axes = seen.node.get<std::vector<std::int64_t>>("axes", {});
    if (const Tensor* given = seen.constant(1); given != nullptr) axes = given->integers();
    for (std::int64_t& axis : axes) axis += axis < 0 ? 4 : 0;
    std::sort(axes.begin(), axes.end());
    if (axes != std::vector<std::int64_t>{2, 3}) {
      return not_covered(seen.node, "means over rows and columns, axes 2 and 3", "");
    }
  }
  Window window;
  for (std::size_t i = 0; i < 2; ++i) {
    window[i] = {seen.input[i + 2], seen.input[i + 2], 1, 1, 0, 0, 1};
  }
  return Part(MeanPart{window, seen.input[2] * seen.input[3]});
}

Result<Part> read_add(const Seen& seen) {
  const bool has_constant = seen.constant(0) != nullptr || seen.constant(1) != nullptr;
  if (has_constant || seen.input != seen.output) {
    return not_covered(seen.node, "two computed operands of one shape",
                       has_constant ? "one is constant" : "one is repeated");
  }
  return Part(AddPart{});
}

Result<Part> read_reshape(const Seen& seen) {
  const auto elements = [](const Shape& shape) {  // of one image
    return shape.empty() ? 0 : element_count(Shape(shape.begin() + 1, shape.end()));
  };
  const bool is_flat =
      seen.output.size() >= 2 && static_cast<std::size_t>(seen.output[1]) == elements(seen.output);
  if (is_flat && elements(seen.input) == elements(seen.output)) return Part(ReshapePart{});
  return not_covered(seen.node, "a result of [images, elements]", to_string(seen.output));
}

Result<Part> read_part(const Seen& seen, std::size_t linear_layer) {
  const std::string& op = seen.node.op;
  if (op == "Conv" || op == "Gemm") return read_linear(seen, linear_layer);
  if (op == "Relu" || op == "Clip") return read_clamp(seen);
  if (op == "MaxPool" || op == "AveragePool") return read_pool(seen);
  if (op == "GlobalAveragePool" || op == "ReduceMean") return read_mean(seen);
  if (op == "Add") return read_add(seen);
  if (op == "Flatten" || op == "Reshape") return read_reshape(seen);
  const bool is_left_over = op == "BatchNormalization";
  return not_covered(seen.node, kCovered,
                     is_left_over ? "it is not behind a convolution alone, into which it could go"
                                  : "the operator is not covered");
}

/// Nodes that the output depends on.
std::set<std::string> needed_values(const std::vector<ComputedNode>& nodes,
                                    const std::string& output) {
  std::set<std::string> needed = {output};
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
    const std::vector<std::string>& outputs = node->node->outputs;
    if (std::none_of(outputs.begin(), outputs.end(),
                     [&](const std::string& name) { return needed.contains(name); })) {
      continue;
    }
    needed.insert(node->node->inputs.begin(), node->node->inputs.end());
  }
  return needed;
}

/// Infinite where an element is no number.
double absolute_maximum(const Tensor& tensor) {
  float maximum = 0;
  for (const float value : tensor.floats()) {
    const float magnitude = std::isnan(value) ? HUGE_VALF : std::abs(value);
    maximum = std::max(maximum, magnitude);
  }
  return static_cast<double>(maximum);
}

}  // namespace

RealBounds RealBounds::then(const RealBounds& next) const {
  return {std::clamp(least, next.least, next.most), std::clamp(most, next.least, next.most)};
}

bool ReadNode::passes() const { return is<ClampPart>() || is<PoolPart>() || is<ReshapePart>(); }

Result<ReadNetwork> read_network(const Network& network, const Tensor& calibration) {
  ReadNetwork read;
  read.input = network.input().name;
  read.output = network.output();
  const std::vector<ComputedNode> nodes = network.nodes();
  const std::set<std::string> needed = needed_values(nodes, read.output);
  // Refused before anything is computed, by name.
  for (const ComputedNode& node : nodes) {
    if (!needed.contains(node.node->outputs[0])) continue;
    static const std::set<std::string> kOps = {
        "Add",  "AveragePool", "Clip",    "Conv",      "Flatten", "Gemm", "GlobalAveragePool",
        "Relu", "MaxPool",     "Reshape", "ReduceMean"};
    if (!kOps.contains(node.node->op)) {
      return read_part({*node.node, node.constants, {}, {}}, 0).error();
    }
  }
  std::map<std::string, Shape> shapes;  // with the batch
  const auto see = [&](const std::string& name, const Tensor& tensor) {
    if (!tensor.is_float()) return;
    shapes[name] = tensor.shape;
    ReadValue& value = read.values[name];
    value.shape.assign(tensor.shape.begin() + (tensor.shape.empty() ? 0 : 1), tensor.shape.end());
    value.range = std::max(value.range, absolute_maximum(tensor));
  };
  constexpr std::size_t kBatch = 32;
  const auto count = static_cast<std::size_t>(calibration.shape[0]);
  const std::size_t batch = network.batch_near(kBatch);
  for (std::size_t first = 0; first < count; first += batch) {
    const Tensor images = slice_batch(calibration, first, std::min(batch, count - first));
    see(read.input, images);
    FEWBIT_ASSIGN_OR_RETURN(logits, network.run(images, FloatArithmetic(), see));
  }
  for (const ComputedNode& computed : nodes) {
    const Node& node = *computed.node;
    if (!needed.contains(node.outputs[0])) continue;
    ReadNode reading;
    reading.name = node.name;
    reading.output = node.outputs[0];
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i].empty() || computed.constants[i] != nullptr) continue;
      reading.inputs.push_back(node.inputs[i]);
    }
    Seen seen{node, computed.constants, shapes[reading.inputs[0]], shapes[reading.output]};
    if (node.op == "Add" && reading.inputs.size() == 2 &&
        shapes[reading.inputs[1]] != seen.output) {
      seen.input = shapes[reading.inputs[1]];
    }
    FEWBIT_ASSIGN_OR_RETURN(part, read_part(seen, computed.linear_layer));
    if (!std::isfinite(read.values[reading.output].range)) {
      return not_covered(node, "finite results on the calibration images", "one is not");
    }
    reading.part = std::move(part);
    for (const std::string& input : reading.inputs) {
      read.values[input].consumers.push_back(read.nodes.size());
    }
    read.nodes.push_back(std::move(reading));
  }
  return read;
}

}  // namespace fewbit::quant
