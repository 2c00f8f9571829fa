// Requests that are refused, with the field and what is legal; limits.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "fewbit/tests/operator_requests.h"

namespace fewbit {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Refused {
  OperatorRequest request;
  std::string field;
  std::string words;
};

TEST(OperatorRefusals, RefusalsNameTheFieldAndWhatIsLegal) {
  const std::vector<Refused> cases = {
      {{.op = "mxquant", .a = "bfloat16", .result = "int1"},
       "--result: 'int1'",
       "a format with a positive value"},
      {{.op = "div", .a = "int4", .b = "int4"},
       "operator: 'div'",
       "legal: mul, add, sub, convert, fma, dot, mxdot, mxquant, squant, requant, acc, mac, facc, "
       "fmac, max, min"},
      {{.op = "mul", .b = "int4"}, "--a: ''", "a number format"},
      {{.op = "mac", .a = "int4"}, "--b: ''", "a number format"},
      {{.op = "mul", .a = "e4m3", .b = "int4"}, "--a: 'e4m3'", "e4m3fn (448)"},
      {{.op = "mul", .a = "int4", .b = "binary64"},
       "--b: 'binary64'",
       "mxint8, bfloat16, binary16, binary32"},
      {{.op = "mul", .a = "int4", .b = "e17m2f"}, "--b: 'e17m2f'", "1 to 16 exponent bits"},
      {{.op = "mul", .a = "int4", .b = "e8m24f"}, "--b: 'e8m24f'", "0 to 23 fraction bits"},
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
       "legal: saturate, infinity, nan, propagate, saturate_nan, sat_finite"},
      {with(rounded_request("e4m3fn"), [](auto& r) { r.overflow = "infinity"; }),
       "--overflow: 'infinity'", "legal: saturate, nan, saturate_nan, sat_finite"},
      {with(rounded_request("e4m3f"), [](auto& r) { r.overflow = "nan"; }), "--overflow: 'nan'",
       "legal: saturate, sat_finite, sat_propagate, sat_none, onnx_saturate, onnx_no_saturate "
       "(for"},
      {with(rounded_request("int8"), [](auto& r) { r.overflow = "nan"; }), "--overflow: 'nan'",
       "legal: saturate, wrap (for"},
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
      // Operands
      {{.op = "convert", .a = "int4", .b = "int4", .result = "int3"},
       "--b: 'int4'",
       "convert has one operand"},
      {{.op = "facc", .a = "e2m1", .b = "e2m1", .result = "e5m2"},
       "--b: 'e2m1'",
       "facc has one operand"},
      {{.op = "mxquant", .a = "bfloat16", .b = "e2m1", .result = "e2m1"},
       "--b: 'e2m1'",
       "mxquant has one operand"},
      {{.op = "fma", .a = "int4", .b = "int4"},
       "--c: ''",
       "a number format, or none beside --result"},
      {{.op = "mxquant", .a = "e12m4f", .result = "e2m1"},
       "--a: 'e12m4f'",
       "a format that spans at most 1024 bits"},
      {{.op = "fma", .a = "int4", .b = "int4", .c = "e8m0"}, "--c: 'e8m0'", "a format with a zero"},
      {{.op = "fmac", .a = "int4", .result = "e5m2"}, "--b: ''", "a number format"},
      {{.op = "dot", .a = "int4", .b = "e8m0"}, "--b: 'e8m0'", "a format with a zero"},
      {{.op = "dot", .a = "int33_lsb0", .b = "int4"}, "--a: 'int33_lsb0'", "1 to 32 bits"},
      {{.op = "acc", .a = "uint33_lsb0"}, "--a: 'uint33_lsb0'", "33 bits here"},
      {{.op = "requant", .a = "e4m3fn", .result = "int8"},
       "--a: 'e4m3fn'",
       "an integer or fixed-point format"},
      {{.op = "requant", .a = "int32", .b = "e2m1", .result = "int8"},
       "--b: 'e2m1'",
       "an integer or fixed-point format (or none)"},
      {{.op = "requant", .a = "int32", .b = "int33_lsb0", .result = "int8"},
       "--b: 'int33_lsb0'",
       "1 to 32 bits"},
      {{.op = "mxquant", .a = "int8", .result = "e2m1"}, "--a: 'int8'", "a signed float format"},
      {{.op = "mxquant", .a = "ue3m2f", .result = "e2m1"},
       "--a: 'ue3m2f'",
       "a signed float format"},
      {{.op = "mul", .a = "int4", .b = "int4", .c = "int4"}, "--c: 'int4'", "mul does not have it"},
      {{.op = "dot", .a = "int4", .b = "int4", .scale = "e8m0"},
       "--scale: 'e8m0'",
       "dot does not have it"},
      {{.op = "mxdot", .a = "e2m1", .b = "e2m1", .scale = "e4m3fn"},
       "--scale: 'e4m3fn'",
       "an unsigned float format"},
      {{.op = "mxdot", .a = "e2m1", .b = "e2m1", .scale = "uint8"},
       "--scale: 'uint8'",
       "an unsigned float format"},
      {{.op = "mxdot", .a = "e2m1", .b = "e2m1", .scale = "e9m0"}, "--scale: 'e9m0'", ""},
      {{.op = "dot", .a = "int4", .b = "int4", .lanes = 0}, "--lanes: '0'", "1 to 64"},
      {{.op = "dot", .a = "int4", .b = "int4", .lanes = 65}, "--lanes: '65'", "1 to 64"},
      {{.op = "mxquant", .a = "e5m2", .result = "e2m1", .lanes = -1}, "--lanes: '-1'", "1 to 64"},
      {{.op = "mul", .a = "int4", .b = "int4", .lanes = 2}, "--lanes: '2'", "mul does not have it"},
      {{.op = "requant", .a = "int9", .result = "int4", .shift_bits = 0},
       "--shift-bits: '0'",
       "1 to 8"},
      {{.op = "requant", .a = "int9", .result = "int4", .shift_bits = 9},
       "--shift-bits: '9'",
       "1 to 8"},
      {{.op = "convert", .a = "int9", .result = "int4", .shift_bits = 4},
       "--shift-bits: '4'",
       "convert does not have it"},
      // Results
      {{.op = "convert", .a = "int9"}, "--result: 'exact'", "convert has no exact result"},
      {{.op = "requant", .a = "int9"}, "--result: 'exact'", "requant has no exact result"},
      {{.op = "mxquant", .a = "e5m2"}, "--result: 'exact'", "mxquant has no exact result"},
      {{.op = "facc", .a = "e5m2"}, "--result: 'exact'", "facc has no exact result"},
      {{.op = "fmac", .a = "e5m2", .b = "e5m2", .result = ""},
       "--result: ''",
       "fmac has no exact result"},
      {{.op = "facc", .a = "e5m2", .result = "int8"}, "--result: 'int8'", "a float format"},
      {{.op = "fmac", .a = "e5m2", .b = "int3", .result = "mxint8"},
       "--result: 'mxint8'",
       "a float format"},
      {{.op = "fma", .a = "e5m2", .b = "int3", .result = "e8m0"},
       "--result: 'e8m0'",
       "a format with a zero"},
      {{.op = "mxquant", .a = "e5m2", .result = "e8m0"},
       "--result: 'e8m0'",
       "a format with a zero"},
      {{.op = "dot", .a = "e5m2", .b = "int3", .rounding = "to_odd"},
       "--rounding: 'to_odd'",
       "an exact result is not rounded"},
      {{.op = "dot", .a = "e5m2", .b = "int3", .overflow = "wrap"},
       "--overflow: 'wrap'",
       "an exact result is not rounded"},
      {{.op = "mxquant", .a = "e5m2", .result = "e2m1", .rounding = "to_odd"},
       "--rounding: 'to_odd'",
       "mxquant does not have it"},
      {{.op = "mxquant", .a = "e5m2", .result = "e2m1", .overflow = "saturate"},
       "--overflow: 'saturate'",
       "mxquant does not have it"},
      {{.op = "mxquant", .a = "e5m2", .result = "e2m1", .subnormals = "flush"},
       "--subnormals: 'flush'",
       "mxquant does not have it"},
      // Stochastic rounding
      {{.op = "facc", .a = "e5m2", .result = "e5m2", .random_bits = 8},
       "--random-bits: '8'",
       "only stochastic rounding has random bits"},
      {{.op = "mul", .a = "e5m2", .b = "e5m2", .random_bits = 8},
       "--random-bits: '8'",
       "only stochastic rounding has random bits"},
      {{.op = "mac", .a = "e5m2", .b = "e5m2", .random_bits = 8},
       "--random-bits: '8'",
       "mac does not have it"},
      {{.op = "convert",
        .a = "e5m2",
        .result = "e2m1",
        .rounding = "stochastic_a",
        .random_bits = 0},
       "--random-bits: '0'",
       "1 to 32"},
      {{.op = "convert",
        .a = "e5m2",
        .result = "e2m1",
        .rounding = "stochastic_b",
        .random_bits = 33},
       "--random-bits: '33'",
       "1 to 32"},
      {{.op = "convert", .a = "e5m2", .result = "e2m1", .rounding = "stochastic"},
       "--rounding: 'stochastic'",
       "to_odd, stochastic_a, stochastic_b, stochastic_c, ties_toward_positive, "
       "ties_toward_negative"},
      // Overflow
      {with(rounded_request("e4m3fn"), [](auto& r) { r.overflow = "propagate"; }),
       "--overflow: 'propagate'", "legal: saturate, nan, saturate_nan, sat_finite"},
      {with(rounded_request("e2m1"), [](auto& r) { r.overflow = "saturate_nan"; }),
       "--overflow: 'saturate_nan'", "legal: saturate, sat_finite"},
      {with(rounded_request("int8"), [](auto& r) { r.overflow = "sat_finite"; }),
       "--overflow: 'sat_finite'", "legal: saturate, wrap"},
      {with(rounded_request("binary8p3se"), [](auto& r) { r.overflow = "onnx_saturate"; }),
       "--overflow: 'onnx_saturate'",
       "legal: saturate, infinity, nan, propagate, saturate_nan, sat_finite, sat_propagate, "
       "sat_none (for"},
      // Subnormals
      {with(rounded_request("e4m3fn"), [](auto& r) { r.subnormals = "zero"; }),
       "--subnormals: 'zero'", "keep, flush_inputs, flush_outputs, flush"},
      {{.op = "mul", .a = "int4", .b = "uint4", .result = "e5m2", .subnormals = "flush_inputs"},
       "--subnormals: 'flush_inputs'",
       "no operand has subnormals"},
      {{.op = "convert", .a = "e8m0", .result = "e5m2", .subnormals = "flush"},
       "--subnormals: 'flush'",
       "no operand has subnormals"},
      {{.op = "mul", .a = "e2m1", .b = "e2m1", .subnormals = "flush_outputs"},
       "--subnormals: 'flush_outputs'",
       "the result has no subnormals"},
      {{.op = "mul", .a = "e2m1", .b = "e2m1", .result = "int4", .subnormals = "flush"},
       "--subnormals: 'flush'",
       "the result has no subnormals"},
      {{.op = "convert", .a = "e5m2", .result = "e8m0", .subnormals = "flush_outputs"},
       "--subnormals: 'flush_outputs'",
       "the result has no subnormals"},
      {{.op = "acc", .a = "e2m1", .subnormals = "flush"},
       "--subnormals: 'flush'",
       "the result has no subnormals"},
      // Hard multipliers and block RAMs
      {with(mac_request(), [](auto& r) { r.dsp = "two"; }), "--dsp: 'two'", "none, one, packed"},
      {with(mac_request(), [](auto& r) { r.dsp = "packed"; }), "--dsp: 'packed'",
       "legal: none (only the lanes of a dot product"},  // and iCE40 takes no product so small
      {with(mac_request(),
            [](auto& r) {
              r.dsp = "packed";
              r.fabric = Fabric::kEcp5;
            }),
       "--dsp: 'packed'", "legal: none, one (only the lanes of a dot product"},
      {with(mac_request(), [](auto& r) { r.dsp = "one"; }), "--dsp: 'one'",
       "legal: none (a product of 4 x 4 bits is too small: Yosys puts one of at least 11 bits"},
      {{.op = "mul", .a = "int8", .b = "int8", .strategy = "booth_rows", .dsp = "one"},
       "--strategy: 'booth_rows'",
       "legal: auto, exact_first"},
      {{.op = "dot",
        .a = "int4",
        .b = "int4",
        .lanes = 2,
        .strategy = "lane_products",
        .dsp = "packed"},
       "--strategy: 'lane_products'",
       "legal: auto, exact_first"},
      {{.op = "acc", .a = "int8", .dsp = "one"}, "--dsp: 'one'", "acc does not have it"},
      {{.op = "requant", .a = "int16", .result = "int8", .dsp = "one"},
       "--dsp: 'one'",
       "nothing is multiplied without --b"},
      {{.op = "mul", .a = "int8", .b = "int8", .arch = "generic", .dsp = "one"},
       "--dsp: 'one'",
       "the generic architecture"},
      {{.op = "mul", .a = "int8", .b = "int8", .dsp = "one", .fabric = Fabric::kAsic},
       "--dsp: 'one'",
       "standard cells have no hard multipliers"},
      {{.op = "mul", .a = "int32", .b = "uint32", .dsp = "one"},
       "--dsp: 'one'",
       "32 x 32 bits takes 6 SB_MAC16, more than 4"},
      {{.op = "dot", .a = "int9", .b = "int8", .lanes = 2, .dsp = "packed"},
       "--dsp: 'packed'",
       "two products of 9 x 8 bits do not fit into one SB_MAC16"},
      {{.op = "dot",
        .a = "e4m3fn",
        .b = "int4",
        .lanes = 2,
        .dsp = "packed",
        .fabric = Fabric::kEcp5},
       "--dsp: 'packed'",
       "one factor signed and one not"},
      // Outputs that share an operand
      {{.op = "dot", .a = "int4", .b = "int4", .outputs = 17}, "--outputs: '17'", "1 to 16"},
      {{.op = "dot", .a = "int4", .b = "int4", .lanes = 64, .outputs = 5},
       "--outputs: '5'",
       "1 to 4"},
      {{.op = "mxdot", .a = "e2m1", .b = "e2m1", .outputs = 2},
       "--outputs: '2'",
       "mxdot does not have it"},
      {{.op = "dot", .a = "int8", .b = "int8", .lanes = 1, .outputs = 2, .dsp = "packed"},
       "--dsp: 'packed'",
       "only the lanes of a dot product share a block"},
      {{.op = "mul", .a = "int4", .b = "int4", .strategy = "bram"},
       "--strategy: 'bram'",
       "auto, exact_first"},
      {{.op = "mac", .a = "int8", .b = "int4", .strategy = "bram"},
       "--strategy: 'bram'",
       "auto, exact_first"},
      {{.op = "mac", .a = "int4", .b = "int4", .latency = 1, .strategy = "bram"},
       "--strategy: 'bram'",
       "auto, exact_first"},
      // NaN
      {{.op = "max", .a = "e2m1", .b = "int4", .nan = "ignore"},
       "--nan: 'ignore'",
       "legal: propagate (no operand can be NaN)"},
      {{.op = "min", .a = "e4m3fn", .b = "int4", .nan = "number"},
       "--nan: 'number'",
       "legal: propagate, ignore"},
      {{.op = "add", .a = "e4m3fn", .b = "int4", .nan = "ignore"},
       "--nan: 'ignore'",
       "add does not have it"},
      {{.op = "max", .a = "bipolar", .b = "int4"}, "--a: 'bipolar'", "a format with a zero"},
      // Block scales
      {{.op = "mxquant", .a = "e5m2", .result = "e2m1", .scale_policy = "nearest"},
       "--scale-policy: 'nearest'",
       "legal: floor, ceil, even"},
      {{.op = "mxdot", .a = "e2m1", .b = "e2m1", .scale_policy = "floor"},
       "--scale-policy: 'floor'",
       "mxdot does not have it"},
      // Sums of lanes
      {{.op = "dot", .a = "int4", .b = "int4", .terms = 4, .acc_width = 40},
       "--acc-width: '40'",
       "both were given"},
      {{.op = "dot", .a = "int4", .b = "int4", .result = "e5m2", .terms = 4},
       "--result: 'e5m2'",
       "accumulators are exact"},
      {{.op = "dot", .a = "int4", .b = "int4", .rounding = "to_odd", .terms = 4},
       "--rounding: 'to_odd'",
       "accumulators are exact"},
      {{.op = "mxdot", .a = "e2m1", .b = "e2m1", .overflow = "wrap", .terms = 4},
       "--overflow: 'wrap'",
       "cannot overflow"},
      // 4 x 64 = 256 needs 9 bits, and a sign
      {{.op = "dot", .a = "int4", .b = "int4", .acc_width = 9}, "--acc-width: '9'", "10 to 1024"},
      {{.op = "facc", .a = "e2m1", .result = "e5m2", .terms = 4},
       "--terms: '4'",
       "facc does not accumulate exactly"},
      {{.op = "fmac", .a = "e2m1", .b = "e2m1", .result = "e5m2", .acc_width = 40},
       "--acc-width: '40'",
       "fmac does not accumulate exactly"},
      {{.op = "fma", .a = "int4", .b = "int4", .c = "int4", .terms = 4},
       "--terms: '4'",
       "fma does not accumulate exactly"},
      // Interface
      {with(mul_request(), [](auto& r) { r.handshake = "ready"; }), "--handshake: 'ready'",
       "legal: none, valid, valid_ready"},
      {with(mac_request(), [](auto& r) { r.handshake = "none"; }), "--handshake: 'none'",
       "legal: valid, valid_ready (for an accumulator)"},
      {{.op = "facc", .a = "e2m1", .result = "e5m2", .handshake = "none"},
       "--handshake: 'none'",
       "legal: valid, valid_ready (for an accumulator)"},
      {{.op = "dot", .a = "int4", .b = "int4", .terms = 4, .handshake = "none"},
       "--handshake: 'none'",
       "legal: valid, valid_ready (for an accumulator)"},
      {with(mul_request(), [](auto& r) { r.tag_bits = 4; }), "--tag-bits: '4'",
       "mul is combinational without --handshake"},
      {with(mac_request(), [](auto& r) { r.tag_bits = 65; }), "--tag-bits: '65'", "0 to 64"},
      {with(mac_request(), [](auto& r) { r.tag_bits = -1; }), "--tag-bits: '-1'", "0 to 64"},
      {with(mul_request(),
            [](auto& r) {
              r.handshake = "valid";
              r.reset = "async_high";
            }),
       "--reset: 'async_high'", "async_low, sync_high, sync_low, none"},
      {with(mul_request(),
            [](auto& r) {
              r.handshake = "none";
              r.reset = "none";
            }),
       "--reset: 'none'", "mul is combinational without --handshake"},
  };
  for (const Refused& expected : cases) {
    const std::string message = refusal(expected.request);
    EXPECT_THAT(message, StartsWith(expected.field));
    EXPECT_THAT(message, HasSubstr(expected.words));
  }
}

