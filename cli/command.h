// Command: one word of the command line with its options and what it does.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fewbit/cli/console.h"
#include "fewbit/gen/util/result.h"

namespace CLI {
class App;
}

namespace fewbit::cli {

/// Options that every command has. They say how a command is run, never what is asked for: no
/// request and no row names them.
inline bool is_common_option(const std::string& name) {
  return name == "--help" || name == "--json" || name == "--quiet" || name == "--tool-minutes";
}

class Command {
 public:
  Command() = default;
  virtual ~Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  [[nodiscard]] virtual std::string name() const = 0;
  [[nodiscard]] virtual std::string summary() const = 0;
  /// Adds the command's options and the examples of its help text.
  virtual void declare(CLI::App& app) = 0;
  /// Whether it, or its command of that name, runs programs whose time --tool-minutes limits.
  [[nodiscard]] virtual bool runs_tools(const std::string& /*name*/) const { return false; }
  /// Does it. An Error is a request that cannot be served (exit code 2).
  virtual Result<ExitCode> run(const Console& console) = 0;
};

std::unique_ptr<Command> make_formats_command();
std::unique_ptr<Command> make_explain_command();
std::unique_ptr<Command> make_emit_command();
std::unique_ptr<Command> make_verify_command();
std::unique_ptr<Command> make_cost_command();
std::unique_ptr<Command> make_prove_command();
std::unique_ptr<Command> make_plan_command();
std::unique_ptr<Command> make_build_command();
std::unique_ptr<Command> make_mutate_command();
std::unique_ptr<Command> make_demo_command();
std::unique_ptr<Command> make_hardware_command();
std::unique_ptr<Command> make_quant_command();
std::unique_ptr<Command> make_tune_command();
std::unique_ptr<Command> make_sweep_command();
std::unique_ptr<Command> make_best_command();
std::unique_ptr<Command> make_report_command();
std::unique_ptr<Command> make_completion_command();

}  // namespace fewbit::cli
