// The options of blocks: see block_options.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/block_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <set>

#include "fewbit/cli/command.h"
#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit::cli {
namespace {

/// An option of two blocks is told of once, in the words of the first.
std::vector<std::pair<BlockParameter, std::string>> all_parameters() {
  std::vector<std::pair<BlockParameter, std::string>> all;
  for (const BlockInfo& info : block_table()) {
    for (const BlockParameter& parameter : info.parameters) {
      const auto found = std::find_if(all.begin(), all.end(), [&](const auto& known) {
        return known.first.option == parameter.option;
      });
      if (found == all.end()) {
        all.emplace_back(parameter, info.name);
      } else {
        found->second += ", " + info.name;
      }
    }
  }
  return all;
}

bool is_of_operators(const std::string& option) {
  const auto& table = option_table();
  return std::any_of(table.begin(), table.end(),
                     [&](const OptionInfo& info) { return info.name == option; });
}

}  // namespace

void BlockOptions::declare(CLI::App& app) {
  app_ = &app;
  for (const auto& [parameter, blocks] : all_parameters()) {
    if (is_of_operators(parameter.option)) continue;
    const std::string text = fmt::format("{}\n({})", parameter.meaning, blocks);
    app.add_option(parameter.option, text)->type_name(parameter.is_number() ? "N" : "WORD");
  }
}

Result<BlockSpec> BlockOptions::spec(const std::string& name,
                                     const std::vector<std::string>& others) const {
  BlockRequest request{name, {}};
  const BlockInfo* info = find_block(name);
  const auto is_mine = [&](const std::string& option) {
    return info != nullptr &&
           std::any_of(info->parameters.begin(), info->parameters.end(),
                       [&](const BlockParameter& known) { return known.option == option; });
  };
  for (const CLI::Option* option : app_->get_options()) {
    if (option->count() == 0 || !option->nonpositional()) continue;
    const std::string& given = option->get_name();
    const std::string value = option->results().front();
    if (is_mine(given)) {
      request.values[given] = value;
    } else if (!is_common_option(given) &&
               std::find(others.begin(), others.end(), given) == others.end()) {
      return Error{given, value, fmt::format("no {} for the block {}", given, name), ""};
    }
  }
  return make_block_spec(request);
}

Status BlockOptions::none_given(const std::string& op) const {
  std::vector<std::string> names;
  for (const OperatorInfo& info : operator_table()) names.push_back(info.name);
  for (const BlockInfo& info : block_table()) names.push_back(info.name);
  if (!op.empty() && std::find(names.begin(), names.end(), op) == names.end()) {
    return Error{"operator", op, fmt::format("{}", fmt::join(names, ", ")), ""};
  }
  for (const auto& [parameter, blocks] : all_parameters()) {
    if (is_of_operators(parameter.option)) continue;
    const CLI::Option* option = app_->get_option(parameter.option);
    if (option->count() == 0) continue;
    return Error{parameter.option, option->results().front(),
                 fmt::format("no {} for {}", parameter.option, op), "it is of " + blocks};
  }
  return Ok{};
}

std::string block_help() {
  std::string text = "Blocks, which take and send streams, each with its options:\n";
  for (const BlockInfo& info : block_table()) {
    text +=
        fmt::format("  {:<9}{}\n           {}\n          ", info.name, info.summary, info.contract);
    for (const BlockParameter& parameter : info.parameters) text += " " + parameter.option;
    text += "\n";
  }
  return text;
}

}  // namespace fewbit::cli
