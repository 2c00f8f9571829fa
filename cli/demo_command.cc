// fewbit demo: multiply-accumulates of few bits, emitted, verified and costed, in one table.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "fewbit/cli/command.h"
#include "fewbit/cli/progress.h"
#include "fewbit/cli/request_options.h"
#include "fewbit/flows/study/demo_table.h"
#include "fewbit/flows/study/measure_many.h"
#include "fewbit/flows/study/subjects.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/interrupt.h"
#include "fewbit/gen/util/text.h"

namespace fewbit::cli {
namespace {

constexpr char kDefaultFolder[] = "build/demo";
constexpr char kTableFile[] = "demo.md";
constexpr char kQuickPairs[] = "int4,e2m1,int4:e4m3fn,e4m3fn";
constexpr char kQuickTargets[] = "ice40-hx8k";
constexpr int kQuickSeeds = 3;
constexpr char kFullTargets[] = "ice40-hx8k,xilinx-usp";
constexpr char kDefaultTerms[] = "4608";  // the longest dot product of ResNet-18
constexpr long long kMaxTerms = 1LL << 32;

class DemoCommand : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "demo"; }
  [[nodiscard]] bool runs_tools(const std::string& /*name*/) const override { return true; }
  [[nodiscard]] std::string summary() const override {
    return "Emit, verify and cost a table of multiply-accumulates";
  }
  void declare(CLI::App& app) override {
    app.add_option(
        "-o,--output", folder_,
        fmt::format("Folder for demo.md and the emitted designs; default: {}", kDefaultFolder));
    app.add_option("--terms", terms_, fmt::format("Terms of the sums; default: {}", kDefaultTerms));
    app.add_option("--pairs", pairs_,
                   fmt::format("Formats, A or A:B, with commas; default:\n{}", kQuickPairs));
    app.add_option("--targets", targets_,
                   fmt::format("Targets, with commas; default: {}", kQuickTargets));
    app.add_flag("--full", full_,
                 fmt::format("Minutes: by default the pairs\n{},\non {}, and 5 seeds",
                             wrapped_pairs(), kFullTargets));
    app.add_option("--optimize", optimize_, "Strategies that measured best: area, speed, balanced");
    app.add_option("--seeds", seeds_, "Place-and-route runs; default: 3");
    app.add_option("--jobs", jobs_, "Designs measured at a time; default: all cores");
    app.footer(
        "Examples:\n  fewbit demo\n  fewbit demo --full -o build/macs\n"
        "  fewbit demo --pairs int4,e2m1:int8 --targets ice40-hx8k --seeds 1 -o build/few\n"
        "  fewbit demo --terms 1024 --targets ice40-hx8k,ecp5,xilinx-usp -o build/bars");
  }
  Result<ExitCode> run(const Console& console) override {
    if (pairs_.empty()) pairs_ = full_ ? study::kDemoPairs : kQuickPairs;
    if (targets_.empty()) targets_ = full_ ? kFullTargets : kQuickTargets;
    if (seeds_.empty() && !full_) seeds_ = std::to_string(kQuickSeeds);
    FEWBIT_ASSIGN_OR_RETURN(seeds, parse_seeds(seeds_));
    FEWBIT_ASSIGN_OR_RETURN(jobs, parse_jobs(jobs_));
    FEWBIT_ASSIGN_OR_RETURN(rows, make_rows());
    const std::filesystem::path folder = folder_;
    FEWBIT_RETURN_IF_ERROR(write_rtl(rows, folder));
    std::vector<study::MeasureJob> first,
        others;  // the first row at once, so that something is seen soon
    for (study::DemoRow& row : rows) {
      for (study::Measurement* measurement : {&row.generic, &row.optimized}) {
        (&row == rows.data() ? first : others).push_back({measurement, &row.target, seeds});
      }
    }
    ShownProgress progress;
    FEWBIT_RETURN_IF_ERROR(study::measure_many(first, jobs, progress));
    if (interrupted()) return ExitCode::kInterrupted;
    if (!others.empty()) {
      console.print(
          "The first row: LUTs of parameterised SystemVerilog (generic) and of the builder\n" +
          study::demo_summary({rows.front()}).to_text() + "\n");
      std::fflush(stdout);
      FEWBIT_RETURN_IF_ERROR(study::measure_many(others, jobs, progress));
    }
    if (interrupted()) return ExitCode::kInterrupted;
    FEWBIT_ASSIGN_OR_RETURN(markdown, study::demo_markdown(rows, command(), terms_, seeds));
    FEWBIT_RETURN_IF_ERROR(write_files(folder, {{kTableFile, markdown}}));
    FEWBIT_ASSIGN_OR_RETURN(json, study::demo_json(rows));
    console.document(json);
    console.print(study::demo_summary(rows).to_text() + "\nwrote " +
                  (folder / kTableFile).string() + " and the designs beside it\n");
    return json["passed"].get<bool>() ? ExitCode::kOk : ExitCode::kMismatch;
  }

