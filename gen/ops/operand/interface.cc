// Interface: see interface.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/operand/interface.h"

#include <fmt/format.h>

#include "fewbit/gen/ops/fabric/delays.h"
#include "fewbit/gen/rtl/pipeline.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::ProbeRole;
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

Results together(const std::vector<Results>& results) {
  Results all = results.front();
  if (results.size() == 1) return all;
  std::vector<Signal> codes = {all.result};
  const auto join = [](Signal& any, const Signal& next) {
    if (next.valid()) any = any | next;
  };
  for (std::size_t i = 1; i < results.size(); ++i) {
    codes.insert(codes.begin(), results[i].result);
    join(all.flags.nan, results[i].flags.nan);
    join(all.flags.pinf, results[i].flags.pinf);
    join(all.flags.ninf, results[i].flags.ninf);
  }
  all.result = concat(codes);
  return all;
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
  const int latency = spec_.latency();
  control_.is_pipelined = latency > spec_.usual_latency();
  control_.has_stage = latency >= spec_.usual_latency();
  control_.loads_alone = !control_.has_stage && fabric_traits(spec_.fabric).table_behind_carry &&
                         !spec_.saturates_sum();
  const auto name = [&](int cycle) -> std::string {
    if (cycle == 1 && latency <= 2) return "valid_q";
    return cycle == latency ? "result_valid_q" : fmt::format("valid_{}_q", cycle);
  };
  std::vector<Signal>& valid = control_.valid_after;
  valid = {control_.valid};
  if (!control_.ready.valid()) {
    for (int cycle = 1; cycle <= latency; ++cycle) {
      valid.push_back(m_.reg(name(cycle), 1));
      m_.drive(valid.back(), valid[static_cast<std::size_t>(cycle - 1)]);
      m_.mark(ProbeRole::kValid, valid.back(), 0, cycle);
    }
    return;
  }
  // With an enable that it takes part in, the last register needs a data input that holds it.
  const Signal last = m_.reg(name(latency), 1);
  control_.advance = m_.net("advance", control_.ready | ~last);
  for (int cycle = 1; cycle < latency; ++cycle) {
    valid.push_back(m_.reg(name(cycle), 1, {.enable = control_.advance}));
    m_.drive(valid.back(), valid[static_cast<std::size_t>(cycle - 1)]);
    m_.mark(ProbeRole::kValid, valid.back(), 0, cycle);
  }
  m_.mark(ProbeRole::kValid, last, 0, latency);
  m_.drive(last, mux(control_.advance, valid.back(), last));
  valid.push_back(last);
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

/// The results, with all registers of the latency but the last one in the logic before them.
Results Interface::pipelined(const Results& results) {
  Results late = results;
  std::vector<rtl::PipelineSink> sinks;
  std::vector<Signal*> ends;
  const auto sink = [&](const char* name, Signal& signal) {
    if (!signal.valid() || is_zero_constant(signal)) return;
    sinks.push_back({named(m_, name, signal)});
    ends.push_back(&signal);
  };
  sink("result", late.result);
  const std::optional<BlockPort> block = block_port(spec_);
  const std::string stem = block ? block->name.substr(0, block->name.rfind('_')) : "";
  if (block) sink(stem.c_str(), late.block);
  const SpecialFlags flags = special_flags(spec_);
  if (flags.nan) sink("nan", late.flags.nan);
  if (flags.pinf) sink("pinf", late.flags.pinf);
  if (flags.ninf) sink("ninf", late.flags.ninf);
  const rtl::PipelinePlan plan = rtl::plan_pipeline(
      m_, sinks, spec_.latency() - spec_.usual_latency(), delay_model(spec_.fabric));
  const std::vector<Signal> built =
      rtl::pipeline(m_, sinks, plan, {.enable = control_.advance, .reset = false});
  for (std::size_t i = 0; i < ends.size(); ++i) *ends[i] = built[i];
  return late;
}

void Interface::output_tag(const Signal& advance) {
  if (!tag_.valid()) return;
  m_.section("Tag");
  Signal tag = tag_;
  for (int stage = 1; stage <= spec_.latency(); ++stage) {
    const std::string name = stage == spec_.latency() ? "tag_q" : fmt::format("tag_{}_q", stage);
    const Signal q = m_.reg(name, spec_.tag_bits, {.enable = advance, .reset = false});
    m_.drive(q, tag);
    m_.mark(ProbeRole::kTag, q, 0, stage);
    tag = q;
  }
  m_.output("tag_o", tag);
}

void Interface::finish(const Results& combinational) {
  const bool deepen = control_.is_pipelined && !spec_.accumulates();
  const Results results = deepen ? pipelined(combinational) : combinational;
  const Format format = output_format(spec_);
  const bool is_signed = output_lanes(spec_) == 1 && format.is_int() && format.is_signed();
  const bool registers = spec_.is_clocked() && !spec_.accumulates();
  if (registers) m_.section("Result register");
  const Signal take =
      registers
          ? m_.net("take", control_.moving(
                               control_.valid_after[static_cast<std::size_t>(spec_.latency() - 1)]))
          : Signal();
  const auto held = [&](const std::string& name, const Signal& value) {
    if (!registers) return value;
    const Signal q = m_.reg(name + "_q", value.full_width(), {.enable = take, .reset = false});
    m_.drive(q, value);
    return q;
  };
  const Signal advance = results.ready.valid() ? results.ready : control_.advance;
  if (spec_.handshake == Handshake::kValidReady) m_.output("ready_o", advance);
  if (spec_.is_clocked()) {
    m_.output("valid_o", results.valid.valid() ? results.valid : control_.valid_after.back());
  }
  m_.output(spec_.accumulates() ? "acc_o" : "result_o", held("result", results.result), is_signed);
  if (const std::optional<BlockPort> block = block_port(spec_)) {
    m_.output(block->name, held(block->name.substr(0, block->name.rfind('_')), results.block));
  }
  const SpecialFlags flags = special_flags(spec_);
  if (flags.nan) m_.output("nan_o", held("nan", results.flags.nan));
  if (flags.pinf) m_.output("pinf_o", held("pinf", results.flags.pinf));
  if (flags.ninf) m_.output("ninf_o", held("ninf", results.flags.ninf));
  output_tag(advance);
}

}  // namespace fewbit::ops
