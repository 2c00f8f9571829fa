// What has to be simulated before a design counts as verified.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/sim/verify/verify.h"

namespace fewbit::study {

/// The demo's operand formats: one for both operands, or two with a colon.
inline constexpr char kDemoPairs[] =
    "int4,int8,e2m1,e2m3,e3m2,e4m3f,e4m3fn,e5m2f,int4:e4m3fn,e2m1:int8";

/// "mac int4 x e4m3fn optimized".
std::string label_of(const OperatorSpec& spec);

/// The design as emitted and, where the width of its accumulator is a module parameter, the same
/// design with that parameter overridden to three bits more.
std::vector<verify::Subject> subjects_of(const OperatorSpec& spec,
                                         const rtl::EmittedDesign& design);

/// All of them passed; false for an empty list.
bool all_passed(const std::vector<verify::VerifyReport>& reports);

}  // namespace fewbit::study
