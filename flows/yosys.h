// Yosys: synthesis of the measured design, and what it prints as typed values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "fewbit/flows/cost.h"

namespace fewbit::flows {

/// Cells by type of one module in the output of `stat -json`.
Result<std::map<std::string, int>> parse_stat(const std::string& json, const std::string& module);
/// Cells on the longest path, from the output of `ltp`. A combinational loop is an Error.
Result<int> parse_longest_path(const std::string& text);
/// The warnings of a log, less those whose exact text is known to be harmless (yosys.cc lists them,
/// each with the reason).
std::vector<std::string> parse_warnings(const std::string& log);

/// `copies` of a design mapped together by one flow variant, in a folder that holds mapped.il
/// (modules fewbit_measure and fewbit_measure_register).
struct Mapping {
  std::map<std::string, int> cells;  ///< of all cores, by type
  int depth = 0;
  double path_ns = 0;  ///< longest path, of targets of standard cells
};
Result<Mapping> map_design(const rtl::EmittedDesign& design, const Target& target,
                           const FlowVariant& flow, int copies,
                           const std::filesystem::path& folder);
/// The same by several variants with one `parts_at`, in one run of Yosys: what they share is done
/// once. Mappings in their order; `folder`/NAME is the folder of each.
Result<std::vector<Mapping>> map_design(const rtl::EmittedDesign& design, const Target& target,
                                        const std::vector<FlowVariant>& flows, int copies,
                                        const std::filesystem::path& folder);

/// Verilog for simulation, one for each core, from the folder of map_design(): every copy cut out.
Result<std::vector<std::string>> simulation_netlists(const rtl::EmittedDesign& design,
                                                     const Target& target, int copies,
                                                     const std::filesystem::path& folder);

/// Writes place.json for nextpnr from the folder of map_design(); the mapped core is not touched.
Status write_place_json(const rtl::EmittedDesign& design, const Target& target, int copies,
                        const std::filesystem::path& folder);

/// The flow variants of a target for a design (Target::flows_for): those of a block, whose memories
/// are meant for block RAM, run without -nobram.
Result<std::vector<FlowVariant>> flows_of(const Target& target, const rtl::ModuleSignature& design,
                                          const std::string& name);

/// The version line of the Yosys of a target.
Result<std::string> yosys_version(const Target& target);

}  // namespace fewbit::flows
