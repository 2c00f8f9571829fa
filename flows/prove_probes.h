// Probes in proofs: the nets of an opened design, each with its wire in the text around it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <vector>

#include "fewbit/gen/rtl/signature.h"
#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/gen/util/result.h"

namespace fewbit::flows {

/// The wire of an opened probe, or "1'b0" of one that is always 0.
std::string wire_of(const rtl::Probe& probe);

bool has_probe(const rtl::EmittedDesign& design, rtl::ProbeRole role);

/// The wire of the only probe with that role, lane and place. An Error names what is missing, there
/// twice, closed or of another width; `bits` 0: of any.
Result<std::string> find_wire(const rtl::EmittedDesign& design, rtl::ProbeRole role, int bits,
                              int lane = 0, int place = 0);

/// The design as it is; an Error where a probe is no port, or is an input though its role is not in
/// `free`, or the reverse.
Result<rtl::EmittedDesign> check_opened(rtl::EmittedDesign design,
                                        const std::vector<rtl::ProbeRole>& free);

/// One for each cycle of latency.
Result<std::vector<std::string>> valid_wires(const rtl::EmittedDesign& design);

/// What the proof of an exact accumulator looks at.
struct AccumulatorWires {
  std::vector<std::string> valid;  ///< of the stage, where there is one, and of the result
  std::string tag;                 ///< of the stage; "" without tags or stage
  std::string sum;
  std::string addend;
  std::string carry;
  bool takes_first = false;           ///< how a sum starts: with its first addend alone; else
                                      ///< it is cleared one operation ahead
  std::string first;                  ///< where it takes it
  std::string fresh;                  ///< where it is cleared
  std::array<std::string, 3> events;  ///< NaN, +infinity, -infinity: 1'b0 where there is no flag
  std::array<std::string, 3> seen;    ///< "" where there is none
};
Result<AccumulatorWires> accumulator_wires(const OperatorSpec& spec,
                                           const rtl::EmittedDesign& design);

/// Part of what a lane of a split dot adds to the sum, by wires:
///   where `used`, (bits, extended upward + carry) x 2^place.
/// A term that is always used is a number of the result's signedness; others are extended by their
/// carry.
struct LaneTerm {
  int lane = 0;
  std::string bits;
  int width_bits = 0;
  int place = 0;
  std::string used;       ///< empty: always
  std::string carry;      ///< of a negative lane, in one's complement; empty: none
  bool is_late = false;   ///< the design adds the carry after the bits of other lanes
  bool is_first = false;  ///< of a running sum
};

/// The terms of all lanes. An Error where lanes share terms, or one has none.
Result<std::vector<LaneTerm>> lane_terms(const OperatorSpec& spec,
                                         const rtl::EmittedDesign& design);

}  // namespace fewbit::flows
