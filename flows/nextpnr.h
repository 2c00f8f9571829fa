// nextpnr: place and route over several seeds.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "fewbit/flows/cost.h"

namespace fewbit::flows {

/// MHz that the one clock of a nextpnr report (--report) achieves.
Result<double> parse_fmax(const std::string& report_json);

/// The first line of a nextpnr log that says why it failed, or its last line.
std::string parse_failure(const std::string& log);

/// Logic cells in a packed design (--write) that are not the wrapper's: all but flip-flops of
/// fewbit_place and of its banks that have a cell to themselves, and the two cells of constants
/// that nextpnr makes once for a device.
Result<int> parse_logic_cells(const std::string& packed_json, const std::string& logic_cell);

/// Packs place.json of `folder` and counts.
Result<int> count_logic_cells(const Target& target, const std::filesystem::path& folder);

/// Routes place.json of `folder` with seeds 1..seeds, `jobs` at once. A seed that fails is counted.
/// An Error where none is routed: kDesign where nextpnr says that the device has no room or no
/// routes, else of the tool or the machine. Not timed, where nextpnr may know no path between
/// registers, MHz are 0.
Result<Fmax> place_and_route(const Target& target, const std::filesystem::path& folder, int seeds,
                             int jobs, bool is_timed = true);

/// Median, least and greatest of the runs that succeeded.
Fmax summarise(std::vector<double> mhz, int failed);

Result<std::string> nextpnr_version(const std::string& program);

}  // namespace fewbit::flows
