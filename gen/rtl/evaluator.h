// Evaluates a module in-process, cycle by cycle, at its default parameters or overridden ones.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "gen/rtl/module.h"

namespace fewbit::rtl {

/// Two-valued simulation of one module without instances. Registers start at 0 (all ones where
/// they reset to ones).
class Evaluator {
 public:
  explicit Evaluator(const Module& module, const std::map<std::string, long long>& parameters = {});

  /// Sets an input (unsigned bits); reset inputs start inactive.
  void set(const std::string& input, const BigInt& bits);
  /// Settles all nets for the present inputs and registers.
  void settle();
  /// One clock edge: settles, then loads every register. An active reset, of either kind, acts
  /// here.
  void clock();
  /// The bits of an output, after settle().
  [[nodiscard]] const BigInt& get(const std::string& output) const;

 private:
  [[nodiscard]] int value_of(const Width& width) const;
  [[nodiscard]] int width_of(const Node& node) const;
  void compute(int id);
  [[nodiscard]] const BigInt& value(int id) const { return values_[static_cast<std::size_t>(id)]; }
  [[nodiscard]] bool in_reset() const;

  const Module& module_;
  std::vector<long long> parameter_delta_;  // value - default
  std::vector<int> order_;                  // live nodes, arguments first
  std::vector<BigInt> values_;
  std::map<std::string, int> inputs_, outputs_;
};

}  // namespace fewbit::rtl
