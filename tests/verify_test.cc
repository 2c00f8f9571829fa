// Hand-written designs: right ones pass, each planted bug is found in the phase made for it.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/verify/verify.h"

#include <gmock/gmock.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "fewbit/gen/util/files.h"
#include "fewbit/tests/hand_written_designs.h"

namespace fewbit::verify {
namespace {

using ::testing::HasSubstr;

// Models of tests share nothing with those of the user.
class CacheEnvironment : public ::testing::Environment {
 public:
  void SetUp() override { ::setenv("FEWBIT_CACHE", scratch_.path().c_str(), 1); }

 private:
  const ScratchDirectory scratch_ = ScratchDirectory::make().value();
};
[[maybe_unused]] const ::testing::Environment* const kCache =
    ::testing::AddGlobalTestEnvironment(new CacheEnvironment);

TEST(Verify, RightDesignsPass) {
  const std::vector<Subject> subjects = {
      mul("mul"),
      mac("mac"),
      mac("mac_sync", {.reset = kSyncHigh}, "sync_high"),
      mac("mac_none", {.reset = kNoReset}, "none"),
      mac("mac_wrap", {}, "async_low", 10, "wrap"),
      mac("mac_saturate", {.next = kSaturated}, "async_low", 10, "saturate"),
      mac("mac_sync_saturate", {.reset = kSyncHigh, .next = kSaturated}, "sync_high", 9,
          "saturate"),
      mac("mac_wide", {}, "async_low", 70, "wrap"),
      acc("acc"),
      elastic_mul("elastic"),
      elastic_mul("elastic_none", {.reset = kNoReset}, "none"),
      elastic_mul("elastic_sync", {.reset = kSyncHigh}, "sync_high"),
  };
  std::vector<std::string> seen;
  VerifyOptions options;
  options.progress = [&](const VerifyReport& report, std::size_t done, std::size_t total) {
    seen.push_back(report.label);
    EXPECT_EQ(done, seen.size());
    EXPECT_EQ(total, subjects.size());
  };
  const auto reports = verify(subjects, options);
  ASSERT_TRUE(reports.ok()) << reports.error().message();
  ASSERT_EQ(reports->size(), subjects.size());
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    const VerifyReport& report = (*reports)[i];
    EXPECT_EQ(report.label, subjects[i].label);
    EXPECT_TRUE(report.passed) << to_text(report);
    EXPECT_TRUE(report.exhaustive);
    EXPECT_EQ(report.operands_applied, report.operands_possible);
  }
  EXPECT_EQ(seen.size(), subjects.size());
  EXPECT_EQ((*reports)[0].vectors, 64U);
  EXPECT_EQ((*reports)[0].operands_applied, 64U);
  EXPECT_GT((*reports)[1].vectors, 1000U);
  EXPECT_EQ((*reports)[1].worst_sum_applied, 16U);
  EXPECT_THAT(to_text((*reports)[0]), HasSubstr("PASS mul: 64 vectors, 64 of 64 operands "
                                                "(exhaustive), seed 1, "));
  EXPECT_THAT(to_text((*reports)[7]), HasSubstr("worst-case sums of 70000 of "));
}

TEST(Verify, QuickPassesToo) {
  VerifyOptions options;
  options.quick = true;
  const auto reports = verify({mac("mac"), acc("acc"), elastic_mul("elastic")}, options);
  ASSERT_TRUE(reports.ok()) << reports.error().message();
  for (const VerifyReport& report : *reports) EXPECT_TRUE(report.passed) << to_text(report);
}

TEST(Verify, OneWrongProductIsNamed) {
  // 3 x -4 = -12, the only product with this pair of operands.
  const auto reports = verify(
      {mul("mul_bad", {.result = "assign result_o = a_i == 3 && b_i == 4 ? 6'd5 : product;"}),
       mul("mul_good")},
      {});
  ASSERT_TRUE(reports.ok()) << reports.error().message();
  const VerifyReport& report = (*reports)[0];
  EXPECT_FALSE(report.passed);
  EXPECT_TRUE((*reports)[1].passed);
  ASSERT_EQ(report.mismatch_count, 1U);
  const Mismatch& mismatch = report.mismatches.at(0);
  EXPECT_EQ(mismatch.phase, "every operand");
  ASSERT_EQ(mismatch.operands.size(), 2U);
  EXPECT_EQ(mismatch.operands[0].name, "a");
  EXPECT_EQ(mismatch.operands[1].name, "b");
  EXPECT_EQ(mismatch.operands[0].code, 3);
  EXPECT_EQ(mismatch.operands[1].code, 4);
  EXPECT_EQ(mismatch.operands[0].decoded, "3");
  EXPECT_EQ(mismatch.operands[1].decoded, "-4");
  EXPECT_EQ(mismatch.port, "result_o");
  EXPECT_EQ(mismatch.expected, 0x34);
  EXPECT_EQ(mismatch.got, 5);
  EXPECT_EQ(mismatch.expected_decoded, "-12");
  EXPECT_EQ(mismatch.got_decoded, "5");
  EXPECT_THAT(to_text(report), HasSubstr("FAIL mul_bad: 1 mismatches in 64 vectors"));
  EXPECT_THAT(to_text(report), HasSubstr("0x34 (-12)"));
  const nlohmann::ordered_json json = to_json(report);
  EXPECT_EQ(json["passed"], false);
  EXPECT_THAT(to_text(report), HasSubstr("a 0x3 (3), b 0x4 (-4)"));
  EXPECT_EQ(json["mismatches"][0]["a"], "0x3");
  EXPECT_EQ(json["mismatches"][0]["a_decoded"], "3");
  EXPECT_EQ(json["mismatches"][0]["b"], "0x4");
  EXPECT_EQ(json["mismatches"][0]["b_decoded"], "-4");
  EXPECT_EQ(json["mismatches"][0]["expected"], "0x34");
}

/// Operands of every kind are named; several numbers side by side are shown as codes alone.
TEST(Verify, OperandsOfEveryKindAreNamed) {
  struct Case {
    OperatorRequest request;
    int wrong;
    std::vector<OperandValue> operands;
    std::string port;
  };
  const std::vector<Case> cases = {
      {{.op = "fma", .a = "int2", .b = "int2", .c = "uint2"},
       0b11'10'01,
       {{"a", 3, "-1"}, {"b", 2, "-2"}, {"c", 1, "1"}},
       "result_o"},
      {{.op = "convert",
        .a = "e2m1",
        .result = "int3",
        .rounding = "stochastic_a",
        .random_bits = 2},
       0b1001'10,
       {{"a", 9, "-0.5"}, {"random", 2, "2"}},
       "result_o"},
      {{.op = "requant", .a = "int4", .result = "int3", .shift_bits = 2},
       0b1000'11,
       {{"a", 8, "-8"}, {"shift", 3, "3"}},
       "result_o"},
      {{.op = "dot", .a = "int2", .b = "uint2", .lanes = 2},
       0b1001'0111,
       {{"a", 9, ""}, {"b", 7, ""}},
       "result_o"},
      {{.op = "mxdot", .a = "int1", .b = "int1", .scale = "ue2m1f", .result = "e3m2", .lanes = 2},
       0b01'10'010'101,
       {{"a", 1, ""}, {"b", 2, ""}, {"scale_a", 2, "1"}, {"scale_b", 5, "3"}},
       "result_o"},
      {{.op = "mxquant", .a = "e2m1", .result = "e2m1", .lanes = 1},
       0b0011,
       {{"a", 3, "1.5"}},
       "scale_o"},
      {{.op = "mxquant", .a = "e2m1", .result = "e2m1", .lanes = 2},
       0b0011'1001,
       {{"a", 0x39, ""}},
       "scale_o"},
  };
  std::vector<Subject> subjects;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    subjects.push_back(table(cases[i].request, fmt::format("right{}", i)));
    subjects.push_back(table(cases[i].request, fmt::format("wrong{}", i), cases[i].wrong));
  }
  const auto reports = verify(subjects, {});
  ASSERT_TRUE(reports.ok()) << reports.error().message();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_TRUE((*reports)[2 * i].passed) << to_text((*reports)[2 * i]);
    const VerifyReport& report = (*reports)[2 * i + 1];
    SCOPED_TRACE(to_text(report));
    EXPECT_TRUE(report.exhaustive);
    ASSERT_EQ(report.mismatch_count, 1U);
    const Mismatch& mismatch = report.mismatches[0];
    EXPECT_EQ(mismatch.port, cases[i].port);
    EXPECT_EQ(mismatch.phase, "every operand");
    ASSERT_EQ(mismatch.operands.size(), cases[i].operands.size());
    for (std::size_t k = 0; k < mismatch.operands.size(); ++k) {
      EXPECT_EQ(mismatch.operands[k].name, cases[i].operands[k].name);
      EXPECT_EQ(mismatch.operands[k].code, cases[i].operands[k].code);
      EXPECT_EQ(mismatch.operands[k].decoded, cases[i].operands[k].decoded);
    }
    EXPECT_EQ(mismatch.expected ^ mismatch.got, cases[i].port == "scale_o" ? 1 : 2);
    EXPECT_EQ(mismatch.expected_decoded.empty(), cases[i].port == "scale_o");
    EXPECT_EQ(mismatch.got_decoded.empty(), cases[i].port == "scale_o");
    const nlohmann::ordered_json json = to_json(report)["mismatches"][0];
    for (const OperandValue& operand : cases[i].operands) {
      EXPECT_EQ(json[operand.name], "0x" + to_hex(operand.code));
      EXPECT_EQ(json.contains(operand.name + "_decoded"), !operand.decoded.empty());
    }
  }
}

