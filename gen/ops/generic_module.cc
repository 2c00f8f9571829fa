// The generic architecture: the request's ports around one instance of a parameterised template.
// SPDX-License-Identifier: Apache-2.0
#include "gen/ops/generic.h"
#include "gen/ops/operators.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;
using rtl::Width;

void build_generic(Module& m, const OperatorSpec& spec) {
  const GenericInstance instance = generic_instance(spec);
  std::vector<std::pair<std::string, std::string>> parameters = instance.parameters;
  std::vector<std::pair<std::string, Signal>> inputs;
  Width result = output_format(spec).bits();
  if (spec.accumulates()) {
    m.clocked(reset_of(spec));
    // The template's rst_i has the polarity that its ResetKind names.
    inputs.emplace_back("clk_i", m.clock());
    inputs.emplace_back("rst_i", m.reset_signal().valid() ? m.reset_signal() : m.constant(1, 0));
    inputs.emplace_back("valid_i", m.input("valid_i", 1));
    inputs.emplace_back("first_i", m.input("first_i", 1));
    result.parameter = m.parameter("AccWidth", spec.acc_width, "Bits of the accumulator");
    for (auto& [name, text] : parameters) {
      if (name == "AccWidth") text = "AccWidth";
    }
  }
  inputs.emplace_back("a_i", m.input("a_i", spec.a.bits(), spec.a.is_int() && spec.a.is_signed()));
  if (spec.b) {
    inputs.emplace_back("b_i",
                        m.input("b_i", spec.b->bits(), spec.b->is_int() && spec.b->is_signed()));
  }
  const std::string port = spec.accumulates() ? "acc_o" : "result_o";
  std::vector<std::tuple<std::string, std::string, Width>> outputs;
  if (spec.accumulates()) outputs.emplace_back("valid_o", "valid", 1);
  outputs.emplace_back(port, "result", result);
  // The template always has the three flags; those that the request lacks stay unread.
  for (const char* flag : {"nan", "pinf", "ninf"}) {
    outputs.emplace_back(std::string(flag) + "_o", flag, 1);
  }
  const std::vector<Signal> signals = m.instance(
      instance.module, "u_" + std::string(spec.info().name), parameters, inputs, outputs);
  std::size_t next = 0;
  if (spec.accumulates()) m.output("valid_o", signals[next++]);
  const Format output = output_format(spec);
  m.output(port, signals[next++], output.is_int() && output.is_signed());
  const SpecialFlags flags = special_flags(spec);
  if (flags.nan) m.output("nan_o", signals[next]);
  if (flags.pinf) m.output("pinf_o", signals[next + 1]);
  if (flags.ninf) m.output("ninf_o", signals[next + 2]);
}

}  // namespace fewbit::ops
