// The texts that turn a list of subjects into one Verilator model: a top module and a C++ shim.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/sim/verify/verify.h"
#include "fewbit/sim/verify/verilated_model.h"

namespace fewbit::verify {

/// Bits of a subject's main output, with its parameters applied.
int result_width(const Subject& subject);
/// 64-bit words that hold them.
int result_words(const Subject& subject);
/// The result's words, {ready, ninf, pinf, nan, valid}, what block_port() says, tag.
inline int output_words(const Subject& subject) { return result_words(subject) + 3; }
/// Bits of the port of a block, scale_o or range_o; 0 without one.
int block_bits(const Subject& subject);

/// Where a subject's inputs are: control {ready, first, valid, reset}, tag, then each operand in
/// words of its own.
struct InputLayout {
  struct Operand {
    std::string port;
    std::size_t word = 0;
    std::size_t words = 0;
    int bits = 0;
  };
  std::vector<Operand> operands;  ///< in the order of operand_ports(subject.spec)
  std::size_t words = 0;
};
InputLayout input_layout(const Subject& subject);

/// SystemVerilog: every subject side by side, with a common clock and inputs and outputs of its
/// own: control, tag and operands, result, status and tag, as the words above.
std::string top_module_text(const std::vector<const Subject*>& subjects);

/// Every file of the designs once, in an order in which each comes after those it instantiates, and
/// the top module's last.
std::vector<TextFile> simulated_files(const std::vector<const Subject*>& subjects);

/// C++ for VerilatedModel: the inputs from the words above, an evaluation, the outputs into words.
std::string eval_text(const std::vector<const Subject*>& subjects);

}  // namespace fewbit::verify
