// Filling an OperatorRequest from words: see operator_request.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/operator_request.h"

#include <charconv>

namespace fewbit {

Status set_option(OperatorRequest& request, const OptionInfo& option, const std::string& text) {
  if (option.text != nullptr) {
    request.*option.text = text;
    return Ok{};
  }
  long long number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return Error{option.name, text, "an integer", ""};
  request.*option.number = number;
  return Ok{};
}

Status set_option(OperatorRequest& request, const std::string& name, const std::string& text) {
  for (const OptionInfo& option : option_table()) {
    if (option.name == name) return set_option(request, option, text);
  }
  return Error{"option", name, "an option of fewbit emit", ""};
}

}  // namespace fewbit
