// Rounded addend: see rounded_addend.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/sum/rounded_addend.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

/// Whether a number less its `low` bits is one more; `carry`: 1 is added to its lowest bit.
class RoundingUp {
 public:
  RoundingUp(Module& m, const Addend& addend, const Signal& low)
      : negative_(addend.fill),
        one_(addend.carry),
        is_complement_(addend.carry.id() == addend.fill.id()),
        half_(low.top()),
        sticky_(m.constant(1, 0)),
        carried_(m.constant(1, 0)) {
    const Signal rest = low.without_top(1);
    const bool has_rest = rest.width() > 0;
    if (is_zero_constant(one_)) {
      if (has_rest) sticky_ = m.net("rest_sticky", reduce_or(rest));
      return;
    }
    const Signal all = has_rest ? m.net("rest_all", reduce_and(rest)) : m.constant(1, 1);
    const Signal into_half = has_rest ? m.net("rest_carry", one_ & all) : one_;
    half_ = m.net("rest_half", low.top() ^ into_half);
    if (has_rest) sticky_ = m.net("rest_sticky", mux(one_, ~all, reduce_or(rest)));
    carried_ = m.net("rest_over", into_half & low.top());
  }

  [[nodiscard]] Signal by(RoundingMode mode, const Signal& is_odd) const {
    switch (mode) {
      case RoundingMode::kTowardZero:  // a complement's carry is what its magnitude's rest makes
        return is_complement_ ? one_ : carried_ | (negative_ & any());
      case RoundingMode::kTowardPositive:
        return carried_ | any();
      case RoundingMode::kTiesToEven:
        return carried_ | (half_ & (sticky_ | is_odd));
      case RoundingMode::kTiesToAway:
        return carried_ | (half_ & (sticky_ | ~negative_));
      case RoundingMode::kTiesTowardPositive:
        return carried_ | half_;
      case RoundingMode::kTiesTowardNegative:
        return carried_ | (half_ & sticky_);
      default:
        return carried_;
    }
  }

 private:
  [[nodiscard]] Signal any() const { return half_ | sticky_; }

  Signal negative_, one_;
  bool is_complement_;
  Signal half_, sticky_;
  Signal carried_;  ///< out of the low bits
};

}  // namespace

Addend rounded_addend(Module& m, const OperatorSpec& spec, const Control& control,
                      const Signal& special, const Addend& addend) {
  m.section("The addend less its low bits, and whether it is one more");
  const bool has_carry = !is_zero_constant(addend.carry);
  const int width = exact_range(spec).format().bits + (has_carry ? 1 : 0);
  const int dropped = *spec.acc_lsb - addend.lsb_exponent;
  const Signal whole = m.net("addend_exact", addend.extended(width));
  const Signal kept = m.net("addend_kept", whole.without_low(dropped));
  const Signal up =
      m.net("addend_up", RoundingUp(m, addend, whole.low(dropped)).by(spec.rounding, kept.bit(0)));
  const Stage stage = control.stage(special);
  const Signal held = stage.cross("addend_held", kept);
  return {held, is_zero_constant(addend.fill) ? addend.fill : held.top(),
          stage.cross("addend_up_held", up), *spec.acc_lsb};
}

}  // namespace fewbit::ops
