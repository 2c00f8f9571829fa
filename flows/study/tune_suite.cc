// Tuning of many requests at once: see tune_suite.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/tune_suite.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "fewbit/flows/study/hardware.h"
#include "fewbit/flows/study/measure_many.h"
#include "fewbit/flows/study/subjects.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/spec/strategy.h"
#include "fewbit/gen/spec/tuned.h"
#include "fewbit/gen/util/interrupt.h"
#include "fewbit/gen/util/parallel.h"
#include "fewbit/gen/util/text.h"

namespace fewbit::study {
namespace {

/// One strategy mapped by one flow.
struct Candidate {
  OperatorSpec spec;
  flows::CostPoint mapped;  ///< not verified
  Measurement measured;     ///< of those that to_measure() names

  [[nodiscard]] std::string name() const {
    return fmt::format("{} {} {}", label_of(spec), to_string(spec.strategy), mapped.flow);
  }
};

/// One request on one target.
struct Contest {
  OperatorSpec spec;
  flows::Target target;
  std::vector<Candidate> candidates;
};

/// The smaller the better; the other quantity decides between equals.
std::pair<double, double> badness(const flows::CostPoint& cost, Goal goal) {
  const bool routed = cost.fmax_mhz && cost.fmax_mhz->ok > 0;
  const double area = cost.lut_equivalents;
  const double delay = routed ? 1000.0 / cost.fmax_mhz->median : static_cast<double>(cost.depth);
  if (goal == Goal::kSpeed) return {delay, area};
  return {goal == Goal::kArea ? area : area * delay, delay};
}

/// The first of the best, by number, of those for which `cost_of` has something.
template <typename CostOf>
std::size_t best_of(const std::vector<Candidate>& candidates, Goal goal, const CostOf& cost_of) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const flows::CostPoint* cost = cost_of(candidates[i]);
    if (cost == nullptr) continue;
    if (!best || badness(*cost, goal) < badness(*cost_of(candidates[*best]), goal)) best = i;
  }
  return best.value();
}

/// The numbers of those that are best for some goal as mapped.
std::set<std::size_t> shortlist(const std::vector<Candidate>& candidates) {
  std::set<std::size_t> best;
  for (const Goal goal : kGoals) {
    best.insert(best_of(candidates, goal, [](const Candidate& c) { return &c.mapped; }));
  }
  return best;
}

/// The numbers of those that are best for some goal as mapped, or hardly larger than the smallest.
std::set<std::size_t> contenders(const std::vector<Candidate>& candidates) {
  constexpr double kMargin = 1.1;
  std::set<std::size_t> numbers = shortlist(candidates);
  int least = candidates.front().mapped.lut_equivalents;
  for (const Candidate& one : candidates) least = std::min(least, one.mapped.lut_equivalents);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].mapped.lut_equivalents <= kMargin * least) numbers.insert(i);
  }
  return numbers;
}

/// The numbers of those that are verified and measured. Place and route ranks otherwise than depth
/// in cells, so where there is some it measures more of them.
std::set<std::size_t> to_measure(const Contest& contest) {
  const bool routes = !contest.target.nextpnr.empty();
  return routes ? contenders(contest.candidates) : shortlist(contest.candidates);
}

Result<std::vector<Contest>> make_contests(const std::vector<std::string>& tables) {
  const std::vector<std::string> all = split_commas(kTunedTables);
  for (const std::string& table : tables) {
    if (std::find(all.begin(), all.end(), table) != all.end()) continue;
    return Error{"--tables", table, fmt::format("{}", fmt::join(all, ", ")), "for --suite"};
  }
  FEWBIT_ASSIGN_OR_RETURN(groups, make_groups(tables.empty() ? all : tables));
  std::vector<Contest> contests;
  std::set<std::string> seen;
  const auto add = [&](OperatorSpec spec, const flows::Target& target) {
    spec.strategy = Strategy::kAuto;
    if (!seen.insert(tuned_request(spec) + target.name).second) return;
    contests.push_back({spec, target, {}});
  };
  std::vector<flows::Target> targets;
  bool has_macs = false;
  for (const Group& group : groups) {
    has_macs = has_macs || group.name == "mac";
    for (const Row& row : group.rows) {
      for (const Cell& cell : row.cells) add(cell.measured.spec, cell.target);
    }
    if (!targets.empty()) continue;
    for (const Cell& cell : group.rows.front().cells) targets.push_back(cell.target);
  }
  if (!has_macs) return contests;
  for (const std::string& pair : split_commas(kDemoPairs)) {
    const std::size_t colon = std::min(pair.find(':'), pair.size());
    OperatorRequest request{.op = "mac", .a = pair.substr(0, colon)};
    request.b = colon < pair.size() ? pair.substr(colon + 1) : request.a;
    for (const flows::Target& target : targets) {
      FEWBIT_ASSIGN_OR_RETURN(fabric, fabric_of(target));
      request.fabric = fabric;
      FEWBIT_ASSIGN_OR_RETURN(spec, make_operator_spec(request));
      add(spec, target);
    }
  }
  return contests;
}

