// Designs: see design.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/rtl/design.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>
#include <set>

#include "fewbit/gen/rtl/passes.h"
#include "fewbit/gen/rtl/printer.h"
#include "fewbit/gen/rtl/printer_design.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::rtl {

std::vector<Module*> instanced_modules(const Module& top) {
  std::vector<Module*> modules;
  std::set<const Module*> seen;
  const std::function<void(const Module&)> visit = [&](const Module& module) {
    const std::vector<bool> live = live_nodes(module);
    for (const Instance& instance : module.instances()) {
      if (!is_live(live, instance) || !seen.insert(instance.module.get()).second) continue;
      visit(*instance.module);
      modules.push_back(instance.module.get());
    }
  };
  visit(top);
  return modules;
}

std::vector<Module*> Design::modules() const {
  std::vector<Module*> modules = instanced_modules(top_);
  modules.push_back(&top_);
  return modules;
}

namespace {

/// The files of a module, or what is wrong with it.
struct Printed {
  std::vector<TextFile> files;
  std::vector<std::string> defects;
};

Printed print_one(Module& module) {
  if (module.is_external()) return {module.external_files(), {}};
  legalise_names(module);
  Printed printed;
  for (const std::string& what : find_defects(module)) {
    printed.defects.push_back(fmt::format("{}: {}", module.name(), what));
  }
  if (!module.printed_files().empty()) {
    printed.files = module.printed_files();
  } else if (printed.defects.empty()) {
    printed.files = {{module.name() + ".sv", print(module)}};
  }
  return printed;
}

Printed print_all(const std::vector<Module*>& modules) {
  Printed all;
  std::map<std::string, const std::string*> texts;
  for (Module* module : modules) {
    Printed one = print_one(*module);
    all.defects.insert(all.defects.end(), one.defects.begin(), one.defects.end());
    for (TextFile& file : one.files) all.files.push_back(std::move(file));
  }
  std::vector<TextFile> distinct;
  for (const TextFile& file : all.files) {
    const auto [place, is_new] = texts.emplace(file.name, &file.text);
    if (is_new) {
      distinct.push_back(file);
    } else if (*place->second != file.text) {
      all.defects.push_back(fmt::format("{} has two texts", file.name));
    }
  }
  all.files = std::move(distinct);
  return all;
}

}  // namespace

std::vector<std::string> Design::defects() { return print_all(modules()).defects; }

std::vector<TextFile> Design::files() {
  Printed printed = print_all(modules());
  FEWBIT_CHECK(printed.defects.empty(), "{}", fmt::join(printed.defects, "; "));
  return std::move(printed.files);
}

std::vector<TextFile> Design::data_files() const {
  std::vector<TextFile> files;
  std::map<std::string, std::string> texts;
  for (const Module* module : modules()) {
    for (const int k : live_memories(*module, live_nodes(*module))) {
      const Memory& memory = module->memories()[static_cast<std::size_t>(k)];
      if (!memory.spec.in_file || memory.spec.contents.empty()) continue;
      TextFile file{memory_file_name(*module, memory), memory_file_text(memory)};
      const auto [place, is_new] = texts.emplace(file.name, file.text);
      FEWBIT_CHECK(place->second == file.text, "{} has two contents", file.name);
      if (is_new) files.push_back(std::move(file));
    }
  }
  return files;
}

namespace {

PortSignature port_of(const Module& module, const std::string& name, const Width& width,
                      Direction direction, PortRole role) {
  PortSignature port{.name = name, .direction = direction, .role = role, .width_bits = width.bits};
  if (width.parameter >= 0) {
    port.width_parameter = module.parameters()[static_cast<std::size_t>(width.parameter)].name;
  }
  return port;
}

std::string reset_text(Reset reset) {
  switch (reset) {
    case Reset::kNone:
      return "none";
    case Reset::kAsyncLow:
      return "async_low";
    case Reset::kSyncHigh:
      return "sync_high";
    case Reset::kSyncLow:
      return "sync_low";
  }
  return "";
}

}  // namespace

EmittedDesign Design::emit(const std::map<std::string, PortRole>& roles) {
  EmittedDesign design;
  design.files = files();
  design.data_files = data_files();
  design.probes = probes_of(top_);
  ModuleSignature& signature = design.signature;
  signature.module = top_.name();
  if (top_.is_clocked()) signature.reset = reset_text(top_.reset_kind());
  signature.latency_cycles = top_.latency().value_or(0);
  for (const Parameter& parameter : top_.parameters()) {
    signature.parameters.push_back({parameter.name, parameter.value, parameter.comment});
  }
  const auto role = [&](const std::string& name, PortRole otherwise) {
    const auto given = roles.find(name);
    return given == roles.end() ? otherwise : given->second;
  };
  for (const int id : top_.inputs()) {
    const Node& node = top_.node(id);
    const bool is_clock = top_.clock().valid() && id == top_.clock().id();
    const bool is_reset = top_.reset_signal().valid() && id == top_.reset_signal().id();
    const PortRole otherwise = is_clock   ? PortRole::kClock
                               : is_reset ? PortRole::kReset
                                          : PortRole::kOperand;
    signature.ports.push_back(
        port_of(top_, node.name, node.width, Direction::kInput, role(node.name, otherwise)));
    signature.ports.back().is_signed = top_.input_is_signed(id);
  }
  for (const Output& output : top_.outputs()) {
    signature.ports.push_back(port_of(top_, output.name, top_.node(output.node).width,
                                      Direction::kOutput, role(output.name, PortRole::kResult)));
    signature.ports.back().is_signed = output.is_signed;
  }
  for (const auto& [port, given] : roles) {
    FEWBIT_CHECK(signature.find(port) != nullptr, "a role for {}, which {} lacks", port,
                 top_.name());
  }
  for (const std::vector<TextFile>* files : {&design.files, &design.data_files}) {
    for (const TextFile& file : *files) {
      signature.files.push_back({file.name, sha256(file.text)});
    }
  }
  return design;
}

void Design::rename(const std::string& name) {
  const std::string old = top_.name();
  if (name == old) return;
  for (Module* part : instanced_modules(top_)) {
    if (part->is_external() || !part->printed_files().empty()) continue;
    std::string rest = part->name();
    if (rest.starts_with(old + "_")) rest.erase(0, old.size() + 1);
    part->rename_module(name + "_" + rest);
  }
  top_.rename_module(name);
}

}  // namespace fewbit::rtl
