// Raw words are compared; numbers are decoded only for the mismatches that are kept.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/verify/scoreboard.h"

#include "fewbit/sim/verify/simulator_text.h"

namespace fewbit::verify {
namespace {

using rtl::Direction;
using rtl::PortRole;

BigInt from_words(const std::uint64_t* words, int count) {
  BigInt value = 0;
  for (int i = count - 1; i >= 0; --i) value = (value << 64) | words[i];
  return value;
}

std::string output_port(const Slot& slot, PortRole role) {
  for (const rtl::PortSignature& port : slot.subject->design.signature.ports) {
    if (port.role == role && port.direction == Direction::kOutput) return port.name;
  }
  return std::string(rtl::to_string(role)) + " (no such port)";
}

std::string decoded(const Format& format, const BigInt& code) {
  return model::to_string(model::decode(format, code));
}

void record(const Slot& slot, PortRole role, const Context& context, const BigInt& expected,
            const BigInt& got) {
  VerifyReport& report = *slot.report;
  ++report.mismatch_count;
  if (report.mismatches.size() >= kMismatchesKept) return;
  const OperatorSpec& spec = slot.subject->spec;
  Mismatch mismatch;
  mismatch.cycle = context.cycle;
  mismatch.phase = std::string(context.phase);
  const std::vector<OperandPort> ports = operand_ports(spec);
  for (std::size_t i = 0; context.operands != nullptr && i < context.operands->size(); ++i) {
    const BigInt& code = (*context.operands)[i];
    mismatch.operands.push_back({ports[i].name.substr(0, ports[i].name.size() - 2), code,
                                 ports[i].lanes == 1 ? decoded(ports[i].format, code) : ""});
  }
  mismatch.port = output_port(slot, role);
  mismatch.expected = expected;
  mismatch.got = got;
  mismatch.got_unknown = slot.simulation->unknown(slot.index, role);
  if (role == PortRole::kResult && output_lanes(spec) == 1) {
    mismatch.expected_decoded = decoded(output_format(spec), expected);
    if (!mismatch.got_unknown) mismatch.got_decoded = decoded(output_format(spec), got);
  }
  report.mismatches.push_back(std::move(mismatch));
}

void check_bit(const Slot& slot, PortRole role, const Context& context, bool expected, bool got) {
  if (expected != got || slot.simulation->unknown(slot.index, role)) {
    record(slot, role, context, expected ? 1 : 0, got ? 1 : 0);
  }
}

}  // namespace

void record_unknown_state(const Slot& slot, const std::string& name, const Context& context) {
  VerifyReport& report = *slot.report;
  ++report.mismatch_count;
  if (report.mismatches.size() >= kMismatchesKept) return;
  Mismatch mismatch;
  mismatch.cycle = context.cycle;
  mismatch.phase = std::string(context.phase);
  mismatch.port = name;
  mismatch.expected_decoded = "any but X";
  mismatch.got_unknown = true;
  report.mismatches.push_back(std::move(mismatch));
}

void check_outputs(const Slot& slot, const model::Outputs& expected, const Context& context) {
  const Simulation& simulation = *slot.simulation;
  if (expected.result_defined) {
    const std::uint64_t* words = simulation.result(slot.index);
    const int count = result_words(*slot.subject);
    const bool equal =
        count == 1 ? expected.result == *words : expected.result == from_words(words, count);
    if (!equal || simulation.unknown(slot.index, PortRole::kResult)) {
      record(slot, PortRole::kResult, context, expected.result, from_words(words, count));
    }
  }
  if (slot.has_scale && (expected.scale != simulation.scale(slot.index) ||
                         simulation.unknown(slot.index, PortRole::kScale))) {
    record(slot, PortRole::kScale, context, expected.scale, simulation.scale(slot.index));
  }
  check_bit(slot, PortRole::kNan, context, expected.nan, simulation.nan(slot.index));
  check_bit(slot, PortRole::kPlusInf, context, expected.pinf, simulation.pinf(slot.index));
  check_bit(slot, PortRole::kMinusInf, context, expected.ninf, simulation.ninf(slot.index));
}

void check_valid(const Slot& slot, bool expected, const Context& context) {
  check_bit(slot, PortRole::kValid, context, expected, slot.simulation->valid(slot.index));
}

void check_ready(const Slot& slot, bool expected, const Context& context) {
  check_bit(slot, PortRole::kReady, context, expected, slot.simulation->ready(slot.index));
}

void check_tag(const Slot& slot, std::uint64_t expected, const Context& context) {
  const std::uint64_t got = slot.simulation->tag(slot.index);
  if (expected != got || slot.simulation->unknown(slot.index, PortRole::kTag)) {
    record(slot, PortRole::kTag, context, expected, got);
  }
}

}  // namespace fewbit::verify
