// The C model of every request of the matrix, and of random ones, against the exact model. Some
// minutes: `make verify-c-models` runs it, `make test` a sample (c_model_test).
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "fewbit/sim/c_model/c_model.h"
#include "fewbit/tests/c_model_requests.h"

namespace fewbit {
namespace {

verify::VerifyOptions matrix_options() {
  verify::VerifyOptions options;
  options.quick = true;
  options.random_vectors = 20000;
  options.coverage = {.exhaustive_bits = 16, .corners = 5000, .longest_sum = 3000};
  return options;
}

/// A model does not know the module's architecture, latency and handshake: one of each arithmetic.
class Distinct {
 public:
  void add(const OperatorSpec& spec) {
    std::string text = c_model::c_header(spec).text;
    const std::string name = spec.module_name();
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at)) {
      text.erase(at, name.size());
    }
    text.erase(0, text.find("enum"));
    if (texts_.insert(text).second) testing::add_subject(spec, subjects_);
  }
  [[nodiscard]] const std::vector<verify::Subject>& subjects() const { return subjects_; }

 private:
  std::set<std::string> texts_;
  std::vector<verify::Subject> subjects_;
};

TEST(CModelMatrix, EveryOptionOfEveryOperator) {
  Distinct distinct;
  std::size_t requests = 0;
  testing::for_matrix(
      [&](const OperatorSpec& spec) {
        distinct.add(spec);
        ++requests;
      },
      [](const OperatorInfo&, Option, const std::string&) {});
  EXPECT_GT(requests, 700U);
  fmt::print("{} requests\n", requests);
  testing::expect_equal_models(distinct.subjects(), verify::CModel::kHeader, matrix_options(), {});
  testing::expect_equal_models(distinct.subjects(), verify::CModel::kDpi, matrix_options(), {});
}

TEST(CModelMatrix, ClangHasNothingToSay) {
  std::vector<verify::Subject> subjects;
  for (const OperatorInfo& info : operator_table()) {
    testing::add_subject(make_operator_spec(testing::plain_request(info.name)).value(), subjects);
    testing::RandomRequests requests(31);
    testing::add_subject(requests.next(info), subjects);
  }
  testing::expect_no_word(subjects, {"clang-14", "-std=c99"});
  testing::expect_no_word(subjects, {"clang-14", "-x", "c++", "-std=c++17"});
}

/// FEWBIT_C_MODEL_RUNS: requests for each operator, for longer campaigns.
TEST(CModelMatrix, RandomRequests) {
  const char* runs = std::getenv("FEWBIT_C_MODEL_RUNS");
  const int count = runs != nullptr ? std::atoi(runs) : 40;
  Distinct distinct;
  for (const OperatorInfo& info : operator_table()) {
    testing::RandomRequests requests(29);
    for (int i = 0; i < count; ++i) distinct.add(requests.next(info));
  }
  testing::expect_equal_models(distinct.subjects(), verify::CModel::kHeader, matrix_options(),
                               testing::kSanitized);
}

}  // namespace
}  // namespace fewbit
