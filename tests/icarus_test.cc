// Icarus as a judge: a sample of what `make verify-icarus` asks it, faults that it must find, and
// names that every tool takes for names.
// SPDX-License-Identifier: Apache-2.0
#include <cctype>

#include "fewbit/gen/rtl/passes.h"
#include "fewbit/tests/icarus_requests.h"

namespace fewbit {
namespace {

using testing::add_design;
using ::testing::HasSubstr;
using testing::icarus_options;
using ::testing::StartsWith;

OperatorSpec with_arch(const OperatorRequest& request, Architecture arch) {
  OperatorSpec spec = make_operator_spec(request).value();
  spec.arch = arch;
  return spec;
}

void add_both(const OperatorRequest& request, std::vector<verify::Subject>& subjects) {
  add_design(with_arch(request, Architecture::kGeneric), subjects);
  add_design(with_arch(request, Architecture::kOptimized), subjects);
}

/// The fuller matrix is `make verify-icarus`.
TEST(IcarusTest, EveryOperatorIsReadAndEqualToTheModelAndRecoversFromX) {
  std::vector<verify::Subject> subjects;
  for (const OperatorInfo& info : operator_table()) {
    add_both(testing::plain_request(info.name), subjects);
  }
  for (OperatorRequest request : testing::small_clocked_requests()) {
    for (const char* reset : {"async_low", "none"}) {
      request.reset = reset;
      add_both(request, subjects);
      request.handshake = "valid_ready";
      request.tag_bits = 5;
      add_design(with_arch(request, Architecture::kOptimized), subjects);
      request.handshake = "valid";
      request.tag_bits = 0;
    }
  }
  testing::expect_equal(subjects, icarus_options());
}

/// Never left time 0: an always_comb read a bit of what it wrote.
TEST(IcarusTest, GenericMxquantEnds) {
  std::vector<verify::Subject> subjects;
  add_both({.op = "mxquant", .a = "e5m6f", .result = "e2m1", .lanes = 1}, subjects);
  testing::expect_equal(subjects, icarus_options());
}

/// The old sum's sign went into the adder as it was.
TEST(IcarusTest, RoundedSumsForgetWhatTheyWere) {
  std::vector<verify::Subject> subjects;
  for (const char* reset : {"async_low", "none"}) {
    add_design(
        make_operator_spec({.op = "facc", .a = "e4m3fn", .result = "binary16", .reset = reset})
            .value(),
        subjects);
    add_design(make_operator_spec({.op = "fmac",
                                   .a = "e5m2",
                                   .b = "int3",
                                   .result = "bfloat16",
                                   .rounding = "toward_negative",
                                   .reset = reset})
                   .value(),
               subjects);
  }
  testing::expect_equal(subjects, icarus_options());
}

TEST(IcarusTest, NetlistsToo) {
  std::vector<verify::Subject> subjects;
  const OperatorRequest rounded = {.op = "facc", .a = "e2m1", .result = "e3m3fn", .reset = "none"};
  const OperatorRequest exact = {.op = "mac", .a = "int3", .b = "e2m1", .terms = 20};
  for (const char* target : {"ice40-hx8k", "ecp5", "xilinx-usp"}) {
    for (OperatorRequest request : {rounded, exact}) {
      request.fabric = flows::fabric_of(flows::find_target(target).value()).value();
      testing::add_netlists(make_operator_spec(request).value(), target, subjects);
    }
  }
  testing::expect_equal(subjects, icarus_options());
}

verify::Subject small_sum(const std::string& reset) {
  const OperatorSpec spec =
      make_operator_spec({.op = "mac", .a = "int3", .b = "e2m1", .acc_width = 12, .reset = reset})
          .value();
  return {spec, ops::emit(spec), {}, spec.command()};
}

void replace_once(std::string& text, const std::string& what, const std::string& with) {
  const std::size_t place = text.find(what);
  ASSERT_NE(place, std::string::npos) << what << " in\n" << text;
  text.replace(place, what.size(), with);
}

TEST(IcarusTest, FindsARegisterThatStaysUnknown) {
  verify::Subject subject = small_sum("none");
  std::string& text = subject.design.files.back().text;
  replace_once(text, "\nendmodule",
               "\n  logic stray_q;\n  always_ff @(posedge clk_i) begin\n"
               "    stray_q <= ~stray_q;\n  end\nendmodule");
  const auto reports = verify::verify({subject}, icarus_options());
  ASSERT_TRUE(reports.ok()) << reports.error().message();
  EXPECT_FALSE(reports->at(0).passed);
  ASSERT_FALSE(reports->at(0).mismatches.empty());
  EXPECT_EQ(reports->at(0).mismatches[0].port, "stray_q");
  EXPECT_TRUE(reports->at(0).mismatches[0].got_unknown);
  EXPECT_THAT(verify::to_text(reports->at(0)), HasSubstr("recovery from X"));
}

TEST(IcarusTest, FindsASumThatStaysUnknown) {
  verify::Subject subject = small_sum("none");
  std::string& text = subject.design.files.back().text;
  // 0 in two states
  replace_once(text, "sum_q <= {(AccWidth){1'b0}};", "sum_q <= sum_q ^ sum_q;");
  const auto reports = verify::verify({subject}, icarus_options());
  ASSERT_TRUE(reports.ok()) << reports.error().message();
  EXPECT_FALSE(reports->at(0).passed);
}

TEST(IcarusTest, FindsAWrongResult) {
  verify::Subject subject = small_sum("async_low");
  subject.spec.acc_width = 12;
  std::string& text = subject.design.files.back().text;
  replace_once(text, "assign acc_o = ", "assign acc_o = ~");
  const auto reports = verify::verify({subject}, icarus_options());
  ASSERT_TRUE(reports.ok()) << reports.error().message();
  EXPECT_FALSE(reports->at(0).passed);
  EXPECT_FALSE(reports->at(0).mismatches.at(0).got_unknown);
}

TEST(IcarusTest, WhateverIcarusSaysIsAnError) {
  verify::Subject subject = small_sum("async_low");
  std::string& text = subject.design.files.back().text;
  replace_once(text, "\nendmodule",
               "\n  logic [3:0] said;\n  always_comb begin\n    said = {3'b000, acc_o[2]};\n  end\n"
               "endmodule");
  const auto reports = verify::verify({subject}, icarus_options());
  ASSERT_FALSE(reports.ok());
  EXPECT_THAT(reports.error().message(), HasSubstr("constant selects in always_"));
}

/// The identifiers of a text, keywords of SystemVerilog left out.
std::set<std::string> names_in(const std::string& text) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < text.size();) {
    if (text.compare(i, 2, "//") == 0) {
      i = text.find('\n', i);
      continue;
    }
    const auto is_part = [&](std::size_t k) {
      return k < text.size() && (std::isalnum(static_cast<unsigned char>(text[k])) != 0 ||
                                 std::string("_$'`").find(text[k]) != std::string::npos);
    };
    std::size_t end = i;
    while (is_part(end)) ++end;
    const std::string word = text.substr(i, end - i);
    const bool is_name =
        !word.empty() && (std::isalpha(static_cast<unsigned char>(word[0])) != 0 || word[0] == '_');
    if (is_name && !rtl::is_systemverilog_word(word)) names.insert(word);
    i = std::max(end, i + 1);
  }
  return names;
}

