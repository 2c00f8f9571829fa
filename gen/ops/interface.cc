// Interface: see interface.h.
// SPDX-License-Identifier: Apache-2.0
#include "gen/ops/interface.h"

#include <fmt/format.h>

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

rtl::Reset reset_of(const OperatorSpec& spec) {
  switch (spec.reset) {
    case ResetKind::kAsyncLow:
      return rtl::Reset::kAsyncLow;
    case ResetKind::kSyncHigh:
      return rtl::Reset::kSyncHigh;
    case ResetKind::kSyncLow:
      return rtl::Reset::kSyncLow;
    case ResetKind::kNone:
      return rtl::Reset::kNone;
  }
  return rtl::Reset::kNone;
}

Interface::Interface(Module& m, const OperatorSpec& spec) : m_(m), spec_(spec) {
  if (spec.is_clocked()) {
    m.clocked(reset_of(spec));
    control_.valid = m.input("valid_i", 1);
    if (spec.handshake == Handshake::kValidReady) control_.ready = m.input("ready_i", 1);
    if (spec.accumulates()) control_.first = m.input("first_i", 1);
    if (spec.tag_bits > 0) tag_ = m.input("tag_i", spec.tag_bits);
  }
  for (const OperandPort& port : operand_ports(spec)) {
    const bool is_signed = port.lanes == 1 && port.format.is_int() && port.format.is_signed();
    operands_[port.name] = m.input(port.name, port.bits(), is_signed);
  }
  const bool is_template = spec.arch == Architecture::kGeneric && spec.accumulates();
  if (spec.is_clocked() && !is_template) make_handshake();
}

/// One valid bit for each cycle of latency; the last one is the result's. Back-pressure comes from
/// there: while a result is offered and not taken nothing moves.
void Interface::make_handshake() {
  m_.section("Handshake");
  const bool two = spec_.accumulates();
  if (!control_.ready.valid()) {
    control_.valid_q = m_.reg("valid_q", 1);
    m_.drive(control_.valid_q, control_.valid);
    if (two) {
      result_valid_q_ = m_.reg("result_valid_q", 1);
      m_.drive(result_valid_q_, control_.valid_q);
    } else {
      result_valid_q_ = control_.valid_q;
    }
    return;
  }
  // With an enable that it takes part in, the register needs a data input that holds it.
  const std::string name = two ? "result_valid_q" : "valid_q";
  result_valid_q_ = m_.reg(name, 1);
  control_.advance = m_.net("advance", control_.ready | ~result_valid_q_);
  const Signal offered = two ? m_.reg("valid_q", 1, {.enable = control_.advance}) : control_.valid;
  if (two) m_.drive(offered, control_.valid);
  m_.drive(result_valid_q_, mux(control_.advance, offered, result_valid_q_));
  control_.valid_q = two ? offered : result_valid_q_;
}

Signal Interface::lane(const std::string& name, int lane) const {
  for (const OperandPort& port : operand_ports(spec_)) {
    if (port.name != name) continue;
    const int bits = port.format.bits();
    return operand(name).slice((lane + 1) * bits - 1, lane * bits);
  }
  return operand(name);
}

Signal Interface::random() const {
  return spec_.random_bits > 0 ? operand("random_i") : m_.constant(0, 0);
}

void Interface::finish(const Results& results) {
  const Format format = output_format(spec_);
  const bool is_signed = output_lanes(spec_) == 1 && format.is_int() && format.is_signed();
  const bool registers = spec_.is_clocked() && !spec_.accumulates();
  if (registers) m_.section("Result register");
  const Signal take = registers ? m_.net("take", control_.moving(control_.valid)) : Signal();
  const auto held = [&](const std::string& name, const Signal& value) {
    if (!registers) return value;
    const Signal q = m_.reg(name + "_q", value.full_width(), {.enable = take, .reset = false});
    m_.drive(q, value);
    return q;
  };
  const Signal advance = results.ready.valid() ? results.ready : control_.advance;
  if (spec_.handshake == Handshake::kValidReady) m_.output("ready_o", advance);
  if (spec_.is_clocked()) {
    m_.output("valid_o", results.valid.valid() ? results.valid : result_valid_q_);
  }
  m_.output(spec_.accumulates() ? "acc_o" : "result_o", held("result", results.result), is_signed);
  if (results.scale.valid()) m_.output("scale_o", held("scale", results.scale));
  const SpecialFlags flags = special_flags(spec_);
  if (flags.nan) m_.output("nan_o", held("nan", results.flags.nan));
  if (flags.pinf) m_.output("pinf_o", held("pinf", results.flags.pinf));
  if (flags.ninf) m_.output("ninf_o", held("ninf", results.flags.ninf));
  if (!tag_.valid()) return;
  m_.section("Tag");
  Signal tag = tag_;
  for (int stage = 1; stage <= spec_.latency(); ++stage) {
    const std::string name = stage == spec_.latency() ? "tag_q" : fmt::format("tag_{}_q", stage);
    const Signal q = m_.reg(name, spec_.tag_bits, {.enable = advance, .reset = false});
    m_.drive(q, tag);
    tag = q;
  }
  m_.output("tag_o", tag);
}

}  // namespace fewbit::ops
