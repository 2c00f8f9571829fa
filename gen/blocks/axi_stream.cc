// Operators with AXI4-Stream ports: see axi_stream.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/axi_stream.h"

#include <fmt/format.h>

#include <map>

#include "fewbit/gen/blocks/blocks.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/ops/header.h"
#include "fewbit/gen/ops/operand/interface.h"
#include "fewbit/gen/rtl/design.h"
#include "fewbit/gen/rtl/passes.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::blocks {
namespace {

using rtl::Module;
using rtl::PortRole;
using rtl::Signal;

constexpr int kMostTagBits = 63;  // one more goes along for tlast
/// Results up to so many wait in registers, more in a memory.
constexpr int kMostRegisters = 8;

/// Places behind the operator for one result at every clock edge: a credit comes back so many
/// clock edges after it was spent.
FifoOptions queue_of(const OperatorSpec& spec) {
  const int with_registers = spec.latency() + 2;
  if (with_registers <= kMostRegisters) return {.depth = with_registers};
  return {.depth = with_registers + 1, .has_memory = true};
}

/// The operator inside: its tag has tlast in bit 0.
OperatorSpec inner_of(const OperatorSpec& spec) {
  OperatorSpec inner = spec;
  inner.tag_bits = spec.tag_bits + 1;
  return inner;
}

int bits_of(const std::vector<AxiField>& fields) {
  int bytes = 0;
  for (const AxiField& field : fields) bytes += field.bytes();
  return 8 * bytes;
}

class AxiStream {
 public:
  AxiStream(Module& m, const OperatorSpec& spec) : m_(m), spec_(spec) {}

  void build() {
    m_.clocked(ops::reset_of(spec_));
    const Signal valid = m_.input("s_axis_tvalid", 1);
    data_ = m_.input("s_axis_tdata", bits_of(axi_operands(spec_)));
    last_ = m_.input("s_axis_tlast", 1);
    if (spec_.tag_bits > 0) user_ = m_.input("s_axis_tuser", spec_.tag_bits);
    const Signal ready = m_.input("m_axis_tready", 1);

    m_.section("A beat enters where its result has a place");
    const Signal spends = m_.wire("spends", 1);
    const Signal leaves = m_.wire("leaves", 1);
    const Signal left = credits(m_, "places", queue_of(spec_).depth, spends, leaves);
    const Signal take = m_.net("take", valid & left);
    m_.drive(spends, spec_.accumulates() ? take & last_ : take);
    m_.output("s_axis_tready", left);

    const rtl::InstanceOutputs outputs = operate(take);
    m_.section("Results, which wait for m_axis");
    const Stream results = queue(outputs);
    m_.drive(results.ready, ready);
    m_.drive(leaves, results.valid & ready);
    m_.output("m_axis_tvalid", results.valid);
    send(results);
  }

 private:
  rtl::InstanceOutputs operate(const Signal& take) {
    std::vector<std::pair<std::string, Signal>> inputs = {{"valid_i", take}};
    if (spec_.accumulates()) {
      m_.section("A sum begins behind the end of another");
      const Signal first = m_.reg("first_q", 1, {.enable = take, .reset_value = 1});
      m_.drive(first, last_);
      inputs.emplace_back("first_i", first);
    }
    inputs.emplace_back("tag_i",
                        user_.valid() ? m_.net("tag", rtl::concat({user_, last_})) : last_);
    int low = 0;
    for (const AxiField& field : axi_operands(spec_)) {
      inputs.emplace_back(field.port, data_.slice(low + field.bits - 1, low));
      low += 8 * field.bytes();
    }
    m_.section("Operator");
    return m_.instance(ops::module_of(inner_of(spec_)), "u_operator", inputs);
  }

  /// The queue of results, without what pads them.
  Stream queue(const rtl::InstanceOutputs& outputs) {
    std::vector<Signal> parts;  // from the top down
    const Signal tag = outputs["tag_o"];
    const Signal last = tag.bit(0);
    if (user_.valid()) parts.push_back(tag.without_low(1));
    for (const char* flag : {"ninf_o", "pinf_o", "nan_o"}) {
      if (outputs.has(flag)) parts.push_back(outputs[flag]);
    }
    if (const auto block = block_port(spec_)) parts.push_back(outputs[block->name]);
    parts.push_back(outputs[spec_.accumulates() ? "acc_o" : "result_o"]);
    const Signal data = m_.net("result", rtl::concat(parts));
    const Signal valid = outputs["valid_o"];
    const bool is_sum = spec_.accumulates();
    const Stream in = make_stream(m_, "result", is_sum ? m_.net("ends", valid & last) : valid, data,
                                  is_sum ? Signal() : last);
    return fifo(m_, "queue", in, queue_of(spec_)).out;
  }

  void send(const Stream& results) {
    const Signal beat = m_.net("beat", results.data);
    std::vector<Signal> fields;  // from the top down
    int low = 0;
    const auto take = [&](int bits) {
      low += bits;
      return beat.slice(low - 1, low - bits);
    };
    for (const AxiField& field : axi_results(spec_)) {
      if (field.port == "flags") {
        fields.insert(fields.begin(), flags(take));
        continue;
      }
      const Signal bits = take(field.bits);
      const int padded = 8 * field.bytes();
      fields.insert(fields.begin(), field.is_signed ? m_.net("extended", sign_extend(bits, padded))
                                                    : zero_extend(bits, padded));
    }
    m_.output("m_axis_tdata", m_.net("fields", rtl::concat(fields)));
    m_.output("m_axis_tlast", results.has_last() ? results.last : m_.constant(1, 1));
    if (user_.valid()) m_.output("m_axis_tuser", m_.net("user", take(spec_.tag_bits)));
  }

