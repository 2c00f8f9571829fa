// Whether a network answers for each image of a batch as if it were alone.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/quant/network.h"

namespace fewbit::quant {

/// Runs the network on two batches that have the first of `images` in their middle, once among
/// images like it, once among others; whatever the operators are, the answer in the middle must be
/// the same, bit for bit. An Error that names the node where it differs first, if that can be said,
/// where it is not: the first axis then counts something else, as time steps, or something is
/// computed over all images, and evaluation, in batches, would be wrong without a word. Networks
/// whose file fixes a batch of one image run images one by one, and are not looked at. Errors:
/// images that do not fit.
Status check_images_are_apart(const Network& network, const Tensor& images);

}  // namespace fewbit::quant
