// Proofs of blocks: see prove_streams.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/prove_streams.h"

#include <fmt/format.h>

#include <bit>

#include "fewbit/flows/prove_parts.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::flows {
namespace {

using rtl::PortRole;
using rtl::PortSignature;

int places_of(const BlockSpec& spec) {
  return spec.kind == BlockKind::kFifo ? spec.number("--depth") : 2;
}

std::vector<std::string> outputs_of(const BlockSpec& spec) {
  if (spec.kind != BlockKind::kFork) return {"out"};
  std::vector<std::string> names;
  for (int k = 0; k < spec.number("--outputs"); ++k) names.push_back(fmt::format("out_{}", k));
  return names;
}

/// The rules of one stream that is sent. A beat that is chosen at will, watch_i, is followed.
/// {0}: its name, {1}: bits of a beat, {2}: bits of a count, {3}: places, {4}: the beat that comes
/// in, {5}: the one that goes out, {6}: whether a beat is inside and none is offered.
constexpr const char* kMonitor = R"(
  logic [{2}-1:0] {0}_inside, {0}_ahead;
  logic {0}_stands, {0}_watches;
  logic [{1}-1:0] {0}_stood, {0}_watched;
  wire [{1}-1:0] {0}_beat = {5};
  wire {0}_leaves = x_{0}_valid_o & {0}_ready_i;
  wire {0}_unstable = {0}_stands & (~x_{0}_valid_o | ({0}_beat != {0}_stood));
  wire {0}_other = {0}_watches & ({0}_ahead == 0) & x_{0}_valid_o & ({0}_beat != {0}_watched);
  wire {0}_made = x_{0}_valid_o & ({0}_inside == 0);
  wire {0}_too_many = {0}_inside > {3};
  wire {0}_lost = {6};
  always_ff @(posedge clk_i) begin
    if (resets) begin
      {0}_inside <= 0;
      {0}_stands <= 1'b0;
      {0}_watches <= 1'b0;
    end else begin
      {0}_inside <= {0}_inside + enters - {0}_leaves;
      {0}_stands <= x_{0}_valid_o & ~{0}_ready_i;
      {0}_stood <= {0}_beat;
      if (~{0}_watches & enters & watch_i) begin
        {0}_watches <= 1'b1;
        {0}_watched <= {4};
        {0}_ahead <= {0}_inside - {0}_leaves;
      end else if ({0}_watches & {0}_leaves) begin
        if ({0}_ahead == 0) {0}_watches <= 1'b0;
        else {0}_ahead <= {0}_ahead - 1;
      end
    end
  end
)";

}  // namespace

Status provable(const BlockSpec& spec) {
  if (!spec.info().has_proof) {
    std::string names;
    for (const BlockInfo& row : block_table()) {
      if (row.has_proof) names += (names.empty() ? "" : ", ") + row.name;
    }
    return Error{"block", spec.info().name, names,
                 fmt::format("what takes {}: {}", spec.info().name, spec.info().verbs())};
  }
  if (spec.kind == BlockKind::kFifo && spec.word("--storage") != "registers") {
    return Error{"--storage", spec.word("--storage"), "registers",
                 "proofs do not look into a memory; verify simulates it"};
  }
  return Ok{};
}

std::string stream_monitor_text(const BlockSpec& spec, const rtl::ModuleSignature& signature) {
  std::string ports;
  std::string wires;
  std::string connections;
  for (const PortSignature& port : signature.ports) {
    if (is_input(port)) {
      ports += fmt::format("  input logic {} {},\n", range(port.width_bits), port.name);
    } else {
      wires += fmt::format("  wire {} x_{};\n", range(port.width_bits), port.name);
    }
    connections += fmt::format("{}.{}({}{})", connections.empty() ? "" : ", ", port.name,
                               is_input(port) ? "" : "x_", port.name);
  }
  const PortSignature* reset = signature.find(PortRole::kReset);
  FEWBIT_CHECK(reset != nullptr, "{} has no reset", signature.module);
  const bool has_last = signature.find("in_last_i") != nullptr;
  const int bits = signature.find("in_data_i")->width_bits + (has_last ? 1 : 0);
  const int places = places_of(spec);
  const int count_bits = std::bit_width(static_cast<unsigned>(places)) + 1;
  std::string text = fmt::format(
      "module top (\n{}  input logic watch_i,\n  output logic differs_o\n);\n{}  gate u_gate "
      "({});\n"
      "  wire resets = {}{};\n  wire enters = in_valid_i & x_in_ready_o;\n",
      ports, wires, connections, signature.reset == "sync_high" ? "" : "~", reset->name);
  std::string broken;
  for (const std::string& name : outputs_of(spec)) {
    const std::string in = has_last ? "{in_last_i, in_data_i}" : "in_data_i";
    const std::string out =
        has_last ? fmt::format("{{x_{0}_last_o, x_{0}_data_o}}", name) : "x_" + name + "_data_o";
    // The next beat of a fork is offered when all have taken this one.
    const std::string lost = spec.kind == BlockKind::kFork
                                 ? "1'b0"
                                 : fmt::format("({0}_inside != 0) & ~x_{0}_valid_o", name);
    text += fmt::format(kMonitor, name, bits, count_bits, places, in, out, lost);
    broken += fmt::format("{0}{1}_unstable | {1}_other | {1}_made | {1}_too_many | {1}_lost",
                          broken.empty() ? "" : " | ", name);
  }
  return text + fmt::format("  assign differs_o = ~resets & ({});\nendmodule\n", broken);
}

Result<ProofPart> prove_streams(const BlockSpec& spec, const rtl::EmittedDesign& design,
                                const ProofOptions& options) {
  FEWBIT_RETURN_IF_ERROR(provable(spec));
  return prove_never("streams: stable, in order, nothing lost or made", design,
                     stream_monitor_text(spec, design.signature), options);
}

}  // namespace fewbit::flows
