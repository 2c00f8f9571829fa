// Proofs: right designs are proved, each planted bug is refuted in the part made for it.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/prove.h"

#include <gmock/gmock.h>

#include "fewbit/gen/ops/emit.h"
#include "fewbit/tests/graph_edit.h"

namespace fewbit::flows {
namespace {

OperatorSpec spec_of(const OperatorRequest& request) {
  const Result<OperatorSpec> spec = make_operator_spec(request);
  EXPECT_TRUE(spec.ok()) << (spec.ok() ? "" : spec.error().message());
  return *spec;
}

using fewbit::testing::GraphEdit;
using rtl::concat;

/// A slip in the optimized design; none.
using Slip = std::function<void(GraphEdit&)>;

ProofInputs inputs_of(const OperatorRequest& request, const OperatorRequest& exact = {},
                      const Slip& slip = {}) {
  const OperatorSpec spec = spec_of(request);
  OperatorSpec generic = spec;
  generic.arch = Architecture::kGeneric;
  const ops::Edit edit = [slip](rtl::Module& module) {
    if (!slip) return;
    GraphEdit graph(module);
    slip(graph);
  };
  ProofInputs inputs{.spec = spec,
                     .optimized = ops::emit_variant(spec, spec.module_name(), edit),
                     .opened = ops::opener(spec, edit),
                     .generic = ops::emit(generic)};
  if (!exact.op.empty()) {
    OperatorSpec addend = spec_of(exact);
    addend.arch = Architecture::kGeneric;
    inputs.exact = ops::emit(addend);
  }
  return inputs;
}

/// Names of the parts that are not proved; "ERROR: ..." where there is no answer.
std::vector<std::string> refuted(const ProofInputs& inputs) {
  const auto parts = prove(inputs, {});
  if (!parts.ok()) return {"ERROR: " + parts.error().message()};
  std::vector<std::string> names;
  for (const ProofPart& part : *parts) {
    if (!part.proved) names.push_back(part.name + (part.refuted ? "" : " (unknown)"));
  }
  return names;
}

const OperatorRequest kProduct{.op = "mul", .a = "e2m1", .b = "e3m2"};
OperatorRequest sum_request(const char* handshake = "", const char* overflow = "") {
  OperatorRequest request{.op = "mac", .a = "e2m1", .b = "e3m2"};
  request.handshake = handshake;
  request.overflow = overflow;
  if (request.overflow.empty()) {
    request.terms = 20;
  } else {
    request.acc_width = 16;
  }
  return request;
}

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Prove, HardMultipliersAreLookedInto) {
  OperatorRequest product{.op = "mul", .a = "e4m3fn", .b = "e3m2", .result = "e4m3fn"};
  product.fabric = Fabric::kEcp5;
  product.dsp = "one";
  EXPECT_THAT(refuted(inputs_of(product)), IsEmpty());
  OperatorRequest sum{.op = "mac", .a = "e2m1", .b = "e3m2", .terms = 20};
  sum.fabric = Fabric::kEcp5;
  sum.dsp = "one";
  EXPECT_THAT(refuted(inputs_of(sum, kProduct)), IsEmpty());
  OperatorRequest packed{.op = "dot", .a = "int3", .b = "int3", .lanes = 2};
  packed.dsp = "packed";
  EXPECT_THAT(refuted(inputs_of(packed, {.op = "mul", .a = "int3", .b = "int3"})), IsEmpty());
  EXPECT_THAT(refuted(inputs_of(packed, {.op = "mul", .a = "int3", .b = "int3"},
                                [](GraphEdit& g) {
                                  g.plant("lanes_0_borrow", g["lanes_0_fields"].bit(6),
                                          g["lanes_0_fields"].bit(4));
                                })),
              ElementsAre("optimized equals generic"));
}

TEST(Prove, ABlockRamIsRefused) {
  OperatorRequest request{.op = "mac", .a = "int4", .b = "int4", .strategy = "bram"};
  const Status status = provable(spec_of(request));
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(), ::testing::HasSubstr("--strategy: 'bram'"));
}

