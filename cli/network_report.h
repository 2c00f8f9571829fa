// What fewbit build says of an accelerator: tables and documents.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "fewbit/flows/store/network_row.h"
#include "fewbit/flows/study/network/cost_network.h"
#include "fewbit/quant/evaluate.h"

namespace fewbit::cli {

/// What was asked for, and the memories.
struct NetworkFacts {
  std::string network, target;
  long long mhz = 0;
  int blocks = 0;         ///< block RAMs that the memories take
  int device_blocks = 0;  ///< and that there are
};

std::string network_text(const study::Accelerator& accelerator, const NetworkFacts& facts);
nlohmann::ordered_json network_json(const study::Accelerator& accelerator,
                                    const quant::LoweredNetwork& network,
                                    const NetworkFacts& facts);

std::string report_text(const study::NetworkReport& report, const study::Accelerator& accelerator);
nlohmann::ordered_json report_json(const study::NetworkReport& report);

/// What was measured, as a row; the request's words apart.
store::NetworkRow network_row(const study::Accelerator& accelerator, const study::NetworkCost& cost,
                              const std::optional<quant::Evaluation>& accuracy);

std::string cost_text(const study::NetworkCost& cost);
nlohmann::ordered_json cost_json(const study::NetworkCost& cost);

}  // namespace fewbit::cli
