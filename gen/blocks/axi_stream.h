// Operators with AXI4-Stream ports, s_axis_* and m_axis_*.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/gen/rtl/module.h"
#include "fewbit/gen/rtl/signature.h"
#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/gen/util/result.h"

namespace fewbit::blocks {

/// Nothing where the request can have AXI4-Stream ports: handshake valid, a reset, and at most 63
/// bits of tag.
Status check_axi_stream(const OperatorSpec& spec);

/// One field of tdata: so many bits, from a byte boundary on. What its bytes have more is zero,
/// with `is_signed` the sign; of what comes in it is not looked at.
struct AxiField {
  std::string port;  ///< of the operator: "a_i", "result_o"
  int bits = 1;
  bool is_signed = false;

  [[nodiscard]] int bytes() const { return (bits + 7) / 8; }
};
/// From the lowest byte up: the operands in the order of their ports; result, scale, and the flags
/// as one field "flags", NaN lowest, then +infinity and -infinity.
std::vector<AxiField> axi_operands(const OperatorSpec& spec);
std::vector<AxiField> axi_results(const OperatorSpec& spec);

/// Results that wait behind the operator at most; 0 where they do in a memory.
int axi_register_places(const OperatorSpec& spec);

/// The operator between s_axis and m_axis: tdata of whole bytes, tuser the tag. tlast goes along;
/// of an accumulator it ends a sum, and each sum is one result, with tlast. A beat enters where its
/// result has a place in the queue behind the operator, which nothing stalls; so s_axis_tready and
/// all of m_axis come from registers, and where nothing stalls a beat passes at every clock edge.
void build_axi_stream(rtl::Module& module, const OperatorSpec& spec);
rtl::EmittedDesign emit_axi_stream(const OperatorSpec& spec);
std::string axi_module_name(const OperatorSpec& spec);

}  // namespace fewbit::blocks