TEST(Prove, RightDesignsAreProved) {
  OperatorRequest rounded{.op = "mul", .a = "e4m3fn", .b = "e4m3fn", .result = "e4m3fn"};
  EXPECT_THAT(refuted(inputs_of(rounded)), IsEmpty());
  rounded.handshake = "valid_ready";
  rounded.tag_bits = 3;
  EXPECT_THAT(refuted(inputs_of(rounded)), IsEmpty());
  EXPECT_THAT(refuted(inputs_of({.op = "convert", .a = "binary16", .result = "e5m2"})), IsEmpty());
  EXPECT_THAT(refuted(inputs_of(sum_request(), kProduct)), IsEmpty());
  EXPECT_THAT(refuted(inputs_of(sum_request("valid_ready", "saturate"), kProduct)), IsEmpty());
  OperatorRequest at_once = sum_request("valid_ready", "saturate");
  at_once.latency = 1;
  at_once.tag_bits = 2;
  EXPECT_THAT(refuted(inputs_of(at_once, kProduct)), IsEmpty());
  for (const char* rounding : {"toward_zero", "ties_to_even"}) {
    OperatorRequest without_low_bits = sum_request();
    without_low_bits.acc_lsb = 0;
    without_low_bits.rounding = rounding;
    EXPECT_THAT(refuted(inputs_of(without_low_bits, kProduct)), IsEmpty());
  }
  OperatorRequest dot{.op = "dot", .a = "e4m3fn", .b = "e4m3fn"};
  dot.lanes = 3;
  EXPECT_THAT(refuted(inputs_of(dot, {.op = "mul", .a = "e4m3fn", .b = "e4m3fn"})), IsEmpty());
}

TEST(Prove, ChoicesAreProved) {
  EXPECT_THAT(refuted(inputs_of({.op = "max", .a = "e4m3fn", .b = "e4m3fn"})), IsEmpty());
  OperatorRequest mixed{.op = "min", .a = "e5m2", .b = "int6", .result = "e4m3fn"};
  mixed.nan = "ignore";
  EXPECT_THAT(refuted(inputs_of(mixed)), IsEmpty());
  EXPECT_THAT(
      refuted(inputs_of(mixed, {},
                        [](GraphEdit& g) { g.plant("take_b", g["a_nan"], g.constant(1, 0)); })),
      ElementsAre("optimized equals generic"));
}

TEST(Prove, LanesThatAreInstancesAreProved) {
  OperatorRequest dot{.op = "dot", .a = "e2m2ieee", .b = "e2m2ieee", .lanes = 5};
  dot.fabric = Fabric::kXilinx;
  EXPECT_THAT(refuted(inputs_of(dot, {.op = "mul", .a = "e2m2ieee", .b = "e2m2ieee"})), IsEmpty());
}

TEST(Prove, SlipsAreRefuted) {
  OperatorRequest rounded{.op = "mul", .a = "e4m3fn", .b = "e4m3fn", .result = "e4m3fn"};
  const Slip never_below = [](GraphEdit& g) {
    g.plant("subnormal", replicate(~g["far_below"], 4), g.constant(4, 15));
  };
  EXPECT_THAT(refuted(inputs_of(rounded, {}, never_below)),
              ElementsAre("optimized equals generic"));
  rounded.handshake = "valid";  // with registers ABC says it in other words
  EXPECT_THAT(refuted(inputs_of(rounded, {}, never_below)),
              ElementsAre("optimized equals generic"));
  rounded.handshake = "";
  rounded.strategy = "exact_first";
  EXPECT_THAT(refuted(inputs_of(rounded, {},
                                [](GraphEdit& g) {
                                  const rtl::Signal last = g["significand"].bit(0);
                                  g.plant("round_up", g["sticky"] | last, g["guards"] | last);
                                })),
              ElementsAre("optimized equals generic"));
  const auto of_sum = [](const Slip& slip) {
    return refuted(inputs_of(sum_request(), kProduct, slip));
  };
  EXPECT_THAT(of_sum([](GraphEdit& g) {
                const rtl::Signal low = g["a_i"].bit(1);
                g.plant("a_exponent_low", low | ~g["a_hidden"], low | g["a_hidden"]);
              }),
              ElementsAre("stage: the addend is the exact product"));
  EXPECT_THAT(of_sum([](GraphEdit& g) {
                g.plant("sum_and_carry", concat({g["sum_q"], g.constant(1, 1)}),
                        concat({g["sum_q"], g.constant(1, 0)}));
              }),
              ElementsAre("step: adds exactly the addend"));
  EXPECT_THAT(
      of_sum([](GraphEdit& g) { g.plant("clear", g["valid_i"] & g["first_i"], g["first_i"]); }),
      ElementsAre("step: adds exactly the addend"));
  EXPECT_THAT(refuted(inputs_of(sum_request("valid_ready"), kProduct,
                                [](GraphEdit& g) {
                                  g.plant("advance", g["ready_i"] | ~g["result_valid_q"],
                                          g["ready_i"]);
                                })),
              ::testing::Not(IsEmpty()));
}

