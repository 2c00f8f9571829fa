// The test matrix of the registration: every operator with every value of every option it has is
// built in both architectures and verified by Verilator; help and documents name all of them.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cstdlib>
#include <set>

#include "gen/ops/emit.h"
#include "gen/util/files.h"
#include "gen/util/process.h"
#include "sim/verify/verify.h"
#include "tests/random_request.h"

namespace fewbit {
namespace {

using ::testing::HasSubstr;

/// A plain request for each operator. One that is registered and not here fails the test.
OperatorRequest plain_request(const std::string& op) {
  OperatorRequest r{.op = op, .a = "e3m2", .b = "e2m1", .result = "e4m3fn"};
  if (op == "convert") return {.op = op, .a = "binary16", .result = "e4m3fn"};
  if (op == "mul" || op == "add" || op == "sub" || op == "fmac") return r;
  if (op == "fma") return r;
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
  if (op == "requant") return {.op = op, .a = "int20", .b = "uint6", .result = "int8"};
  if (op == "acc") return {.op = op, .a = "e4m3fn"};
  if (op == "mac") return {.op = op, .a = "e4m3fn", .b = "int4"};
  if (op == "facc") return {.op = op, .a = "e4m3fn", .result = "binary16"};
  return {};
}

/// Values to try for an option: every word it takes, or some numbers or formats.
std::vector<std::string> values_of(const OptionInfo& option) {
  switch (option.option) {
    case Option::kA:
    case Option::kB:
    case Option::kC:
      return {"e5m2", "int4", "ue2m2f"};
    case Option::kScale:
      return {"e8m0", "ue4m3"};
    case Option::kLanes:
      return {"1", "4"};
    case Option::kShiftBits:
    case Option::kRandomBits:
      return {"1", "6"};
    case Option::kTagBits:
      return {"1", "64"};
    case Option::kLatency:
      return {"0", "1", "2", "3", "5", "8"};
    case Option::kResult:
      return {"e2m1", "e5m2", "int8", "binary32", "exact"};
    case Option::kTerms:
      return {"1", "100"};
    case Option::kAccWidth:
      return {"60", "600"};  // mxdot has hundreds of bits
    default:
      return testing::words_of(option.values);
  }
}

/// `request` with the option set, and what the option cannot be without.
OperatorRequest with_option(OperatorRequest request, const OptionInfo& option,
                            const std::string& value) {
  if (option.option == Option::kTerms || option.option == Option::kAccWidth) {
    request.result = "exact";
  }
  if (option.option == Option::kRandomBits) request.rounding = "stochastic_a";
  const bool needs_clock = option.option == Option::kTagBits || option.option == Option::kReset;
  if (needs_clock) request.handshake = "valid_ready";
  if (option.option == Option::kOverflow) {
    const bool accumulates = request.op == "acc" || request.op == "mac";
    if (accumulates) request.acc_width = 40;
    if (!accumulates && (value == "infinity" || value == "propagate" || value == "saturate_nan")) {
      request.result = "e5m2";
    }
    if (value == "wrap" && !accumulates) request.result = "int4";
    if (value == "sat_none" && !accumulates) request.result = "binary8p4uf";  // a rule of its own
  }
  if (option.option == Option::kStrategy && value == "aligned") {
    request.a = request.b = request.result = "e4m3fn";
  }
  if (option.option == Option::kStrategy && (request.op == "mac" || request.op == "dot")) {
    request.result = "exact";
    const bool integers = value == "booth_rows" || value == "lane_products";
    if (integers) request.a = request.b = "int5";
    if (value == "product_table") request.a = request.b = "e3m1f";
  }
  if (option.option == Option::kDsp) {
    request.fabric = Fabric::kEcp5;  // which maps the smallest products
    if (request.op == "requant") request.a = "int16";
  }
  if (option.option == Option::kStrategy && request.op == "mul") {
    if (value == "bram") request.handshake = "valid";
    if (value == "code_sum") request.a = request.b = request.result = "e4m3fn";
    if (value == "table") request.a = request.b = request.result = "e2m1";
  } else if (option.option == Option::kStrategy && value == "table") {
    request.a = request.b = request.result = "e2m1";
  }
  if (option.option == Option::kStrategy && value == "fixed_point") {
    request.a = request.b = request.result = "e2m3";
  }
  if (option.text != nullptr) {
    request.*option.text = value;
  } else {
    request.*option.number = std::stoll(value);
  }
  return request;
}

struct Covered {
  std::string op;
  Option option;
  std::string value;
};

TEST(Matrix, EveryOptionOfEveryOperatorIsBuiltAndVerified) {
  std::vector<verify::Subject> subjects;
  std::vector<Covered> covered;
  std::set<std::string> there;  // an option's default gives the plain request again
  for (const OperatorInfo& info : operator_table()) {
    ASSERT_NE(plain_request(info.name).op, "") << info.name << " has no place in the test matrix";
    for (const Option option : info.options) {
      const OptionInfo& row = option_info(option);
      for (const std::string& value : values_of(row)) {
        OperatorRequest request = with_option(plain_request(info.name), row, value);
        const Result<OperatorSpec> spec = make_operator_spec(request);
        if (!spec.ok()) continue;  // counted below
        covered.push_back({info.name, option, value});
        for (const Architecture arch : {Architecture::kGeneric, Architecture::kOptimized}) {
          OperatorSpec one = *spec;
          one.arch = arch;
          if (option == Option::kArch && one.arch != spec->arch) continue;
          const bool optimized_only =
              option == Option::kStrategy || option == Option::kOptimize || option == Option::kDsp;
          if (optimized_only && arch == Architecture::kGeneric) continue;
          if (!there.insert(one.command()).second) continue;
          subjects.push_back({one, ops::emit(one), {}, one.command()});
        }
      }
    }
  }
  // Each operator has been tried with each of its options, and each word of an option somewhere.
  for (const OperatorInfo& info : operator_table()) {
    for (const Option option : info.options) {
      EXPECT_TRUE(
          std::any_of(covered.begin(), covered.end(),
                      [&](const Covered& c) { return c.op == info.name && c.option == option; }))
          << info.name << " " << option_info(option).name;
    }
  }
  for (const OptionInfo& option : option_table()) {
    for (const std::string& value : values_of(option)) {
      EXPECT_TRUE(std::any_of(
          covered.begin(), covered.end(),
          [&](const Covered& c) { return c.option == option.option && c.value == value; }))
          << option.name << " " << value;
    }
  }
  verify::VerifyOptions options;
  options.quick = true;
  options.random_vectors = 2000;
  const auto reports = verify::verify(subjects, options);
  ASSERT_TRUE(reports.ok()) << reports.error().message();
  for (const verify::VerifyReport& report : *reports) {
    EXPECT_TRUE(report.passed) << verify::to_text(report);
    EXPECT_GT(report.vectors, 0U) << report.label;
  }
  EXPECT_GT(subjects.size(), 700U);
}

/// FEWBIT_MATRIX_RUNS: requests for each operator, for longer campaigns.
TEST(Matrix, RandomRequestsAreBuiltAndVerified) {
  const char* runs = std::getenv("FEWBIT_MATRIX_RUNS");
  const int count = runs != nullptr ? std::atoi(runs) : 4;
  std::vector<verify::Subject> subjects;
  for (const OperatorInfo& info : operator_table()) {
    testing::RandomRequests requests(11);
    for (int i = 0; i < count; ++i) {
      OperatorSpec spec = requests.next(info);
      for (const Architecture arch : {Architecture::kGeneric, Architecture::kOptimized}) {
        spec.arch = arch;
        subjects.push_back({spec, ops::emit(spec), {}, spec.command()});
      }
    }
  }
  verify::VerifyOptions options;
  options.quick = true;
  options.random_vectors = 3000;
  const auto reports = verify::verify(subjects, options);
  ASSERT_TRUE(reports.ok()) << reports.error().message();
  for (const verify::VerifyReport& report : *reports) {
    EXPECT_TRUE(report.passed) << verify::to_text(report);
  }
}

TEST(Matrix, HelpAndDocumentsNameEveryOperatorAndOption) {
  const std::string help = run_process({FEWBIT_BINARY, "help", "emit"}, ".").value().output;
  const std::string page =
      read_file(std::filesystem::path(FEWBIT_SOURCE_DIR) / "docs" / "operators.md").value();
  for (const OperatorInfo& info : operator_table()) {
    EXPECT_THAT(help, HasSubstr(info.summary));
    EXPECT_THAT(help, HasSubstr(info.contract));
    EXPECT_THAT(page, HasSubstr("`" + info.name + "`"));
  }
  for (const OptionInfo& option : option_table()) {
    EXPECT_THAT(help, HasSubstr(option.name + " "));
    EXPECT_THAT(page, HasSubstr("`" + option.name));
    for (const std::string& word : testing::words_of(option.values)) {
      EXPECT_THAT(help, HasSubstr(word));
      EXPECT_THAT(page, HasSubstr(word));
    }
  }
}

}  // namespace
}  // namespace fewbit
