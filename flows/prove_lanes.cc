// Proofs of a dot product lane by lane: see prove_lanes.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/prove_lanes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "fewbit/flows/prove_parts.h"

namespace fewbit::flows {

using rtl::PortRole;
using rtl::PortSignature;

namespace {

/// What `term` adds, in `bits` bits, in units of 2^place; perhaps without its carry.
std::string value_of(const LaneTerm& term, int bits, bool is_signed, bool with_carry = true) {
  std::string value = term.bits;
  if (term.width_bits < bits) {
    std::string fill = "1'b0";
    if (term.used.empty()) {
      if (is_signed) fill = fmt::format("{}[{}]", term.bits, term.width_bits - 1);
    } else if (!term.carry.empty()) {
      fill = term.carry;
    }
    value = fmt::format("{{{{{}{{{}}}}}, {}}}", bits - term.width_bits, fill, term.bits);
  }
  if (!term.carry.empty() && with_carry) value = fmt::format("({} + {})", value, term.carry);
  return term.used.empty() ? value : fmt::format("({} ? {} : {}'d0)", term.used, value, bits);
}

/// All terms, added in the design's own order: then its sums are found among these ones. Those of
/// each place by running sums, late carries at the end.
std::string sum_of_terms(std::vector<LaneTerm> terms, int bits, bool is_signed) {
  std::stable_sort(terms.begin(), terms.end(),
                   [](const LaneTerm& x, const LaneTerm& y) { return x.place < y.place; });
  std::string text;
  std::string total;
  std::string late;
  const auto add_to_total = [&](const std::string& value, int place) {
    total += fmt::format("{}({} << {})", total.empty() ? "" : " + ", value, place);
  };
  std::string running;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const LaneTerm& term = terms[i];
    const bool same_lane = i > 0 && terms[i - 1].lane == term.lane;
    const bool begins = i == 0 || terms[i - 1].place != term.place || (term.is_first && !same_lane);
    if (begins && i > 0) add_to_total(running, terms[i - 1].place);
    const std::string value = value_of(term, bits, is_signed, !term.is_late);
    text += fmt::format("  wire {} sum_{} = {}{};\n", range(bits), i,
                        begins ? "" : fmt::format("{} + ", running), value);
    running = fmt::format("sum_{}", i);
    if (term.is_late) {
      late +=
          fmt::format(" + ({{{}'d0, {} & {}}} << {})", bits - 1, term.carry, term.used, term.place);
    }
  }
  add_to_total(running, terms.back().place);
  return text + fmt::format("  wire {} sum = {}{};\n  assign differs_o = sum != x_result_o;\n",
                            range(bits), total, late);
}

/// Whether the net `value`, of `bits` bits, is out of min .. max.
std::string is_outside(const std::string& value, int bits, const ExactRange& range) {
  if (range.min >= 0) return fmt::format("({} > {}'d{})", value, bits, range.max.str());
  return fmt::format("($signed({0}) < -{1}'sd{2} || $signed({0}) > {1}'sd{3})", value, bits,
                     BigInt(-range.min).str(), range.max.str());
}

}  // namespace

