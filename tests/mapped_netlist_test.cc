// Mapped netlists of every family are simulated as what they are: right ones pass, altered ones
// not.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fewbit/flows/cost.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/process.h"
#include "fewbit/sim/verify/verify.h"

namespace fewbit {
namespace {

OperatorRequest request_of(const std::string& op, const std::string& a, const std::string& b,
                           const std::string& result) {
  OperatorRequest request;
  request.op = op;
  request.a = a;
  request.b = b;
  request.result = result;
  return request;
}

void add_netlists(const OperatorRequest& request, const std::string& target_name,
                  std::vector<verify::Subject>& subjects) {
  const flows::Target target = flows::find_target(target_name).value();
  const OperatorSpec spec = make_operator_spec(request).value();
  const auto netlists = flows::synthesize_netlists(ops::emit(spec), target);
  ASSERT_TRUE(netlists.ok()) << target_name << ": " << netlists.error().message();
  for (const flows::Netlist& netlist : *netlists) {
    subjects.push_back({spec, netlist.design, {}, target_name + " " + netlist.flow});
  }
}

/// Lanes, a block scale, random bits, back-pressure with a tag, and sums rounded at each step.
const std::vector<OperatorRequest> kLanesTagsAndRunningSums = {
    {.op = "dot", .a = "int2", .b = "e2m1", .result = "e3m2", .lanes = 3},
    {.op = "dot",
     .a = "int2",
     .b = "int3",
     .lanes = 2,
     .terms = 20,
     .tag_bits = 3,
     .handshake = "valid_ready"},
    {.op = "mxquant", .a = "e3m2", .result = "e2m1", .lanes = 2},
    {.op = "squant", .a = "e3m2", .result = "uint2", .lanes = 2, .random_bits = 3},
    {.op = "convert",
     .a = "e4m3fn",
     .result = "e2m1",
     .rounding = "stochastic_c",
     .random_bits = 4},
    {.op = "fmac",
     .a = "int2",
     .b = "e2m1",
     .result = "e3m2",
     .handshake = "valid_ready",
     .reset = "none"},
};

/// Carries, wide multiplexers, every LUT size; flip-flops with enable, either reset, none.
TEST(MappedNetlistTest, EveryFamilyEqualsTheModel) {
  std::vector<verify::Subject> subjects;
  for (const char* target : {"ice40-hx8k", "ecp5", "xilinx-usp"}) {
    add_netlists(request_of("mul", "e3m2f", "e3m2f", "e3m2f"), target, subjects);
    for (const char* reset : {"async_low", "sync_high"}) {
      OperatorRequest request = request_of("mac", "e2m1f", "int4", "exact");
      request.terms = 100;
      request.reset = reset;
      add_netlists(request, target, subjects);
    }
    for (const OperatorRequest& request : kLanesTagsAndRunningSums) {
      add_netlists(request, target, subjects);
    }
  }
  ASSERT_EQ(subjects.size(), (3 + kLanesTagsAndRunningSums.size()) * (2 + 1 + 1));
  verify::VerifyOptions options;
  options.quick = true;
  const auto reports = verify::verify(subjects, options);
  ASSERT_TRUE(reports.ok()) << reports.error().message();
  for (const verify::VerifyReport& report : *reports) {
    EXPECT_TRUE(report.passed) << verify::to_text(report);
    EXPECT_TRUE(report.exhaustive) << report.label;
  }
}

TEST(MappedNetlistTest, OneBitOfALutTableIsNoticed) {
  std::vector<verify::Subject> subjects;
  add_netlists(request_of("mul", "e2m1f", "e2m1f", "e2m1f"), "ecp5", subjects);
  ASSERT_EQ(subjects.size(), 1U);
  TextFile& file = subjects[0].design.files.at(0);
  // Yosys says what is in the netlist: shifts of constant tables. The first one is complemented.
  const ScratchDirectory folder = ScratchDirectory::make().value();
  const auto yosys = [&](const std::string& script) {
    const auto run = run_process({"yosys", "-Q", "-T", "-q", "-p", script}, folder.path());
    ASSERT_TRUE(run.ok() && run->exit_code == 0) << (run.ok() ? run->log() : "no yosys");
  };
  ASSERT_TRUE(write_files(folder.path(), {{"right.v", file.text}}).ok());
  yosys("read_verilog -sv right.v; proc; write_json right.json");
  auto netlist = nlohmann::json::parse(read_file(folder.path() / "right.json").value());
  auto& cells = netlist.at("modules").at(subjects[0].design.signature.module).at("cells");
  const auto table = std::find_if(cells.begin(), cells.end(), [](const nlohmann::json& cell) {
    const nlohmann::json& bits = cell.at("connections").value("A", nlohmann::json::array());
    return cell.at("type") == "$shr" && bits.size() == 16 &&
           std::all_of(bits.begin(), bits.end(), [](const auto& bit) { return bit.is_string(); });
  });
  ASSERT_NE(table, cells.end());
  for (nlohmann::json& bit : table->at("connections").at("A")) bit = bit == "0" ? "1" : "0";
  ASSERT_TRUE(write_files(folder.path(), {{"wrong.json", netlist.dump()}}).ok());
  yosys("read_json wrong.json; write_verilog -noattr wrong.v");
  file.text = read_file(folder.path() / "wrong.v").value();
  verify::VerifyOptions options;
  options.quick = true;
  const auto reports = verify::verify(subjects, options);
  ASSERT_TRUE(reports.ok()) << reports.error().message();
  EXPECT_FALSE(reports->at(0).passed);
  EXPECT_GT(reports->at(0).mismatch_count, 0U);
}

}  // namespace
}  // namespace fewbit
