// The drawing of an accelerator, as fewbit build writes it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/cli/build_device.h"
#include "fewbit/flows/study/network/cost_network.h"

namespace fewbit::cli {

/// SVG. LUTs of layers: of `cost` as each block was mapped alone, else by the estimate of plans
/// where the device has one, and "about".
Result<std::string> network_drawing(const quant::LoweredNetwork& network,
                                    const study::Accelerator& accelerator,
                                    const BuildDevice& device, const study::NetworkCost& cost);

}  // namespace fewbit::cli
