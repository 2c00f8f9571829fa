// Requests: what is accepted with which defaults, names and commands.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/operator_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <tuple>

#include "fewbit/tests/operator_requests.h"
#include "fewbit/tests/random_request.h"

namespace fewbit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(OperatorSpec, Defaults) {
  const OperatorSpec mac = make_operator_spec(mac_request()).value();
  EXPECT_EQ(mac.terms, 1024);
  EXPECT_EQ(mac.overflow, OverflowMode::kWrap);
  EXPECT_EQ(mac.reset, ResetKind::kAsyncLow);
  EXPECT_EQ(mac.arch, Architecture::kOptimized);
  EXPECT_EQ(mac.rounding, RoundingMode::kTiesToEven);
  EXPECT_EQ(make_operator_spec(rounded_request("e4m3fn"))->overflow, OverflowMode::kSaturate);
  EXPECT_EQ(make_operator_spec(rounded_request("e5m2"))->overflow, OverflowMode::kInfinity);
  EXPECT_EQ(make_operator_spec(rounded_request("int8"))->overflow, OverflowMode::kSaturate);
  EXPECT_EQ(mac.handshake, Handshake::kValid);
  EXPECT_EQ(mac.tag_bits, 0);
  EXPECT_EQ(mac.random_bits, 0);
  EXPECT_EQ(mac.lanes, 1);
  EXPECT_FALSE(mac.flush_inputs || mac.flush_outputs);
  EXPECT_EQ(make_operator_spec(mul_request())->handshake, Handshake::kNone);

  const OperatorSpec fma =
      make_operator_spec({.op = "fma", .a = "e2m1", .b = "e2m1", .result = "e5m2"}).value();
  EXPECT_EQ(fma.c->name(), "e5m2");
  const OperatorSpec dot = make_operator_spec({.op = "dot", .a = "e2m1", .b = "int3"}).value();
  EXPECT_EQ(dot.lanes, 4);
  EXPECT_FALSE(dot.accumulates());
  const OperatorSpec mxdot = make_operator_spec({.op = "mxdot", .a = "e2m1", .b = "e2m1"}).value();
  EXPECT_EQ(mxdot.scale->name(), "e8m0");
  EXPECT_EQ(mxdot.lanes, 32);
  const OperatorSpec nvfp4 =
      make_operator_spec({.op = "mxdot", .a = "e2m1", .b = "e2m1", .scale = "ue4m3fn"}).value();
  EXPECT_EQ(nvfp4.lanes, 16);
  const OperatorSpec quant =
      make_operator_spec({.op = "mxquant", .a = "bfloat16", .result = "e2m1"}).value();
  EXPECT_EQ(quant.lanes, 32);
  EXPECT_EQ(quant.scale_policy, ScalePolicy::kFloor);
  EXPECT_FALSE(quant.scale.has_value());
  const OperatorSpec requant =
      make_operator_spec({.op = "requant", .a = "int32", .result = "int8"}).value();
  EXPECT_EQ(requant.shift_bits, 5);
  EXPECT_FALSE(requant.b.has_value());
  OperatorRequest stochastic = rounded_request("e5m2");
  stochastic.rounding = "stochastic_b";
  EXPECT_EQ(make_operator_spec(stochastic)->random_bits, 8);
  const OperatorSpec facc =
      make_operator_spec({.op = "facc", .a = "e4m3fn", .result = "e5m2"}).value();
  EXPECT_EQ(facc.handshake, Handshake::kValid);
  EXPECT_EQ(facc.overflow, OverflowMode::kInfinity);
  EXPECT_EQ(facc.acc_width, 0);
}

