// Operation: an operator on arrays of codes, by a table where all its operands together are small.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "fewbit/sim/model/operators.h"

namespace fewbit::arrays {

/// The codes of one operand, lane after lane of each operation: element i of operation n is at
/// n x lanes + i. The bits above the format's are ignored.
using Operand = const std::uint64_t*;

/// What comes out of many operations. Each vector has one element an operation, `result` one for
/// each lane of it; `scales` is empty but for mxquant and squant, the flags where the operator has
/// none.
struct Results {
  std::vector<std::uint64_t> result;
  std::vector<std::uint8_t> nan, pinf, ninf;
  std::vector<std::uint64_t> scales;  ///< the bits of block_port()
};

/// Operators that do not accumulate whose operands have kMostOperandBits together are looked up in
/// a table that model::Function fills; all others call the model for each operation. Safe for
/// several threads. Codes and results have up to 64 bits a lane.
class Operation {
 public:
  static constexpr int kMostOperandBits = 16;

  /// Errors: an operand or a result of more than 64 bits.
  static Result<Operation> make(const OperatorSpec& spec);

  [[nodiscard]] const OperatorSpec& spec() const { return spec_; }
  /// As operand_ports(spec): what run() takes.
  [[nodiscard]] const std::vector<OperandPort>& ports() const { return ports_; }
  [[nodiscard]] Format format() const { return output_format(spec_); }
  [[nodiscard]] bool has_table() const { return table_ != nullptr; }

  /// `count` operations, one operand a port. Where the operator accumulates, `first[n]` starts a
  /// new sum with operation n, and result n is the sum after it; else `first` is ignored.
  /// Interrupted where `stop()` says so, which is asked now and then: then the rest is 0.
  template <typename Stop>
  Results run(const std::vector<Operand>& operands, const std::uint8_t* first, std::size_t count,
              Stop stop) const {
    Results results = reserve(count);
    constexpr std::size_t kPiece = 4096;
    std::unique_ptr<model::Accumulator> sum;
    if (spec_.accumulates()) sum = std::make_unique<model::Accumulator>(spec_);
    for (std::size_t begin = 0; begin < count && !stop(); begin += kPiece) {
      const std::size_t end = std::min(count, begin + kPiece);
      sum ? accumulate(*sum, operands, first, begin, end, results)
          : evaluate(operands, begin, end, results);
    }
    return results;
  }

  /// The fast path of two operands, each of codes of one byte, into results of one or two bytes;
  /// needs has_table(), two ports of one lane and no flags.
  template <typename To>
  void run_pairs(const std::uint8_t* a, const std::uint8_t* b, std::size_t count, To* out) const {
    const std::uint16_t* const table = table_->narrow.data();
    const std::uint32_t a_mask = (1U << ports_[0].format.bits()) - 1;
    const std::uint32_t b_mask = (1U << ports_[1].format.bits()) - 1;
    const int shift = ports_[0].format.bits();
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = static_cast<To>(table[(a[i] & a_mask) | (b[i] & b_mask) << shift]);
    }
  }
  [[nodiscard]] bool has_pairs() const { return has_table() && !table_->narrow.empty(); }

 private:
  /// By the bits of all operands, the first lane of the first one lowest.
  struct Table {
    std::vector<model::Outputs> outputs;
    std::vector<std::uint16_t> narrow;  ///< results alone, of two ports of one lane without flags
  };

  explicit Operation(const OperatorSpec& spec);
  [[nodiscard]] Results reserve(std::size_t count) const;
  [[nodiscard]] model::Operands operands_of(const std::vector<Operand>& operands,
                                            std::size_t n) const;
  void put(const model::Outputs& outputs, std::size_t n, Results& results) const;
  void evaluate(const std::vector<Operand>& operands, std::size_t begin, std::size_t end,
                Results& results) const;
  void accumulate(model::Accumulator& sum, const std::vector<Operand>& operands,
                  const std::uint8_t* first, std::size_t begin, std::size_t end,
                  Results& results) const;

  OperatorSpec spec_;
  std::vector<OperandPort> ports_;
  int lanes_ = 1;  // of the result
  int bits_ = 1;   // of a lane of it
  SpecialFlags flags_;
  std::optional<model::Function> function_;
  std::shared_ptr<const Table> table_;
};

}  // namespace fewbit::arrays
