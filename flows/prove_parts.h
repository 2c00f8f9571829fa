// Pieces of the SystemVerilog around designs that are proved.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gen/rtl/signature.h"

namespace fewbit::flows {

/// "[bits - 1:0]"
std::string range(int bits);
bool is_input(const rtl::PortSignature& port);
bool has_net(const std::vector<std::string>& nets, const std::string& name);

/// "module NAME (all ports of the signature);"
std::string module_head(const std::string& name, const rtl::ModuleSignature& signature);
/// An instance with ports NAME connected to PREFIX + NAME, inputs without the prefix; `nets`, which
/// are ports too, to g_NET.
std::string instance(const std::string& module, const std::string& name,
                     const rtl::ModuleSignature& signature, const std::string& prefix,
                     const std::vector<std::string>& nets = {});
/// Wires g_NET of one bit, or as wide as `wide` says.
std::string net_wires(const std::vector<std::string>& nets,
                      const std::vector<std::pair<std::string, int>>& wide);

/// The side output of that role, 0 where there is none; whether any of them is 1.
std::string is_flag(const rtl::ModuleSignature& signature, const std::string& prefix,
                    rtl::PortRole role);
std::string any_flag(const rtl::ModuleSignature& signature, const std::string& prefix);

}  // namespace fewbit::flows
