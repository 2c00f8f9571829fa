// The SystemVerilog printer.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/rtl/printer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "fewbit/gen/rtl/layout.h"
#include "fewbit/gen/rtl/passes.h"
#include "fewbit/gen/rtl/printer_design.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::rtl {

namespace {

/// How tightly an expression holds together; a looser one inside a tighter one gets parentheses.
enum Binding { kMuxBinding, kOrBinding, kXorBinding, kAndBinding, kEqBinding, kAddBinding, kTight };

struct Text {
  std::string text;
  Binding binding;
};

class Printer {
 public:
  explicit Printer(const Module& module)
      : module_(module),
        live_(live_nodes(module)),
        memories_(live_memories(module, live_)),
        unread_(unread_bits(module, live_)) {}

  std::string print() {
    for (const std::string& line : module_.header_lines()) {
      emit(line.empty() ? "//" : "// " + line);
    }
    emit("\n`default_nettype none");
    emit_statements(print_data_folder(module_, memories_));
    emit("");
    print_ports();
    print_codes();
    print_parameter_checks();
    print_register_declarations();
    print_open_wires();
    for (std::size_t s = 0; s < module_.sections().size(); ++s) print_section(static_cast<int>(s));
    print_unread();
    emit_statements(print_memories(module_, memories_));
    print_registers();
    emit_statements(print_writes(module_, memories_, expression_text()));
    print_outputs();
    emit("");
    emit(fmt::format("endmodule : {}", module_.name()));
    emit("\n`default_nettype wire");
    return text_;
  }

 private:
  void emit(const std::string& line) { text_ += line + "\n"; }

  void emit_statements(const Statements& statements) {
    for (const Statement& statement : statements) emit_statement(statement.text, statement.indent);
  }
  [[nodiscard]] ExpressionText expression_text() const {
    return [this](int id) { return expression(id).text; };
  }

  /// A statement, broken where it is too long for a line.
  void emit_statement(const std::string& statement, std::size_t indent) {
    for (const std::string& line : lay_out(statement, indent)) emit(line);
  }

  [[nodiscard]] std::string width_text(const Width& width) const {
    if (width.parameter < 0) return fmt::format("{}", width.bits);
    const Parameter& parameter = module_.parameters()[static_cast<std::size_t>(width.parameter)];
    const long long delta = width.bits - parameter.value;
    if (delta == 0) return parameter.name;
    return fmt::format("{} {} {}", parameter.name, delta < 0 ? '-' : '+', std::abs(delta));
  }

  /// "[7:0] ", or nothing for a single bit.
  [[nodiscard]] std::string range(const Width& width) const {
    if (width.parameter < 0) return width.bits == 1 ? "" : fmt::format("[{}:0] ", width.bits - 1);
    return fmt::format("[{}:0] ", width_text(Width(width.bits - 1, width.parameter)));
  }

  [[nodiscard]] const Codes& codes_of(const Node& node) const {
    return module_.code_sets()[static_cast<std::size_t>(node.codes)];
  }

  [[nodiscard]] std::string constant(const Node& node) const {
    if (node.width.parameter >= 0) {
      FEWBIT_CHECK(node.value == 0, "a constant other than 0 of parameterised width");
      return fmt::format("{{({}){{1'b0}}}}", width_text(node.width));
    }
    const int bits = node.width.bits;
    if (node.codes >= 0) return code_text(codes_of(node), node.value);
    if (bits == 1) return node.value == 0 ? "1'b0" : "1'b1";
    if (bits > 8 && node.value == 0) return fmt::format("{{{}{{1'b0}}}}", bits);
    if (bits > 8 && node.value == pow2(bits) - 1) return fmt::format("{{{}{{1'b1}}}}", bits);
    return literal(node.value, bits);
  }

  [[nodiscard]] std::string inside(int id, Binding outer) const {
    const Text inner = expression(id);
    return inner.binding <= outer && inner.binding != kTight ? "(" + inner.text + ")" : inner.text;
  }

