// Contents of layers: see layer_contents.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/layer_contents.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "fewbit/gen/util/check.h"

namespace fewbit {

LayerContents::LayerContents(const BlockSpec& spec,
                             const std::map<std::string, BlockContents>& files)
    : spec_(spec), files_(files) {}

std::mt19937_64 LayerContents::random(const std::string& option) const {
  // Each option has numbers of its own.
  std::uint64_t seed = static_cast<std::uint64_t>(spec_.number("--contents-seed"));
  for (const char c : option) seed = seed * 257 + static_cast<unsigned char>(c);
  return std::mt19937_64(seed);
}

Result<const std::vector<long long>*> LayerContents::numbers(
    const std::string& option, const std::vector<long long>& shape) const {
  const auto file = files_.find(option);
  if (file == files_.end()) {
    FEWBIT_CHECK(spec_.word(option) == "random", "nobody has read {}", spec_.word(option));
    return nullptr;
  }
  const BlockContents& given = file->second;
  long long count = 1;
  for (const long long extent : shape) count *= extent;
  const bool has_count = static_cast<long long>(given.numbers.size()) == count;
  const bool has_shape = given.shape.size() <= 1 || given.shape == shape;
  if (has_count && has_shape) return &given.numbers;
  return Error{option, spec_.word(option),
               fmt::format("{} integers{}", count,
                           shape.size() > 1 ? fmt::format(", of shape {}", shape) : ""),
               given.shape.empty() ? fmt::format("it has {}", given.numbers.size())
                                   : fmt::format("its shape is {}", given.shape)};
}

Result<std::vector<Code>> LayerContents::codes(const std::string& option,
                                               const std::vector<long long>& shape,
                                               const Format& format) const {
  FEWBIT_ASSIGN_OR_RETURN(given, numbers(option, shape));
  std::vector<Code> codes;
  const int bits = format.bits();
  if (given == nullptr) {
    std::mt19937_64 engine = random(option);
    std::size_t count = 1;
    for (const long long extent : shape) count *= static_cast<std::size_t>(extent);
    codes.resize(count);
    for (Code& code : codes) code = engine() >> (64 - bits);
    return codes;
  }
  const bool has_values = format.is_int() && format.is_signed();
  const long long least = has_values ? -(1LL << (bits - 1)) : 0;
  const long long most = (1LL << bits) - 1;
  for (std::size_t i = 0; i < given->size(); ++i) {
    const long long number = (*given)[i];
    if (number < least || number > most) {
      return Error{fmt::format("{}, number {}", option, i), std::to_string(number),
                   fmt::format("{} to {}", least, most),
                   fmt::format("codes of {}{}", format.name(),
                               has_values ? ", or its negative values" : "")};
    }
    codes.push_back(static_cast<Code>(number) & static_cast<Code>(most));
  }
  return codes;
}

Result<std::vector<long long>> LayerContents::integers(const std::string& option, long long count,
                                                       long long least, long long most) const {
  FEWBIT_ASSIGN_OR_RETURN(given, numbers(option, {count}));
  if (given != nullptr) return *given;
  std::mt19937_64 engine = random(option);
  std::vector<long long> all(static_cast<std::size_t>(count));
  const auto values = static_cast<std::uint64_t>(most - least) + 1;
  for (long long& number : all) number = least + static_cast<long long>(engine() % values);
  return all;
}

Result<std::vector<std::vector<long long>>> LayerContents::rising(const std::string& option,
                                                                  long long rows, long long each,
                                                                  long long least,
                                                                  long long most) const {
  FEWBIT_ASSIGN_OR_RETURN(given, numbers(option, {rows, each}));
  std::vector<std::vector<long long>> all(static_cast<std::size_t>(rows));
  std::mt19937_64 engine = random(option);
  const auto values = static_cast<std::uint64_t>(most - least) + 1;
  std::size_t next = 0;
  for (std::vector<long long>& row : all) {
    for (long long j = 0; j < each; ++j) {
      row.push_back(given != nullptr ? (*given)[next++]
                                     : least + static_cast<long long>(engine() % values));
    }
    if (given == nullptr) std::sort(row.begin(), row.end());
  }
  return all;
}

}  // namespace fewbit
