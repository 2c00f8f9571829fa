// The blocks, their parameters, and requests for them.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/block_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "fewbit/gen/util/check.h"

namespace fewbit {
namespace {

constexpr int kMaxDataBits = 4096;
constexpr int kMaxDepth = 65536;
constexpr int kMaxValueBits = 64;
constexpr int kMaxValues = 64;
constexpr int kMaxBeats = 16384;
constexpr int kMaxTimes = 1024;
constexpr long long kMaxReplayed = 1 << 20;  // what verification can simulate
/// Up to so many places a fifo is of registers where nothing else is asked for.
constexpr int kRegisterDepth = 4;
constexpr int kLeastMemoryDepth = 4;

BlockParameter yes_or_no(const std::string& option, const std::string& meaning,
                         const std::string& tag) {
  return {option, meaning, "no", 0, 0, "no, yes", tag};
}

const BlockParameter kDataBits = {
    "--data-bits", "Bits of the data of a beat", "", 1, kMaxDataBits, "", "w"};
const BlockParameter kLast = yes_or_no("--last", "Beats have last, the end of a packet", "last");
const BlockParameter kReset = {
    "--reset", "Reset", "async_low", 0, 0, "async_low, sync_high, sync_low", ""};
const BlockParameter kOutputRegister =
    yes_or_no("--output-register", "A register behind the memory, as block RAM wants for speed",
              "registered");

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

Result<std::string> checked(const BlockParameter& parameter, const std::string& text) {
  const Error error{parameter.option, text, parameter.legal(), ""};
  if (!parameter.is_number()) {
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

std::string BlockParameter::legal() const {
  return is_number() ? fmt::format("{} to {}", least, most) : words;
}

const std::vector<BlockInfo>& block_table() {
  static const std::vector<BlockInfo> kTable = {
      {BlockKind::kSkid,
       "skid",
       "two places that cut every path between both sides, at full rate",
       "out = in",
       {kDataBits, kLast, kReset}},
      {BlockKind::kFifo,
       "fifo",
       "queue of --depth beats, at full rate",
       "out = in",
       {kDataBits,
        {"--depth", "Beats that it holds", "", 2, kMaxDepth, "", "d"},
        {"--storage", "What holds them",
         fmt::format("registers up to a depth of {}, else any", kRegisterDepth), 0, 0,
         "registers, any, block, distributed", ""},
        kOutputRegister,
        yes_or_no("--level", "level_o, the number of beats held", "level"),
        kLast,
        kReset}},
      {BlockKind::kRepack,
       "repack",
       "P values a beat as S values a beat: widens or narrows, dividing or not",
       "out = the values of in, in order; a packet's end fills up with zeros",
       {{"--value-bits", "Bits of a value", "", 1, kMaxValueBits, "", "w"},
        {"--in-values", "P, values of a beat that comes in", "", 1, kMaxValues, "", "p"},
        {"--out-values", "S, values of a beat that goes out", "", 1, kMaxValues, "", "s"},
        {"--last-values", "Values that count of a packet's last beat, the lowest", "all of them", 1,
         kMaxValues, "", "l"},
        kLast,
        kReset}},
      {BlockKind::kFork,
       "fork",
       "the same beats to several consumers, each at its own pace",
       "out_0 = out_1 = ... = in",
       {kDataBits, {"--outputs", "Consumers", "", 2, 16, "", "n"}, kLast, kReset}},
      {BlockKind::kReplay,
       "replay",
       "each --beats beats --times times, the last of them with last",
       "out = in[0..K), R times, then in[K..2K), R times, ...",
       {kDataBits,
        {"--beats", "K, beats of a group", "", 1, kMaxBeats, "", "k"},
        {"--times", "R, times that a group is sent", "", 1, kMaxTimes, "", "r"},
        {"--depth", "Words of the memory",
         fmt::format("twice --beats, at least {}", kLeastMemoryDepth), 2, 2 * kMaxBeats, "", "d"},
        {"--storage", "What the memory is made of", "any", 0, 0, "any, block, distributed", ""},
        kOutputRegister,
        kReset}},
  };
  return kTable;
}

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

/// The parameters with another value than where they are not given.
std::vector<const BlockParameter*> chosen(const BlockSpec& spec) {
  BlockSpec otherwise{spec.kind, {}};
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

std::string BlockSpec::module_name() const {
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
    command += fmt::format(" {} {}", parameter->option, word(parameter->option));
  }
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
  BlockSpec spec{info->kind, {}};
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
  return spec;
}

}  // namespace fewbit
