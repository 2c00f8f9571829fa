// fewbit verify: emitted hardware, and mapped netlists of it, against the bit-exact model.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "fewbit/cli/block_commands.h"
#include "fewbit/cli/block_options.h"
#include "fewbit/cli/command.h"
#include "fewbit/cli/companions.h"
#include "fewbit/cli/meter.h"
#include "fewbit/cli/progress.h"
#include "fewbit/cli/request_options.h"
#include "fewbit/cli/version.h"
#include "fewbit/flows/study/subjects.h"
#include "fewbit/flows/study/verify_grid.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/util/text.h"
#include "fewbit/sim/verify/c_model.h"
#include "fewbit/sim/verify/verify.h"

namespace fewbit::cli {
namespace {

/// The design, a test bench for any simulator and a script that runs both again, for --keep.
Status keep_sources(const OperatorSpec& spec, rtl::EmittedDesign design,
                    const std::filesystem::path& folder) {
  FEWBIT_ASSIGN_OR_RETURN(beside, companions(spec, "", "sv", design.signature));
  std::vector<TextFile> files = ops::output_files(design);
  files.insert(files.end(), beside.begin(), beside.end());
  std::string command = design.signature.command;
  command.replace(command.find(" emit "), 6, " verify ");
  const std::string& module = design.signature.module;
  files.push_back({"again.sh", fmt::format("#!/bin/sh\n"
                                           "# Verifies {0} again: the test bench beside it by\n"
                                           "# Icarus, then all that fewbit does.\n"
                                           "set -e\n"
                                           "cd \"$(dirname \"$0\")\"\n"
                                           "iverilog -g2012 -s {0}_tb -o {0}_tb.vvp -f {0}_tb.f\n"
                                           "vvp -n {0}_tb.vvp\n"
                                           "\"${{FEWBIT:-fewbit}}\"{1}\n",
                                           module, command.substr(command.find(' ')))});
  return write_files(folder, files);
}

class VerifyCommand : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "verify"; }
  [[nodiscard]] bool runs_tools(const std::string& /*name*/) const override { return true; }
  [[nodiscard]] std::string summary() const override {
    return "Simulate an operator against the bit-exact model";
  }
  void declare(CLI::App& app) override {
    request_.declare(app);
    blocks_.declare(app);
    app.add_flag("--axi-stream", axi_stream_, "The operator with the ports that emit gives it");
    app.add_option("--netlist", netlist_target_,
                   "Also the netlists that synthesis for this target maps");
    app.add_option("--grid", grid_,
                   "Instead of --a and --b: every pair of the all-finite minifloats and\n"
                   "integers of MIN..MAX bits, or \"demo\": those of the demo; in both\n"
                   "architectures unless --arch is given");
    app.add_option("--latencies", latencies_,
                   "MIN..MAX: the grid's optimized designs with each of these latencies");
    app.add_option("--ops", ops_, "Operators of the grid, with commas; default: mul,mac");
    app.add_option("--simulator", simulator_,
                   "verilator, or icarus: with four states, and X that must go away;\n"
                   "default: verilator");
    app.add_option("--model", model_,
                   "Instead of the design the C model that emit writes: c or dpi")
        ->type_name("WORD");
    app.add_option("--trace", trace_,
                   "Where something differs: a VCD file of the first mismatch, every net\n"
                   "from 250 cycles before it");
    app.add_option("--keep", keep_,
                   "Folder for what was simulated: sources, a test bench, the simulator\n"
                   "that was built, and scripts that run it again")
        ->type_name("DIR");
    app.add_option("--seed", seed_, "Seed of the random operands; default: 1");
    app.add_option("--jobs", jobs_, "Simulators built and run at a time; default: all cores");
    app.footer(operator_help() + "\n" + block_help() +
               "\nExamples:\n"
               "  fewbit verify mul --a e2m3 --b e2m3\n"
               "  fewbit verify mac --a int4 --b e4m3fn --netlist ice40-hx8k\n"
               "  fewbit verify fma --a e4m3fn --b e4m3fn --c bfloat16 --model c\n"
               "  fewbit verify mac --a int4 --b int4 --netlist ecp5 --trace mac.vcd\n"
               "  fewbit verify --grid 3..4 --ops mul,mac\n"
               "  fewbit verify repack --value-bits 8 --in-values 3 --out-values 5");
  }
  Result<ExitCode> run(const Console& console) override {
    verify::VerifyOptions options;
    if (!seed_.empty()) {
      FEWBIT_ASSIGN_OR_RETURN(
          seed, parse_integer("--seed", seed_, 0, std::numeric_limits<long long>::max()));
      options.seed = static_cast<std::uint64_t>(seed);
    }
    if (simulator_ == "icarus") {
      options.simulator = verify::Simulator::kIcarus;
    } else if (!simulator_.empty() && simulator_ != "verilator") {
      return Error{"--simulator", simulator_, "verilator or icarus", ""};
    }
    FEWBIT_ASSIGN_OR_RETURN(jobs, parse_jobs(jobs_));
    options.jobs = jobs;
    if (const BlockInfo* info = find_block(request_.op); info != nullptr) {
      if (info->is_layer && request_.target_name.empty()) request_.target_name = netlist_target_;
      FEWBIT_ASSIGN_OR_RETURN(block, blocks_.spec(request_, {"--netlist", "--seed", "--jobs"}));
      return verify_block(console, block, netlist_target_, options);
    }
    FEWBIT_RETURN_IF_ERROR(blocks_.none_given(request_.op));
    if (axi_stream_) return run_axi_stream(console, options);
    FEWBIT_RETURN_IF_ERROR(check_extras());
    return grid_.empty() ? run_one(console, options) : run_grid(console, options);
  }

