// Probes: nets of a module by what they mean, for proofs that look at them or choose their values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fewbit::rtl {

class Module;

/// What a net is. `place` is the weight of its bit 0, 2^place, where nothing else is said.
enum class ProbeRole {
  kValid,  ///< register: the operation `place` cycles after its input is valid
  kTag,    ///< register: the tag `place` cycles after its input
  // Exact accumulators; `place` is the lowest bit of a segment.
  kSum,          ///< register: the running sum
  kAddend,       ///< what a step adds, together with the carry
  kAddendCarry,  ///< 1 bit, of the weight of the addend's bit 0
  kFirst,        ///< a sum that takes its first addend alone: 1 where the step is the first
  kFresh,        ///< a sum cleared ahead: register, 1 from reset until it has been cleared
  kNanEvent,     ///< registers: the addend of this step is special
  kPlusInfEvent,
  kMinusInfEvent,
  kNanSeen,  ///< registers of a sum cleared ahead: what was special in it
  kPlusInfSeen,
  kMinusInfSeen,
  // Sums of lanes.
  kTerm,           ///< a part of what `lane` adds
  kTermUsed,       ///< whether that part is added; terms without it always are
  kTermCarry,      ///< 1 bit: of the lane's terms, added with their bits, and their fill
  kTermLateCarry,  ///< the same, but added after the bits of other lanes
  kRunningSum,     ///< a running sum of terms of that place that begins with `lane`
  kSharedTerm      ///< the sum of several lanes from `lane` on, which have no terms of their own
};

struct Probe {
  ProbeRole role = ProbeRole::kValid;
  std::string net;  ///< its name in the text; "" where it is always 0 and needs none
  int width_bits = 1;
  int lane = 0;
  int place = 0;
  bool is_register = false;
  std::string port;      ///< of the module, that shows it or gives it its value; "" where closed
  bool is_free = false;  ///< the port is an input
};

std::string_view to_string(ProbeRole role);

/// The marked nets that are in the text, once names are legal; in the order of the marks.
std::vector<Probe> probes_of(const Module& module);

/// Makes a port of every probe: of those with a role in `free` an input, which whoever instantiates
/// the module chooses, of the others an output beside the net. To be called before printing.
void open_probes(Module& module, const std::vector<ProbeRole>& free);

}  // namespace fewbit::rtl
