// emit(): builds, prints, signs.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/emit.h"

#include <nlohmann/json.hpp>

#include "fewbit/gen/ops/fabric/delays.h"
#include "fewbit/gen/ops/generic.h"
#include "fewbit/gen/ops/header.h"
#include "fewbit/gen/ops/operators.h"
#include "fewbit/gen/rtl/design.h"
#include "fewbit/gen/rtl/passes.h"
#include "fewbit/gen/rtl/printer.h"
#include "fewbit/gen/util/check.h"
#include "fewbit/gen/util/json.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::PortRole;

namespace {

Results build_optimized(Module& module, const OperatorSpec& spec, const Interface& io) {
  switch (spec.kind) {
    case OperatorKind::kMul:
      return build_mul(module, spec, io);
    case OperatorKind::kAdd:
    case OperatorKind::kSub:
      return build_add(module, spec, io);
    case OperatorKind::kConvert:
      return build_convert(module, spec, io);
    case OperatorKind::kFma:
      return build_fma(module, spec, io);
    case OperatorKind::kDot:
      return build_dot(module, spec, io);
    case OperatorKind::kMxdot:
      return build_mxdot(module, spec, io);
    case OperatorKind::kMxquant:
      return build_mxquant(module, spec, io);
    case OperatorKind::kSquant:
      return build_squant(module, spec, io);
    case OperatorKind::kRequant:
      return build_requant(module, spec, io);
    case OperatorKind::kAcc:
      return build_acc(module, spec, io);
    case OperatorKind::kMac:
      return build_mac(module, spec, io);
    case OperatorKind::kFacc:
    case OperatorKind::kFmac:
      return build_facc(module, spec, io);
    case OperatorKind::kMax:
    case OperatorKind::kMin:
      return build_max(module, spec, io);
  }
  FEWBIT_CHECK(false, "operator {} has no builder", static_cast<int>(spec.kind));
}

}  // namespace

void build(Module& module, const OperatorSpec& spec) {
  Interface io(module, spec);
  io.finish(spec.arch == Architecture::kGeneric ? build_generic(module, spec, io)
                                                : build_optimized(module, spec, io));
  rtl::drop_aliases(module);
  const bool has_width_parameter = !module.parameters().empty();
  for (const std::string& line : contract_header(spec, has_width_parameter)) module.header(line);
}

double estimated_period(const OperatorSpec& spec) {
  Module module(spec.module_name());
  build(module, spec);
  return rtl::estimate_period(module, delay_model(spec.fabric));
}

