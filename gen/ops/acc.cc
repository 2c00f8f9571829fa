// Exact accumulator of one operand stream.
// SPDX-License-Identifier: Apache-2.0
#include "gen/ops/operators.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

void build_acc(Module& m, const OperatorSpec& spec) {
  m.clocked(reset_of(spec));
  const Signal valid = m.input("valid_i", 1);
  const Signal first = m.input("first_i", 1);
  const Signal a_code = m.input("a_i", spec.a.bits(), spec.a.is_int() && spec.a.is_signed());
  m.section("Unpack");
  const Unpacked a = unpack(m, spec.a, a_code, "a");
  const SpecialAddend specials{a.is_nan, a.is_infinite & ~a.negative, a.is_infinite & a.negative};
  m.section("Operand as a fixed-point number");
  Stage stage{.registered = true};
  if (special_flags(spec).any()) stage.clear = m.net("is_special", a.is_nan | a.is_infinite);
  const Addend addend = exact_product(m, a, nullptr, m.constant(1, 0), spec.fabric, stage,
                                      exact_range(spec).format().bits);
  accumulate(m, spec, {valid, first}, addend, specials);
}

}  // namespace fewbit::ops