  /// x & y & z without parentheses: the operator is associative.
  [[nodiscard]] Text chain(const Node& node, const char* symbol, Binding binding) const {
    std::string text;
    for (int arg : node.args) {
      const bool same = module_.node(arg).op == node.op;
      if (!text.empty()) text += fmt::format(" {} ", symbol);
      text += same ? expression(arg).text : inside(arg, kAddBinding);
    }
    return {text, binding};
  }

  [[nodiscard]] Text expression(int id) const {
    const Node& node = module_.node(id);
    const auto arg = [&](std::size_t i) { return node.args[i]; };
    switch (node.op) {
      case Op::kInput:
      case Op::kNet:
      case Op::kRegister:
      case Op::kInstanceOutput:
        return {node.name, kTight};
      case Op::kConst:
        return {constant(node), kTight};
      case Op::kNot:
        return {"~" + inside(arg(0), kAddBinding), kTight};
      case Op::kAnd:
        return chain(node, "&", kAndBinding);
      case Op::kOr:
        return chain(node, "|", kOrBinding);
      case Op::kXor:
        return chain(node, "^", kXorBinding);
      case Op::kReduceAnd:
        return {"&" + inside(arg(0), kAddBinding), kEqBinding};
      case Op::kReduceOr:
        return {"|" + inside(arg(0), kAddBinding), kEqBinding};
      case Op::kReduceXor:
        return {"^" + inside(arg(0), kAddBinding), kEqBinding};
      case Op::kConcat: {
        std::vector<std::string> parts;
        for (int part : node.args) parts.push_back(expression(part).text);
        return {fmt::format("{{{}}}", fmt::join(parts, ", ")), kTight};
      }
      case Op::kSlice: {
        const std::string& name = module_.node(arg(0)).name;
        if (module_.node(arg(0)).width == Width(1)) return {name, kTight};
        if (node.width == Width(1)) {
          return {fmt::format("{}[{}]", name, width_text(node.low)), kTight};
        }
        const Width high(node.low.bits + node.width.bits - 1,
                         std::max(node.low.parameter, node.width.parameter));
        return {fmt::format("{}[{}:{}]", name, width_text(high), width_text(node.low)), kTight};
      }
      case Op::kReplicate: {
        const std::string count = node.width.parameter < 0 ? fmt::format("{}", node.width.bits)
                                                           : "(" + width_text(node.width) + ")";
        return {fmt::format("{{{}{{{}}}}}", count, expression(arg(0)).text), kTight};
      }
      default:
        return operation(node);
    }
  }

  /// A choice, an operation on numbers, or a look into a table.
  [[nodiscard]] Text operation(const Node& node) const {
    const auto of_two = [&](const char* symbol, Binding binding) {
      return Text{fmt::format("{} {} {}", inside(node.args[0], kAddBinding), symbol,
                              inside(node.args[1], kAddBinding)),
                  binding};
    };
    switch (node.op) {
      case Op::kMux:
        return {fmt::format("{} ? {} : {}", inside(node.args[0], kMuxBinding),
                            inside(node.args[1], kMuxBinding), inside(node.args[2], kMuxBinding)),
                kMuxBinding};
      case Op::kAdd: {
        Text sum = of_two("+", kAddBinding);
        if (node.args.size() > 2) sum.text += " + " + carry(node);
        return sum;
      }
      case Op::kSub:
        return of_two("-", kAddBinding);
      case Op::kEq:
        return of_two("==", kEqBinding);
      case Op::kLess:
        if (node.value == 0) return of_two("<", kEqBinding);
        return {fmt::format("$signed({}) < $signed({})", expression(node.args[0]).text,
                            expression(node.args[1]).text),
                kEqBinding};
      case Op::kTable: {
        const int arg = node.args[0];
        const auto constant = tables_.find({node.value, 1 << module_.node(arg).width.bits});
        FEWBIT_CHECK(constant != tables_.end(), "a table of {} read before it", module_.name());
        return {fmt::format("{}[{}]", constant->second, expression(arg).text), kTight};
      }
      default:
        FEWBIT_CHECK(false, "a case, a memory or a product outside a net of its own in {}",
                     module_.name());
    }
  }

