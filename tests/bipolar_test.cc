// Bipolar numbers: the model by XNOR and popcount on codes, designs by Verilator and Icarus.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <random>

#include "fewbit/gen/ops/emit.h"
#include "fewbit/sim/model/operators.h"
#include "fewbit/sim/verify/verify.h"
#include "fewbit/tests/operator_requests.h"

namespace fewbit {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(Bipolar, IsMinusOneAndPlusOne) {
  const Format format = parse_format("bipolar").value();
  EXPECT_EQ(format.name(), "bipolar");
  EXPECT_EQ(format.bits(), 1);
  EXPECT_FALSE(format.has_zero());
  EXPECT_TRUE(parse_format("int1").value().has_zero());
  EXPECT_FALSE(format == parse_format("int1").value());
  EXPECT_EQ(model::decode(format, 0).value.significand, -1);
  EXPECT_EQ(model::decode(format, 1).value.significand, 1);
  EXPECT_EQ(parse_format("ternary").value().name(), "e1m0f");
}

TEST(Bipolar, DotIsXnorAndPopcount) {
  std::mt19937_64 random(1);
  for (const int lanes : {1, 7, 64}) {
    OperatorRequest request{.op = "dot", .a = "bipolar", .b = "bipolar", .lanes = lanes};
    const OperatorSpec spec = make_operator_spec(request).value();
    const std::uint64_t mask = lanes == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << lanes) - 1;
    const int bits = output_format(spec).bits();
    for (int i = 0; i < 200; ++i) {
      const std::uint64_t a = random() & mask, b = random() & mask;
      const int expected = 2 * std::popcount(~(a ^ b) & mask) - lanes;
      const BigInt got = model::evaluate(spec, {BigInt(a), BigInt(b)}).result;
      EXPECT_EQ(from_bits(got, bits, true), expected);
    }
  }
  OperatorRequest mul{.op = "mul", .a = "bipolar", .b = "bipolar", .result = "bipolar"};
  const OperatorSpec spec = make_operator_spec(mul).value();
  for (const int a : {0, 1}) {
    for (const int b : {0, 1}) EXPECT_EQ(model::evaluate(spec, {a, b}).result, a == b ? 1 : 0);
  }
}

TEST(Bipolar, IsRefusedWhereAZeroIsNeeded) {
  for (const char* op :
       {"add", "sub", "fma", "acc", "convert", "requant", "fmac", "facc", "mxdot"}) {
    OperatorRequest request{.op = op, .a = "bipolar"};
    const std::string name = op;
    if (name != "acc" && name != "convert" && name != "facc" && name != "requant") {
      request.b = "int4";
    }
    if (name == "convert" || name == "requant") request.result = "int8";
    if (name == "facc" || name == "fmac") request.result = "binary16";
    EXPECT_THAT(refusal(request), AllOf(HasSubstr("--a: 'bipolar'"), HasSubstr("with a zero"),
                                        HasSubstr("mul, mac and dot")))
        << op;
  }
  for (const OperatorRequest& request :
       {OperatorRequest{.op = "mul", .a = "bipolar", .b = "int4", .result = "bipolar"},
        OperatorRequest{.op = "dot", .a = "bipolar", .b = "bipolar", .result = "bipolar"},
        OperatorRequest{.op = "convert", .a = "int4", .result = "bipolar"}}) {
    EXPECT_THAT(refusal(request),
                AllOf(HasSubstr("--result: 'bipolar'"), HasSubstr("with a zero")));
  }
  OperatorRequest dsp{.op = "mac", .a = "bipolar", .b = "int8"};
  dsp.dsp = "one";
  EXPECT_THAT(refusal(dsp), HasSubstr("--dsp"));
}

std::vector<verify::Subject> designs(const std::vector<OperatorRequest>& requests) {
  std::vector<verify::Subject> subjects;
  for (OperatorRequest request : requests) {
    request.arch = "generic";
    const OperatorSpec generic = make_operator_spec(request).value();
    subjects.push_back({generic, ops::emit(generic), {}, generic.command()});
    request.arch = "optimized";
    for (const Fabric fabric : {Fabric::kIce40, Fabric::kEcp5, Fabric::kXilinx}) {
      request.fabric = fabric;
      const OperatorSpec spec = make_operator_spec(request).value();
      subjects.push_back({spec, ops::emit(spec), {}, spec.command()});
    }
  }
  return subjects;
}

void expect_verified(const std::vector<verify::Subject>& subjects,
                     const verify::VerifyOptions& options) {
  const auto reports = verify::verify(subjects, options);
  ASSERT_TRUE(reports.ok()) << reports.error().message();
  for (const verify::VerifyReport& report : *reports) {
    EXPECT_TRUE(report.passed) << verify::to_text(report);
    EXPECT_GT(report.vectors, 0U) << report.label;
  }
}

constexpr const char* kOthers[] = {"bipolar", "int1",  "uint1", "int2",   "e1m0f",
                                   "int8",    "uint4", "e2m1",  "e4m3fn", "e5m2"};

TEST(Bipolar, DesignsAreVerified) {
  std::vector<OperatorRequest> requests = {
      {.op = "mul", .a = "bipolar", .b = "bipolar", .result = "bipolar"},
      {.op = "mul", .a = "bipolar", .b = "int8", .result = "int8"},
      {.op = "mul", .a = "e4m3fn", .b = "bipolar", .result = "e4m3fn"}};
  for (const char* other : kOthers) {
    requests.push_back({.op = "mul", .a = "bipolar", .b = other});
    requests.push_back({.op = "mul", .a = other, .b = "bipolar"});
    requests.push_back({.op = "mac", .a = "bipolar", .b = other, .terms = 50});
    requests.push_back({.op = "dot", .a = other, .b = "bipolar", .lanes = 3});
  }
  for (const int lanes : {1, 2, 4, 5, 6, 7, 16}) {
    requests.push_back({.op = "dot", .a = "bipolar", .b = "bipolar", .lanes = lanes});
    requests.push_back({.op = "dot", .a = "bipolar", .b = "bipolar", .lanes = lanes, .terms = 20});
  }
  requests.push_back({.op = "dot", .a = "bipolar", .b = "bipolar", .result = "e4m3fn", .lanes = 9});
  verify::VerifyOptions options;
  options.quick = true;
  options.random_vectors = 3000;
  expect_verified(designs(requests), options);
}

TEST(Bipolar, IcarusSeesTheSame) {
  verify::VerifyOptions options;
  options.simulator = verify::Simulator::kIcarus;
  options.quick = true;
  options.random_vectors = 200;
  options.coverage = {.exhaustive_bits = 10, .corners = 200, .longest_sum = 100};
  expect_verified(designs({{.op = "mul", .a = "bipolar", .b = "bipolar", .result = "bipolar"},
                           {.op = "mul", .a = "bipolar", .b = "e2m1"},
                           {.op = "mac", .a = "bipolar", .b = "bipolar", .terms = 30},
                           {.op = "mac", .a = "bipolar", .b = "int4", .terms = 30},
                           {.op = "mac", .a = "e1m0f", .b = "int4", .terms = 30},
                           {.op = "dot", .a = "bipolar", .b = "bipolar", .lanes = 7, .terms = 20},
                           {.op = "dot", .a = "bipolar", .b = "int3", .lanes = 3},
                           {.op = "dot", .a = "e1m0f", .b = "e1m0f", .lanes = 5}}),
                  options);
}

}  // namespace
}  // namespace fewbit
