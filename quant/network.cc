// Running a network step by step.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/network.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fewbit::quant {
namespace {

Error graph_error(std::string field, std::string value, std::string legal) {
  return {std::move(field), std::move(value), std::move(legal), ""};
}

/// [images, classes, 1, 1] as [images, classes].
Tensor without_ones(Tensor outputs) {
  while (outputs.shape.size() > 2 && outputs.shape.back() == 1) outputs.shape.pop_back();
  return outputs;
}

}  // namespace

Status hold(const Node& node, const std::vector<Tensor>& outputs, std::size_t& held) {
  for (const Tensor& output : outputs) held += output.bytes();
  if (held <= kMostHeldBytes) return Ok{};
  return node_error(node, fmt::format("tensors of at most {} bytes at a time", kMostHeldBytes),
                    fmt::format("there are {} with its results", held));
}

Status Network::check_input(const Tensor& images) const {
  const std::size_t before = has_states() ? 2 : 1;  // extents that count images and steps
  bool fits = images.is_float() && !images.shape.empty() &&
              images.shape.size() + 1 == input_.shape.size() + before;
  for (std::size_t i = 0; fits && i < images.shape.size(); ++i) {
    if (i < before) {
      fits = images.shape[i] > 0;
      continue;
    }
    const std::int64_t extent = input_.shape[i + 1 - before];
    fits = extent == -1 || extent == images.shape[i];
  }
  if (!fits) {
    // How many images are in this batch is nothing that a user has said.
    const Shape one(images.shape.empty() ? images.shape.begin() : images.shape.begin() + 1,
                    images.shape.end());
    return Error{"images", fmt::format("{} each", to_string(one)),
                 fmt::format("{} as the network's input {}, -1 for any number",
                             to_string(input_.shape), input_.name),
                 has_states() ? "the first extent counts sequences, the second their steps"
                              : "the first extent counts images"};
  }
  if (!input_.is_integer) return Ok{};
  constexpr float kMost = 1 << 24;  // binary32 has all integers up to it
  for (const float value : images.floats()) {
    if (std::nearbyint(value) == value && std::abs(value) <= kMost) continue;
    return Error{"images", fmt::format("{}", value),
                 fmt::format("integers, as the network's input {} has", input_.name), ""};
  }
  return Ok{};
}

std::size_t Network::fixed_batch() const {
  const bool is_fixed = !input_.shape.empty() && input_.shape[0] > 0;
  return is_fixed ? static_cast<std::size_t>(input_.shape[0]) : 0;
}

std::size_t Network::batch_near(std::size_t wanted) const {
  const std::size_t own = fixed_batch();
  return own == 0 ? wanted : (wanted + own - 1) / own * own;
}

std::vector<ComputedNode> Network::nodes() const {
  std::vector<ComputedNode> nodes;
  for (const Step& step : steps_) {
    ComputedNode& node = nodes.emplace_back(ComputedNode{&step.node, step.linear_layer, {}});
    for (const int input : step.inputs) {
      node.constants.push_back(input < 0 ? nullptr
                                         : constants_[static_cast<std::size_t>(input)].get());
    }
  }
  return nodes;
}

Result<Tensor> Network::run(const Tensor& images, const LinearArithmetic& arithmetic,
                            std::size_t layers) const {
  return run_batches(images, arithmetic, has_states() ? kAllLayers : layers, {});
}

Result<Tensor> Network::run(const Tensor& images, const LinearArithmetic& arithmetic,
                            const Observer& observer) const {
  return run_batches(images, arithmetic, kAllLayers, observer);
}

Result<Tensor> Network::run_batches(const Tensor& images, const LinearArithmetic& arithmetic,
                                    std::size_t layers, const Observer& observer) const {
  FEWBIT_RETURN_IF_ERROR(check_input(images));
  const std::size_t own = fixed_batch();
  const auto count = static_cast<std::size_t>(images.shape[0]);
  if (own == 0 || own == count) {
    FEWBIT_ASSIGN_OR_RETURN(outputs, run_batch(images, arithmetic, layers, observer));
    return without_ones(std::move(outputs));
  }
  Shape shape = images.shape;
  shape[0] = input_.shape[0];
  if (!is_legal(shape)) {
    return graph_error("network input", to_string(input_.shape),
                       fmt::format("batches of at most {} elements", kMostElements));
  }
  const std::size_t size = images.size() / count;
  Tensor all;
  for (std::size_t first = 0; first < count; first += own) {
    Tensor batch = float_tensor(shape);
    for (std::size_t i = 0; i < own; ++i) {
      const std::size_t image = (first + i) % count;
      std::copy_n(images.floats().begin() + static_cast<std::ptrdiff_t>(image * size), size,
                  batch.floats().begin() + static_cast<std::ptrdiff_t>(i * size));
    }
    FEWBIT_ASSIGN_OR_RETURN(outputs, run_batch(batch, arithmetic, layers, observer));
    if (layers < layers_.size()) continue;
    if (!outputs.is_float() || outputs.rank() == 0 || outputs.shape[0] != shape[0]) {
      return graph_error("network output", to_string(outputs.shape),
                         fmt::format("floats for each of {} images, the batch of its input", own));
    }
    if (first == 0) all.shape = outputs.shape;
    const auto needed = std::min(own, count - first) * (outputs.size() / own);
    all.floats().insert(all.floats().end(), outputs.floats().begin(),
                        outputs.floats().begin() + static_cast<std::ptrdiff_t>(needed));
  }
  if (!all.shape.empty()) all.shape[0] = images.shape[0];
  return without_ones(std::move(all));
}

