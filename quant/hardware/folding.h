// Folding: how many rows and lanes each engine has, and where its memories are, for a device.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "fewbit/quant/hardware/engines.h"

namespace fewbit::quant {

/// Where the words of a memory are.
enum class Place {
  kWired,         ///< one word, or none: no memory
  kLookupTables,  ///< constants or RAM of 16 words in lookup tables
  kBlockRam,
};

struct MemoryPlan {
  Place place = Place::kWired;
  int depth = 0;  ///< words
  int width = 0;  ///< bits
  double luts = 0;
  rtl::BlockUse blocks;
  [[nodiscard]] int brams() const { return place == Place::kBlockRam ? blocks.blocks() : 0; }
};

/// Of one engine: `rows` sums at a time, of `lanes` products each.
struct EngineFolding {
  std::int64_t rows = 1, lanes = 1;
  std::int64_t cycles = 0;  ///< of an image
  MemoryPlan weights, parameters, operands;
  std::int64_t requantizers = 0;
  double dot_luts = 0;          ///< by measured rows
  double requantizer_luts = 0;  ///< by measured rows, the addition of the bias counted
  double other_luts = 0;  ///< counted: memories in lookup tables, the way of the sums, control
  int brams = 0, multipliers = 0;
  [[nodiscard]] double luts() const { return dot_luts + requantizer_luts + other_luts; }
};

/// Of a Part: so many side by side.
struct PartFolding {
  std::int64_t units = 0;
  MemoryPlan held;
  double luts = 0;
  int brams = 0, multipliers = 0;
};

struct Resources {
  double luts = 0;
  int brams = 0, multipliers = 0;
};

struct FoldingPlan {
  std::int64_t cycles = 0;  ///< between images
  std::vector<EngineFolding> engines;
  std::vector<PartFolding> parts;
  Resources used;
  [[nodiscard]] bool fits(const Device& device) const;
};

/// Lookup tables of ECP5 that hold a memory: one for each bit of 16 constant words, one and a half
/// where words are written (four bits of 16 words take six), and those that select.
double memory_tables(std::int64_t depth, std::int64_t width, bool is_written);

/// Cycles of an image in a depthwise layer with its roundings. A window is `groups` of channels,
/// each `beats` long; its sums are complete one group right behind the other, each takes `rounds`
/// cycles to be rounded, and all but the last are before the next window.
std::int64_t depthwise_cycles(std::int64_t pixels, std::int64_t groups, std::int64_t beats,
                              std::int64_t rounds);

inline constexpr std::int64_t kAnyCycles = std::int64_t{1} << 60;  ///< no limit

/// The folding with the fewest lookup tables whose engines and parts each need at most `cycles`
/// cycles an image, out of all rows, lanes and places of memories that the block RAMs of the device
/// suffice for. It need not fit the lookup tables and multipliers, whose number follows from the
/// rate: see fits(). Absent where an engine or the bytes of the image take more cycles. Errors:
/// formats whose cost was not measured.
Result<std::optional<FoldingPlan>> fold(const Pipeline& pipeline, const Device& device,
                                        std::int64_t cycles, const BlockCosts& costs);

/// LUTs of one engine with so many rows and lanes, memories apart, as a plan counts them. Errors:
/// formats whose cost was not measured.
Result<double> engine_luts(const Engine& engine, std::int64_t rows, std::int64_t lanes,
                           const BlockCosts& costs);

/// The folding with the fewest cycles that fits; absent where none fits.
Result<std::optional<FoldingPlan>> fold_fastest(const Pipeline& pipeline, const Device& device,
                                                const BlockCosts& costs);

}  // namespace fewbit::quant
