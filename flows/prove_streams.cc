// Proofs of what has streams: see prove_streams.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/prove_streams.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <bit>

#include "fewbit/flows/prove_parts.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::flows {
namespace {

using rtl::ModuleSignature;
using rtl::PortRole;
using rtl::PortSignature;

/// "{x_a, x_b}"
std::string joined(const std::vector<std::string>& ports) {
  std::string text;
  for (const std::string& port : ports) text += (text.empty() ? "x_" : ", x_") + port;
  return "{" + text + "}";
}

int bits_of(const ModuleSignature& signature, const std::vector<std::string>& ports) {
  int bits = 0;
  for (const std::string& port : ports) bits += signature.find(port)->width_bits;
  return bits;
}

/// The beginning of module top: the design's inputs and watch_i, wires x_PORT of its outputs, the
/// instance, and whether it is in reset.
std::string monitor_head(const ModuleSignature& signature) {
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
  return fmt::format(
      "module top (\n{}  input logic watch_i,\n  output logic differs_o\n);\n{}  gate u_gate "
      "({});\n  wire resets = {}{};\n",
      ports, wires, connections, signature.reset == "sync_high" ? "" : "~", reset->name);
}

/// {0}: a stream, {1}: bits of its payload, {2}: the payload, {3}: valid, {4}: ready.
constexpr const char* kStable = R"(
  logic {0}_stands;
  logic [{1}-1:0] {0}_stood;
  wire [{1}-1:0] {0}_payload = {2};
  wire {0}_unstable = {0}_stands & (~x_{3} | ({0}_payload != {0}_stood));
  always_ff @(posedge clk_i) begin
    {0}_stands <= ~resets & x_{3} & ~{4};
    {0}_stood <= {0}_payload;
  end
)";

std::string stable_text(const ModuleSignature& signature, const std::vector<SentStream>& streams) {
  std::string text = monitor_head(signature);
  std::string broken;
  for (const SentStream& stream : streams) {
    text += fmt::format(kStable, stream.name, bits_of(signature, stream.payload),
                        joined(stream.payload), stream.valid, stream.ready);
    broken += (broken.empty() ? "" : " | ") + stream.name + "_unstable";
  }
  return text + fmt::format("  assign differs_o = ~resets & ({});\nendmodule\n", broken);
}

/// What is said of a stream that is sent beside one that comes in.
struct Turn {
  std::string in;   ///< what of a beat that comes in is looked for
  std::string out;  ///< and in one that goes out
  int bits = 1;
  int places = 1;
  std::string lost;  ///< whether a beat is inside and has not been offered for too long
};

/// A beat that is chosen at will, watch_i, is followed. {0}: name of the stream, {1}: bits looked
/// at, {2}: bits of a count, {3}: places, {4}: what comes in, {5}: what goes out, {6}: whether one
/// is lost, {7}: valid, {8}: ready.
constexpr const char* kTurn = R"(
  logic [{2}-1:0] {0}_inside, {0}_ahead;
  logic {0}_watches;
  logic [{1}-1:0] {0}_watched;
  wire {0}_leaves = x_{7} & {8};
  wire {0}_other = {0}_watches & ({0}_ahead == 0) & x_{7} & ({5} != {0}_watched);
  wire {0}_made = x_{7} & ({0}_inside == 0);
  wire {0}_too_many = {0}_inside > {3};
  wire {0}_lost = {6};
  always_ff @(posedge clk_i) begin
    if (resets) begin
      {0}_inside <= 0;
      {0}_watches <= 1'b0;
    end else begin
      {0}_inside <= {0}_inside + enters - {0}_leaves;
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

std::string turn_text(const SentStream& stream, const Turn& turn) {
  const int count_bits = std::bit_width(static_cast<unsigned>(turn.places)) + 1;
  return fmt::format(kTurn, stream.name, turn.bits, count_bits, turn.places, turn.in, turn.out,
                     turn.lost, stream.valid, stream.ready);
}

std::string turn_rules(const std::string& name) {
  return fmt::format("{0}_other | {0}_made | {0}_too_many | {0}_lost", name);
}

bool has_turns(const BlockSpec& spec) {
  return spec.kind == BlockKind::kSkid || spec.kind == BlockKind::kFork ||
         (spec.kind == BlockKind::kFifo && spec.word("--storage") == "registers");
}

Status check_provable(const BlockSpec& spec) {
  if (spec.info().has_proof()) return Ok{};
  std::vector<std::string> names;
  for (const BlockInfo& row : block_table()) {
    if (row.has_proof()) names.push_back(row.name);
  }
  return Error{"block", spec.info().name, fmt::format("{}", fmt::join(names, ", ")),
               fmt::format("what takes {}: {}", spec.info().name, spec.info().verbs())};
}

std::string block_text(const BlockSpec& spec, const ModuleSignature& signature) {
  const bool has_last = signature.find("in_last_i") != nullptr;
  Turn turn{.in = has_last ? "{in_last_i, in_data_i}" : "in_data_i",
            .bits = signature.find("in_data_i")->width_bits + (has_last ? 1 : 0),
            .places = spec.kind == BlockKind::kFifo ? spec.number("--depth") : 2};
  std::string text = monitor_head(signature) + "  wire enters = in_valid_i & x_in_ready_o;\n";
  std::string broken;
  for (const SentStream& stream : streams_sent(signature)) {
    const std::string& name = stream.name;
    turn.out = has_last ? fmt::format("{{x_{0}_last_o, x_{0}_data_o}}", name)
                        : fmt::format("x_{}_data_o", name);
    // The next beat of a fork is offered when all have taken this one.
    turn.lost = spec.kind == BlockKind::kFork
                    ? "1'b0"
                    : fmt::format("({}_inside != 0) & ~x_{}", name, stream.valid);
    text += turn_text(stream, turn);
    broken += (broken.empty() ? "" : " | ") + turn_rules(name);
  }
  return text + fmt::format("  assign differs_o = ~resets & ({});\nendmodule\n", broken);
}