constexpr const char* kOneMore = "assign product = $signed(a_i) * $signed(b_i) + 6'sd1;";

struct PlantedBug {
  Subject subject;
  std::set<std::string> phases;  ///< where the first mismatch may be
  std::string port;              ///< of the first mismatch, or several between bars
};

std::vector<PlantedBug> planted_bugs() {
  return {
      {mac("bug_extreme", {.next = "sum == 1024 ? '0 : sum"}), {"extreme sum +"}, "acc_o"},
      {mac("bug_extreme_negative", {.next = "sum == -896 ? '0 : sum"}), {"extreme sum -"}, "acc_o"},
      {mac("bug_valid_late", {.more = "logic late_q;",
                              .reset_valid = "valid_q <= 1'b0; late_q <= 1'b0;",
                              .out = "late_q <= valid_q; valid_o <= late_q;"}),
       {"every operand"},
       "valid_o"},
      {mac("bug_no_hold", {.step = "acc_q <= valid_q ? next : '0;"}), {"every operand"}, "acc_o"},
      {mac("bug_hold_decays", {.step = "if (valid_q || !valid_o) acc_q <= next;"}),
       {"every operand", "reset at power-up"},
       "acc_o"},
      {mac("bug_acc_not_reset", {.more = "initial {acc_q, valid_q} = '0;", .reset_sum = ""}),
       {"reset in mid-flow"},
       "acc_o"},
      {mac("bug_acc_not_reset_nor_initialised", {.reset_sum = ""}), {"reset at power-up"}, "acc_o"},
      {mac("bug_pipeline_not_reset",
           {.more = "initial valid_q = '0;", .reset_valid = "valid_q <= valid_q;"}),
       {"reset in mid-flow"},
       "valid_o"},
      {mac("bug_reset_is_synchronous", {.reset = {"clk_i, rst_i", "posedge clk_i", "!rst_i"}}),
       {"reset at power-up"},
       "valid_o|acc_o"},  // whichever happens to be other than 0 at power-up
      {mac("bug_reset_is_asynchronous",
           {.reset = {"clk_i, rst_i", "posedge clk_i or posedge rst_i", "rst_i"}}, "sync_high"),
       {"reset in mid-flow"},
       "valid_o|acc_o"},
      {mac("bug_saturates_not", {}, "async_low", 10, "saturate"),
       {"every operand", "past the upper limit"},
       "acc_o"},
      {mac("bug_wraps_not", {.next = kSaturated}, "async_low", 18, "wrap"),
       {"past the upper limit"},
       "acc_o"},
      {mac("bug_wide_saturates_not", {}, "async_low", 18, "saturate"),
       {"past the upper limit"},
       "acc_o"},
      {mac("bug_first_ignored_after_gap",
           {.more = "logic gap_q, gap2_q;",
            .starts = "first_q && !(gap_q && !gap2_q)",
            .capture = "first_q <= first_i; gap_q <= !valid_q; gap2_q <= gap_q;"}),
       {"every operand"},
       "acc_o"},
      {mac("bug_first_without_valid",
           {.step = "if (valid_q) acc_q <= next; else if (first_q) acc_q <= '0;"}),
       {"every operand", "reset at power-up"},
       "acc_o"},
      {acc("bug_nan_not_sticky", "is_nan_q"), {"every operand", "sticky flags"}, "nan_o"},
      {acc("bug_nan_not_cleared", "is_nan_q || nan_o"), {"every operand", "sticky flags"}, "nan_o"},
      {acc("bug_nan_forever_after_first", "(is_nan_q && !first_q) || (!first_q && nan_o)"),
       {"every operand", "first every cycle", "sticky flags"},
       "nan_o"},
      {elastic_mul("bug_ready_without_valid", {.ready = "ready_i"}),
       {"reset at power-up", "every operand"},
       "ready_o"},
      {elastic_mul("bug_ready_always", {.ready = "1'b1"}),
       {"reset at power-up", "every operand"},
       "ready_o"},
      {elastic_mul("bug_result_not_kept", {.result_moves = "if (valid_i)"}),
       {"every operand"},
       "result_o"},
      {elastic_mul("bug_result_not_held", {.result_moves = "if (moves)"}),
       {"every operand"},
       "result_o"},
      {elastic_mul("bug_valid_not_kept", {.valid_moves = ""}),
       {"every operand", "reset in mid-flow"},
       "valid_o"},
      {elastic_mul("bug_lost_when_waiting", {.valid = "valid_i && ready_i"}),
       {"reset at power-up", "every operand"},
       "valid_o"},
      {elastic_mul("bug_tag_not_kept", {.tag = "tag_o <= tag_i;"}), {"every operand"}, "tag_o"},
      {elastic_mul("bug_tag_narrow", {.tag = "if (moves && valid_i) tag_o <= {1'b0, tag_i[3:0]};"}),
       {"every operand"},
       "tag_o"},
      {elastic_mul("bug_valid_not_reset",
                   {.more = "initial valid_o = '0;", .reset_valid = "valid_o <= valid_o;"}),
       {"reset in mid-flow"},
       "valid_o"},
  };
}

