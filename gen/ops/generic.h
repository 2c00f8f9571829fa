// The generic architecture: which template an operator is an instance of, with which parameters.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gen/spec/operator_spec.h"

namespace fewbit::ops {

/// An instance of a module of rtl_templates/. Its ports:
///   mul, add, sub   a_i, b_i -> result_o, nan_o, pinf_o, ninf_o; combinational
///   acc, mac        clk_i, rst_i, valid_i, first_i, a_i (mac: b_i) -> valid_o, acc_o, nan_o,
///                   pinf_o, ninf_o; latency 2
/// Operands have the widths of their formats, result_o and acc_o that of output_format(spec).
/// rst_i has the polarity of the request's reset kind (anything where it is none). The three flags
/// are there for every format; those that special_flags(spec) lacks are always 0.
struct GenericInstance {
  std::string module;
  /// Name and value of every parameter, in declaration order; values are sized literals.
  std::vector<std::pair<std::string, std::string>> parameters;
  std::vector<std::string> files;  ///< the templates needed, each after the ones it instantiates
};

/// The instance that has the function of `spec`: same output widths, signs, rounding, overflow and
/// reset. spec.arch and spec.fabric do not matter.
GenericInstance generic_instance(const OperatorSpec& spec);

}  // namespace fewbit::ops
