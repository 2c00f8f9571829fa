// The requests of the test matrix: every operator with every value of every option it has.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "fewbit/tests/random_request.h"

namespace fewbit::testing {

/// A plain request for each operator: two minifloats into a third, or what it needs instead.
inline OperatorRequest plain_request(const std::string& op) {
  OperatorRequest r{.op = op, .a = "e3m2", .b = "e2m1", .result = "e4m3fn"};
  if (op == "convert") return {.op = op, .a = "binary16", .result = "e4m3fn"};
  if (op == "dot") {
    r.lanes = 3;
    return r;
  }
  if (op == "mxdot") {
    r.lanes = 3;
    r.result = "bfloat16";
    return r;
  }
  if (op == "mxquant") {
    r = {.op = op, .a = "bfloat16", .result = "e2m1"};
    r.lanes = 3;
    return r;
  }
  if (op == "squant") return {.op = op, .a = "bfloat16", .result = "uint2", .lanes = 3};
  if (op == "requant") return {.op = op, .a = "int20", .b = "uint6", .result = "int8"};
  if (op == "acc") return {.op = op, .a = "e4m3fn"};
  if (op == "mac") return {.op = op, .a = "e4m3fn", .b = "int4"};
  if (op == "facc") return {.op = op, .a = "e4m3fn", .result = "binary16"};
  return r;
}

/// Values to try for an option: every word it takes, or some numbers or formats.
inline std::vector<std::string> values_of(const OptionInfo& option) {
  switch (option.option) {
    case Option::kA:
    case Option::kB:
      return {"e5m2", "int4", "ue2m2f", "bipolar", "ternary"};
    case Option::kC:
      return {"e5m2", "int4", "ue2m2f", "ternary", "e4m3fn", "bfloat16"};
    case Option::kScale:
      return {"e8m0", "ue4m3"};
    case Option::kLanes:
      return {"1", "4"};
    case Option::kOutputs:
      return {"2", "5"};
    case Option::kZeroPoint:
      return {"int8", "uint5"};
    case Option::kShiftBits:
    case Option::kRandomBits:
      return {"1", "6"};
    case Option::kTagBits:
      return {"1", "64"};
    case Option::kLatency:
      return {"0", "1", "2", "3", "5", "8"};
    case Option::kResult:
      return {"e2m1", "e5m2", "int8", "uint2", "binary32", "exact"};
    case Option::kTerms:
      return {"1", "100"};
    case Option::kAccLsb:
      return {"-3", "2"};
    case Option::kInterleave:
      return {"1", "2", "3", "8"};
    case Option::kAccWidth:
      return {"60", "600"};  // mxdot has hundreds of bits
    default:
      return words_of(option.values);
  }
}

inline void prepare_overflow(OperatorRequest& request, const std::string& value) {
  if (request.op == "acc" || request.op == "mac") {
    request.acc_width = 40;
    return;
  }
  static const std::map<std::string, std::string> kResults = {
      {"infinity", "e5m2"}, {"propagate", "e5m2"},       {"saturate_nan", "e5m2"},
      {"wrap", "int4"},     {"sat_none", "binary8p4uf"},  // a rule of its own
  };
  const auto result = kResults.find(value);
  if (result != kResults.end()) request.result = result->second;
}

inline void prepare_strategy(OperatorRequest& request, const std::string& value) {
  const auto of = [&](const std::string& format) {
    request.a = request.b = request.result = format;
  };
  if (value == "aligned") of("e4m3fn");
  if (request.op == "mac" || request.op == "dot") {
    request.result = "exact";
    if (value == "booth_rows" || value == "lane_products") request.a = request.b = "int5";
    if (value == "product_table") request.a = request.b = "e3m1f";
  }
  if (request.op == "mul" && value == "bram") request.handshake = "valid";
  if (request.op == "mul" && value == "code_sum") of("e4m3fn");
  if (value == "table") of("e2m1");
  if (value == "fixed_point") of("e2m3");
}

/// `request` with the option set, and what the option cannot be without.
inline OperatorRequest with_option(OperatorRequest request, const OptionInfo& option,
                                   const std::string& value) {
  static const std::set<Option> kOfExactSums = {Option::kTerms, Option::kAccWidth, Option::kAccLsb};
  if (kOfExactSums.contains(option.option)) request.result = "exact";
  if (option.option == Option::kAccLsb) request.terms = 20;
  const bool sums_exactly = request.op == "acc" || request.op == "mac";
  if (option.option == Option::kRounding && sums_exactly) request.acc_lsb = -3;
  if (option.option == Option::kNan) request.a = "e4m3fn";
  if (option.option == Option::kRandomBits && request.op != "squant") {
    request.rounding = "stochastic_a";
  }
  const bool needs_clock = option.option == Option::kTagBits || option.option == Option::kReset;
  if (needs_clock) request.handshake = "valid_ready";
  if (option.option == Option::kOverflow) prepare_overflow(request, value);
  if (option.option == Option::kStrategy) prepare_strategy(request, value);
  if (option.option == Option::kDsp) {
    request.fabric = Fabric::kEcp5;  // which maps the smallest products
    if (request.op == "requant") request.a = "int16";
  }
  if (option.text != nullptr) {
    request.*option.text = value;
  } else {
    request.*option.number = std::stoll(value);
  }
  return request;
}

/// Calls `use` for every request of the matrix that is legal, once for each architecture that the
/// option makes a difference to; and `tried` for each operator, option and value that was legal.
inline void for_matrix(
    const std::function<void(const OperatorSpec&)>& use,
    const std::function<void(const OperatorInfo&, Option, const std::string&)>& tried) {
  std::set<std::string> there;  // an option's default gives the plain request again
  for (const OperatorInfo& info : operator_table()) {
    for (const Option option : info.options) {
      const OptionInfo& row = option_info(option);
      for (const std::string& value : values_of(row)) {
        const OperatorRequest request = with_option(plain_request(info.name), row, value);
        const Result<OperatorSpec> spec = make_operator_spec(request);
        if (!spec.ok()) continue;
        tried(info, option, value);
        for (const Architecture arch : {Architecture::kGeneric, Architecture::kOptimized}) {
          OperatorSpec one = *spec;
          one.arch = arch;
          if (option == Option::kArch && one.arch != spec->arch) continue;
          const bool optimized_only =
              option == Option::kStrategy || option == Option::kOptimize || option == Option::kDsp;
          if (optimized_only && arch == Architecture::kGeneric) continue;
          if (there.insert(one.command()).second) use(one);
        }
      }
    }
  }
}

}  // namespace fewbit::testing