TEST(Verify, PlantedBugsAreFoundInTheirPhase) {
  const std::vector<PlantedBug> bugs = planted_bugs();
  std::vector<Subject> subjects;
  for (const PlantedBug& bug : bugs) subjects.push_back(bug.subject);
  for (const bool quick : {false, true}) {
    VerifyOptions options;
    options.quick = quick;
    const auto reports = verify(subjects, options);
    ASSERT_TRUE(reports.ok()) << reports.error().message();
    for (std::size_t i = 0; i < bugs.size(); ++i) {
      const VerifyReport& report = (*reports)[i];
      EXPECT_FALSE(report.passed) << report.label;
      ASSERT_FALSE(report.mismatches.empty()) << report.label;
      EXPECT_LE(report.mismatches.size(), 5U);
      EXPECT_GE(report.mismatch_count, report.mismatches.size());
      EXPECT_TRUE(bugs[i].phases.contains(report.mismatches[0].phase)) << to_text(report);
      EXPECT_THAT("|" + bugs[i].port + "|", HasSubstr("|" + report.mismatches[0].port + "|"))
          << to_text(report);
    }
  }
}

/// A netlist has the module name of its design, in another file.
TEST(Verify, ADesignAndItsNetlistAreBothSimulated) {
  Subject netlist = mul("same", {.product = kOneMore});
  netlist.design.files[0].name = "same.v";
  for (const std::vector<Subject>& subjects :
       {std::vector{mul("same"), netlist}, {netlist, mul("same")}}) {
    const auto reports = verify(subjects, {});
    ASSERT_TRUE(reports.ok()) << reports.error().message();
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_EQ((*reports)[i].passed, subjects[i].design.files[0].name == "same.sv");
    }
  }
}

