// Verification of the C models that requests can be emitted with.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/sim/verify/verify.h"

namespace fewbit::verify {

/// What is compared with the exact model.
enum class CModel {
  kHeader,  ///< NAME.h
  kDpi      ///< the functions of NAME_dpi.c
};

/// Compiles the C models of the subjects' specs, many headers into one file, by gcc with -std=c99
/// -Wall -Wextra -pedantic -Werror and `flags`, and compares them with the exact model: what
/// accumulates on the accepted operations of verify(), others on its operands. One report each, in
/// order. No two subjects may have one module name. Errors: a compiler that is missing or has
/// something to say.
Result<std::vector<VerifyReport>> verify_c_models(const std::vector<Subject>& subjects,
                                                  CModel model, const VerifyOptions& options,
                                                  const std::vector<std::string>& flags = {});

/// gcc's version line, for reports.
Result<std::string> compiler_version();

}  // namespace fewbit::verify
