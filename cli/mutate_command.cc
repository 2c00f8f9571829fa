// fewbit mutate: mistakes planted in an emitted design, and how many of them verification finds.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>

#include "fewbit/cli/command.h"
#include "fewbit/cli/meter.h"
#include "fewbit/cli/progress.h"
#include "fewbit/cli/request_options.h"
#include "fewbit/cli/subjects.h"
#include "fewbit/cli/text.h"
#include "fewbit/cli/version.h"
#include "fewbit/flows/prove.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/rtl/mutate.h"

namespace fewbit::cli {
namespace {

constexpr long long kDefaultLimit = 60;
constexpr long long kMaxLimit = 1000000;
constexpr unsigned kBitSeed = 1;
constexpr int kEquivalenceSeconds = 60;

/// What became of the mutants of one design.
struct Tally {
  std::string label;
  std::size_t possible = 0;
  std::size_t tried = 0;
  std::size_t killed = 0;
  std::size_t equivalent = 0;
  std::vector<std::string> survivors;  ///< "sum_q: enable dropped (a counterexample)"

  [[nodiscard]] std::size_t counted() const { return tried - equivalent; }
  [[nodiscard]] double score() const {
    return counted() == 0 ? 100.0
                          : 100.0 * static_cast<double>(killed) / static_cast<double>(counted());
  }
};

/// The design with one mistake, under a module name of its own so that many fit one simulation.
verify::Subject mutant_of(const OperatorSpec& spec, const rtl::Mutation& mutation,
                          std::size_t number) {
  const std::string name = fmt::format("{}_mutant{}", spec.module_name(), number);
  const auto edit = [&](rtl::Module& module) { rtl::apply(module, mutation); };
  return {spec, ops::emit_variant(spec, name, edit), {}, mutation.text};
}

Result<Tally> mutate(const OperatorSpec& spec, std::size_t limit, unsigned seed, int jobs,
                     const Console& console) {
  const rtl::EmittedDesign design = ops::emit(spec);
  rtl::Module original(spec.module_name());
  ops::build(original, spec);
  std::vector<rtl::Mutation> mutations = rtl::mutations_of(original, kBitSeed);
  Tally tally{label_of(spec), mutations.size(), 0, 0, 0, {}};
  std::mt19937 random(seed);
  std::shuffle(mutations.begin(), mutations.end(), random);
  mutations.resize(std::min(mutations.size(), limit));
  std::vector<verify::Subject> subjects;
  for (std::size_t i = 0; i < mutations.size(); ++i) {
    subjects.push_back(mutant_of(spec, mutations[i], i));
  }
  tally.tried = subjects.size();
  verify::VerifyOptions options;
  options.jobs = jobs;
  std::optional<Meter> meter("mutate");
  options.running = [&meter](const std::string& step, double share) { meter->at(step, share); };
  FEWBIT_ASSIGN_OR_RETURN(reports, verify::verify(subjects, options));
  meter.reset();
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    if (!reports[i].passed) {
      ++tally.killed;
      continue;
    }
    flows::ProofOptions proof;
    proof.seconds = kEquivalenceSeconds;
    FEWBIT_ASSIGN_OR_RETURN(part, flows::prove_equal(design, subjects[i].design, proof));
    if (part.proved) {
      ++tally.equivalent;
    } else {
      tally.survivors.push_back(fmt::format("{} ({})", subjects[i].label, part.detail));
    }
  }
  console.note(fmt::format("{}: {} of {} mutants killed, {} equivalent", tally.label, tally.killed,
                           tally.tried, tally.equivalent));
  return tally;
}

/// mul, add, mac, dot and convert of the demo's formats.
Result<std::vector<OperatorSpec>> suite() {
  std::vector<OperatorSpec> specs;
  const auto add = [&](const OperatorRequest& request) -> Status {
    FEWBIT_ASSIGN_OR_RETURN(spec, make_operator_spec(request));
    specs.push_back(spec);
    return Ok{};
  };
  for (const char* op : {"mul", "add", "mac", "dot"}) {
    for (const std::string& pair : split_commas(kDemoPairs)) {
      const std::size_t colon = pair.find(':');
      OperatorRequest request{.op = op, .a = pair.substr(0, colon), .b = pair.substr(colon + 1)};
      const bool is_float = request.a[0] == 'e';
      if (is_float && (request.op == "mul" || request.op == "add")) request.result = request.a;
      FEWBIT_RETURN_IF_ERROR(add(request));
    }
  }
  for (const char* result : {"int4", "int8", "e2m1", "e2m3", "e3m2", "e4m3f", "e4m3fn", "e5m2f"}) {
    FEWBIT_RETURN_IF_ERROR(add({.op = "convert", .a = "binary16", .result = result}));
  }
  return specs;
}

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
      FEWBIT_ASSIGN_OR_RETURN(all, suite());
      specs = std::move(all);
    } else {
      FEWBIT_ASSIGN_OR_RETURN(spec, request_.spec());
      if (spec.arch == Architecture::kGeneric) {
        return Error{"--arch", "generic", "optimized", "mutants are made of what builders emit"};
      }
      specs.push_back(spec);
    }
    std::vector<Tally> tallies;
    for (const OperatorSpec& spec : specs) {
      FEWBIT_ASSIGN_OR_RETURN(tally, mutate(spec, static_cast<std::size_t>(limit),
                                            static_cast<unsigned>(seed), jobs, console));
      tallies.push_back(std::move(tally));
    }
    return report(console, tallies);
  }

 private:
  Result<ExitCode> report(const Console& console, const std::vector<Tally>& tallies) const {
    Table table({"design", "mutants", "tried", "killed", "equivalent", "survived", "score %"});
    Tally sum{"all", 0, 0, 0, 0, {}};
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    const auto add = [&](const Tally& tally) {
      table.add({tally.label, std::to_string(tally.possible), std::to_string(tally.tried),
                 std::to_string(tally.killed), std::to_string(tally.equivalent),
                 std::to_string(tally.survivors.size()), fmt::format("{:.1f}", tally.score())});
    };
    for (const Tally& tally : tallies) {
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
