// Verification of layers: what is sent to each.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/spec/block_spec.h"
#include "fewbit/sim/model/blocks/layer.h"
#include "fewbit/sim/verify/stream_behaviour.h"

namespace fewbit::verify {

/// A packet of so many beats of random values, now and then all alike, with last at its end or at
/// random.
void add_random_packet(std::mt19937_64& random, const model::BeatShape& shape, long long beats,
                       bool ends_with_last, model::Beats& to);

/// Random vectors, windows or images for the layer, some of them of the ends of a format's range,
/// and its model. What the layer's contract leaves open (lanes beyond the terms, last that is not
/// looked at) is random.
StreamPlan layer_plan(const BlockSpec& spec, const rtl::ModuleSignature& signature);

}  // namespace fewbit::verify
