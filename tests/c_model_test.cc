// The C models against the exact model: a sample of every operator, and every rounding with every
// overflow rule; compiled with the undefined-behaviour sanitizer. `make verify-c-models` runs the
// whole matrix (c_model_matrix_test).
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/c_model/c_model.h"

#include <gmock/gmock.h>

#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/process.h"
#include "fewbit/tests/c_model_requests.h"

namespace fewbit {
namespace {

using testing::add_subject;
using testing::kSanitized;

verify::VerifyOptions sample_options() {
  verify::VerifyOptions options;
  options.quick = true;
  options.random_vectors = 600;
  options.coverage = {.exhaustive_bits = 14, .corners = 600, .longest_sum = 300};
  return options;
}

std::vector<verify::Subject> every_operator() {
  std::vector<verify::Subject> subjects;
  for (const OperatorInfo& info : operator_table()) {
    add_subject(make_operator_spec(testing::plain_request(info.name)).value(), subjects);
  }
  return subjects;
}

TEST(CModel, EveryOperatorByItsFunctionAndByDpi) {
  const std::vector<verify::Subject> subjects = every_operator();
  ASSERT_EQ(subjects.size(), operator_table().size());
  for (const verify::CModel model : {verify::CModel::kHeader, verify::CModel::kDpi}) {
    testing::expect_equal_models(subjects, model, sample_options(), kSanitized);
  }
}

void expect_equal_models_of(const std::vector<OperatorRequest>& requests) {
  std::vector<verify::Subject> subjects;
  for (const OperatorRequest& request : requests) {
    add_subject(make_operator_spec(request).value(), subjects);
  }
  for (const verify::CModel model : {verify::CModel::kHeader, verify::CModel::kDpi}) {
    testing::expect_equal_models(subjects, model, sample_options(), kSanitized);
  }
}

TEST(CModel, WideOperandsAndResultsAreWords) {
  expect_equal_models_of(
      {{.op = "convert", .a = "int600_lsbm90", .result = "e4m3fn"},
       {.op = "convert", .a = "int70_lsb2", .result = "int67_lsb4", .rounding = "to_odd"},
       {.op = "mul", .a = "binary32", .b = "binary16"},
       {.op = "dot", .a = "binary16", .b = "int4", .lanes = 9},
       {.op = "mxdot", .a = "e2m1", .b = "e2m1", .lanes = 32},
       {.op = "mxquant", .a = "bfloat16", .result = "e3m2", .lanes = 32},
       {.op = "mxquant", .a = "e4m3fn", .result = "int7", .scale_policy = "even", .lanes = 11},
       {.op = "acc", .a = "binary16", .overflow = "saturate", .acc_width = 90},
       {.op = "mac", .a = "e5m2", .b = "e5m2", .acc_width = 77},
       {.op = "fma", .a = "int8", .b = "int8", .c = "int100_lsb0"}});
}

/// What the other tests leave out: where a rule has a case of its own.
TEST(CModel, RulesWithCasesOfTheirOwn) {
  expect_equal_models_of({
      {.op = "convert", .a = "bfloat16", .result = "e8m0"},  // below its least value
      {.op = "convert", .a = "e4m3ieee", .result = "e2m1ieee", .rounding = "to_odd"},
      {.op = "convert", .a = "e4m3ieee", .result = "binary5p2se", .rounding = "to_odd"},
      {.op = "convert", .a = "e4m3ieee", .result = "binary6p3ue", .overflow = "sat_none"},
      {.op = "convert", .a = "e4m3ieee", .result = "uint3_lsb1", .rounding = "toward_negative"},
      {.op = "convert", .a = "int9", .result = "uint3_lsb1", .overflow = "wrap"},
      {.op = "mul", .a = "e3m2", .b = "e2m1", .result = "e2m3", .subnormals = "flush"},
      {.op = "fmac", .a = "e3m2", .b = "e2m1", .result = "e3m3fn", .subnormals = "flush"},
      {.op = "mxquant", .a = "e4m3fn", .result = "e2m1", .scale_policy = "ceil", .lanes = 2},
      {.op = "mxquant", .a = "e4m3fn", .result = "e2m1", .scale_policy = "even", .lanes = 2},
      {.op = "mac", .a = "e5m2", .b = "e2m1", .overflow = "saturate", .acc_width = 40},
  });
}

/// Zeros and their signs are all there in small formats.
TEST(CModel, EveryOperatorWithEveryRounding) {
  std::vector<verify::Subject> subjects;
  const OptionInfo& rounding = option_info(Option::kRounding);
  for (const OperatorInfo& info : operator_table()) {
    if (!info.has(Option::kRounding)) continue;
    for (const std::string& word : testing::words_of(rounding.values)) {
      OperatorRequest request =
          testing::with_option(testing::plain_request(info.name), rounding, word);
      if (info.name == "convert") request.a = "e4m3ieee";
      if (info.name == "requant") request.a = "int7";
      if (word.starts_with("stochastic")) request.random_bits = 2;
      const bool of_addends = request.acc_lsb.has_value();  // by seven of them
      if (of_addends && (word.starts_with("stochastic") || word == "to_odd")) continue;
      add_subject(make_operator_spec(request).value(), subjects);
    }
  }
  EXPECT_GT(subjects.size(), 9U * 9 + 2 * 7);
  testing::expect_equal_models(subjects, verify::CModel::kHeader, sample_options(), kSanitized);
}

/// All codes of an 8-bit format with every random number, into formats of every coding.
TEST(CModel, EveryRoundingWithEveryOverflow) {
  std::vector<verify::Subject> subjects;
  std::set<std::pair<RoundingMode, OverflowMode>> covered;
  const char* results[] = {"e3m2",        "e2m1ieee",    "e3m1fn", "e3m1fnuz", "binary5p2se",
                           "binary6p3ue", "binary6p3uf", "e8m0",   "int4",     "uint3_lsb1"};
  for (const std::string& rounding : testing::words_of(option_info(Option::kRounding).values)) {
    for (const std::string& overflow : testing::words_of(option_info(Option::kOverflow).values)) {
      for (const char* result : results) {
        OperatorRequest request = {.op = "convert", .a = "e4m3ieee", .result = result};
        request.rounding = rounding;
        request.overflow = overflow;
        if (rounding.starts_with("stochastic")) request.random_bits = 3;
        const Result<OperatorSpec> spec = make_operator_spec(request);
        // One format for each pair of rules, another one for the next pair.
        if (!spec.ok() || !covered.emplace(spec->rounding, spec->overflow).second) continue;
        add_subject(*spec, subjects);
        std::rotate(std::begin(results),
                    std::find(std::begin(results), std::end(results), result) + 1,
                    std::end(results));
        break;
      }
    }
  }
  EXPECT_EQ(covered.size(), 11U * 7);
  testing::expect_equal_models(subjects, verify::CModel::kHeader, sample_options(), kSanitized);
}

/// As C and as C++, all operators in one file, each header twice.
TEST(CModel, CompilesWithoutAWordAsCAndAsCpp) {
  for (const std::vector<std::string>& compiler : std::vector<std::vector<std::string>>{
           {"gcc", "-std=c99"},
           {"gcc", "-std=c17", "-Wconversion", "-Wno-sign-conversion", "-Wshadow"},
           {"g++", "-x", "c++", "-std=c++11"},
           {"g++", "-x", "c++", "-std=c++20", "-Wshadow"}}) {
    testing::expect_no_word(every_operator(), compiler);
  }
}

}  // namespace
}  // namespace fewbit
