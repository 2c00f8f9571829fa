// The texts of an Icarus model: the bench, and designs whose registers can be made and found X.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/sim/verify/verify.h"

namespace fewbit::verify {

constexpr const char* kIcarusBench = "fewbit_icarus";

/// Hexadecimal digits of so many bits.
inline int hex_digits(int bits) { return (bits + 3) / 4; }
/// Of a subject's tag; 0 where it has none.
int tag_digits(const Subject& subject);

/// The design's text, with statements in front of each endmodule that make every register of the
/// module X where the bench says so, and tell the bench which are. Registers are what `<=` assigns.
std::string with_probes(const std::string& text);

/// Reads lines of the file "stimulus", drives kTopModule with them, writes the file "response".
/// A line of the stimulus, in hexadecimal digits, x for an unknown one:
///   flags (1 clock, 2 X into half of the state, 4 into all of it, 8 name the registers with an X);
///   for each subject: reset, valid, first, ready, a digit each; tag; operands, as they are listed
/// A line of the response, for each subject: result; ready, ninf, pinf, nan, valid, a binary digit
/// each; scale, two digits; tag. Before it lines "x PATH" where registers have an X.
std::string bench_text(const std::vector<const Subject*>& subjects);

}  // namespace fewbit::verify