 private:
  [[nodiscard]] std::string command() const {
    std::string text = full_ ? "fewbit demo --full" : "fewbit demo";
    if (pairs_ != (full_ ? study::kDemoPairs : kQuickPairs)) text += " --pairs " + pairs_;
    if (targets_ != (full_ ? kFullTargets : kQuickTargets)) text += " --targets " + targets_;
    if (terms_ != kDefaultTerms) text += " --terms " + terms_;
    if (!optimize_.empty()) text += " --optimize " + optimize_;
    if (seeds_ != (full_ ? "" : std::to_string(kQuickSeeds))) text += " --seeds " + seeds_;
    return text;
  }

  /// The pairs of the full demo in two lines.
  static std::string wrapped_pairs() {
    std::string pairs = study::kDemoPairs;
    pairs.insert(pairs.find(',', pairs.size() / 2) + 1, "\n");
    return pairs;
  }

  [[nodiscard]] Result<std::vector<study::DemoRow>> make_rows() const {
    FEWBIT_ASSIGN_OR_RETURN(terms, parse_integer("--terms", terms_, 1, kMaxTerms));
    std::vector<study::DemoRow> rows;
    for (const std::string& pair : split_commas(pairs_)) {
      const std::size_t colon = std::min(pair.find(':'), pair.size());
      OperatorRequest request;
      request.op = "mac";
      request.a = pair.substr(0, colon);
      request.b = colon < pair.size() ? pair.substr(colon + 1) : request.a;
      request.terms = terms;
      for (const std::string& name : split_commas(targets_)) {
        FEWBIT_ASSIGN_OR_RETURN(target, flows::find_target(name));
        FEWBIT_ASSIGN_OR_RETURN(fabric, fabric_of(target));
        request.fabric = fabric;
        request.arch = "generic";
        request.optimize.clear();
        FEWBIT_ASSIGN_OR_RETURN(generic, make_operator_spec(request));
        request.arch = "optimized";
        request.optimize = optimize_;
        FEWBIT_ASSIGN_OR_RETURN(optimized, make_operator_spec(request));
        rows.push_back({generic.a.name() + " x " + generic.b->name(),
                        target,
                        {generic, ops::emit(generic), {}, {}, {}, 0},
                        {optimized, ops::emit(optimized), {}, {}, {}, 0}});
      }
    }
    if (rows.empty())
      return Error{"--pairs", pairs_, "one pair or more, on one target or more", ""};
    return rows;
  }

  /// One folder a target: FOLDER/TARGET/MODULE.sv.
  static Status write_rtl(const std::vector<study::DemoRow>& rows,
                          const std::filesystem::path& folder) {
    for (const study::DemoRow& row : rows) {
      for (const study::Measurement* measurement : {&row.generic, &row.optimized}) {
        FEWBIT_RETURN_IF_ERROR(
            write_files(folder / row.target.name, ops::output_files(measurement->design)));
      }
    }
    return Ok{};
  }

  std::string folder_ = kDefaultFolder;
  std::string terms_ = kDefaultTerms;
  std::string pairs_;
  std::string targets_;
  bool full_ = false;
  std::string optimize_;
  std::string seeds_;
  std::string jobs_;
};

}  // namespace

std::unique_ptr<Command> make_demo_command() { return std::make_unique<DemoCommand>(); }

}  // namespace fewbit::cli
