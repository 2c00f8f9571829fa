// Operation: see operation.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/arrays/operation.h"

#include <fmt/format.h>

#include <algorithm>

namespace fewbit::arrays {
namespace {

constexpr int kMostCodeBits = 64;

std::uint64_t mask_of(int bits) {
  return bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

}  // namespace

Operation::Operation(const OperatorSpec& spec)
    : spec_(spec),
      ports_(operand_ports(spec)),
      lanes_(output_lanes(spec)),
      bits_(output_format(spec).bits()),
      flags_(special_flags(spec)) {
  if (!spec.accumulates()) function_.emplace(spec);
}

Result<Operation> Operation::make(const OperatorSpec& spec) {
  Operation operation(spec);
  const std::string legal = fmt::format("up to {} bits", kMostCodeBits);
  for (const OperandPort& port : operation.ports_) {
    if (port.format.bits() > kMostCodeBits) {
      return Error{port.name, fmt::format("{} bits", port.format.bits()), legal, "on arrays"};
    }
  }
  if (operation.bits_ > kMostCodeBits) {
    return Error{"result", output_format(spec).name(), legal, "on arrays: round it into a format"};
  }
  const int bits = operand_bits(spec);
  if (spec.accumulates() || bits > kMostOperandBits) return operation;
  auto table = std::make_shared<Table>();
  for (std::uint32_t code = 0; code >> bits == 0; ++code) {
    model::Operands operands;
    int place = 0;
    for (const OperandPort& port : operation.ports_) {
      operands.emplace_back((code >> place) & mask_of(port.bits()));
      place += port.bits();
    }
    table->outputs.push_back((*operation.function_)(operands));
  }
  const auto is_narrow = [](const OperandPort& port) {
    return port.lanes == 1 && port.format.bits() <= 8;
  };
  if (operation.ports_.size() == 2 &&
      std::all_of(operation.ports_.begin(), operation.ports_.end(), is_narrow) &&
      operation.bits_ <= 16 && operation.lanes_ == 1 && !operation.flags_.any()) {
    for (const model::Outputs& outputs : table->outputs) {
      table->narrow.push_back(outputs.result.convert_to<std::uint16_t>());
    }
  }
  operation.table_ = std::move(table);
  return operation;
}

Results Operation::reserve(std::size_t count) const {
  Results results;
  results.result.resize(count * static_cast<std::size_t>(lanes_));
  if (flags_.nan) results.nan.resize(count);
  if (flags_.pinf) results.pinf.resize(count);
  if (flags_.ninf) results.ninf.resize(count);
  if (block_port(spec_)) results.scales.resize(count);
  return results;
}

model::Operands Operation::operands_of(const std::vector<Operand>& operands, std::size_t n) const {
  model::Operands bits;
  for (std::size_t port = 0; port < ports_.size(); ++port) {
    const auto lanes = static_cast<std::size_t>(ports_[port].lanes);
    const int width = ports_[port].format.bits();
    BigInt all = 0;
    for (std::size_t lane = lanes; lane-- > 0;) {
      all <<= width;
      all |= operands[port][n * lanes + lane] & mask_of(width);
    }
    bits.push_back(std::move(all));
  }
  return bits;
}

void Operation::put(const model::Outputs& outputs, std::size_t n, Results& results) const {
  if (!results.nan.empty()) results.nan[n] = outputs.nan ? 1 : 0;
  if (!results.pinf.empty()) results.pinf[n] = outputs.pinf ? 1 : 0;
  if (!results.ninf.empty()) results.ninf[n] = outputs.ninf ? 1 : 0;
  if (!results.scales.empty()) results.scales[n] = outputs.scale.convert_to<std::uint64_t>();
  if (!outputs.result_defined) return;
  const auto lanes = static_cast<std::size_t>(lanes_);
  if (lanes == 1) {
    results.result[n] = outputs.result.convert_to<std::uint64_t>();
    return;
  }
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const BigInt code = (outputs.result >> (static_cast<int>(lane) * bits_)) & mask_of(bits_);
    results.result[n * lanes + lane] = code.convert_to<std::uint64_t>();
  }
}

void Operation::evaluate(const std::vector<Operand>& operands, std::size_t begin, std::size_t end,
                         Results& results) const {
  for (std::size_t n = begin; n < end; ++n) {
    if (!has_table()) {
      put((*function_)(operands_of(operands, n)), n, results);
      continue;
    }
    std::uint32_t place = 0;
    int at = 0;
    for (std::size_t port = 0; port < ports_.size(); ++port) {
      const auto lanes = static_cast<std::size_t>(ports_[port].lanes);
      const int width = ports_[port].format.bits();
      for (std::size_t lane = 0; lane < lanes; ++lane, at += width) {
        place |= static_cast<std::uint32_t>(operands[port][n * lanes + lane] & mask_of(width))
                 << at;
      }
    }
    put(table_->outputs[place], n, results);
  }
}

void Operation::accumulate(model::Accumulator& sum, const std::vector<Operand>& operands,
                           const std::uint8_t* first, std::size_t begin, std::size_t end,
                           Results& results) const {
  for (std::size_t n = begin; n < end; ++n) {
    put(sum.step(first[n] != 0, operands_of(operands, n)), n, results);
  }
}

}  // namespace fewbit::arrays
