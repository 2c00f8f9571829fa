// Evaluates a module in-process, cycle by cycle, at its default parameters or overridden ones.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fewbit/gen/rtl/module.h"

namespace fewbit::rtl {

/// Two-valued simulation of one module and of what it instances, none of it text. Registers start
/// at their reset value, unknown contents of memories at 0.
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
  /// An instance: what its inputs and outputs are here and there. Without `run` where it is dead.
  struct Part {
    std::unique_ptr<Evaluator> run;
    std::vector<std::pair<int, int>> inputs;
    std::map<int, int> outputs;
  };
  void add_part(const Instance& instance);
  void settle_part(Part& part);
  void set_node(int id, const BigInt& bits);
  [[nodiscard]] BigInt reset_value(const Node& node) const;
  [[nodiscard]] BigInt loaded(const Node& node) const;
  [[nodiscard]] int value_of(const Width& width) const;
  [[nodiscard]] int width_of(const Node& node) const;
  void compute(int id);
  [[nodiscard]] BigInt gate(const Node& node) const;
  [[nodiscard]] BigInt operation(const Node& node) const;
  [[nodiscard]] const BigInt& arg(const Node& node, std::size_t i) const;
  [[nodiscard]] int arg_width(const Node& node, std::size_t i) const;
  [[nodiscard]] const BigInt& value(int id) const { return values_[static_cast<std::size_t>(id)]; }
  [[nodiscard]] bool in_reset() const;

  const Module& module_;
  std::vector<long long> parameter_delta_;  // value - default
  std::vector<int> order_;                  // live nodes, arguments first
  std::vector<BigInt> values_;
  std::vector<std::vector<BigInt>> words_;  // of memories
  std::vector<int> live_memories_;
  std::vector<Part> parts_;  // of instances
  bool is_settled_ = false;
  std::map<std::string, int> inputs_, outputs_;
};

}  // namespace fewbit::rtl
