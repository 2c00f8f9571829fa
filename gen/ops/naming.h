// Naming: a user's names for what is emitted, so that many designs, and two releases, fit in a
// chip.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/gen/rtl/signature.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/result.h"

namespace fewbit::ops {

struct Naming {
  std::string module;  ///< of the top module; "": that of its request
  std::string prefix;  ///< before the name of every module, macro and include guard

  [[nodiscard]] bool changes_nothing() const { return module.empty() && prefix.empty(); }
  /// " --name NAME --prefix PREFIX", as far as they are given.
  [[nodiscard]] std::string options() const;
};

/// An Error on --name or --prefix that is no letter with up to 127 (prefix: 63) letters, digits and
/// underscores behind it; on a name that is a word of SystemVerilog or C, or that of a shared file.
Status check_naming(const Naming& naming);

/// Whether designs share the file: it is a template, the same in whatever design it comes.
bool is_shared_file(const std::string& name);

/// Gives the texts that belong to one module the names of a Naming. Everything that emitted texts
/// declare for all to see begins with fewbit_ or FEWBIT_, so a text is renamed word by word: those
/// that are the module's name, or begin with it, get the new one; with a prefix it stands before
/// every word that begins so (FEWBIT_ gets it in capitals). Lines with the command that reproduces
/// the module get the options of the naming.
class Renamer {
 public:
  Renamer(const rtl::ModuleSignature& signature, Naming naming);

  [[nodiscard]] std::string text(const std::string& text) const;
  /// Name and text.
  [[nodiscard]] TextFile file(const TextFile& file) const;
  /// Files, data files and signature, its hashes those of the new texts.
  [[nodiscard]] rtl::EmittedDesign design(const rtl::EmittedDesign& design) const;

 private:
  [[nodiscard]] std::string word(const std::string& word) const;

  Naming naming_;
  std::string old_name_, new_name_;
  std::string command_;  ///< of the request: "fewbit emit mul --a int4 --b int4"
};

}  // namespace fewbit::ops
