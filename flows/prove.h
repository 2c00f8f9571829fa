// Proofs: designs shown equal for all inputs and all times by Yosys, ABC and an SMT solver.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "fewbit/flows/cost.h"
#include "fewbit/gen/rtl/signature.h"
#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit::flows {

/// What is proved together. Where one proof would be out of reach, or the claim is one about a
/// step, it is split:
///   without accumulator  optimized and generic have equal outputs, at once; a dot of many operand
///                        bits lane by lane, then the sum of free lanes
///   exact accumulator    `stage`: the addend in the registers is the exact product; `step`: with a
///                        free addend one step adds exactly that, by induction over time; generic
///                        against the same monitor
///   valid_ready          `handshake`: nothing lost, nothing twice, stable while stalled
///   netlists             each mapped netlist equals the RTL
/// Where two clocked designs are compared as wholes, it is from the state of all zeros on; `stage`
/// and `step` hold from any state. An asynchronous reset is looked at at clock edges. Special
/// results compare their flags alone.
struct ProofInputs {
  OperatorSpec spec;
  rtl::EmittedDesign optimized;
  /// The optimized design with its probes as ports, those of roles in `free` as inputs
  /// (rtl::open_probes): what parts look into.
  std::function<rtl::EmittedDesign(const std::vector<rtl::ProbeRole>& free)> opened;
  rtl::EmittedDesign generic;
  /// Accumulators and split dots: the generic exact operator of one addend, or of one lane; its
  /// second operand is tied to 1 for acc.
  std::optional<rtl::EmittedDesign> exact;
  std::vector<Netlist> netlists;
};

struct ProofPart {
  std::string name;    ///< "optimized equals generic", "lane 2", "netlist abc9"
  std::string method;  ///< "abc", "z3"
  bool proved = false;
  bool refuted = false;  ///< there is a counterexample
  std::string detail;    ///< why not: "a counterexample", "not finished within 60 s"
  double seconds = 0;
};

struct ProofOptions {
  int seconds = 60;  ///< for each part
  std::function<void(const std::string& part)> progress;
};

/// True where prove() has a proof for the request.
Status provable(const OperatorSpec& spec);

/// One row for each part. An Error is a tool that is missing or fails, or a probe that is missing.
Result<std::vector<ProofPart>> prove(const ProofInputs& inputs, const ProofOptions& options);

/// Whether two designs with the ports of `gold` have equal outputs at all times, from the state of
/// all zeros on; a combinational result beside a flag does not count.
Result<ProofPart> prove_equal(const rtl::EmittedDesign& gold, const rtl::EmittedDesign& gate,
                              const ProofOptions& options);

/// What a proof leaves open: it holds whatever these give, anew in every cycle.
struct Freed {
  bool memories = false;  ///< what is read from them
  std::string instance;   ///< the outputs of instances of this name; "" none
};

/// Whether the only output of module top, whose text is given and has an instance of the design as
/// module gate, is 0 at all times, from the state of all zeros on.
Result<ProofPart> prove_never(const std::string& name, const rtl::EmittedDesign& gate,
                              const std::string& top, const ProofOptions& options,
                              const Freed& freed = {});

/// Whether every path through the design from one of these inputs to one of these outputs has a
/// register on it.
Result<ProofPart> prove_registered(const std::string& name, const rtl::EmittedDesign& gate,
                                   const std::vector<std::string>& inputs,
                                   const std::vector<std::string>& outputs,
                                   const ProofOptions& options);

bool all_proved(const std::vector<ProofPart>& parts);
nlohmann::ordered_json to_json(const std::vector<ProofPart>& parts);

}  // namespace fewbit::flows
