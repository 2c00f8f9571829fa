// The generic architecture: the request's ports around instances of parameterised templates.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/generic.h"
#include "fewbit/gen/ops/operators.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::embedded {
const std::vector<TextFile>& rtl_templates();
}

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;
using rtl::Width;

namespace {

using Inputs = std::vector<std::pair<std::string, Signal>>;

/// One of the results that share b: its operands, and its names where there are several.
struct Output {
  const Interface& io;
  int index = 0;
  int count = 1;

  [[nodiscard]] std::string named(const std::string& name) const {
    return count == 1 ? name : fmt::format("{}_{}", name, index);
  }
  [[nodiscard]] Signal operand(const OperandPort& port) const {
    const Signal all = io.operand(port.name);
    if (count == 1 || port.operand != Operand::kA) return all;
    return all.slice((index + 1) * port.bits() - 1, index * port.bits());
  }
};

Inputs operands_of(Module& m, const OperatorSpec& spec, const Output& output,
                   const GenericInstance& instance) {
  Inputs inputs;
  for (const OperandPort& port : operand_ports(spec)) {
    inputs.emplace_back(port.name, output.operand(port));
  }
  for (const auto& [name, value] : instance.constants) {
    inputs.emplace_back(name, m.constant(value.first, value.second));
  }
  return inputs;
}

const TextFile& template_file(const std::string& name) {
  for (const TextFile& file : embedded::rtl_templates()) {
    if (file.name == name) return file;
  }
  FEWBIT_CHECK(false, "no template {}", name);
}

/// An instance of a template: the ports that it uses, by name.
class Outputs {
 public:
  void want(const std::string& port, const std::string& net, Width width) {
    list_.emplace_back(port, net, width);
  }
  /// `acc_width`: a parameter of `m` that the template's AccWidth follows, or -1.
  void make(Module& m, const GenericInstance& instance, const std::string& name,
            const Inputs& inputs, int acc_width = -1) {
    const auto box = std::make_shared<Module>(instance.module);
    std::vector<TextFile> files;
    for (const std::string& file : instance.files) files.push_back(template_file(file));
    box->external(files);
    std::vector<rtl::Argument> arguments;
    int box_width = -1;
    for (const auto& [parameter, text] : instance.parameters) {
      const bool follows = acc_width >= 0 && parameter == "AccWidth";
      if (follows) {
        box_width =
            box->parameter({parameter, m.parameters()[acc_width].value, "",
                            m.parameters()[acc_width].least, m.parameters()[acc_width].most});
        arguments.push_back({.name = parameter, .parameter = acc_width});
      } else {
        arguments.push_back({.name = parameter, .literal = text});
      }
    }
    for (const auto& [port, signal] : inputs) box->input(port, signal.width());
    std::vector<std::pair<std::string, std::string>> nets;
    for (const auto& [port, net, width] : list_) {
      box->output_port(port, Width(width.bits, width.parameter >= 0 ? box_width : -1));
      nets.emplace_back(port, net);
    }
    made_ = m.instance(box, name, inputs, arguments, nets);
  }
  [[nodiscard]] Signal operator[](const std::string& port) const {
    return made_->has(port) ? (*made_)[port] : Signal();
  }
  [[nodiscard]] SpecialResult flags() const {
    return {(*this)["nan_o"], (*this)["pinf_o"], (*this)["ninf_o"]};
  }

 private:
  std::vector<std::tuple<std::string, std::string, Width>> list_;
  std::optional<rtl::InstanceOutputs> made_;
};

/// The template always has the three flags; those that the request lacks stay unread.
void want_flags(Outputs& outputs, const Output& output, const std::string& prefix) {
  for (const char* flag : {"nan", "pinf", "ninf"}) {
    outputs.want(std::string(flag) + "_o", output.named(prefix + flag), 1);
  }
}

Results combinational(Module& m, const OperatorSpec& spec, const Output& output) {
  const GenericInstance instance = generic_instance(spec);
  const bool is_addend = spec.accumulates();
  const int bits =
      is_addend ? exact_range(spec).format().bits : output_format(spec).bits() * output_lanes(spec);
  Outputs outputs;
  outputs.want("result_o", output.named(is_addend ? "addend" : "result"), bits);
  const std::optional<BlockPort> block = block_port(spec);
  if (block) outputs.want(block->name, spec.makes_block() ? "scale" : "range", block->bits());
  if (instance.has_flags) want_flags(outputs, output, is_addend ? "addend_" : "");
  outputs.make(m, instance, output.named("u_" + spec.info().name),
               operands_of(m, spec, output, instance));
  return {outputs["result_o"], outputs.flags(), block ? outputs[block->name] : Signal(), {}, {}};
}

/// Clock, reset and handshake of a template that accumulates.
Inputs control_of(Module& m, const Interface& io) {
  const Control& control = io.control();
  // The template's rst_i has the polarity that its ResetKind names.
  return {{"clk_i", m.clock()},
          {"rst_i", m.reset_signal().valid() ? m.reset_signal() : m.constant(1, 0)},
          {"ready_i", control.ready.valid() ? control.ready : m.constant(1, 1)},
          {"valid_i", control.valid},
          {"first_i", control.first}};
}

Results accumulating(Module& m, const OperatorSpec& spec, const Output& output) {
  const bool separate = spec.info().has(Option::kLanes);  // adder and sum
  const GenericInstance instance = separate ? generic_accumulator(spec) : generic_instance(spec);
  Inputs inputs = control_of(m, output.io);
  if (separate) {
    const Results addend = combinational(m, spec, output);
    inputs.insert(inputs.end(), {{"addend_i", addend.result},
                                 {"nan_i", addend.flags.nan},
                                 {"pinf_i", addend.flags.pinf},
                                 {"ninf_i", addend.flags.ninf}});
  } else {
    const Inputs operands = operands_of(m, spec, output, instance);
    inputs.insert(inputs.end(), operands.begin(), operands.end());
  }
  Width width = output_format(spec).bits();
  if (spec.accumulates_exactly() && output.count == 1) {
    width.parameter = m.parameter({"AccWidth", spec.acc_width, "Bits of the accumulator",
                                   addend_range(spec).format().bits, kMostAccWidth});
  }
  Outputs outputs;
  outputs.want("ready_o", output.named("ready"), 1);
  outputs.want("valid_o", output.named("valid"), 1);
  outputs.want("acc_o", output.named("result"), width);
  if (instance.has_flags) want_flags(outputs, output, "");
  outputs.make(m, instance, output.named(separate ? "u_sum" : "u_" + spec.info().name), inputs,
               width.parameter);
  return {outputs["acc_o"], outputs.flags(), {}, outputs["valid_o"], outputs["ready_o"]};
}

}  // namespace

Results build_generic(Module& m, const OperatorSpec& spec, const Interface& io) {
  const OperatorSpec one = spec.one_output();
  std::vector<Results> all;
  for (int p = 0; p < spec.outputs; ++p) {
    const Output output{io, p, spec.outputs};
    all.push_back(spec.accumulates() ? accumulating(m, one, output)
                                     : combinational(m, one, output));
  }
  return together(all);
}

}  // namespace fewbit::ops
