// The smallest formats in every operator, both architectures, by Verilator. A sample here; `make
// verify-small` runs all pairs of up to 2 bits, and more of 3.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/tests/small_formats.h"

#include <fmt/core.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <random>
#include <set>

#include "fewbit/gen/ops/emit.h"
#include "fewbit/sim/verify/verify.h"

namespace fewbit {
namespace {

using testing::formats_of_up_to;
using ::testing::IsSupersetOf;

/// What was simulated, for the report of the whole.
struct Figures {
  std::size_t designs = 0;
  std::uint64_t vectors = 0;
  std::size_t wrong = 0;
};

class Subjects {
 public:
  /// Both architectures of a request; its own strategy in the optimized one.
  void add(OperatorSpec spec) {
    for (const Architecture arch : {Architecture::kGeneric, Architecture::kOptimized}) {
      spec.arch = arch;
      subjects_.push_back({spec, ops::emit(spec), {}, spec.command()});
    }
    if (subjects_.size() >= kAtOnce) verify();
  }
  Figures finish() {
    verify();
    return figures_;
  }

 private:
  static constexpr std::size_t kAtOnce = 1000;  // texts in memory

  void verify() {
    verify::VerifyOptions options;
    options.quick = true;
    options.random_vectors = 2000;
    const auto reports = verify::verify(subjects_, options);
    ASSERT_TRUE(reports.ok()) << reports.error().message();
    for (const verify::VerifyReport& report : *reports) {
      EXPECT_TRUE(report.passed) << verify::to_text(report);
      EXPECT_GT(report.vectors, 0U) << report.label;
      figures_.vectors += report.vectors;
      figures_.wrong += report.passed ? 0 : 1;
    }
    figures_.designs += subjects_.size();
    subjects_.clear();
  }

  std::vector<verify::Subject> subjects_;
  Figures figures_;
};

/// An operator on two small formats: exact, as a saturating sum, and rounded in a way chosen at
/// random, each where it is legal. Of an operator with one operand `b` is the format of the result.
class Requests {
 public:
  std::vector<OperatorSpec> of(const OperatorInfo& info, const std::string& a,
                               const std::string& b) {
    OperatorRequest plain{.op = info.name, .a = a};
    if (info.needs_b()) plain.b = b;
    if (info.has(Option::kC) && !info.with_addend) plain.c = pick(formats_.narrow);
    if (info.has(Option::kScale)) plain.scale = pick(formats_.scales);
    if (info.has(Option::kLanes)) plain.lanes = 1 + random_() % 3;
    std::vector<OperatorSpec> legal;
    keep(plain, legal);
    if (info.has(Option::kAccWidth)) {
      OperatorRequest sum = plain;
      sum.acc_width = (info.has(Option::kScale) ? 24 : 8) + random_() % 5;
      sum.overflow = "saturate";
      keep(sum, legal);
    }
    if (!info.has(Option::kResult)) return legal;
    // Some results have no such overflow, and some operators no such result.
    for (int tries = 0; tries < 8; ++tries) {
      OperatorRequest rounded = plain;
      rounded.result = info.needs_b() || tries > 0 ? pick(formats_.results) : b;
      if (info.with_addend && random_() % 2 == 0) rounded.c = pick(formats_.narrow);
      if (info.has(Option::kRounding)) rounded.rounding = word(Option::kRounding);
      if (info.has(Option::kOverflow) && random_() % 2 == 0) {
        rounded.overflow = word(Option::kOverflow);
      }
      if (info.has(Option::kSubnormals) && random_() % 4 == 0) rounded.subnormals = "flush_inputs";
      if (keep(rounded, legal)) break;
    }
    return legal;
  }

 private:
  const std::string& pick(const std::vector<std::string>& list) {
    return list[random_() % list.size()];
  }
  std::string word(Option option) { return pick(testing::words_of(option_info(option).values)); }
  static bool keep(const OperatorRequest& request, std::vector<OperatorSpec>& legal) {
    const Result<OperatorSpec> spec = make_operator_spec(request);
    if (spec.ok()) legal.push_back(*spec);
    return spec.ok();
  }

  const testing::RequestFormats formats_ = testing::small_formats();
  std::mt19937 random_{3};
};

TEST(SmallFormats, AreThoseOfTheGrammar) {
  const std::vector<std::string> names = formats_of_up_to(3);
  EXPECT_THAT(names, IsSupersetOf({"int1", "uint1", "int2", "uint2", "e1m0f", "e1m0fnuz", "ue2m0f",
                                   "ue2m0fn", "ue1m1f", "ue1m1fn", "ue1m1ieee", "e1m1f", "e1m1ieee",
                                   "e2m0fn", "ue1m2ieee", "binary3p1se", "binary3p3ue"}));
  EXPECT_THAT(formats_of_up_to(1), ::testing::ElementsAre("int1", "uint1"));
}

/// Whether `make verify-small` runs the whole.
const bool kWhole = std::getenv("FEWBIT_SMALL_WHOLE") != nullptr;

void show(const char* what, const Figures& figures) {
  fmt::print("{}: {} designs, {} vectors, {} designs that differ from the model\n", what,
             figures.designs, figures.vectors, figures.wrong);
}

TEST(SmallFormats, PairsInEveryOperator) {
  // Always: the only ones whose product has no sign though both have, those whose significand is
  // wider than any finite one, and those without a range of exponents.
  const std::set<std::pair<std::string, std::string>> always = {{"int1", "int1"},
                                                                {"int1", "uint1"},
                                                                {"ue1m1ieee", "ue1m1ieee"},
                                                                {"e1m0f", "e1m1f"},
                                                                {"binary3p1se", "ue2m0fn"}};
  const std::vector<std::string> formats = formats_of_up_to(3);
  const std::vector<std::string> smallest = formats_of_up_to(2);  // they come first
  Subjects subjects;
  Requests requests;
  std::mt19937 random(8);
  std::set<std::string> there;
  for (const OperatorInfo& info : operator_table()) {
    for (std::size_t i = 0; i < formats.size(); ++i) {
      for (std::size_t j = 0; j < formats.size(); ++j) {
        const std::string& a = formats[i];
        const std::string& b = formats[j];
        const bool taken = random() % (kWhole ? 40 : 800) == 0 || always.count({a, b}) > 0;
        if (!taken && !(kWhole && i < smallest.size() && j < smallest.size())) continue;
        for (const OperatorSpec& spec : requests.of(info, a, b)) {
          if (there.insert(spec.command()).second) subjects.add(spec);
        }
      }
    }
  }
  const Figures figures = subjects.finish();
  show("pairs", figures);
  EXPECT_GT(figures.designs, kWhole ? 3000U : 200U);
}

TEST(SmallFormats, RandomRequests) {
  Subjects subjects;
  for (const OperatorInfo& info : operator_table()) {
    testing::RandomRequests requests(5, testing::small_formats());
    for (int i = 0; i < (kWhole ? 60 : 3); ++i) subjects.add(requests.next(info));
  }
  const Figures figures = subjects.finish();
  show("random requests", figures);
  EXPECT_GE(figures.designs, 78U);
}

}  // namespace
}  // namespace fewbit
