// FabricTraits: what a fabric's cells do well, of which builders choose their structure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit::ops {

/// One row per fabric, beside its delay model (delays.h). Where a trait says "best", it measured
/// smallest.
struct FabricTraits {
  Fabric fabric = Fabric::kIce40;
  std::string_view cells;       ///< "iCE40 cells (a 4-input table with a carry)"
  std::string_view target;      ///< the option that asks for it; "": the default
  std::string_view dsp_target;  ///< the same for a design with hard multipliers
  int lut_inputs = 4;

  // Around a carry chain.
  bool gate_before_carry = true;     ///< a cell has a gate in front: what negates or gates is free
  bool table_before_carry = false;   ///< a whole table: a shift or a sign joins the adder
  bool table_behind_carry = false;   ///< a table behind: a select of the sum joins the adder
  bool carry_pairs = false;          ///< two bits a cell: rows are best added in pairs
  bool dear_carries = false;         ///< a table a bit compares better than a chain
  bool carry_in_by_place = false;    ///< a carry-in is best a place below the sum, as its own pair
  bool enable_before_clear = false;  ///< a flip-flop that is not enabled is not cleared either

  /// A flip-flop costs several gates: a sum is masked where it starts, in place of a second
  /// register.
  bool dear_registers = false;

  // Products and sums of lanes.
  /// Synthesis adds a product's rows without carries: they are left to it.
  bool multiplies = false;
  int least_pair_factor = 1;  ///< bits of a wide factor for which rows of two bits are best
  int most_pair_factor = 4;
  int lanes_a_sum = 4;                ///< lanes of integers whose rows are added together
  bool unsigned_lanes_share = false;  ///< so are those without signs
  bool lane_modules = false;  ///< lanes alike are instances of one module, and map no larger
  /// A term of a sum is best as wide as its own range, not as the sum's.
  bool narrow_terms = false;
  /// Five places of a shift are best coded so that 1 and 3 share a select: of one product, of
  /// lanes.
  bool shares_select = false;
  bool shares_select_in_lanes = false;
  bool lowest_bit_by_gate = false;  ///< Yosys 0.23 stops where bit 0 of a block's product is read
  std::string_view cell_networks;   ///< whose networks of cells serve, see cell_network.cc
};

const FabricTraits& fabric_traits(Fabric fabric);

/// How many inputs a logic cell's lookup table has.
inline int lut_inputs(Fabric fabric) { return fabric_traits(fabric).lut_inputs; }

/// Cells of six inputs: a select of four, or a digit of two bits of a factor of four.
inline bool has_wide_tables(Fabric fabric) { return lut_inputs(fabric) >= 6; }

}  // namespace fewbit::ops
