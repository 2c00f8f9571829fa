// nextpnr: see nextpnr.h.
// SPDX-License-Identifier: Apache-2.0
#include "flows/nextpnr.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "gen/util/files.h"
#include "gen/util/process.h"

namespace fewbit::flows {

Result<double> parse_fmax(const std::string& report_json) {
  const auto json = nlohmann::json::parse(report_json, nullptr, false);
  if (json.is_discarded() || !json.contains("fmax") || json["fmax"].size() != 1) {
    return Error{"nextpnr report", report_json.substr(0, 80), "an entry 'fmax' with one clock", ""};
  }
  return json["fmax"].begin().value().at("achieved").get<double>();
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

Result<Fmax> place_and_route(const Target& target, const std::filesystem::path& folder, int seeds,
                             int jobs) {
  FEWBIT_RETURN_IF_ERROR(find_tool(target.nextpnr));
  std::vector<std::optional<double>> achieved(static_cast<std::size_t>(seeds));
  std::atomic<int> next{0};
  const auto work = [&] {
    for (int i = next++; i < seeds && !interrupted(); i = next++) {
      const std::string report = fmt::format("report_{}.json", i + 1);
      std::vector<std::string> command = {target.nextpnr};
      command.insert(command.end(), target.nextpnr_arguments.begin(),
                     target.nextpnr_arguments.end());
      for (const std::string& word :
           {std::string("--json"), std::string("place.json"), std::string("--seed"),
            fmt::format("{}", i + 1), std::string("--report"), report,
            std::string("--timing-allow-fail"), std::string("--quiet")}) {
        command.push_back(word);
      }
      const Result<ProcessResult> run = run_process(command, folder);
      if (!run.ok() || run->exit_code != 0) continue;
      const Result<std::string> text = read_file(folder / report);
      if (!text.ok()) continue;
      const Result<double> mhz = parse_fmax(*text);
      if (mhz.ok()) achieved[static_cast<std::size_t>(i)] = *mhz;
    }
  };
  std::vector<std::thread> workers;
  for (int j = 0; j < std::min(jobs, seeds); ++j) workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
  if (interrupted())
    return Error{target.nextpnr, "place.json", "an undisturbed run", "interrupted"};
  std::vector<double> mhz;
  for (const auto& value : achieved) {
    if (value) mhz.push_back(*value);
  }
  return summarise(mhz, seeds - static_cast<int>(mhz.size()));
}

Result<std::string> nextpnr_version(const std::string& program) {
  FEWBIT_ASSIGN_OR_RETURN(run, run_process({program, "--version"}, "."));
  return run.output.substr(0, run.output.find('\n'));
}

}  // namespace fewbit::flows
