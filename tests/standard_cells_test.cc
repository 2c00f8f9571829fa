// Targets of standard cells: netlists equal the model, altered ones do not, and what is counted.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "fewbit/flows/cost.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/sim/verify/verify.h"
#include "liberty_text.h"

namespace fewbit::flows {
namespace {

using ::testing::HasSubstr;

Target osu018() { return find_target("asic-osu018").value(); }

OperatorSpec spec_of(OperatorRequest request, Fabric fabric = Fabric::kAsic) {
  request.fabric = fabric;
  return make_operator_spec(request).value();
}

OperatorRequest mac_of(const std::string& format, const std::string& arch = "optimized") {
  return {.op = "mac", .a = format, .b = format, .terms = 4608, .arch = arch};
}

std::vector<verify::VerifyReport> verified(const std::vector<verify::Subject>& subjects) {
  verify::VerifyOptions options;
  options.quick = true;
  const auto reports = verify::verify(subjects, options);
  EXPECT_TRUE(reports.ok()) << reports.error().message();
  return reports.ok() ? *reports : std::vector<verify::VerifyReport>();
}

void add_netlists(const OperatorRequest& request, const Target& target,
                  std::vector<verify::Subject>& subjects) {
  const OperatorSpec spec = spec_of(request);
  const auto netlists = synthesize_netlists(ops::emit(spec), target);
  ASSERT_TRUE(netlists.ok()) << netlists.error().message();
  for (const Netlist& netlist : *netlists) {
    subjects.push_back({spec, netlist.design, {}, target.name + " " + netlist.flow});
  }
}

/// Gates of every kind; flip-flops with either reset and none, and with an enable.
TEST(StandardCells, NetlistsEqualTheModel) {
  std::vector<verify::Subject> subjects;
  add_netlists({.op = "mul", .a = "e3m2f", .b = "e3m2f", .result = "e3m2f"}, osu018(), subjects);
  add_netlists({.op = "add", .a = "int4", .b = "int4", .result = "int4"}, osu018(), subjects);
  for (const char* reset : {"async_low", "sync_high", "none"}) {
    add_netlists({.op = "mac",
                  .a = "e2m1f",
                  .b = "int4",
                  .terms = 100,
                  .handshake = "valid_ready",
                  .reset = reset},
                 osu018(), subjects);
  }
  add_netlists({.op = "dot", .a = "int3", .b = "e2m1", .lanes = 2, .terms = 20}, osu018(),
               subjects);
  ASSERT_EQ(subjects.size(), 6U * 2U);
  for (const verify::VerifyReport& report : verified(subjects)) {
    EXPECT_TRUE(report.passed) << verify::to_text(report);
    EXPECT_TRUE(report.exhaustive) << report.label;
  }
}

/// A sum that is masked where it starts, split into segments: latencies beyond the usual one.
TEST(StandardCells, MaskedSumsOfMoreLatencyEqualTheModel) {
  std::vector<verify::Subject> subjects;
  for (const int latency : {1, 2, 3, 4, 6}) {
    for (const char* overflow : {"wrap", "saturate"}) {
      OperatorRequest request{.op = "mac", .a = "e2m1", .b = "e2m1", .acc_width = 10};
      request.latency = latency;
      request.overflow = overflow;
      request.handshake = "valid_ready";
      const OperatorSpec spec = spec_of(request);
      subjects.push_back({spec, ops::emit(spec), {}, spec.command()});
    }
  }
  OperatorRequest special = mac_of("e5m2");
  special.latency = 3;
  const OperatorSpec spec = spec_of(special);
  subjects.push_back({spec, ops::emit(spec), {}, spec.command()});
  for (const verify::VerifyReport& report : verified(subjects)) {
    EXPECT_TRUE(report.passed) << verify::to_text(report);
  }
}

TEST(StandardCells, OneAlteredGateIsNoticed) {
  std::vector<verify::Subject> subjects;
  add_netlists({.op = "mul", .a = "e2m1f", .b = "e2m1f", .result = "e2m1f"}, osu018(), subjects);
  ASSERT_FALSE(subjects.empty());
  subjects.resize(1);
  std::string& text = subjects[0].design.files.at(0).text;
  const std::size_t gate = text.find(" & ");
  ASSERT_NE(gate, std::string::npos) << text;
  text.replace(gate, 3, " | ");
  const auto reports = verified(subjects);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_FALSE(reports[0].passed);
}

TEST(StandardCells, AWrongNetlistHasNoCost) {
  const OperatorSpec spec = spec_of({.op = "mul", .a = "e2m1f", .b = "e2m1f", .result = "e2m1f"});
  CostOptions options;
  options.is_equal_to_model = [](const std::vector<Netlist>&) -> Result<bool> { return false; };
  const auto cost = measure_cost(ops::emit(spec), osu018(), options);
  ASSERT_FALSE(cost.ok());
  EXPECT_THAT(cost.error().message(), HasSubstr("no cost is reported"));
}

/// Areas of the cells, read from the library's text line by line.
std::map<std::string, double> areas_of(const std::string& liberty) {
  std::map<std::string, double> areas;
  std::istringstream stream(liberty);
  std::string cell;
  for (std::string line; std::getline(stream, line);) {
    if (line.rfind("cell (", 0) == 0) cell = line.substr(6, line.find(')') - 6);
    const std::size_t at = line.find("area : ");
    if (at != std::string::npos) areas[cell] = std::stod(line.substr(at + 7));
  }
  return areas;
}

TEST(StandardCells, TheCostOfAnInt4MacIsWhatItsCellsTake) {
  const OperatorSpec spec = spec_of(mac_of("int4"));
  CostOptions options;
  options.is_equal_to_model = [&](const std::vector<Netlist>& netlists) -> Result<bool> {
    return verified({{spec, netlists.front().design, {}, "int4"}}).front().passed;
  };
  const auto cost = measure_cost(ops::emit(spec), osu018(), options);
  ASSERT_TRUE(cost.ok()) << cost.error().message();
  const CostPoint::StandardCells& cells = cost->standard_cells.value();
  const auto areas = areas_of(read_file(osu018().library_path).value());
  double area = 0;
  int gates = 0, ffs = 0;
  for (const auto& [type, count] : cost->cells) {
    area += areas.at(type) * count;
    (type.rfind("DFF", 0) == 0 ? ffs : gates) += count;
  }
  EXPECT_DOUBLE_EQ(cells.area, area);
  EXPECT_EQ(cells.gates, gates);
  EXPECT_EQ(cost->ffs, ffs);
  // 8 bits of product, 20 of the sum, two valid bits and first_i; nothing is there twice.
  EXPECT_EQ(ffs, 8 + 20 + 3);
  // A flip-flop with clear has 176 um2, one without 96; a full adder a bit of the sum at least.
  EXPECT_GT(cells.area, 20 * 176 + 11 * 96 + 20 * 60);
  EXPECT_LT(cells.area, 12000);
  // More than clock to output, a carry through half of the sum, and setup; less than one of 1 ns a
  // bit.
  EXPECT_GT(cells.path_ns, 1.5);
  EXPECT_LT(cells.path_ns, 20);
  EXPECT_EQ(cost->luts, 0);
  const nlohmann::ordered_json json = to_json(*cost);
  EXPECT_FALSE(json.contains("luts"));
  EXPECT_EQ(json.at("area"), area);
  EXPECT_EQ(json.at("area_unit"), "um2");
  EXPECT_TRUE(json.at("tools").contains("osu018_stdcells"));
}

TEST(StandardCells, StructuresAreNoLargerThanTheTemplates) {
  for (const char* format : {"int4", "e2m1", "e4m3f"}) {
    std::map<std::string, double> least;
    for (const char* arch : {"optimized", "generic"}) {
      const OperatorSpec spec = spec_of(mac_of(format, arch));
      for (const FlowVariant& flow : osu018().flows) {
        const auto cost = preview_cost(ops::emit(spec), osu018(), flow);
        ASSERT_TRUE(cost.ok()) << cost.error().message();
        const double area = size_of(*cost);
        if (!least.contains(arch) || area < least[arch]) least[arch] = area;
      }
    }
    EXPECT_LE(least["optimized"], least["generic"]) << format;
  }
}

TEST(StandardCells, AMissingPackageIsNamed) {
  Target target = osu018();
  target.library_path = "/nowhere/osu018_stdcells.lib";
  const auto library = target.library();
  ASSERT_FALSE(library.ok());
  EXPECT_THAT(library.error().message(), HasSubstr("apt-get install qflow-tech-osu018"));
  const auto tools = cost_tools(target, 0);
  ASSERT_FALSE(tools.ok());
  EXPECT_THAT(tools.error().message(), HasSubstr("qflow-tech-osu018"));
}

/// A library of four cells by hand: it is mapped to, simulated and timed like any other.
TEST(StandardCells, ALibraryOfAUserIsATarget) {
  const ScratchDirectory folder = ScratchDirectory::make().value();
  ASSERT_TRUE(write_files(folder.path(), {{"my cells.lib", small_liberty_of_tables()}}).ok());
  const auto target = target_of_liberty((folder.path() / "my cells.lib").string());
  ASSERT_TRUE(target.ok()) << target.error().message();
  std::vector<verify::Subject> subjects;
  add_netlists({.op = "mac", .a = "int3", .b = "int3", .terms = 20}, *target, subjects);
  ASSERT_EQ(subjects.size(), 2U);
  for (const verify::VerifyReport& report : verified(subjects)) {
    EXPECT_TRUE(report.passed) << verify::to_text(report);
  }
  const auto cost = preview_cost(ops::emit(subjects[0].spec), *target, target->flows.front());
  ASSERT_TRUE(cost.ok()) << cost.error().message();
  for (const auto& [type, count] : cost->cells) {
    EXPECT_THAT(type, ::testing::AnyOf("INV", "NAND", "BUF", "FA", "DFF"));
  }
  const auto none = target_of_liberty((folder.path() / "none.lib").string());
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().field, "--liberty");
}

}  // namespace
}  // namespace fewbit::flows