/// Maps every strategy by the first flow, and those near the best by the others.
Status map_all(Contest& contest) {
  std::vector<flows::FlowVariant> flows = contest.target.flows;
  const bool has_blocks = contest.spec.dsp != Dsp::kNone;
  std::erase_if(flows, [&](const flows::FlowVariant& flow) { return flow.dsp != has_blocks; });
  const auto map = [&](const OperatorSpec& spec, const flows::FlowVariant& flow) -> Status {
    const rtl::EmittedDesign design = ops::emit(spec);
    FEWBIT_ASSIGN_OR_RETURN(point, flows::preview_cost(design, contest.target, flow));
    contest.candidates.push_back({spec, point, {spec, design, {}, {}, {}, 0}});
    return Ok{};
  };
  for (const Strategy strategy : strategies_in_logic(contest.spec)) {
    OperatorSpec spec = contest.spec;
    spec.strategy = strategy;
    FEWBIT_RETURN_IF_ERROR(map(spec, flows.front()));
  }
  for (const std::size_t number : contenders(contest.candidates)) {
    const OperatorSpec spec = contest.candidates[number].spec;
    for (std::size_t i = 1; i < flows.size(); ++i) FEWBIT_RETURN_IF_ERROR(map(spec, flows[i]));
  }
  return Ok{};
}

Status map_contests(std::vector<Contest>& contests, int jobs, Watcher& watcher) {
  watcher.begin("tune", contests.size());
  std::mutex mutex;
  std::optional<Error> error;
  run_parallel(contests.size(), jobs, [&](std::size_t i) {
    const std::string name = label_of(contests[i].spec) + " on " + contests[i].target.name;
    watcher.started(name);
    const Status status = map_all(contests[i]);
    watcher.finished(name, status.ok()     ? fmt::format("{} mapped", contests[i].candidates.size())
                           : interrupted() ? "interrupted"
                                           : "failed");
    const std::lock_guard lock(mutex);
    if (!status.ok() && !error) error = status.error();
  });
  if (error) return *error;
  return Ok{};
}

nlohmann::ordered_json row_of(const Contest& contest) {
  nlohmann::ordered_json row{{"request", tuned_request(contest.spec)},
                             {"target", contest.target.name},
                             {"fabric", to_string(contest.spec.fabric)}};
  for (const Goal goal : kGoals) {
    const Candidate& best =
        contest.candidates[best_of(contest.candidates, goal, [](const Candidate& c) {
          return c.measured.cost ? &*c.measured.cost : nullptr;
        })];
    const flows::CostPoint& cost = *best.measured.cost;
    nlohmann::ordered_json& entry = row[std::string(to_string(goal))];
    entry = {{"strategy", to_string(best.spec.strategy)},
             {"flow", cost.flow},
             {"luts", cost.lut_equivalents},
             {"depth", cost.depth}};
    if (cost.fmax_mhz && cost.fmax_mhz->ok > 0) entry["mhz"] = cost.fmax_mhz->median;
  }
  return row;
}

}  // namespace

nlohmann::ordered_json with_rows_of(nlohmann::ordered_json document,
                                    const nlohmann::ordered_json& old) {
  const auto key = [](const nlohmann::ordered_json& row) {
    return std::make_pair(row.at("request").get<std::string>(),
                          row.at("target").get<std::string>());
  };
  std::map<std::pair<std::string, std::string>, nlohmann::ordered_json> rows;
  const nlohmann::ordered_json* const sources[] = {&document, &old};
  for (const nlohmann::ordered_json* source : sources) {
    for (const auto& row : source->at("rows")) rows.emplace(key(row), row);
  }
  document["rows"] = nlohmann::ordered_json::array();
  for (const auto& [name, row] : rows) document["rows"].push_back(row);
  return document;
}

Result<TunedSuite> tune_suite(const std::vector<std::string>& tables, const MeasureOptions& options,
                              Watcher& watcher) {
  FEWBIT_ASSIGN_OR_RETURN(contests, make_contests(tables));
  FEWBIT_RETURN_IF_ERROR(map_contests(contests, options.jobs, watcher));
  std::vector<MeasureJob> work;
  for (Contest& contest : contests) {
    if (interrupted()) return TunedSuite{};
    for (const std::size_t number : to_measure(contest)) {
      Candidate& candidate = contest.candidates[number];
      work.push_back({&candidate.measured, &contest.target, options.seeds, candidate.mapped.flow});
    }
  }
  FEWBIT_RETURN_IF_ERROR(measure_many(work, options.jobs, watcher));
  if (interrupted()) return TunedSuite{};
  TunedSuite suite;
  for (const Contest& contest : contests) {
    for (const std::size_t number : to_measure(contest)) {
      const Candidate& candidate = contest.candidates[number];
      if (!candidate.measured.cost) suite.mismatch = candidate.name();
    }
  }
  if (!suite.mismatch.empty()) return suite;
  const std::string named =
      tables.empty() ? "" : fmt::format(" --tables {}", fmt::join(tables, ","));
  suite.document = {
      {"made_by", fmt::format("fewbit tune --suite{} --seeds {}", named, options.seeds)},
      {"seeds", options.seeds},
      {"tools", nlohmann::ordered_json::object()},
      {"rows", nlohmann::ordered_json::array()}};
  for (const MeasureJob& job : work) {
    for (const auto& [program, version] : job.measurement->cost->tools) {
      suite.document["tools"][program] = version;
    }
  }
  for (const Contest& contest : contests) suite.document["rows"].push_back(row_of(contest));
  return suite;
}

}  // namespace fewbit::study
