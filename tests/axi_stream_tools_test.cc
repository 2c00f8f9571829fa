// Operators with AXI4-Stream ports through the tools: proofs that hold and proofs that do not.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "fewbit/flows/prove_streams.h"
#include "fewbit/gen/blocks/axi_stream.h"
#include "fewbit/gen/util/text.h"
#include "fewbit/tests/request_matrix.h"

namespace fewbit {
namespace {

using ::testing::HasSubstr;

OperatorSpec spec_of(OperatorRequest request) {
  request.handshake = "valid";
  const Result<OperatorSpec> spec = make_operator_spec(request);
  EXPECT_TRUE(spec.ok()) << request.op << ": " << (spec.ok() ? "" : spec.error().message());
  return *spec;
}

std::vector<flows::ProofPart> parts_of(const OperatorSpec& spec, const rtl::EmittedDesign& design) {
  const auto parts =
      flows::prove_axi_stream(spec, design, blocks::axi_register_places(spec), {.seconds = 600});
  EXPECT_TRUE(parts.ok()) << (parts.ok() ? "" : parts.error().message());
  return parts.ok() ? *parts : std::vector<flows::ProofPart>{};
}

void expect_proved(const OperatorSpec& spec, std::size_t count) {
  const std::vector<flows::ProofPart> parts = parts_of(spec, blocks::emit_axi_stream(spec));
  EXPECT_EQ(parts.size(), count) << spec.command();
  for (const flows::ProofPart& part : parts) {
    EXPECT_TRUE(part.proved) << spec.command() << ": " << part.name << ": " << part.detail;
  }
}

TEST(AxiStreamProved, TheRulesHoldOfEveryOperatorAndArchitecture) {
  for (const OperatorInfo& info : operator_table()) {
    OperatorRequest request = testing::plain_request(info.name);
    for (const char* arch : {"generic", "optimized"}) {
      request.arch = arch;
      request.tag_bits = 3;
      expect_proved(spec_of(request), 3);
    }
  }
}

TEST(AxiStreamProved, ResetsTagsAndLatencies) {
  OperatorRequest plain{.op = "mul", .a = "e4m3fn", .b = "e5m2", .latency = 3};
  plain.reset = "sync_high";
  expect_proved(spec_of(plain), 3);
  plain.reset = "sync_low";
  plain.latency = 11;  // its results wait in a memory
  expect_proved(spec_of(plain), 2);
  expect_proved(spec_of({.op = "mac", .a = "e5m2", .b = "int4", .terms = 20}), 3);
}

/// The names of what is refuted after the text of the module with the ports has changed.
std::string refuted(const OperatorSpec& spec, const std::string& right, const std::string& wrong) {
  rtl::EmittedDesign design = blocks::emit_axi_stream(spec);
  std::string& text = design.files.back().text;
  const std::size_t at = text.find(right);
  EXPECT_NE(at, std::string::npos) << text;
  if (at == std::string::npos) return "";
  text.replace(at, right.size(), wrong);
  std::string names;
  for (const flows::ProofPart& part : parts_of(spec, design)) {
    if (part.refuted) names += part.name + "; ";
  }
  return names;
}

TEST(AxiStreamProved, MistakesAreRefuted) {
  const OperatorSpec spec = spec_of({.op = "mul", .a = "e2m1", .b = "e2m1", .tag_bits = 2});
  EXPECT_THAT(refuted(spec, "assign s_axis_tready = ", "assign s_axis_tready = m_axis_tready & "),
              HasSubstr("a register behind every ready that comes in"));
  EXPECT_THAT(refuted(spec, "assign m_axis_tuser = ", "assign m_axis_tuser = ~"),
              HasSubstr("results in order, none lost or made"));
  EXPECT_THAT(refuted(spec, "assign m_axis_tvalid = ", "assign m_axis_tvalid = s_axis_tvalid & "),
              HasSubstr("valid and payload stay until the beat moves"));
}

}  // namespace
}  // namespace fewbit
