// The fabrics: see fabric_traits.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/fabric/fabric_traits.h"

#include <algorithm>
#include <vector>

#include "fewbit/gen/util/check.h"

namespace fewbit::ops {
namespace {

/// Other cells of four inputs, for which the structures of ECP5 are built.
FabricTraits like_ecp5(const FabricTraits& ecp5, Fabric fabric, std::string_view cells,
                       std::string_view target) {
  FabricTraits traits = ecp5;
  traits.fabric = fabric;
  traits.cells = cells;
  traits.target = traits.dsp_target = target;
  return traits;
}

std::vector<FabricTraits> rows() {
  const FabricTraits ice40 = {.fabric = Fabric::kIce40,
                              .cells = "iCE40 cells (a 4-input table with a carry)",
                              .target = "",
                              .dsp_target = " --target ice40-up5k",
                              .gate_before_carry = false,
                              .table_behind_carry = true,
                              .enable_before_clear = true,
                              .most_pair_factor = 3,
                              .lanes_a_sum = 2,
                              .unsigned_lanes_share = true,
                              .narrow_terms = true,
                              .lowest_bit_by_gate = true,
                              .cell_networks = "ice40"};
  const FabricTraits ecp5 = {.fabric = Fabric::kEcp5,
                             .cells = "ECP5 cells (4-input tables, 2-bit carries)",
                             .target = " --target ecp5",
                             .dsp_target = " --target ecp5",
                             .carry_pairs = true,
                             .dear_carries = true,
                             .least_pair_factor = 3,
                             .shares_select_in_lanes = true,
                             .cell_networks = "ecp5"};
  const FabricTraits xilinx = {.fabric = Fabric::kXilinx,
                               .cells = "AMD cells (6-input tables, carry chains)",
                               .target = " --target xilinx-usp",
                               .dsp_target = " --target xilinx-usp",
                               .lut_inputs = 6,
                               .table_before_carry = true,
                               .carry_in_by_place = true,
                               .lane_modules = true,
                               .shares_select = true,
                               .shares_select_in_lanes = true};
  const FabricTraits asic = {.fabric = Fabric::kAsic,
                             .cells = "standard cells (gates, no carry chains)",
                             .target = " --target asic-osu018",
                             .dsp_target = " --target asic-osu018",
                             .gate_before_carry = false,
                             .dear_registers = true,
                             .multiplies = true,
                             .lanes_a_sum = 1};
  return {ice40,
          ecp5,
          xilinx,
          asic,
          like_ecp5(ecp5, Fabric::kGowin, "Gowin cells (4-input tables, an ALU a bit)",
                    " --target gowin-gw2a18"),
          like_ecp5(ecp5, Fabric::kNexus, "Nexus cells (4-input tables, 2-bit carries)",
                    " --target nexus-lifcl40")};
}

}  // namespace

const FabricTraits& fabric_traits(Fabric fabric) {
  static const std::vector<FabricTraits> kRows = rows();
  const auto row = std::find_if(kRows.begin(), kRows.end(),
                                [fabric](const FabricTraits& t) { return t.fabric == fabric; });
  FEWBIT_CHECK(row != kRows.end(), "fabric {} has no row", static_cast<int>(fabric));
  return *row;
}

}  // namespace fewbit::ops
