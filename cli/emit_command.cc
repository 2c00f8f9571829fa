// fewbit emit: SystemVerilog of one operator, its file list and its signature.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "fewbit/cli/block_commands.h"
#include "fewbit/cli/block_options.h"
#include "fewbit/cli/command.h"
#include "fewbit/cli/companions.h"
#include "fewbit/cli/fmax_search.h"
#include "fewbit/cli/progress.h"
#include "fewbit/cli/request_options.h"
#include "fewbit/cli/text.h"
#include "fewbit/gen/blocks/axi_stream.h"
#include "fewbit/gen/blocks/emit.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/json.h"

namespace fewbit::cli {
namespace {

std::string ports_text(const rtl::ModuleSignature& signature, rtl::Direction direction) {
  std::string text;
  for (const rtl::PortSignature& port : signature.ports) {
    if (port.direction != direction) continue;
    text += (text.empty() ? "" : ", ") + port.name;
    if (port.width_bits > 1) text += fmt::format("[{}:0]", port.width_bits - 1);
    if (!port.format.empty()) text += " " + port.format;
  }
  return text;
}

std::string timing_text(const rtl::ModuleSignature& signature) {
  if (!signature.is_clocked()) return "combinational";
  if (signature.latency_cycles == 0) {  // of streams: beats come when they come
    return fmt::format("at most a beat every cycle, reset {}", signature.reset);
  }
  return fmt::format("latency {} cycle{}, a new operand every {}, reset {}",
                     signature.latency_cycles, signature.latency_cycles == 1 ? "" : "s",
                     signature.initiation_interval == 1
                         ? "cycle"
                         : fmt::format("{} cycles", signature.initiation_interval),
                     signature.reset);
}

/// What `fewbit emit` would replace in a folder and should not in silence.
class Replacement {
 public:
  Replacement(std::filesystem::path directory, const std::vector<TextFile>& files)
      : directory_(std::move(directory)) {
    for (const TextFile& file : files) {
      const Result<std::string> there = read_file(directory_ / file.name);
      if (there.ok() && *there != file.text) different_.push_back(file.name);
    }
  }

  /// An Error where a file of the module is not of this request: options that do not show in the
  /// name of the module, as --target, make other hardware.
  [[nodiscard]] Status check(const rtl::ModuleSignature& signature) const {
    for (const std::string& name : different_) {
      if (!is_of(signature, name)) continue;
      const std::string command = command_of(signature.module);
      if (command == signature.command) return Ok{};  // another version of fewbit wrote it
      return Error{
          "-o", (directory_ / name).string(), "a folder without the module of another request",
          fmt::format("it is {}; --force replaces it",
                      command.empty() ? "no file of a request that is known" : "of " + command)};
    }
    return Ok{};
  }

  /// Cells that modules of the folder share, of another version of fewbit or changed by hand.
  [[nodiscard]] std::vector<std::string> cells(const rtl::ModuleSignature& signature) const {
    std::vector<std::string> names;
    for (const std::string& name : different_) {
      if (!is_of(signature, name)) names.push_back(name);
    }
    return names;
  }

 private:
  /// Whether the module alone has the file; the others that it instantiates are shared cells.
  static bool is_of(const rtl::ModuleSignature& signature, const std::string& name) {
    return name == signature.module + ".sv" ||
           std::none_of(signature.files.begin(), signature.files.end(),
                        [&](const rtl::FileSignature& file) { return file.name == name; });
  }

  /// The request that the signature in the folder names, or "".
  [[nodiscard]] std::string command_of(const std::string& module) const {
    const Result<std::string> text = read_file(directory_ / (module + ".json"));
    const auto json = parse_json<nlohmann::json>(text.ok() ? *text : "");
    const bool has_command = json.is_object() && json.contains("command");
    return has_command && json["command"].is_string() ? json["command"].get<std::string>() : "";
  }

  std::filesystem::path directory_;
  std::vector<std::string> different_;
};

class EmitCommand : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "emit"; }
  [[nodiscard]] bool runs_tools(const std::string& /*name*/) const override { return true; }
  [[nodiscard]] std::string summary() const override {
    return "Write the SystemVerilog of an operator, its file list and its signature";
  }
  void declare(CLI::App& app) override {
    request_.declare(app);
    blocks_.declare(app);
    app.add_flag("--axi-stream", axi_stream_,
                 "AXI4-Stream ports around the operator: s_axis_* and m_axis_*");
    app.add_option("--fmax", fmax_,
                   "MHz: instead of --latency, the least that reaches it on --target,\n"
                   "found by place and route (median of --seeds runs), the netlist verified");
    app.add_option("--seeds", seeds_, "Place-and-route runs for --fmax; default: 5");
    app.add_option("--model", models_,
                   "Also a bit-exact model: c, a C99 header; dpi, the same for\n"
                   "SystemVerilog by DPI-C; with commas both")
        ->type_name("WORD");
    app.add_option("--testbench", testbenches_,
                   "Also a test bench with its vectors: sv, for any simulator;\n"
                   "cocotb, in Python; with commas both")
        ->type_name("WORD");
    app.add_option("-o,--output", directory_, "Folder for the files; made if missing");
    app.add_flag("--force", force_, "Replace the module of another request in that folder");
    app.footer(operator_help() + "\n" + block_help() +
               "\nExamples:\n"
               "  fewbit emit mac --a e4m3fn --b int4 --terms 4608 -o build/rtl\n"
               "  fewbit emit mul --a e5m2 --b e5m2 --result e5m2 -o build/rtl\n"
               "  fewbit emit mac --a int4 --b int4 --terms 4608 --fmax 210 -o build/rtl\n"
               "  fewbit emit mul --a e5m2 --b e5m2 --model c --testbench sv -o build/rtl\n"
               "  fewbit emit acc --a int8 --acc-width 24 --overflow wrap -o build/rtl\n"
               "  fewbit emit mac --a int8 --b int8 --axi-stream -o build/rtl\n"
               "  fewbit emit fifo --data-bits 8 --depth 64 -o build/rtl");
  }
  Result<ExitCode> run(const Console& console) override {
    if (find_block(request_.op) != nullptr) {
      FEWBIT_ASSIGN_OR_RETURN(block, blocks_.spec(request_.op, {"--output", "--force"}));
      if (directory_.empty()) return Error{"-o", "", "a folder for the files", ""};
      return write(console, blocks::emit(block), {});
    }
    FEWBIT_RETURN_IF_ERROR(blocks_.none_given(request_.op));
    if (axi_stream_) return emit_axi_stream(console);
    FEWBIT_ASSIGN_OR_RETURN(requested, request_.spec());
    if (directory_.empty()) return Error{"-o", "", "a folder for the files", ""};
    OperatorSpec spec = requested;
    if (fmax_.empty() && !seeds_.empty()) {
      return Error{"--seeds", seeds_, "no --seeds without --fmax", ""};
    }
    if (!fmax_.empty()) {
      FEWBIT_ASSIGN_OR_RETURN(found, search(console));
      if (!found) return ExitCode::kMismatch;
      spec = *found;
    }
    rtl::EmittedDesign design = ops::emit(spec);
    FEWBIT_ASSIGN_OR_RETURN(beside, companions(spec, models_, testbenches_, design.signature));
    return write(console, design, beside);
  }

