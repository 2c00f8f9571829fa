// Operations from the stimulus of verification, answered by the exact model.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/testbench/operations.h"

#include <fmt/format.h>

#include <algorithm>

#include "fewbit/sim/model/operators.h"
#include "fewbit/sim/vectors/operands.h"
#include "fewbit/sim/vectors/stream.h"

namespace fewbit::testbench {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr vectors::Coverage kCoverage = {
    .exhaustive_bits = 12, .corners = 1000, .longest_sum = 300};
constexpr std::uint64_t kRandom = 1000;

using rtl::PortRole;

std::string hex_line(const BigInt& value, int bits) {
  return fmt::format("{:0>{}}\n", to_hex(value), (bits + 3) / 4);
}

/// Packs operations into the lines of both files.
class Packer {
 public:
  Packer(const OperatorSpec& spec, const rtl::ModuleSignature& signature) {
    for (const OperandPort& port : operand_ports(spec)) {
      add(operations_.operands, operations_.operand_bits, port.name, port.bits());
    }
    if (spec.accumulates()) add(operations_.operands, operations_.operand_bits, "first_i", 1);
    for (const PortRole role : {PortRole::kResult, PortRole::kScale, PortRole::kNan,
                                PortRole::kPlusInf, PortRole::kMinusInf}) {
      const rtl::PortSignature* port = signature.find(role);
      if (port == nullptr) continue;
      add(operations_.results, operations_.result_bits, port->name, port->width_bits);
      roles_.push_back(role);
    }
    operations_.result_bits += 2;
    operations_.operands_file.name = signature.module + "_tb_operands.hex";
    operations_.results_file.name = signature.module + "_tb_results.hex";
  }

  void operation(const model::Operands& operands, bool first, const model::Outputs& outputs) {
    BigInt line = 0;
    for (std::size_t i = 0; i < operations_.operands.size(); ++i) {
      const bool is_first = i >= operands.size();
      line |= (is_first ? BigInt(first ? 1 : 0) : operands[i]) << operations_.operands[i].low;
    }
    operations_.operands_file.text += hex_line(line, operations_.operand_bits);
    line = BigInt(outputs.result_defined ? 3 : 2) << (operations_.result_bits - 2);
    for (std::size_t i = 0; i < roles_.size(); ++i) {
      line |= value_of(roles_[i], outputs) << operations_.results[i].low;
    }
    operations_.results_file.text += hex_line(line, operations_.result_bits);
    ++operations_.count;
  }

  Operations take() { return std::move(operations_); }

 private:
  static void add(std::vector<Field>& fields, int& bits, const std::string& port, int width) {
    fields.push_back({port, bits, width});
    bits += width;
  }

  static BigInt value_of(PortRole role, const model::Outputs& outputs) {
    switch (role) {
      case PortRole::kScale:
        return outputs.scale;
      case PortRole::kNan:
        return outputs.nan ? 1 : 0;
      case PortRole::kPlusInf:
        return outputs.pinf ? 1 : 0;
      case PortRole::kMinusInf:
        return outputs.ninf ? 1 : 0;
      default:
        return outputs.result_defined ? outputs.result : BigInt(0);
    }
  }

  Operations operations_;
  std::vector<PortRole> roles_;
};

void pack_sums(const OperatorSpec& spec, Packer& packer) {
  vectors::StreamStimulus stimulus(spec, {kSeed, kRandom, kCoverage, true});
  model::Accumulator sum(spec);
  vectors::Cycle cycle;
  int starts = spec.reset == ResetKind::kNone ? spec.interleave : 0;  // so many more operations
  bool has_begun = false;
  while (stimulus.next(cycle)) {
    if ((cycle.reset || cycle.reset_pulse) && has_begun) starts = spec.interleave;
    if (!cycle.valid || cycle.reset) continue;
    const bool first = cycle.first || starts > 0;
    packer.operation(cycle.operands, first, sum.step(first, cycle.operands));
    starts = std::max(0, starts - 1);
    has_begun = true;
  }
}

}  // namespace

Operations operations_of(const OperatorSpec& spec, const rtl::ModuleSignature& signature) {
  Packer packer(spec, signature);
  if (spec.accumulates()) {
    pack_sums(spec, packer);
    return packer.take();
  }
  const vectors::OperandSequence sequence(spec, kSeed, kRandom, kCoverage);
  const model::Function function(spec);
  for (std::uint64_t i = 0; i < sequence.size(); ++i) {
    const model::Operands operands = sequence[i];
    packer.operation(operands, false, function(operands));
  }
  return packer.take();
}

}  // namespace fewbit::testbench
