// NetworkBuilder: the blocks of an accelerator, node by node of a lowered network.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fewbit/flows/study/network/accelerator.h"
#include "fewbit/gen/spec/pool_spec.h"
#include "fewbit/gen/spec/requantizer_spec.h"

namespace fewbit::study {

/// The sums of a node and all that is known of them.
struct Sums {
  Flow flow;
  IntFormat integer;  ///< of a sum, in units of 1
  int lsb = 0;        ///< 1 of a sum is 2^lsb steps of the biases, sum_shift apart
  bool by_channel = false;
};

inline Error not_covered(const quant::LoweredNode& node, const std::string& legal,
                         const std::string& detail) {
  return Error{"NETWORK: node", node.name, legal, detail};
}

/// What a block refuses, of the node that it was made for.
template <typename T>
Result<T> of_node(const quant::LoweredNode& node, Result<T> made) {
  if (made.ok()) return made;
  const Error& error = made.error();
  return not_covered(node, error.legal, error.field + " " + error.value + ": " + error.detail);
}

/// Blocks go into the top module in the order of the nodes; see build_accelerator.
class NetworkBuilder {
 public:
  NetworkBuilder(const quant::LoweredNetwork& network, const AcceleratorRequest& request,
                 rtl::Module& top)
      : network_(network),
        request_(request),
        plumbing_(top, request.name + "_", request.is_observed),
        consumers_(network.nodes.size(), 0),
        ready_(network.nodes.size()),
        sums_(network.nodes.size()) {}

  /// `top` is the module given to the constructor.
  Result<Accelerator> build(std::shared_ptr<rtl::Module> top);

 private:
  /// A stem that the node's blocks share; another node of the same legal name has another.
  const std::string& stem_of(const quant::LoweredNode& node);
  [[nodiscard]] std::string part_name(const std::string& stem) { return plumbing_.part_name(stem); }
  [[nodiscard]] int values_of(std::size_t place) const { return layouts_[place].values(); }
  Flow take(std::size_t place);
  Flow take_input(const quant::LoweredNode& node, std::size_t which = 0);
  void publish(std::size_t place, const Flow& flow);
  Status add(std::size_t place, const quant::LoweredNode& /*node*/,
             const quant::ImageInput& /*op*/);
  /// Windows of a node's operand, `lanes` values a beat.
  Result<Flow> windows(const quant::LoweredNode& node, const std::string& stem, const Flow& flow,
                       const quant::Window& window, int lanes);
  Status add(std::size_t place, const quant::LoweredNode& node, const quant::LinearSums& op);
  /// What a layer reads at a time, as packets with ends.
  Result<Flow> vectors(const quant::LoweredNode& node, const std::string& stem,
                       const quant::LinearSums& op, const LayerFolding& folding);
  Status add_matvec(std::size_t place, const quant::LoweredNode& node, const quant::LinearSums& op,
                    EngineReport& report);
  Status add_depthwise(std::size_t place, const quant::LoweredNode& node,
                       const quant::LinearSums& op, EngineReport& report);

  /// How many packets are one that a block of windows reads: windows come with ends.
  static int ends_of(const Flow& flow, int pixels) { return flow.stream.has_last() ? 1 : pixels; }
  void set_sums(std::size_t place, const Flow& flow, const IntFormat& sum, int lsb,
                bool by_channel = true);
  /// The operand of a pool: its windows, or the whole image.
  Result<Flow> pooled(const quant::LoweredNode& node, const std::string& stem,
                      const quant::Window& window);
  PoolRequest pool_request(const quant::LoweredNode& node, const Flow& flow,
                           const std::string& name);
  Status add(std::size_t place, const quant::LoweredNode& node, const quant::WindowSums& op);
  Status add(std::size_t place, const quant::LoweredNode& node, const quant::MaxPooling& op);
  Status add(std::size_t place, const quant::LoweredNode& node, const quant::Requantizer& op);
  /// Codes of integers and streams; codes of minifloats are no integers.
  static Result<IntFormat> integer_of(const quant::LoweredNode& operand,
                                      const quant::LoweredNode& node);
  /// The results of a linear layer: a bias and a multiplier for each channel.
  Status add_rounding(std::size_t place, const quant::LoweredNode& node,
                      const quant::Requantizer& op, const std::string& stem);

  struct Order {
    int outputs = 1, rows = 1, units = 1;
  };
  /// `greatest`: no magnitude of a sum is larger, in units of biases.
  Result<RequantizerSpec> requantizer(const quant::LoweredNode& node, const quant::Requantizer& op,
                                      const IntFormat& sums, const Order& order,
                                      const std::optional<quant::Bounds>& bounds,
                                      const std::string& name, double greatest);
  /// Every number of a tensor by one bias and one multiplier.
  Status add_elementwise(std::size_t place, const quant::LoweredNode& node,
                         const quant::Requantizer& op, const IntFormat& integer, int lsb,
                         const std::string& stem);
  Status add(std::size_t place, const quant::LoweredNode& node, const quant::Conversion& op);
  Status add(std::size_t place, const quant::LoweredNode& node, const quant::Clamp& op);
  Status add(std::size_t place, const quant::LoweredNode& node, const quant::Addition& op);
  /// The logits or the class as m_axis; its bits.
  Result<int> send();

  const quant::LoweredNetwork& network_;
  const AcceleratorRequest& request_;
  Plumbing plumbing_;
  std::vector<Layout> layouts_;
  std::vector<int> consumers_;
  std::vector<std::vector<Flow>> ready_;
  std::vector<Sums> sums_;
  std::vector<EngineReport> engines_;
  std::map<std::string, std::string> stems_;
  std::set<std::string> used_stems_;
  std::size_t next_layer_ = 0;
};

}  // namespace fewbit::study
