// emit(): blocks with ports, header and signature.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/emit.h"

#include <fmt/format.h>

#include "fewbit/gen/blocks/blocks.h"
#include "fewbit/gen/blocks/layer.h"
#include "fewbit/gen/rtl/design.h"
#include "fewbit/gen/rtl/passes.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::blocks {
namespace {

using rtl::Module;
using rtl::PortRole;

rtl::Reset reset_of(const BlockSpec& spec) {
  switch (spec.reset()) {
    case ResetKind::kSyncHigh:
      return rtl::Reset::kSyncHigh;
    case ResetKind::kSyncLow:
      return rtl::Reset::kSyncLow;
    default:
      return rtl::Reset::kAsyncLow;
  }
}

rtl::MemoryStyle style_of(const std::string& storage) {
  return storage == "block"         ? rtl::MemoryStyle::kBlock
         : storage == "distributed" ? rtl::MemoryStyle::kDistributed
                                    : rtl::MemoryStyle::kAny;
}

Stream plain_input(Module& m, const BlockSpec& spec) {
  return input_stream(m, "in", {spec.number("--data-bits"), spec.is_yes("--last")});
}

void build_skid(Module& m, const BlockSpec& spec) {
  output_stream(m, "out", skid(m, "", plain_input(m, spec)));
}

void build_fifo(Module& m, const BlockSpec& spec) {
  const FifoOptions options{.depth = spec.number("--depth"),
                            .has_memory = spec.word("--storage") != "registers",
                            .style = style_of(spec.word("--storage")),
                            .output_register = spec.is_yes("--output-register"),
                            .has_level = spec.is_yes("--level")};
  const Fifo made = fifo(m, "", plain_input(m, spec), options);
  output_stream(m, "out", made.out);
  if (made.level.valid()) m.output("level_o", made.level);
}

void build_repack(Module& m, const BlockSpec& spec) {
  const RepackOptions options{.value_bits = spec.number("--value-bits"),
                              .in_values = spec.number("--in-values"),
                              .out_values = spec.number("--out-values"),
                              .last_values = spec.number("--last-values")};
  const Stream in =
      input_stream(m, "in", {options.value_bits * options.in_values, spec.is_yes("--last")});
  output_stream(m, "out", repack(m, "", in, options));
}

void build_fork(Module& m, const BlockSpec& spec) {
  const std::vector<Stream> streams = fork(m, "", plain_input(m, spec), spec.number("--outputs"));
  for (std::size_t k = 0; k < streams.size(); ++k) {
    output_stream(m, fmt::format("out_{}", k), streams[k]);
  }
}

void build_replay(Module& m, const BlockSpec& spec) {
  const Stream in = input_stream(m, "in", {spec.number("--data-bits"), false});
  output_stream(m, "out",
                replay(m, "", in,
                       {.beats = spec.number("--beats"),
                        .times = spec.number("--times"),
                        .depth = spec.number("--depth"),
                        .style = style_of(spec.word("--storage")),
                        .output_register = spec.is_yes("--output-register")}));
}

void build_streams(Module& m, const BlockSpec& spec) {
  switch (spec.kind) {
    case BlockKind::kSkid:
      return build_skid(m, spec);
    case BlockKind::kFifo:
      return build_fifo(m, spec);
    case BlockKind::kRepack:
      return build_repack(m, spec);
    case BlockKind::kFork:
      return build_fork(m, spec);
    case BlockKind::kReplay:
      return build_replay(m, spec);
    default:
      break;
  }
  FEWBIT_CHECK(false, "block {} has no builder", static_cast<int>(spec.kind));
}

void make_header(Module& m, const BlockSpec& spec) {
  const BlockInfo& info = spec.info();
  m.header(fmt::format("{} - {}", spec.module_name(), info.summary));
  m.header("");
  m.header("  " + info.contract);
  m.header("");
  for (const BlockParameter& parameter : info.parameters) {
    m.header(fmt::format("{:<18} {}: {}", parameter.option, spec.word(parameter.option),
                         parameter.meaning));
  }
  m.header(
      "Streams    a beat moves where valid and ready are 1 at a clock edge; it stays until it");
  m.header("           has moved; no ready_o depends on a ready_i without a register between");
  m.header(fmt::format("{:<11}{}", "Reproduce", spec.command()));
  m.header("Licence    yours: fewbit claims no rights in what it generates");
}

/// Behind the header of a layer's builder: what only the command line knows.
void finish_header(Module& m, const BlockSpec& spec) {
  for (const auto& [option, source] : spec.contents()) {
    m.header(fmt::format("{:<11}{}: {}", "Contents", option, source));
  }
  m.header(fmt::format("{:<11}{}", "Reproduce", spec.command()));
}

std::map<std::string, PortRole> roles_of(const Module& m) {
  std::map<std::string, PortRole> roles;
  const auto add = [&](const std::string& port) {
    const std::string stem = port.substr(0, port.size() - 2);
    if (stem.ends_with("_valid")) roles[port] = PortRole::kValid;
    if (stem.ends_with("_ready")) roles[port] = PortRole::kReady;
  };
  for (const int id : m.inputs()) add(m.node(id).name);
  for (const rtl::Output& output : m.outputs()) add(output.name);
  return roles;
}

}  // namespace

std::shared_ptr<Module> module_of(const BlockSpec& spec) {
  if (spec.layer) {
    std::shared_ptr<Module> module = layer_module(spec);
    finish_header(*module, spec);
    return module;
  }
  auto module = std::make_shared<Module>(spec.module_name());
  module->clocked(reset_of(spec));
  build_streams(*module, spec);
  rtl::drop_aliases(*module);
  make_header(*module, spec);
  return module;
}

rtl::EmittedDesign emit(const BlockSpec& spec) {
  return emit_variant(spec, spec.module_name(), {});
}

rtl::EmittedDesign emit_variant(const BlockSpec& spec, const std::string& name,
                                const std::function<void(Module&)>& edit) {
  const std::shared_ptr<Module> module = module_of(spec);
  if (edit) edit(*module);
  rtl::Design whole(*module);
  whole.rename(name);
  rtl::EmittedDesign design = whole.emit(roles_of(*module));
  design.signature.operator_name = spec.info().name;
  design.signature.arch = "block";
  design.signature.fabric = spec.layer ? std::string(to_string(spec.fabric)) : "any";
  const auto dsp = spec.values.find("--dsp");
  if (dsp != spec.values.end() && dsp->second != "none") design.signature.dsp = dsp->second;
  design.signature.handshake = "valid_ready";
  design.signature.command = spec.command();
  return design;
}

}  // namespace fewbit::blocks