 private:
  Result<ExitCode> emit_axi_stream(const Console& console) {
    for (const auto& [option, value] :
         {std::pair{"--fmax", fmax_}, std::pair{"--seeds", seeds_}, std::pair{"--model", models_},
          std::pair{"--testbench", testbenches_}}) {
      if (!value.empty()) {
        return Error{option, value, fmt::format("no {} with --axi-stream", option), ""};
      }
    }
    FEWBIT_ASSIGN_OR_RETURN(spec, axi_stream_spec(request_));
    if (directory_.empty()) return Error{"-o", "", "a folder for the files", ""};
    return write(console, blocks::emit_axi_stream(spec), {});
  }

  /// Writes the design's files and those `beside`, and says what they are.
  Result<ExitCode> write(const Console& console, const rtl::EmittedDesign& design,
                         const std::vector<TextFile>& beside) {
    std::vector<TextFile> files = ops::output_files(design);
    files.insert(files.end(), beside.begin(), beside.end());
    const rtl::ModuleSignature& signature = design.signature;
    FEWBIT_RETURN_IF_ERROR(finish_any_commit(directory_));
    const Replacement replacement(directory_, files);
    if (!force_) FEWBIT_RETURN_IF_ERROR(replacement.check(signature));
    FEWBIT_RETURN_IF_ERROR(write_files(directory_, files));
    for (const std::string& cell : replacement.cells(signature)) {
      console.note(fmt::format("{} had another text and was replaced, for all modules of {}", cell,
                               directory_));
    }
    console.print(fmt::format(
        "{} ({} for {} cells)\n  inputs   {}\n  outputs  {}\n  timing   {}\n", signature.module,
        signature.arch, signature.fabric, ports_text(signature, rtl::Direction::kInput),
        ports_text(signature, rtl::Direction::kOutput), timing_text(signature)));
    nlohmann::ordered_json paths = nlohmann::ordered_json::array();
    for (const TextFile& file : files) {
      const std::string path = (std::filesystem::path(directory_) / file.name).string();
      console.print("wrote " + path + "\n");
      paths.push_back(path);
    }
    console.document({{"files", paths}, {"signature", rtl::to_json(signature)}});
    return ExitCode::kOk;
  }

  /// The request with the least latency that reaches --fmax; nothing where none does.
  Result<std::optional<OperatorSpec>> search(const Console& console) {
    FEWBIT_ASSIGN_OR_RETURN(mhz, parse_integer("--fmax", fmax_, 1, kMostMhz));
    FEWBIT_ASSIGN_OR_RETURN(target, request_.target());
    if (target.nextpnr.empty()) {
      return Error{"--target", target.name, "a target with place and route", "for --fmax"};
    }
    const std::string dsp = request_.value(Option::kDsp);
    if (!target.times_dsps && !dsp.empty() && dsp != "none") {
      return Error{
          "--fmax", fmax_, "no --fmax with --dsp",
          fmt::format("{} does not time a hard multiplier of {}", target.nextpnr, target.name)};
    }
    if (!request_.value(Option::kLatency).empty()) {
      return Error{"--latency", request_.value(Option::kLatency), "no --latency with --fmax", ""};
    }
    MeasureOptions options;
    FEWBIT_ASSIGN_OR_RETURN(seeds, parse_seeds(seeds_));
    options.seeds = seeds;
    FEWBIT_ASSIGN_OR_RETURN(jobs, parse_jobs(""));
    options.jobs = jobs;
    return least_latency(request_, target, static_cast<double>(mhz), options, console);
  }

  static constexpr long long kMostMhz = 2000;
  std::string fmax_;
  std::string seeds_;
  RequestOptions request_;
  BlockOptions blocks_;
  bool axi_stream_ = false;
  std::string models_;
  std::string testbenches_;
  std::string directory_;
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Command> make_emit_command() { return std::make_unique<EmitCommand>(); }

}  // namespace fewbit::cli
