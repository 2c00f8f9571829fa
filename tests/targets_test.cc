// The families of the PyPI tools: what is mapped equals the model, is counted, placed and routed.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>

#include "fewbit/flows/cost.h"
#include "fewbit/flows/yosys.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/sim/verify/verify.h"

namespace fewbit::flows {
namespace {

class CacheEnvironment : public ::testing::Environment {
 public:
  void SetUp() override { ::setenv("FEWBIT_CACHE", scratch_.path().c_str(), 1); }

 private:
  const ScratchDirectory scratch_ = ScratchDirectory::make().value();
};
[[maybe_unused]] const ::testing::Environment* const kCache =
    ::testing::AddGlobalTestEnvironment(new CacheEnvironment);

std::vector<std::string> names(bool with_dsp) {
  std::vector<std::string> chosen;
  for (const Target& target : targets()) {
    const bool is_of_pypi = target.nextpnr.rfind("yowasp-", 0) == 0;
    if (is_of_pypi && (!with_dsp || target.check_dsp("one").ok())) chosen.push_back(target.name);
  }
  return chosen;
}

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

Result<OperatorSpec> spec_for(const Target& target, OperatorRequest request) {
  FEWBIT_ASSIGN_OR_RETURN(fabric, fabric_of(target));
  request.fabric = fabric;
  return make_operator_spec(request);
}

/// Cost with two seeds; the netlist is simulated, and found wrong where it differs.
Result<CostPoint> cost_of(const Target& target, const OperatorRequest& request) {
  FEWBIT_ASSIGN_OR_RETURN(spec, spec_for(target, request));
  CostOptions options;
  options.seeds = 2;
  options.is_equal_to_model = [&](const std::vector<Netlist>& netlists) -> Result<bool> {
    const std::vector<verify::Subject> subjects = {
        {spec, netlists.front().design, {}, target.name}};
    verify::VerifyOptions verify_options;
    verify_options.quick = true;
    verify_options.random_vectors = 5000;
    FEWBIT_ASSIGN_OR_RETURN(reports, verify::verify(subjects, verify_options));
    EXPECT_TRUE(reports.front().exhaustive || reports.front().vectors > 1000U);
    return reports.front().passed;
  };
  return measure_cost(ops::emit(spec), target, options);
}

/// result_o = a_i.
rtl::EmittedDesign empty_core() {
  rtl::EmittedDesign design;
  design.files = {{"empty.sv",
                   "module empty (input wire [7:0] a_i, output wire [7:0] result_o);\n"
                   "  assign result_o = a_i;\n"
                   "endmodule\n"}};
  design.signature.module = "empty";
  design.signature.ports = {{"a_i", rtl::Direction::kInput, rtl::PortRole::kOperand, 8},
                            {"result_o", rtl::Direction::kOutput, rtl::PortRole::kResult, 8}};
  return design;
}

class FamilyTest : public ::testing::TestWithParam<std::string> {
 protected:
  Target target_ = find_target(GetParam()).value();
};

TEST_P(FamilyTest, EmptyCoreCostsNothing) {
  const ScratchDirectory folder = ScratchDirectory::make().value();
  const auto mapped = map_design(empty_core(), target_, target_.flows[0], 1, folder.path());
  ASSERT_TRUE(mapped.ok()) << mapped.error().message();
  const auto cost = count_cells(target_, mapped->cells);
  ASSERT_TRUE(cost.ok()) << cost.error().message();
  EXPECT_EQ(cost->lut_equivalents + cost->ffs + cost->muxes + cost->dsps + cost->brams, 0);
  EXPECT_EQ(mapped->depth, 0);
}

/// Sums wrap at the accumulator's width, so that it cannot do with fewer flip-flops.
TEST_P(FamilyTest, MacIsVerifiedCountedAndRouted) {
  for (const char* reset : {"async_low", "sync_high", "none"}) {
    const auto cost =
        cost_of(target_, {.op = "mac", .a = "int6", .b = "e2m1f", .terms = 100, .reset = reset});
    ASSERT_TRUE(cost.ok()) << reset << ": " << cost.error().message();
    EXPECT_GE(cost->ffs, 16) << reset;
    EXPECT_GE(cost->carries, 7) << reset;
    EXPECT_GE(cost->luts, 10) << reset;
    EXPECT_LE(cost->lut_equivalents, 200) << reset;
    EXPECT_EQ(cost->dsps + cost->brams, 0) << reset;
    ASSERT_TRUE(cost->fmax_mhz.has_value()) << reset;
    EXPECT_EQ(cost->fmax_mhz->ok, 2) << reset << ": " << cost->fmax_mhz->first_failure;
    EXPECT_LE(cost->fmax_mhz->min, cost->fmax_mhz->max) << reset;
  }
}

/// The registers around a core are not what limits it: the same ones around fewer cells are faster,
/// and around more slower.
TEST_P(FamilyTest, FmaxIsTheCores) {
  std::vector<Fmax> each;
  for (const char* format : {"int2", "int8"}) {
    const auto cost = cost_of(target_, {.op = "mul", .a = format, .b = format});
    ASSERT_TRUE(cost.ok()) << cost.error().message();
    each.push_back(cost->fmax_mhz.value());
    EXPECT_EQ(each.back().ok, 2) << each.back().first_failure;
  }
  EXPECT_GT(each[0].min, 1.3 * each[1].max);
}

TEST_P(FamilyTest, LanesTagsAndRoundedSumsEqualTheModel) {
  std::vector<verify::Subject> subjects;
  for (const OperatorRequest& request :
       {OperatorRequest{.op = "mul", .a = "e3m2f", .b = "e3m2f", .result = "e3m2f"},
        OperatorRequest{.op = "dot", .a = "int2", .b = "e2m1", .result = "e3m2", .lanes = 3},
        OperatorRequest{.op = "fmac",
        .a = "int2",
        .b = "e2m1",
        .result = "e3m2",
        .tag_bits = 3,
        .handshake = "valid_ready",
        .reset = "sync_low"}}) {
    const auto spec = spec_for(target_, request);
    ASSERT_TRUE(spec.ok()) << spec.error().message();
    const auto netlists = synthesize_netlists(ops::emit(*spec), target_);
    ASSERT_TRUE(netlists.ok()) << netlists.error().message();
    for (const Netlist& netlist : *netlists) {
      subjects.push_back({*spec, netlist.design, {}, target_.name + " " + request.op});
    }
  }
  verify::VerifyOptions options;
  options.quick = true;
  const auto reports = verify::verify(subjects, options);
  ASSERT_TRUE(reports.ok()) << reports.error().message();
  for (const verify::VerifyReport& report : *reports) {
    EXPECT_TRUE(report.passed) << verify::to_text(report);
    EXPECT_TRUE(report.exhaustive) << report.label;
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, FamilyTest, ::testing::ValuesIn(names(false)), test_name);

using BlockTest = FamilyTest;

/// One product, of two factors or of two lanes, in one block each.
TEST_P(BlockTest, ProductsAreInHardMultipliers) {
  for (const OperatorRequest& request :
       {OperatorRequest{.op = "mac", .a = "int8", .b = "int8", .terms = 100, .dsp = "one"},
        OperatorRequest{.op = "mul", .a = "e4m3fn", .b = "uint5", .dsp = "one"},
        OperatorRequest{.op = "dot", .a = "int4", .b = "int4", .lanes = 2, .dsp = "packed"}}) {
    const auto cost = cost_of(target_, request);
    ASSERT_TRUE(cost.ok()) << request.op << ": " << cost.error().message();
    EXPECT_EQ(cost->dsps, 1) << request.op;
    EXPECT_EQ(cost->fmax_mhz.has_value(), target_.times_dsps) << request.op;
    if (target_.times_dsps) {
      EXPECT_EQ(cost->fmax_mhz->ok, 2) << cost->fmax_mhz->first_failure;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, BlockTest, ::testing::ValuesIn(names(true)), test_name);

}  // namespace
}  // namespace fewbit::flows
