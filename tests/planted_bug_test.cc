// Bugs planted in what the builders emit are caught, each in one operator the rest of which is
// right.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fewbit/gen/ops/emit.h"
#include "fewbit/sim/verify/verify.h"
#include "fewbit/tests/graph_edit.h"

namespace fewbit {
namespace {

using fewbit::testing::GraphEdit;
using rtl::concat;

/// A request, and what a slip of the builder would have made of one place of its graph.
struct Slip {
  OperatorRequest request;
  const char* wrong;
  void (*plant)(GraphEdit& graph);
};
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
const OperatorRequest kFaccOfCodes = {.op = "facc", .a = "e4m3fn", .result = "e4m3fn"};
const OperatorRequest kFacc = {
    .op = "facc", .a = "e4m3fn", .result = "e4m3fn", .strategy = "exact_first"};
const OperatorRequest kElastic = {
    .op = "mul", .a = "e2m1", .b = "e2m1", .tag_bits = 3, .handshake = "valid_ready"};

std::vector<Slip> slips() {
  return {
      Slip{of_two("mac", "exact"), "a_exponent_low = a_i[3] | a_hidden",
           [](GraphEdit& g) {
             g.plant("a_exponent_low", g["a_i"].bit(3) | ~g["a_hidden"],
                     g["a_i"].bit(3) | g["a_hidden"]);
           }},
      Slip{of_two("mac", "exact"), "clear = first_i | fresh_q",
           [](GraphEdit& g) { g.plant("clear", g["valid_i"] & g["first_i"], g["first_i"]); }},
      Slip{of_two("mac", "exact"), "{sum_q, 1'b0} + {step_addend, step_carry}",
           [](GraphEdit& g) {
             g.plant("sum_and_carry", concat({g["sum_q"], g.constant(1, 1)}),
                     concat({g["sum_q"], g.constant(1, 0)}));
           }},
      Slip{of_two("mac", "exact"), "nan_seen = nan_event_q",
           [](GraphEdit& g) {
             g.plant("nan_seen", g["nan_seen_q"] | g["nan_event_q"], g["nan_event_q"]);
           }},
      Slip{kExactMul, "guards & (guards | significand[0])",
           [](GraphEdit& g) {
             g.plant("round_up", g["sticky"] | g["significand"].bit(0),
                     g["guards"] | g["significand"].bit(0));
           }},
      Slip{of_two("mul", "e4m3fn"), "{sum_exponent[1:0], 1'b0, sum_fraction}",
           [](GraphEdit& g) {
             g.plant("again_index",
                     concat({g["sum_exponent"].low(2), g["tie_up"], g["sum_fraction"]}),
                     concat({g["sum_exponent"].low(2), g.constant(1, 0), g["sum_fraction"]}));
           }},
      Slip{of_two("mul", "e4m3fn"), "subnormal = again & {4{1'b1}}",
           [](GraphEdit& g) {
             g.plant("subnormal", replicate(~g["far_below"], 4), g.constant(4, 15));
           }},
      Slip{of_two("mul", "e4m3fn"), "sum_fraction[0] without ~all_but_last",
           [](GraphEdit& g) {
             g.plant("rounded", g["sum_fraction"].bit(0) & ~g["all_but_last"],
                     g["sum_fraction"].bit(0));
           }},
      Slip{kExactAdd, "a_i[7] | b_i[7]",
           [](GraphEdit& g) {
             g.plant("result_negative", g["a_i"].bit(7) & g["b_i"].bit(7),
                     g["a_i"].bit(7) | g["b_i"].bit(7));
           }},
      Slip{of_two("add", "e4m3fn"), "code_difference: carry-in a_i[7]",
           [](GraphEdit& g) {
             const rtl::Signal a = concat({g.constant(1, 0), g["a_i"].low(7)});
             const rtl::Signal b = concat({g.constant(1, 0), ~g["b_i"].low(7)});
             g.plant("code_difference", add_with_carry(a, b, ~g["a_i"].bit(7)),
                     add_with_carry(a, b, g["a_i"].bit(7)));
           }},
      Slip{of_two("add", "e4m3fn"), "no_borrow = subtract",
           [](GraphEdit& g) {
             g.plant("no_borrow", g["subtract"] & ~g["below_last_place"], g["subtract"]);
           }},
      Slip{of_two("add", "e4m3fn"), "left_3: |{large_code[4], large_code[6]}",
           [](GraphEdit& g) {
             const rtl::Signal code = g["large_code"];
             g.plant("left_3", concat({code.bit(3), code.bit(4), code.bit(6)}),
                     concat({code.bit(4), code.bit(4), code.bit(6)}));
           }},
      Slip{of_two("max", "e4m3fn"), "negative numbers ordered like positive ones",
           [](GraphEdit& g) {
             g.plant("b_larger", g["a_i"].bit(7) ^ g["a_magnitude_below"], g["a_magnitude_below"]);
           }},
      Slip{of_two("min", "exact"), "a NaN of a is left where b is smaller",
           [](GraphEdit& g) { g.plant("take_b", ~g["b_larger"] & ~g["a_nan"], ~g["b_larger"]); }},
      Slip{of_two("max", "e4m3fn"), "is_nan = a_nan",
           [](GraphEdit& g) { g.plant("is_nan", g["a_nan"] | g["b_nan"], g["a_nan"]); }},
      Slip{of_two("fma", "e4m3fn"), "product_sign | c_i[7]",
           [](GraphEdit& g) {
             g.plant("result_negative", g["product_sign"] & g["c_i"].bit(7),
                     g["product_sign"] | g["c_i"].bit(7));
           }},
      Slip{of_two("fma", "e4m3fn"), "addend_3: sticky addend_2[8]",
           [](GraphEdit& g) {
             g.plant("addend_3", reduce_or(g["addend_2"].low(9)), g["addend_2"].bit(8));
           }},
      Slip{of_two("fmac", "e4m3fn"), "keep = 1'b1",
           [](GraphEdit& g) { g.plant("keep", ~g["first_q"], g.constant(1, 1)); }},
      Slip{kStochastic, "{1'b0, random_i, 1'b0}",
           [](GraphEdit& g) {
             g.plant("random_sum", concat({g.constant(1, 0), g["random_i"], g.constant(1, 1)}),
                     concat({g.constant(1, 0), g["random_i"], g.constant(1, 0)}));
           }},
      Slip{kFlushed, "rounded_flushed = rounded",
           [](GraphEdit& g) {
             g.plant("rounded_flushed", g["rounded"] & replicate(g["is_normal"], 7), g["rounded"]);
           }},
      Slip{kDot, "lane_1_a = a_i[7:0]",
           [](GraphEdit& g) { g.plant("lane_1_a", g["a_i"].slice(15, 8), g["a_i"].slice(7, 0)); }},
      Slip{kMxdot, "scale_b_hidden = scale_b_i[4]",
           [](GraphEdit& g) {
             g.plant("scale_b_hidden", reduce_or(g["scale_b_i"].slice(4, 2)),
                     g["scale_b_i"].bit(4));
           }},
      Slip{kMxquant, "scale_too_small = scale_unlimited[9]",
           [](GraphEdit& g) {
             g.plant("scale_too_small", g["scale_unlimited"].bit(9) | g["block_zero"],
                     g["scale_unlimited"].bit(9));
           }},
      Slip{kMxquant, "scale_or_nan = scale",
           [](GraphEdit& g) {
             g.plant("scale_or_nan", g["scale"] | replicate(g["is_special"], 8), g["scale"]);
           }},
      Slip{kRequant, "shifted_0[0] & (outside_0 | shifted_0[1])",
           [](GraphEdit& g) {
             g.plant("round_up", g["sticky_0"] | g["shifted_0"].bit(1),
                     g["outside_0"] | g["shifted_0"].bit(1));
           }},
      Slip{kRequant, "a_i[11] ? 4'b1001 : 4'b0111",
           [](GraphEdit& g) { g.plant("result", g.constant(4, 0b1000), g.constant(4, 0b1001)); }},
      Slip{kFaccOfCodes, "swap_with_b = swap",
           [](GraphEdit& g) { g.plant("swap_with_b", g["swap"] & g["with_b"], g["swap"]); }},
      Slip{kFacc, "acc_sign = acc_kept[7]",
           [](GraphEdit& g) {
             g.plant("acc_sign", mux(g["first_q"], g["sign_q"], g["acc_kept"].bit(7)),
                     g["acc_kept"].bit(7));
           }},
      Slip{kFacc, "acc_kept = acc_q",
           [](GraphEdit& g) {
             g.plant("acc_kept", g["acc_q"] & replicate(g["keep"], 8), g["acc_q"]);
           }},
      Slip{kElastic, "advance = ready_i",
           [](GraphEdit& g) { g.plant("advance", g["ready_i"] | ~g["valid_q"], g["ready_i"]); }},
      Slip{kElastic, "valid_q <= valid_i",
           [](GraphEdit& g) {
             g.plant("valid_q", mux(g["advance"], g["valid_i"], g["valid_q"]), g["valid_i"]);
           }},
      Slip{kElastic, "take = valid_i",
           [](GraphEdit& g) { g.plant("take", g["valid_i"] & g["advance"], g["valid_i"]); }},
      Slip{kElastic, "tag_q <= {tag_i[2:1], tag_i[1]}", [](GraphEdit& g) {
             g.plant("tag_q", g["tag_i"], concat({g["tag_i"].slice(2, 1), g["tag_i"].bit(1)}));
           }}};
}

/// The design of a request, as it is and with the slip, under a name of its own.
struct Pair {
  std::size_t right, wrong;  ///< places in the list of subjects
};

void add_pair(const Slip& slip, std::vector<verify::Subject>& subjects, std::vector<Pair>& pairs) {
  const Result<OperatorSpec> spec = make_operator_spec(slip.request);
  ASSERT_TRUE(spec.ok()) << spec.error().message();
  const std::string command = spec->command();
  std::size_t right = 0;
  while (right < subjects.size() && subjects[right].label != command) ++right;
  if (right == subjects.size()) subjects.push_back({*spec, ops::emit(*spec), {}, command});
  const auto planted = [&](const std::string& name) {
    return ops::emit_variant(*spec, name, [&](rtl::Module& module) {
      GraphEdit graph(module);
      slip.plant(graph);
    });
  };
  ASSERT_NE(planted(spec->module_name()).files.back().text,
            subjects[right].design.files.back().text);
  pairs.push_back({right, subjects.size()});
  const std::string name = spec->module_name() + "_slip_" + std::to_string(pairs.size());
  subjects.push_back({*spec, planted(name), {}, command + ": " + slip.wrong});
}

/// All in few simulators, since one takes a second to build.
TEST(PlantedBugs, AreCaughtInDesignsThatAreRightWithoutThem) {
  std::vector<verify::Subject> subjects;
  std::vector<Pair> pairs;
  for (const Slip& slip : slips()) {
    add_pair(slip, subjects, pairs);
    ASSERT_FALSE(HasFatalFailure()) << slip.request.op << ": " << slip.wrong;
  }
  const auto reports = verify::verify(subjects, {});
  ASSERT_TRUE(reports.ok()) << reports.error().message();
  for (const Pair& pair : pairs) {
    EXPECT_TRUE(reports->at(pair.right).passed) << verify::to_text(reports->at(pair.right));
    EXPECT_FALSE(reports->at(pair.wrong).passed) << verify::to_text(reports->at(pair.wrong));
  }
  EXPECT_GE(pairs.size(), 32U);
}

}  // namespace
}  // namespace fewbit
