// Pieces of the SystemVerilog around designs that are proved.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/gen/rtl/signature.h"

namespace fewbit::flows {

/// "[bits - 1:0]"
std::string range(int bits);
bool is_input(const rtl::PortSignature& port);

/// "module NAME (all ports of the signature);"
std::string module_head(const std::string& name, const rtl::ModuleSignature& signature);
/// An instance with ports NAME connected to PREFIX + NAME, inputs without the prefix; `more`: other
/// connections.
std::string instance(const std::string& module, const std::string& name,
                     const rtl::ModuleSignature& signature, const std::string& prefix,
                     const std::string& more = "");
/// The beginning of module top: its inputs are those of `gate`, opened, and what is free there; its
/// output is `output`; an instance u_gate with outputs x_NAME and wires for all probes.
std::string top_with(const rtl::EmittedDesign& gate, const std::string& output);

/// The side output of that role, 0 where there is none; whether any of them is 1.
std::string is_flag(const rtl::ModuleSignature& signature, const std::string& prefix,
                    rtl::PortRole role);
std::string any_flag(const rtl::ModuleSignature& signature, const std::string& prefix);

}  // namespace fewbit::flows
