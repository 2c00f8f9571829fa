// fewbit cost: what a verified operator costs on a target.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <optional>

#include "fewbit/cli/block_commands.h"
#include "fewbit/cli/block_options.h"
#include "fewbit/cli/command.h"
#include "fewbit/cli/meter.h"
#include "fewbit/cli/progress.h"
#include "fewbit/cli/request_options.h"
#include "fewbit/cli/terminal.h"
#include "fewbit/flows/study/measure.h"
#include "fewbit/flows/study/subjects.h"
#include "fewbit/gen/blocks/emit.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/spec/tuned.h"
#include "fewbit/gen/util/text.h"

namespace fewbit::cli {
namespace {

constexpr int kMaxCopies = 64;

std::string target_help() {
  std::string text = "Targets:\n";
  for (const flows::Target& target : flows::targets()) {
    text += fmt::format("  {:<14}{}\n{:16}flows", target.name, target.description, "");
    for (const flows::FlowVariant& flow : target.flows) {
      text += flow.extra ? " (" + flow.name + ")" : " " + flow.name;
      if (flow.dsp) text += "*";
    }
    text += "\n";
  }
  text +=
      "A flow in brackets is run only where --flow names it; one with * for designs with --dsp.\n";
  return text;
}

std::string cost_text(const study::Measurement& measurement, const flows::Target& target) {
  return fmt::format("{}\n{}verified: RTL on {} and netlist on {} operands{}\n",
                     study::label_of(measurement.spec), cost_table(*measurement.cost, target),
                     measurement.rtl_vectors(), measurement.netlist_vectors(),
                     measurement.exhaustive() ? ", every pair" : "");
}

/// How much of a measurement is done before a step begins, as of small operators: the RTL is
/// verified, netlists are made, one is verified, and placed by several seeds.
double share_before(const std::string& step, bool places) {
  const double all = places ? 1.0 : 0.75;
  if (step.starts_with("synthesis")) return 0.3 / all;
  if (step.starts_with("verification") || step.find(" netlist ") != std::string::npos) {
    return 0.5 / all;
  }
  return step.starts_with("place") ? 0.75 : 0;
}

class CostCommand : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "cost"; }
  [[nodiscard]] bool runs_tools(const std::string& /*name*/) const override { return true; }
  [[nodiscard]] std::string summary() const override {
    return "Verify an operator, then measure its area and speed on a target";
  }
  void declare(CLI::App& app) override {
    request_.declare(app);
    blocks_.declare(app);
    app.add_flag("--axi-stream", axi_stream_,
                 "The operator with the ports that emit gives it, and all that is between");
    app.add_option("--flow", flow_,
                   "The only synthesis flow tried; default: with --optimize the one that\nmeasured "
                   "best, else the smallest of all");
    app.add_option("--liberty", request_.liberty,
                   "A library of standard cells (.lib) in place of --target")
        ->type_name("FILE");
    app.add_option("--copies", copies_,
                   "Cores mapped together as one design, counted for each;\ndefault: 1");
    app.add_option("--seeds", seeds_, "Place-and-route runs; 0: synthesis alone; default: 5");
    app.add_option("--jobs", jobs_, "Programs run at a time; default: all cores");
    app.footer(operator_help() + "\n" + block_help() + "\n" + target_help() +
               "\nExamples:\n"
               "  fewbit cost mac --a int4 --b int4 --terms 4608 --target ice40-hx8k\n"
               "  fewbit cost mul --a e4m3fn --b e4m3fn --target xilinx-usp --json\n"
               "  fewbit cost mac --a int8 --b int8 --terms 1024 --axi-stream\n"
               "  fewbit cost mac --a int4 --b int4 --terms 4608 --target asic-osu018\n"
               "  fewbit cost skid --data-bits 32 --target ice40-hx8k");
  }
  Result<ExitCode> run(const Console& console) override {
    study::MeasureOptions options;
    options.flow = flow_;
    FEWBIT_ASSIGN_OR_RETURN(seeds, parse_seeds(seeds_, 0));
    options.seeds = seeds;
    if (!copies_.empty()) {
      FEWBIT_ASSIGN_OR_RETURN(copies, parse_integer("--copies", copies_, 1, kMaxCopies));
      options.copies = static_cast<int>(copies);
    }
    FEWBIT_ASSIGN_OR_RETURN(jobs, parse_jobs(jobs_));
    options.jobs = jobs;
    std::optional<Meter> meter("cost");
    options.progress = [&](const std::string& step) {
      if (terminal_columns() == 0) return console.note(step);
      meter->after(share_before(step, options.seeds > 0), step);
    };
    if (find_block(request_.op) != nullptr) {
      FEWBIT_ASSIGN_OR_RETURN(
          block, blocks_.spec(request_, {"--target", "--flow", "--copies", "--seeds", "--jobs"}));
      FEWBIT_ASSIGN_OR_RETURN(device, request_.target());
      FEWBIT_RETURN_IF_ERROR(device.flows_for(blocks::emit(block).signature.dsp, flow_));
      return cost_block(console, block, device, options);
    }
    FEWBIT_RETURN_IF_ERROR(blocks_.none_given(request_.op));
    if (axi_stream_) return run_axi_stream(console, options);
    FEWBIT_ASSIGN_OR_RETURN(spec, request_.spec());
    FEWBIT_ASSIGN_OR_RETURN(target, request_.target());
    FEWBIT_RETURN_IF_ERROR(target.flows_for(ops::emit(spec).signature.dsp, flow_));
    FEWBIT_ASSIGN_OR_RETURN(tuned, tuned_flow(spec, target));
    if (flow_.empty()) options.flow = tuned;
    FEWBIT_ASSIGN_OR_RETURN(measurement, study::measure(spec, target, options));
    meter.reset();
    FEWBIT_ASSIGN_OR_RETURN(json, to_json(measurement, target));
    console.document(json);
    if (measurement.cost) {
      console.print(cost_text(measurement, target));
      return ExitCode::kOk;
    }
    for (const auto* reports : {&measurement.rtl, &measurement.netlists}) {
      for (const verify::VerifyReport& report : *reports) {
        if (!report.passed) console.print(verify::to_text(report) + "\n");
      }
    }
    console.print("no cost: hardware and model differ\n");
    return ExitCode::kMismatch;
  }

 private:
  Result<ExitCode> run_axi_stream(const Console& console, const study::MeasureOptions& options) {
    FEWBIT_ASSIGN_OR_RETURN(spec, axi_stream_spec(request_));
    FEWBIT_ASSIGN_OR_RETURN(target, request_.target());
    FEWBIT_RETURN_IF_ERROR(target.flows_for(ops::emit(spec).signature.dsp, options.flow));
    return cost_axi_stream(console, spec, target, options);
  }

  /// The flow that measured best for --optimize on this very target; "" where nothing is known.
  Result<std::string> tuned_flow(const OperatorSpec& spec, const flows::Target& target) {
    const std::string& text = request_.value(Option::kOptimize);
    if (text.empty()) return std::string();
    FEWBIT_ASSIGN_OR_RETURN(goal, parse_goal(text));
    const std::optional<TunedChoice> choice = tuned_choice(spec, goal);
    return choice && choice->target == target.name ? choice->flow : std::string();
  }

  RequestOptions request_;
  BlockOptions blocks_;
  bool axi_stream_ = false;
  std::string flow_;
  std::string copies_;
  std::string seeds_;
  std::string jobs_;
};

}  // namespace

std::unique_ptr<Command> make_cost_command() { return std::make_unique<CostCommand>(); }

}  // namespace fewbit::cli
