// OperandSequence: the operands of a verification, all of them where that is possible.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/sim/model/operators.h"

namespace fewbit::vectors {

/// How much is applied besides the random operands. Slow simulators get less.
struct Coverage {
  int exhaustive_bits = 20;           ///< of all operands together: every combination up to these
  std::uint64_t corners = 20000;      ///< combinations of corner codes, where there are more
  std::uint64_t longest_sum = 70000;  ///< terms of a worst-case sum, which is cut there
};

/// Every combination of operand codes once, in seeded shuffled order, where all operands have up to
/// coverage.exhaustive_bits bits together. Otherwise corner codes crossed (as many as
/// coverage.corners, else in random combinations), then `random_count` seeded random operations of
/// several kinds: uniform bits; few ones or zeros; near corners; integers of random length; all
/// lanes alike, one lane alone, lanes that cancel; a sum's operands close to each other or to a
/// product; and where one number is rounded, values at, between and beside the results. Same spec,
/// seed and count: same sequence, on every machine.
class OperandSequence {
 public:
  OperandSequence(const OperatorSpec& spec, std::uint64_t seed, std::uint64_t random_count,
                  const Coverage& coverage = {});

  [[nodiscard]] bool exhaustive() const { return exhaustive_; }
  [[nodiscard]] std::uint64_t size() const;
  [[nodiscard]] model::Operands operator[](std::uint64_t index) const;
  /// "every operand", "corner operands" or "random operands".
  [[nodiscard]] std::string_view phase(std::uint64_t index) const;
  [[nodiscard]] std::uint64_t distinct() const;  ///< by sorting them, each time
  /// 2^(bits of all operands).
  [[nodiscard]] double possible() const;

 private:
  void add_corners(std::mt19937_64& random, std::uint64_t limit);
  model::Operands random_operation(std::mt19937_64& random) const;
  BigInt random_code(std::mt19937_64& random, std::size_t port) const;
  BigInt random_lanes(std::mt19937_64& random, std::size_t port) const;
  void make_close(std::mt19937_64& random, model::Operands& operands) const;
  void cancel_lanes(std::mt19937_64& random, model::Operands& operands) const;
  BigInt near_result(std::mt19937_64& random) const;

  OperatorSpec spec_;
  std::vector<OperandPort> ports_;
  int bits_;
  bool exhaustive_;
  std::vector<std::uint64_t> multipliers_;  // of the shuffle, odd
  std::uint64_t offset_ = 0;
  std::vector<std::vector<BigInt>> corners_;  // of each port's format
  std::vector<model::Operands> sampled_;
  std::uint64_t corner_count_ = 0;
};

}  // namespace fewbit::vectors
