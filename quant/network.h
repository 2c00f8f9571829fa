// Network: a graph that was checked and made ready to run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <limits>
#include <memory>

#include "fewbit/quant/kernels.h"

namespace fewbit::quant {

/// One linear layer of a network.
struct LinearLayer {
  std::string name;                 ///< of its node
  std::string op;                   ///< "Conv", "Gemm", "MatMul"
  bool right_transposed = false;    ///< Gemm's transB
  const Tensor* weights = nullptr;  ///< null where both operands are computed
  bool nonnegative_input = false;   ///< its left operand follows a ReLU, softmax or the like, or
                                    ///< is an input that is nonnegative
  bool nonnegative_right = false;   ///< the same of a computed right operand
  std::string output;               ///< the graph's name of its result

  /// Weights of a convolution, or one matrix: every channel has its own.
  [[nodiscard]] bool weights_are_plain() const {
    return weights != nullptr && (op == "Conv" || weights->rank() == 2);
  }
};

/// A node whose result depends on the image.
struct ComputedNode {
  const Node* node = nullptr;
  std::size_t linear_layer = 0;          ///< of Conv, Gemm and MatMul: its number
  std::vector<const Tensor*> constants;  ///< by input; null where it is computed, or absent
};

/// Sees a value of the graph as it is computed.
using Observer = std::function<void(const std::string& name, const Tensor& tensor)>;

class Network {
 public:
  /// Folds batch normalisation into the convolution before it, computes what depends on constants
  /// alone, makes convolutions of transposed ones, chooses branches, and numbers the linear layers.
  /// Errors: an operator without a kernel (all covered ones are listed), a value that no earlier
  /// node makes, wrong counts of inputs, weights that are not finite, other than one graph input
  /// and output beside those of the graph's states.
  static Result<Network> make(Graph graph);

  /// The output for a batch of images, without extents of 1 at the end of more than two; of a
  /// network with states, [sequences, steps, ..] for images [sequences, steps, ..]: the states are
  /// 0 at the first step, and handed on from each to the next. A network whose file fixes the batch
  /// runs them in batches of its own, the last of which is filled up with images from the front;
  /// their outputs are dropped. No further than `layers` linear layers: then the output is empty.
  /// (All, where there are states.) Safe for several threads.
  [[nodiscard]] Result<Tensor> run(const Tensor& images, const LinearArithmetic& arithmetic,
                                   std::size_t layers = kAllLayers) const;
  static constexpr std::size_t kAllLayers = std::numeric_limits<std::size_t>::max();
  /// The same; `observer` sees what every node computes, in the order of nodes(). A fixed batch is
  /// seen as it was filled up.
  [[nodiscard]] Result<Tensor> run(const Tensor& images, const LinearArithmetic& arithmetic,
                                   const Observer& observer) const;
  /// Images that the network's file fixes; 0 where it takes any number at a time.
  [[nodiscard]] std::size_t fixed_batch() const;
  /// `wanted`, or the next larger multiple of the fixed batch.
  [[nodiscard]] std::size_t batch_near(std::size_t wanted) const;

  /// Whether steps hand states on: then each layer is computed once for each step of a run.
  [[nodiscard]] bool has_states() const { return !states_.empty(); }

  /// As named and with the shape in the file.
  [[nodiscard]] const GraphInput& input() const { return input_; }
  /// In the order of computation.
  [[nodiscard]] const std::vector<LinearLayer>& layers() const { return layers_; }
  /// In the order of computation.
  [[nodiscard]] std::vector<ComputedNode> nodes() const;
  /// The graph's name of the output.
  [[nodiscard]] const std::string& output() const { return output_; }

 private:
  struct Step {
    Node node;
    const KernelInfo* kernel = nullptr;
    std::size_t linear_layer = 0;
    std::uint64_t right_identity = 0;  // of constant weights of a linear layer
    std::vector<int> inputs;           // numbers of values, -1 where absent
    std::vector<int> outputs;          // numbers of values, -1 where not used
    std::vector<int> last_uses;        // values that nothing needs afterwards
    bool first_is_spare = false;       // the first input is computed, and nothing else needs it
  };
  struct State {
    GraphInput input;
    int input_value = 0;
    int output_value = 0;
  };
  class Builder;
  Network() = default;
  Status check_input(const Tensor& images) const;
  Result<Tensor> run_batches(const Tensor& images, const LinearArithmetic& arithmetic,
                             std::size_t layers, const Observer& observer) const;
  Result<Tensor> run_batch(const Tensor& images, const LinearArithmetic& arithmetic,
                           std::size_t layers, const Observer& observer) const;
  [[nodiscard]] Result<std::vector<Tensor>> first_states(std::int64_t batch) const;
  /// `states` by number of state, changed to those of the next step.
  Result<Tensor> run_step(const Tensor& images, std::vector<Tensor>& states,
                          const LinearArithmetic& arithmetic, std::size_t layers,
                          const Observer& observer) const;

  GraphInput input_;
  std::string output_;
  int input_value_ = 0;
  int output_value_ = 0;
  std::vector<State> states_;
  std::vector<Step> steps_;
  std::vector<std::shared_ptr<const Tensor>> constants_;  // by value; null where computed
  std::vector<LinearLayer> layers_;
};

/// Adds the results of a node to the bytes that are held; an Error where that is too much.
Status hold(const Node& node, const std::vector<Tensor>& outputs, std::size_t& held);

/// The graph with every BatchNormalization that follows a convolution alone folded into it.
Graph fold_batch_normalization(Graph graph);

}  // namespace fewbit::quant