std::string lane_text(const OperatorSpec& spec, const rtl::EmittedDesign& gate,
                      const rtl::ModuleSignature& exact, const std::vector<LaneTerm>& terms,
                      int lane, bool asserts) {
  const int bits = output_format(spec).bits();
  const bool is_signed = output_format(spec).is_signed();
  const ExactRange product_range = exact_range(spec, spec.expression().parts[0]);
  const IntFormat product = product_range.format();
  std::string text = top_with(gate, "differs_o");
  for (int k = 0; k < spec.lanes; ++k) {
    std::string sum;
    bool narrow = false;
    for (const LaneTerm& term : terms) {
      if (term.lane != k) continue;
      sum += fmt::format("{}({} << {})", sum.empty() ? "" : " + ", value_of(term, bits, is_signed),
                         term.place);
      narrow = term.used.empty() && term.width_bits < bits;
    }
    text += fmt::format("  wire {} lane_{} = {};\n", range(bits), k, sum);
    if (lane < 0 && narrow) {
      text += fmt::format("  always @* assume (!{});\n",
                          is_outside(fmt::format("lane_{}", k), bits, product_range));
    }
  }
  if (lane < 0) {
    return text + sum_of_terms(terms, bits, is_signed) +
           (asserts ? "  always @* assert (!differs_o);\n" : "") + "endmodule\n";
  }
  const int a = spec.a.bits();
  const int b = spec.b->bits();
  text += fmt::format("  wire {0} a = a_i[{1}:{2}];\n  wire {3} b = b_i[{4}:{5}];\n", range(a),
                      (lane + 1) * a - 1, lane * a, range(b), (lane + 1) * b - 1, lane * b);
  std::vector<std::string> connections = {".a_i(a)", ".b_i(b)"};
  for (const PortSignature& port : exact.ports) {
    if (is_input(port)) continue;
    text += fmt::format("  wire {} e_{};\n", range(port.width_bits), port.name);
    connections.push_back(fmt::format(".{0}(e_{0})", port.name));
  }
  text += fmt::format("  exact e ({});\n", fmt::join(connections, ", "));
  return text + fmt::format(
                    "  wire {0} {1} product = e_result_o;\n  wire {0} {2} extended = product;\n"
                    "  assign differs_o = !{3} && (lane_{4} != extended || {5});\nendmodule\n",
                    product.is_signed ? "signed" : "", range(product.bits), range(bits),
                    any_flag(exact, "e_"), lane, is_outside("extended", bits, product_range));
}

std::string reference_dot_text(const OperatorSpec& spec, const rtl::ModuleSignature& gate,
                               const rtl::ModuleSignature& exact) {
  const int bits = output_format(spec).bits();
  const bool is_signed = spec.a.is_signed() || spec.b->is_signed();
  std::string text = module_head("gold", gate);
  std::string sum = fmt::format("{}'d0", bits);
  std::vector<std::string> nan, pinf, ninf;
  for (int k = 0; k < spec.lanes; ++k) {
    std::vector<std::string> connections = {
        fmt::format(".a_i(a_i[{}:{}])", (k + 1) * spec.a.bits() - 1, k * spec.a.bits()),
        fmt::format(".b_i(b_i[{}:{}])", (k + 1) * spec.b->bits() - 1, k * spec.b->bits())};
    const std::string prefix = fmt::format("e{}_", k);
    for (const PortSignature& port : exact.ports) {
      if (is_input(port)) continue;
      text += fmt::format("  wire {} {} {}{};\n",
                          is_signed && port.role == PortRole::kResult ? "signed" : "",
                          range(port.width_bits), prefix, port.name);
      connections.push_back(fmt::format(".{}({}{})", port.name, prefix, port.name));
    }
    text += fmt::format("  exact e{} ({});\n  wire {} {} p{} = {}result_o;\n", k,
                        fmt::join(connections, ", "), is_signed ? "signed" : "", range(bits), k,
                        prefix);
    sum = fmt::format("({} + p{})", sum, k);
    nan.push_back(is_flag(exact, prefix, PortRole::kNan));
    pinf.push_back(is_flag(exact, prefix, PortRole::kPlusInf));
    ninf.push_back(is_flag(exact, prefix, PortRole::kMinusInf));
  }
  text += fmt::format("  wire plus = {}, minus = {};\n  wire nan = {} || (plus && minus);\n",
                      fmt::join(pinf, " || "), fmt::join(ninf, " || "), fmt::join(nan, " || "));
  text += fmt::format("  assign result_o = {};\n", sum);
  if (gate.find(PortRole::kNan) != nullptr) text += "  assign nan_o = nan;\n";
  if (gate.find(PortRole::kPlusInf) != nullptr) text += "  assign pinf_o = plus && !nan;\n";
  if (gate.find(PortRole::kMinusInf) != nullptr) text += "  assign ninf_o = minus && !nan;\n";
  return text + "endmodule\n";
}

}  // namespace fewbit::flows
