// Corner codes: the operands at which arithmetic usually goes wrong.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fewbit/gen/spec/format.h"

namespace fewbit::vectors {

/// Ascending codes without repeats, each of at most format.bits() bits: zeros, the first and last
/// subnormals and normals, one and its neighbours, infinities, NaN; for integers the extremes, 0,
/// 1, -1 and every power of two; for all formats all-ones and the two alternating patterns.
std::vector<BigInt> corner_codes(const Format& format);

}  // namespace fewbit::vectors
