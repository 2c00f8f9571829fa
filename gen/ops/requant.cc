// Requantizer: an accumulator times a multiplier, shifted right, in a narrow format.
// SPDX-License-Identifier: Apache-2.0
#include "gen/ops/operators.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

Results build_requant(Module& m, const OperatorSpec& spec, const Interface& io) {
  m.section("Magnitude of the scaled accumulator");
  const Unpacked a = unpack_sign_magnitude(m, spec.a, io.operand("a_i"), "a", false);
  std::optional<Unpacked> b;
  if (spec.b) b = unpack_sign_magnitude(m, *spec.b, io.operand("b_i"), "b", false);
  SignMagnitude value = floating_product(m, a, b ? &*b : nullptr, spec);
  // A shift to the right by n is one to the left by its complement, in finer units.
  const int most = (1 << spec.shift_bits) - 1;
  value.exponent = m.net("exponent", ~io.operand("shift_i"));
  value.max_exponent = most;
  value.lsb_exponent -= most;
  // Integers have one zero, and it is positive.
  value.negative = m.net("result_negative", value.negative & reduce_or(value.magnitude));
  const Signal never = m.constant(1, 0);
  Results results;
  results.result = m.net("result", round_and_pack(m, spec, {value, never, never}, io.random()));
  return results;
}

}  // namespace fewbit::ops
