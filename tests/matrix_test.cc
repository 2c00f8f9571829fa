// The test matrix of the registration: every operator with every value of every option it has is
// built in both architectures and verified by Verilator; help and documents name all of them.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cstdlib>

#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/process.h"
#include "fewbit/sim/verify/verify.h"
#include "fewbit/tests/request_matrix.h"

namespace fewbit {
namespace {

using ::testing::HasSubstr;

struct Covered {
  std::string op;
  Option option;
  std::string value;
};

TEST(Matrix, EveryOptionOfEveryOperatorIsBuiltAndVerified) {
  std::vector<verify::Subject> subjects;
  std::vector<Covered> covered;
  for (const OperatorInfo& info : operator_table()) {
    ASSERT_TRUE(make_operator_spec(testing::plain_request(info.name)).ok())
        << info.name << " has no plain request";
  }
  testing::for_matrix(
      [&](const OperatorSpec& spec) {
        subjects.push_back({spec, ops::emit(spec), {}, spec.command()});
      },
      [&](const OperatorInfo& info, Option option, const std::string& value) {
        covered.push_back({info.name, option, value});
      });
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
    for (const std::string& value : testing::values_of(option)) {
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