TEST(Prove, SlipsInShortSumsAndInRoundedAddendsAreRefuted) {
  OperatorRequest at_once = sum_request();
  at_once.latency = 1;
  const auto of_sum = [&](const Slip& slip) { return refuted(inputs_of(at_once, kProduct, slip)); };
  EXPECT_THAT(of_sum([](GraphEdit& g) {
                const rtl::Signal low = g["a_i"].bit(1);
                g.plant("a_exponent_low", low | ~g["a_hidden"], low | g["a_hidden"]);
              }),
              ElementsAre("stage: the addend is the exact product"));
  EXPECT_THAT(of_sum([](GraphEdit& g) {
                g.plant("sum", g["sum_q"] + g["step_addend"], g["sum_q"] - g["step_addend"]);
              }),
              ElementsAre("step: adds exactly the addend"));
  OperatorRequest without_low_bits = sum_request();
  without_low_bits.acc_lsb = 0;
  without_low_bits.rounding = "ties_to_even";
  EXPECT_THAT(refuted(inputs_of(without_low_bits, kProduct,
                                [](GraphEdit& g) {
                                  const rtl::Signal sticky = g["rest_sticky"];
                                  g.plant("addend_up", sticky | g["addend_kept"].bit(0), sticky);
                                })),
              ElementsAre("stage: the addend is the exact product"));
}

TEST(Prove, SlipsInALaneOrInTheSumOfLanesAreRefuted) {
  OperatorRequest dot{.op = "dot", .a = "e4m3fn", .b = "e4m3fn"};
  dot.lanes = 3;
  const auto of_dot = [&dot](const Slip& slip) {
    return refuted(inputs_of(dot, {.op = "mul", .a = "e4m3fn", .b = "e4m3fn"}, slip));
  };
  EXPECT_THAT(of_dot([](GraphEdit& g) {
                const rtl::Signal low = g["lane_1_a"].bit(3);
                const rtl::Signal hidden = g["lane_1_a_hidden"];
                g.plant("lane_1_a_exponent_low", low | ~hidden, low | hidden);
              }),
              ElementsAre("lane 1"));
  EXPECT_THAT(
      of_dot([](GraphEdit& g) {
        const rtl::Signal x = concat({sign_extend(g["lane_0_term"], 38), g.constant(1, 1)});
        const rtl::Signal y = concat({sign_extend(g["lane_1_term"], 38), g["lane_1_term_carry"]});
        g.plant("sum_0_0_wide", x + y, x - y);
      }),
      ElementsAre("sum of free lanes"));
}

/// A design whose probes are not all there, or not what they should be, is no proof and no
/// refutation: an error that names the role.
TEST(Prove, AMissingProbeIsAnErrorWithItsRole) {
  const auto without = [](ProofInputs inputs, rtl::ProbeRole role) {
    inputs.opened = [open = inputs.opened, role](const std::vector<rtl::ProbeRole>& free) {
      rtl::EmittedDesign design = open(free);
      EXPECT_GT(std::erase_if(design.probes,
                              [role](const rtl::Probe& probe) { return probe.role == role; }),
                0U)
          << to_string(role);
      return design;
    };
    return refuted(inputs);
  };
  const auto names = [](rtl::ProbeRole role) {
    return ::testing::Contains(
        ::testing::StartsWith(fmt::format("ERROR: probe: '{} of lane ", rtl::to_string(role))));
  };
  using enum rtl::ProbeRole;
  const OperatorRequest product{.op = "mul", .a = "e4m3fn", .b = "e4m3fn"};
  OperatorRequest sum{.op = "mac", .a = "e4m3fn", .b = "e4m3fn", .tag_bits = 2};
  for (const auto role : {kValid, kTag, kSum, kAddend, kAddendCarry, kFresh, kNanEvent, kNanSeen}) {
    EXPECT_THAT(without(inputs_of(sum, product), role), names(role));
  }
  OperatorRequest dot{.op = "dot", .a = "e5m2", .b = "e5m2"};
  dot.lanes = 3;
  const OperatorRequest lane{.op = "mul", .a = "e5m2", .b = "e5m2"};
  for (const auto role : {kTerm, kTermUsed, kTermCarry, kRunningSum}) {
    EXPECT_THAT(without(inputs_of(dot, lane), role), names(role));
  }
  EXPECT_THAT(without(inputs_of(dot, lane), kTermLateCarry), names(kTermCarry));  // one of both
  // A probe that stayed inside the design.
  ProofInputs inputs = inputs_of(sum, product);
  inputs.opened = [&inputs](const std::vector<rtl::ProbeRole>&) { return inputs.optimized; };
  EXPECT_THAT(refuted(inputs), names(kValid));
}

TEST(Prove, WhatHasNoProofIsRefusedWithTheReason) {
  const auto reason = [](const OperatorRequest& request) {
    const Status status = provable(spec_of(request));
    return status.ok() ? "provable" : status.error().message();
  };
  EXPECT_THAT(reason({.op = "facc", .a = "e2m1", .result = "binary16"}),
              ::testing::HasSubstr("no proof is known"));
  OperatorRequest mac = sum_request();
  mac.reset = "none";
  EXPECT_THAT(reason(mac), ::testing::HasSubstr("proofs start from a reset"));
}

}  // namespace
}  // namespace fewbit::flows
