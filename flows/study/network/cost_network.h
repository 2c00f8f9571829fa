// Cost of an accelerator: mapped, its netlist compared with the network, placed and routed whole.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>

#include "fewbit/flows/cost.h"
#include "fewbit/flows/study/network/verify_network.h"

namespace fewbit::study {

/// LUTs of the parts of an accelerator, each mapped by itself: of the whole, which is mapped as
/// one, they are more or less.
struct BlockLuts {
  std::string block;  ///< matvec, requantizer, window, ...
  int count = 0;      ///< of the accelerator
  int luts = 0;       ///< of all of them, with LUTs for carries as the target counts
};

struct NetworkCost {
  flows::CostPoint point;  ///< nothing where the netlist did not pass
  NetworkReport netlist;   ///< of the mapped netlist in simulation
  std::vector<BlockLuts> blocks;
  std::map<std::string, int>
      parts;  ///< LUTs by instance of the top module, counted in the same way
};

struct NetworkCostOptions {
  int seeds = 3;
  int jobs = 1;
  std::string flow;  ///< a variant of the target's, "" the first
  int netlist_images = 3;
  std::function<void(const std::string& step)> progress;
};

/// Errors: what flows::measure_cost says, of a design that does not fit among them. A netlist that
/// differs from the network has no cost.
Result<NetworkCost> cost_network(const quant::LoweredNetwork& network,
                                 const AcceleratorRequest& request, const quant::Tensor& images,
                                 const flows::Target& target, const NetworkCostOptions& options);

}  // namespace fewbit::study
