// fewbit emit: SystemVerilog of one operator or a list of them, file lists and signatures.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "fewbit/cli/block_commands.h"
#include "fewbit/cli/block_options.h"
#include "fewbit/cli/command.h"
#include "fewbit/cli/emission.h"
#include "fewbit/cli/progress.h"
#include "fewbit/cli/replacement.h"
#include "fewbit/cli/request_options.h"
#include "fewbit/flows/study/fmax_search.h"
#include "fewbit/flows/study/subjects.h"
#include "fewbit/flows/sweep/sweep_file.h"
#include "fewbit/gen/blocks/axi_stream.h"
#include "fewbit/gen/blocks/emit.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/json.h"
#include "fewbit/gen/util/text.h"

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
    app.add_option("--model", options_.models,
                   "Also a bit-exact model: c, a C99 header; dpi, the same for\n"
                   "SystemVerilog by DPI-C; with commas both")
        ->type_name("WORD");
    app.add_option("--testbench", options_.testbenches,
                   "Also a test bench with its vectors: sv, for any simulator;\n"
                   "cocotb, in Python; with commas both")
        ->type_name("WORD");
    app.add_option(
           "--with", options_.packages,
           "Also packages: core, for FuseSoC; edam, for Edalize; tcl, for\nVivado and Quartus; "
           "with commas several")
        ->type_name("WORD");
    app.add_option(
           "--list", list_,
           "Instead of OP: a file with requests, in YAML as for sweeps, or\nJSON; all into one "
           "folder, with a joint file list")
        ->type_name("FILE");
    app.add_option("--name", options_.naming.module,
                   "Name of the module; with --list that of the joint file list")
        ->type_name("NAME");
    app.add_option(
           "--prefix", options_.naming.prefix,
           "Before the name of every module, macro and include guard, so\nthat two releases of "
           "fewbit fit in one chip")
        ->type_name("PREFIX");
    app.add_flag("--no-cells", no_cells_, "Without the modules that designs share");
    app.add_flag("--absolute", absolute_,
                 "Absolute paths in file lists, for tools in other folders");
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
               "  fewbit emit fifo --data-bits 8 --depth 64 -o build/rtl\n"
               "  fewbit emit --list designs.yaml --prefix npu_ --with core -o build/rtl");
  }
  Result<ExitCode> run(const Console& console) override {
    FEWBIT_RETURN_IF_ERROR(set_options());
    if (find_block(request_.op) != nullptr) {
      FEWBIT_ASSIGN_OR_RETURN(
          block, blocks_.spec(request_, {"--output", "--force", "--with", "--name", "--prefix",
                                         "--no-cells", "--absolute"}));
      if (directory_.empty()) return Error{"-o", "", "a folder for the files", ""};
      FEWBIT_ASSIGN_OR_RETURN(code, write_one(make_emission(blocks::emit(block), {}, options_),
                                              console, contents_json(block)));
      console.print(contents_text(block));
      return code;
    }
    FEWBIT_RETURN_IF_ERROR(blocks_.none_given(request_.op));
    if (axi_stream_) return emit_axi_stream(console);
    if (!list_.empty()) return run_list(console);
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
    return write_one(make_emission(spec, options_), console);
  }

 private:
  /// `more` goes into the document.
  Result<ExitCode> write_one(const Result<Emission>& made, const Console& console,
                             const nlohmann::ordered_json& more = {}) const {
    FEWBIT_ASSIGN_OR_RETURN(emission, made);
    FEWBIT_RETURN_IF_ERROR(write({emission}, emission.files, console));
    nlohmann::ordered_json json{{"files", paths_of(emission.files)},
                                {"signature", signature_json(emission)}};
    if (!more.empty()) json.update(more);
    console.document(json);
    return ExitCode::kOk;
  }

  Result<ExitCode> emit_axi_stream(const Console& console) {
    for (const auto& [option, value] :
         {std::pair{"--fmax", fmax_}, std::pair{"--seeds", seeds_}, std::pair{"--list", list_},
          std::pair{"--model", options_.models}, std::pair{"--testbench", options_.testbenches}}) {
      if (!value.empty()) {
        return Error{option, value, fmt::format("no {} with --axi-stream", option), ""};
      }
    }
    FEWBIT_ASSIGN_OR_RETURN(spec, axi_stream_spec(request_));
    if (directory_.empty()) return Error{"-o", "", "a folder for the files", ""};
    return write_one(make_emission(blocks::emit_axi_stream(spec), {}, options_), console);
  }

  Status set_options() {
    options_.has_cells = !no_cells_;
    if (!absolute_ || directory_.empty()) return Ok{};
    std::error_code error;
    const std::filesystem::path folder = std::filesystem::absolute(directory_, error);
    if (error) return Error{"-o", directory_, "a folder for the files", error.message()};
    options_.list_folder = (folder.lexically_normal() / "").string();
    const auto is_odd = [](char c) { return c <= ' ' || std::strchr("\"'\\$*?#", c) != nullptr; };
    if (std::any_of(options_.list_folder.begin(), options_.list_folder.end(), is_odd)) {
      return Error{"-o", directory_, "with --absolute no blanks, quotes, \\, $, *, ? and #",
                   options_.list_folder + " would need quotes, which tools read in many ways"};
    }
    return Ok{};
  }

  /// The requests of --list.
  Result<ExitCode> run_list(const Console& console) {
    const std::string legal = "no other request with --list";
    if (!request_.op.empty()) return Error{"OP", request_.op, legal, ""};
    FEWBIT_RETURN_IF_ERROR(request_.none_given(legal));
    if (!fmax_.empty()) return Error{"--fmax", fmax_, "no --fmax with --list", ""};
    if (!seeds_.empty()) return Error{"--seeds", seeds_, "no --seeds without --fmax", ""};
    if (directory_.empty()) return Error{"-o", "", "a folder for the files", ""};
    FEWBIT_ASSIGN_OR_RETURN(text, read_file(list_));
    FEWBIT_ASSIGN_OR_RETURN(
        plan, sweep::parse_sweep(text, std::filesystem::path(list_).filename().string(),
                                 kMostDesigns, kDefaultTarget));
    std::vector<OperatorSpec> specs;
    for (const sweep::SweepJob& job : plan.jobs) specs.push_back(job.spec);
    FEWBIT_ASSIGN_OR_RETURN(all, make_emissions(specs, options_));
    FEWBIT_RETURN_IF_ERROR(write(all.designs, all.files, console));
    nlohmann::ordered_json signatures = nlohmann::ordered_json::array();
    for (const Emission& emission : all.designs) {
      signatures.push_back(signature_json(emission));
    }
    console.document({{"files", paths_of(all.files)}, {"signatures", signatures}});
    return ExitCode::kOk;
  }

  /// Writes files of designs and says so, unless a module of another request would go.
  Status write(const std::vector<Emission>& emissions, const std::vector<TextFile>& files,
               const Console& console) const {
    FEWBIT_RETURN_IF_ERROR(finish_any_commit(directory_));
    std::set<std::string> cells;
    for (const Emission& emission : emissions) {
      const Replacement replacement(directory_, emission.files);
      if (!force_) FEWBIT_RETURN_IF_ERROR(replacement.check(emission.signature));
      for (const std::string& cell : replacement.cells(emission.signature)) cells.insert(cell);
    }
    FEWBIT_RETURN_IF_ERROR(write_files(directory_, files));
    for (const std::string& cell : cells) {
      console.note(fmt::format("{} had another text and was replaced, for all modules of {}", cell,
                               directory_));
    }
    for (const Emission& emission : emissions) {
      const rtl::ModuleSignature& signature = emission.signature;
      console.print(fmt::format(
          "{} ({} for {} cells)\n  inputs   {}\n  outputs  {}\n  timing   {}\n", signature.module,
          signature.arch, signature.fabric, ports_text(signature, rtl::Direction::kInput),
          ports_text(signature, rtl::Direction::kOutput), timing_text(signature)));
    }
    for (const std::string& path : paths_of(files)) console.print("wrote " + path + "\n");
    return Ok{};
  }

  [[nodiscard]] std::vector<std::string> paths_of(const std::vector<TextFile>& files) const {
    std::vector<std::string> paths;
    for (const TextFile& file : files) {
      paths.push_back((std::filesystem::path(directory_) / file.name).string());
    }
    return paths;
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
    study::MeasureOptions options;
    FEWBIT_ASSIGN_OR_RETURN(seeds, parse_seeds(seeds_));
    options.seeds = seeds;
    FEWBIT_ASSIGN_OR_RETURN(jobs, parse_jobs(""));
    options.jobs = jobs;
    FEWBIT_ASSIGN_OR_RETURN(request, request_.request());
    const auto tried = [&console](int latency, const flows::CostPoint& cost) {
      const flows::Fmax& fmax = *cost.fmax_mhz;
      console.note(fmt::format("latency {}: {:.1f} MHz ({:.1f}..{:.1f}, {} of {} seeds), {} LUTs",
                               latency, fmax.median, fmax.min, fmax.max, fmax.ok,
                               fmax.ok + fmax.failed, cost.luts));
    };
    FEWBIT_ASSIGN_OR_RETURN(
        found, study::least_latency(request, target, static_cast<double>(mhz), options, tried));
    if (found.mismatch) {
      console.print(
          fmt::format("{}: hardware and model differ\n", study::label_of(*found.mismatch)));
    } else if (!found.spec) {
      console.print(fmt::format(
          "not reached: {} MHz on {} with up to {} cycles; {}; nothing written\n", mhz, target.name,
          kMostLatency,
          found.best_mhz > 0
              ? fmt::format("the best was {:.1f} MHz", found.best_mhz)
              : std::string("the delay model gives no latency a chance, so none was measured")));
    }
    return found.spec;
  }

  static constexpr long long kMostMhz = 2000;
  static constexpr std::size_t kMostDesigns = 10000;  ///< of a list
  std::string fmax_;
  std::string seeds_;
  RequestOptions request_;
  EmissionOptions options_;
  std::string list_;
  BlockOptions blocks_;
  bool axi_stream_ = false;
  std::string directory_;
  bool no_cells_ = false;
  bool absolute_ = false;
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Command> make_emit_command() { return std::make_unique<EmitCommand>(); }

}  // namespace fewbit::cli
