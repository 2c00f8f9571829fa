// The options that say which operator is meant; shared by emit, verify and cost.
// SPDX-License-Identifier: Apache-2.0
#include "cli/request_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <limits>

#include "cli/text.h"

namespace fewbit::cli {
namespace {

/// The names of all operators, with a separator: "mul, add, sub".
std::string operator_names() {
  std::string names;
  for (const OperatorInfo& info : operator_table()) {
    names += (names.empty() ? "" : ", ") + info.name;
  }
  return names;
}

/// An integer whose range make_operator_spec checks.
Result<long long> any_integer(const std::string& field, const std::string& text) {
  Result<long long> value = parse_integer(field, text, std::numeric_limits<long long>::min(),
                                          std::numeric_limits<long long>::max());
  if (!value.ok()) return Error{field, text, "an integer", ""};
  return value;
}

}  // namespace

Result<Fabric> fabric_of(const flows::Target& target) {
  for (const Fabric fabric : {Fabric::kIce40, Fabric::kEcp5, Fabric::kXilinx}) {
    if (to_string(fabric) == target.fabric) return fabric;
  }
  return Error{"fabric", target.fabric, "ice40, ecp5, xilinx",
               fmt::format("of target {}", target.name)};
}

std::string operator_help() {
  std::string text = "Operators (the output is exact unless --result names a format):\n";
  for (const OperatorInfo& info : operator_table()) {
    text += fmt::format("  {:<5}{}\n       {}\n       {}{}\n", info.name, info.summary,
                        info.contract, info.operands == 1 ? "--a" : "--a, --b",
                        info.accumulates ? ", --terms or --acc-width with --overflow, --reset"
                                         : ", --result, --rounding, --overflow");
  }
  return text;
}

void RequestOptions::declare(CLI::App& app) {
  app.add_option("OP", op, "Operator: " + operator_names());
  app.add_option("--a", a, "Format of the first operand (fewbit formats)");
  app.add_option("--b", b, "Format of the second operand");
  app.add_option("--result", result_, "Format of the result; default: exact");
  app.add_option("--rounding", rounding_,
                 "Rounding into --result; default: ties_to_even. Others: ties_to_away,\n"
                 "toward_zero, toward_positive, toward_negative, to_odd");
  app.add_option("--terms", terms_, "Accumulator for sums of up to N terms; default: 1024");
  app.add_option("--acc-width", acc_width_, "Accumulator of W bits instead of --terms");
  app.add_option("--overflow", overflow_,
                 "Value too large: saturate, infinity or nan (--result); saturate or\n"
                 "wrap (--acc-width)");
  app.add_option("--arch", arch, "optimized (default) or generic");
  app.add_option("--target", target_name,
                 "Target whose cells the optimized structure is for; default: ice40-hx8k");
  app.add_option("--reset", reset_, "async_low (default), sync_high, sync_low or none");
}

Result<flows::Target> RequestOptions::target() const {
  return flows::find_target(target_name.empty() ? kDefaultTarget : target_name);
}

Result<OperatorSpec> RequestOptions::spec() const {
  OperatorRequest request;
  request.op = op;
  request.a = a;
  request.b = b;
  if (!result_.empty()) request.result = result_;
  request.rounding = rounding_;
  request.overflow = overflow_;
  if (!terms_.empty()) {
    FEWBIT_ASSIGN_OR_RETURN(terms, any_integer("--terms", terms_));
    request.terms = terms;
  }
  if (!acc_width_.empty()) {
    FEWBIT_ASSIGN_OR_RETURN(acc_width, any_integer("--acc-width", acc_width_));
    request.acc_width = acc_width;
  }
  if (!arch.empty()) request.arch = arch;
  request.reset = reset_;
  FEWBIT_ASSIGN_OR_RETURN(chosen, target());
  FEWBIT_ASSIGN_OR_RETURN(fabric, fabric_of(chosen));
  request.fabric = fabric;
  return make_operator_spec(request);
}

}  // namespace fewbit::cli