std::string axi_text(const OperatorSpec& spec, const ModuleSignature& signature, int places) {
  const SentStream stream = streams_sent(signature).front();
  const int latency = spec.latency();
  std::vector<std::string> looked_at;  // without m_axis_ and s_axis_
  if (!spec.accumulates()) looked_at.emplace_back("tlast");
  if (spec.tag_bits > 0) looked_at.emplace_back("tuser");
  const auto all = [&](const std::string& side) {
    return looked_at.empty() ? std::string("1'b0")
                             : fmt::format("{{{0}{1}}}", side, fmt::join(looked_at, ", " + side));
  };
  const Turn turn{.in = all("s_axis_"),
                  .out = all("x_m_axis_"),
                  .bits = spec.tag_bits + (spec.accumulates() && spec.tag_bits > 0 ? 0 : 1),
                  .places = places,
                  .lost = fmt::format("waits == {}", latency + 1)};
  return monitor_head(signature) +
         fmt::format(
             "  wire enters = s_axis_tvalid & x_s_axis_tready{};\n"
             "  logic [{}-1:0] waits;\n",
             spec.accumulates() ? " & s_axis_tlast" : "",
             std::bit_width(static_cast<unsigned>(latency + 1))) +
         turn_text(stream, turn) +
         fmt::format(
             "  always_ff @(posedge clk_i) begin\n"
             "    if (resets | x_{0} | ({1}_inside == 0)) waits <= 0;\n"
             "    else waits <= waits + (waits != {2});\n"
             "  end\n"
             "  assign differs_o = ~resets & ({3});\nendmodule\n",
             stream.valid, stream.name, latency + 1, turn_rules(stream.name));
}

}  // namespace

std::vector<SentStream> streams_sent(const ModuleSignature& signature) {
  std::vector<SentStream> streams;
  for (const PortSignature& port : signature.ports) {
    if (port.role != PortRole::kReady || !is_input(port)) continue;
    const std::string stem = port.name.substr(0, port.name.rfind("ready"));  // "out_", "m_axis_t"
    SentStream stream{.name = stem.substr(0, stem.rfind('_')), .ready = port.name};
    for (const PortSignature& other : signature.ports) {
      if (is_input(other) || !other.name.starts_with(stem)) continue;
      if (other.role == PortRole::kValid) {
        stream.valid = other.name;
      } else {
        stream.payload.push_back(other.name);
      }
    }
    FEWBIT_CHECK(!stream.valid.empty() && !stream.payload.empty(), "{} sends no {}",
                 signature.module, stem);
    streams.push_back(stream);
  }
  return streams;
}

Result<std::vector<ProofPart>> prove_rules(const rtl::EmittedDesign& design,
                                           const std::string& operator_instance,
                                           const ProofOptions& options) {
  const std::vector<SentStream> streams = streams_sent(design.signature);
  FEWBIT_CHECK(!streams.empty(), "{} sends no stream", design.signature.module);
  FEWBIT_ASSIGN_OR_RETURN(stable, prove_never("valid and payload stay until the beat moves", design,
                                              stable_text(design.signature, streams), options,
                                              {.memories = true, .instance = operator_instance}));
  std::vector<std::string> readies;
  std::vector<std::string> sent;
  for (const SentStream& stream : streams) {
    readies.push_back(stream.ready);
    sent.push_back(stream.valid);
    sent.insert(sent.end(), stream.payload.begin(), stream.payload.end());
  }
  for (const PortSignature& port : design.signature.ports) {
    if (port.role == PortRole::kReady && !is_input(port)) sent.push_back(port.name);
  }
  FEWBIT_ASSIGN_OR_RETURN(
      registered, prove_registered("a register behind every ready that comes in", design, readies,
                                   sent, options));
  return std::vector<ProofPart>{stable, registered};
}

Result<std::vector<ProofPart>> prove_streams(const BlockSpec& spec,
                                             const rtl::EmittedDesign& design,
                                             const ProofOptions& options) {
  FEWBIT_RETURN_IF_ERROR(check_provable(spec));
  FEWBIT_ASSIGN_OR_RETURN(parts, prove_rules(design, "", options));
  if (has_turns(spec)) {
    FEWBIT_ASSIGN_OR_RETURN(turns, prove_never("beats in order, none lost or made", design,
                                               block_text(spec, design.signature), options));
    parts.push_back(turns);
  }
  return parts;
}

Result<std::vector<ProofPart>> prove_axi_stream(const OperatorSpec& spec,
                                                const rtl::EmittedDesign& design, int places,
                                                const ProofOptions& options) {
  FEWBIT_ASSIGN_OR_RETURN(parts, prove_rules(design, "u_operator", options));
  if (places > 0) {
    FEWBIT_ASSIGN_OR_RETURN(turns, prove_never("results in order, none lost or made", design,
                                               axi_text(spec, design.signature, places), options));
    parts.push_back(turns);
  }
  return parts;
}

}  // namespace fewbit::flows