TEST(Verify, TwoModulesOfOneNameInOneModelAreAnError) {
  Subject twice = mul("twice");
  TextFile other = twice.design.files[0];
  other.name = "elsewhere.sv";
  twice.design.files.push_back(other);
  const auto reports = verify({twice}, {});
  ASSERT_FALSE(reports.ok());
  EXPECT_THAT(reports.error().message(), HasSubstr("MODDUP"));
}

TEST(Verify, SameSeedSameReportWhateverRunsBeside) {
  const Subject bad = mac("bug", {.next = "sum[4:0] == 5'd9 ? sum + 1 : sum"});
  VerifyOptions options;
  options.jobs = 1;
  const auto alone = verify({bad}, options);
  options.jobs = 2;
  const auto beside = verify({mac("a_mac"), mul("a_mul"), bad, acc("an_acc")}, options);
  options.seed = 2;
  const auto other = verify({bad}, options);
  ASSERT_TRUE(alone.ok() && beside.ok() && other.ok());
  const auto facts = [](const VerifyReport& report) {
    nlohmann::ordered_json json = to_json(report);
    json.erase("seconds");
    return json;
  };
  EXPECT_GT((*alone)[0].mismatch_count, 10U);
  EXPECT_EQ(facts((*alone)[0]), facts((*beside)[2]));
  EXPECT_NE(facts((*alone)[0])["mismatches"], facts((*other)[0])["mismatches"]);
}