  /// The carry into a sum, as wide as the sum.
  [[nodiscard]] std::string carry(const Node& node) const {
    const Width zeros(node.width.bits - 1, node.width.parameter);
    if (zeros == Width(0)) return inside(node.args[2], kAddBinding);
    return fmt::format("{{{}, {}}}", filled(zeros, false), expression(node.args[2]).text);
  }

  /// The factor of a product, which takes the width of the product: what is no plain name is put
  /// into braces, where it keeps its own.
  [[nodiscard]] std::string factor(const Node& node, std::size_t i) const {
    const auto is_signed = [&](std::size_t k) { return ((node.value >> k) & 1) != 0; };
    const std::string text = expression(node.args[i]).text;
    const Op op = module_.node(node.args[i]).op;
    const bool plain = op == Op::kInput || op == Op::kNet || op == Op::kRegister ||
                       op == Op::kInstanceOutput || op == Op::kSlice || op == Op::kConst ||
                       op == Op::kConcat;
    if (is_signed(i)) return "$signed(" + text + ")";
    if (is_signed(1 - i)) return "$signed({1'b0, " + text + "})";
    return plain ? text : "{" + text + "}";
  }

  /// The label's name; where another table has it, the net's with it.
  std::string new_constant(const Node& table, const std::string& net) {
    if (!table.name.empty() && constants_.insert(table.name).second) return table.name;
    const std::string own = upper_camel(net) + (table.name.empty() ? "Table" : table.name);
    std::string name = own;
    for (int n = 2; !constants_.insert(name).second; ++n) name = fmt::format("{}_{}", own, n);
    return name;
  }

  /// The constants of the tables that `id`, as part of `net`, reads: each once, however many read
  /// an equal one.
  void print_tables(int id, const std::string& net) {
    const Node& node = module_.node(id);
    if (node.op == Op::kTable) {
      const int bits = 1 << module_.node(node.args[0]).width.bits;
      std::string& constant = tables_[{node.value, bits}];
      if (!constant.empty()) return;
      constant = new_constant(node, net);
      if (!node.note.empty() && notes_.insert(node.note).second) {
        const std::size_t end = node.name.find_last_not_of("0123456789") + 1;
        emit(fmt::format("  // {}: {}", node.name.substr(0, end), node.note));
      }
      emit_statement(fmt::format("localparam logic [{}:0] {} = {}'h{};", bits - 1, constant, bits,
                                 to_hex(node.value)),
                     2);
    }
    const bool is_named = node.op == Op::kNet || node.op == Op::kInput ||
                          node.op == Op::kRegister || node.op == Op::kInstanceOutput;
    if (is_named) return;
    for (int arg : node.args) print_tables(arg, net);
  }

  void print_ports() {
    if (module_.parameters().empty()) {
      emit(fmt::format("module {} (", module_.name()));
    } else {
      emit(fmt::format("module {} #(", module_.name()));
      for (std::size_t i = 0; i < module_.parameters().size(); ++i) {
        const Parameter& parameter = module_.parameters()[i];
        emit(fmt::format("  // {}, {} to {}", parameter.comment, parameter.least, parameter.most));
        emit(fmt::format("  parameter int {} = {}{}", parameter.name, parameter.value,
                         i + 1 < module_.parameters().size() ? "," : ""));
      }
      emit(") (");
    }
    std::vector<std::string> lines;
    for (int id : module_.inputs()) {
      const Node& node = module_.node(id);
      lines.push_back(fmt::format("  input  wire  {}{}{}",
                                  module_.input_is_signed(id) ? "signed " : "", range(node.width),
                                  node.name));
    }
    for (const Output& output : module_.outputs()) {
      lines.push_back(fmt::format("  output logic {}{}{}", output.is_signed ? "signed " : "",
                                  range(module_.node(output.node).width), output.name));
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
      emit(lines[i] + (i + 1 < lines.size() ? "," : ""));
    }
    emit(");");
  }

