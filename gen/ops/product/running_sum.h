// A running sum of rows whose low bits are finished one by one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fewbit/gen/ops/product/factor.h"

namespace fewbit::ops {

/// Its numbers are min .. max of what has been added; the sum is wanted modulo 2^total_width.
class RunningSum {
 public:
  RunningSum(rtl::Module& module, std::string name, int total_width)
      : m_(module), name_(std::move(name)), unfinished_(total_width) {}

  /// Adds a where `select` is 1, in the chain that adds it always. With low_apart the lowest bit,
  /// to which nothing is carried, is written as the gates that it is: else ABC may take its sum and
  /// the choice apart, make both in both polarities, and find no cell for the two together.
  void add_where(const std::string& row, const rtl::Signal& select, const Factor& a,
                 bool low_apart);

  /// Adds `row` + carry; the sum is within min .. max then. The carry has a column of its own.
  void add(const std::string& name, const rtl::Signal& row, const rtl::Signal& carry,
           const BigInt& min, const BigInt& max);

  /// The same for carry chains of two bits a cell (ECP5), whose inputs have no inverter to spare
  /// for a plain carry. A column of its own is for nothing in chains of odd width; one of even
  /// width takes the carry as a third operand, but only where this cannot merge with the adder
  /// before: its sum is not an operand as it is, but extended or without its low bits.
  void add_in_pairs(const std::string& name, const rtl::Signal& row, const rtl::Signal& carry,
                    const BigInt& min, const BigInt& max, bool carry_is_inverted);

  void invert(const std::string& row);

  /// The lowest `count` bits are finished.
  void finish(int count);

  /// All bits.
  rtl::Signal result();

 private:
  [[nodiscard]] std::string named(const std::string& row) const { return name_ + "_" + row; }
  [[nodiscard]] rtl::Signal extended(int width) const;
  /// The sum so far, as wide as it will be once it is within min .. max.
  rtl::Signal start_of(const BigInt& min, const BigInt& max);
  void add_inverted(const std::string& name, const rtl::Signal& row, const rtl::Signal& carry,
                    const rtl::Signal& start);
  /// The width once something of least .. greatest, or 0, is added.
  int grow(const BigInt& least, const BigInt& greatest);

  rtl::Module& m_;
  std::string name_;
  int unfinished_;  // bits of the result from here up
  rtl::Signal bits_;
  bool was_signed_ = false;
  bool is_cut_ = false;  // the last adder's low bits are finished
  BigInt min_ = 0;
  BigInt max_ = 0;
  std::vector<rtl::Signal> lows_;
};

}  // namespace fewbit::ops
