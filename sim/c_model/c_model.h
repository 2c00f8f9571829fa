// The model of one request as C: a header for any program, and the same for SystemVerilog by DPI-C.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/gen/util/files.h"

namespace fewbit::c_model {

/// A parameter of the C function, in the order of operand_ports(spec), or an output. Up to 64 bits
/// are a uint64_t, more of them uint32_t words, the lowest first.
struct CPort {
  std::string name;  ///< "a_i", "result_o"
  int bits = 0;
  [[nodiscard]] bool is_array() const { return bits > 64; }
  [[nodiscard]] int words() const { return (bits + 31) / 32; }
};
std::vector<CPort> operands_of(const OperatorSpec& spec);
/// result_o or acc_o, then scale_o of mxquant or range_o of squant, as their bits side by side.
std::vector<CPort> results_of(const OperatorSpec& spec);
/// Those of nan_o, pinf_o and ninf_o that the request has, ints in C.
std::vector<std::string> flags_of(const OperatorSpec& spec);

/// NAME.h, where NAME is spec.module_name(): C99 and C++ without a dependency, every symbol with
/// the prefix NAME. `NAME_outputs NAME(operands...)`; of what accumulates `NAME_init(NAME_state*)`
/// and `NAME_outputs NAME_step(NAME_state*, int first_i, operands...)`. Bits of an operand beyond
/// its width count for nothing; a result beside a raised flag of an exact operator is 0.
TextFile c_header(const OperatorSpec& spec);

/// NAME.h, and for SystemVerilog NAME_dpi.h, NAME_dpi.c and the package NAME_dpi_pkg.sv with the
/// function eval, or create, init, step and release_sum.
std::vector<TextFile> dpi_files(const OperatorSpec& spec);

}  // namespace fewbit::c_model
