// Delay models: see delays.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/fabric/delays.h"

#include "fewbit/gen/spec/strategy.h"

namespace fewbit::ops {

const rtl::DelayModel& delay_model(Fabric fabric) {
  static const rtl::DelayModel kIce40 = {.lut_inputs = 4,
                                         .table_behind_carry = true,
                                         .clock_to_output = 0.54,
                                         .wire = 0.9,
                                         .lut = 0.4,
                                         .setup = 0.47,
                                         .carry_enter = 0.0,
                                         .carry = 0.126,
                                         .carry_group = 8,
                                         .carry_between_groups = 0.196,
                                         .carry_exit = -0.18,
                                         .carry_out = 1.7,
                                         .full_group = 1.3,
                                         .shared_sum = 1.1,
                                         .multiply = 12.0,
                                         .carry_to_carry = 0.6};
  static const rtl::DelayModel kEcp5 = {.lut_inputs = 4,
                                        .clock_to_output = 0.395,
                                        .wire = 0.54,
                                        .lut = 0.18,
                                        .setup = 0.118,
                                        .carry_enter = 0.64,
                                        .carry = 0.028,
                                        .carry_group = 8,
                                        .carry_between_groups = 0.0,
                                        .carry_exit = 0.31,
                                        .carry_out = 0.0,
                                        .shared_sum = 0.5,
                                        .multiply = 4.0,
                                        .carry_to_carry = 0.0};
  static const rtl::DelayModel kXilinx = {.lut_inputs = 6,
                                          .table_before_carry = true,
                                          .clock_to_output = 0.1,
                                          .wire = 0.4,
                                          .lut = 0.1,
                                          .setup = 0.05,
                                          .carry_enter = 0.1,
                                          .carry = 0.015,
                                          .carry_group = 8,
                                          .carry_between_groups = 0.0,
                                          .carry_exit = 0.1,
                                          .carry_out = 0.1,
                                          .multiply = 2.0,
                                          .carry_to_carry = 0.4};
  static const rtl::DelayModel kAsic = {.lut_inputs = 4,
                                        .clock_to_output = 0.23,
                                        .wire = 0.0,
                                        .lut = 0.35,
                                        .setup = 0.12,
                                        .carry_enter = 0.1,
                                        .carry = 0.213,
                                        .carry_group = 8,
                                        .carry_between_groups = 0.0,
                                        .carry_exit = 0.1,
                                        .carry_out = 0.0,
                                        .multiply = 3.0,
                                        .carry_to_carry = 0.0};
  switch (structure_of(fabric)) {  // where that is another one's, its times have not been measured
    case Fabric::kIce40:
      return kIce40;
    case Fabric::kXilinx:
      return kXilinx;
    case Fabric::kAsic:
      return kAsic;
    default:
      return kEcp5;
  }
}

}  // namespace fewbit::ops
