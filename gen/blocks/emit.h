// From a BlockSpec to SystemVerilog and its signature.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "fewbit/gen/rtl/module.h"
#include "fewbit/gen/rtl/signature.h"
#include "fewbit/gen/spec/block_spec.h"

namespace fewbit::blocks {

/// The block as a module to be instanced. It takes the stream in and sends out, a fork out_0,
/// out_1, ...; a layer those that its builder says.
std::shared_ptr<rtl::Module> module_of(const BlockSpec& spec);

/// Deterministic: same spec, same bytes.
rtl::EmittedDesign emit(const BlockSpec& spec);

/// A variant of it: `edit` changes the graph before it is printed, and the module and its file have
/// this name.
rtl::EmittedDesign emit_variant(const BlockSpec& spec, const std::string& name,
                                const std::function<void(rtl::Module&)>& edit);

}  // namespace fewbit::blocks
