// The operations of a test bench and what must come of each.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/gen/rtl/signature.h"
#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/gen/util/files.h"

namespace fewbit::testbench {

/// Bits of a line of the operands or results that are a port's; `low` is the lowest.
struct Field {
  std::string port;
  int low = 0;
  int bits = 0;
};

/// Two files of hexadecimal lines, one for each operation. Operands from the lowest bit on, then
/// first_i where there is one. The outputs that a design of the request has: result, scale, flags;
/// then whether the result is defined, and a 1 in every line.
struct Operations {
  std::vector<Field> operands;
  std::vector<Field> results;  ///< the ports alone
  int operand_bits = 0;        ///< of a line
  int result_bits = 0;         ///< of a line; the last two are: defined, 1
  std::size_t count = 0;
  TextFile operands_file;  ///< NAME_tb_operands.hex
  TextFile results_file;   ///< NAME_tb_results.hex
};

/// Every operand where all have up to 12 bits together, else corners and seeded random ones; of an
/// accumulator its whole stimulus, without gaps. A new sum takes the place of a reset.
Operations operations_of(const OperatorSpec& spec, const rtl::ModuleSignature& signature);

}  // namespace fewbit::testbench
