// fewbit completion: scripts for bash, zsh and fish, which ask the command itself what may follow;
// and the man page.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "fewbit/cli/command.h"
#include "fewbit/cli/version.h"
#include "fewbit/flows/cost.h"
#include "fewbit/gen/spec/block_spec.h"
#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/text.h"

namespace fewbit::cli {
namespace {

constexpr char kKinds[] = "bash, zsh, fish, man, words";

// Each hands the words of the line, the last of them incomplete, to `fewbit completion words`,
// 0x1f between them.
// Where nothing comes back the shell offers files.
constexpr char kBash[] = R"sh(# bash completion of fewbit, written by `fewbit completion bash`
_fewbit() {
  local IFS=$'\x1f'
  local line="${COMP_WORDS[*]:1:COMP_CWORD}"
  IFS=$'\n'
  COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" completion words --line="$line" 2> /dev/null)" \
    -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _fewbit fewbit
)sh";
constexpr char kZsh[] = R"sh(#compdef fewbit
# zsh completion of fewbit, written by `fewbit completion zsh`
_fewbit() {
  local -a candidates
  candidates=("${(@f)$("${words[1]}" completion words --line="${(pj:\x1f:)words[2,CURRENT]}" 2> /dev/null)}")
  if [[ -n "${candidates[1]}" ]]; then
    compadd -- "${candidates[@]}"
  else
    _files
  fi
}
if [[ "${zsh_eval_context[-1]}" == loadautofunc ]]; then
  _fewbit "$@"
else
  compdef _fewbit fewbit
fi
)sh";
constexpr char kFish[] = R"sh(# fish completion of fewbit, written by `fewbit completion fish`
complete -c fewbit -a '(set -l line (commandline -opc) (commandline -ct); fewbit completion words --line=(string join \x1f -- $line[2..-1] | string collect) 2> /dev/null)'
)sh";

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const CatalogueEntry& entry : format_catalogue()) {
    names.push_back(entry.name);
    names.insert(names.end(), entry.aliases.begin(), entry.aliases.end());
  }
  return names;
}

std::vector<std::string> operator_names() {
  std::vector<std::string> names;
  for (const OperatorInfo& info : operator_table()) names.push_back(info.name);
  return names;
}

/// "a, b, c" as its words; none where it is the name of a kind of values, as "FORMAT" and "N" are.
std::vector<std::string> words_of(const std::string& values) {
  if (values.find(", ") == std::string::npos) return {};
  std::vector<std::string> words;
  std::size_t begin = 0;
  while (begin < values.size()) {
    const std::size_t end = std::min(values.find_first_of(",;", begin), values.size());
    words.push_back(values.substr(begin, end - begin));
    begin = std::min(values.find_first_not_of(",; ", end), values.size());
  }
  return words;
}

/// What an option takes.
std::vector<std::string> values_of(const std::string& option) {
  if (option == "--target") {
    std::vector<std::string> names;
    for (const flows::Target& target : flows::targets()) names.push_back(target.name);
    return names;
  }
  for (const OptionInfo& info : option_table()) {
    if (info.name == option)
      return info.values == "FORMAT" ? format_names() : words_of(info.values);
  }
  for (const BlockInfo& info : block_table()) {
    for (const BlockParameter& parameter : info.parameters) {
      if (parameter.option != option) continue;
      return parameter.is_format() ? format_names() : words_of(parameter.words);
    }
  }
  return {};
}

bool is_any(const CLI::App* /*app*/) { return true; }

/// The words that may stand where the last of `line` is. Nothing where files may.
std::vector<std::string> candidates(const CLI::App& root, const std::vector<std::string>& line) {
  const CLI::App* app = &root;
  std::size_t next = 0;
  while (next + 1 < line.size()) {
    const auto commands = app->get_subcommands(is_any);
    const auto found = std::find_if(commands.begin(), commands.end(), [&](const CLI::App* command) {
      return command->get_name() == line[next];
    });
    if (found == commands.end()) break;
    app = *found;
    ++next;
  }
  const std::string last = line.empty() ? "" : line.back();
  const std::string before = line.size() < 2 ? "" : line[line.size() - 2];
  std::vector<std::string> words;
  if (before.starts_with("--")) {
    words = values_of(before);
    const CLI::Option* option = app->get_option_no_throw(before);
    if (!words.empty() || (option != nullptr && option->get_items_expected_max() > 0)) return words;
  }
  if (last.starts_with("-")) {
    for (const CLI::Option* option : app->get_options()) {
      if (option->nonpositional()) words.push_back(option->get_name());
    }
    return words;
  }
  for (const CLI::App* command : app->get_subcommands(is_any)) words.push_back(command->get_name());
  if (next + 1 >= line.size() && app->get_option_no_throw("OP") != nullptr) {
    words = operator_names();
    const bool has_blocks =
        app->get_option_no_throw(block_table()[0].parameters[0].option) != nullptr;
    for (const BlockInfo& info : block_table()) {
      if (has_blocks) words.push_back(info.name);
    }
  }
  if (app->get_name() == "explain") words = format_names();
  return words;
}

