// The SystemVerilog around designs that are proved: miters, and monitors that say what a step does.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/flows/prove_probes.h"
#include "fewbit/gen/rtl/signature.h"
#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit::flows {

/// Module top with instances of `gold` and `gate`, which have these ports, and the output
/// differs_o: 1 where an output differs that has a meaning.
std::string miter_text(const rtl::ModuleSignature& signature, bool is_clocked,
                       bool flags_only = false);

/// Module top with one instance of `gate`, an opened exact accumulator, beside a monitor of a few
/// registers. `stage`: differs_o is 1 where a cycle after one in which all agreed the addend in the
/// registers is not that of `exact`; else the addend is free, and what one step does with it is
/// asserted.
std::string accumulator_text(const OperatorSpec& spec, const rtl::EmittedDesign& gate,
                             const rtl::ModuleSignature& exact, const AccumulatorWires& wires,
                             bool stage);

/// Module top with one instance of `gate`, opened, and a monitor of the rules of valid and ready;
/// `valid`: its valid registers.
std::string handshake_text(const OperatorSpec& spec, const rtl::EmittedDesign& gate,
                           const std::vector<std::string>& valid);

/// Module gold: the monitor of accumulator_text alone, with the ports of the operator.
std::string reference_text(const OperatorSpec& spec, const rtl::ModuleSignature& gate,
                           const rtl::ModuleSignature& exact);

}  // namespace fewbit::flows
