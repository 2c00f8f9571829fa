// The options that say which operator is meant; shared by emit, verify and cost.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "fewbit/flows/cost.h"
#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/gen/util/result.h"

namespace CLI {
class App;
}

namespace fewbit::cli {

/// Target that counts where none is named.
inline constexpr char kDefaultTarget[] = "ice40-hx8k";

/// What the user wrote, as written: nothing is checked before spec().
class RequestOptions {
 public:
  /// Adds OP, every option of option_table(), and --target.
  void declare(CLI::App& app);

  /// The words as a request for the target's fabric; checked is no more than that numbers are
  /// numbers and that the target can do what --dsp asks for.
  [[nodiscard]] Result<OperatorRequest> request() const;
  /// The request, complete and legal, or which field is wrong.
  [[nodiscard]] Result<OperatorSpec> spec() const;
  /// The target that --target names, or that of `liberty`.
  [[nodiscard]] Result<flows::Target> target() const;

  /// What was written for an option; "" where it was not given.
  std::string& value(Option option) { return values_[option]; }

  /// An Error that names the first option which was given, with `legal` as what is legal.
  [[nodiscard]] Status none_given(const std::string& legal) const;

  std::string op;
  std::string target_name;  ///< "" where --target was not given
  std::string liberty;      ///< a library of standard cells in place of a target, or ""

 private:
  std::map<Option, std::string> values_;
};

/// Operators with contract, one a line, for help texts.
std::string operator_help();

}  // namespace fewbit::cli