/// Text as roff prints it: no line is a request, no backslash an escape.
std::string roff(const std::string& text) {
  std::string escaped;
  bool begins_line = true;
  for (const char c : text) {
    if (begins_line && (c == '.' || c == '\'')) escaped += "\\&";
    escaped += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
    begins_line = c == '\n';
  }
  return escaped;
}

std::string man_page(const CLI::App& root) {
  std::string page = fmt::format(
      ".TH FEWBIT 1 \"\" \"fewbit {}\" \"User Commands\"\n.SH NAME\nfewbit \\- minifloat and "
      "integer "
      "arithmetic as SystemVerilog\n.SH SYNOPSIS\n.B fewbit\n.I COMMAND\n[\\fIOPTIONS\\fR]\n"
      ".SH DESCRIPTION\n{}\n.SH COMMANDS\n",
      version(), roff(root.get_description()));
  for (const CLI::App* command : root.get_subcommands(is_any)) {
    page += fmt::format(".SS {}\n.nf\n{}.fi\n", roff(command->get_name()), roff(command->help()));
    for (const CLI::App* sub : command->get_subcommands(is_any)) {
      page += fmt::format(".SS {} {}\n.nf\n{}.fi\n", roff(command->get_name()),
                          roff(sub->get_name()), roff(sub->help()));
    }
  }
  return page + fmt::format(".SH NOTES\n.nf\n{}\n.fi\n", roff(root.get_footer()));
}

class CompletionCommand : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "completion"; }
  [[nodiscard]] std::string summary() const override {
    return "Write completions for a shell, or the man page";
  }
  void declare(CLI::App& app) override {
    app_ = &app;
    app.add_option("KIND", kind_, std::string("What to write: ") + kKinds)->required();
    app.add_option("--line", line_, "words: those of the line so far, 0x1f between them");
    app.add_option("-o,--output", output_, "File to write; default: stdout");
    app.footer(
        "Examples:\n"
        "  source <(fewbit completion bash)\n"
        "  fewbit completion man -o fewbit.1");
  }
  Result<ExitCode> run(const Console& console) override {
    FEWBIT_ASSIGN_OR_RETURN(text, text_of(*app_->get_parent()));
    if (!output_.empty()) {
      FEWBIT_RETURN_IF_ERROR(write_file(output_, text));
    } else {
      console.data(text);
    }
    console.document({{"kind", kind_}, {"text", text}});
    return ExitCode::kOk;
  }

 private:
  [[nodiscard]] Result<std::string> text_of(const CLI::App& root) const {
    if (kind_ != "words" && !line_.empty()) {
      return Error{"--line", line_, "no such option", "words alone takes it"};
    }
    if (kind_ == "bash") return std::string(kBash);
    if (kind_ == "zsh") return std::string(kZsh);
    if (kind_ == "fish") return std::string(kFish);
    if (kind_ == "man") return man_page(root);
    if (kind_ != "words") return Error{"KIND", kind_, kKinds, ""};
    std::string text;
    std::vector<std::string> line;
    for (std::size_t begin = 0; begin <= line_.size();) {
      const std::size_t end = std::min(line_.find('\x1f', begin), line_.size());
      line.push_back(line_.substr(begin, end - begin));
      begin = end + 1;
    }
    for (const std::string& word : candidates(root, line)) text += word + "\n";
    return text;
  }

  const CLI::App* app_ = nullptr;
  std::string kind_, line_, output_;
};

}  // namespace

std::unique_ptr<Command> make_completion_command() { return std::make_unique<CompletionCommand>(); }

}  // namespace fewbit::cli
