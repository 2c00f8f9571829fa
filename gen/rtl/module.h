// The hardware intermediate form: a module is ports, named nets of word-level expressions,
// registers and instances. It knows bits and widths, not number formats. Builders compose it with
// Signal. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gen/rtl/probe.h"
#include "gen/util/bigint.h"

namespace fewbit::rtl {

class Module;

/// All node kinds. Widths of arguments are exact; nothing is extended silently.
enum class Op {
  kInput,  ///< a port
  kNet,    ///< a named wire: one argument of the same width
  kConst,  ///< value
  kNot,
  kAnd,
  kOr,
  kXor,  ///< bitwise, arguments and result of one width
  kReduceAnd,
  kReduceOr,
  kReduceXor,  ///< one bit
  kConcat,     ///< arguments from the top bit down
  kSlice,  ///< bits [low + width - 1 : low] of the argument; a single bit may follow a parameter
  kReplicate,  ///< a one-bit argument, width times
  kMux,        ///< one-bit select ? then : else
  kAdd,        ///< modulo 2^width; an optional third argument is a one-bit carry-in
  kSub,        ///< modulo 2^width
  kMul,    ///< as wide as both factors; bits 0 and 1 of `value` mark a factor in two's complement;
           ///< for a hard multiplier, in a net of its own
  kEq,     ///< one bit
  kTable,  ///< bit number `argument` of the constant `value`
  kRom,    ///< word number `argument` of the constant `value`, word 0 lowest; only as the data of a
           ///< register without reset and clear: a block RAM's read
  kRegister,        ///< named; see RegisterControl
  kInstanceOutput,  ///< named; driven by an instance
};

/// A width in bits at the module's default parameters; with `parameter` >= 0 it follows that
/// parameter: bits - default + value.
struct Width {
  int bits = 0;
  int parameter = -1;
  Width(int b, int p = -1) : bits(b), parameter(p) {}  // NOLINT(google-explicit-constructor)
  bool operator==(const Width&) const = default;
};

/// A handle to a node. Width 0 is legal and vanishes in concat(): fields of no bits need no case of
/// their own in a builder.
class Signal {
 public:
  Signal() = default;
  [[nodiscard]] int width() const;
  [[nodiscard]] Width full_width() const;
  [[nodiscard]] bool valid() const { return module_ != nullptr; }
  [[nodiscard]] Module& module() const { return *module_; }
  [[nodiscard]] int id() const { return id_; }

  [[nodiscard]] Signal bit(int index) const;            ///< 1 bit
  [[nodiscard]] Signal slice(int high, int low) const;  ///< high - low + 1 bits; 0 where high < low
  [[nodiscard]] Signal low(int bits) const { return slice(bits - 1, 0); }
  /// Of a parameterised width too: the top bit; all but the lowest or the highest `count` bits.
  [[nodiscard]] Signal top() const;
  [[nodiscard]] Signal without_low(int count) const;
  [[nodiscard]] Signal without_top(int count) const;

