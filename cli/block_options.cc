// The options of blocks: see block_options.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/block_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <set>

#include "fewbit/cli/command.h"
#include "fewbit/cli/contents_file.h"
#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit::cli {
namespace {

/// An option of several blocks is told of once: each meaning, and who has it.
struct Described {
  BlockParameter parameter;                                   ///< of the first block
  std::vector<std::pair<std::string, std::string>> meanings;  ///< and the names of its blocks

  [[nodiscard]] std::string text() const {
    std::string all;
    for (const auto& [meaning, blocks] : meanings) {
      all += fmt::format("{}{}\n({})", all.empty() ? "" : "\n", meaning, blocks);
    }
    return all;
  }
  [[nodiscard]] std::string blocks() const {
    std::string all;
    for (const auto& [meaning, blocks] : meanings) all += (all.empty() ? "" : ", ") + blocks;
    return all;
  }
};

std::vector<Described> all_parameters() {
  std::vector<Described> all;
  for (const BlockInfo& info : block_table()) {
    for (const BlockParameter& parameter : info.parameters) {
      auto found = std::find_if(all.begin(), all.end(), [&](const Described& known) {
        return known.parameter.option == parameter.option;
      });
      if (found == all.end()) found = all.insert(all.end(), Described{parameter, {}});
      auto& meanings = found->meanings;
      const auto same = std::find_if(meanings.begin(), meanings.end(), [&](const auto& known) {
        return known.first == parameter.meaning;
      });
      if (same == meanings.end()) {
        meanings.emplace_back(parameter.meaning, info.name);
      } else {
        same->second += ", " + info.name;
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
  for (const Described& one : all_parameters()) {
    const std::string& option = one.parameter.option;
    if (is_of_operators(option) || app.get_option_no_throw(option) != nullptr) continue;
    const std::string text = one.text();
    app.add_option(option, text)->type_name(one.parameter.type_name());
  }
}

Result<BlockSpec> BlockOptions::spec(const RequestOptions& asked,
                                     const std::vector<std::string>& others) const {
  const std::string& name = asked.op;
  BlockRequest request{name, {}};
  const BlockInfo* info = find_block(name);
  const bool is_layer = info != nullptr && info->is_layer;
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
    } else if (!is_common_option(given) && !(is_layer && given == "--target") &&
               std::find(others.begin(), others.end(), given) == others.end()) {
      return Error{given, value, fmt::format("no {} for the block {}", given, name), ""};
    }
  }
  if (!is_layer) return make_block_spec(request);
  FEWBIT_ASSIGN_OR_RETURN(target, asked.target());
  FEWBIT_ASSIGN_OR_RETURN(fabric, flows::fabric_of(target));
  request.fabric = fabric;
  request.target = asked.target_name;
  const auto dsp = request.values.find("--dsp");
  if (dsp != request.values.end()) FEWBIT_RETURN_IF_ERROR(target.check_dsp(dsp->second));
  for (const BlockParameter& parameter : info->parameters) {
    const auto path = request.values.find(parameter.option);
    if (!parameter.is_file() || path == request.values.end()) continue;
    FEWBIT_ASSIGN_OR_RETURN(contents, read_contents(parameter.option, path->second));
    request.contents[parameter.option] = contents;
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
  for (const Described& one : all_parameters()) {
    const std::string& name = one.parameter.option;
    if (is_of_operators(name)) continue;
    const CLI::Option* option = app_->get_option(name);
    if (option->count() == 0) continue;
    return Error{name, option->results().front(), fmt::format("no {} for {}", name, op),
                 "it is of " + one.blocks()};
  }
  return Ok{};
}

std::string block_help() {
  constexpr std::size_t kColumns = 90;
  constexpr std::size_t kIndent = 13;
  std::string text =
      "Blocks, which take and send streams, each with what can be done with it and its options:\n";
  for (const BlockInfo& info : block_table()) {
    text += fmt::format("  {:<11} {}\n              {}\n              {}\n             ", info.name,
                        info.summary, info.contract, info.verbs());
    std::size_t column = kIndent;
    for (const BlockParameter& parameter : info.parameters) {
      if (column + 1 + parameter.option.size() > kColumns) {
        text += "\n" + std::string(kIndent, ' ');
        column = kIndent;
      }
      text += " " + parameter.option;
      column += 1 + parameter.option.size();
    }
    text += "\n";
  }
  return text;
}

}  // namespace fewbit::cli
