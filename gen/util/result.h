// Result<T>: a value, or an Error that says which field of a request is wrong and what is legal.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "fewbit/gen/util/check.h"

namespace fewbit {

/// What an Error says something about.
enum class Cause {
  kRequest,  ///< what the user asked for
  kDesign,   ///< the design that was measured: the same tools say the same of it again
  kTool,     ///< a program that is missing, broken or of an unknown version
  kMachine   ///< a full disk, a missing folder, too little memory
};

/// A request that cannot be served. Every user message names the field, its value and what is
/// legal.
struct Error {
  std::string
      field;  ///< what was wrong, in the user's words: "--terms", "format", "output directory"
  std::string value;   ///< what was given
  std::string legal;   ///< what would have been accepted
  std::string detail;  ///< optional: why, or what to do
  Cause cause = Cause::kRequest;

  /// One line: `FIELD: 'VALUE' is not valid; legal: LEGAL (DETAIL)`, but for what the detail
  /// quotes. What a terminal could obey is escaped in field and value.
  [[nodiscard]] std::string message() const;
};

/// Either a T or an Error. Access is checked: reading the wrong side stops the program.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return std::holds_alternative<T>(state_); }
  explicit operator bool() const { return ok(); }

  [[nodiscard]] const T& value() const& {
    FEWBIT_CHECK(ok(), "value() of a failed Result: {}", error_or_empty());
    return std::get<T>(state_);
  }
  [[nodiscard]] T&& value() && {
    FEWBIT_CHECK(ok(), "value() of a failed Result: {}", error_or_empty());
    return std::get<T>(std::move(state_));
  }
  [[nodiscard]] const Error& error() const {
    FEWBIT_CHECK(!ok(), "error() of a successful Result");
    return std::get<Error>(state_);
  }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }

 private:
  [[nodiscard]] std::string error_or_empty() const {
    return ok() ? std::string() : std::get<Error>(state_).message();
  }
  std::variant<T, Error> state_;
};

/// Success without a value.
struct Ok {};
using Status = Result<Ok>;

}  // namespace fewbit

/// Returns the error of `expression` from the enclosing function, or goes on with its value in
/// `name`.
#define FEWBIT_ASSIGN_OR_RETURN(name, expression)        \
  auto name##_result = (expression);                     \
  if (!name##_result.ok()) return name##_result.error(); \
  auto name = std::move(name##_result).value()

/// Returns the error of a Status expression from the enclosing function.
#define FEWBIT_RETURN_IF_ERROR(expression)                        \
  do {                                                            \
    if (auto fewbit_status = (expression); !fewbit_status.ok()) { \
      return fewbit_status.error();                               \
    }                                                             \
  } while (false)
