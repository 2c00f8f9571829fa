// Cell networks: small functions as networks of four-input cells that a search found.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "fewbit/gen/rtl/module.h"
#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit::ops {

/// As table_of, in fewer four-input cells than synthesis finds: from a catalogue, which has the
/// rounded product of two E2M1 magnitudes; `what` says so in words. Absent where `function` has no
/// entry for the fabric.
std::optional<rtl::Signal> cell_network(rtl::Module& module, const std::string& name,
                                        const std::string& what, int width,
                                        const rtl::Signal& index, Fabric fabric,
                                        const std::function<BigInt(unsigned)>& function);

}  // namespace fewbit::ops
