// Carry sum: see carry_sum.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/fabric/carry_sum.h"

#include "fewbit/gen/ops/fabric/fabric_traits.h"

namespace fewbit::ops {

using rtl::concat;
using rtl::Module;
using rtl::Signal;

Signal carry_sum(Module& m, const std::string& name, const Signal& x, const Signal& y,
                 const Signal& carry, Fabric fabric) {
  const FabricTraits& traits = fabric_traits(fabric);
  if (traits.carry_pairs && x.width() % 2 == 0) {
    return m.net(name, add_with_carry(x, y, carry));
  }
  if (traits.carry_in_by_place) {
    const Signal inverted = m.net(name + "_addend_inverted", ~y);
    const Signal wide =
        m.net(name + "_and_carry", concat({x, m.constant(1, 0)}) - concat({inverted, ~carry}));
    return m.net(name, wide.without_low(1));
  }
  const Signal wide =
      m.net(name + "_and_carry", concat({x, m.constant(1, 1)}) + concat({y, carry}));
  return m.net(name, wide.without_low(1));
}

}  // namespace fewbit::ops
