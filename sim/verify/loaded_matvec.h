// Verification of a matvec whose weights come over a stream.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/spec/matvec_spec.h"
#include "fewbit/sim/verify/stream_behaviour.h"

namespace fewbit::verify {

/// Fills `plan`, which has the streams x, w and y: weights are loaded and loaded again, right
/// packets after some that are too short, too long, or have a wrong bit or two beats in the wrong
/// order; vectors after each right one. Vectors are offered as soon as the first beat of a packet
/// has moved, and packets while the last vector before them comes in: the design must keep them
/// apart.
StreamPlan loaded_plan(const MatvecSpec& spec, StreamPlan plan);

}  // namespace fewbit::verify
