// Fabrics as rows: each has one, and structures follow from its traits alone; plans of products.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/fabric/fabric_traits.h"

#include <gmock/gmock.h>

#include <set>

#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/ops/fabric/delays.h"
#include "fewbit/gen/ops/product/product_plan.h"

namespace fewbit::ops {
namespace {

constexpr Fabric kFabrics[] = {Fabric::kIce40, Fabric::kEcp5,  Fabric::kXilinx,
                               Fabric::kGowin, Fabric::kNexus, Fabric::kAsic};

TEST(FabricTraits, EveryFabricHasARowOfItsOwn) {
  std::set<std::string_view> cells, names;
  for (const Fabric fabric : kFabrics) {
    EXPECT_EQ(fabric_traits(fabric).fabric, fabric);
    EXPECT_TRUE(cells.insert(fabric_traits(fabric).cells).second) << to_string(fabric);
    EXPECT_TRUE(names.insert(to_string(fabric)).second) << to_string(fabric);
    // Two tables say how many inputs a cell has, and where tables are around a chain.
    const rtl::DelayModel& delays = delay_model(fabric);
    EXPECT_EQ(delays.lut_inputs, lut_inputs(fabric)) << to_string(fabric);
    EXPECT_EQ(delays.table_before_carry, fabric_traits(fabric).table_before_carry);
    EXPECT_EQ(delays.table_behind_carry, fabric_traits(fabric).table_behind_carry);
  }
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

TEST(FabricTraits, GowinAndNexusHaveTheStructuresOfEcp5UnderTheirOwnNames) {
  const OperatorRequest requests[] = {
      {.op = "mul", .a = "e4m3fn", .b = "e4m3fn", .result = "e4m3fn"},
      {.op = "mul", .a = "e2m1", .b = "e2m1", .result = "e2m1"},
      {.op = "add", .a = "e5m2", .b = "e5m2", .result = "e5m2"},
      {.op = "mac", .a = "int8", .b = "int8", .latency = 5},
      {.op = "dot", .a = "e4m3fn", .b = "int4", .lanes = 3}};
  for (OperatorRequest request : requests) {
    request.fabric = Fabric::kEcp5;
    const OperatorSpec ecp5 = make_operator_spec(request).value();
    for (const auto& [fabric, target] :
         {std::pair{Fabric::kGowin, "gowin-gw2a18"}, std::pair{Fabric::kNexus, "nexus-lifcl40"}}) {
      request.fabric = fabric;
      const OperatorSpec spec = make_operator_spec(request).value();
      std::string text = emit(ecp5).files.back().text;
      text = replaced(text, "_ecp5", "_" + std::string(to_string(fabric)));
      text = replaced(text, "--target ecp5", std::string("--target ") + target);
      text = replaced(text, fabric_traits(Fabric::kEcp5).cells, fabric_traits(fabric).cells);
      EXPECT_EQ(emit(spec).files.back().text, text);
    }
  }
}

/// The product of two minifloats with 4 exponent bits and 3 fraction bits.
ProductFacts of_e4m3() {
  ProductFacts facts;
  facts.has_sign = true;
  facts.has_rows = true;
  facts.bits = 8;
  facts.shift.distances = {1, 2, 4, 8, 16};
  facts.shift.max_shift = 28;
  return facts;
}

TEST(ProductPlan, TheSignGoesWhereTheCellsTakeItAlong) {
  const ProductFacts facts = of_e4m3();
  const Stage wire, registered{.registered = true}, last{.is_last = true};
  const FabricTraits& ice40 = fabric_traits(Fabric::kIce40);
  const FabricTraits& xilinx = fabric_traits(Fabric::kXilinx);
  EXPECT_EQ(plan_product(ice40, facts, wire).sign, SignPlace::kBefore);
  EXPECT_EQ(plan_product(ice40, facts, last).sign, SignPlace::kRows);
  EXPECT_EQ(plan_product(ice40, facts, registered).sign, SignPlace::kBlocks);
  // 8 bits and 1 + 2 + 4 places are at most two blocks of 8, and one bit.
  EXPECT_EQ(plan_product(xilinx, facts, registered).sign, SignPlace::kBehind);
  EXPECT_EQ(plan_product(xilinx, facts, registered).stages_behind, 2);
  ProductFacts wide = facts;
  wide.bits = 11;
  EXPECT_EQ(plan_product(xilinx, wide, registered).stages_behind, 1);
  EXPECT_EQ(plan_product(ice40, wide, registered).sign, SignPlace::kBefore);
  // A hard multiplier, or a product that is there already, takes no sign.
  ProductFacts made = facts;
  made.by_rows = false;
  EXPECT_EQ(plan_product(ice40, made, last).sign, SignPlace::kBefore);
}

TEST(ProductPlan, LowBitsAreLateWhereNothingIsShifted) {
  ProductFacts facts;
  facts.has_rows = true;
  facts.is_signed = true;
  facts.bits = 16;
  const Stage wire, registered{.registered = true};
  const FabricTraits& xilinx = fabric_traits(Fabric::kXilinx);
  EXPECT_TRUE(plan_product(xilinx, facts, registered).late_low_bits);
  EXPECT_EQ(plan_product(xilinx, facts, registered).sign, SignPlace::kNone);
  EXPECT_FALSE(plan_product(xilinx, facts, wire).late_low_bits);
  EXPECT_FALSE(plan_product(fabric_traits(Fabric::kEcp5), facts, registered).late_low_bits);
  EXPECT_FALSE(plan_product(xilinx, of_e4m3(), registered).late_low_bits);
}

}  // namespace
}  // namespace fewbit::ops
