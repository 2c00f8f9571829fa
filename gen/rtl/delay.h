// DelayModel: how long logic takes on a family of devices, estimated from the intermediate form.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fewbit/gen/rtl/module.h"

namespace fewbit::rtl {

/// Times in ns of a fabric of lookup tables with carry chains. A path is a register's clock to
/// output, then wires and tables and carry chains in turn, then the next register's setup.
struct DelayModel {
  int lut_inputs = 4;
  bool table_before_carry = false;  ///< a chain's cell has a table in front: logic joins the adder
  bool table_behind_carry = false;  ///< it has one behind: what uses the sum joins it
  double clock_to_output = 0;
  double wire = 0;         ///< from any output to the next cell's input
  double lut = 0;          ///< through a lookup table
  double setup = 0;        ///< at a register, its own table included
  double carry_enter = 0;  ///< from an adder's operand into the chain
  double carry = 0;        ///< per bit
  int carry_group = 8;     ///< bits of chain in one tile
  double carry_between_groups = 0;
  double carry_exit = 0;      ///< from the chain to the sum
  double carry_out = 0;       ///< more than a sum bit where the last carry itself is wanted
  double full_group = 0;      ///< more for the top sum bit of a chain that fills its last tile
  double shared_sum = 0;      ///< more where a sum bit goes into two registers
  double multiply = 0;        ///< through a hard multiplier, its own wires included
  double carry_to_carry = 0;  ///< more where it goes into another chain at the next clock edge

  /// Register to register through an adder of this many bits with nothing else on the way.
  [[nodiscard]] double adder_period(int bits) const;
};

/// Times in ns through a module, for who instances it; -1 where there is no path.
struct ModuleDelays {
  std::vector<std::string> inputs;
  std::vector<std::vector<double>> through;  ///< [output][input]: without a register between
  std::vector<double> from_clock;            ///< of each output, from a register
  std::vector<double> to_register;           ///< of each input: into a register, setup included
  double period = 0;                         ///< from register to register inside
};
ModuleDelays module_delays(const Module& module, const DelayModel& model);

/// A few signals, by number.
class Leaves {
 public:
  static constexpr std::size_t kMost = 6;
  Leaves() = default;
  explicit Leaves(int number) : count_(1) { numbers_[0] = number; }
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] const int* begin() const { return numbers_.data(); }
  [[nodiscard]] const int* end() const { return numbers_.data() + count_; }
  /// Adds what is new of `more`; false, and unchanged, where more than `most` would come of it.
  bool merge(const Leaves& more, std::size_t most);

 private:
  std::array<int, kMost> numbers_{};
  std::size_t count_ = 0;
};

/// Arrival times of every bit of the nodes of a module, node by node. A node's bits are packed into
/// lookup tables with the logic in front of them as long as the inputs suffice.
class ArrivalTimes {
 public:
  ArrivalTimes(const Module& module, const DelayModel& model);

  /// Paths begin at this input at time 0, or at registers where it is -1; whatever else begins a
  /// path is ready at `never`.
  void begin_at(int input, double never);
  /// Its bits are ready at a clock edge: an input, or anything behind a register.
  void set_registered(int id, bool registered = true);
  /// From the arguments' arrivals, which must be known.
  void compute(int id);
  /// When the last bit is there.
  [[nodiscard]] double arrival(int id) const;
  /// When the registers in an instance have what its inputs bring, setup included.
  [[nodiscard]] double instance_end(const Instance& instance);
  const ModuleDelays& delays_of(const Module& module);

 private:
  /// One bit: when it is ready, and the signals that the table which makes it would read.
  struct Bit {
    double time = 0;
    Leaves leaves;
    int self = 0;           ///< the signal that the table would drive
    bool inverted = false;  ///< by a gate that whoever reads it must still make
    Leaves beside_carry;    ///< of a sum: what its cell's table reads with the carry
  };
  using Bits = std::vector<Bit>;

  [[nodiscard]] Bit leaf(int id, int bit) const;
  [[nodiscard]] Bit read(int id, int bit) const;
  [[nodiscard]] Bit gate(std::vector<Bit> inputs, int self);
  [[nodiscard]] std::optional<Bit> gate_in_sum(const std::vector<Bit>& inputs, int self);
  [[nodiscard]] Bit reduce(std::vector<Bit> inputs, int self);
  void add(int id);
  void arrive(int id, double time);
  void join(int id);
  [[nodiscard]] std::vector<Bit> bits_of(int id) const;
  [[nodiscard]] Bit bit_of(int id, int i);
  [[nodiscard]] Bit bit_by_all(const Node& node, int i, int self);
  [[nodiscard]] double latest_of(const Node& node) const;
  [[nodiscard]] double borrow_time(const Node& node) const;
  [[nodiscard]] double output_time(const Node& node, int id);
  /// No leaves: synthesis knows it.
  [[nodiscard]] Bit constant_bit() const { return {.time = earliest_, .leaves = {}}; }
  [[nodiscard]] int leaf_number(int id, int bit) const {
    return first_leaf_[static_cast<std::size_t>(id)] + bit;
  }

  const Module& module_;
  const DelayModel& model_;
  std::vector<int> first_leaf_;
  std::vector<double> leaf_time_;
  std::vector<Bits> bits_;
  std::vector<bool> registered_;
  int first_input_ = -1;
  double input_time_;
  double register_time_;
  double earliest_ = 0;  ///< no time is before it
  std::map<const Module*, ModuleDelays> delays_;
};

/// The estimated time, ns, of the slowest path between registers of a finished module; inputs and
/// outputs count as registers.
double estimate_period(const Module& module, const DelayModel& model);

}  // namespace fewbit::rtl
