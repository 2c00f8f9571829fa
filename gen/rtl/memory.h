// Memory: words with one read and one write port, and the block RAMs that hold them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/gen/util/bigint.h"

namespace fewbit::rtl {

enum class MemoryStyle {
  kAny,          ///< synthesis chooses
  kBlock,        ///< block RAM
  kDistributed,  ///< lookup tables used as RAM
};

/// What a read gives of the word that is written at the same clock edge.
enum class Collision {
  kOld,  ///< what it was. On block RAM of iCE40 and ECP5 synthesis adds logic to make that true
  kAnything,  ///< no logic; whoever builds the module sees to it that it does not matter
};

struct MemorySpec {
  int depth = 0;                 ///< words, at least 2
  int width = 0;                 ///< bits of a word
  std::vector<BigInt> contents;  ///< at the start, word 0 first, the rest 0; empty: unknown
  bool in_file = false;  ///< contents in a file beside the module, else in its text: then at most
                         ///< kMostInlineBits of them
  MemoryStyle style = MemoryStyle::kAny;
  Collision collision = Collision::kOld;
};

/// A literal of more bits is too wide for Verilator.
inline constexpr int kMostInlineBits = 65536;

/// A memory of a module; ports are node numbers, -1 where absent.
struct Memory {
  std::string name;
  MemorySpec spec;
  int write_enable = -1, write_address = -1, write_data = -1;

  [[nodiscard]] bool is_written() const { return write_enable >= 0; }
};

/// Bits of an address of one of `depth` words.
int address_bits(int depth);

/// A way to use one block: so many words of so many bits.
struct BlockShape {
  int depth = 0;
  int width = 0;
  bool operator==(const BlockShape&) const = default;
};

/// Blocks of one shape that hold a memory: `deep` rows of them, `wide` in each.
struct BlockUse {
  BlockShape shape;
  int deep = 0;
  int wide = 0;
  [[nodiscard]] int blocks() const { return deep * wide; }
};

/// The shapes of one write and one read port: SB_RAM40 of iCE40, EBR of ECP5 (DP16KD), half a block
/// RAM of Xilinx (RAMB18).
const std::vector<BlockShape>& ice40_blocks();
const std::vector<BlockShape>& ecp5_blocks();
const std::vector<BlockShape>& xilinx_blocks();

/// The fewest blocks of one of these shapes that hold `depth` words of `width` bits, and of equally
/// many those with fewest rows, which need the narrowest selection behind them.
BlockUse memory_blocks(const std::vector<BlockShape>& shapes, int depth, int width);

}  // namespace fewbit::rtl
