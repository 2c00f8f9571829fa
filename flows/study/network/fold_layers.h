// Foldings of an accelerator's layers: the fewest lanes that are fast enough.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fewbit/flows/study/network/accelerator.h"
#include "fewbit/quant/hardware/folding.h"

namespace fewbit::study {

/// What lanes and memories are weighed by.
struct FoldingDevice {
  std::vector<rtl::BlockShape> shapes;
  double luts_per_block = 0;  ///< that the device has
  bool has_multipliers = false;
};

/// Rows, lanes and results a cycle of every linear layer, so that none takes more than `cycles` an
/// image: by a rough count of what lanes, rows, memories and roundings cost, the least. Errors: a
/// layer, or the bytes of the image, that take longer however they are folded.
Result<std::vector<LayerFolding>> fold_layers(const quant::LoweredNetwork& network,
                                              std::int64_t cycles, const FoldingDevice& device);

/// See quant::depthwise_cycles.
std::int64_t depthwise_cycles(const quant::LinearSums& sums, const LayerFolding& folding);

/// The same with the rows and lanes of a plan; a depthwise layer has channels alone side by side.
Result<std::vector<LayerFolding>> fold_layers(const quant::LoweredNetwork& network,
                                              const quant::FoldingPlan& plan,
                                              const FoldingDevice& device);

/// Block RAMs and bits of the memories of a design that have `least_bits` or more; smaller ones,
/// and those that ask for it, are in lookup tables.
struct MemoryUse {
  std::int64_t bits = 0;
  int blocks = 0;
};
MemoryUse memory_use(const rtl::Module& top, const std::vector<rtl::BlockShape>& shapes,
                     std::int64_t least_bits);

/// Puts memories of modules that are there once into lookup tables, those first that give
/// back a block RAM for the fewest of them, until the others fit `blocks`, or none is left.
void place_memories(rtl::Module& top, const std::vector<rtl::BlockShape>& shapes,
                    std::int64_t least_bits, int blocks);

}  // namespace fewbit::study
