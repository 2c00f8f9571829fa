// Design: a top module with everything that it instances, each module in a file of its own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "fewbit/gen/rtl/module.h"
#include "fewbit/gen/rtl/signature.h"

namespace fewbit::rtl {

/// The modules that `top` instances, directly or not, each once and after the ones it instances.
std::vector<Module*> instanced_modules(const Module& top);

/// A view of a module and all that it instances; `top` must outlive it. Modules are shared by
/// reference: one that is instanced often is one object and one file. Two objects may have one name
/// where they print as the same text.
class Design {
 public:
  explicit Design(Module& top) : top_(top) {}

  /// Each module after the ones it instances, the top last.
  [[nodiscard]] std::vector<Module*> modules() const;
  /// Every defect of every module (find_defects), after its name; and modules of one name with two
  /// texts. Empty = sound.
  [[nodiscard]] std::vector<std::string> defects();

  /// The SystemVerilog files, MODULE.sv and those of modules that are text, in the order of
  /// modules(): the file list. A design with defects is a bug and stops the program. Deterministic.
  [[nodiscard]] std::vector<TextFile> files();
  /// What the files read at the start: MODULE_MEMORY.hex for contents in a file.
  [[nodiscard]] std::vector<TextFile> data_files() const;

  /// Files and signature. Ports have the roles given; else clock and reset theirs, other inputs are
  /// operands and other outputs results.
  [[nodiscard]] EmittedDesign emit(const std::map<std::string, PortRole>& roles = {});

  /// Names the top `name`, and every instanced module, but those that are text, after it: a variant
  /// that can be in one simulation with the original.
  void rename(const std::string& name);

 private:
  Module& top_;
};

}  // namespace fewbit::rtl
