// The hardware intermediate form: a module is ports, named nets of word-level expressions,
// registers and instances. It knows bits and widths, not number formats. Builders compose it with
// Signal.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fewbit/gen/rtl/memory.h"
#include "fewbit/gen/rtl/probe.h"
#include "fewbit/gen/util/bigint.h"
#include "fewbit/gen/util/files.h"

namespace fewbit::rtl {

class Module;

/// All node kinds. Widths of arguments are exact; nothing is extended silently.
enum class Op {
  kInput,  ///< a port
  kNet,    ///< a named wire: one argument of the same width, none before drive()
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
  kLess,   ///< one bit; bit 0 of `value` marks arguments in two's complement
  kCase,   ///< argument 1 + i where argument 0 is labels[i], else the last; in a net of its own
  kTable,  ///< bit number `argument` of the constant `value`
  kMemoryWord,      ///< the word of memory `source` at the address `argument`; only as the data of
                    ///< one register without reset and clear
  kRegister,        ///< named; see RegisterControl
  kInstanceOutput,  ///< named; driven by instance `source`. The arguments are the connected nets
                    ///< that it depends on without a register between
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
Signal less(const Signal& x, const Signal& y);         ///< x < y, both unsigned
Signal less_signed(const Signal& x, const Signal& y);  ///< x < y, both two's complement
/// What a table is called where it is printed (UpperCamel; absent: as the net that reads it), and
/// what it is a table of, in words.
struct TableLabel {
  std::string name;
  std::string note;
};
Signal table(const BigInt& bits, const Signal& index,
             const TableLabel& label = {});  ///< bit number `index` of `bits`

/// The value beside the code that `selector` has, else `otherwise`. Codes differ from each other;
/// only as the value of a net. See Module::coded for codes that are printed by name.
Signal select_case(const Signal& selector, const std::vector<std::pair<Signal, Signal>>& arms,
                   const Signal& otherwise);

/// What a register does at a clock edge, strongest first: reset (the module's reset kind), clear,
/// enable.
struct RegisterControl {
  Signal enable;  ///< absent: always
  Signal clear;   ///< absent: never; sets 0
  bool reset = true;
  BigInt reset_value = 0;  ///< of a parameterised width: 0, or all ones at its default
};

enum class Reset { kNone, kAsyncLow, kSyncHigh, kSyncLow };

struct Node {
  Op op = Op::kConst;
  Width width = 0;
  std::vector<int> args;  // kRegister: data [, enable] [, clear] as control says
  BigInt value;           // kConst, kTable, kMul, kLess
  Width low = 0;          // kSlice
  std::string name;       // kInput, kNet, kRegister, kInstanceOutput; kTable: see TableLabel
  std::string note;       // kTable
  int section = 0;
  int data = -1, enable = -1, clear = -1;  // kRegister
  bool reset = false;
  BigInt reset_value;       // kRegister
  int source = -1;          // kMemoryWord, kInstanceOutput
  int codes = -1;           // kConst, kRegister, kCase: whose names its values are printed by
  std::vector<int> labels;  // kCase
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

/// What an instance sets a parameter of its module to: a number, a parameter of the module that it
/// is in, or (of modules that are text) a literal.
struct Argument {
  std::string name;
  long long value = 0;
  int parameter = -1;
  std::string literal;
};

/// A module in a module.
struct Instance {
  std::shared_ptr<Module> module;
  std::string name;
  std::vector<Argument> arguments;
  std::vector<std::pair<std::string, int>> inputs;   // port, node
  std::vector<std::pair<std::string, int>> outputs;  // port, node (kInstanceOutput)
  int section = 0;
};

/// The outputs of an instance, by port name.
class InstanceOutputs {
 public:
  explicit InstanceOutputs(std::vector<std::pair<std::string, Signal>> signals)
      : signals_(std::move(signals)) {}
  /// Stops the program where the module has no such output.
  Signal operator[](const std::string& port) const;
  [[nodiscard]] bool has(const std::string& port) const;