 private:
  friend class Module;
  Signal(Module* module, int id) : module_(module), id_(id) {}
  Module* module_ = nullptr;
  int id_ = -1;
};

Signal operator~(const Signal& x);
Signal operator&(const Signal& x, const Signal& y);
Signal operator|(const Signal& x, const Signal& y);
Signal operator^(const Signal& x, const Signal& y);
Signal operator+(const Signal& x, const Signal& y);  ///< modulo 2^width
Signal operator-(const Signal& x, const Signal& y);  ///< modulo 2^width
/// a x b in width(a) + width(b) bits, each factor two's complement or unsigned.
Signal product(const Signal& a, bool a_signed, const Signal& b, bool b_signed);
Signal add_with_carry(const Signal& x, const Signal& y, const Signal& carry_in);
Signal concat(
    const std::vector<Signal>& parts);  ///< from the top bit down; one width may be parameterised
Signal replicate(const Signal& bit, Width width);
Signal zero_extend(const Signal& x, Width width);
Signal sign_extend(const Signal& x, Width width);
Signal mux(const Signal& select, const Signal& then_value, const Signal& else_value);
Signal reduce_and(const Signal& x);
Signal reduce_or(const Signal& x);
Signal reduce_xor(const Signal& x);
Signal equal(const Signal& x, const Signal& y);
/// What a table is called where it is printed (UpperCamel; absent: as the net that reads it), and
/// what it is a table of, in words.
struct TableLabel {
  std::string name;
  std::string note;
};
Signal table(const BigInt& bits, const Signal& index,
             const TableLabel& label = {});  ///< bit number `index` of `bits`

Signal rom(const BigInt& words, const Signal& index, int width);  ///< see Op::kRom

/// What a register does at a clock edge, strongest first: reset (the module's reset kind), clear,
/// enable.
struct RegisterControl {
  Signal enable;  ///< absent: always
  Signal clear;   ///< absent: never; sets 0
  bool reset = true;
  bool reset_to_ones = false;
};

enum class Reset { kNone, kAsyncLow, kSyncHigh, kSyncLow };

struct Node {
  Op op = Op::kConst;
  Width width = 0;
  std::vector<int> args;  // kRegister: data [, enable] [, clear] as control says
  BigInt value;           // kConst, kTable, kRom, kMul
  Width low = 0;          // kSlice
  std::string name;       // kInput, kNet, kRegister, kInstanceOutput; kTable: see TableLabel
  std::string note;       // kTable
  int section = 0;
  int data = -1, enable = -1, clear = -1;  // kRegister
  bool reset = false, reset_to_ones = false;
};

/// An integer parameter. A value outside `least` to `most` stops elaboration in every tool.
struct Parameter {
  std::string name;
  long long value = 0;
  std::string comment;
  long long least = 0;
  long long most = 0;
};

struct Output {
  std::string name;
  int node = -1;
  bool is_signed = false;
};

struct Instance {
  std::string module;
  std::string name;
  std::vector<std::pair<std::string, std::string>> parameters;  // name, SystemVerilog text
  std::vector<std::pair<std::string, int>> inputs;              // port, node
  std::vector<std::pair<std::string, int>> outputs;             // port, node (kInstanceOutput)
  int section = 0;
};

/// What a builder says of a net: see Probe.
struct Mark {
  ProbeRole role = ProbeRole::kValid;
  int node = -1;
  int lane = 0;
  int place = 0;
  bool is_free = false;  ///< opened as an input
  int output = -1;       ///< opened as this output
};

/// One SystemVerilog module being built. Not copyable: Signals point into it.
class Module {
 public:
  explicit Module(std::string name) : name_(std::move(name)) {}
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  Signal input(const std::string& name, int width, bool is_signed = false);
  void output(const std::string& name, const Signal& value, bool is_signed = false);
  /// A named wire: `name` is what the reader of the emitted text sees. Width 0 stays nameless.
  Signal net(const std::string& name, const Signal& value);
  Signal constant(Width width, const BigInt& value);
  /// A register whose input is set later with drive(); `name` ends in _q.
  Signal reg(const std::string& name, Width width, const RegisterControl& control = {});
  void drive(const Signal& reg, const Signal& data);
  /// Other data and another clear, or none, for a register that is driven already.
  void redrive(const Signal& reg, const Signal& data, const Signal& clear);
  /// Its index goes into Width::parameter.
  int parameter(const Parameter& parameter);
  /// A comment line above what follows.
  void section(const std::string& title);
  /// See Scope.
  void open_scope(const std::string& name, const std::string& title);
  void close_scope();
  /// `name` as it is in the open scopes.
  [[nodiscard]] std::string scoped(const std::string& name) const { return prefix_ + name; }
  /// Makes the module clocked: adds clk_i and, unless kNone, rst_ni or rst_i.
  void clocked(Reset reset);
  Signal clock() const { return clock_; }
  Signal reset_signal() const { return reset_signal_; }  ///< invalid for kNone
  /// An instance of another module; returns one Signal per output, in order.
  std::vector<Signal> instance(
      const std::string& module, const std::string& name,
      const std::vector<std::pair<std::string, std::string>>& parameters,
      const std::vector<std::pair<std::string, Signal>>& inputs,
      const std::vector<std::tuple<std::string, std::string, Width>>& outputs);  // port, net, width

  /// Says what a net or a register is, or a constant 0 where none is needed; see gen/rtl/probe.h.
  /// The mark goes with the net where a pass copies it.
  void mark(ProbeRole role, const Signal& net, int lane = 0, int place = 0);
  /// The net or register loses its driver and becomes an input port of its name.
  void make_free(const Signal& net);

  void header(const std::string& line) { header_.push_back(line); }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
  [[nodiscard]] const Node& node(int id) const { return nodes_[static_cast<std::size_t>(id)]; }
  [[nodiscard]] const std::vector<int>& inputs() const { return inputs_; }
  [[nodiscard]] const std::vector<Output>& outputs() const { return outputs_; }
  [[nodiscard]] const std::vector<Parameter>& parameters() const { return parameters_; }
  [[nodiscard]] const std::vector<std::string>& sections() const { return sections_; }
  [[nodiscard]] const std::vector<Instance>& instances() const { return instances_; }
  [[nodiscard]] const std::vector<std::string>& header_lines() const { return header_; }
  [[nodiscard]] const std::vector<Mark>& marks() const { return marks_; }
  [[nodiscard]] std::vector<Mark>& marks() { return marks_; }
  [[nodiscard]] Reset reset_kind() const { return reset_; }
  [[nodiscard]] bool input_is_signed(int id) const;

  Signal add(Node node);                         ///< for the operators above
  Signal signal(int id);                         ///< the handle of a node
  void replace(int id, Node node);               ///< for mutants
  void redirect(int from, int to);               ///< what reads `from` reads `to`
  void rename(int id, const std::string& name);  ///< for the name pass
  void rename_output(std::size_t index, const std::string& name);

 private:
  std::string name_;
  std::vector<Node> nodes_;
  std::vector<int> inputs_;
  std::vector<int> signed_inputs_;
  std::vector<Output> outputs_;
  std::vector<Parameter> parameters_;
  std::vector<std::string> sections_ = {""};
  std::vector<Instance> instances_;
  std::vector<std::string> header_;
  std::vector<Mark> marks_;
  std::vector<std::size_t> scopes_;  // how much of prefix_ is outside each
  std::vector<std::string> scope_titles_;
  std::string prefix_;
  Reset reset_ = Reset::kNone;
  Signal clock_, reset_signal_;
};

/// While it lives, nets and registers are named NAME_..., and sections "TITLE: ..." where there is
/// a title: what is there several times, such as a lane, is told apart by what it is.
class Scope {
 public:
  Scope(Module& module, const std::string& name, const std::string& title = "") : module_(module) {
    module_.open_scope(name, title);
  }
  ~Scope() { module_.close_scope(); }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  Module& module_;
};

}  // namespace fewbit::rtl
