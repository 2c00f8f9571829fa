// nextpnr: place and route over several seeds.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "flows/cost.h"

namespace fewbit::flows {

/// MHz that the one clock of a nextpnr report (--report) achieves.
Result<double> parse_fmax(const std::string& report_json);

/// Routes place.json of `folder` with seeds 1..seeds, `jobs` at once. A seed that fails is counted.
Result<Fmax> place_and_route(const Target& target, const std::filesystem::path& folder, int seeds,
                             int jobs);

/// Median, least and greatest of the runs that succeeded.
Fmax summarise(std::vector<double> mhz, int failed);

Result<std::string> nextpnr_version(const std::string& program);

}  // namespace fewbit::flows
