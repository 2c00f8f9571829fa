// The blocks, their parameters, and requests for them.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/block_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

#include "fewbit/gen/spec/layer_spec.h"
#include "fewbit/gen/util/check.h"

namespace fewbit {
namespace {

constexpr int kMaxDepth = 65536;
constexpr int kMaxBeats = 16384;
constexpr long long kMaxReplayed = 1 << 20;  // what verification can simulate
/// Up to so many places a fifo is of registers where nothing else is asked for.
constexpr int kRegisterDepth = 4;
constexpr int kLeastMemoryDepth = 4;

/// The words between ", ".
std::vector<std::string> words_of(const std::string& list) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < list.size();) {
    const std::size_t end = std::min(list.find(", ", begin), list.size());
    words.push_back(list.substr(begin, end - begin));
    begin = end + 2;
  }
  return words;
}

/// A path that can stand in a comment of emitted text and in a command.
Result<std::string> checked_path(const std::string& option, const std::string& path) {
  const auto is_odd = [](char c) { return c < ' ' || c > '~' || c == '\'' || c == '\\'; };
  if (!path.empty() && std::none_of(path.begin(), path.end(), is_odd)) return path;
  return Error{option, path, "a path of printable ASCII characters but ' and \\",
               "it is named in what is emitted"};
}

Result<std::string> checked(const BlockParameter& parameter, const std::string& text) {
  const Error error{parameter.option, text, parameter.legal(), ""};
  if (parameter.is_format()) return text;
  if (parameter.is_file()) return checked_path(parameter.option, text);
  if (parameter.is_choice()) {
    const std::vector<std::string> words = words_of(parameter.words);
    if (std::find(words.begin(), words.end(), text) == words.end()) return error;
    return text;
  }
  long long number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = failed == std::errc() && end == text.data() + text.size();
  if (!is_number || number < parameter.least || number > parameter.most) return error;
  return std::to_string(number);
}

/// Defaults that follow from other parameters, for those that were not given.
void fill_in(BlockSpec& spec) {
  const auto set = [&](const char* option, const std::string& value) {
    spec.values.emplace(option, value);
  };
  if (spec.kind == BlockKind::kFifo) {
    set("--storage", spec.number("--depth") <= kRegisterDepth ? "registers" : "any");
  }
  if (spec.kind == BlockKind::kRepack) {
    set("--last-values", std::to_string(spec.number("--in-values")));
  }
  if (spec.kind == BlockKind::kReplay) {
    set("--depth", std::to_string(std::max(2 * spec.number("--beats"), kLeastMemoryDepth)));
  }
}

Status check_fifo(const BlockSpec& spec) {
  const bool is_memory = spec.word("--storage") != "registers";
  if (is_memory && spec.number("--depth") < kLeastMemoryDepth) {
    return Error{"--depth", spec.word("--depth"),
                 fmt::format("{} to {} with a memory", kLeastMemoryDepth, kMaxDepth),
                 "--storage registers holds fewer"};
  }
  constexpr int kMostRegisters = 64;
  if (!is_memory && spec.number("--depth") > kMostRegisters) {
    return Error{"--depth", spec.word("--depth"),
                 fmt::format("2 to {} with --storage registers", kMostRegisters), ""};
  }
  if (!is_memory && spec.is_yes("--output-register")) {
    return Error{"--output-register", "yes", "no with --storage registers", ""};
  }
  return Ok{};
}

Status check(const BlockSpec& spec) {
  if (spec.kind == BlockKind::kFifo) return check_fifo(spec);
  if (spec.kind == BlockKind::kRepack) {
    const int most = spec.number("--in-values");
    if (spec.number("--last-values") > most) {
      return Error{"--last-values", spec.word("--last-values"), fmt::format("1 to {}", most),
                   "no more than --in-values"};
    }
    if (!spec.is_yes("--last") && spec.number("--last-values") != most) {
      return Error{"--last-values", spec.word("--last-values"), "no --last-values without --last",
                   ""};
    }
  }
  const bool is_replay = spec.kind == BlockKind::kReplay;
  if (is_replay && 1LL * spec.number("--beats") * spec.number("--times") > kMaxReplayed) {
    return Error{"--times", spec.word("--times"),
                 fmt::format("1 to {}", kMaxReplayed / spec.number("--beats")),
                 fmt::format("--beats x --times up to {}", kMaxReplayed)};
  }
  if (is_replay && spec.number("--depth") < spec.number("--beats")) {
    return Error{"--depth", spec.word("--depth"),
                 fmt::format("{} to {}", spec.number("--beats"), 2 * kMaxBeats),
                 "at least --beats"};
  }
  return Ok{};
}

}  // namespace

