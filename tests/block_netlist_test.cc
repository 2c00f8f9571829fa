// Hard multipliers and block RAMs after synthesis: the netlist has them, and equals the model.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <set>
#include <string>

#include "fewbit/flows/cost.h"
#include "fewbit/flows/yosys.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/process.h"
#include "fewbit/sim/verify/verify.h"

namespace fewbit {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Case {
  const char* target;
  Fabric fabric;
  OperatorRequest request;
  int dsps;
  int brams;
};

OperatorRequest mac(const char* a, const char* b, const char* dsp) {
  OperatorRequest request{.op = "mac", .a = a, .b = b, .terms = 100};
  request.dsp = dsp;
  return request;
}

OperatorRequest dot(const char* format, int lanes, const char* dsp) {
  OperatorRequest request{.op = "dot", .a = format, .b = format, .lanes = lanes};
  request.dsp = dsp;
  return request;
}

OperatorRequest from_rom(const char* op, const char* a, const char* b, const char* result) {
  OperatorRequest request{.op = op, .a = a, .b = b, .result = result, .strategy = "bram"};
  request.handshake = "valid_ready";
  return request;
}

OperatorRequest multiplier(const char* format) {
  OperatorRequest request{.op = "mul", .a = format, .b = format, .result = format};
  request.dsp = "one";
  return request;
}

/// Whether `make verify-blocks` runs the whole: every request on every target.
const bool kWhole = std::getenv("FEWBIT_BLOCKS_WHOLE") != nullptr;

/// Each request on two targets, each target with two requests or three; the whole where kWhole.
std::vector<Case> cases() {
  std::vector<Case> all;
  const std::pair<const char*, Fabric> targets[] = {{"ice40-up5k", Fabric::kIce40},
                                                    {"ecp5", Fabric::kEcp5},
                                                    {"xilinx-usp", Fabric::kXilinx},
                                                    {"xilinx7", Fabric::kXilinx}};
  const std::pair<OperatorRequest, std::set<std::string>> requests[] = {
      {mac("int8", "int8", "one"), {"ice40-up5k", "xilinx-usp"}},
      {mac("e4m3fn", "int8", "one"), {"ecp5", "xilinx7"}},
      {multiplier("bfloat16"), {"ecp5", "xilinx-usp"}},
      {dot("int4", 3, "packed"), {"ice40-up5k", "xilinx7"}},
      {dot("e4m3fn", 2, "packed"), {"ecp5", "xilinx-usp"}}};
  for (const auto& [target, fabric] : targets) {
    for (const auto& [request, sample] : requests) {
      if (kWhole || sample.contains(target)) all.push_back({target, fabric, request, 1, 0});
    }
  }
  // Each lane in a block of its own: the signs stay carries, the terms are narrow.
  all.push_back({"ice40-up5k", Fabric::kIce40, dot("e3m5f", 2, "one"), 2, 0});
  // Products that are too wide for a block, in several.
  all.push_back({"ecp5", Fabric::kEcp5, multiplier("binary32"), 4, 0});
  if (kWhole) {
    all.push_back({"ice40-up5k", Fabric::kIce40, multiplier("binary32"), 4, 0});
    all.push_back({"xilinx-usp", Fabric::kXilinx, multiplier("binary32"), 2, 0});
    all.push_back({"xilinx7", Fabric::kXilinx, multiplier("binary32"), 2, 0});
  }
  OperatorRequest wide{.op = "requant", .a = "int21", .b = "uint16", .result = "int8"};
  wide.shift_bits = 5;
  wide.dsp = "one";
  all.push_back({"ecp5", Fabric::kEcp5, wide, 2, 0});
  all.push_back({"ice40-hx8k", Fabric::kIce40, from_rom("mac", "int4", "int4", "exact"), 0, 1});
  all.push_back({"ice40-hx8k", Fabric::kIce40, from_rom("mul", "e4m3fn", "e2m1", "e4m3fn"), 0, 1});
  all.push_back({"ice40-up5k", Fabric::kIce40, from_rom("mac", "e4m3fn", "int4", "exact"), 0, 1});
  return all;
}

TEST(BlockNetlists, HaveTheBlocksAndEqualTheModel) {
  std::vector<verify::Subject> subjects;
  for (Case one : cases()) {
    one.request.fabric = one.fabric;
    const Result<OperatorSpec> spec = make_operator_spec(one.request);
    ASSERT_TRUE(spec.ok()) << spec.error().message();
    const flows::Target target = flows::find_target(one.target).value();
    const rtl::EmittedDesign design = ops::emit(*spec);
    const flows::FlowVariant flow = target.flows_for(design.signature.dsp, "").value().front();
    const ScratchDirectory folder = ScratchDirectory::make().value();
    const auto mapped = flows::map_design(design, target, flow, 1, folder.path());
    const std::string label = std::string(one.target) + " " + spec->command();
    ASSERT_TRUE(mapped.ok()) << label << ": " << mapped.error().message();
    const auto count = flows::count_cells(target, mapped->cells);
    ASSERT_TRUE(count.ok()) << label << ": " << count.error().message();
    EXPECT_EQ(count->dsps, one.dsps) << label;
    EXPECT_EQ(count->brams, one.brams) << label;
    const auto netlists = flows::simulation_netlists(design, target, 1, folder.path());
    ASSERT_TRUE(netlists.ok()) << label << ": " << netlists.error().message();
    verify::Subject subject{*spec, design, {}, label};
    subject.design.files = {{design.signature.module + ".v", netlists->front()}};
    subject.design.signature.parameters.clear();
    for (rtl::PortSignature& port : subject.design.signature.ports) port.width_parameter.clear();
    subjects.push_back(subject);
  }
  verify::VerifyOptions options;
  options.quick = true;
  options.random_vectors = 5000;
  const auto reports = verify::verify(subjects, options);
  ASSERT_TRUE(reports.ok()) << reports.error().message();
  std::uint64_t vectors = 0;
  for (const verify::VerifyReport& report : *reports) {
    EXPECT_TRUE(report.passed) << verify::to_text(report);
    EXPECT_GT(report.vectors, 1000U) << report.label;
    vectors += report.vectors;
  }
  EXPECT_EQ(subjects.size(), kWhole ? 29U : 16U);
  fmt::print("{} netlists, {} vectors\n", subjects.size(), vectors);
}

/// nextpnr-ice40 would give a frequency that leaves the multiplier out.
TEST(BlockNetlists, ThatPlaceAndRouteCannotTimeHaveNoFmax) {
  const flows::Target target = flows::find_target("ice40-up5k").value();
  flows::CostOptions options;
  options.seeds = 1;
  options.is_equal_to_model = [](const std::vector<flows::Netlist>&) { return Result<bool>(true); };
  for (const char* dsp : {"one", "none"}) {
    const OperatorSpec spec = make_operator_spec(mac("int8", "int8", dsp)).value();
    const auto cost = flows::measure_cost(ops::emit(spec), target, options);
    ASSERT_TRUE(cost.ok()) << cost.error().message();
    EXPECT_EQ(cost->fmax_mhz.has_value(), cost->dsps == 0) << dsp;
    EXPECT_GT(cost->logic_cells.value_or(0), 0) << dsp;
  }
}

TEST(BlockNetlists, ATargetWithoutMultipliersIsRefused) {
  const OperatorSpec spec = make_operator_spec(mac("int8", "int8", "one")).value();
  const auto netlists =
      flows::synthesize_netlists(ops::emit(spec), flows::find_target("ice40-hx8k").value());
  ASSERT_FALSE(netlists.ok());
  EXPECT_THAT(netlists.error().message(), HasSubstr("no hard multipliers on ice40-hx8k"));
  EXPECT_THAT(netlists.error().message(), HasSubstr("ice40-up5k"));
}

/// What Yosys makes of a model of fewbit with these parameters and ports: its output.
std::string elaborate(const std::string& cell, const std::string& parameters,
                      const std::string& ports, const std::string& check) {
  const std::filesystem::path model =
      std::filesystem::path(FEWBIT_SOURCE_DIR) / "flows" / "models" / (cell + ".v");
  const ScratchDirectory folder = ScratchDirectory::make().value();
  const std::string top = "module top (output [47:0] p);\n  " + cell + " #(" + parameters +
                          ") cell_under_test (" + ports + ");\nendmodule\n";
  EXPECT_TRUE(write_files(folder.path(), {{"top.v", top}}).ok());
  const std::string script = "read_verilog -sv top.v; read_verilog -defer " + model.string() +
                             "; hierarchy -check -top top; proc; flatten; opt_clean; " + check;
  const auto run = run_process({"yosys", "-Q", "-T", "-p", script}, folder.path());
  EXPECT_TRUE(run.ok());
  return run->log() + (run->exit_code == 0 ? "" : " FAILED");
}

const std::string kOff =
    ".ACASCREG(0), .ADREG(0), .ALUMODEREG(0), .AREG(0), .BCASCREG(0), .BREG(0), .CARRYINREG(0), "
    ".CARRYINSELREG(0), .CREG(0), .DREG(0), .INMODEREG(0), .MREG(0), .OPMODEREG(0)";
std::string dsp48_ports(const std::string& opmode) {
  return ".A(30'd300), .B(18'h3fffe), .C(48'b0), .D(27'b0), .ALUMODE(4'b0), .INMODE(5'b0), "
         ".CARRYINSEL(3'b0), .CARRYIN(1'b0), .OPMODE(" +
         opmode + "), .P(p)";
}

TEST(CellModels, Dsp48e2IsAMultiplierWithPreadderAndNothingElse) {
  const auto run = [](const std::string& parameters, const std::string& opmode) {
    return elaborate("DSP48E2", parameters, dsp48_ports(opmode), "sat -prove p 48'hfffffffffda8");
  };
  EXPECT_THAT(run(kOff + ", .PREG(0)", "9'b000000101"), HasSubstr("SUCCESS"));
  EXPECT_THAT(run(kOff + ", .PREG(0)", "9'b000110101"), Not(HasSubstr("SUCCESS")));
  const std::string missing = "DSP48E2_with_registers_has_no_simulation_model' referenced";
  EXPECT_THAT(run(kOff + ", .PREG(1)", "9'b000000101"), HasSubstr(missing));
  const std::string other = "DSP48E2_other_than_a_multiplier_has_no_simulation_model' referenced";
  EXPECT_THAT(run(kOff + ", .PREG(0), .BMULTSEL(\"AD\")", "9'b000000101"), HasSubstr(other));
}

std::string mult18_ports(const std::string& source_a) {
  std::string ports = ".SIGNEDA(1'b0), .SIGNEDB(1'b1), .SOURCEB(1'b0), .SOURCEA(" + source_a + ")";
  for (int i = 0; i < 18; ++i) {  // 300 x -2
    ports += fmt::format(", .A{}(1'b{}), .B{}(1'b{})", i, (300 >> i) & 1, i, i == 0 ? 0 : 1);
  }
  for (int i = 0; i < 36; ++i) ports += fmt::format(", .P{}(p[{}])", i, i);
  return ports;
}

TEST(CellModels, Mult18x18dIsAMultiplierAndNothingElse) {
  const auto run = [](const std::string& parameters, const std::string& source_a) {
    return elaborate("MULT18X18D", parameters, mult18_ports(source_a),
                     "sat -prove p[35:0] 36'hffffffda8");
  };
  EXPECT_THAT(run("", "1'b0"), HasSubstr("SUCCESS"));
  EXPECT_THAT(run("", "1'b1"), Not(HasSubstr("SUCCESS")));
  EXPECT_THAT(run(".REG_OUTPUT_CLK(\"CLK0\")", "1'b0"), HasSubstr("FATAL"));
}

}  // namespace
}  // namespace fewbit
