// The SystemVerilog around designs that are proved: see prove_text.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/prove_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "fewbit/flows/prove_parts.h"

namespace fewbit::flows {
namespace {

using rtl::PortRole;
using rtl::PortSignature;

constexpr PortRole kFlags[] = {PortRole::kNan, PortRole::kPlusInf, PortRole::kMinusInf};

const char* reset_edge(const OperatorSpec& spec) {
  return spec.reset == ResetKind::kAsyncLow ? " or negedge rst_ni" : "";
}

/// Condition under which the reset is active.
std::string reset_active(const OperatorSpec& spec) {
  switch (spec.reset) {
    case ResetKind::kAsyncLow:
    case ResetKind::kSyncLow:
      return "!rst_ni";
    case ResetKind::kSyncHigh:
      return "rst_i";
    case ResetKind::kNone:
      return "1'b0";
  }
  return "1'b0";
}

/// e_rounded: e_finite / 2^places as an integer.
std::string rounded_text(const IntFormat& addend, int places, RoundingMode mode) {
  const std::string sign = addend.is_signed ? fmt::format("e_finite[{}]", addend.bits - 1) : "1'b0";
  const std::string half = fmt::format("{}'d{}", places, BigInt(pow2(places - 1)).str());
  std::string up;
  switch (mode) {
    case RoundingMode::kTowardZero:
      up = "e_rest != 0 && " + sign;
      break;
    case RoundingMode::kTowardPositive:
      up = "e_rest != 0";
      break;
    case RoundingMode::kTiesToEven:
      up = fmt::format("e_rest > {0} || (e_rest == {0} && e_finite[{1}])", half, places);
      break;
    case RoundingMode::kTiesToAway:
      up = fmt::format("e_rest > {0} || (e_rest == {0} && !{1})", half, sign);
      break;
    case RoundingMode::kTiesTowardPositive:
      up = "e_rest >= " + half;
      break;
    case RoundingMode::kTiesTowardNegative:
      up = "e_rest > " + half;
      break;
    default:
      up = "1'b0";
  }
  // One bit more than the addend has above the rounding.
  return fmt::format(
      "  wire {0} e_rest = e_finite{0};\n  wire e_up = {1};\n"
      "  wire {2} {3} e_rounded = {{{4}, e_finite[{5}:{6}]}} + e_up;\n",
      range(places), up, addend.is_signed ? "signed" : "", range(addend.bits - places + 1), sign,
      addend.bits - 1, places);
}

/// The exact addend of the operands, 0 where it is special, as e_addend (two's complement of the
/// accumulator's width) and e_nan, e_pinf, e_ninf.
std::string exact_addend(const OperatorSpec& spec, const rtl::ModuleSignature& exact) {
  const IntFormat addend = exact_range(spec).format();
  std::string text;
  if (!spec.b) text += "  wire b_i = 1'b1;\n";
  text += instance("exact", "e", exact, "e_");
  text += fmt::format(
      "  wire e_nan = {}, e_pinf = {}, e_ninf = {};\n", is_flag(exact, "e_", PortRole::kNan),
      is_flag(exact, "e_", PortRole::kPlusInf), is_flag(exact, "e_", PortRole::kMinusInf));
  text += fmt::format("  wire {0} {1} e_finite = {2} ? {3}'d0 : e_result_o;\n",
                      addend.is_signed ? "signed" : "", range(addend.bits), any_flag(exact, "e_"),
                      addend.bits);
  if (spec.acc_lsb)
    text += rounded_text(addend, *spec.acc_lsb - addend.lsb_exponent, spec.rounding);
  text += fmt::format("  wire {} {} e_addend = {};\n", addend.is_signed ? "signed" : "",
                      range(spec.acc_width), spec.acc_lsb ? "e_rounded" : "e_finite");
  return text;
}

/// Registers m_*: the operation in the stage, or wires where there is none; and the sum after it.
/// With `free` the addend and its events are wires m_addend and m_event of the caller, and the base
/// is the design's own running sum, which the caller asserts to be the right one.
std::string monitor(const OperatorSpec& spec, const AccumulatorWires* free = nullptr) {
  const int width = spec.acc_width;
  const bool is_signed = output_format(spec).is_signed();
  const bool saturates = spec.saturates_sum();
  const bool staged = spec.latency() == 2;
  std::string text = fmt::format(
      "  {3}  reg m_out;\n  reg [2:0] m_flags;\n  reg {0} m_acc;\n"
      "  wire advance = {1};\n"
      "  wire {0} m_base = {2};\n",
      range(width), spec.handshake == Handshake::kValidReady ? "ready_i || !m_out" : "1'b1",
      free != nullptr && !free->takes_first
          ? free->sum
          : fmt::format("m_first ? {}'d0 : {}", width, free != nullptr ? free->sum : "m_acc"),
      staged ? "reg m_valid, m_first;\n" : "wire m_valid = valid_i, m_first = first_i;\n");
  if (saturates) {
    const std::string top = fmt::format("{}", width - 1);
    text += fmt::format("  wire {0} m_wide = {{{1}, m_base}} + {{{2}, m_addend}};\n",
                        range(width + 1), is_signed ? "m_base[" + top + "]" : "1'b0",
                        is_signed ? "m_addend[" + top + "]" : "1'b0");
    text += is_signed
                ? fmt::format(
                      "  wire {0} m_next = m_wide[{1}] == m_wide[{2}] ? m_wide{0}"
                      " : {{m_wide[{1}], {{{2}{{!m_wide[{1}]}}}}}};\n",
                      range(width), width, width - 1)
                : fmt::format("  wire {0} m_next = m_wide[{1}] ? {{{1}{{1'b1}}}} : m_wide{0};\n",
                              range(width), width);
  } else if (free == nullptr) {
    text += fmt::format("  wire {} m_next = m_base + m_addend;\n", range(width));
  } else {  // base + addend + carry, the carry entering through a place below
    text += fmt::format(
        "  wire {} m_sum = {{m_base, 1'b1}} + {{{}, {}}};\n"
        "  wire {} m_next = m_sum[{}:1];\n",
        range(width + 1), free->addend, free->carry, range(width), width);
  }
  if (free == nullptr && !staged) {
    text += fmt::format(
        "  wire {} m_addend = e_addend;\n  wire [2:0] m_event = {{e_nan, e_pinf, e_ninf}};\n",
        range(width));
  } else if (free == nullptr) {
    text += fmt::format(
        "  reg {} m_addend;\n  reg [2:0] m_event;\n"
        "  always @(posedge clk_i) if (advance) begin\n    m_addend <= e_addend;\n"
        "    m_event <= {{e_nan, e_pinf, e_ninf}};\n  end\n",
        range(width));
  }
  if (spec.tag_bits > 0 && !staged) {
    text +=
        fmt::format("  reg {} m_tag_2;\n  always @(posedge clk_i) if (advance) m_tag_2 <= tag_i;\n",
                    range(spec.tag_bits));
  } else if (spec.tag_bits > 0) {
    text += fmt::format(
        "  reg {} m_tag_1, m_tag_2;\n"
        "  always @(posedge clk_i) if (advance) begin\n    m_tag_1 <= tag_i;\n"
        "    m_tag_2 <= m_tag_1;\n  end\n",
        range(spec.tag_bits));
  }
  if (staged) {
    text += fmt::format(
        "  always @(posedge clk_i) if (advance) m_first <= first_i;\n"
        "  always @(posedge clk_i{0})\n"
        "    if ({1}) m_valid <= 1'b0;\n    else if (advance) m_valid <= valid_i;\n",
        reset_edge(spec), reset_active(spec));
  }
  text += fmt::format(
      "  always @(posedge clk_i{0}) begin\n"
      "    if ({1}) begin\n      m_out <= 1'b0;\n"
      "      m_acc <= {2}'d0;\n      m_flags <= 3'd0;\n"
      "    end else if (advance) begin\n"
      "      m_out <= m_valid;\n"
      "      if (m_valid) begin\n        m_acc <= m_next;\n"
      "        m_flags <= (m_first ? 3'd0 : m_flags) | m_event;\n      end\n    end\n  end\n",
      reset_edge(spec), reset_active(spec), width);
  return text;
}

/// From the first clock edge with reset on, which is assumed, the registers are known.
std::string known(const OperatorSpec& spec) {
  return fmt::format(
      "  reg known = 1'b0;\n  always @(posedge clk_i) known <= 1'b1;\n"
      "  always @* if (!known) assume ({});\n",
      reset_active(spec));
}

}  // namespace

std::string miter_text(const rtl::ModuleSignature& signature, bool is_clocked, bool flags_only) {
  std::string text = "module top (\n";
  std::string differs = flags_only ? "1'b0" : "";
  for (const PortSignature& port : signature.ports) {
    if (is_input(port)) {
      text += fmt::format("  input wire {} {},\n", range(port.width_bits), port.name);
      continue;
    }
    if (flags_only && port.role == PortRole::kResult) continue;
    // A combinational result means nothing beside a flag, nor elements beside a NaN scale.
    std::string guard;
    if (!is_clocked && port.role == PortRole::kResult) {
      guard = fmt::format("!{} && ", any_flag(signature, "x_"));
      if (signature.find("scale_o") != nullptr) guard += "x_scale_o != 8'hff && ";
    }
    differs += fmt::format("{}({}x_{} != y_{})", differs.empty() ? "" : " || ", guard, port.name,
                           port.name);
  }
  return text + "  output wire differs_o\n);\n" + instance("gold", "u_gold", signature, "x_") +
         instance("gate", "u_gate", signature, "y_") +
         fmt::format("  assign differs_o = {};\nendmodule\n", differs);
}

std::string accumulator_text(const OperatorSpec& spec, const rtl::EmittedDesign& gate,
                             const rtl::ModuleSignature& exact, const AccumulatorWires& wires,
                             bool stage) {
  const int width = spec.acc_width;
  const bool saturates = spec.saturates_sum();
  const bool staged = spec.latency() == 2;
  std::string text = top_with(gate, stage ? "differs_o" : "unused_o");
  if (!stage) text += "  assign unused_o = 1'b0;\n";
  text += fmt::format("  wire {} given = {} + {};\n  wire [2:0] events = {{{}}};\n",
                      range(saturates ? width + 1 : width), wires.addend, wires.carry,
                      fmt::join(wires.events, ", "));
  const auto extended = [&](const std::string& addend) {
    const std::string top =
        output_format(spec).is_signed() ? fmt::format("{}[{}]", addend, width - 1) : "1'b0";
    return saturates ? fmt::format("{{{}, {}}}", top, addend) : addend;
  };
  if (stage && !staged) {
    return text + exact_addend(spec, exact) +
           fmt::format(
               "  wire {} m_addend = e_addend;\n"
               "  assign differs_o = valid_i && !(given == {} && events == {{e_nan, e_pinf, "
               "e_ninf}});\nendmodule\n",
               range(width), extended("m_addend"));
  }
  if (stage) {  // one cycle from any state in which all agrees
    return text + exact_addend(spec, exact) + monitor(spec) +
           fmt::format(
               "  wire wrong = m_valid && !(given == {} && events == m_event);\n  reg before;\n"
               "  always @(posedge clk_i) before <= wrong || {} != m_valid || {} != m_out;\n"
               "  assign differs_o = wrong && !before;\nendmodule\n",
               extended("m_addend"), wires.valid[0], wires.valid[1]);
  }
  text += fmt::format("  wire {0} m_addend = given{0};\n  wire [2:0] m_event = events;\n",
                      range(width));
  text += monitor(spec, &wires) + known(spec) + "  always @* begin\n";
  if (saturates) text += fmt::format("    assume (given == {});\n", extended("m_addend"));
  text += "    if (known) begin\n";
  if (staged) text += fmt::format("      assert ({} == m_valid);\n", wires.valid[0]);
  text += "      assert (x_valid_o == m_out);\n";
  text += "      assert (x_acc_o == m_acc);\n";
  if (spec.tag_bits > 0) {
    if (staged) text += fmt::format("      if (m_valid) assert ({} == m_tag_1);\n", wires.tag);
    text += "      if (m_out) assert (x_tag_o == m_tag_2);\n";
  }
  if (gate.signature.find(PortRole::kReady) != nullptr &&
      spec.handshake == Handshake::kValidReady) {
    text += "      assert (x_ready_o == advance);\n";
  }
  // A sum that takes its first addend alone is the result itself.
  std::string running =
      wires.takes_first
          ? fmt::format("{} == m_acc && (!m_valid || {} == m_first)", wires.sum, wires.first)
          : fmt::format("{} == (m_valid && m_first ? {}'d0 : m_acc)", wires.sum, width);
  for (int flag = 0; flag < 3; ++flag) {
    const PortSignature* port = gate.signature.find(kFlags[flag]);
    if (port == nullptr) continue;
    const int bit = 2 - flag;
    text += fmt::format("      assert (x_{} == m_flags[{}]);\n", port->name, bit);
    if (wires.takes_first) continue;
    running += fmt::format(" && {} == (!(m_valid && m_first) && m_flags[{}])",
                           wires.seen[static_cast<std::size_t>(flag)], bit);
  }
  text += "      ";
  if (!wires.takes_first) {
    text += fmt::format("if ({}) assert (!m_valid && m_acc == 0 && m_flags == 0);\n      else ",
                        wires.fresh);
  }
  return text + fmt::format("assert ({});\n    end\n  end\nendmodule\n", running);
}

std::string reference_text(const OperatorSpec& spec, const rtl::ModuleSignature& gate,
                           const rtl::ModuleSignature& exact) {
  std::string text = module_head("gold", gate) + exact_addend(spec, exact) + monitor(spec);
  const std::pair<PortRole, const char*> outputs[] = {{PortRole::kResult, "m_acc"},
                                                      {PortRole::kNan, "m_flags[2]"},
                                                      {PortRole::kPlusInf, "m_flags[1]"},
                                                      {PortRole::kMinusInf, "m_flags[0]"},
                                                      {PortRole::kTag, "m_tag_2"}};
  for (const PortSignature& port : gate.ports) {
    if (is_input(port)) continue;
    if (port.role == PortRole::kValid) text += "  assign valid_o = m_out;\n";
    if (port.role == PortRole::kReady) text += "  assign ready_o = advance;\n";
    for (const auto& [role, value] : outputs) {
      if (port.role == role) text += fmt::format("  assign {} = {};\n", port.name, value);
    }
  }
  return text + "endmodule\n";
}

std::string handshake_text(const OperatorSpec& spec, const rtl::EmittedDesign& gate,
                           const std::vector<std::string>& valid) {
  std::string payload;
  int bits = 0;
  for (const PortSignature& port : gate.signature.ports) {
    const bool is_payload =
        !is_input(port) && port.role != PortRole::kValid && port.role != PortRole::kReady;
    if (!is_payload) continue;
    payload += (payload.empty() ? "" : ", ") + ("x_" + port.name);
    bits += port.width_bits;
  }
  std::string text = top_with(gate, "differs_o");
  std::string inside;
  for (const std::string& wire : valid) {
    inside += fmt::format("{}{{1'b0, {}}}", inside.empty() ? "" : " + ", wire);
  }
  text += fmt::format(
      "  wire {0} payload = {{{1}}};\n"
      "  reg [1:0] waiting;\n  reg stalled;\n  reg {0} held;\n"
      "  wire taken = valid_i && x_ready_o, given = x_valid_o && ready_i;\n"
      "  always @(posedge clk_i{2}) begin\n    if ({3}) begin\n      waiting <= 2'd0;\n"
      "      stalled <= 1'b0;\n    end else begin\n"
      "      waiting <= waiting + {{1'b0, taken}} - {{1'b0, given}};\n"
      "      stalled <= x_valid_o && !ready_i;\n    end\n  end\n"
      "  always @(posedge clk_i) held <= payload;\n",
      range(bits), payload, reset_edge(spec), reset_active(spec));
  // From the first cycle with reset on. Accepted and not delivered is what the pipeline holds:
  // nothing is lost or made; what is offered stays until it is taken.
  text += fmt::format(
      "  reg known;\n  always @(posedge clk_i) known <= known || {};\n"
      "  assign differs_o = known && (waiting != {} || (stalled && (!x_valid_o || payload != held))"
      " || (ready_i && !x_ready_o));\nendmodule\n",
      reset_active(spec), inside);
  return text;
}

}  // namespace fewbit::flows