TEST(NamesTest, NoneIsAKeywordOfAnotherTool) {
  std::vector<verify::Subject> subjects;
  for (const OperatorInfo& info : operator_table()) {
    add_both(testing::plain_request(info.name), subjects);
  }
  for (const OperatorRequest& request : testing::small_clocked_requests()) {
    add_both(request, subjects);
  }
  std::set<std::string> names;
  for (const verify::Subject& subject : subjects) {
    for (const TextFile& file : subject.design.files) names.merge(names_in(file.text));
  }
  EXPECT_GT(names.size(), 500U);
  for (const std::string& name : names) {
    EXPECT_FALSE(rtl::is_reserved_word(name)) << name;
  }
}

TEST(NamesTest, KeywordsOfVerilogAmsAreFound) {
  EXPECT_THAT(names_in("logic sign, inf;  // nan\nassign inf = 8'hff;"),
              ::testing::ElementsAre("inf", "sign"));
  for (const char* word : {"inf", "min", "wreal", "sample", "above", "zi_zp", "always_comb"}) {
    EXPECT_TRUE(rtl::is_reserved_word(word)) << word;
  }
  for (const char* word : {"infinite", "in", "mi", "sum", "product"}) {
    EXPECT_FALSE(rtl::is_reserved_word(word)) << word;
  }
}

}  // namespace
}  // namespace fewbit
