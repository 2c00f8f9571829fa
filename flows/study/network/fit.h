// Fitting: the fastest accelerator of a network within a budget of a device.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "fewbit/flows/study/network/fold_layers.h"

namespace fewbit::study {

/// What an accelerator may take.
struct FitBudget {
  FoldingDevice weighed;
  int blocks = 0;               ///< block RAMs at most
  std::int64_t least_bits = 0;  ///< of a memory that is in block RAM for sure
  /// Lookup tables, multipliers and block RAMs by the estimate of a plan; absent where the target
  /// has none.
  std::optional<quant::Device> planned{};
};

struct Fitted {
  AcceleratorRequest request;
  Accelerator accelerator;
  MemoryUse memory;
};

/// The accelerator of `request` with these layers, whatever memory it takes.
Result<Fitted> fitted_with(const quant::LoweredNetwork& network, AcceleratorRequest request,
                           std::vector<LayerFolding> layers, const FitBudget& budget);

/// The one with the fewest cycles, but for a fiftieth, whose plan and whose memories as they are
/// built are within the budget. Absent where none is; `least_blocks` then says what the smallest
/// tried one took, 0 where no plan was within the estimate. Errors: of build_accelerator; formats
/// whose cost was not measured.
Result<std::optional<Fitted>> fit_fastest(const quant::LoweredNetwork& network,
                                          const AcceleratorRequest& request,
                                          const FitBudget& budget, int& least_blocks);

}  // namespace fewbit::study