 private:
  std::vector<std::pair<std::string, Signal>> signals_;
};

/// Named codes of a register or a bus: the states of a machine.
struct Codes {
  std::string name;
  int width = 1;
  std::vector<std::pair<std::string, int>> codes;
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
  /// A named wire whose value is set later with drive(): where instances feed each other.
  Signal wire(const std::string& name, Width width);
  /// A register whose input is set later with drive(); `name` ends in _q. With `codes` its reset
  /// value is printed by name.
  Signal reg(const std::string& name, Width width, const RegisterControl& control = {},
             int codes = -1);
  void drive(const Signal& reg_or_wire, const Signal& data);
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
  [[nodiscard]] bool is_clocked() const { return clock_.valid(); }
  Signal clock() const { return clock_; }
  Signal reset_signal() const { return reset_signal_; }  ///< invalid for kNone
  /// States that results appear so many clock edges after their operands, one at every edge, or at
  /// every edge at which the input `enable` is 1: then the pipeliner may cross instances of it.
  void pipelined(int latency, const std::string& enable = "");
  /// Makes it a stand-in for a module that is text: `files`, the last of which has it. Ports and
  /// parameters are declared as usual; outputs with output_port().
  void external(std::vector<TextFile> files);
  void output_port(const std::string& name, Width width);
  /// Prints `files` in place of the graph, which says what they do: a hard block by its primitive.
  void printed_as(std::vector<TextFile> files) { printed_files_ = std::move(files); }

  /// An instance of another module, which has all its ports. clk_i, and a reset of the kind of this
  /// module, are connected where `inputs` does not name them. Outputs become nets: `nets` gives
  /// their names, by default u_mac's acc_o becomes mac_acc. find_defects() checks the connections.
  InstanceOutputs instance(const std::shared_ptr<Module>& module, const std::string& name,
                           const std::vector<std::pair<std::string, Signal>>& inputs,
                           const std::vector<Argument>& arguments = {},
                           const std::vector<std::pair<std::string, std::string>>& nets = {});

  /// A memory; its index is for read(), write() and word(). Address widths are
  /// address_bits(depth).
  int memory(const std::string& name, const MemorySpec& spec);
  /// The word at the address, one clock edge later, or two with an output register; one read for a
  /// memory. The registers are name_q and, before an output register, name_read_q; they have no
  /// reset, and stand where `enable` (absent: always) is 0.
  Signal read(int memory, const std::string& name, const Signal& address, const Signal& enable = {},
              bool output_register = false);
  /// At a clock edge where `enable` is 1 the word takes the data; one write for a memory.
  void write(int memory, const Signal& enable, const Signal& address, const Signal& data);
  /// What the register of a read takes; see Op::kMemoryWord.
  Signal word(int memory, const Signal& address);

  /// Codes that are printed by name, localparams such as StateIdle; the index is for coded().
  int codes(const Codes& codes);
  /// The constant that the codes have by this name.
  Signal coded(int codes, const std::string& name);

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
  [[nodiscard]] std::vector<Instance>& instances() { return instances_; }
  [[nodiscard]] const std::vector<Memory>& memories() const { return memories_; }
  [[nodiscard]] std::vector<Memory>& memories() { return memories_; }
  [[nodiscard]] const std::vector<Codes>& code_sets() const { return codes_; }
  [[nodiscard]] const std::vector<TextFile>& external_files() const { return external_files_; }
  [[nodiscard]] bool is_external() const { return !external_files_.empty(); }
  [[nodiscard]] const std::vector<TextFile>& printed_files() const { return printed_files_; }
  [[nodiscard]] std::optional<int> latency() const { return latency_; }  ///< of pipelined()
  [[nodiscard]] const std::string& enable_port() const { return enable_port_; }
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
  void rename_module(const std::string& name) { name_ = name; }

 private:
  std::string name_;
  std::vector<Node> nodes_;
  std::vector<int> inputs_;
  std::vector<int> signed_inputs_;
  std::vector<Output> outputs_;
  std::vector<Parameter> parameters_;
  std::vector<std::string> sections_ = {""};
  std::vector<Instance> instances_;
  std::vector<Memory> memories_;
  std::vector<Codes> codes_;
  std::vector<TextFile> external_files_;
  std::vector<TextFile> printed_files_;
  std::optional<int> latency_;
  std::string enable_port_;
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
