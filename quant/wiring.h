// Wiring: which inputs of a network are images, which are given, and what steps hand on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fewbit/quant/network.h"

namespace fewbit::quant {

struct Wiring {
  std::vector<std::pair<std::string, Tensor>> inputs;  ///< that have the same value for all images
  std::vector<GraphState> states;
  std::string output;  ///< the answers, where the network has several outputs; else ""
};

/// The graph with its inputs and outputs wired, and without the nodes that nothing needs then.
/// Errors: inputs and outputs that the network has not, a value that does not fit its input, a
/// state that is named twice.
Result<Graph> wired(Graph graph, const Wiring& wiring);

/// The network of the graph, with the images along the first axis of its output: where it is
/// [steps, images, ..] for these images, a Transpose is put behind it. Errors: images that do not
/// fit.
Result<Network> turn_images_first(Graph& graph, const Tensor& images);

}  // namespace fewbit::quant
