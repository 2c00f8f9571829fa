// fewbit tune: every strategy of a request with every synthesis flow of a target, the best named.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/command.h"
#include "cli/measure.h"
#include "cli/progress.h"
#include "cli/request_options.h"
#include "cli/subjects.h"
#include "cli/text.h"
#include "gen/ops/emit.h"
#include "gen/spec/strategy.h"
#include "gen/util/process.h"

namespace fewbit::cli {
namespace {

/// What is best. Speed is place and route's where the target has it, else the depth in cells.
enum class Goal { kArea, kSpeed, kBalanced };

Result<Goal> parse_goal(const std::string& text) {
  if (text.empty() || text == "area") return Goal::kArea;
  if (text == "speed") return Goal::kSpeed;
  if (text == "balanced") return Goal::kBalanced;
  return Error{"--optimize", text, "area, speed, balanced", ""};
}

/// One strategy with one flow.
struct Trial {
  OperatorSpec spec;
  std::string flow;
  Measurement measured;

  [[nodiscard]] double area() const { return measured.cost->lut_equivalents; }
  [[nodiscard]] double delay() const {
    const flows::CostPoint& cost = *measured.cost;
    const bool routed = cost.fmax_mhz && cost.fmax_mhz->ok > 0;
    return routed ? 1000.0 / cost.fmax_mhz->median : static_cast<double>(cost.depth);
  }
  /// The smaller the better; area decides between equals.
  [[nodiscard]] std::pair<double, double> badness(Goal goal) const {
    if (goal == Goal::kSpeed) return {delay(), area()};
    return {goal == Goal::kArea ? area() : area() * delay(), delay()};
  }
};

class TuneCommand : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "tune"; }
  [[nodiscard]] std::string summary() const override {
    return "Measure every strategy of an operator with every synthesis flow of a target";
  }
  void declare(CLI::App& app) override {
    request_.declare(app);
    app.add_option("--optimize", goal_,
                   "What is best: area, speed, balanced (area times delay);\ndefault: area");
    app.add_option("--seeds", seeds_, "Place-and-route runs; default: 5");
    app.add_option("--jobs", jobs_, "Programs run at a time; default: all cores");
    app.footer(
        "Every trial is verified as by `fewbit cost`: RTL and netlist against the model.\n"
        "\nExamples:\n"
        "  fewbit tune mul --a e5m2 --b e5m2 --result e5m2 --target xilinx-usp\n"
        "  fewbit tune add --a e2m1 --b e2m1 --result e2m1 --optimize balanced");
  }
  Result<ExitCode> run(const Console& console) override {
    FEWBIT_ASSIGN_OR_RETURN(goal, parse_goal(goal_));
    MeasureOptions options;
    FEWBIT_ASSIGN_OR_RETURN(seeds, parse_seeds(seeds_));
    options.seeds = seeds;
    FEWBIT_ASSIGN_OR_RETURN(jobs, parse_jobs(jobs_));
    options.jobs = jobs;
    FEWBIT_ASSIGN_OR_RETURN(target, request_.target());
    FEWBIT_ASSIGN_OR_RETURN(trials, make_trials(target));
    Progress progress("tune", trials.size());
    for (Trial& trial : trials) {
      options.flow = trial.flow;
      progress.started(name_of(trial));
      FEWBIT_ASSIGN_OR_RETURN(measured, measure(trial.spec, target, options));
      if (interrupted()) return ExitCode::kInterrupted;
      trial.measured = measured;
      progress.finished(name_of(trial),
                        measured.cost ? fmt::format("{} LUTs", measured.cost->luts) : "MISMATCH");
      if (measured.cost) continue;
      console.print(name_of(trial) + ": hardware and model differ\n");
      return ExitCode::kMismatch;
    }
    return report(console, target, trials, goal);
  }

 private:
  static std::string name_of(const Trial& trial) {
    return fmt::format("{} {}", to_string(trial.spec.strategy), trial.flow);
  }

  Result<std::vector<Trial>> make_trials(const flows::Target& target) {
    FEWBIT_ASSIGN_OR_RETURN(spec, request_.spec());
    if (spec.arch == Architecture::kGeneric) {
      return Error{"--arch", "generic", "optimized", "the generic architecture has one structure"};
    }
    std::vector<Strategy> strategies = strategies_of(spec);
    if (spec.strategy != Strategy::kAuto) strategies = {spec.strategy};
    std::vector<Trial> trials;
    for (const Strategy strategy : strategies) {
      for (const flows::FlowVariant& flow : target.flows) {
        OperatorSpec one = spec;
        one.strategy = strategy;
        trials.push_back({one, flow.name, {}});
      }
    }
    return trials;
  }

  static Result<ExitCode> report(const Console& console, const flows::Target& target,
                                 const std::vector<Trial>& trials, Goal goal) {
    const auto best = std::min_element(
        trials.begin(), trials.end(),
        [goal](const Trial& x, const Trial& y) { return x.badness(goal) < y.badness(goal); });
    Table table({"strategy", "flow", "LUTs", "carries", "FFs", "depth", "Fmax MHz", ""});
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (auto trial = trials.begin(); trial != trials.end(); ++trial) {
      const flows::CostPoint& cost = *trial->measured.cost;
      const std::string fmax = cost.fmax_mhz && cost.fmax_mhz->ok > 0
                                   ? fmt::format("{:.1f}", cost.fmax_mhz->median)
                                   : "-";
      table.add({std::string(to_string(trial->spec.strategy)), trial->flow,
                 std::to_string(cost.luts), std::to_string(cost.carries), std::to_string(cost.ffs),
                 std::to_string(cost.depth), fmax, trial == best ? "best" : ""});
      FEWBIT_ASSIGN_OR_RETURN(document, to_json(trial->measured, target));
      document["best"] = trial == best;
      list.push_back(document);
    }
    OperatorSpec plain = best->spec;
    plain.strategy = Strategy::kAuto;
    const Strategy chosen = choose_strategy(plain);
    console.print(fmt::format("{} on {}\n{}\n", label_of(plain), target.name, table.to_text()));
    console.print(fmt::format("without --strategy fewbit builds {}\n", to_string(chosen)));
    console.document({{"trials", list}, {"default_strategy", to_string(chosen)}});
    return ExitCode::kOk;
  }

  RequestOptions request_;
  std::string goal_;
  std::string seeds_;
  std::string jobs_;
};

}  // namespace

std::unique_ptr<Command> make_tune_command() { return std::make_unique<TuneCommand>(); }

}  // namespace fewbit::cli