TEST(Verify, DesignsWithOneNameAndDifferentTextsAreKeptApart) {
  const std::vector<Subject> subjects = {mul("same"), mul("same", {.product = kOneMore}),
                                         mul("same")};
  const auto reports = verify(subjects, {});
  ASSERT_TRUE(reports.ok()) << reports.error().message();
  EXPECT_TRUE((*reports)[0].passed);
  EXPECT_EQ((*reports)[1].mismatch_count, 64U);
  EXPECT_TRUE((*reports)[2].passed);
}

TEST(Verify, SampledWhereOperandsAreWide) {
  VerifyOptions options;
  options.random_vectors = 3000;
  const auto reports = verify({mul("wide", {.bits = 16})}, options);
  ASSERT_TRUE(reports.ok()) << reports.error().message();
  const VerifyReport& report = (*reports)[0];
  EXPECT_TRUE(report.passed) << to_text(report);
  EXPECT_FALSE(report.exhaustive);
  EXPECT_GT(report.vectors, 3000U);
  EXPECT_LT(report.operands_applied, report.vectors);
  EXPECT_EQ(report.operands_possible, 4294967296.0);
  EXPECT_THAT(to_text(report), HasSubstr("(sampled)"));
}

TEST(Verify, CombinationalLoopIsAnError) {
  const auto reports = verify(
      {mul("loop", {.result = "logic [5:0] x; assign x[0] = product[0];"
                              " assign x[5:1] = x[4:0] ^ product[5:1]; assign result_o = x;"})},
      {});
  ASSERT_FALSE(reports.ok());
  EXPECT_THAT(reports.error().message(), HasSubstr("UNOPTFLAT"));
}

TEST(Verify, BrokenRtlIsAnErrorThatNamesTheFile) {
  const auto reports =
      verify({mul("broken", {.product = "assign product $signed(a_i) * $signed(b_i);"})}, {});
  ASSERT_FALSE(reports.ok());
  EXPECT_THAT(reports.error().message(), HasSubstr("broken.sv"));
}

TEST(Verify, PortNarrowerThanItsSignatureIsAnError) {
  const auto reports = verify({mul("narrow", {.result_port_bits = 5})}, {});
  ASSERT_FALSE(reports.ok());
  EXPECT_THAT(reports.error().message(), HasSubstr("result_o"));
}

TEST(Verify, MissingVerilatorIsAnErrorThatSaysWhatToInstall) {
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", "/nonexistent", 1);
  const auto reports = verify({mul("mul")}, {});
  const auto version = verilator_version();
  ::setenv("PATH", path.c_str(), 1);
  ASSERT_FALSE(reports.ok());
  EXPECT_THAT(reports.error().message(), HasSubstr("verilator"));
  EXPECT_THAT(reports.error().message(), HasSubstr("Debian package"));
  EXPECT_FALSE(version.ok());
  EXPECT_THAT(verilator_version().value(), HasSubstr("Verilator "));
}

TEST(Verify, NothingToDoIsNoReport) { EXPECT_TRUE(verify({}, {}).value().empty()); }

}  // namespace
}  // namespace fewbit::verify