Result<std::vector<Tensor>> Network::first_states(std::int64_t batch) const {
  std::vector<Tensor> states;
  for (const State& state : states_) {
    Shape shape = state.input.shape;
    std::replace(shape.begin(), shape.end(), std::int64_t{-1}, batch);
    if (!is_legal(shape)) {
      return graph_error("network state", to_string(shape),
                         fmt::format("at most {} elements", kMostElements));
    }
    states.push_back(float_tensor(std::move(shape)));
  }
  return states;
}

Result<Tensor> Network::run_batch(const Tensor& images, const LinearArithmetic& arithmetic,
                                  std::size_t layers, const Observer& observer) const {
  std::vector<Tensor> states;
  if (!has_states()) return run_step(images, states, arithmetic, layers, observer);
  FEWBIT_ASSIGN_OR_RETURN(zeros, first_states(images.shape[0]));
  states = std::move(zeros);
  const std::int64_t batch = images.shape[0];
  const std::int64_t steps = images.shape[1];
  Shape shape(images.shape.begin() + 1, images.shape.end());
  shape[0] = batch;
  Tensor all;
  std::int64_t size = 0;  // of one sequence's results in a step
  for (std::int64_t step = 0; step < steps; ++step) {
    Tensor now = float_tensor(shape);
    const auto own = static_cast<std::int64_t>(now.size()) / batch;
    for (std::int64_t i = 0; i < batch; ++i) {
      std::copy_n(images.floats().begin() + (i * steps + step) * own, own,
                  now.floats().begin() + i * own);
    }
    FEWBIT_ASSIGN_OR_RETURN(outputs, run_step(now, states, arithmetic, layers, observer));
    if (step == 0) {
      Shape result = outputs.shape;
      if (!result.empty()) result.insert(result.begin() + 1, steps);
      if (!outputs.is_float() || result.empty() || result[0] != batch || !is_legal(result)) {
        return graph_error("network output", to_string(outputs.shape),
                           fmt::format("floats for each of {} sequences, the batch", batch));
      }
      size = static_cast<std::int64_t>(outputs.size()) / batch;
      all = float_tensor(std::move(result));
    }
    if (static_cast<std::int64_t>(outputs.size()) != size * batch) {
      return graph_error("network output", to_string(outputs.shape), "one shape in all steps");
    }
    for (std::int64_t i = 0; i < batch; ++i) {
      std::copy_n(outputs.floats().begin() + i * size, size,
                  all.floats().begin() + (i * steps + step) * size);
    }
  }
  return all;
}

Result<Tensor> Network::run_step(const Tensor& images, std::vector<Tensor>& states,
                                 const LinearArithmetic& arithmetic, std::size_t layers,
                                 const Observer& observer) const {
  std::vector<Tensor> computed(constants_.size());
  std::vector<const Tensor*> values(constants_.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = constants_[i].get();
  Tensor integers;
  if (input_.is_integer) {
    integers = {images.shape,
                std::vector<std::int64_t>(images.floats().begin(), images.floats().end())};
  }
  values[static_cast<std::size_t>(input_value_)] = input_.is_integer ? &integers : &images;
  for (std::size_t i = 0; i < states.size(); ++i) {
    values[static_cast<std::size_t>(states_[i].input_value)] = &states[i];
  }
  std::vector<std::size_t> bytes(constants_.size());  // of `computed`, as long as they are needed
  std::size_t held = 0;
  std::size_t done = 0;  // linear layers
  for (const Step& step : steps_) {
    if (done == layers) return Tensor{};
    if (is_linear(step.node.op)) ++done;
    Arguments arguments{step.node, {}, step.linear_layer, arithmetic, nullptr, step.right_identity};
    for (const int input : step.inputs) {
      arguments.inputs.push_back(input < 0 ? nullptr : values[static_cast<std::size_t>(input)]);
    }
    if (step.first_is_spare) arguments.spare = &computed[static_cast<std::size_t>(step.inputs[0])];
    FEWBIT_ASSIGN_OR_RETURN(outputs, run_kernel(*step.kernel, arguments));
    if (outputs.size() < step.outputs.size()) {
      return node_error(step.node, fmt::format("at most {} outputs", outputs.size()),
                        fmt::format("it has {}", step.outputs.size()));
    }
    FEWBIT_RETURN_IF_ERROR(hold(step.node, outputs, held));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (i >= step.outputs.size() || step.outputs[i] < 0) {
        held -= outputs[i].bytes();
        continue;
      }
      const auto number = static_cast<std::size_t>(step.outputs[i]);
      if (observer) observer(step.node.outputs[i], outputs[i]);
      bytes[number] = outputs[i].bytes();
      computed[number] = std::move(outputs[i]);
      values[number] = &computed[number];
    }
    for (const int value : step.last_uses) {
      const auto number = static_cast<std::size_t>(value);
      computed[number] = {};
      held -= std::exchange(bytes[number], 0);
    }
  }
  std::vector<Tensor> next;
  for (std::size_t i = 0; i < states.size(); ++i) {
    const Tensor& state = computed[static_cast<std::size_t>(states_[i].output_value)];
    if (state.shape != states[i].shape || !state.is_float()) {
      return graph_error("network state", to_string(state.shape),
                         fmt::format("{}, as the input {} of the next step",
                                     to_string(states[i].shape), states_[i].input.name));
    }
    next.push_back(state);
  }
  states = std::move(next);
  return std::move(computed[static_cast<std::size_t>(output_value_)]);
}

}  // namespace fewbit::quant
