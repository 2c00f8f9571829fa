// Bugs planted in what the builders emit are caught, each in one operator the rest of which is
// right. SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <ostream>

#include "gen/ops/emit.h"
#include "sim/verify/verify.h"

namespace fewbit {
namespace {

/// A request, one place of its text, and what a slip of the builder would have made of it.
struct Slip {
  OperatorRequest request;
  const char* right;
  const char* wrong;
};
std::ostream& operator<<(std::ostream& out, const Slip& slip) {
  return out << slip.request.op << ": " << slip.wrong;
}

/// Of two e4m3fn operands.
OperatorRequest of_two(const char* op, const char* result) {
  return {.op = op, .a = "e4m3fn", .b = "e4m3fn", .result = result};
}

const OperatorRequest kStochastic = {
    .op = "convert", .a = "e4m3fn", .result = "e2m1", .rounding = "stochastic_b", .random_bits = 4};
const OperatorRequest kFlushed = {
    .op = "convert", .a = "e4m3fn", .result = "e2m1", .subnormals = "flush"};
const OperatorRequest kExactAdd = {
    .op = "add", .a = "e4m3fn", .b = "e4m3fn", .result = "e4m3fn", .strategy = "exact_first"};
const OperatorRequest kExactMul = {
    .op = "mul", .a = "e4m3fn", .b = "e4m3fn", .result = "e4m3fn", .strategy = "exact_first"};
const OperatorRequest kDot = {.op = "dot", .a = "e4m3fn", .b = "e4m3fn", .lanes = 2, .terms = 8};
const OperatorRequest kMxdot = {
    .op = "mxdot", .a = "e2m1", .b = "e2m1", .scale = "ue3m2f", .result = "e4m3fn", .lanes = 2};
const OperatorRequest kMxquant = {.op = "mxquant", .a = "e4m3fn", .result = "e2m1", .lanes = 2};
const OperatorRequest kRequant = {.op = "requant", .a = "int12", .result = "int4"};
const OperatorRequest kFacc = {.op = "facc", .a = "e4m3fn", .result = "e4m3fn"};
const OperatorRequest kElastic = {
    .op = "mul", .a = "e2m1", .b = "e2m1", .tag_bits = 3, .handshake = "valid_ready"};

class PlantedBug : public ::testing::TestWithParam<Slip> {};

TEST_P(PlantedBug, IsCaught) {
  const Slip& slip = GetParam();
  const OperatorRequest& request = slip.request;
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

  const auto reports = verify::verify({right, wrong}, {});
  ASSERT_TRUE(reports.ok()) << reports.error().message();
  EXPECT_TRUE(reports->front().passed) << verify::to_text(reports->front());
  EXPECT_FALSE(reports->back().passed) << verify::to_text(reports->back());
}

INSTANTIATE_TEST_SUITE_P(
    Builders, PlantedBug,
    ::testing::Values(
        Slip{of_two("mac", "exact"), "a_exponent_low = a_i[3] | ~a_hidden",
             "a_exponent_low = a_i[3] | a_hidden"},
        Slip{of_two("mac", "exact"), "valid_i & first_i", "first_i"},
        Slip{of_two("mac", "exact"), "{sum_q, 1'b1}", "{sum_q, 1'b0}"},
        Slip{of_two("mac", "exact"), "nan_seen_q | nan_event_q", "nan_event_q"},
        Slip{kExactMul, "guards & (sticky |", "guards & (guards |"},
        Slip{of_two("mul", "e4m3fn"), "sum_exponent[1:0], tie_up", "sum_exponent[1:0], 1'b0"},
        Slip{of_two("mul", "e4m3fn"), "{4{~far_below}}", "{4{1'b1}}"},
        Slip{of_two("mul", "e4m3fn"), "sum_fraction[0] & ~all_but_last", "sum_fraction[0]"},
        Slip{kExactAdd, "a_i[7] & ", "a_i[7] | "},
        Slip{of_two("add", "e4m3fn"), ", ~a_i[7]}", ", a_i[7]}"},
        Slip{of_two("add", "e4m3fn"), "subtract & ~below_last_place", "subtract"},
        Slip{of_two("add", "e4m3fn"), "(|{large_code[3], large_code[4], ", "(|{large_code[4], "},
        Slip{of_two("fma", "e4m3fn"), "product_sign & c_i[7]", "product_sign | c_i[7]"},
        Slip{of_two("fma", "e4m3fn"), "small_2[16:9], |small_2[8:0]", "small_2[16:9], small_2[8]"},
        Slip{of_two("fmac", "e4m3fn"), "keep = ~first_q", "keep = 1'b1"},
        Slip{kStochastic, "{1'b0, random_i, 1'b1}", "{1'b0, random_i, 1'b0}"},
        Slip{kFlushed, "rounded & {7{is_normal}}", "rounded"},
        Slip{kDot, "a_1 = a_i[15:8]", "a_1 = a_i[7:0]"},
        Slip{kMxdot, "scale_b_hidden = |scale_b_i[4:2]", "scale_b_hidden = scale_b_i[4]"},
        Slip{kMxquant, "scale_wanted[9] | block_zero", "scale_wanted[9]"},
        Slip{kMxquant, "scale | {8{is_special}}", "scale"},
        Slip{kRequant, "shifted_0[0] & (sticky_0 |", "shifted_0[0] & (outside_0 |"},
        Slip{kRequant, "a_i[11] ? 4'b1000", "a_i[11] ? 4'b1001"},
        Slip{kFacc, "acc_sign = first_q ? sign_q : acc_q[7]", "acc_sign = acc_q[7]"},
        Slip{kFacc, "acc_nan & keep", "acc_nan"}, Slip{kElastic, "ready_i | ~valid_q", "ready_i"},
        Slip{kElastic, "advance ? valid_i : valid_q", "valid_i"},
        Slip{kElastic, "take = valid_i & advance", "take = valid_i"},
        Slip{kElastic, "tag_q <= tag_i", "tag_q <= {tag_i[2:1], tag_i[1]}"}));

}  // namespace
}  // namespace fewbit
