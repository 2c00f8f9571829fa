// What a command would replace in a folder that it writes designs to.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fewbit/gen/rtl/signature.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/result.h"

namespace fewbit::cli {

/// What `files` would replace in a folder and should not in silence.
class Replacement {
 public:
  Replacement(std::filesystem::path directory, const std::vector<TextFile>& files);

  /// An Error where a file of the module is not of this request: options that do not show in the
  /// name of the module, as --target, make other hardware.
  [[nodiscard]] Status check(const rtl::ModuleSignature& signature) const;
  /// Cells that modules of the folder share, of another version of fewbit or changed by hand.
  [[nodiscard]] std::vector<std::string> cells(const rtl::ModuleSignature& signature) const;

 private:
  [[nodiscard]] std::string command_of(const std::string& module) const;

  std::filesystem::path directory_;
  std::vector<std::string> different_;
};

}  // namespace fewbit::cli
