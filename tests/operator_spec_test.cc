// Requests: what is accepted with which defaults, what is refused and why, names and commands.
// SPDX-License-Identifier: Apache-2.0
#include "gen/spec/operator_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace fewbit {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

OperatorRequest mul_request() { return {.op = "mul", .a = "int8", .b = "e2m1"}; }
OperatorRequest mac_request() { return {.op = "mac", .a = "e4m3fn", .b = "int4"}; }
OperatorRequest rounded_request(const char* result) {
  OperatorRequest request = mul_request();
  request.result = result;
  return request;
}

OperatorRequest with(OperatorRequest request, const std::function<void(OperatorRequest&)>& edit) {
  edit(request);
  return request;
}

std::string refusal(const OperatorRequest& request) {
  const Result<OperatorSpec> spec = make_operator_spec(request);
  return spec.ok() ? "accepted: " + spec->command() : spec.error().message();
}

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
       "fewbit_mac_int4_int4_w24_sat",
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
  };
  for (const Named& expected : cases) {
    const Result<OperatorSpec> spec = make_operator_spec(expected.request);
    ASSERT_TRUE(spec.ok()) << spec.error().message();
    EXPECT_EQ(spec->module_name(), expected.module);
    EXPECT_EQ(spec->command(), expected.command);
  }
}

struct Refused {
  OperatorRequest request;
  std::string field;
  std::string words;
};

TEST(OperatorSpec, RefusalsNameTheFieldAndWhatIsLegal) {
  const std::vector<Refused> cases = {
      {{.op = "div", .a = "int4", .b = "int4"}, "operator: 'div'", "mul, add, sub, acc, mac"},
      {{.op = "mul", .b = "int4"}, "--a: ''", "a number format"},
      {{.op = "mac", .a = "int4"}, "--b: ''", "a number format"},
      {{.op = "mul", .a = "e4m3", .b = "int4"}, "--a: 'e4m3'", "e4m3fn (448)"},
      {{.op = "mul", .a = "int4", .b = "bfloat16"}, "--b: 'bfloat16'", "floats of 2 to 8 bits"},
      {{.op = "mul", .a = "int4", .b = "int33_lsb0"},
       "--b: 'int33_lsb0'",
       "integers and fixed point of 1 to 32 bits"},
      {{.op = "mul", .a = "e8m0", .b = "int4"}, "--a: 'e8m0'", "a format with a zero"},
      {{.op = "acc", .a = "int4", .b = "int4"}, "--b: 'int4'", "acc has one operand"},
      {with(mul_request(), [](auto& r) { r.arch = "fast"; }), "--arch: 'fast'",
       "generic, optimized"},
      {with(mul_request(), [](auto& r) { r.rounding = "to_odd"; }), "--rounding: 'to_odd'",
       "not rounded"},
      {with(mul_request(), [](auto& r) { r.overflow = "wrap"; }), "--overflow: 'wrap'",
       "cannot overflow"},
      {with(mul_request(), [](auto& r) { r.terms = 3; }), "--terms: '3'", "does not accumulate"},
      {with(mul_request(), [](auto& r) { r.acc_width = 30; }), "--acc-width: '30'",
       "does not accumulate"},
      {with(mul_request(), [](auto& r) { r.reset = "none"; }), "--reset: 'none'", "combinational"},
      {rounded_request("e4m3"), "--result: 'e4m3'", "e4m3fn (448)"},
      {rounded_request("e8m0"), "--result: 'e8m0'", "a format with a zero"},
      {with(rounded_request("e5m2"), [](auto& r) { r.rounding = "up"; }), "--rounding: 'up'",
       "ties_to_even, ties_to_away, toward_zero, toward_positive, toward_negative, to_odd"},
      {with(rounded_request("e5m2"), [](auto& r) { r.overflow = "wrap"; }), "--overflow: 'wrap'",
       "legal: saturate, infinity, nan"},
      {with(rounded_request("e4m3fn"), [](auto& r) { r.overflow = "infinity"; }),
       "--overflow: 'infinity'", "legal: saturate, nan"},
      {with(rounded_request("e4m3f"), [](auto& r) { r.overflow = "nan"; }), "--overflow: 'nan'",
       "legal: saturate (for"},
      {with(rounded_request("int8"), [](auto& r) { r.overflow = "nan"; }), "--overflow: 'nan'",
       "legal: saturate, wrap"},
      {with(mac_request(), [](auto& r) { r.result = "e4m3fn"; }), "--result: 'e4m3fn'", "exact"},
      {with(mac_request(), [](auto& r) { r.rounding = "to_odd"; }), "--rounding: 'to_odd'",
       "exact"},
      {with(mac_request(), [](auto& r) { r.terms = 0; }), "--terms: '0'", "1 to 4294967296"},
      {with(mac_request(), [](auto& r) { r.terms = 4294967297; }), "--terms: '4294967297'",
       "1 to 4294967296"},
      {with(mac_request(), [](auto& r) { r.terms = -1; }), "--terms: '-1'", "1 to 4294967296"},
      {with(mac_request(),
            [](auto& r) {
              r.terms = 4;
              r.acc_width = 40;
            }),
       "--acc-width: '40'", "both were given"},
      {with(mac_request(), [](auto& r) { r.overflow = "saturate"; }), "--overflow: 'saturate'",
       "cannot overflow"},
      // 448 x 2^9 x 8 = 1835008 needs 21 bits, and a sign
      {with(mac_request(), [](auto& r) { r.acc_width = 21; }), "--acc-width: '21'", "22 to 1024"},
      {with(mac_request(), [](auto& r) { r.acc_width = 1025; }), "--acc-width: '1025'",
       "22 to 1024"},
      {with(mac_request(),
            [](auto& r) {
              r.acc_width = 30;
              r.overflow = "infinity";
            }),
       "--overflow: 'infinity'", "wrap, saturate"},
      {with(mac_request(), [](auto& r) { r.reset = "async_high"; }), "--reset: 'async_high'",
       "async_low, sync_high, sync_low, none"},
  };
  for (const Refused& expected : cases) {
    const std::string message = refusal(expected.request);
    EXPECT_THAT(message, StartsWith(expected.field));
    EXPECT_THAT(message, HasSubstr(expected.words));
  }
}

