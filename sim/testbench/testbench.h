// Test benches to take along: vectors from the exact model, and what drives a design with them in
// any simulator.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fewbit/gen/rtl/signature.h"
#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/gen/util/files.h"

namespace fewbit::testbench {

/// NAME_tb.sv, which drives the module NAME and compares, with NAME_tb_operands.hex,
/// NAME_tb_results.hex and the file list NAME_tb.f. It ends with a line "PASS NAME: ..." or, by
/// $fatal, with "FAIL NAME: ...". Read by Icarus 11, Verilator 5.006 (--binary --timing) and
/// others.
std::vector<TextFile> sv_testbench(const OperatorSpec& spec, const rtl::ModuleSignature& signature);

/// test_NAME.py for cocotb 2, which is its own runner, with the same two files of vectors.
std::vector<TextFile> cocotb_testbench(const OperatorSpec& spec,
                                       const rtl::ModuleSignature& signature);

}  // namespace fewbit::testbench