namespace {

PortRole role_of(const std::string& port) {
  static const std::pair<const char*, PortRole> kRoles[] = {{"clk_i", PortRole::kClock},
                                                            {"rst_ni", PortRole::kReset},
                                                            {"rst_i", PortRole::kReset},
                                                            {"valid_i", PortRole::kValid},
                                                            {"valid_o", PortRole::kValid},
                                                            {"ready_i", PortRole::kReady},
                                                            {"ready_o", PortRole::kReady},
                                                            {"first_i", PortRole::kFirst},
                                                            {"tag_i", PortRole::kTag},
                                                            {"tag_o", PortRole::kTag},
                                                            {"a_i", PortRole::kOperand},
                                                            {"b_i", PortRole::kOperand},
                                                            {"c_i", PortRole::kOperand},
                                                            {"scale_a_i", PortRole::kOperand},
                                                            {"scale_b_i", PortRole::kOperand},
                                                            {"shift_i", PortRole::kOperand},
                                                            {"zero_point_i", PortRole::kOperand},
                                                            {"random_i", PortRole::kOperand},
                                                            {"result_o", PortRole::kResult},
                                                            {"acc_o", PortRole::kResult},
                                                            {"scale_o", PortRole::kScale},
                                                            {"range_o", PortRole::kScale},
                                                            {"nan_o", PortRole::kNan},
                                                            {"pinf_o", PortRole::kPlusInf},
                                                            {"ninf_o", PortRole::kMinusInf}};
  for (const auto& [name, role] : kRoles) {
    if (port == name) return role;
  }
  FEWBIT_CHECK(false, "a port {} without a role", port);
}

int lsb_of(const Format& format) {
  return format.is_int() ? format.as_int().lsb_exponent : format.as_float().lsb_exponent();
}

rtl::PortSignature port_of(const Module& module, const OperatorSpec& spec, const std::string& name,
                           int node, rtl::Direction direction, bool is_signed) {
  rtl::PortSignature port;
  port.name = name;
  port.direction = direction;
  port.role = role_of(name);
  const rtl::Width width = module.node(node).width;
  port.width_bits = width.bits;
  port.is_signed = is_signed;
  if (width.parameter >= 0) {
    port.width_parameter = module.parameters()[static_cast<std::size_t>(width.parameter)].name;
  }
  const auto describe = [&port](const Format& format, int lanes) {
    port.format = format.name();
    port.lsb_exponent = lsb_of(format);
    port.lanes = lanes;
  };
  for (const OperandPort& operand : operand_ports(spec)) {
    if (operand.name == name) describe(operand.format, operand.lanes);
  }
  if (port.role == PortRole::kResult) describe(output_format(spec), output_lanes(spec));
  const std::optional<BlockPort> block = block_port(spec);
  if (port.role == PortRole::kScale) describe(block->format, block->lanes);
  return port;
}

rtl::ModuleSignature sign(const Module& module, const OperatorSpec& spec) {
  rtl::ModuleSignature signature;
  signature.module = module.name();
  signature.operator_name = spec.info().name;
  signature.arch = to_string(spec.arch);
  signature.fabric = spec.arch == Architecture::kGeneric ? "any" : to_string(spec.fabric);
  signature.handshake = to_string(spec.handshake);
  if (spec.is_clocked()) signature.reset = to_string(spec.reset);
  signature.latency_cycles = spec.latency();
  signature.dsp = option_value(spec, Option::kDsp);
  signature.terms = spec.terms;
  if (spec.result || spec.acc_lsb) signature.rounding = to_string(spec.rounding);
  if (spec.result || (spec.accumulates_exactly() && spec.terms == 0))
    signature.overflow = to_string(spec.overflow);
  for (const rtl::Parameter& parameter : module.parameters()) {
    signature.parameters.push_back({parameter.name, parameter.value, parameter.comment});
  }
  for (int id : module.inputs()) {
    signature.ports.push_back(port_of(module, spec, module.node(id).name, id,
                                      rtl::Direction::kInput, module.input_is_signed(id)));
  }
  for (const rtl::Output& output : module.outputs()) {
    signature.ports.push_back(
        port_of(module, spec, output.name, output.node, rtl::Direction::kOutput, output.is_signed));
  }
  signature.command = reproduce_command(spec);
  return signature;
}

}  // namespace

std::shared_ptr<Module> module_of(const OperatorSpec& spec) {
  auto module = std::make_shared<Module>(spec.module_name());
  build(*module, spec);
  const bool is_function = spec.is_clocked() && !spec.accumulates() &&
                           spec.handshake != Handshake::kValidReady &&
                           spec.arch == Architecture::kOptimized;
  if (is_function) module->pipelined(spec.latency());
  return module;
}

rtl::EmittedDesign emit(const OperatorSpec& spec) {
  return emit_variant(spec, spec.module_name(), {});
}

rtl::EmittedDesign emit_variant(const OperatorSpec& spec, const std::string& name,
                                const Edit& edit) {
  Module module(spec.module_name());
  build(module, spec);
  rtl::EmittedDesign design;
  design.signature = sign(module, spec);
  design.signature.module = name;
  if (edit) edit(module);
  rtl::Design whole(module);
  whole.rename(name);
  design.files = whole.files();
  design.data_files = whole.data_files();
  design.probes = rtl::probes_of(module);
  for (const auto* files : {&design.files, &design.data_files}) {
    for (const TextFile& file : *files) {
      design.signature.files.push_back({file.name, sha256(file.text)});
    }
  }
  return design;
}

std::function<rtl::EmittedDesign(const std::vector<rtl::ProbeRole>& free)> opener(
    const OperatorSpec& spec, const Edit& edit) {
  return [spec, edit](const std::vector<rtl::ProbeRole>& free) {
    return emit_variant(spec, spec.module_name() + "_opened", [&](Module& module) {
      if (edit) edit(module);
      rtl::open_probes(module, free);
    });
  };
}

std::vector<TextFile> output_files(const rtl::EmittedDesign& design) {
  std::vector<TextFile> files = design.files;
  std::string list;
  for (const TextFile& file : design.files) list += file.name + "\n";
  files.insert(files.end(), design.data_files.begin(), design.data_files.end());
  files.push_back({design.signature.module + ".f", list});
  files.push_back(
      {design.signature.module + ".json", json_text(rtl::to_json(design.signature), 2) + "\n"});
  return files;
}

}  // namespace fewbit::ops
