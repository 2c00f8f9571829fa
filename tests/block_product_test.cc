// Two lanes in one multiplier block, for every operand; and what a block can hold.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/product/block_product.h"

#include <gmock/gmock.h>

#include <random>

#include "fewbit/gen/rtl/evaluator.h"
#include "fewbit/gen/spec/multiplier_block.h"

namespace fewbit::ops {
namespace {

using rtl::Evaluator;
using rtl::Module;

long long value(unsigned code, int bits, bool is_signed) {
  return is_signed && code >> (bits - 1) != 0 ? static_cast<long long>(code) - (1LL << bits) : code;
}

/// Operands a0, b0, a1, b1 from the lowest bits of `index` up.
struct Operands {
  int a_bits;
  int b_bits;
  bool is_signed;

  [[nodiscard]] int bits() const { return 2 * (a_bits + b_bits); }
  [[nodiscard]] std::vector<long long> of(unsigned index) const {
    std::vector<long long> values;
    for (const int width : {a_bits, b_bits, a_bits, b_bits}) {
      values.push_back(value(index & ((1U << width) - 1), width, is_signed));
      index >>= width;
    }
    return values;
  }
  [[nodiscard]] std::vector<std::pair<Factor, Factor>> lanes(Module& m) const {
    const rtl::Signal all = m.input("all_i", bits());
    const int lane = a_bits + b_bits;
    std::vector<std::pair<Factor, Factor>> pairs;
    for (const int low : {0, lane}) {
      pairs.push_back({{m.net("a", all.slice(low + a_bits - 1, low)), is_signed},
                       {m.net("b", all.slice(low + lane - 1, low + a_bits)), is_signed}});
    }
    return pairs;
  }
};

TEST(BlockProduct, TheMiddleFieldIsTheSumOfTwoProducts) {
  for (const bool is_signed : {false, true}) {
    for (const auto& [a_bits, b_bits] : {std::pair{4, 4}, {2, 5}, {3, 2}, {2, 2}}) {
      const Operands operands{a_bits, b_bits, is_signed};
      Module m("packed");
      const auto lanes = operands.lanes(m);
      const Product sum = packed_sum(m, "sum", lanes[0], lanes[1]);
      m.output("sum_o", sum.bits);
      m.output("carry_o", sum.carry);
      Evaluator run(m);
      for (unsigned index = 0; index < 1U << operands.bits(); ++index) {
        run.set("all_i", index);
        run.settle();
        const auto v = operands.of(index);
        const BigInt got =
            from_bits(run.get("sum_o"), sum.bits.width(), is_signed) + run.get("carry_o");
        ASSERT_EQ(got, v[0] * v[1] + v[2] * v[3]) << a_bits << " x " << b_bits << ": " << index;
      }
    }
  }
}

TEST(BlockProduct, TheOuterFieldsAreTheProducts) {
  for (const Fabric fabric : {Fabric::kIce40, Fabric::kEcp5}) {
    for (const auto& [a_bits, b_bits] : {std::pair{4, 4}, {2, 5}, {3, 2}}) {
      const Operands operands{a_bits, b_bits, false};
      Module m("packed");
      const auto lanes = operands.lanes(m);
      const auto [low, high] = packed_products(m, "lanes", lanes[0], lanes[1], fabric);
      m.output("low_o", low);
      m.output("high_o", high);
      Evaluator run(m);
      for (unsigned index = 0; index < 1U << operands.bits(); ++index) {
        run.set("all_i", index);
        run.settle();
        const auto v = operands.of(index);
        ASSERT_EQ(run.get("low_o"), v[0] * v[1]);
        ASSERT_EQ(run.get("high_o"), v[2] * v[3]);
      }
    }
  }
}

/// Corners and random numbers of `bits`.
std::vector<unsigned> codes(int bits, std::mt19937& random) {
  const unsigned all = (1U << bits) - 1;
  std::vector<unsigned> codes = {0, 1, all, all - 1, all >> 1, (all >> 1) + 1, 0x2aaaaaaa & all};
  for (int i = 0; i < 12; ++i) codes.push_back(static_cast<unsigned>(random()) & all);
  return codes;
}

TEST(BlockProduct, WideFactorsAreDividedOverBlocks) {
  std::mt19937 random(5);
  for (const Fabric fabric : {Fabric::kIce40, Fabric::kEcp5, Fabric::kXilinx}) {
    for (const auto& [a_bits, b_bits] :
         {std::pair{24, 24}, {21, 16}, {16, 21}, {19, 3}, {25, 24}, {17, 17}, {28, 12}}) {
      for (const int signs : {0, 1, 2, 3}) {
        const bool a_signed = (signs & 1) != 0, b_signed = (signs & 2) != 0;
        Module m("wide");
        const Factor a{m.input("a_i", a_bits), a_signed}, b{m.input("b_i", b_bits), b_signed};
        const Product made = block_product(m, a, b, fabric);
        m.output("product_o", made.bits);
        ASSERT_EQ(made.bits.width(), a_bits + b_bits);
        Evaluator run(m);
        for (const unsigned x : codes(a_bits, random)) {
          for (const unsigned y : codes(b_bits, random)) {
            run.set("a_i", x);
            run.set("b_i", y);
            run.settle();
            const BigInt want = BigInt(value(x, a_bits, a_signed)) * value(y, b_bits, b_signed);
            ASSERT_EQ(from_bits(run.get("product_o"), a_bits + b_bits, made.is_signed), want)
                << a_bits << " x " << b_bits << ", signs " << signs << ": " << x << ", " << y;
          }
        }
      }
    }
  }
}

/// Every part by the widths of the data sheets, counted by hand.
TEST(MultiplierBlock, CountsTheBlocksOfWideProducts) {
  const MultiplierBlock& ice40 = multiplier_block(Fabric::kIce40);
  const MultiplierBlock& ecp5 = multiplier_block(Fabric::kEcp5);
  const MultiplierBlock& xilinx = multiplier_block(Fabric::kXilinx);
  EXPECT_EQ(blocks_of(ecp5, {18, false}, {18, false}), 1);
  EXPECT_EQ(blocks_of(ecp5, {21, true}, {16, false}), 2);
  EXPECT_EQ(blocks_of(ecp5, {24, false}, {24, false}), 4);
  EXPECT_EQ(blocks_of(ecp5, {36, false}, {36, false}), 4);
  EXPECT_EQ(blocks_of(ecp5, {37, false}, {36, false}), 6);
  EXPECT_EQ(blocks_of(ice40, {24, false}, {24, false}), 4);
  EXPECT_EQ(blocks_of(ice40, {16, true}, {16, false}),
            2);  // of both signs: the unsigned is divided
  EXPECT_EQ(blocks_of(xilinx, {24, false}, {24, false}), 2);
  EXPECT_EQ(blocks_of(xilinx, {24, false}, {17, false}), 1);
}

/// By the data sheets' widths.
TEST(MultiplierBlock, HoldsWhatTheDataSheetSays) {
  const MultiplierBlock& ice40 = multiplier_block(Fabric::kIce40);
  EXPECT_TRUE(ice40.holds(16, false, 16, false));
  EXPECT_TRUE(ice40.holds(16, true, 16, true));
  EXPECT_FALSE(ice40.holds(16, false, 16, true));  // of both signs: one bit more for the unsigned
  EXPECT_TRUE(ice40.holds(15, false, 16, true));
  EXPECT_FALSE(ice40.holds(17, true, 2, true));
  const MultiplierBlock& ecp5 = multiplier_block(Fabric::kEcp5);
  EXPECT_TRUE(ecp5.holds(18, false, 18, false));
  EXPECT_FALSE(ecp5.holds(19, false, 2, false));
  const MultiplierBlock& xilinx = multiplier_block(Fabric::kXilinx);
  EXPECT_TRUE(xilinx.holds(18, true, 25, true));
  EXPECT_FALSE(xilinx.holds(18, false, 25, true));
  EXPECT_TRUE(xilinx.holds(24, false, 17, false));
  EXPECT_FALSE(xilinx.holds(24, false, 18, false));
}

TEST(MultiplierBlock, PacksTwoLanesUpToFourBitsOrFive) {
  const MultiplierBlock& ice40 = multiplier_block(Fabric::kIce40);
  const MultiplierBlock& ecp5 = multiplier_block(Fabric::kEcp5);
  EXPECT_TRUE(packs(ice40, {4, true}, {4, true}));
  EXPECT_FALSE(packs(ice40, {5, true}, {5, true}));
  EXPECT_TRUE(packs(ice40, {5, false}, {5, false}));
  EXPECT_FALSE(packs(ice40, {6, false}, {5, false}));
  EXPECT_TRUE(packs(ecp5, {5, true}, {5, true}));
  EXPECT_TRUE(packs(ice40, {4, true}, {4, false}));
  EXPECT_FALSE(packs(ice40, {5, true}, {5, false}));
  EXPECT_FALSE(packs(ice40, {1, false}, {4, false}));
}

}  // namespace
}  // namespace fewbit::ops
