// The generic architecture: which template an operator is an instance of, with which parameters.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit::ops {

/// An instance of a module of rtl_templates/. Its ports are the operands of operand_ports(spec),
/// and besides them:
///   combinational   result_o; random_i of at least one bit where the template rounds; flags
///                   nan_o, pinf_o, ninf_o where `has_flags`; scale_o (mxquant)
///   accumulators    clk_i, rst_i, ready_i, valid_i, first_i -> ready_o, valid_o, acc_o, and the
///                   flags where `has_flags`; latency 2
/// rst_i has the polarity of the request's reset kind (anything where it is none). Flags that
/// special_flags(spec) lacks are always 0.
struct GenericInstance {
  std::string module;
  /// Name and value of every parameter, in declaration order; values are sized literals.
  std::vector<std::pair<std::string, std::string>> parameters;
  /// Inputs that are tied to a value, as a sized literal's width and value.
  std::vector<std::pair<std::string, std::pair<int, int>>> constants;
  std::vector<std::string> files;  ///< the templates needed, each after the ones it instantiates
  bool has_flags = false;
};

/// The instance that has the function of `spec`: same output widths, signs, rounding, overflow and
/// reset. spec.arch and spec.fabric do not matter, nor does the handshake of a combinational
/// operator. A dot or mxdot that accumulates is the exact one, without its accumulator.
GenericInstance generic_instance(const OperatorSpec& spec);

/// The accumulator of exact dot products: fewbit_accumulator, with addend_i, nan_i, pinf_i, ninf_i.
GenericInstance generic_accumulator(const OperatorSpec& spec);

}  // namespace fewbit::ops