  /// A byte with the flags that there are, each at its place.
  template <typename Take>
  Signal flags(const Take& take) {
    const SpecialFlags flags = special_flags(spec_);
    const Signal zero = m_.constant(1, 0);
    const Signal nan = flags.nan ? take(1) : zero;
    const Signal pinf = flags.pinf ? take(1) : zero;
    const Signal ninf = flags.ninf ? take(1) : zero;
    return rtl::concat({m_.constant(5, 0), ninf, pinf, nan});
  }

  Module& m_;
  const OperatorSpec& spec_;
  Signal data_, last_, user_;
};

std::string fields_text(const std::vector<AxiField>& fields) {
  std::string text;
  int low = 0;
  for (const AxiField& field : fields) {
    text += fmt::format("{}{} [{}:{}]", text.empty() ? "" : ", ", field.port, low + field.bits - 1,
                        low);
    low += 8 * field.bytes();
  }
  return text;
}

PortRole role_of(const std::string& port) {
  if (port.ends_with("_tvalid")) return PortRole::kValid;
  if (port.ends_with("_tready")) return PortRole::kReady;
  if (port.ends_with("_tuser")) return PortRole::kTag;
  return port.starts_with("s_") ? PortRole::kOperand : PortRole::kResult;
}

}  // namespace

Status check_axi_stream(const OperatorSpec& spec) {
  if (spec.handshake != Handshake::kValid) {
    return Error{"--handshake", std::string(to_string(spec.handshake)), "valid with --axi-stream",
                 "the queue behind the operator has valid and ready"};
  }
  if (spec.reset == ResetKind::kNone) {
    return Error{"--reset", "none", "async_low, sync_high, sync_low with --axi-stream", ""};
  }
  if (spec.interleave > 1) {
    return Error{"--interleave", std::to_string(spec.interleave), "1 with --axi-stream",
                 "a packet is one sum"};
  }
  if (spec.tag_bits > kMostTagBits) {
    return Error{"--tag-bits", std::to_string(spec.tag_bits),
                 fmt::format("0 to {} with --axi-stream", kMostTagBits), "tlast takes one"};
  }
  return Ok{};
}

std::vector<AxiField> axi_operands(const OperatorSpec& spec) {
  std::vector<AxiField> fields;
  for (const OperandPort& port : operand_ports(spec)) fields.push_back({port.name, port.bits()});
  return fields;
}

std::vector<AxiField> axi_results(const OperatorSpec& spec) {
  const Format format = output_format(spec);
  const bool is_signed = output_lanes(spec) == 1 && format.is_int() && format.is_signed();
  std::vector<AxiField> fields = {
      {spec.accumulates() ? "acc_o" : "result_o", format.bits() * output_lanes(spec), is_signed}};
  if (const auto block = block_port(spec)) fields.push_back({block->name, block->bits()});
  if (special_flags(spec).any()) fields.push_back({"flags", 3});
  return fields;
}

int axi_register_places(const OperatorSpec& spec) {
  const FifoOptions queue = queue_of(spec);
  return queue.has_memory ? 0 : queue.depth;
}

std::string axi_module_name(const OperatorSpec& spec) { return spec.module_name() + "_axis"; }

void build_axi_stream(Module& m, const OperatorSpec& spec) {
  FEWBIT_CHECK(check_axi_stream(spec).ok(), "{} with AXI4-Stream", spec.command());
  AxiStream(m, spec).build();
  rtl::drop_aliases(m);
  m.header(fmt::format("{} - {} with AXI4-Stream ports", m.name(), spec.info().name));
  m.header("");
  m.header("  s_axis_tdata = " + fields_text(axi_operands(spec)));
  m.header("  m_axis_tdata = " + fields_text(axi_results(spec)));
  m.header("");
  m.header("Packets    " + std::string(spec.accumulates()
                                           ? "s_axis_tlast ends a sum; each sum is one result"
                                           : "m_axis_tlast is that of the operands"));
  m.header("Timing     s_axis_tready and m_axis come from registers; one beat per cycle where");
  m.header(fmt::format("           nothing stalls, up to {} of them inside", queue_of(spec).depth));
  m.header(fmt::format("Reproduce  {} --axi-stream", ops::reproduce_command(spec)));
  m.header("Licence    yours: fewbit claims no rights in what it generates");
}

rtl::EmittedDesign emit_axi_stream(const OperatorSpec& spec) {
  Module module(axi_module_name(spec));
  build_axi_stream(module, spec);
  std::map<std::string, PortRole> roles;
  const auto add = [&](const std::string& port) {
    if (port.find("_axis_") != std::string::npos) roles[port] = role_of(port);
  };
  for (const int id : module.inputs()) add(module.node(id).name);
  for (const rtl::Output& output : module.outputs()) add(output.name);
  rtl::EmittedDesign design = rtl::Design(module).emit(roles);
  const rtl::ModuleSignature inner = ops::emit(spec).signature;
  rtl::ModuleSignature& signature = design.signature;
  signature.operator_name = inner.operator_name;
  signature.arch = inner.arch;
  signature.fabric = inner.fabric;
  signature.handshake = "axi_stream";
  signature.rounding = inner.rounding;
  signature.overflow = inner.overflow;
  signature.dsp = inner.dsp;
  signature.terms = inner.terms;
  signature.command = inner.command + " --axi-stream";
  return design;
}

}  // namespace fewbit::blocks
