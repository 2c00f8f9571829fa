// fewbit mutate: mistakes planted in an emitted design, and how many of them verification finds.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <optional>

#include "fewbit/cli/command.h"
#include "fewbit/cli/meter.h"
#include "fewbit/cli/progress.h"
#include "fewbit/cli/request_options.h"
#include "fewbit/cli/version.h"
#include "fewbit/flows/study/mutation.h"
#include "fewbit/gen/util/text.h"
#include "fewbit/sim/verify/verify.h"

namespace fewbit::cli {
namespace {

constexpr long long kDefaultLimit = 60;
constexpr long long kMaxLimit = 1000000;

class MutateCommand : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "mutate"; }
  [[nodiscard]] bool runs_tools(const std::string& /*name*/) const override { return true; }
  [[nodiscard]] std::string summary() const override {
    return "Plant mistakes in an operator and count those that verification finds";
  }
  void declare(CLI::App& app) override {
    request_.declare(app);
    app.add_flag("--suite", suite_,
                 "Instead of OP: mul, add, mac, dot and convert of the demo's formats;\n"
                 "a Markdown table");
    app.add_option("--limit", limit_, "Mutants of each design, chosen at random; default: 60");
    app.add_option("--seed", seed_, "Seed of the choice; default: 1");
    app.add_option("--jobs", jobs_, "Simulators built and run at a time; default: all cores");
    app.footer(
        operator_help() +
        "\nA mutant is killed where `fewbit verify` finds a difference. Of those that pass, the\n"
        "ones that are proved equal to the design do not count.\n"
        "\nExamples:\n"
        "  fewbit mutate mac --a e4m3fn --b e4m3fn\n"
        "  fewbit mutate --suite --limit 100");
  }
  Result<ExitCode> run(const Console& console) override {
    const auto number = [](const std::string& field, const std::string& text,
                           long long by_default) {
      return text.empty() ? Result<long long>(by_default)
                          : parse_integer(field, text, 1, kMaxLimit);
    };
    FEWBIT_ASSIGN_OR_RETURN(limit, number("--limit", limit_, kDefaultLimit));
    FEWBIT_ASSIGN_OR_RETURN(seed, number("--seed", seed_, 1));
    FEWBIT_ASSIGN_OR_RETURN(jobs, parse_jobs(jobs_));
    std::vector<OperatorSpec> specs;
    if (suite_) {
      if (!request_.op.empty()) return Error{"OP", request_.op, "no operator with --suite", ""};
      FEWBIT_ASSIGN_OR_RETURN(all, study::mutation_suite());
      specs = std::move(all);
    } else {
      FEWBIT_ASSIGN_OR_RETURN(spec, request_.spec());
      if (spec.arch == Architecture::kGeneric) {
        return Error{"--arch", "generic", "optimized", "mutants are made of what builders emit"};
      }
      specs.push_back(spec);
    }
    std::vector<study::MutantTally> tallies;
    for (const OperatorSpec& spec : specs) {
      std::optional<Meter> meter("mutate");
      meter->at(spec.module_name());
      FEWBIT_ASSIGN_OR_RETURN(tally, study::mutate(spec, static_cast<std::size_t>(limit),
                                                   static_cast<unsigned>(seed), jobs));
      meter.reset();
      console.note(fmt::format("{}: {} of {} mutants killed, {} equivalent", tally.label,
                               tally.killed, tally.tried, tally.equivalent));
      tallies.push_back(std::move(tally));
    }
    return report(console, tallies);
  }

 private:
  Result<ExitCode> report(const Console& console,
                          const std::vector<study::MutantTally>& tallies) const {
    Table table({"design", "mutants", "tried", "killed", "equivalent", "survived", "score %"});
    study::MutantTally sum{"all", 0, 0, 0, 0, {}};
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    const auto add = [&](const study::MutantTally& tally) {
      table.add({tally.label, std::to_string(tally.possible), std::to_string(tally.tried),
                 std::to_string(tally.killed), std::to_string(tally.equivalent),
                 std::to_string(tally.survivors.size()), fmt::format("{:.1f}", tally.score())});
    };
    for (const study::MutantTally& tally : tallies) {
      add(tally);
      sum.possible += tally.possible;
      sum.tried += tally.tried;
      sum.killed += tally.killed;
      sum.equivalent += tally.equivalent;
      for (const std::string& survivor : tally.survivors) {
        sum.survivors.push_back(tally.label + ", " + survivor);
      }
      rows.push_back({{"design", tally.label},
                      {"mutants", tally.possible},
                      {"tried", tally.tried},
                      {"killed", tally.killed},
                      {"equivalent", tally.equivalent},
                      {"survivors", tally.survivors}});
    }
    if (tallies.size() > 1) add(sum);
    console.print(suite_ ? table.to_markdown() : table.to_text());
    if (!sum.survivors.empty()) console.print("\nSurvivors:\n\n");
    for (const std::string& survivor : sum.survivors) console.print("- " + survivor + "\n");
    FEWBIT_ASSIGN_OR_RETURN(verilator, verify::verilator_version());
    console.document({{"score_percent", sum.score()},
                      {"designs", rows},
                      {"tools", {{"fewbit", version()}, {"verilator", verilator}}}});
    return sum.survivors.empty() ? ExitCode::kOk : ExitCode::kMismatch;
  }

  RequestOptions request_;
  bool suite_ = false;
  std::string limit_;
  std::string seed_;
  std::string jobs_;
};

}  // namespace

std::unique_ptr<Command> make_mutate_command() { return std::make_unique<MutateCommand>(); }

}  // namespace fewbit::cli
