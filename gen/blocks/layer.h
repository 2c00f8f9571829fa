// layer_module: a part of a network, by its request from the command line.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "fewbit/gen/rtl/module.h"
#include "fewbit/gen/spec/block_spec.h"

namespace fewbit::blocks {

/// The module of a layer (BlockInfo::is_layer), as the builder of its block makes it.
std::shared_ptr<rtl::Module> layer_module(const BlockSpec& spec);

}  // namespace fewbit::blocks
