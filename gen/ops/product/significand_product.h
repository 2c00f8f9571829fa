// Significand product: two small integers multiplied row by row, in the form that suits the fabric.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "fewbit/gen/ops/product/factor.h"
#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit::ops {

/// How the rows of a product are made; kByFabric: in the way that measured smallest there.
enum class Rows { kByFabric, kConditional, kAnd, kBooth, kPairs, kTriple, kTable };
/// What the strategy of a request asks for.
Rows rows_of(const OperatorSpec& spec);

/// a x b, exactly, in width(a) + width(b) bits (Booth rows: up to two more).
/// Structure per fabric, each the smallest of those measured.
///
/// iCE40, unsigned up to 3 x 3: rows of two bits from tables.
/// iCE40, others: conditional-add rows. The chain always adds, the cell's fourth input selects.
///
/// Xilinx, unsigned up to 6 bits in all: a table per bit.
/// Xilinx, unsigned up to 4 x 4: rows of two bits from tables.
/// Xilinx, from four bits of the narrower factor on: rows of 0 to 3 times the other.
/// Xilinx, others: AND rows.
///
/// ECP5, unsigned 3 x 3 and 4 x 4: rows of two bits from tables.
/// ECP5, others: AND rows.
///
/// With allow_carry (two integers, not iCE40) radix-4 Booth rows, whose first row leaves its +1
/// as the carry. Every row drops its finished low bits, so that synthesis keeps one carry chain a
/// row. A product `before_register`, whose shifter no adder follows, has its last row of one bit as
/// a select on iCE40. Other `rows` than kByFabric are made as named on every fabric; kBooth needs a
/// place for the carry and is for two integers.
Product multiply(rtl::Module& module, const Factor& a, const Factor& b, Fabric fabric,
                 bool allow_carry, Rows rows = Rows::kByFabric, bool before_register = false);

/// Width of the product that multiply() makes of two unsigned factors: a bit alone is only a gate.
inline int product_width(int a, int b) { return std::min(a, b) == 1 ? std::max(a, b) : a + b; }

/// The exact sum of integer products, known to be within min .. max, as a number of exactly its
/// width. All products share one running sum, from the lowest bit of the b's upward: rows of one
/// bit added conditionally (kConditional; kByFabric: iCE40), or Booth rows of two bits in the form
/// of a subtraction (kBooth; kByFabric: the others). The factors are alike in all products, each of
/// two bits or more.
rtl::Signal sum_of_products(rtl::Module& module, const std::string& name,
                            const std::vector<std::pair<Factor, Factor>>& products,
                            const BigInt& min, const BigInt& max, Fabric fabric,
                            Rows rows = Rows::kByFabric);

/// One constant table per output bit: bit i of the result is bit i of function(index). The tables
/// are called label.name with the number of their bit.
rtl::Signal table_of(rtl::Module& module, const std::string& name, const rtl::TableLabel& label,
                     int width, const rtl::Signal& index,
                     const std::function<BigInt(unsigned)>& function);

}  // namespace fewbit::ops
