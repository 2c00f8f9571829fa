// Probes in proofs: see prove_probes.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/prove_probes.h"

#include <fmt/format.h>

#include <algorithm>

namespace fewbit::flows {
namespace {

using rtl::EmittedDesign;
using rtl::PortRole;
using rtl::Probe;
using rtl::ProbeRole;

Error wrong(const EmittedDesign& design, ProbeRole role, int lane, int place,
            const std::string& legal) {
  return Error{"probe", fmt::format("{} of lane {} at {}", to_string(role), lane, place), legal,
               "in " + design.signature.module};
}

/// A role of three: NaN, +infinity, -infinity.
using ThreeRoles = std::array<ProbeRole, 3>;
constexpr ThreeRoles kEvents = {ProbeRole::kNanEvent, ProbeRole::kPlusInfEvent,
                                ProbeRole::kMinusInfEvent};
constexpr ThreeRoles kSeen = {ProbeRole::kNanSeen, ProbeRole::kPlusInfSeen,
                              ProbeRole::kMinusInfSeen};
constexpr std::array<PortRole, 3> kFlags = {PortRole::kNan, PortRole::kPlusInf,
                                            PortRole::kMinusInf};

}  // namespace

std::string wire_of(const Probe& probe) {
  return probe.net.empty() ? std::string("1'b0") : "g_" + probe.port;
}

bool has_probe(const EmittedDesign& design, ProbeRole role) {
  return std::any_of(design.probes.begin(), design.probes.end(),
                     [&](const Probe& probe) { return probe.role == role; });
}

Result<std::string> find_wire(const EmittedDesign& design, ProbeRole role, int bits, int lane,
                              int place) {
  const Probe* found = nullptr;
  for (const Probe& probe : design.probes) {
    if (probe.role != role || probe.lane != lane || probe.place != place) continue;
    if (found != nullptr) return wrong(design, role, lane, place, "one net alone");
    found = &probe;
  }
  if (found == nullptr) return wrong(design, role, lane, place, "a net of the design");
  if (found->net.empty()) return wire_of(*found);
  if (found->port.empty()) return wrong(design, role, lane, place, "a port of the design");
  if (bits != 0 && found->width_bits != bits) {
    return wrong(design, role, lane, place, fmt::format("{} bits", bits));
  }
  return wire_of(*found);
}

Result<EmittedDesign> check_opened(EmittedDesign design, const std::vector<ProbeRole>& free) {
  for (const Probe& probe : design.probes) {
    const bool is_free = std::find(free.begin(), free.end(), probe.role) != free.end();
    if (probe.net.empty() || (!probe.port.empty() && probe.is_free == is_free)) continue;
    return wrong(design, probe.role, probe.lane, probe.place,
                 is_free ? "an input of the design" : "an output of the design");
  }
  return design;
}

Result<std::vector<std::string>> valid_wires(const EmittedDesign& design) {
  std::vector<std::string> wires;
  for (int cycle = 1; cycle <= design.signature.latency_cycles; ++cycle) {
    FEWBIT_ASSIGN_OR_RETURN(wire, find_wire(design, ProbeRole::kValid, 1, 0, cycle));
    wires.push_back(wire);
  }
  return wires;
}

Result<AccumulatorWires> accumulator_wires(const OperatorSpec& spec, const EmittedDesign& design) {
  AccumulatorWires wires;
  const auto find = [&](ProbeRole role, int bits, std::string& wire, int place = 0) -> Status {
    FEWBIT_ASSIGN_OR_RETURN(found, find_wire(design, role, bits, 0, place));
    wire = found;
    return Ok{};
  };
  FEWBIT_ASSIGN_OR_RETURN(valid, valid_wires(design));
  if (valid.size() != static_cast<std::size_t>(spec.latency()) || valid.size() > 2) {
    return wrong(design, ProbeRole::kValid, 0, spec.latency(), "the last valid register");
  }
  wires.valid = valid;
  if (spec.tag_bits > 0 && valid.size() == 2) {
    FEWBIT_RETURN_IF_ERROR(find(ProbeRole::kTag, spec.tag_bits, wires.tag, 1));
  }
  FEWBIT_RETURN_IF_ERROR(find(ProbeRole::kSum, spec.acc_width, wires.sum));
  // A saturating sum has one bit more.
  FEWBIT_RETURN_IF_ERROR(
      find(ProbeRole::kAddend, spec.acc_width + (spec.saturates_sum() ? 1 : 0), wires.addend));
  FEWBIT_RETURN_IF_ERROR(find(ProbeRole::kAddendCarry, 1, wires.carry));
  wires.takes_first = has_probe(design, ProbeRole::kFirst);
  FEWBIT_RETURN_IF_ERROR(wires.takes_first ? find(ProbeRole::kFirst, 1, wires.first)
                                           : find(ProbeRole::kFresh, 1, wires.fresh));
  for (std::size_t flag = 0; flag < kFlags.size(); ++flag) {
    wires.events[flag] = "1'b0";
    if (design.signature.find(kFlags[flag]) == nullptr) continue;
    FEWBIT_RETURN_IF_ERROR(find(kEvents[flag], 1, wires.events[flag]));
    if (wires.takes_first) continue;
    FEWBIT_RETURN_IF_ERROR(find(kSeen[flag], 1, wires.seen[flag]));
  }
  return wires;
}

Result<std::vector<LaneTerm>> lane_terms(const OperatorSpec& spec, const EmittedDesign& design) {
  if (has_probe(design, ProbeRole::kSharedTerm)) {
    return Error{"--lanes", std::to_string(spec.lanes), "lanes with terms of their own",
                 "the products of integers share sums of rows: no lane has a term of its own"};
  }
  const bool selects =
      has_probe(design, ProbeRole::kTermUsed) || has_probe(design, ProbeRole::kRunningSum);
  std::vector<LaneTerm> terms;
  for (int lane = 0; lane < spec.lanes; ++lane) {
    const std::size_t before = terms.size();
    const bool is_late =
        std::any_of(design.probes.begin(), design.probes.end(), [&](const Probe& probe) {
          return probe.role == ProbeRole::kTermLateCarry && probe.lane == lane;
        });
    FEWBIT_ASSIGN_OR_RETURN(
        carry,
        find_wire(design, is_late ? ProbeRole::kTermLateCarry : ProbeRole::kTermCarry, 1, lane));
    for (const Probe& probe : design.probes) {
      if (probe.role != ProbeRole::kTerm || probe.lane != lane) continue;
      FEWBIT_ASSIGN_OR_RETURN(bits, find_wire(design, probe.role, 0, lane, probe.place));
      if (probe.net.empty()) return wrong(design, probe.role, lane, probe.place, "a net");
      LaneTerm term{.lane = lane,
                    .bits = bits,
                    .width_bits = probe.width_bits,
                    .place = probe.place,
                    .carry = carry == "1'b0" ? std::string() : carry};
      term.is_late = is_late && !term.carry.empty();
      if (selects) {
        FEWBIT_ASSIGN_OR_RETURN(used,
                                find_wire(design, ProbeRole::kTermUsed, 1, lane, probe.place));
        term.used = used;
      }
      term.is_first = find_wire(design, ProbeRole::kRunningSum, 0, lane, probe.place).ok();
      terms.push_back(std::move(term));
    }
    if (terms.size() == before) return wrong(design, ProbeRole::kTerm, lane, 0, "a net");
  }
  // The terms of each place are in running sums, the first of which begins with lane 0.
  for (const LaneTerm& term : terms) {
    if (!selects || term.lane > 0 || term.is_first) continue;
    return wrong(design, ProbeRole::kRunningSum, 0, term.place, "a net of the design");
  }
  return terms;
}

}  // namespace fewbit::flows