TEST(OperatorRefusals, WidthsBeyond1024BitsAreRefusedWithTheWidth) {
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

TEST(OperatorRefusals, ResultsOutOfReachOfTheExactOneAreRefused) {
  // 1 x 1 is bit 0; with units of 2^-1023 below it that makes 1024 bits.
  const auto request = [](const char* result) {
    return OperatorRequest{.op = "mul", .a = "uint1", .b = "uint1", .result = result};
  };
  EXPECT_TRUE(make_operator_spec(request("uint8_lsbm1023")).ok());
  EXPECT_EQ(
      refusal(request("uint8_lsbm1024")),
      "--result: 'uint8_lsbm1024' is not valid; legal: a format within 1024 bits of the exact "
      "result (both together span 1025 bits)");
  // A float of any range takes any result; an integer does not.
  EXPECT_TRUE(make_operator_spec(request("binary16p1uf")).ok());
  EXPECT_TRUE(
      make_operator_spec({.op = "convert", .a = "binary16p1uf", .result = "binary16p1uf"}).ok());
  EXPECT_THAT(refusal({.op = "convert", .a = "binary16p1uf", .result = "int8"}),
              HasSubstr("within 1024 bits"));
}

TEST(OperatorRefusals, AFloatTakesSumsAndProductsOfAnyExponents) {
  for (const OperatorRequest& request : std::vector<OperatorRequest>{
           {.op = "mul", .a = "e9m6ieee", .b = "e9m6ieee", .result = "e9m6ieee"},
           {.op = "mul", .a = "e16m15f", .b = "e16m15f", .result = "binary32"},
           {.op = "add", .a = "binary16p1uf", .b = "e16m15f", .result = "bfloat16"},
           {.op = "max", .a = "binary16p1se", .b = "int8", .result = "binary16p1se"},
           {.op = "fma", .a = "binary16p2se", .b = "binary16p2se", .result = "binary16p2se"},
           {.op = "facc", .a = "binary16p3se", .result = "binary16p3se"},
           {.op = "fmac", .a = "binary16p3se", .b = "e5m2", .result = "binary16p3se"},
           {.op = "requant", .a = "int32", .result = "binary16p1se"},
           {.op = "dot", .a = "e9m6ieee", .b = "e9m6ieee", .result = "e9m6ieee"},
           {.op = "mxdot", .a = "bfloat16", .b = "bfloat16", .result = "binary32"}}) {
    EXPECT_TRUE(make_operator_spec(request).ok()) << request.op << " " << request.a;
  }
  // binary16p6se: 62 x 2^1022 units at most; 4 x 3844 x 2^2044 has 14 + 2044 bits, and a sign.
  EXPECT_THAT(
      refusal({.op = "dot", .a = "binary16p6se", .b = "binary16p6se", .result = "binary32"}),
      StartsWith("sum of the lanes: '2059 bits' is not valid; legal: at most 2048 bits"));
  // e9m6ieee: 127 x 2^509; its square, 16129 x 2^1018, has 14 + 1018 bits, and a sign.
  EXPECT_THAT(refusal({.op = "mul", .a = "e9m6ieee", .b = "e9m6ieee", .result = "int8"}),
              StartsWith("exact result: '1033 bits'"));
  EXPECT_THAT(refusal({.op = "mul", .a = "e9m6ieee", .b = "e9m6ieee"}),
              StartsWith("exact result: '1033 bits'"));
}

TEST(OperatorRefusals, ZeroPointsThatTheResultHasNoPlaceFor) {
  const auto request = [](const char* result, const char* zero_point) {
    return OperatorRequest{
        .op = "requant", .a = "int32", .result = result, .zero_point = zero_point};
  };
  EXPECT_TRUE(make_operator_spec(request("int8", "uint8")).ok());
  EXPECT_TRUE(make_operator_spec(request("mxint8", "mxint8")).ok());
  EXPECT_THAT(refusal(request("e4m3fn", "int8")),
              AllOf(StartsWith("--zero-point: 'int8'"), HasSubstr("an integer result has one")));
  EXPECT_THAT(refusal(request("int8", "int9")),
              AllOf(StartsWith("--zero-point: 'int9'"), HasSubstr("at most 8 bits")));
  EXPECT_THAT(refusal(request("mxint8", "int8")), HasSubstr("in units of 2^-6"));
  EXPECT_THAT(refusal(request("int8", "e2m1")), HasSubstr("an integer of at most 8 bits"));
  EXPECT_THAT(refusal(request("int8", "bipolar")), HasSubstr("an integer of at most 8 bits"));
  EXPECT_THAT(
      refusal({.op = "mul", .a = "int4", .b = "int4", .result = "int4", .zero_point = "int4"}),
      HasSubstr("mul does not have it"));
}

TEST(OperatorRefusals, LimitsAreInclusive) {
  EXPECT_TRUE(make_operator_spec(with(mac_request(), [](auto& r) { r.acc_width = 22; })).ok());
  EXPECT_TRUE(make_operator_spec(with(mac_request(), [](auto& r) { r.acc_width = 1024; })).ok());
  EXPECT_TRUE(make_operator_spec(with(mac_request(), [](auto& r) { r.terms = 1; })).ok());
  EXPECT_TRUE(make_operator_spec(with(mac_request(), [](auto& r) { r.terms = 1LL << 32; })).ok());
  EXPECT_TRUE(make_operator_spec({.op = "mul", .a = "int32", .b = "uint32"}).ok());
  EXPECT_TRUE(make_operator_spec(rounded_request("binary32")).ok());
  for (const OperatorRequest& request : std::vector<OperatorRequest>{
           {.op = "dot", .a = "int4", .b = "int4", .lanes = 1},
           {.op = "dot", .a = "int4", .b = "int4", .lanes = 64},
           {.op = "dot", .a = "int4", .b = "int4", .acc_width = 10},
           {.op = "requant", .a = "int4", .result = "int4", .shift_bits = 1},
           {.op = "requant", .a = "int4", .result = "int4", .shift_bits = 8},
           {.op = "requant", .a = "int64_lsb0", .b = "uint32", .result = "int4"},
           {.op = "convert", .a = "int100_lsbm18", .result = "int4"},
           {.op = "convert", .a = "e8m0", .result = "e8m0"},
           {.op = "fma", .a = "int4", .b = "int4", .c = "int64_lsb0"},
           {.op = "mul", .a = "bfloat16", .b = "binary32", .result = "e4m3fn"},
           {.op = "convert",
           .a = "e5m2",
           .result = "e2m1",
           .rounding = "stochastic_a",
           .random_bits = 1},
           {.op = "convert",
           .a = "e5m2",
           .result = "e2m1",
           .rounding = "stochastic_b",
           .random_bits = 32},
           {.op = "mul", .a = "int4", .b = "int4", .tag_bits = 64, .handshake = "valid"},
           {.op = "mul", .a = "int4", .b = "int4", .tag_bits = 0}}) {
    const Result<OperatorSpec> spec = make_operator_spec(request);
    EXPECT_TRUE(spec.ok()) << spec.error().message();
  }
}

}  // namespace
}  // namespace fewbit
