// The shells around a core that is measured, printed from its signature.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/gen/rtl/signature.h"

namespace fewbit::flows {

/// True for every port but clock and reset, which copies share.
bool is_data(const rtl::PortSignature& port);

/// The data port of one of `copies` cores: "a_i", or "a_i_copy3" where there are several.
std::string port_of_copy(const rtl::PortSignature& port, int copy, int copies);

/// Module fewbit_measure: `copies` cores with a fewbit_measure_bank on every data port; the ports
/// port_of_copy, clock and reset, and measure_clk_i for the banks.
std::string measure_shell(const rtl::ModuleSignature& signature, int copies = 1);

/// Module fewbit_place: fewbit_measure behind a shift register (data_i), its outputs left open, so
/// that a design of any width fits the pins of a package.
std::string place_shell(const rtl::ModuleSignature& signature, int copies = 1);

/// What replaces fewbit_measure_register in a netlist for simulation: a wire, as a kept one-bit
/// cell that Yosys prints as an assignment. A plain assignment would let it name internal nets
/// after bits of an output port, and logic that reads bits of the vector it drives is a loop to
/// Verilator. Needs read_verilog -icells.
std::string wire_cell();

/// Bits that the wrapper registers for one core: all data inputs and outputs.
int wrapper_bits(const rtl::ModuleSignature& signature);

}  // namespace fewbit::flows
