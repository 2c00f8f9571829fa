// The template, the files and the parameters of a request's generic architecture.
// SPDX-License-Identifier: Apache-2.0
#include "gen/ops/generic.h"

#include <gmock/gmock.h>

namespace fewbit::ops {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Pair;

GenericInstance instance_of(const OperatorRequest& request) {
  const Result<OperatorSpec> spec = make_operator_spec(request);
  EXPECT_TRUE(spec.ok()) << (spec.ok() ? "" : spec.error().message());
  return generic_instance(*spec);
}

TEST(GenericTest, ExactProductOfFloatAndInteger) {
  OperatorRequest request;
  request.op = "mul";
  request.a = "e4m3fn";
  request.b = "int4";
  const GenericInstance instance = instance_of(request);
  EXPECT_EQ(instance.module, "fewbit_mul_generic");
  EXPECT_THAT(instance.files,
              ElementsAre("fewbit_decode.sv", "fewbit_round.sv", "fewbit_mul_generic.sv"));
  // 448 x 2^9 x 8 = 14 x 2^17 has 21 bits: 22 with a sign.
  EXPECT_THAT(
      instance.parameters,
      ElementsAre(Pair("AWidth", "32'sd8"), Pair("ASigned", "1'b1"), Pair("AExpBits", "32'sd4"),
                  Pair("ASubnormals", "1'b1"), Pair("AMaxFinite", "32'h7e"),
                  Pair("AHasInfinity", "1'b0"), Pair("AInfinity", "32'h0"),
                  Pair("ANegZeroIsNan", "1'b0"), Pair("ALsbExponent", "-32'sd9"),
                  Pair("BWidth", "32'sd4"), Pair("BSigned", "1'b1"), Pair("BExpBits", "32'sd0"),
                  Pair("BLsbExponent", "32'sd0"), Pair("RoundResult", "1'b0"),
                  Pair("RWidth", "32'sd22")));
}

TEST(GenericTest, RoundedDifference) {
  OperatorRequest request;
  request.op = "sub";
  request.a = "uint3";
  request.b = "mxint8";
  request.result = "e5m2";
  request.rounding = "to_odd";
  request.overflow = "nan";
  const GenericInstance instance = instance_of(request);
  EXPECT_EQ(instance.module, "fewbit_add_generic");
  EXPECT_THAT(instance.files, ElementsAre("fewbit_decode.sv", "fewbit_fixed_point.sv",
                                          "fewbit_round.sv", "fewbit_add_generic.sv"));
  EXPECT_THAT(
      instance.parameters,
      ElementsAre(Pair("Subtract", "1'b1"), Pair("AWidth", "32'sd3"), Pair("ASigned", "1'b0"),
                  Pair("AExpBits", "32'sd0"), Pair("ALsbExponent", "32'sd0"),
                  Pair("BWidth", "32'sd8"), Pair("BSigned", "1'b1"), Pair("BExpBits", "32'sd0"),
                  Pair("BLsbExponent", "-32'sd6"), Pair("RoundResult", "1'b1"),
                  Pair("RWidth", "32'sd8"), Pair("RSigned", "1'b1"), Pair("RExpBits", "32'sd5"),
                  Pair("RLsbExponent", "-32'sd16"), Pair("RMaxFinite", "32'h7b"),
                  Pair("RHasInfinity", "1'b1"), Pair("RInfinity", "32'h7c"),
                  Pair("RNegZeroIsNan", "1'b0"), Pair("RNanCode", "32'h7e"),
                  Pair("Rounding", "32'sd5"), Pair("Overflow", "32'sd2")));
}

TEST(GenericTest, NanOfAFormatWithoutOneIsItsLargestValue) {
  OperatorRequest request;
  request.op = "mul";
  request.a = "e4m3fnuz";
  request.b = "e4m3fnuz";
  request.result = "e2m1";
  EXPECT_THAT(instance_of(request).parameters, Contains(Pair("RNanCode", "32'h7")));
  request.result = "e4m3fnuz";
  const GenericInstance instance = instance_of(request);
  EXPECT_THAT(instance.parameters, Contains(Pair("RNanCode", "32'h80")));
  EXPECT_THAT(instance.parameters, Contains(Pair("ANegZeroIsNan", "1'b1")));
  EXPECT_THAT(instance.parameters, Contains(Pair("RNegZeroIsNan", "1'b1")));
}

TEST(GenericTest, Accumulator) {
  OperatorRequest request;
  request.op = "acc";
  request.a = "uint3";
  request.acc_width = 9;
  request.overflow = "saturate";
  request.reset = "sync_low";
  const GenericInstance instance = instance_of(request);
  EXPECT_EQ(instance.module, "fewbit_acc_generic");
  EXPECT_THAT(instance.files,
              ElementsAre("fewbit_decode.sv", "fewbit_fixed_point.sv", "fewbit_register.sv",
                          "fewbit_accumulator.sv", "fewbit_acc_generic.sv"));
  EXPECT_THAT(
      instance.parameters,
      ElementsAre(Pair("AWidth", "32'sd3"), Pair("ASigned", "1'b0"), Pair("AExpBits", "32'sd0"),
                  Pair("AddendWidth", "32'sd3"), Pair("AccWidth", "32'sd9"),
                  Pair("Saturate", "1'b1"), Pair("ResetKind", "32'sd2")));
}

TEST(GenericTest, MultiplyAccumulate) {
  OperatorRequest request;
  request.op = "mac";
  request.a = "e2m1";
  request.b = "int4";
  request.terms = 4608;
  const GenericInstance instance = instance_of(request);
  EXPECT_EQ(instance.module, "fewbit_mac_generic");
  EXPECT_THAT(instance.files,
              ElementsAre("fewbit_decode.sv", "fewbit_round.sv", "fewbit_mul_generic.sv",
                          "fewbit_register.sv", "fewbit_accumulator.sv", "fewbit_mac_generic.sv"));
  // Products of +/-12 halves and -8: +/-96, 8 bits; 4608 x 96 = 442368 < 2^19: 20 bits.
  EXPECT_THAT(
      instance.parameters,
      ElementsAre(
          Pair("AWidth", "32'sd4"), Pair("ASigned", "1'b1"), Pair("AExpBits", "32'sd2"),
          Pair("ASubnormals", "1'b1"), Pair("AMaxFinite", "32'h7"), Pair("AHasInfinity", "1'b0"),
          Pair("AInfinity", "32'h0"), Pair("ANegZeroIsNan", "1'b0"), Pair("BWidth", "32'sd4"),
          Pair("BSigned", "1'b1"), Pair("BExpBits", "32'sd0"), Pair("AddendWidth", "32'sd8"),
          Pair("AccWidth", "32'sd20"), Pair("Saturate", "1'b0"), Pair("ResetKind", "32'sd0")));
}

}  // namespace
}  // namespace fewbit::ops
