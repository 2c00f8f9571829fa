// The options that say which operator is meant; shared by emit, verify and cost.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/request_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <sstream>

#include "fewbit/gen/spec/block_spec.h"
#include "fewbit/gen/spec/operator_request.h"

namespace fewbit::cli {
namespace {

constexpr std::size_t kColumns = 90;
constexpr std::size_t kOptionColumns = 60;  // of an option's description

/// The names of all operators, with a separator: "mul, add, sub".
std::string operator_names() {
  std::string names;
  for (const OperatorInfo& info : operator_table()) {
    names += (names.empty() ? "" : ", ") + info.name;
  }
  return names;
}

}  // namespace

std::string operator_help() {
  std::string text = "Operators, each with its options:\n";
  for (const OperatorInfo& info : operator_table()) {
    text += fmt::format("  {:<9}{}\n           {}\n", info.name, info.summary, info.contract);
    std::string line = "          ";
    for (const Option option : info.options) {
      const std::string& name = option_info(option).name;
      if (line.size() + 1 + name.size() > kColumns) {
        text += line + "\n";
        line = "          ";
      }
      line += " " + name;
    }
    text += line + "\n";
  }
  return text;
}

namespace {

/// Words between spaces, in lines of at most `columns`.
std::string wrapped(const std::string& text, std::size_t columns) {
  std::string lines;
  std::string line;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!line.empty() && line.size() + 1 + word.size() > columns) {
      lines += line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return lines + line;
}

}  // namespace

void RequestOptions::declare(CLI::App& app) {
  app.add_option("OP", op, wrapped("Operator: " + operator_names(), kOptionColumns));
  for (const OptionInfo& option : option_table()) {
    const bool is_word_list = option.values.find(',') != std::string::npos;
    std::string text = option.summary;
    if (is_word_list) text += ": " + option.values;
    if (!option.by_default.empty()) text += "; default: " + option.by_default;
    app.add_option(option.name, values_[option.option], wrapped(text, kOptionColumns))
        ->type_name(is_word_list ? "WORD" : option.values);
  }
  app.add_option("--target", target_name,
                 "Target whose cells the optimized structure is for;\ndefault: ice40-hx8k");
}

Result<flows::Target> RequestOptions::target() const {
  if (!liberty.empty() && !target_name.empty()) {
    return Error{"--target", target_name, "one of --target and --liberty",
                 "a library is a target of its own"};
  }
  if (!liberty.empty()) return flows::target_of_liberty(liberty);
  return flows::find_target(target_name.empty() ? kDefaultTarget : target_name);
}

Status RequestOptions::none_given(const std::string& legal) const {
  for (const OptionInfo& option : option_table()) {
    const auto found = values_.find(option.option);
    if (found != values_.end() && !found->second.empty()) {
      return Error{option.name, found->second, legal, ""};
    }
  }
  if (!target_name.empty()) return Error{"--target", target_name, legal, ""};
  return Ok{};
}

Result<OperatorRequest> RequestOptions::request() const {
  OperatorRequest request;
  request.op = op;
  for (const OptionInfo& option : option_table()) {
    const auto found = values_.find(option.option);
    if (found == values_.end() || found->second.empty()) continue;
    FEWBIT_RETURN_IF_ERROR(set_option(request, option, found->second));
  }
  FEWBIT_ASSIGN_OR_RETURN(chosen, target());
  FEWBIT_ASSIGN_OR_RETURN(fabric, flows::fabric_of(chosen));
  request.fabric = fabric;
  // First: what the fabric can do is no advice for a target of it that cannot.
  FEWBIT_RETURN_IF_ERROR(chosen.check_dsp(request.dsp));
  return request;
}

Result<OperatorSpec> RequestOptions::spec() const {
  FEWBIT_ASSIGN_OR_RETURN(request, this->request());
  if (find_block(op) != nullptr) {
    return Error{"OP", op, operator_names(), "a block; emit, verify, prove and cost take those"};
  }
  FEWBIT_ASSIGN_OR_RETURN(spec, make_operator_spec(request));
  FEWBIT_ASSIGN_OR_RETURN(chosen, target());
  FEWBIT_RETURN_IF_ERROR(chosen.check_blocks(spec));
  return spec;
}

}  // namespace fewbit::cli
