// Delay models of the fabrics that the builders know.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/gen/rtl/delay.h"
#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit::ops {

/// iCE40 (HX) and ECP5 (speed grade 8): fitted to what nextpnr reports, docs/hardware.md. Xilinx:
/// an estimate, no open place and route to fit it to. Standard cells: fitted to the longest paths
/// of adders and products of asic-osu018 (flow abc_adders), without wires.
const rtl::DelayModel& delay_model(Fabric fabric);

}  // namespace fewbit::ops
