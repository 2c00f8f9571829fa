// Foldings of an accelerator's layers: the fewest lanes that are fast enough.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fewbit/flows/study/network/accelerator.h"
#include "fewbit/quant/hardware/folding.h"

namespace fewbit::study {

/// Rows, lanes and results a cycle of every linear layer, so that none takes more than `cycles` an
/// image: by a rough count of what lanes, rows, memories and roundings cost, the least. Errors: a
/// layer, or the bytes of the image, that take longer however they are folded.
Result<std::vector<LayerFolding>> fold_layers(const quant::LoweredNetwork& network,
                                              std::int64_t cycles, bool has_multipliers);

/// The same with the rows and lanes of a plan; a depthwise layer has channels alone side by side.
Result<std::vector<LayerFolding>> fold_layers(const quant::LoweredNetwork& network,
                                              const quant::FoldingPlan& plan);

/// Block RAMs, and bits, of the memories of a design in blocks of iCE40; those of 64 bits and less
/// are no memories.
struct MemoryUse {
  std::int64_t bits = 0;
  int blocks = 0;
};
MemoryUse memory_use(const rtl::Module& top, const std::vector<rtl::BlockShape>& shapes);

}  // namespace fewbit::study
