// The SystemVerilog around designs that are proved: miters, and monitors that say what a step does.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "gen/rtl/signature.h"
#include "gen/spec/operator_spec.h"

namespace fewbit::flows {

/// Module top with instances of `gold` and `gate`, which have these ports, and the output
/// differs_o: 1 where an output differs that has a meaning.
std::string miter_text(const rtl::ModuleSignature& signature, bool is_clocked,
                       bool flags_only = false);

/// Module top with one instance of `gate`, an optimized exact accumulator whose `nets` are ports,
/// beside a monitor of a few registers. `stage`: differs_o is 1 where a cycle after one in which
/// all agreed the addend in the registers is not that of `exact`; else the addend is free, and what
/// one step does with it is asserted.
std::string accumulator_text(const OperatorSpec& spec, const rtl::ModuleSignature& gate,
                             const rtl::ModuleSignature& exact,
                             const std::vector<std::string>& nets, bool stage);

/// Module top with one instance of `gate` and a monitor of the rules of valid and ready.
std::string handshake_text(const OperatorSpec& spec, const rtl::ModuleSignature& gate,
                           const std::vector<std::string>& nets);

/// Module gold: the monitor of accumulator_text alone, with the ports of the operator.
std::string reference_text(const OperatorSpec& spec, const rtl::ModuleSignature& gate,
                           const rtl::ModuleSignature& exact);

}  // namespace fewbit::flows