TEST(OperatorSpec, AccumulatorsAndLatency) {
  struct Kind {
    OperatorRequest request;
    bool exactly, rounded, clocked;
    int latency;
  };
  for (const Kind& kind : std::vector<Kind>{
           {mul_request(), false, false, false, 0},
           {with(mul_request(), [](auto& r) { r.handshake = "valid"; }), false, false, true, 1},
           {with(mul_request(), [](auto& r) { r.handshake = "valid_ready"; }), false, false, true,
            1},
           {mac_request(), true, false, true, 2},
           {with(mac_request(), [](auto& r) { r.handshake = "valid_ready"; }), true, false, true,
            2},
           {with(mac_request(), [](auto& r) { r.latency = 1; }), true, false, true, 1},
           {with(mac_request(),
                 [](auto& r) {
                   r.latency = 1;
                   r.arch = "generic";
                 }),
            true, false, true, 1},
           {{.op = "dot", .a = "int4", .b = "int4"}, false, false, false, 0},
           {{.op = "dot", .a = "int4", .b = "int4", .terms = 3}, true, false, true, 2},
           {{.op = "mxdot", .a = "e2m1", .b = "e2m1", .acc_width = 900}, true, false, true, 2},
           {{.op = "facc", .a = "int4", .result = "e5m2"}, false, true, true, 2},
           {{.op = "fmac", .a = "int4", .b = "int4", .result = "e5m2"}, false, true, true, 2}}) {
    const Result<OperatorSpec> spec = make_operator_spec(kind.request);
    ASSERT_TRUE(spec.ok()) << spec.error().message();
    SCOPED_TRACE(spec->command());
    EXPECT_EQ(spec->accumulates_exactly(), kind.exactly);
    EXPECT_EQ(spec->accumulates_rounded(), kind.rounded);
    EXPECT_EQ(spec->accumulates(), kind.exactly || kind.rounded);
    EXPECT_EQ(spec->is_clocked(), kind.clocked);
    EXPECT_EQ(spec->latency(), kind.latency);
  }
}

/// "a_i:e2m1x4" for each port.
std::vector<std::string> ports_of(const OperatorRequest& request) {
  const OperatorSpec spec = make_operator_spec(request).value();
  std::vector<std::string> texts;
  int bits = 0;
  for (const OperandPort& port : operand_ports(spec)) {
    texts.push_back(fmt::format("{}:{}x{}", port.name, port.format.name(), port.lanes));
    EXPECT_EQ(port.bits(), port.format.bits() * port.lanes);
    bits += port.bits();
  }
  EXPECT_EQ(operand_bits(spec), bits);
  return texts;
}

TEST(OperatorSpec, OperandPortsInOrder) {
  EXPECT_THAT(ports_of(mul_request()), ElementsAre("a_i:int8x1", "b_i:e2m1x1"));
  EXPECT_THAT(ports_of({.op = "acc", .a = "e4m3fn"}), ElementsAre("a_i:e4m3fnx1"));
  EXPECT_THAT(ports_of({.op = "fma", .a = "int3", .b = "int4", .c = "int5"}),
              ElementsAre("a_i:int3x1", "b_i:int4x1", "c_i:int5x1"));
  EXPECT_THAT(ports_of({.op = "dot", .a = "int3", .b = "e2m1", .lanes = 5}),
              ElementsAre("a_i:int3x5", "b_i:e2m1x5"));
  EXPECT_THAT(ports_of({.op = "mxdot",
                        .a = "e2m1",
                        .b = "e3m2",
                        .result = "binary32",
                        .rounding = "stochastic_a",
                        .random_bits = 24}),
              ElementsAre("a_i:e2m1x32", "b_i:e3m2x32", "scale_a_i:e8m0x1", "scale_b_i:e8m0x1",
                          "random_i:uint24x1"));
  EXPECT_THAT(ports_of({.op = "mxquant", .a = "bfloat16", .result = "e2m1", .lanes = 3}),
              ElementsAre("a_i:bfloat16x3"));
  EXPECT_THAT(ports_of({.op = "squant", .a = "bfloat16", .result = "uint2", .lanes = 3}),
              ElementsAre("a_i:bfloat16x3", "random_i:uint8x3"));
  EXPECT_THAT(ports_of({.op = "requant", .a = "int32", .result = "int8"}),
              ElementsAre("a_i:int32x1", "shift_i:uint5x1"));
  EXPECT_THAT(ports_of({.op = "requant",
                        .a = "int32",
                        .b = "uint9",
                        .result = "int8",
                        .rounding = "stochastic_c",
                        .shift_bits = 3}),
              ElementsAre("a_i:int32x1", "b_i:uint9x1", "shift_i:uint3x1", "random_i:uint8x1"));
  EXPECT_THAT(ports_of({.op = "fmac", .a = "e2m1", .b = "int4", .result = "e5m2"}),
              ElementsAre("a_i:e2m1x1", "b_i:int4x1"));
  const OperatorSpec quant =
      make_operator_spec({.op = "mxquant", .a = "bfloat16", .result = "e2m1", .lanes = 3}).value();
  EXPECT_EQ(output_lanes(quant), 3);
  EXPECT_EQ(output_format(quant).name(), "e2m1");
  EXPECT_EQ(output_lanes(make_operator_spec({.op = "dot", .a = "int4", .b = "int4"}).value()), 1);
}

