// fewbit demo: the main job. Emit, verify and cost a set of MACs, generic beside optimized.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/measure.h"
#include "cli/progress.h"
#include "cli/subjects.h"
#include "cli/text.h"
#include "gen/ops/emit.h"

namespace fewbit::cli {
namespace {

constexpr std::pair<const char*, const char*> kPairs[] = {
    {"int4", "int4"},   {"int8", "int8"},   {"e2m1", "e2m1"},     {"e2m3", "e2m3"},
    {"e3m2", "e3m2"},   {"e4m3f", "e4m3f"}, {"e4m3fn", "e4m3fn"}, {"e5m2f", "e5m2f"},
    {"int4", "e4m3fn"}, {"e2m1", "int8"}};
constexpr int kSeeds = 5;

/// One design on one target.
struct Job {
  std::string a, b;
  std::string target;
  Architecture arch = Architecture::kOptimized;
  std::optional<Measurement> measurement;
  std::optional<Error> error;
  std::string label;
};

std::string fmax_text(const flows::CostPoint& cost) {
  if (!cost.fmax_mhz) return "-";
  if (cost.fmax_mhz->ok == 0) return "failed";
  std::string text = fmt::format("{:.0f} ({:.0f}-{:.0f})", cost.fmax_mhz->median,
                                 cost.fmax_mhz->min, cost.fmax_mhz->max);
  if (cost.fmax_mhz->failed > 0) text += fmt::format(", {} failed", cost.fmax_mhz->failed);
  return text;
}

class DemoCommand : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "demo"; }
  [[nodiscard]] std::string summary() const override {
    return "Emit, verify and cost ten multiply-accumulate units, generic beside optimized";
  }
  void declare(CLI::App& app) override {
    app.add_option("-o,--output", directory_,
                   "Folder for demo.md and the emitted designs; default: build/demo");
    app.add_option("--terms", terms_, "Terms of the sums; default: 4608");
    app.add_option("--targets", targets_, "Targets, with commas; default: ice40-hx8k,xilinx-usp");
    app.add_option("--jobs", jobs_, "Designs measured at a time; default: all cores");
    app.footer("Examples:\n  fewbit demo\n  fewbit demo --terms 1024 --targets ecp5 -o bars");
  }
  Result<ExitCode> run(const Console& console) override {
    FEWBIT_ASSIGN_OR_RETURN(workers, parse_jobs(jobs_));
    std::vector<Job> jobs;
    for (const auto& [a, b] : kPairs) {
      for (const std::string& target : split_commas(targets_)) {
        for (const Architecture arch : {Architecture::kGeneric, Architecture::kOptimized}) {
          jobs.push_back({a, b, target, arch, std::nullopt, std::nullopt,
                          fmt::format("{} x {} {} {}", a, b, to_string(arch), target)});
        }
      }
    }
    std::vector<OperatorSpec> specs;
    for (const Job& job : jobs) {
      FEWBIT_ASSIGN_OR_RETURN(target, flows::find_target(job.target));
      OperatorRequest request{.op = "mac", .a = job.a, .b = job.b};
      FEWBIT_ASSIGN_OR_RETURN(terms, parse_integer("--terms", terms_, 1, 1LL << 32));
      request.terms = terms;
      request.arch = to_string(job.arch);
      for (const Fabric fabric : {Fabric::kIce40, Fabric::kEcp5, Fabric::kXilinx}) {
        if (target.fabric == to_string(fabric)) request.fabric = fabric;
      }
      FEWBIT_ASSIGN_OR_RETURN(spec, make_operator_spec(request));
      specs.push_back(spec);
      FEWBIT_RETURN_IF_ERROR(write_files(std::filesystem::path(directory_) / job.target,
                                         ops::output_files(ops::emit(spec))));
    }

    {
      Progress progress("demo", jobs.size());
      run_parallel(jobs.size(), workers, [&](std::size_t i) {
        Job& job = jobs[i];
        progress.started(job.label);
        MeasureOptions options;
        options.seeds = kSeeds;
        options.jobs = 1;
        const Result<flows::Target> target = flows::find_target(job.target);
        Result<Measurement> measured = measure(specs[i], *target, options);
        std::string outcome;
        if (!measured.ok()) {
          job.error = measured.error();
          outcome = job.error->message();
        } else {
          job.measurement = std::move(measured).value();
          outcome = job.measurement->cost ? fmt::format("{} LUTs", job.measurement->cost->luts)
                                          : "differs from the model";
        }
        progress.finished(job.label, outcome);
      });
    }
    return report(console, jobs);
  }

 private:
  Result<ExitCode> report(const Console& console, const std::vector<Job>& jobs) {
    Table table({"pair", "acc bits", "target", "generic LUTs", "FFs", "Fmax MHz", "optimized LUTs",
                 "FFs", "Fmax MHz", "LUTs ratio", "pairs verified"});
    nlohmann::ordered_json documents = nlohmann::ordered_json::array();
    bool all_verified = true;
    for (std::size_t i = 0; i + 1 < jobs.size(); i += 2) {
      const Job& generic = jobs[i];
      const Job& optimized = jobs[i + 1];
      for (const Job* job : {&generic, &optimized}) {
        if (job->error) return *job->error;
        if (!job->measurement) return ExitCode::kInterrupted;
        FEWBIT_ASSIGN_OR_RETURN(target, flows::find_target(job->target));
        FEWBIT_ASSIGN_OR_RETURN(document, to_json(*job->measurement, target));
        documents.push_back(document);
        if (job->measurement->cost) continue;
        all_verified = false;
        console.note(job->label + ": differs from the model, no cost");
      }
      if (!generic.measurement->cost || !optimized.measurement->cost) continue;
      const flows::CostPoint& g = *generic.measurement->cost;
      const flows::CostPoint& o = *optimized.measurement->cost;
      const bool equivalents = g.lut_equivalents != g.luts;
      const int g_luts = equivalents ? g.lut_equivalents : g.luts;
      const int o_luts = equivalents ? o.lut_equivalents : o.luts;
      table.add({fmt::format("{} x {}", generic.a, generic.b),
                 std::to_string(optimized.measurement->spec.acc_width), generic.target,
                 std::to_string(g_luts), std::to_string(g.ffs), fmax_text(g),
                 std::to_string(o_luts), std::to_string(o.ffs), fmax_text(o),
                 fmt::format("{:.2f}", static_cast<double>(o_luts) / g_luts),
                 optimized.measurement->exhaustive() ? "all" : "sample"});
    }
    const std::string heading = fmt::format(
        "Multiply-accumulate units with room for {} terms; Fmax is the median (least-greatest) of "
        "{} seeds.\n\n",
        terms_, kSeeds);
    FEWBIT_RETURN_IF_ERROR(write_files(directory_, {{"demo.md", heading + table.to_markdown()}}));
    console.document(documents);
    console.print(heading + table.to_text() +
                  fmt::format("\nWritten: {}/demo.md and the designs beside it\n", directory_));
    return all_verified ? ExitCode::kOk : ExitCode::kMismatch;
  }

  std::string directory_ = "build/demo";
  std::string terms_ = "4608";
  std::string targets_ = "ice40-hx8k,xilinx-usp";
  std::string jobs_;
};

}  // namespace

std::unique_ptr<Command> make_demo_command() { return std::make_unique<DemoCommand>(); }

}  // namespace fewbit::cli
