// Bugs planted in what the builders emit are caught, each in one operator the rest of which is
// right. SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <ostream>

#include "gen/ops/emit.h"
#include "sim/verify/verify.h"

namespace fewbit {
namespace {

/// An operator on e4m3fn, one place of its text, and what a slip of the builder would have made of
/// it.
struct Slip {
  const char* op;
  const char* result;
  const char* right;
  const char* wrong;
};
std::ostream& operator<<(std::ostream& out, const Slip& slip) {
  return out << slip.op << ": " << slip.wrong;
}

class PlantedBug : public ::testing::TestWithParam<Slip> {};

TEST_P(PlantedBug, IsCaught) {
  const Slip& slip = GetParam();
  OperatorRequest request{.op = slip.op, .a = "e4m3fn", .b = "e4m3fn", .result = slip.result};
  const Result<OperatorSpec> spec = make_operator_spec(request);
  ASSERT_TRUE(spec.ok()) << spec.error().message();
  verify::Subject right{*spec, ops::emit(*spec), {}, "right"};
  verify::Subject wrong = right;
  wrong.label = "wrong";
  std::string& text = wrong.design.files.back().text;
  const std::size_t at = text.find(slip.right);
  ASSERT_NE(at, std::string::npos) << "the builder no longer emits '" << slip.right << "':\n"
                                   << text;
  text.replace(at, std::string(slip.right).size(), slip.wrong);

  for (const verify::Subject* subject : {&right, &wrong}) {
    const auto reports = verify::verify({*subject}, {});
    ASSERT_TRUE(reports.ok()) << reports.error().message();
    EXPECT_EQ(reports->front().passed, subject == &right) << verify::to_text(reports->front());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Builders, PlantedBug,
    ::testing::Values(Slip{"mac", "exact", "a_exponent_low = a_i[3] | ~a_hidden",
                           "a_exponent_low = a_i[3] | a_hidden"},
                      Slip{"mac", "exact", "valid_i & first_i", "first_i"},
                      Slip{"mac", "exact", "{sum_q, 1'b1}", "{sum_q, 1'b0}"},
                      Slip{"mac", "exact", "nan_seen_q | nan_event_q", "nan_event_q"},
                      Slip{"mul", "e4m3fn", "round & (sticky |", "round & (round |"},
                      Slip{"add", "e4m3fn", "a_i[7] & ", "a_i[7] | "}));

}  // namespace
}  // namespace fewbit
