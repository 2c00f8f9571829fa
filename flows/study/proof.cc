// Inputs of a proof: see proof.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/proof.h"

#include "fewbit/gen/ops/emit.h"

namespace fewbit::study {
namespace {

bool sums_lanes(const OperatorSpec& spec) {
  return spec.expression().kind == Expression::Kind::kLaneSum;
}

/// The generic exact operator of one addend: a product, a x 1 for acc, a dot or mxdot without its
/// accumulator; for a plain dot the product of one lane.
OperatorSpec addend_spec(const OperatorSpec& spec) {
  OperatorSpec addend = spec;
  addend.arch = Architecture::kGeneric;
  addend.terms = 0;
  addend.acc_width = 0;
  addend.acc_lsb.reset();
  addend.rounding = RoundingMode::kTiesToEven;
  addend.requested_latency.reset();
  addend.handshake = Handshake::kNone;
  addend.tag_bits = 0;
  addend.overflow = OverflowMode::kSaturate;
  if (!spec.b) addend.b = IntFormat{1, false, 0};
  const bool one_lane = sums_lanes(spec) && !spec.accumulates();
  addend.outputs = 1;
  if (one_lane) addend.lanes = 1;
  if (one_lane || !spec.info().has(Option::kLanes)) addend.kind = OperatorKind::kMul;
  return addend;
}

}  // namespace

flows::ProofInputs proof_inputs(const OperatorSpec& spec) {
  OperatorSpec generic = spec;
  generic.arch = Architecture::kGeneric;
  flows::ProofInputs inputs{.spec = spec,
                            .optimized = ops::emit(spec),
                            .opened = ops::opener(spec),
                            .generic = ops::emit(generic)};
  if (spec.accumulates() || sums_lanes(spec)) {
    inputs.exact = ops::emit(addend_spec(spec));
  }
  return inputs;
}

}  // namespace fewbit::study