TEST(OperatorSpec, OverflowPoliciesStandForTheRuleOfTheFormat) {
  struct Policy {
    const char* result;
    const char* word;
    OverflowMode mode;
  };
  using enum OverflowMode;
  // ONNX Cast's table, and P3109's SatFinite, SatPropagate and SatNone.
  for (const Policy& policy : std::vector<Policy>{{"e4m3fn", "onnx_saturate", kSaturate},
                                                  {"e4m3fn", "onnx_no_saturate", kNan},
                                                  {"e4m3fnuz", "onnx_saturate", kSaturateNan},
                                                  {"e4m3fnuz", "onnx_no_saturate", kNan},
                                                  {"e5m2", "onnx_saturate", kSaturate},
                                                  {"e5m2", "onnx_no_saturate", kInfinity},
                                                  {"e5m2fnuz", "onnx_saturate", kSaturateNan},
                                                  {"e5m2fnuz", "onnx_no_saturate", kNan},
                                                  {"e2m1", "onnx_saturate", kSaturate},
                                                  {"e2m1", "onnx_no_saturate", kSaturate},
                                                  {"binary8p3se", "sat_finite", kSaturate},
                                                  {"binary8p3se", "sat_propagate", kPropagate},
                                                  {"binary8p3se", "sat_none", kInfinity},
                                                  {"binary8p4sf", "sat_finite", kSaturate},
                                                  {"binary8p4sf", "sat_propagate", kSaturate},
                                                  {"binary8p4sf", "sat_none", kNan},
                                                  {"binary8p4uf", "sat_none", kSatNone},
                                                  {"binary8p4ue", "sat_none", kSatNone},
                                                  {"e2m1", "sat_none", kSaturate},
                                                  {"e5m2", "propagate", kPropagate},
                                                  {"e5m2", "saturate_nan", kSaturateNan},
                                                  {"int5", "wrap", kWrap},
                                                  {"int5", "saturate", kSaturate}}) {
    OperatorRequest request = rounded_request(policy.result);
    request.overflow = policy.word;
    const Result<OperatorSpec> spec = make_operator_spec(request);
    ASSERT_TRUE(spec.ok()) << spec.error().message();
    EXPECT_EQ(spec->overflow, policy.mode) << policy.result << " " << policy.word;
  }
}

TEST(OperatorSpec, SubnormalsOfOperandsAndResult) {
  for (const auto& [word, inputs, outputs] :
       {std::tuple("keep", false, false), std::tuple("flush_inputs", true, false),
        std::tuple("flush_outputs", false, true), std::tuple("flush", true, true)}) {
    OperatorRequest request = rounded_request("e4m3fn");
    request.subnormals = word;
    const OperatorSpec spec = make_operator_spec(request).value();
    EXPECT_EQ(spec.flush_inputs, inputs) << word;
    EXPECT_EQ(spec.flush_outputs, outputs) << word;
  }
  // Of any operand, a scale included; of a rounded running sum.
  EXPECT_TRUE(make_operator_spec({.op = "mxdot",
                                  .a = "int4",
                                  .b = "int4",
                                  .scale = "ue4m3fn",
                                  .subnormals = "flush_inputs"})
                  ->flush_inputs);
  EXPECT_TRUE(
      make_operator_spec(
          {.op = "fma", .a = "int4", .b = "int4", .c = "e2m1", .subnormals = "flush_inputs"})
          ->flush_inputs);
  EXPECT_TRUE(
      make_operator_spec({.op = "mac", .a = "e2m1", .b = "int4", .subnormals = "flush_inputs"})
          ->flush_inputs);
  EXPECT_TRUE(
      make_operator_spec({.op = "facc", .a = "e2m1", .result = "e5m2", .subnormals = "flush"})
          ->flush_outputs);
}