const BlockInfo* find_block(std::string_view name) {
  for (const BlockInfo& info : block_table()) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

const BlockInfo& BlockSpec::info() const {
  for (const BlockInfo& row : block_table()) {
    if (row.kind == kind) return row;
  }
  FEWBIT_CHECK(false, "block {} is not in the table", static_cast<int>(kind));
}

const std::string& BlockSpec::word(const std::string& option) const {
  const auto found = values.find(option);
  FEWBIT_CHECK(found != values.end(), "{} has no {}", info().name, option);
  return found->second;
}

int BlockSpec::number(const std::string& option) const { return std::stoi(word(option)); }

ResetKind BlockSpec::reset() const {
  for (const ResetKind known : {ResetKind::kAsyncLow, ResetKind::kSyncHigh, ResetKind::kSyncLow}) {
    if (word("--reset") == to_string(known)) return known;
  }
  FEWBIT_CHECK(false, "reset {}", word("--reset"));
}

namespace {

/// A word of a shell's command line.
std::string quoted(const std::string& word) {
  const auto is_plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '/' || c == '-' || c == '+';
  };
  return std::all_of(word.begin(), word.end(), is_plain) ? word : "'" + word + "'";
}

/// The parameters with another value than where they are not given.
std::vector<const BlockParameter*> chosen(const BlockSpec& spec) {
  BlockSpec otherwise{.kind = spec.kind, .values = {}};
  for (const BlockParameter& parameter : spec.info().parameters) {
    if (parameter.by_default.empty()) {
      otherwise.values[parameter.option] = spec.word(parameter.option);
    }
  }
  fill_in(otherwise);
  std::vector<const BlockParameter*> parameters;
  for (const BlockParameter& parameter : spec.info().parameters) {
    const auto given = otherwise.values.find(parameter.option);
    const std::string& plain =
        given == otherwise.values.end() ? parameter.by_default : given->second;
    const bool is_needed = parameter.by_default.empty();
    if (is_needed || spec.word(parameter.option) != plain) parameters.push_back(&parameter);
  }
  return parameters;
}

}  // namespace

std::map<std::string, std::string> BlockSpec::contents() const {
  std::map<std::string, std::string> sources;
  for (const BlockParameter& parameter : info().parameters) {
    const auto load = values.find("--load-bits");
    const bool is_loaded = load != values.end() && load->second != "none";
    if (!parameter.is_file() || is_loaded) continue;
    const std::string& given = word(parameter.option);
    sources[parameter.option] = given == parameter.by_default
                                    ? fmt::format("random, seed {}", word("--contents-seed"))
                                    : given;
  }
  return sources;
}

std::string BlockSpec::module_name() const {
  if (layer) return layer_name(*layer);
  std::string name = "fewbit_" + info().name;
  for (const BlockParameter* parameter : chosen(*this)) {
    const std::string& value = word(parameter->option);
    name += "_" + (parameter->is_number() ? parameter->tag + value
                   : value == "yes"       ? parameter->tag
                                          : value);
  }
  return name;
}

std::string BlockSpec::command() const {
  std::string command = "fewbit emit " + info().name;
  for (const BlockParameter* parameter : chosen(*this)) {
    command += fmt::format(" {} {}", parameter->option, quoted(word(parameter->option)));
  }
  if (!target.empty()) command += " --target " + target;
  return command;
}

Result<BlockSpec> make_block_spec(const BlockRequest& request) {
  const BlockInfo* info = find_block(request.block);
  if (info == nullptr) {
    std::string names;
    for (const BlockInfo& row : block_table()) names += (names.empty() ? "" : ", ") + row.name;
    return Error{"block", request.block, names, ""};
  }
  for (const auto& [option, value] : request.values) {
    const auto is_it = [&option = option](const BlockParameter& known) {
      return known.option == option;
    };
    if (std::none_of(info->parameters.begin(), info->parameters.end(), is_it)) {
      return Error{option, value, fmt::format("no {} for {}", option, info->name), ""};
    }
  }
  BlockSpec spec{.kind = info->kind, .values = {}};
  spec.fabric = request.fabric;
  spec.target = request.target;
  std::vector<const BlockParameter*> open;
  for (const BlockParameter& parameter : info->parameters) {
    const auto given = request.values.find(parameter.option);
    if (given != request.values.end()) {
      FEWBIT_ASSIGN_OR_RETURN(value, checked(parameter, given->second));
      spec.values[parameter.option] = value;
    } else if (parameter.by_default.empty()) {
      return Error{parameter.option, "", parameter.legal(), info->name + " needs it"};
    } else {
      open.push_back(&parameter);
    }
  }
  fill_in(spec);
  for (const BlockParameter* parameter : open) {
    spec.values.emplace(parameter->option, parameter->by_default);
  }
  FEWBIT_RETURN_IF_ERROR(check(spec));
  if (info->is_layer) {
    FEWBIT_ASSIGN_OR_RETURN(layer, make_layer_spec(spec, request.contents));
    spec.layer = std::make_shared<const LayerSpec>(std::move(layer));
  }
  return spec;
}

}  // namespace fewbit
