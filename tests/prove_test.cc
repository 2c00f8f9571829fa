// Proofs: right designs are proved, each planted bug is refuted in the part made for it.
// SPDX-License-Identifier: Apache-2.0
#include "flows/prove.h"

#include <gmock/gmock.h>

#include "gen/ops/emit.h"

namespace fewbit::flows {
namespace {

OperatorSpec spec_of(const OperatorRequest& request) {
  const Result<OperatorSpec> spec = make_operator_spec(request);
  EXPECT_TRUE(spec.ok()) << (spec.ok() ? "" : spec.error().message());
  return *spec;
}

ProofInputs inputs_of(const OperatorRequest& request, const OperatorRequest& exact = {}) {
  OperatorSpec spec = spec_of(request);
  OperatorSpec generic = spec;
  generic.arch = Architecture::kGeneric;
  ProofInputs inputs{spec, ops::emit(spec), ops::emit(generic), std::nullopt, {}};
  if (!exact.op.empty()) {
    OperatorSpec addend = spec_of(exact);
    addend.arch = Architecture::kGeneric;
    inputs.exact = ops::emit(addend);
  }
  return inputs;
}

/// The inputs with one place of the optimized text changed.
ProofInputs with_slip(ProofInputs inputs, const std::string& right, const std::string& wrong) {
  std::string& text = inputs.optimized.files.back().text;
  const std::size_t at = text.find(right);
  EXPECT_NE(at, std::string::npos) << "the builder no longer emits '" << right << "':\n" << text;
  if (at != std::string::npos) text.replace(at, right.size(), wrong);
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
  EXPECT_THAT(refuted(with_slip(inputs_of(packed, {.op = "mul", .a = "int3", .b = "int3"}),
                                "lanes_0_borrow = lanes_0_fields[6]",
                                "lanes_0_borrow = lanes_0_fields[4]")),
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
  OperatorRequest dot{.op = "dot", .a = "e4m3fn", .b = "e4m3fn"};
  dot.lanes = 3;
  EXPECT_THAT(refuted(inputs_of(dot, {.op = "mul", .a = "e4m3fn", .b = "e4m3fn"})), IsEmpty());
}

TEST(Prove, SlipsAreRefuted) {
  OperatorRequest rounded{.op = "mul", .a = "e4m3fn", .b = "e4m3fn", .result = "e4m3fn"};
  EXPECT_THAT(refuted(with_slip(inputs_of(rounded), "{4{~far_below}}", "{4{1'b1}}")),
              ElementsAre("optimized equals generic"));
  rounded.handshake = "valid";  // with registers ABC says it in other words
  EXPECT_THAT(refuted(with_slip(inputs_of(rounded), "{4{~far_below}}", "{4{1'b1}}")),
              ElementsAre("optimized equals generic"));
  rounded.handshake = "";
  rounded.strategy = "exact_first";
  EXPECT_THAT(refuted(with_slip(inputs_of(rounded), "guards & (sticky |", "guards & (guards |")),
              ElementsAre("optimized equals generic"));
  const ProofInputs sum = inputs_of(sum_request(), kProduct);
  EXPECT_THAT(refuted(with_slip(sum, "a_exponent_low = a_i[1] | ~a_hidden",
                                "a_exponent_low = a_i[1] | a_hidden")),
              ElementsAre("stage: the addend is the exact product"));
  EXPECT_THAT(refuted(with_slip(sum, "{sum_q, 1'b1}", "{sum_q, 1'b0}")),
              ElementsAre("step: adds exactly the addend"));
  EXPECT_THAT(refuted(with_slip(sum, "valid_i & first_i", "first_i")),
              ElementsAre("step: adds exactly the addend"));
  const ProofInputs elastic = inputs_of(sum_request("valid_ready"), kProduct);
  EXPECT_THAT(
      refuted(with_slip(elastic, "advance = ready_i | ~result_valid_q", "advance = ready_i")),
      ::testing::Not(IsEmpty()));
}

TEST(Prove, SlipsInALaneOrInTheSumOfLanesAreRefuted) {
  OperatorRequest dot{.op = "dot", .a = "e4m3fn", .b = "e4m3fn"};
  dot.lanes = 3;
  const ProofInputs right = inputs_of(dot, {.op = "mul", .a = "e4m3fn", .b = "e4m3fn"});
  EXPECT_THAT(refuted(with_slip(right, "a_1_exponent_low = a_1[3] | ~a_1_hidden",
                                "a_1_exponent_low = a_1[3] | a_1_hidden")),
              ElementsAre("lane 1"));
  EXPECT_THAT(refuted(with_slip(right, "1'b1} + {term_1", "1'b1} - {term_1")),
              ElementsAre("sum of free lanes"));
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