/// The request that a command line makes.
OperatorRequest request_of(const std::string& command) {
  std::istringstream words(command);
  std::string fewbit, emit, name, value;
  OperatorRequest request;
  words >> fewbit >> emit >> request.op;
  EXPECT_EQ(fewbit + " " + emit, "fewbit emit");
  while (words >> name >> value) {
    const auto option = std::find_if(option_table().begin(), option_table().end(),
                                     [&](const OptionInfo& info) { return info.name == name; });
    EXPECT_NE(option, option_table().end()) << name;
    if (option == option_table().end()) break;
    EXPECT_TRUE((option->text == nullptr) != (option->number == nullptr)) << name;
    if (option->text != nullptr) {
      request.*option->text = value;
    } else {
      request.*option->number = std::stoll(value);
    }
  }
  return request;
}

/// Random requests of every operator: the command makes the same request again, and no two
/// commands have one module name.
TEST(OperatorSpec, CommandsReproduceAndModuleNamesAreUnique) {
  testing::RandomRequests requests(11);
  std::map<std::string, std::string> commands;  // by module name
  for (const OperatorInfo& info : operator_table()) {
    for (int i = 0; i < 400; ++i) {
      const OperatorSpec spec = requests.next(info);
      SCOPED_TRACE(spec.command());
      OperatorRequest request = request_of(spec.command());
      request.fabric = spec.fabric;  // --target is not part of the command
      const Result<OperatorSpec> again = make_operator_spec(request);
      ASSERT_TRUE(again.ok()) << again.error().message();
      EXPECT_EQ(again->command(), spec.command());
      EXPECT_EQ(again->module_name(), spec.module_name());
      EXPECT_EQ(again->kind, spec.kind);
      EXPECT_TRUE(again->a == spec.a && again->b == spec.b && again->c == spec.c &&
                  again->scale == spec.scale && again->result == spec.result);
      EXPECT_EQ(again->lanes, spec.lanes);
      EXPECT_EQ(again->shift_bits, spec.shift_bits);
      EXPECT_EQ(again->zero_point, spec.zero_point);
      EXPECT_EQ(again->rounding, spec.rounding);
      EXPECT_EQ(again->random_bits, spec.random_bits);
      EXPECT_EQ(again->overflow, spec.overflow);
      EXPECT_EQ(again->flush_inputs, spec.flush_inputs);
      EXPECT_EQ(again->flush_outputs, spec.flush_outputs);
      EXPECT_EQ(again->scale_policy, spec.scale_policy);
      EXPECT_EQ(again->nan, spec.nan);
      EXPECT_EQ(again->terms, spec.terms);
      EXPECT_EQ(again->acc_width, spec.acc_width);
      EXPECT_EQ(again->arch, spec.arch);
      EXPECT_EQ(again->handshake, spec.handshake);
      EXPECT_EQ(again->tag_bits, spec.tag_bits);
      EXPECT_EQ(again->reset, spec.reset);
      const auto [named, is_new] = commands.try_emplace(spec.module_name(), spec.command());
      EXPECT_EQ(named->second, spec.command());
      EXPECT_EQ(again->strategy, spec.strategy);
      EXPECT_EQ(again->latency(), spec.latency());
      OperatorSpec plain = spec;  // the reference has one structure
      plain.strategy = Strategy::kAuto;
      plain.dsp = Dsp::kNone;
      if (spec.latency() > plain.usual_latency()) plain.requested_latency.reset();
      plain.fabric = Fabric::kIce40;  // and it is for every target
      OperatorSpec generic = spec;
      generic.arch = Architecture::kGeneric;
      EXPECT_EQ(generic.module_name(), plain.module_name() + "_generic");
    }
  }
  EXPECT_GT(commands.size(), 3000U);
}

/// Tables: every option of an operator is known, and whatever it lacks is refused by name.
TEST(OperatorSpec, OptionsThatAnOperatorLacksAreRefused) {
  testing::RandomRequests requests(12);
  int refused = 0;
  for (const OperatorInfo& info : operator_table()) {
    EXPECT_EQ(to_string(info.kind), info.name);
    EXPECT_EQ(&operator_info(info.kind), &info);
    OperatorSpec plain = requests.next(info);
    for (const OptionInfo& option : option_table()) {
      EXPECT_EQ(&option_info(option.option), &option);
      if (info.has(option.option)) continue;
      OperatorRequest request = request_of(plain.command());
      if (option.text != nullptr) {
        request.*option.text = "e2m1";
      } else {
        request.*option.number = 3;
      }
      EXPECT_THAT(refusal(request), StartsWith(option.name + ": '")) << info.name;
      EXPECT_THAT(refusal(request), HasSubstr("legal: nothing")) << info.name;
      ++refused;
    }
  }
  EXPECT_GT(refused, 50);
}

