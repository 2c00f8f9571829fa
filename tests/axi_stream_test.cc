// Operators with AXI4-Stream ports, in the evaluator: every operator under stalls; refusals.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/axi_stream.h"

#include <gmock/gmock.h>

#include "fewbit/gen/rtl/instance.h"
#include "fewbit/gen/rtl/passes.h"
#include "fewbit/sim/verify/axi_stream.h"
#include "fewbit/tests/evaluated_streams.h"
#include "fewbit/tests/request_matrix.h"

namespace fewbit {
namespace {

using ::testing::IsEmpty;

OperatorSpec spec_of(OperatorRequest request) {
  request.handshake = "valid";
  const Result<OperatorSpec> spec = make_operator_spec(request);
  EXPECT_TRUE(spec.ok()) << request.op << ": " << (spec.ok() ? "" : spec.error().message());
  return *spec;
}

void check(const OperatorSpec& spec, int runs) {
  rtl::Module module(blocks::axi_module_name(spec));
  blocks::build_axi_stream(module, spec);
  EXPECT_THAT(rtl::find_defects(module), IsEmpty()) << spec.command();
  const rtl::EmittedDesign design = blocks::emit_axi_stream(spec);
  verify::StreamBehaviour behaviour(verify::axi_plan(spec, design.signature),
                                    {.seed = 1, .beats = 150, .runs = runs});
  EXPECT_THAT(testing::differences(module, behaviour), IsEmpty()) << spec.command();
  EXPECT_EQ(behaviour.rates().at("s_axis"), 1) << spec.command();
}

TEST(AxiStream, EveryOperatorPassesABeatACycleWhoeverStalls) {
  for (const OperatorInfo& info : operator_table())
    check(spec_of(testing::plain_request(info.name)), 3);
}

TEST(AxiStream, TagsFlagsScalesResetsAndLatencies) {
  OperatorRequest exact{.op = "mul", .a = "e4m3fn", .b = "e5m2", .tag_bits = 5, .latency = 3};
  exact.reset = "sync_high";
  check(spec_of(exact), 6);
  OperatorRequest sum{.op = "mac", .a = "e5m2", .b = "int4", .terms = 20, .tag_bits = 63};
  sum.reset = "sync_low";
  check(spec_of(sum), 6);
  check(spec_of({.op = "add", .a = "int8", .b = "int8", .latency = 11}), 6);  // a memory behind it
}

TEST(AxiStream, NoReadyDependsOnAReadyAndNothingSentOnAnInput) {
  for (const OperatorInfo& info : operator_table()) {
    const OperatorSpec spec = spec_of(testing::plain_request(info.name));
    rtl::Module module(blocks::axi_module_name(spec));
    blocks::build_axi_stream(module, spec);
    const auto depends = rtl::combinational_inputs(module);
    ASSERT_EQ(depends.size(), module.outputs().size());
    for (std::size_t i = 0; i < depends.size(); ++i) {
      for (const std::size_t input : depends[i]) {
        const std::string& name = module.node(module.inputs()[input]).name;
        EXPECT_FALSE(name.find("_axis_") != std::string::npos)
            << info.name << ": " << module.outputs()[i].name << " depends on " << name;
      }
    }
  }
}

TEST(AxiStream, RefusesWhatItCannotHave) {
  OperatorRequest request = testing::plain_request("mac");
  const auto refusal = [](const OperatorRequest& asked) {
    const Status status = blocks::check_axi_stream(make_operator_spec(asked).value());
    return status.ok() ? std::string() : status.error().field;
  };
  EXPECT_EQ(refusal(request), "");
  request.handshake = "valid_ready";
  EXPECT_EQ(refusal(request), "--handshake");
  request.handshake = "valid";
  request.reset = "none";
  EXPECT_EQ(refusal(request), "--reset");
  request.reset = "";
  request.tag_bits = 64;
  EXPECT_EQ(refusal(request), "--tag-bits");
  EXPECT_EQ(refusal(testing::plain_request("mul")), "--handshake");  // it would be combinational
}

}  // namespace
}  // namespace fewbit
