// The template, the files and the parameters of a request's generic architecture.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/generic.h"

#include <gmock/gmock.h>

#include <boost/property_tree/xml_parser.hpp>
#include <map>
#include <set>
#include <sstream>

#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/process.h"
#include "fewbit/tests/random_request.h"

namespace fewbit::ops {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
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
  EXPECT_THAT(instance.constants, ElementsAre(Pair("random_i", Pair(1, 0))));
  EXPECT_TRUE(instance.has_flags);
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
  EXPECT_THAT(instance.files,
              ElementsAre("fewbit_decode.sv", "fewbit_fixed_point.sv", "fewbit_frame.sv",
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

TEST(GenericTest, StochasticConversion) {
  const GenericInstance instance = instance_of({.op = "convert",
                                                .a = "e5m2",
                                                .result = "e2m1",
                                                .rounding = "stochastic_b",
                                                .subnormals = "flush",
                                                .random_bits = 12});
  EXPECT_EQ(instance.module, "fewbit_convert_generic");
  EXPECT_THAT(instance.files,
              ElementsAre("fewbit_decode.sv", "fewbit_round.sv", "fewbit_convert_generic.sv"));
  EXPECT_THAT(
      instance.parameters,
      ElementsAre(
          Pair("AWidth", "32'sd8"), Pair("ASigned", "1'b1"), Pair("AExpBits", "32'sd5"),
          Pair("ASubnormals", "1'b1"), Pair("AMaxFinite", "32'h7b"), Pair("AHasInfinity", "1'b1"),
          Pair("AInfinity", "32'h7c"), Pair("ANegZeroIsNan", "1'b0"),
          Pair("ALsbExponent", "-32'sd16"), Pair("FlushInputs", "1'b1"), Pair("RWidth", "32'sd4"),
          Pair("RSigned", "1'b1"), Pair("RExpBits", "32'sd2"), Pair("RLsbExponent", "-32'sd1"),
          Pair("RMaxFinite", "32'h7"), Pair("RHasInfinity", "1'b0"), Pair("RInfinity", "32'h0"),
          Pair("RNegZeroIsNan", "1'b0"), Pair("RNanCode", "32'h7"), Pair("RFlush", "1'b1"),
          Pair("Rounding", "32'sd7"), Pair("RandomWidth", "32'sd12"), Pair("Overflow", "32'sd0")));
  EXPECT_THAT(instance.constants, IsEmpty());
  EXPECT_FALSE(instance.has_flags);
}

TEST(GenericTest, ScalesHaveNoSubnormals) {
  const GenericInstance instance = instance_of({.op = "convert", .a = "e8m0", .result = "e8m0"});
  EXPECT_THAT(
      instance.parameters,
      ElementsAre(
          Pair("AWidth", "32'sd8"), Pair("ASigned", "1'b0"), Pair("AExpBits", "32'sd8"),
          Pair("ASubnormals", "1'b0"), Pair("AMaxFinite", "32'hfe"), Pair("AHasInfinity", "1'b0"),
          Pair("AInfinity", "32'h0"), Pair("ANegZeroIsNan", "1'b0"),
          Pair("ALsbExponent", "-32'sd127"), Pair("RWidth", "32'sd8"), Pair("RSigned", "1'b0"),
          Pair("RExpBits", "32'sd8"), Pair("RSubnormals", "1'b0"),
          Pair("RLsbExponent", "-32'sd127"), Pair("RMaxFinite", "32'hfe"),
          Pair("RHasInfinity", "1'b0"), Pair("RInfinity", "32'h0"), Pair("RNegZeroIsNan", "1'b0"),
          Pair("RNanCode", "32'hff"), Pair("Rounding", "32'sd0"), Pair("Overflow", "32'sd0")));
  EXPECT_THAT(instance.constants, ElementsAre(Pair("random_i", Pair(1, 0))));
}

TEST(GenericTest, FusedMultiplyAdd) {
  const GenericInstance instance =
      instance_of({.op = "fma", .a = "int3", .b = "uint4", .c = "int9"});
  EXPECT_EQ(instance.module, "fewbit_fma_generic");
  EXPECT_THAT(instance.files,
              ElementsAre("fewbit_decode.sv", "fewbit_fixed_point.sv", "fewbit_frame.sv",
                          "fewbit_round.sv", "fewbit_mul_generic.sv", "fewbit_fma_generic.sv"));
  // -60..45 and -256..255: -316..300, 10 bits.
  EXPECT_THAT(
      instance.parameters,
      ElementsAre(Pair("AWidth", "32'sd3"), Pair("ASigned", "1'b1"), Pair("AExpBits", "32'sd0"),
                  Pair("ALsbExponent", "32'sd0"), Pair("BWidth", "32'sd4"), Pair("BSigned", "1'b0"),
                  Pair("BExpBits", "32'sd0"), Pair("BLsbExponent", "32'sd0"),
                  Pair("CWidth", "32'sd9"), Pair("CSigned", "1'b1"), Pair("CExpBits", "32'sd0"),
                  Pair("CLsbExponent", "32'sd0"), Pair("RoundResult", "1'b0"),
                  Pair("RWidth", "32'sd10")));
  EXPECT_THAT(instance.constants,
              ElementsAre(Pair("add_i", Pair(1, 1)), Pair("random_i", Pair(1, 0))));
  EXPECT_TRUE(instance.has_flags);
}

TEST(GenericTest, DotProducts) {
  const GenericInstance dot = instance_of({.op = "dot", .a = "int3", .b = "e2m1", .lanes = 5});
  EXPECT_EQ(dot.module, "fewbit_dot_generic");
  EXPECT_THAT(dot.files,
              ElementsAre("fewbit_decode.sv", "fewbit_frame.sv", "fewbit_round.sv",
                          "fewbit_addend.sv", "fewbit_mul_generic.sv", "fewbit_dot_generic.sv"));
  EXPECT_EQ(dot.parameters.front(), (std::pair<std::string, std::string>("Lanes", "32'sd5")));
  // 4 x 12 halves x 5 = 240: 8 bits and a sign.
  EXPECT_THAT(dot.parameters, Contains(Pair("SumWidth", "32'sd9")));
  EXPECT_THAT(dot.parameters, Contains(Pair("RoundResult", "1'b0")));
  EXPECT_THAT(dot.parameters, Contains(Pair("RWidth", "32'sd9")));
  EXPECT_TRUE(dot.has_flags);
  EXPECT_THAT(dot.constants, Contains(Pair("c_i", Pair(8, 0))));
  const GenericInstance plus = instance_of(
      {.op = "dot", .a = "int3", .b = "e2m1", .c = "e5m2", .result = "bfloat16", .lanes = 5});
  EXPECT_THAT(plus.parameters, Contains(Pair("AddC", "1'b1")));
  EXPECT_THAT(plus.parameters, Contains(Pair("CExpBits", "32'sd5")));
  EXPECT_THAT(plus.constants, Not(Contains(Pair("c_i", ::testing::_))));

  const GenericInstance mxdot = instance_of(
      {.op = "mxdot", .a = "int3", .b = "e2m1", .scale = "ue4m3fn", .result = "e5m2", .lanes = 5});
  EXPECT_EQ(mxdot.module, "fewbit_mxdot_generic");
  EXPECT_THAT(mxdot.files, Contains("fewbit_mxdot_generic.sv"));
  EXPECT_THAT(mxdot.parameters, Contains(Pair("SumWidth", "32'sd9")));
  EXPECT_THAT(mxdot.parameters, Contains(Pair("SWidth", "32'sd7")));
  EXPECT_THAT(mxdot.parameters, Contains(Pair("SSigned", "1'b0")));
  EXPECT_THAT(mxdot.parameters, Contains(Pair("SExpBits", "32'sd4")));
  EXPECT_THAT(mxdot.parameters, Contains(Pair("SMaxFinite", "32'h7e")));
  EXPECT_THAT(mxdot.parameters, Contains(Pair("SLsbExponent", "-32'sd9")));
  EXPECT_THAT(mxdot.parameters, Contains(Pair("RoundResult", "1'b1")));
  EXPECT_THAT(mxdot.parameters, Contains(Pair("Overflow", "32'sd1")));
}

TEST(GenericTest, AccumulatorOfDotProducts) {
  const OperatorRequest request{.op = "dot",
                                .a = "int3",
                                .b = "e2m1",
                                .overflow = "saturate",
                                .lanes = 5,
                                .acc_width = 20,
                                .reset = "sync_high"};
  const GenericInstance sum = generic_accumulator(make_operator_spec(request).value());
  EXPECT_EQ(sum.module, "fewbit_accumulator");
  EXPECT_THAT(sum.files, ElementsAre("fewbit_register.sv", "fewbit_accumulator.sv"));
  EXPECT_THAT(sum.parameters, ElementsAre(Pair("IsSigned", "1'b1"), Pair("AddendWidth", "32'sd9"),
                                          Pair("AccWidth", "32'sd20"), Pair("Saturate", "1'b1"),
                                          Pair("ResetKind", "32'sd1")));
  // The instance beside it is the exact dot product.
  const GenericInstance dot = instance_of(request);
  EXPECT_EQ(dot.module, "fewbit_dot_generic");
  EXPECT_THAT(dot.parameters, Contains(Pair("RoundResult", "1'b0")));
  EXPECT_THAT(dot.parameters, Contains(Pair("RWidth", "32'sd9")));
}

TEST(GenericTest, BlockQuantiser) {
  const GenericInstance instance = instance_of(
      {.op = "mxquant", .a = "bfloat16", .result = "e3m2", .scale_policy = "even", .lanes = 3});
  EXPECT_EQ(instance.module, "fewbit_mxquant_generic");
  EXPECT_THAT(instance.files,
              ElementsAre("fewbit_decode.sv", "fewbit_round.sv", "fewbit_mxquant_generic.sv"));
  // Largest element 28 = 1.75 x 2^4.
  EXPECT_THAT(
      instance.parameters,
      ElementsAre(Pair("Lanes", "32'sd3"), Pair("AWidth", "32'sd16"), Pair("ASigned", "1'b1"),
                  Pair("AExpBits", "32'sd8"), Pair("ASubnormals", "1'b1"),
                  Pair("AMaxFinite", "32'h7f7f"), Pair("AHasInfinity", "1'b1"),
                  Pair("AInfinity", "32'h7f80"), Pair("ANegZeroIsNan", "1'b0"),
                  Pair("ALsbExponent", "-32'sd133"), Pair("ScalePolicy", "32'sd2"),
                  Pair("RMaxExponent", "32'sd4"), Pair("RFracBits", "32'sd2"),
                  Pair("RWidth", "32'sd6"), Pair("RExpBits", "32'sd3"), Pair("RSigned", "1'b1"),
                  Pair("RLsbExponent", "-32'sd4"), Pair("RMaxFinite", "32'h1f"),
                  Pair("RNegZeroIsNan", "1'b0")));
  EXPECT_THAT(instance.constants, IsEmpty());
}

TEST(GenericTest, Requantiser) {
  const GenericInstance alone =
      instance_of({.op = "requant", .a = "int12_lsbm3", .result = "int4", .overflow = "wrap"});
  EXPECT_EQ(alone.module, "fewbit_requant_generic");
  EXPECT_THAT(alone.files, ElementsAre("fewbit_round.sv", "fewbit_requant_generic.sv"));
  EXPECT_THAT(
      alone.parameters,
      ElementsAre(Pair("AWidth", "32'sd12"), Pair("ASigned", "1'b1"),
                  Pair("ALsbExponent", "-32'sd3"), Pair("BWidth", "32'sd1"),
                  Pair("BSigned", "1'b0"), Pair("BLsbExponent", "32'sd0"),
                  Pair("ShiftWidth", "32'sd5"), Pair("RWidth", "32'sd4"), Pair("RSigned", "1'b1"),
                  Pair("RExpBits", "32'sd0"), Pair("RLsbExponent", "32'sd0"),
                  Pair("Rounding", "32'sd0"), Pair("Overflow", "32'sd3")));
  EXPECT_THAT(alone.constants, ElementsAre(Pair("zero_point_i", Pair(1, 0)),
                                           Pair("b_i", Pair(1, 1)), Pair("random_i", Pair(1, 0))));
  const GenericInstance scaled = instance_of({.op = "requant",
                                              .a = "int12",
                                              .b = "uint9_lsbm8",
                                              .result = "int4",
                                              .rounding = "stochastic_a",
                                              .shift_bits = 2});
  EXPECT_THAT(scaled.parameters, Contains(Pair("BWidth", "32'sd9")));
  EXPECT_THAT(scaled.parameters, Contains(Pair("BLsbExponent", "-32'sd8")));
  EXPECT_THAT(scaled.parameters, Contains(Pair("ShiftWidth", "32'sd2")));
  EXPECT_THAT(scaled.parameters, Contains(Pair("RandomWidth", "32'sd8")));
  EXPECT_THAT(scaled.constants, ElementsAre(Pair("zero_point_i", Pair(1, 0))));
}

TEST(GenericTest, RoundedRunningSums) {
  const GenericInstance fmac = instance_of({.op = "fmac",
                                            .a = "e2m1",
                                            .b = "int4",
                                            .result = "e5m2",
                                            .rounding = "toward_zero",
                                            .overflow = "propagate",
                                            .reset = "sync_low"});
  EXPECT_EQ(fmac.module, "fewbit_fmac_generic");
  EXPECT_THAT(fmac.files,
              ElementsAre("fewbit_decode.sv", "fewbit_fixed_point.sv", "fewbit_frame.sv",
                          "fewbit_round.sv", "fewbit_mul_generic.sv", "fewbit_fma_generic.sv",
                          "fewbit_register.sv", "fewbit_fmac_generic.sv"));
  EXPECT_THAT(fmac.parameters, Contains(Pair("BWidth", "32'sd4")));
  EXPECT_THAT(fmac.parameters, Contains(Pair("Rounding", "32'sd2")));
  EXPECT_THAT(fmac.parameters, Contains(Pair("Overflow", "32'sd4")));
  EXPECT_THAT(fmac.parameters, Contains(Pair("ResetKind", "32'sd2")));
  EXPECT_FALSE(fmac.has_flags);
  // facc is fmac with a second operand that is 1.
  const GenericInstance facc = instance_of({.op = "facc", .a = "e2m1", .result = "e5m2"});
  EXPECT_EQ(facc.module, "fewbit_fmac_generic");
  EXPECT_THAT(facc.parameters, Contains(Pair("BWidth", "32'sd1")));
  EXPECT_THAT(facc.parameters, Contains(Pair("BSigned", "1'b0")));
  EXPECT_THAT(facc.parameters, Contains(Pair("BExpBits", "32'sd0")));
  EXPECT_THAT(facc.constants, ElementsAre(Pair("b_i", Pair(1, 1)), Pair("random_i", Pair(1, 0))));
}

/// Names of the parameters that a template declares, in order, as Verilator reads it.
const std::vector<std::string>& declared_parameters(const std::string& file) {
  static std::map<std::string, std::vector<std::string>> known;
  if (const auto found = known.find(file); found != known.end()) return found->second;
  std::vector<std::string>& names = known[file];
  const std::string templates = std::string(FEWBIT_SOURCE_DIR) + "/rtl_templates";
  const ScratchDirectory folder = ScratchDirectory::make().value();
  const auto run =
      run_process({"verilator", "--xml-only", "--xml-output", "design.xml", "--Mdir", ".",
                   "-Wno-fatal", "-Wno-lint", "-I" + templates, templates + "/" + file},
                  folder.path());
  EXPECT_TRUE(run.ok() && run->exit_code == 0) << (run.ok() ? run->log() : run.error().message());
  std::istringstream xml(read_file(folder.path() / "design.xml").value());
  boost::property_tree::ptree tree;
  boost::property_tree::read_xml(xml, tree);
  for (const auto& [kind, module] : tree.get_child("verilator_xml.netlist")) {
    if (kind != "module" || module.get("<xmlattr>.name", "") + ".sv" != file) continue;
    for (const auto& [item, node] : module) {
      if (item != "var" || node.get("<xmlattr>.param", "") != "true") continue;
      names.push_back(node.get<std::string>("<xmlattr>.name"));
    }
  }
  return names;
}

/// Whatever the request: the template declares the parameters in this order, each once; its own
/// file comes last and the others are there.
TEST(GenericTest, RandomRequestsNameDeclaredParametersInOrder) {
  fewbit::testing::RandomRequests requests(21);
  for (const OperatorInfo& info : operator_table()) {
    for (int i = 0; i < 60; ++i) {
      const OperatorSpec spec = requests.next(info);
      SCOPED_TRACE(spec.command());
      const GenericInstance instance = generic_instance(spec);
      ASSERT_EQ(instance.files.back(), instance.module + ".sv");
      const std::vector<std::string> declared = declared_parameters(instance.files.back());
      std::size_t at = 0;
      for (const auto& [name, value] : instance.parameters) {
        while (at < declared.size() && declared[at] != name) ++at;
        ASSERT_LT(at, declared.size()) << name << " is not declared, or not in this place";
        ++at;
        EXPECT_THAT(value, MatchesRegex("1'b[01]|-?32'sd[0-9]+|32'h[0-9a-f]+"));
      }
      std::set<std::string> files;
      for (const std::string& file : instance.files) {
        EXPECT_TRUE(files.insert(file).second) << file;
        EXPECT_THAT(declared_parameters(file), Not(IsEmpty())) << file;
      }
      EXPECT_EQ(instance.has_flags, !info.traits.needs_result);
    }
  }
}

}  // namespace
}  // namespace fewbit::ops
