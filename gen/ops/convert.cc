// Converter: a number in another format.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/operators.h"

namespace fewbit::ops {

using rtl::Module;

Results build_convert(Module& m, const OperatorSpec& spec, const Interface& io) {
  m.section("Unpack");
  const Unpacked a = unpack_sign_magnitude(m, spec.a, io.operand("a_i"), "a", spec.flush_inputs);
  const SignMagnitude value = floating_product(m, a, nullptr, spec);
  Results results;
  results.result =
      m.net("result", round_and_pack(m, spec, {value, a.is_nan, a.is_infinite}, io.random()));
  return results;
}

}  // namespace fewbit::ops