  /// What Yosys, Verilator and Icarus all stop at. Icarus 11 takes no $error there, and stops at a
  /// module that is missing.
  void print_parameter_checks() {
    for (const Parameter& parameter : module_.parameters()) {
      const std::string message =
          fmt::format("{}_must_be_{}_to_{}", parameter.name, parameter.least, parameter.most);
      emit("");
      emit(fmt::format("  if ({0} < {1} || {0} > {2}) begin : gen_bad_{3}", parameter.name,
                       parameter.least, parameter.most, snake_case(parameter.name)));
      emit("`ifdef __ICARUS__");
      emit(fmt::format("    {} stop ();  // it knows no $error here", message));
      emit("`else");
      emit(fmt::format("    $error(\"{}\");", message));
      emit("`endif");
      emit("  end");
    }
  }

  void print_register_declarations() {
    bool any = false;
    for (std::size_t i = 0; i < module_.nodes().size(); ++i) {
      const Node& node = module_.nodes()[i];
      if (!live_[i] || node.op != Op::kRegister) continue;
      if (!any) emit("");
      any = true;
      emit(fmt::format("  logic {}{};", range(node.width), node.name));
    }
  }

  /// Wires that are read before their drivers are written.
  void print_open_wires() {
    for (std::size_t i = 0; i < module_.nodes().size(); ++i) {
      const Node& node = module_.nodes()[i];
      if (is_open_wire(static_cast<int>(i))) {
        emit(fmt::format("  wire {}{};", range(node.width), node.name));
        open_wires_[node.args[0]].push_back(static_cast<int>(i));
      }
    }
  }
  [[nodiscard]] bool is_open_wire(int id) const {
    const Node& node = module_.node(id);
    return live_[static_cast<std::size_t>(id)] && node.op == Op::kNet && node.args[0] > id &&
           module_.node(node.args[0]).op != Op::kCase;
  }

  void print_codes() {
    const Statements statements = rtl::print_codes(module_);
    if (!statements.empty()) emit("");
    emit_statements(statements);
    for (const Codes& codes : module_.code_sets()) {
      for (const auto& [name, code] : codes.codes) constants_.insert(code_name(codes, name));
    }
  }

  void print_net(const Node& node) {
    const Node& source = module_.node(node.args[0]);
    print_tables(node.args[0], node.name);
    if (source.op == Op::kCase) {
      emit_statements(print_case(module_, node, range(node.width), expression_text()));
      return;
    }
    const std::string value = source.op == Op::kMul
                                  ? fmt::format("{} * {}", factor(source, 0), factor(source, 1))
                                  : expression(node.args[0]).text;
    emit_statement(fmt::format("wire {}{} = {};", range(node.width), node.name, value), 2);
  }

  void print_section(int section) {
    bool any = false;
    const auto open = [&] {
      if (any) return;
      any = true;
      emit("");
      const std::string& title = module_.sections()[static_cast<std::size_t>(section)];
      if (!title.empty()) emit("  // " + title);
    };
    for (std::size_t i = 0; i < module_.nodes().size(); ++i) {
      const Node& node = module_.nodes()[i];
      if (node.section != section) continue;
      if (live_[i] && node.op == Op::kInstanceOutput) {
        open();
        emit(fmt::format("  wire {}{};", range(node.width), node.name));
      }
      if (live_[i] && node.op == Op::kNet && !is_open_wire(static_cast<int>(i))) {
        open();
        print_net(node);
      }
      for (const int wire :
           open_wires_[static_cast<int>(i)]) {  // all that it reads is declared by now
        open();
        print_tables(static_cast<int>(i), module_.node(wire).name);
        emit_statement(fmt::format("assign {} = {};", module_.node(wire).name,
                                   expression(static_cast<int>(i)).text),
                       2);
      }
    }
    for (const Instance& instance : module_.instances()) {
      if (instance.section != section || !is_live(live_, instance)) continue;
      open();
      emit_statements(print_instance(module_, instance, expression_text()));
    }
  }

  void print_unread() {
    const std::vector<std::string> parts = parts_of(module_, unread_);
    if (parts.empty()) return;
    emit("");
    emit("  // Bits that nothing reads, named so that linters know it is meant");
    emit_statement(fmt::format("wire unused_bits = ^{{{}}};", fmt::join(parts, ", ")), 2);
  }

