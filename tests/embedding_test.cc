// A core keeps its cost inside a user's design: many of them flattened together, and one whose
// results the user's own adders take.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fewbit/flows/cost.h"
#include "fewbit/flows/yosys.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/util/files.h"

namespace fewbit {
namespace {

using rtl::Direction;
using rtl::PortRole;

constexpr double kMostGrowth = 1.02;

struct Family {
  const char* target;
  Fabric fabric;
};
constexpr Family kFamilies[] = {
    {"ice40-hx8k", Fabric::kIce40}, {"ecp5", Fabric::kEcp5}, {"xilinx-usp", Fabric::kXilinx}};

rtl::EmittedDesign core_of(OperatorRequest request, Fabric fabric) {
  request.fabric = fabric;
  return ops::emit(make_operator_spec(request).value());
}

int luts_of(const rtl::EmittedDesign& design, const flows::Target& target, int copies) {
  const ScratchDirectory folder = ScratchDirectory::make().value();
  const auto mapped =
      flows::map_design(design, target, target.flows.front(), copies, folder.path());
  EXPECT_TRUE(mapped.ok()) << (mapped.ok() ? "" : mapped.error().message());
  if (!mapped.ok()) return 0;
  return flows::count_cells(target, mapped->cells).value().lut_equivalents;
}

/// What a user could write: two cores, and y_o <= result + result + c_i. Without `cores` the
/// results are inputs.
rtl::EmittedDesign user_of(const rtl::EmittedDesign& core, bool cores) {
  const rtl::PortSignature& result = *core.signature.find(PortRole::kResult);
  rtl::EmittedDesign user;
  if (cores) user.files = core.files;
  user.signature.module = "user";
  std::vector<rtl::PortSignature>& ports = user.signature.ports;
  ports.push_back({"clk_i", Direction::kInput, PortRole::kClock});
  std::string body;
  for (int k = 0; k < 2; ++k) {
    const std::string net = fmt::format("result{}", k);
    if (!cores) {
      ports.push_back({net, Direction::kInput, PortRole::kOperand, result.width_bits});
      continue;
    }
    std::string connections = fmt::format(".{}({})", result.name, net);
    for (const rtl::PortSignature& port : core.signature.ports) {
      if (port.direction == Direction::kOutput) continue;
      const bool shared = port.role == PortRole::kClock || port.role == PortRole::kReset;
      const std::string outer = shared ? port.name : fmt::format("{}{}", port.name, k);
      connections += fmt::format(", .{}({})", port.name, outer);
      if (port.role == PortRole::kClock || (port.role == PortRole::kReset && k > 0)) continue;
      ports.push_back({outer, Direction::kInput, port.role, port.width_bits});
    }
    body += fmt::format("  wire [{}:0] {};\n  {} u_{} ({});\n", result.width_bits - 1, net,
                        core.signature.module, k, connections);
  }
  ports.push_back({"c_i", Direction::kInput, PortRole::kOperand, 16});
  std::string list;
  for (const rtl::PortSignature& port : ports) {
    list += fmt::format("    input wire [{}:0] {},\n", port.width_bits - 1, port.name);
  }
  ports.push_back({"y_o", Direction::kOutput, PortRole::kResult, 32});
  user.files.push_back(
      {"user.sv",
       fmt::format("module user (\n{}    output reg [31:0] y_o\n);\n{}"
                   "  always_ff @(posedge clk_i)\n"
                   "    y_o <= $signed(result0) + $signed(result1) + $signed(c_i);\nendmodule\n",
                   list, body)});
  return user;
}

TEST(Embedding, TenCoresInOneDesignCostTenTimesOne) {
  for (const Family& family : kFamilies) {
    const flows::Target target = flows::find_target(family.target).value();
    const rtl::EmittedDesign core = core_of({.op = "mac", .a = "int4", .b = "int4"}, family.fabric);
    const int one = luts_of(core, target, 1);
    const int ten = luts_of(core, target, 10);
    EXPECT_GT(one, 0);
    EXPECT_LE(ten, 10 * one * kMostGrowth) << family.target;
  }
}

TEST(Embedding, AddersOfTheUserAreNotMergedIntoTheCore) {
  const OperatorRequest requests[] = {{.op = "mac", .a = "int4", .b = "int4"},
                                      {.op = "mac", .a = "e2m1", .b = "e2m1"},
                                      {.op = "dot", .a = "e2m1", .b = "e2m1"}};
  for (const Family& family : kFamilies) {
    const flows::Target target = flows::find_target(family.target).value();
    for (const OperatorRequest& request : requests) {
      const rtl::EmittedDesign core = core_of(request, family.fabric);
      const int apart = 2 * luts_of(core, target, 1) + luts_of(user_of(core, false), target, 1);
      const int together = luts_of(user_of(core, true), target, 1);
      EXPECT_GT(together, 0);
      EXPECT_LE(together, apart * kMostGrowth)
          << request.op << " " << request.a << " on " << family.target;
    }
  }
}

}  // namespace
}  // namespace fewbit
