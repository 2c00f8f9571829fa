// fewbit prove: optimized equals generic, netlists equal the RTL, a step adds exactly the product.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <optional>

#include "fewbit/cli/block_commands.h"
#include "fewbit/cli/block_options.h"
#include "fewbit/cli/command.h"
#include "fewbit/cli/meter.h"
#include "fewbit/cli/request_options.h"
#include "fewbit/cli/terminal.h"
#include "fewbit/cli/version.h"
#include "fewbit/flows/prove.h"
#include "fewbit/flows/study/proof.h"
#include "fewbit/flows/study/subjects.h"
#include "fewbit/gen/util/process.h"
#include "fewbit/gen/util/text.h"

namespace fewbit::cli {
namespace {

constexpr int kDefaultSeconds = 60;
constexpr int kMaxSeconds = 86400;

class ProveCommand : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "prove"; }
  [[nodiscard]] bool runs_tools(const std::string& /*name*/) const override { return true; }
  [[nodiscard]] std::string summary() const override {
    return "Prove an optimized operator equal to its reference, for all inputs and times";
  }
  void declare(CLI::App& app) override {
    request_.declare(app);
    blocks_.declare(app);
    app.add_flag("--axi-stream", axi_stream_,
                 "Of the operator with the ports that emit gives it the rules of streams");
    app.add_option("--netlist", netlist_target_,
                   "Also the netlists that synthesis for this target maps");
    app.add_option("--seconds", seconds_, "Time for each part of the proof; default: 60");
    app.footer(operator_help() + "\n" + block_help() +
               "\nExamples:\n"
               "  fewbit prove mul --a e4m3fn --b e4m3fn --result e4m3fn\n"
               "  fewbit prove mac --a int8 --b int8 --netlist ice40-hx8k\n"
               "  fewbit prove dot --a e4m3fn --b e4m3fn --lanes 4\n"
               "  fewbit prove mac --a int8 --b int8 --terms 1024 --axi-stream\n"
               "  fewbit prove fifo --data-bits 4 --depth 4");
  }
  Result<ExitCode> run(const Console& console) override {
    flows::ProofOptions options;
    options.seconds = kDefaultSeconds;
    if (!seconds_.empty()) {
      FEWBIT_ASSIGN_OR_RETURN(seconds, parse_integer("--seconds", seconds_, 1, kMaxSeconds));
      options.seconds = static_cast<int>(seconds);
    }
    options.progress = [&console](const std::string& part) { console.note("prove " + part); };
    if (find_block(request_.op) != nullptr) {
      FEWBIT_ASSIGN_OR_RETURN(block, blocks_.spec(request_, {"--netlist", "--seconds"}));
      return prove_block(console, block, netlist_target_, options);
    }
    FEWBIT_RETURN_IF_ERROR(blocks_.none_given(request_.op));
    if (request_.target_name.empty()) request_.target_name = netlist_target_;
    if (axi_stream_) {
      FEWBIT_ASSIGN_OR_RETURN(streaming, axi_stream_spec(request_));
      return prove_axi_stream(console, streaming, netlist_target_, options);
    }
    FEWBIT_ASSIGN_OR_RETURN(spec, request_.spec());
    if (spec.arch == Architecture::kGeneric) {
      return Error{"--arch", "generic", "optimized", "generic is what it is compared with"};
    }
    FEWBIT_RETURN_IF_ERROR(flows::provable(spec));
    flows::ProofInputs inputs = study::proof_inputs(spec);
    FEWBIT_ASSIGN_OR_RETURN(yosys, tool_version("yosys", "-V"));
    nlohmann::ordered_json tools{{"fewbit", version()}, {"yosys", yosys}};
    if (!netlist_target_.empty()) {
      FEWBIT_ASSIGN_OR_RETURN(target, flows::find_target(netlist_target_));
      FEWBIT_ASSIGN_OR_RETURN(netlists, flows::synthesize_netlists(inputs.optimized, target));
      inputs.netlists = std::move(netlists);
      tools[target.yosys] = inputs.netlists.front().yosys_version;
    }
    std::optional<Meter> meter("prove");
    options.progress = [&](const std::string& part) {
      if (terminal_columns() == 0) return console.note("prove " + part);
      meter->at(fmt::format("{} (at most {})", part, duration_text(options.seconds)));
    };
    FEWBIT_ASSIGN_OR_RETURN(parts, flows::prove(inputs, options));
    meter.reset();
    console.print(study::label_of(spec) + "\n" + proof_table(parts));
    const bool proved = flows::all_proved(parts);
    console.document({{"proved", proved},
                      {"command", inputs.optimized.signature.command},
                      {"parts", flows::to_json(parts)},
                      {"tools", tools}});
    return proved ? ExitCode::kOk : ExitCode::kMismatch;
  }

 private:
  RequestOptions request_;
  BlockOptions blocks_;
  bool axi_stream_ = false;
  std::string netlist_target_;
  std::string seconds_;
};

}  // namespace

std::unique_ptr<Command> make_prove_command() { return std::make_unique<ProveCommand>(); }

}  // namespace fewbit::cli
