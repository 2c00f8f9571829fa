// fewbit: the command line. Parses, dispatches, and turns every ending into its exit code.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "fewbit/cli/command.h"
#include "fewbit/cli/terminal.h"
#include "fewbit/cli/version.h"
#include "fewbit/gen/util/interrupt.h"
#include "fewbit/gen/util/process.h"
#include "fewbit/gen/util/text.h"

namespace fewbit::cli {
namespace {

constexpr char kExamples[] =
    "Every command takes --json: one JSON document on stdout, messages on stderr;\n"
    "and --quiet: results and errors alone.\n"
    "Exit codes: 0 ok, 1 hardware and model differ or a proof failed, 2 bad request or\nmissing "
    "tool, "
    "130 interrupted.\n\n"
    "Examples:\n"
    "  fewbit explain e4m3fn\n"
    "  fewbit emit mac --a e4m3fn --b int4 --terms 4608 -o build/rtl\n"
    "  fewbit verify mul --a e2m3 --b e2m3\n"
    "  fewbit cost mac --a int4 --b int4 --target ice40-hx8k\n"
    "  fewbit help emit";

std::vector<std::unique_ptr<Command>> make_commands() {
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(make_formats_command());
  commands.push_back(make_explain_command());
  commands.push_back(make_emit_command());
  commands.push_back(make_verify_command());
  commands.push_back(make_cost_command());
  commands.push_back(make_prove_command());
  commands.push_back(make_mutate_command());
  commands.push_back(make_demo_command());
  commands.push_back(make_tune_command());
  commands.push_back(make_quant_command());
  commands.push_back(make_plan_command());
  commands.push_back(make_build_command());
  commands.push_back(make_hardware_command());
  commands.push_back(make_sweep_command());
  commands.push_back(make_best_command());
  commands.push_back(make_report_command());
  commands.push_back(make_completion_command());
  return commands;
}

bool any_command(const CLI::App* app) { return app != nullptr; }

/// The names a word could have meant: all options of the command, or all commands.
std::vector<std::string> legal_words(const CLI::App& app, bool options) {
  std::vector<std::string> words;
  if (options) {
    for (const CLI::Option* option : app.get_options()) {
      if (!option->nonpositional()) continue;
      words.push_back(option->get_name());
    }
  } else {
    for (const CLI::App* sub : app.get_subcommands(any_command)) {
      words.push_back(sub->get_name());
    }
  }
  return words;
}

/// Appends the commands below `app` that have the option of that name, as they are called.
void commands_with(const CLI::App& app, const std::string& before, const std::string& option,
                   std::vector<std::string>& found) {
  for (const CLI::App* sub : app.get_subcommands(any_command)) {
    const std::string called = before + " " + sub->get_name();
    if (sub->get_option_no_throw(option) != nullptr) found.push_back(called);
    commands_with(*sub, called, option, found);
  }
}

/// What the user may have meant by an option of `app`: one that its sister commands have, or else
/// any command has, or one of a like name.
std::string meant_by(const CLI::App& root, const CLI::App& app, const std::string& word,
                     const std::string& closest) {
  const std::string option = word.substr(0, word.find('='));
  std::vector<std::string> others;
  const CLI::App* parent = app.get_parent();
  if (parent != nullptr && parent != &root) {
    commands_with(*parent, "fewbit " + parent->get_name(), option, others);
  }
  if (others.empty()) commands_with(root, "fewbit", option, others);
  if (!others.empty()) return fmt::format("it is an option of {}", fmt::join(others, ", "));
  return closest.empty() ? std::string() : fmt::format("did you mean {}?", closest);
}

/// `fewbit quant run`: a command as it is called.
std::string called_as(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return parent == nullptr ? "fewbit" : called_as(*parent) + " " + app.get_name();
}

/// The Error of a word that the command line has no place for.
Error unexpected_word(const CLI::App& root, const CLI::App* selected, const std::string& word) {
  const bool is_option = word.size() > 1 && word[0] == '-';
  if (selected != nullptr && !is_option && selected->get_subcommands(any_command).empty()) {
    return Error{"argument", word, "no further argument",
                 fmt::format("see {} --help", called_as(*selected))};
  }
  const CLI::App& app = selected != nullptr ? *selected : root;
  const std::vector<std::string> legal = legal_words(app, is_option);
  const std::string closest = closest_word(word, legal);
  const std::string names = fmt::format("{}", fmt::join(legal, ", "));
  if (is_option) return Error{"option", word, names, meant_by(root, app, word, closest)};
  return Error{"command", word, names,
               closest.empty() ? std::string() : fmt::format("did you mean {}?", closest)};
}

const CLI::App* find_command(const CLI::App& root, const std::string& name) {
  for (const CLI::App* sub : root.get_subcommands(any_command)) {
    if (sub->get_name() == name) return sub;
  }
  return nullptr;
}

/// The command that was parsed, and its own command, if any.
std::vector<const CLI::App*> selected_commands(const CLI::App& root) {
  std::vector<const CLI::App*> chain;
  for (auto apps = root.get_subcommands(); !apps.empty(); apps = apps.front()->get_subcommands()) {
    chain.push_back(apps.front());
  }
  return chain;
}

/// The error, with the legal word that the user may have meant.
Error with_advice(Error error) {
  if (!error.detail.empty()) return error;
  std::string list = error.legal;
  for (std::size_t at = 0; (at = list.find(" or ", at)) != std::string::npos;) {
    list.replace(at, 4, ", ");
  }
  std::vector<std::string> words;
  for (std::string word : split_commas(list)) {
    word.erase(0, word.find_first_not_of(' '));
    words.push_back(word);
  }
  if (words.size() < 2) return error;
  const std::string closest = closest_word(error.value, words);
  if (!closest.empty()) error.detail = fmt::format("did you mean {}?", closest);
  return error;
}

/// --tool-minutes.
Status limit_tools(const std::string& text) {
  if (text.empty()) return Ok{};
  FEWBIT_ASSIGN_OR_RETURN(minutes, parse_integer("--tool-minutes", text, 1, 100000));
  set_tool_minutes(static_cast<double>(minutes));
  return Ok{};
}

int code_of(ExitCode code) { return static_cast<int>(code); }

constexpr char kJson[] = "--json";

/// Asked for anywhere: a line that cannot be parsed has its document too.
bool wants_json(const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(), [](const std::string& word) {
    return word == kJson || word.starts_with(std::string(kJson) + "=");
  });
}

/// Nothing where the words are a command; `help COMMAND` becomes `COMMAND --help`.
std::optional<int> answer_help(const CLI::App& root, std::vector<std::string>& words,
                               Console& console) {
  if (words.empty()) {  // help, as git gives it; but nothing was done
    console.print(root.help());
    return code_of(console.finish(ExitCode::kBadRequest));
  }
  if (words[0] != "help") return std::nullopt;
  words.erase(words.begin());
  if (!words.empty() && find_command(root, words[0]) == nullptr) {
    return code_of(console.fail(unexpected_word(root, nullptr, words[0])));
  }
  words.emplace_back("--help");
  return std::nullopt;
}

int run(std::vector<std::string> words, Console& console) {
  CLI::App root(
      "fewbit emits SystemVerilog for minifloat and integer arithmetic, verifies it\n"
      "against a bit-exact model and measures what it costs on an FPGA.");
  root.name("fewbit");
  root.set_version_flag("--version", fmt::format("fewbit {}", described_version()));
  root.footer(kExamples);
  root.require_subcommand(0, 1);
  root.allow_extras();

  bool json = false;  // for CLI11 alone: `console` knows
  bool quiet = false;
  std::string tool_minutes;
  const std::vector<std::unique_ptr<Command>> commands = make_commands();
  for (const auto& command : commands) {
    CLI::App* app = root.add_subcommand(command->name(), command->summary());
    command->declare(*app);
    std::vector<CLI::App*> apps = app->get_subcommands([](CLI::App*) { return true; });
    apps.push_back(app);
    for (CLI::App* one : apps) {
      one->add_flag(kJson, json, "One JSON document on stdout");
      one->add_flag("--quiet", quiet, "Results and errors alone, no progress and no remarks");
      if (command->runs_tools(one->get_name())) {
        one->add_option("--tool-minutes", tool_minutes,
                        "End a tool that takes longer; for place and route 30 at least.\n"
                        "Default: simulation 60, synthesis 120, place and route 240");
      }
      one->allow_extras();
    }
  }
  root.add_subcommand("help", "Show the help of fewbit, or of the command that follows");

  if (const std::optional<int> code = answer_help(root, words, console)) return *code;
  try {
    std::reverse(words.begin(), words.end());  // as CLI11 takes them
    root.parse(words);
  } catch (const CLI::Success& success) {  // --help, --version
    std::ostringstream text;
    root.exit(success, text, text);
    console.print(text.str());
    console.document({{"text", text.str()}});
    return code_of(console.finish(ExitCode::kOk));
  } catch (const CLI::ParseError& error) {
    const std::vector<const CLI::App*> named = selected_commands(root);
    return code_of(console.fail(
        Error{"command line", error.what(), "every option with one value",
              fmt::format("see {} --help", named.empty() ? "fewbit" : called_as(*named.back()))}));
  }
  const std::vector<const CLI::App*> selected = selected_commands(root);
  if (!root.remaining().empty() || selected.empty()) {
    const std::string word = root.remaining().empty() ? "" : root.remaining().front();
    return code_of(
        console.fail(unexpected_word(root, selected.empty() ? nullptr : selected.back(), word)));
  }
  for (const CLI::App* app : selected) {
    if (app->remaining().empty()) continue;
    return code_of(console.fail(unexpected_word(root, app, app->remaining().front())));
  }

  if (const Status set = limit_tools(tool_minutes); !set.ok()) {
    return code_of(console.fail(set.error()));
  }
  set_quiet(quiet);
  install_interrupt_handler();
  for (const auto& command : commands) {
    if (command->name() != selected.front()->get_name()) continue;
    const Result<ExitCode> result = command->run(console);
    if (interrupted()) {
      say_interrupted();
      console.document({{"error", {{"message", "interrupted"}}}});
      return code_of(ExitCode::kInterrupted);
    }
    if (!result.ok()) return code_of(console.fail(with_advice(result.error())));
    return code_of(console.finish(*result));
  }
  FEWBIT_CHECK(false, "command {} is declared and not registered", selected.front()->get_name());
}

}  // namespace
}  // namespace fewbit::cli

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  fewbit::cli::Console console;
  console.set_json(fewbit::cli::wants_json(words));
  try {
    return fewbit::cli::run(words, console);
  } catch (const std::exception& error) {
    const std::string message = fmt::format("internal error: {}", error.what());
    console.warn(message);
    console.document({{"error", {{"message", message}}}});
    return static_cast<int>(fewbit::cli::ExitCode::kInternal);
  }
}