struct Named {
  OperatorRequest request;
  std::string module;
  std::string command;
};

TEST(OperatorSpec, NamesAndCommands) {
  const std::vector<Named> cases = {
      {mac_request(), "fewbit_mac_e4m3fn_int4_t1024",
       "fewbit emit mac --a e4m3fn --b int4 --terms 1024"},
      {with(mac_request(), [](auto& r) { r.terms = 4608; }), "fewbit_mac_e4m3fn_int4_t4608",
       "fewbit emit mac --a e4m3fn --b int4 --terms 4608"},
      {with({.op = "mac", .a = "s4", .b = "S4"},
            [](auto& r) {
              r.acc_width = 24;
              r.overflow = "saturate";
            }),
       "fewbit_mac_int4_int4_sat_w24",
       "fewbit emit mac --a int4 --b int4 --overflow saturate --acc-width 24"},
      {with({.op = "acc", .a = "e2m1"},
            [](auto& r) {
              r.acc_width = 24;
              r.overflow = "wrap";
              r.reset = "none";
              r.arch = "generic";
            }),
       "fewbit_acc_e2m1_w24_noreset_generic",
       "fewbit emit acc --a e2m1 --acc-width 24 --arch generic --reset none"},
      {mul_request(), "fewbit_mul_int8_e2m1", "fewbit emit mul --a int8 --b e2m1"},
      {rounded_request("e4m3fn"), "fewbit_mul_int8_e2m1_to_e4m3fn",
       "fewbit emit mul --a int8 --b e2m1 --result e4m3fn"},
      {with(rounded_request("e5m2"),
            [](auto& r) {
              r.rounding = "toward_zero";
              r.overflow = "nan";
            }),
       "fewbit_mul_int8_e2m1_to_e5m2_toward_zero_nan",
       "fewbit emit mul --a int8 --b e2m1 --result e5m2 --rounding toward_zero --overflow nan"},
      {with(rounded_request("int8"), [](auto& r) { r.overflow = "wrap"; }),
       "fewbit_mul_int8_e2m1_to_int8_wrap",
       "fewbit emit mul --a int8 --b e2m1 --result int8 --overflow wrap"},
      {with(mac_request(), [](auto& r) { r.reset = "sync_high"; }),
       "fewbit_mac_e4m3fn_int4_t1024_sync_high",
       "fewbit emit mac --a e4m3fn --b int4 --terms 1024 --reset sync_high"},
      {{.op = "convert", .a = "binary32", .result = "e8m0", .rounding = "toward_positive"},
       "fewbit_convert_binary32_to_e8m0_toward_positive",
       "fewbit emit convert --a binary32 --result e8m0 --rounding toward_positive"},
      {{.op = "convert",
        .a = "bfloat16",
        .result = "e4m3fn",
        .rounding = "stochastic_c",
        .overflow = "onnx_no_saturate",
        .subnormals = "flush",
        .random_bits = 12},
       "fewbit_convert_bfloat16_to_e4m3fn_stochastic_c_r12_nan_flush",
       "fewbit emit convert --a bfloat16 --result e4m3fn --rounding stochastic_c --random-bits 12 "
       "--overflow nan --subnormals flush"},
      {{.op = "fma", .a = "e2m1", .b = "int3", .result = "e5m2"},
       "fewbit_fma_e2m1_int3_e5m2_to_e5m2",
       "fewbit emit fma --a e2m1 --b int3 --c e5m2 --result e5m2"},
      {{.op = "fma", .a = "e2m1", .b = "int3", .c = "int20"},
       "fewbit_fma_e2m1_int3_int20",
       "fewbit emit fma --a e2m1 --b int3 --c int20"},
      {{.op = "dot", .a = "e2m1", .b = "int3"},
       "fewbit_dot_e2m1_int3_x4",
       "fewbit emit dot --a e2m1 --b int3 --lanes 4"},
      {{.op = "dot",
        .a = "e5m2",
        .b = "int3",
        .overflow = "saturate",
        .subnormals = "flush_inputs",
        .lanes = 8,
        .acc_width = 60,
        .tag_bits = 7,
        .handshake = "valid_ready"},
       "fewbit_dot_e5m2_int3_x8_sat_flush_inputs_w60_valid_ready_tag7",
       "fewbit emit dot --a e5m2 --b int3 --lanes 8 --overflow saturate --subnormals flush_inputs "
       "--acc-width 60 --handshake valid_ready --tag-bits 7"},
      {{.op = "mxdot", .a = "e2m1", .b = "e2m1", .result = "binary32"},
       "fewbit_mxdot_e2m1_e2m1_e8m0_x32_to_binary32",
       "fewbit emit mxdot --a e2m1 --b e2m1 --scale e8m0 --lanes 32 --result binary32"},
      {{.op = "mxdot", .a = "e2m1", .b = "e2m1", .scale = "ue4m3fn", .terms = 9},
       "fewbit_mxdot_e2m1_e2m1_ue4m3fn_x16_t9",
       "fewbit emit mxdot --a e2m1 --b e2m1 --scale ue4m3fn --lanes 16 --terms 9"},
      {{.op = "mxquant", .a = "bfloat16", .result = "e2m1", .scale_policy = "even"},
       "fewbit_mxquant_bfloat16_x32_to_e2m1_even",
       "fewbit emit mxquant --a bfloat16 --lanes 32 --result e2m1 --scale-policy even"},
      {{.op = "squant", .a = "bfloat16", .result = "uint4"},
       "fewbit_squant_bfloat16_x8_to_uint4_r8",
       "fewbit emit squant --a bfloat16 --lanes 8 --result uint4 --random-bits 8"},
      {{.op = "max", .a = "e4m3fn", .b = "int4", .result = "e4m3fn", .nan = "ignore"},
       "fewbit_max_e4m3fn_int4_to_e4m3fn_ignore_nan",
       "fewbit emit max --a e4m3fn --b int4 --result e4m3fn --nan ignore"},
      {{.op = "requant",
        .a = "int32",
        .b = "uint16",
        .result = "int8",
        .subnormals = "keep",
        .arch = "generic",
        .handshake = "valid",
        .reset = "sync_low"},
       "fewbit_requant_int32_uint16_s5_to_int8_valid_sync_low_generic",
       "fewbit emit requant --a int32 --b uint16 --shift-bits 5 --result int8 --arch generic "
       "--handshake valid --reset sync_low"},
      {{.op = "requant", .a = "int32", .result = "e4m3fn", .shift_bits = 3},
       "fewbit_requant_int32_s3_to_e4m3fn",
       "fewbit emit requant --a int32 --shift-bits 3 --result e4m3fn"},
      {{.op = "facc",
        .a = "e4m3fn",
        .result = "binary16",
        .rounding = "stochastic_a",
        .subnormals = "flush_outputs"},
       "fewbit_facc_e4m3fn_to_binary16_stochastic_a_r8_flush_outputs",
       "fewbit emit facc --a e4m3fn --result binary16 --rounding stochastic_a --random-bits 8 "
       "--subnormals flush_outputs"},
      {{.op = "fmac",
        .a = "e4m3fn",
        .b = "e5m2",
        .result = "binary8p3se",
        .overflow = "sat_finite"},
       "fewbit_fmac_e4m3fn_e5m2_to_binary8p3se_sat",
       "fewbit emit fmac --a e4m3fn --b e5m2 --result binary8p3se --overflow saturate"},
      // Defaults said aloud change nothing.
      {{.op = "dot",
        .a = "int4",
        .b = "int4",
        .subnormals = "keep",
        .lanes = 4,
        .tag_bits = 0,
        .arch = "optimized",
        .handshake = "none"},
       "fewbit_dot_int4_int4_x4",
       "fewbit emit dot --a int4 --b int4 --lanes 4"},
      {{.op = "acc",
        .a = "int4",
        .overflow = "wrap",
        .acc_width = 9,
        .handshake = "valid",
        .reset = "async_low"},
       "fewbit_acc_int4_w9",
       "fewbit emit acc --a int4 --acc-width 9"},
  };
  for (const Named& expected : cases) {
    const Result<OperatorSpec> spec = make_operator_spec(expected.request);
    ASSERT_TRUE(spec.ok()) << spec.error().message();
    EXPECT_EQ(spec->module_name(), expected.module);
    EXPECT_EQ(spec->command(), expected.command);
  }
}

}  // namespace
}  // namespace fewbit
