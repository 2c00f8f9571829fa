// Exact accumulator of one operand stream.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/operators.h"
#include "fewbit/gen/ops/sum/rounded_addend.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

Results build_acc(Module& m, const OperatorSpec& spec, const Interface& io) {
  m.section("Unpack");
  Unpacked a = unpack(m, spec.a, io.operand("a_i"), "a", spec.flush_inputs);
  const SpecialResult specials{a.is_nan, a.is_infinite & ~a.negative, a.is_infinite & a.negative};
  Signal special;
  if (special_flags(spec).any()) special = m.net("is_special", a.is_nan | a.is_infinite);
  if (special.valid() && !io.control().has_stage) {
    const Signal code = io.operand("a_i");
    const Signal added = m.net("a_added", code & replicate(~special, code.width()));
    a = unpack(m, spec.a, added, "a_added", spec.flush_inputs);
    special = {};
  }
  m.section("Operand as a fixed-point number");
  if (spec.acc_lsb) {
    const Addend exact =
        exact_product(m, a, nullptr, m.constant(1, 0), spec, {}, exact_range(spec).format().bits);
    return accumulate(m, spec, io.control(), rounded_addend(m, spec, io.control(), special, exact),
                      specials);
  }
  const Addend addend = exact_product(m, a, nullptr, m.constant(1, 0), spec,
                                      io.control().stage(special), exact_range(spec).format().bits);
  return accumulate(m, spec, io.control(), addend, specials);
}

}  // namespace fewbit::ops