TEST(OperatorSpec, WidthsBeyond1024BitsAreRefusedWithTheWidth) {
  // e4m3f counts in 2^-(bias + 2); its largest value is 15 x 2^14 of that: 18 bits. With bias 1023
  // it ends 2^1025 units below int4's 1, whose -8 has 2^1028 units: 1030 bits with a carry and a
  // sign.
  const std::string sum = refusal({.op = "add", .a = "int4", .b = "e4m3b1023f"});
  EXPECT_THAT(sum, StartsWith("exact result: '1030 bits'"));
  // binary8p1uf: 2^126 is 2^253 units of 2^-127; a product has 2^506, 2^32 of them 2^538.
  OperatorRequest mac{.op = "mac", .a = "binary8p1uf", .b = "binary8p1uf"};
  mac.terms = 1LL << 32;
  EXPECT_EQ(make_operator_spec(mac)->acc_width, 539);
}

TEST(OperatorSpec, ResultsOutOfReachOfTheExactOneAreRefused) {
  // 1 x 1 is bit 0; with units of 2^-1023 below it that makes 1024 bits.
  const auto request = [](const char* result) {
    return OperatorRequest{.op = "mul", .a = "uint1", .b = "uint1", .result = result};
  };
  EXPECT_TRUE(make_operator_spec(request("uint8_lsbm1023")).ok());
  EXPECT_EQ(
      refusal(request("uint8_lsbm1024")),
      "--result: 'uint8_lsbm1024' is not valid; legal: a format within 1024 bits of the exact "
      "result (both together span 1025 bits)");
  EXPECT_THAT(refusal(request("binary16p1uf")), HasSubstr("within 1024 bits"));
}

TEST(OperatorSpec, LimitsAreInclusive) {
  EXPECT_TRUE(make_operator_spec(with(mac_request(), [](auto& r) { r.acc_width = 22; })).ok());
  EXPECT_TRUE(make_operator_spec(with(mac_request(), [](auto& r) { r.acc_width = 1024; })).ok());
  EXPECT_TRUE(make_operator_spec(with(mac_request(), [](auto& r) { r.terms = 1; })).ok());
  EXPECT_TRUE(make_operator_spec(with(mac_request(), [](auto& r) { r.terms = 1LL << 32; })).ok());
  EXPECT_TRUE(make_operator_spec({.op = "mul", .a = "int32", .b = "uint32"}).ok());
  EXPECT_TRUE(make_operator_spec(rounded_request("binary32")).ok());
}

}  // namespace
}  // namespace fewbit
