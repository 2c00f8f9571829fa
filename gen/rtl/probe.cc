// Probes: see probe.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/rtl/probe.h"

#include <algorithm>

#include "fewbit/gen/rtl/passes.h"

namespace fewbit::rtl {

std::string_view to_string(ProbeRole role) {
  switch (role) {
    case ProbeRole::kValid:
      return "valid";
    case ProbeRole::kTag:
      return "tag";
    case ProbeRole::kSum:
      return "sum";
    case ProbeRole::kAddend:
      return "addend";
    case ProbeRole::kAddendCarry:
      return "addend_carry";
    case ProbeRole::kFirst:
      return "first";
    case ProbeRole::kFresh:
      return "fresh";
    case ProbeRole::kNanEvent:
      return "nan_event";
    case ProbeRole::kPlusInfEvent:
      return "plus_inf_event";
    case ProbeRole::kMinusInfEvent:
      return "minus_inf_event";
    case ProbeRole::kNanSeen:
      return "nan_seen";
    case ProbeRole::kPlusInfSeen:
      return "plus_inf_seen";
    case ProbeRole::kMinusInfSeen:
      return "minus_inf_seen";
    case ProbeRole::kTerm:
      return "term";
    case ProbeRole::kTermUsed:
      return "term_used";
    case ProbeRole::kTermCarry:
      return "term_carry";
    case ProbeRole::kTermLateCarry:
      return "term_late_carry";
    case ProbeRole::kRunningSum:
      return "running_sum";
    case ProbeRole::kSharedTerm:
      return "shared_term";
  }
  return "";
}

std::vector<Probe> probes_of(const Module& module) {
  const std::vector<bool> live = live_nodes(module);
  std::vector<Probe> probes;
  for (const Mark& mark : module.marks()) {
    const Node& node = module.node(mark.node);
    Probe probe{.role = mark.role,
                .width_bits = node.width.bits,
                .lane = mark.lane,
                .place = mark.place,
                .is_register = node.op == Op::kRegister};
    if (node.op != Op::kConst) {
      if (!live[static_cast<std::size_t>(mark.node)]) continue;
      probe.net = node.name;
      probe.is_free = mark.is_free;
      if (mark.is_free) probe.port = node.name;
      if (mark.output >= 0) {
        probe.port = module.outputs()[static_cast<std::size_t>(mark.output)].name;
      }
    }
    probes.push_back(std::move(probe));
  }
  return probes;
}

void open_probes(Module& module, const std::vector<ProbeRole>& free) {
  const std::vector<bool> live = live_nodes(module);
  for (Mark& mark : module.marks()) {
    const Signal signal = module.signal(mark.node);
    const Op op = module.node(mark.node).op;
    if (op == Op::kConst || !live[static_cast<std::size_t>(mark.node)]) continue;
    if (std::find(free.begin(), free.end(), mark.role) != free.end()) {
      module.make_free(signal);
      mark.is_free = true;
    } else {
      mark.output = static_cast<int>(module.outputs().size());
      module.output(module.node(mark.node).name + "_probe", signal);
    }
  }
}

}  // namespace fewbit::rtl
