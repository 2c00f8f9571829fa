// From an OperatorSpec to SystemVerilog and its signature.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "fewbit/gen/rtl/module.h"
#include "fewbit/gen/rtl/signature.h"
#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit::ops {

/// Builds the request's datapath and ports into a fresh module: what emit() prints, and what
/// rtl::Evaluator can run where the architecture is optimized.
void build(rtl::Module& module, const OperatorSpec& spec);

/// The request as a module to be instanced. Where it is clocked, does not accumulate and has no
/// back-pressure it states its latency; results of an elastic one come when they come.
std::shared_ptr<rtl::Module> module_of(const OperatorSpec& spec);

/// Estimated register-to-register period of the request's optimized design on its fabric, ns.
double estimated_period(const OperatorSpec& spec);

/// The design of a request in the architecture it names. Deterministic: same spec, same bytes.
rtl::EmittedDesign emit(const OperatorSpec& spec);

/// A variant of it: `edit` changes the graph before it is printed, and the module and its file have
/// this name. The signature is of the ports and the command as they were before.
using Edit = std::function<void(rtl::Module&)>;
rtl::EmittedDesign emit_variant(const OperatorSpec& spec, const std::string& name,
                                const Edit& edit);

/// Makes the optimized design after `edit` with its probes as ports, those of some roles as inputs
/// (rtl::open_probes): for proofs.
std::function<rtl::EmittedDesign(const std::vector<rtl::ProbeRole>& free)> opener(
    const OperatorSpec& spec, const Edit& edit = {});

/// What `fewbit emit` writes: the design's files, contents of memories, MODULE.f (the list of the
/// SystemVerilog files, in order) and MODULE.json.
std::vector<TextFile> output_files(const rtl::EmittedDesign& design);

}  // namespace fewbit::ops