 private:
  Result<ExitCode> run_axi_stream(const Console& console, const verify::VerifyOptions& options) {
    for (const auto& [option, value] :
         {std::pair{"--grid", grid_}, std::pair{"--ops", ops_},
          std::pair{"--latencies", latencies_}, std::pair{"--simulator", simulator_},
          std::pair{"--model", model_}, std::pair{"--trace", trace_}, std::pair{"--keep", keep_}}) {
      if (!value.empty()) {
        return Error{option, value, fmt::format("no {} with --axi-stream", option), ""};
      }
    }
    if (request_.target_name.empty()) request_.target_name = netlist_target_;
    FEWBIT_ASSIGN_OR_RETURN(spec, axi_stream_spec(request_));
    return verify_axi_stream(console, spec, netlist_target_, options);
  }

  /// --trace and --keep are of one design in Verilator.
  [[nodiscard]] Status check_extras() const {
    for (const auto& [option, text] : {std::pair{"--trace", trace_}, {"--keep", keep_}}) {
      if (text.empty()) continue;
      const std::string legal = fmt::format("no {} with ", option);
      if (!grid_.empty()) return Error{option, text, legal + "--grid", "verify one design of it"};
      if (!model_.empty()) return Error{option, text, legal + "--model", ""};
      if (simulator_ == "icarus") return Error{option, text, legal + "--simulator icarus", ""};
    }
    return Ok{};
  }

  Result<ExitCode> run_one(const Console& console, verify::VerifyOptions options) {
    if (!ops_.empty()) return Error{"--ops", ops_, "no --ops without --grid", ""};
    if (!latencies_.empty()) {
      return Error{"--latencies", latencies_, "no --latencies without --grid",
                   "--latency N is for one"};
    }
    if (request_.target_name.empty()) request_.target_name = netlist_target_;
    FEWBIT_ASSIGN_OR_RETURN(spec, request_.spec());
    const rtl::EmittedDesign design = ops::emit(spec);
    std::optional<Meter> meter("verify");
    options.running = [&meter](const std::string& step, double share) { meter->at(step, share); };
    std::vector<verify::Subject> subjects = study::subjects_of(spec, design);
    if (!model_.empty()) return run_model(console, subjects[0], options);
    if (!netlist_target_.empty()) {
      meter->at("maps netlists");
      FEWBIT_ASSIGN_OR_RETURN(target, flows::find_target(netlist_target_));
      // A table that is read at an unknown address is all unknown; Yosys' own models know better.
      if (options.simulator == verify::Simulator::kIcarus) target.lut_models.clear();
      FEWBIT_ASSIGN_OR_RETURN(netlists, flows::synthesize_netlists(design, target));
      for (const flows::Netlist& netlist : netlists) {
        subjects.push_back(
            {spec,
             netlist.design,
             {},
             fmt::format("{} netlist {} {}", study::label_of(spec), target.name, netlist.flow)});
      }
    }
    if (!keep_.empty()) {
      FEWBIT_RETURN_IF_ERROR(keep_sources(spec, design, keep_));
      options.keep = std::filesystem::path(keep_) / "simulator";
    }
    FEWBIT_ASSIGN_OR_RETURN(reports, verify::verify(subjects, options));
    FEWBIT_RETURN_IF_ERROR(write_trace(subjects, reports, options, *meter, console));
    meter.reset();
    if (!keep_.empty()) console.note(fmt::format("kept in {}; {}/again.sh", keep_, keep_));
    return report(console, reports, true);
  }

