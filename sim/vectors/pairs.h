// PairSequence: the operand pairs of a verification, all of them where that is possible.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "gen/spec/format.h"

namespace fewbit::vectors {

struct OperandPair {
  Code a = 0;
  Code b = 0;
  auto operator<=>(const OperandPair&) const = default;
};

/// Up to this many operand bits together every pair is applied.
constexpr int kExhaustiveBits = 20;

/// Every pair of codes once, in seeded shuffled order, where the operands have up to
/// kExhaustiveBits bits together; otherwise the corner codes crossed, then `random_pairs` seeded
/// random ones (uniform, near corners, and b close to a so that sums cancel). Without a second
/// operand b is 0. Same formats, seed and count: same sequence, on every machine.
class PairSequence {
 public:
  PairSequence(const Format& a, const std::optional<Format>& b, std::uint64_t seed,
               std::uint64_t random_pairs);

  [[nodiscard]] bool exhaustive() const { return exhaustive_; }
  [[nodiscard]] std::uint64_t size() const;
  [[nodiscard]] OperandPair operator[](std::uint64_t index) const;
  /// "every pair", "corner pairs" or "random pairs".
  [[nodiscard]] std::string_view phase(std::uint64_t index) const;
  [[nodiscard]] std::uint64_t distinct() const { return distinct_; }
  /// 2^(bits of a + bits of b).
  [[nodiscard]] double possible() const;

 private:
  int a_bits_;
  int b_bits_;
  bool exhaustive_;
  std::vector<std::uint64_t> multipliers_;  // of the shuffle, odd
  std::uint64_t offset_ = 0;
  std::vector<OperandPair> sampled_;
  std::uint64_t corner_count_ = 0;
  std::uint64_t distinct_ = 0;
};

}  // namespace fewbit::vectors
