// nextpnr: see nextpnr.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/nextpnr.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <thread>

#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/interrupt.h"
#include "fewbit/gen/util/json.h"
#include "fewbit/gen/util/process.h"

namespace fewbit::flows {

Result<double> parse_fmax(const std::string& report_json) {
  const auto json = parse_json<nlohmann::json>(report_json);
  if (json.is_discarded() || !json.contains("fmax") || json["fmax"].size() != 1) {
    return Error{"nextpnr report", report_json.substr(0, 80), "an entry 'fmax' with one clock", "",
                 Cause::kTool};
  }
  return json["fmax"].begin().value().at("achieved").get<double>();
}

Result<int> parse_logic_cells(const std::string& packed_json, const std::string& logic_cell) {
  const auto json = parse_json<nlohmann::json>(packed_json);
  if (json.is_discarded() || !json.contains("modules") || json["modules"].size() != 1 ||
      !json["modules"].begin()->contains("cells")) {
    return Error{"nextpnr --write", packed_json.substr(0, 80), "one module with cells", "",
                 Cause::kTool};
  }
  int cells = 0;
  for (const auto& [name, cell] : json["modules"].begin()->at("cells").items()) {
    if (cell.at("type") != logic_cell || name.rfind("$PACKER_", 0) == 0) continue;
    const std::string alone = "_DFFLC";  // what nextpnr appends to a flip-flop without a LUT
    const bool is_alone =
        name.size() > alone.size() && name.substr(name.size() - alone.size()) == alone;
    const bool is_core = name.rfind("measured.", 0) == 0 && name.rfind("measured.bank_", 0) != 0;
    if (is_core || !is_alone) ++cells;
  }
  return cells;
}

Fmax summarise(std::vector<double> mhz, int failed) {
  Fmax fmax;
  fmax.failed = failed;
  fmax.ok = static_cast<int>(mhz.size());
  if (mhz.empty()) return fmax;
  std::sort(mhz.begin(), mhz.end());
  fmax.min = mhz.front();
  fmax.max = mhz.back();
  const std::size_t middle = mhz.size() / 2;
  fmax.median = mhz.size() % 2 == 1 ? mhz[middle] : (mhz[middle - 1] + mhz[middle]) / 2;
  return fmax;
}

std::string parse_failure(const std::string& log) {
  std::istringstream stream(log);
  std::string last;
  for (std::string line; std::getline(stream, line);) {
    if (line.rfind("ERROR: ", 0) == 0) return line;
    if (!line.empty()) last = line;
  }
  return last;
}

namespace {

/// Whether nextpnr says that a design has no room, or no routes, in the device. Anything else that
/// ends it says that it and the netlist do not belong together, or that it is broken; so does a
/// cell of Yosys's own, whose name begins with a dollar.
bool is_of_the_design(const std::string& complaint) {
  static constexpr std::string_view kWords[] = {
      "place cell",    "place chain",          "placement",  "remaining to implement", "to route",
      "expand region", "outing design failed", "utilisation"};
  const auto says = [&](std::string_view words) {
    return complaint.find(words) != std::string::npos;
  };
  return !says("type '$") && std::any_of(std::begin(kWords), std::end(kWords), says);
}

/// What became of one seed.
using SeedRun = Result<double>;  // MHz

SeedRun route_seed(const Target& target, const std::filesystem::path& folder, int seed,
                   bool is_timed) {
  const std::string report = fmt::format("report_{}.json", seed);
  std::vector<std::string> command = {target.nextpnr};
  command.insert(command.end(), target.nextpnr_arguments.begin(), target.nextpnr_arguments.end());
  const std::vector<std::string> options = {
      "--json",   "place.json", "--seed",  fmt::format("{}", seed),
      "--report", report,       "--quiet", "--timing-allow-fail"};
  command.insert(command.end(), options.begin(), options.end());
  FEWBIT_ASSIGN_OR_RETURN(run, run_tool(ToolKind::kPlaceAndRoute, command, folder));
  if (run.exit_code != 0) {
    const std::string failure = parse_failure(run.log());
    return failed_tool(target.nextpnr, fmt::format("seed {}", seed), run,
                       is_of_the_design(failure) ? failure : "");
  }
  FEWBIT_ASSIGN_OR_RETURN(text, read_output(target.nextpnr, folder, report));
  return is_timed ? parse_fmax(text) : 0;
}

}  // namespace

Result<int> count_logic_cells(const Target& target, const std::filesystem::path& folder) {
  const std::string packed = "packed.json";
  std::vector<std::string> command = {target.nextpnr};
  command.insert(command.end(), target.nextpnr_arguments.begin(), target.nextpnr_arguments.end());
  const std::vector<std::string> options = {"--json",  "place.json", "--pack-only",
                                            "--write", packed,       "--quiet"};
  command.insert(command.end(), options.begin(), options.end());
  FEWBIT_ASSIGN_OR_RETURN(run, run_tool(ToolKind::kPlaceAndRoute, command, folder));
  if (run.exit_code != 0) {
    const std::string failure = parse_failure(run.log());
    return failed_tool(target.nextpnr, "--pack-only", run,
                       is_of_the_design(failure) ? failure : "");
  }
  FEWBIT_ASSIGN_OR_RETURN(text, read_output(target.nextpnr, folder, packed));
  return parse_logic_cells(text, target.logic_cell);
}

Result<Fmax> place_and_route(const Target& target, const std::filesystem::path& folder, int seeds,
                             int jobs, bool is_timed) {
  std::vector<std::optional<SeedRun>> runs(static_cast<std::size_t>(seeds));
  std::atomic<int> next{0};
  const auto work = [&] {
    for (int i = next++; i < seeds && !interrupted(); i = next++) {
      runs[static_cast<std::size_t>(i)].emplace(route_seed(target, folder, i + 1, is_timed));
    }
  };
  std::vector<std::thread> workers;
  for (int j = 0; j < std::min(jobs, seeds); ++j) workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
  if (interrupted()) {
    return Error{target.nextpnr, "place.json", "an undisturbed run", "interrupted",
                 Cause::kMachine};
  }
  std::vector<double> mhz;
  std::optional<Error> failure;   // of the design
  std::optional<Error> accident;  // of anything else
  for (const std::optional<SeedRun>& run : runs) {
    if (run->ok()) {
      mhz.push_back(**run);
      continue;
    }
    std::optional<Error>& first = run->error().cause == Cause::kDesign ? failure : accident;
    if (!first) first = run->error();
  }
  if (mhz.empty() && accident) return *accident;
  if (mhz.empty()) {
    return Error{"--target", target.name, "a device in which the design has room and routes",
                 fmt::format("none of {} seeds: {}; --seeds 0 costs the netlist alone", seeds,
                             failure->detail),
                 Cause::kDesign};
  }
  Fmax fmax = summarise(mhz, seeds - static_cast<int>(mhz.size()));
  if (failure || accident) fmax.first_failure = (failure ? failure : accident)->detail;
  fmax.accident = accident;
  return fmax;
}

Result<std::string> nextpnr_version(const std::string& program) {
  return tool_version(program, "--version");
}

}  // namespace fewbit::flows