  void print_registers() {
    for (const std::vector<int>& group : register_groups(module_, live_)) print_always(group);
  }

  [[nodiscard]] std::string data_of(const Node& node) const {
    const Node& data = module_.node(node.data);
    if (data.op != Op::kMemoryWord) return expression(node.data).text;
    return fmt::format("{}[{}]", module_.memories()[static_cast<std::size_t>(data.source)].name,
                       expression(data.args[0]).text);
  }

  void print_tables_before(const Node& node) {
    for (int read : {node.data, node.enable, node.clear}) {
      if (read >= 0 && module_.node(read).op != Op::kMemoryWord) print_tables(read, node.name);
    }
  }

  void print_always(const std::vector<int>& group) {
    const Node& first = module_.node(group[0]);
    for (int id : group) print_tables_before(module_.node(id));
    const Reset reset = first.reset ? module_.reset_kind() : Reset::kNone;
    emit("");
    emit(reset == Reset::kAsyncLow ? "  always_ff @(posedge clk_i or negedge rst_ni) begin"
                                   : "  always_ff @(posedge clk_i) begin");
    std::vector<std::pair<std::string, bool>> arms;  // condition, zeroing?
    if (reset != Reset::kNone) {
      arms.emplace_back(reset == Reset::kSyncHigh ? "rst_i" : "!rst_ni", true);
    }
    const std::size_t clear_arm = arms.size();
    if (first.clear >= 0) arms.emplace_back(expression(first.clear).text, true);
    arms.emplace_back(first.enable >= 0 ? expression(first.enable).text : "", false);
    std::size_t indent = 4;
    for (std::size_t a = 0; a < arms.size(); ++a) {
      const auto& [condition, zeroing] = arms[a];
      if (a > 0) {
        emit(condition.empty() ? "    end else begin"
                               : fmt::format("    end else if ({}) begin", condition));
      } else if (!condition.empty()) {
        emit(fmt::format("    if ({}) begin", condition));
      }
      indent = arms.size() == 1 && condition.empty() ? 4 : 6;
      for (int id : group) {
        const Node& node = module_.node(id);
        const std::string value = !zeroing        ? data_of(node)
                                  : a < clear_arm ? reset_text(node)
                                                  : filled(node.width, false);
        emit_statement(fmt::format("{} <= {};", node.name, value), indent);
      }
    }
    if (indent == 6) emit("    end");
    emit("  end");
  }

  [[nodiscard]] std::string reset_text(const Node& node) const {
    if (node.codes >= 0) return code_text(codes_of(node), node.reset_value);
    if (node.reset_value == 0) return filled(node.width, false);
    if (node.reset_value == pow2(node.width.bits) - 1) return filled(node.width, true);
    return literal(node.reset_value, node.width.bits);
  }

  [[nodiscard]] std::string filled(const Width& width, bool ones) const {
    if (width == Width(1)) return ones ? "1'b1" : "1'b0";
    return fmt::format("{{{}{{{}}}}}",
                       width.parameter < 0 ? width_text(width) : "(" + width_text(width) + ")",
                       ones ? "1'b1" : "1'b0");
  }

  void print_outputs() {
    emit("");
    for (const Output& output : module_.outputs()) {
      print_tables(output.node, output.name);
      emit_statement(fmt::format("assign {} = {};", output.name, expression(output.node).text), 2);
    }
  }

  const Module& module_;
  std::vector<bool> live_;
  std::map<std::pair<BigInt, int>, std::string> tables_;  // value and bits: the constant's name
  std::map<int, std::vector<int>> open_wires_;            // by their drivers
  std::vector<int> memories_;
  std::set<std::string> constants_;
  std::set<std::string> notes_;
  std::vector<BigInt> unread_;
  std::string text_;
};

}  // namespace

std::string print(Module& module) {
  legalise_names(module);
  const std::vector<std::string> defects = find_defects(module);
  FEWBIT_CHECK(defects.empty(), "{}: {}", module.name(), fmt::join(defects, "; "));
  return Printer(module).print();
}

}  // namespace fewbit::rtl
