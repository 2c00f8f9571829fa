// What a refusal calls legal is tried: it must be accepted, as far as that option goes; and where
// nothing is legal no value may be.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <charconv>
#include <map>
#include <regex>

#include "fewbit/gen/spec/operator_request.h"
#include "fewbit/tests/random_request.h"

namespace fewbit {
namespace {

const OptionInfo* option_named(const std::string& name) {
  for (const OptionInfo& option : option_table()) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

OperatorRequest with_value(OperatorRequest request, const OptionInfo& option,
                           const std::string& value) {
  EXPECT_TRUE(set_option(request, option, value).ok()) << option.name << " " << value;
  return request;
}

OperatorRequest without(OperatorRequest request, const OptionInfo& option) {
  if (option.text != nullptr) {
    const OperatorRequest plain;
    request.*option.text = plain.*option.text;
  } else {
    (request.*option.number).reset();
  }
  return request;
}

/// Refused, and for this option. Another option may be refused after it.
bool refused(const OperatorRequest& request, const OptionInfo& option) {
  const Result<OperatorSpec> spec = make_operator_spec(request);
  return !spec.ok() && spec.error().field == option.name;
}

/// Values for an option of which some request is refused.
std::vector<std::string> values_of(const OptionInfo& option) {
  if (option.text == nullptr) return {"-1", "0", "1", "2", "3", "7", "40", "70", "2000"};
  return testing::words_of(option.values);
}

/// The numbers N and M of "N to M", or of "N" alone.
std::optional<std::pair<long long, long long>> range_of(const std::string& legal) {
  std::smatch match;
  static const std::regex kRange("(-?[0-9]+)(?: to ([0-9]+))?");
  if (!std::regex_match(legal, match, kRange)) return std::nullopt;
  const long long low = std::stoll(match[1]);
  return std::pair{low, match[2].matched ? std::stoll(match[2]) : low};
}

/// How many refusals of each kind were looked into.
struct Tried {
  std::map<std::string, int> words, numbers, nothing;
};

void check_advice(const OperatorRequest& request, const Error& error, Tried& tried) {
  const OptionInfo* option = option_named(error.field);
  if (option == nullptr) return;
  SCOPED_TRACE(request.op + " " + request.a + " " + request.b + " -> " + request.result + ": " +
               error.message());
  if (error.legal == "nothing") {
    EXPECT_FALSE(refused(without(request, *option), *option));
    for (const std::string& value : values_of(*option)) {
      if (value == error.value) continue;
      const OperatorRequest other = with_value(request, *option, value);
      // What is the same as leaving it out may be said.
      if (make_operator_spec(other).ok() && make_operator_spec(without(request, *option)).ok() &&
          make_operator_spec(other)->command() ==
              make_operator_spec(without(request, *option))->command()) {
        continue;
      }
      EXPECT_TRUE(refused(other, *option)) << value << " is legal";
    }
    ++tried.nothing[option->name];
    return;
  }
  if (const auto range = range_of(error.legal)) {
    for (const long long value : {range->first, range->second}) {
      EXPECT_FALSE(refused(with_value(request, *option, std::to_string(value)), *option)) << value;
    }
    for (const long long value : {range->first - 1, range->second + 1}) {
      EXPECT_TRUE(refused(with_value(request, *option, std::to_string(value)), *option)) << value;
    }
    ++tried.numbers[option->name];
    return;
  }
  const std::vector<std::string> known = testing::words_of(option->values);
  const std::vector<std::string> legal = testing::words_of(error.legal);
  for (const std::string& word : legal) {
    if (std::find(known.begin(), known.end(), word) == known.end()) return;  // prose
  }
  for (const std::string& word : legal) {
    EXPECT_FALSE(refused(with_value(request, *option, word), *option)) << word << " is refused too";
  }
  for (const std::string& word : known) {
    if (std::find(legal.begin(), legal.end(), word) != legal.end()) continue;
    // A word that says two of the legal ones at once.
    if (option->option == Option::kSubnormals && word == "flush") continue;
    EXPECT_TRUE(refused(with_value(request, *option, word), *option)) << word << " is legal";
  }
  ++tried.words[option->name];
}

TEST(RefusalAdvice, WhatIsCalledLegalIsAccepted) {
  Tried tried;
  for (const OperatorInfo& info : operator_table()) {
    testing::RandomRequests requests(31);
    for (int i = 0; i < 60; ++i) {
      const OperatorRequest request = requests.request(info);
      for (const OptionInfo& option : option_table()) {
        for (const std::string& value : values_of(option)) {
          const OperatorRequest changed = with_value(request, option, value);
          const Result<OperatorSpec> spec = make_operator_spec(changed);
          if (!spec.ok()) check_advice(changed, spec.error(), tried);
          if (HasFailure()) return;
        }
      }
    }
  }
  for (const char* name : {"--subnormals", "--overflow", "--dsp", "--strategy", "--handshake"}) {
    EXPECT_GT(tried.words[name], 10) << name;
  }
  for (const char* name : {"--lanes", "--latency", "--tag-bits", "--shift-bits", "--acc-width"}) {
    EXPECT_GT(tried.numbers[name], 10) << name;
  }
  for (const char* name : {"--rounding", "--reset", "--random-bits", "--terms"}) {
    EXPECT_GT(tried.nothing[name], 10) << name;
  }
}

}  // namespace
}  // namespace fewbit
