// Magnitude codes: see magnitude_codes.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/product/magnitude_codes.h"

#include <bit>

#include "fewbit/gen/util/check.h"

namespace fewbit::ops {

MagnitudeCodes::MagnitudeCodes(const OperatorSpec& spec)
    : fraction_bits_(spec.result->as_float().fraction_bits),
      max_code_(static_cast<unsigned>(spec.result->as_float().max_finite)),
      flush_operands_(spec.flush_inputs),
      flush_results_(spec.flush_outputs) {
  FEWBIT_CHECK(max_code_ + 1 == 1U << spec.result->as_float().magnitude_bits(),
               "not every code is finite");
}

unsigned MagnitudeCodes::value(unsigned code) const {
  if (is_subnormal(code)) return code;
  const unsigned one = 1U << fraction_bits_;
  return (one + code % one) << ((code >> fraction_bits_) - 1);
}

unsigned MagnitudeCodes::operand(unsigned code) const {
  return flush_operands_ && is_subnormal(code) ? 0 : value(code);
}

unsigned MagnitudeCodes::nearest(unsigned exact, int places) const {
  unsigned code = 0;  // the last one whose midpoint with the one before it is not above
  for (unsigned next = 1; next <= max_code_; ++next) {
    const unsigned twice_midpoint = (value(next - 1) + value(next)) << places;
    if (2 * exact > twice_midpoint || (2 * exact == twice_midpoint && next % 2 == 0)) code = next;
  }
  return flush_results_ && is_subnormal(code) ? 0 : code;
}

int MagnitudeCodes::value_bits() const { return std::bit_width(value(max_code_)); }

}  // namespace fewbit::ops
