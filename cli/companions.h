// What `fewbit emit` writes beside a design: models in C, test benches.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/gen/rtl/signature.h"
#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/gen/util/result.h"

namespace fewbit::cli {

/// The files that --model (c, dpi, with commas) and --testbench (sv, cocotb) ask for, each once;
/// the signature then names them. "" asks for nothing.
Result<std::vector<TextFile>> companions(const OperatorSpec& spec, const std::string& models,
                                         const std::string& testbenches,
                                         rtl::ModuleSignature& signature);

}  // namespace fewbit::cli