  /// --trace: of the first design that differs.
  [[nodiscard]] Status write_trace(const std::vector<verify::Subject>& subjects,
                                   const std::vector<verify::VerifyReport>& reports,
                                   const verify::VerifyOptions& options, Meter& meter,
                                   const Console& console) const {
    if (trace_.empty()) return Ok{};
    for (std::size_t i = 0; i < reports.size(); ++i) {
      if (reports[i].mismatches.empty()) continue;
      meter.at("traces the first mismatch");
      FEWBIT_RETURN_IF_ERROR(verify::write_trace(subjects[i], reports[i], options, trace_));
      console.note(fmt::format("{} has the first mismatch of {}, in cycle {}", trace_,
                               reports[i].label, reports[i].mismatches.front().cycle));
      return Ok{};
    }
    console.note(fmt::format("no mismatch: {} is not written", trace_));
    return Ok{};
  }

  Result<ExitCode> run_model(const Console& console, const verify::Subject& subject,
                             const verify::VerifyOptions& options) {
    if (model_ != "c" && model_ != "dpi") return Error{"--model", model_, "c or dpi", ""};
    if (!netlist_target_.empty()) {
      return Error{"--netlist", netlist_target_, "no --netlist with --model", ""};
    }
    if (!simulator_.empty()) {
      return Error{"--simulator", simulator_, "no --simulator with --model", ""};
    }
    const verify::CModel model = model_ == "c" ? verify::CModel::kHeader : verify::CModel::kDpi;
    std::optional<Meter> meter("verify");
    meter->at("compiles and runs the C model");
    FEWBIT_ASSIGN_OR_RETURN(reports, verify::verify_c_models({subject}, model, options));
    meter.reset();
    return report(console, reports, true);
  }

  Result<ExitCode> run_grid(const Console& console, verify::VerifyOptions options) {
    if (!model_.empty()) return Error{"--model", model_, "no --model with --grid", ""};
    if (!request_.op.empty()) return Error{"OP", request_.op, "--ops with --grid", ""};
    for (const Option operand : {Option::kA, Option::kB}) {
      const std::string& format = request_.value(operand);
      const std::string& name = option_info(operand).name;
      if (!format.empty()) return Error{name, format, fmt::format("no {} with --grid", name), ""};
    }
    if (!netlist_target_.empty()) {
      return Error{"--netlist", netlist_target_, "no --netlist with --grid", ""};
    }
    study::Grid grid{grid_, split_commas(ops_.empty() ? "mul,mac" : ops_),
                     request_.value(Option::kArch), latencies_};
    FEWBIT_ASSIGN_OR_RETURN(request, request_.request());
    FEWBIT_ASSIGN_OR_RETURN(subjects, study::grid_subjects(request, grid));
    options.quick = true;
    Progress progress("verify", subjects.size());
    options.progress = [&progress](const verify::VerifyReport& report, std::size_t, std::size_t) {
      progress.finished(report.label, report.passed ? "equal" : "MISMATCH");
    };
    FEWBIT_ASSIGN_OR_RETURN(reports, verify::verify(subjects, options));
    return report(console, reports, false);
  }

  /// Prints all reports, or only the failed ones where there are many.
  [[nodiscard]] Result<ExitCode> report(const Console& console,
                                        const std::vector<verify::VerifyReport>& reports,
                                        bool all) const {
    std::size_t passed = 0;
    std::uint64_t vectors = 0;
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const verify::VerifyReport& one : reports) {
      passed += one.passed ? 1 : 0;
      vectors += one.vectors;
      list.push_back(verify::to_json(one));
      if (all || !one.passed) {
        std::string text = verify::to_text(one);
        if (!text.ends_with('\n')) text += '\n';
        console.print(text);
      }
    }
    console.print(fmt::format("{} of {} designs equal to the model, {} operands compared\n", passed,
                              reports.size(), vectors));
    const std::string tool =
        !model_.empty() ? "gcc" : (simulator_ == "icarus" ? "iverilog" : "verilator");
    FEWBIT_ASSIGN_OR_RETURN(tool_version, !model_.empty()          ? verify::compiler_version()
                                          : simulator_ == "icarus" ? verify::icarus_version()
                                                                   : verify::verilator_version());
    console.document({{"passed", study::all_passed(reports)},
                      {"reports", list},
                      {"tools", {{"fewbit", version()}, {tool, tool_version}}}});
    return study::all_passed(reports) ? ExitCode::kOk : ExitCode::kMismatch;
  }

  RequestOptions request_;
  BlockOptions blocks_;
  bool axi_stream_ = false;
  std::string netlist_target_;
  std::string grid_;
  std::string ops_;
  std::string latencies_;
  std::string simulator_;
  std::string model_;
  std::string trace_;
  std::string keep_;
  std::string seed_;
  std::string jobs_;
};

}  // namespace

std::unique_ptr<Command> make_verify_command() { return std::make_unique<VerifyCommand>(); }

}  // namespace fewbit::cli
