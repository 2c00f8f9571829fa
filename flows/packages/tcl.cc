// Tcl scripts for Vivado and Quartus.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "fewbit/flows/packages/packages.h"

namespace fewbit::packages {
namespace {

/// "foreach file { ... } { COMMAND }", where COMMAND has the whole path in [file join $folder
/// $file].
std::string each(const std::vector<std::string>& files, const std::string& command) {
  std::string text = "foreach file {\n";
  for (const std::string& file : files) text += "  " + file + "\n";
  return text + "} {\n  " + command + "\n}\n";
}

std::string head(const Contents& contents, const char* tool, const char* effect) {
  return fmt::format(
      "# {} for {}: source it, from any folder; {}\n"
      "set folder [file dirname [file normalize [info script]]]\n",
      contents.name, tool, effect);
}

}  // namespace

std::vector<TextFile> tcl(const Contents& contents) {
  return {{contents.name + "_vivado.tcl",
           head(contents, "Vivado", "it adds the files to the project, if one is open") +
               each(contents.sources, "read_verilog -sv [file join $folder $file]")},
          {contents.name + "_quartus.tcl",
           head(contents, "Quartus", "it adds the files to the open project") +
               each(contents.sources,
                    "set_global_assignment -name SYSTEMVERILOG_FILE [file join $folder $file]")}};
}

}  // namespace fewbit::packages
