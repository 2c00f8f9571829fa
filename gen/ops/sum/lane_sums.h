// Lane sums: the lanes of a dot product of minifloats on iCE40, added where their exponents say.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/gen/ops/operand/interface.h"
#include "fewbit/gen/ops/product/exact_product.h"
#include "fewbit/gen/util/bigint.h"

namespace fewbit::ops {

/// A number within min .. max; two's complement where min is negative.
struct Term {
  rtl::Signal bits;
  BigInt min;
  BigInt max;

  [[nodiscard]] rtl::Signal extended(int width) const;
};

/// Pairs of numbers added until one is left, of at most `width` bits. Each adder takes one of
/// `carries`, of one unit, from the back; those that are left stay there. Nets begin with `name`.
Term tree_sum(rtl::Module& module, const std::string& name, std::vector<Term> terms,
              std::vector<rtl::Signal>& carries, int width);

/// Part of a lane's product: where `used`, (bits, above them copies of carry) + carry, in units of
/// 2^place.
struct LanePart {
  rtl::Signal used;
  rtl::Signal bits;
  rtl::Signal carry;  ///< 1 bit; constant 0 in a lane without a sign
  int place = 0;
};

/// A running sum of parts, each one in a chain that adds it always and a cell that selects: four
/// inputs a bit, the fourth of which would be idle in an adder. So a part needs no gates.
class ConditionalSum {
 public:
  ConditionalSum(rtl::Module& module, std::string name);
  /// Adds the part. Nets, in the scope of its lane: the name, and with _before and _wide.
  void add(const LanePart& part);
  /// The same as the first one, less its carry: gates, which join whatever selects the bits.
  rtl::Signal start(const LanePart& part);
  [[nodiscard]] const Term& term() const { return sum_; }

 private:
  rtl::Module& m_;
  std::string name_;
  Term sum_;
};

struct LaneOperands {
  rtl::Signal a_code;
  rtl::Signal b_code;
  Unpacked a;
  Unpacked b;
};

/// Whether conditional_lane_sum() serves the request and takes fewer cells than a tree of products.
bool sums_conditionally(const OperatorSpec& spec, const std::vector<LaneOperands>& lanes);

/// The exact sum of the lanes' products modulo 2^width, for operands of two minifloats: the product
/// moves by the low bits of the shift alone; for each value of the top bit (or two) there is a sum
/// of its own, which takes the lanes with that value. The sums meet at the end. Marks the terms of
/// each lane and where running sums begin.
rtl::Signal conditional_lane_sum(rtl::Module& module, const OperatorSpec& spec,
                                 const std::vector<LaneOperands>& lanes, int width);

}  // namespace fewbit::ops
