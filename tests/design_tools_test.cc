// Designs in the tools: Verilator and Icarus do as the evaluator, without a word; memories map to
// the blocks that memory_blocks() tells, and the netlists read the old word.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "fewbit/gen/rtl/control.h"
#include "fewbit/gen/util/process.h"
#include "fewbit/tests/design_bench.h"

namespace fewbit {
namespace {

using fewbit::testing::bench_of;
using fewbit::testing::Choose;
using fewbit::testing::random_bits;
using rtl::Module;
using rtl::Signal;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string run_in(const ScratchDirectory& folder, const std::vector<std::string>& argv) {
  const auto result = run_tool(ToolKind::kSimulation, argv, folder.path());
  EXPECT_TRUE(result.ok()) << result.error().message();
  if (!result.ok()) return "";
  EXPECT_EQ(result->exit_code, 0) << result->log();
  return result->log();
}

/// Multiplies x by 3, then compares; clocked, with a reset value.
std::shared_ptr<Module> unit() {
  auto m = std::make_shared<Module>("bench_unit");
  m->clocked(rtl::Reset::kSyncLow);
  const Signal x = m->input("x_i", 6);
  const Signal q = m->reg("threshold_q", 6, {.enable = m->input("load_i", 1), .reset_value = 21});
  m->drive(q, x);
  const Signal tripled =
      m->net("tripled", zero_extend(x, 8) + rtl::concat({m->constant(1, 0), x, m->constant(1, 0)}));
  m->output("tripled_o", tripled);
  m->output("below_o", m->net("below", less(x, q)));
  m->output("signed_o", m->net("signed_below", less_signed(x, q)));
  return m;
}

/// A machine that fills a memory with what two instances say, then reads it back.
void engine(Module& m, bool in_file) {
  m.clocked(rtl::Reset::kSyncLow);
  const Signal start = m.input("start_i", 1);
  const Signal x = m.input("x_i", 6);
  rtl::StateMachine state(m, "state", {"idle", "fill", "read_back"});
  const Signal fill = m.net("fill", state.in("fill"));
  const Signal reads = m.net("reads", state.in("read_back"));
  const rtl::Counter count = rtl::counter(m, "count", 13, m.net("counts", fill | reads));
  state.go("idle", start, "fill");
  state.go("fill", count.last, "read_back");
  state.go("read_back", count.last, "idle");
  state.finish();

  const auto part = unit();
  const Signal back = m.wire("back", 1);
  const auto one = m.instance(part, "u_one", {{"x_i", x}, {"load_i", back}});
  const auto two = m.instance(part, "u_two", {{"x_i", one["tripled_o"].low(6)}, {"load_i", start}});
  m.drive(back, m.net("loads", two["below_o"] & ~fill));
  const Signal word = rtl::concat(
      {one["tripled_o"], one["below_o"], one["signed_o"], two["tripled_o"], two["signed_o"]});
  rtl::MemorySpec spec{.depth = 13, .width = word.width(), .in_file = in_file};
  for (int i = 0; i < 13; ++i) spec.contents.push_back(BigInt(9173) * i % pow2(word.width()));
  const int memory = m.memory("results", spec);
  m.write(memory, fill, count.value, word);
  m.output("word_o", m.read(memory, "result", count.value, {}, true));
  m.output("state_o", state.code());
  m.output("below_o", two["below_o"]);
}

/// Starts in reset, which comes back now and then.
Choose engine_inputs() {
  return [bits = random_bits(5)](const std::string& input, int width, int cycle) -> BigInt {
    if (input == "rst_ni") return cycle < 3 || cycle % 151 == 150 ? 0 : 1;
    return bits(input, width, cycle);
  };
}

TEST(DesignTools, SimulatorsDoAsTheEvaluator) {
  for (const bool in_file : {false, true}) {
    Module m("bench_engine");
    engine(m, in_file);
    const rtl::EmittedDesign design = rtl::Design(m).emit();
    const ScratchDirectory folder = ScratchDirectory::make().value();
    ASSERT_TRUE(write_files(folder.path(), design.files).ok());
    ASSERT_TRUE(write_files(folder.path() / "data", design.data_files).ok());
    ASSERT_TRUE(write_files(folder.path(), bench_of(m, 600, 5, engine_inputs())).ok());
    const std::string data = "-DFEWBIT_DATA_FOLDER=\"data/\"";
    std::vector<std::string> icarus = {"iverilog", "-g2012", "-Wall", data, "-o", "bench.vvp"};
    std::vector<std::string> lint = {"verilator", "--lint-only",  "-Wall",
                                     data,        "--top-module", m.name()};
    std::vector<std::string> verilator = {"verilator", "--binary",     "-Wno-WIDTH", "-Wno-STMTDLY",
                                          data,        "--top-module", "bench"};
    for (const TextFile& file : design.files) {
      for (auto* argv : {&icarus, &lint, &verilator}) argv->push_back(file.name);
    }
    EXPECT_EQ(run_in(folder, lint), "");
    icarus.emplace_back("bench.sv");
    verilator.emplace_back("bench.sv");
    EXPECT_THAT(run_in(folder, icarus), ::testing::Not(HasSubstr("bench_")));
    EXPECT_THAT(run_in(folder, {"vvp", "bench.vvp"}), HasSubstr("0 of 595 differ"));
    if (!in_file) continue;  // one of them is enough of Verilator's time
    run_in(folder, verilator);
    EXPECT_THAT(run_in(folder, {(folder.path() / "obj_dir/Vbench").string()}),
                HasSubstr("0 of 595 differ"));
  }
}

struct Family {
  const char* name;
  const char* synthesis;
  const char* cells;  ///< folder of Yosys' models
  std::map<std::string, int> blocks;
  const std::vector<rtl::BlockShape>& (*shapes)();
};
const Family kIce40 = {"ice40", "synth_ice40", "ice40", {{"SB_RAM40_4K", 1}}, rtl::ice40_blocks};
const Family kEcp5 = {"ecp5", "synth_ecp5", "ecp5", {{"DP16KD", 1}}, rtl::ecp5_blocks};
const Family kXilinx = {"xilinx",
                        "synth_xilinx -family xcup -flatten -noiopad",
                        "xilinx",
                        {{"RAMB18E2", 1}, {"RAMB36E2", 2}},
                        rtl::xilinx_blocks};

struct Case {
  const Family& family;
  int depth, width;
  bool is_written;
  rtl::Collision collision;
};
std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.family.name << " " << c.depth << " x " << c.width
             << (c.is_written ? "" : " read only")
             << (c.collision == rtl::Collision::kOld ? "" : " without collisions");
}

void memory(Module& m, const Case& c) {
  m.clocked(rtl::Reset::kNone);
  const int bits = rtl::address_bits(c.depth);
  rtl::MemorySpec spec{.depth = c.depth,
                       .width = c.width,
                       .in_file = true,
                       .style = rtl::MemoryStyle::kBlock,
                       .collision = c.collision};
  std::mt19937 random(7);
  for (int i = 0; i < c.depth; ++i) {
    spec.contents.push_back(((BigInt(random()) << 32) | random()) % pow2(c.width));
  }
  const int words = m.memory("words", spec);
  const Signal read_address = m.input("read_address_i", bits);
  const Signal read_enable = m.input("read_enable_i", 1);
  if (c.is_written) {
    m.write(words, m.input("write_enable_i", 1), m.input("write_address_i", bits),
            m.input("write_data_i", c.width));
  }
  m.output("word_o", m.read(words, "word", read_address, read_enable));
}

/// Addresses are near each other, so that the word that is written is often the one that is read;
/// never so where that may give anything.
Choose memory_inputs(int depth, bool collides) {
  auto read = std::make_shared<int>(0);
  return [depth, collides, read, bits = random_bits(9)](const std::string& input, int width,
                                                        int cycle) -> BigInt {
    if (input == "read_enable_i") return cycle < 4 || bits(input, 2, cycle) != 0 ? 1 : 0;
    if (input == "write_enable_i" && cycle < 4) return 0;
    if (input == "read_address_i") {
      *read = static_cast<int>((bits(input, 16, cycle) % 4 + cycle / 16 * 29) % depth);
      return *read;
    }
    if (input == "write_address_i") {
      int address = static_cast<int>((bits(input, 16, cycle) % 4 + cycle / 16 * 29) % depth);
      if (!collides && address == *read) address = (address + 5) % depth;
      return address;
    }
    return bits(input, width, cycle);
  };
}

/// Yosys' simulation models of a family, with our model where Yosys has an empty one.
std::vector<TextFile> cell_models(const Family& family) {
  const std::string share = "/usr/share/yosys/" + std::string(family.cells);
  std::string cells = read_file(share + "/cells_sim.v").value();
  if (family.cells == std::string("ecp5")) {
    const std::size_t from = cells.find("(* blackbox *)\nmodule DP16KD");
    EXPECT_NE(from, std::string::npos);
    cells.erase(from, cells.find("endmodule", from) + 9 - from);
  }
  std::vector<TextFile> files = {{"cells.v", cells}};
  for (const char* model : {"DP16KD.v", "RAMB18E2.v"}) {
    const bool is_ours =
        (model == std::string("DP16KD.v")) == (family.cells == std::string("ecp5"));
    if (family.cells == std::string("ice40") || !is_ours) continue;
    files.push_back(
        {model, read_file(std::string(FEWBIT_SOURCE_DIR) + "/flows/models/" + model).value()});
  }
  return files;
}

/// What the bench says of the netlist of a memory, beside the evaluator of `expected`; and the
/// blocks that it takes.
std::string run_mapped(const Case& c, const Module& expected, int& blocks) {
  Module m("bench_memory");
  memory(m, c);
  const rtl::EmittedDesign design = rtl::Design(m).emit();
  const ScratchDirectory folder = ScratchDirectory::make().value();
  const auto write = [&](const std::vector<TextFile>& files) {
    EXPECT_TRUE(write_files(folder.path(), files).ok());
  };
  write(design.files);
  write(design.data_files);
  run_in(folder, {"yosys", "-q", "-p",
                  fmt::format("read_verilog -sv bench_memory.sv; {} -top bench_memory; "
                              "tee -q -o stat.json stat -json; write_verilog -noattr netlist.v",
                              c.family.synthesis)});
  const auto stat = nlohmann::json::parse(read_file(folder.path() / "stat.json").value());
  blocks = 0;
  for (const auto& [cell, count] : stat.at("design").at("num_cells_by_type").items()) {
    const auto block = c.family.blocks.find(cell);
    if (block != c.family.blocks.end()) blocks += block->second * count.get<int>();
  }
  const std::vector<TextFile> cells = cell_models(c.family);
  write(cells);
  const bool collides = expected.memories()[0].spec.collision == rtl::Collision::kOld;
  write(bench_of(expected, 2000, 4, memory_inputs(c.depth, collides)));
  std::vector<std::string> icarus = {"iverilog",
                                     "-g2012",
                                     "-DNO_ICE40_DEFAULT_ASSIGNMENTS",
                                     "-I/usr/share/yosys/" + std::string(c.family.cells),
                                     "-o",
                                     "bench.vvp",
                                     "netlist.v",
                                     "bench.sv"};
  for (const TextFile& file : cells) icarus.push_back(file.name);
  run_in(folder, icarus);
  return run_in(folder, {"vvp", "bench.vvp"});
}

class MappedMemories : public ::testing::TestWithParam<Case> {};

TEST_P(MappedMemories, TakesTheBlocksAndDoesAsTheEvaluator) {
  const Case& c = GetParam();
  Module m("bench_memory");
  memory(m, c);
  int blocks = 0;
  EXPECT_THAT(run_mapped(c, m, blocks), HasSubstr("0 of 1996 differ"));
  EXPECT_EQ(blocks, rtl::memory_blocks(c.family.shapes(), c.depth, c.width).blocks());
}

TEST(MappedMemory, WithoutTheLogicForItACollisionWouldShow) {
  const Case with{kEcp5, 1024, 18, true, rtl::Collision::kOld};
  Module m("bench_memory");
  memory(m, with);
  int blocks = 0;
  const Case bare{kEcp5, 1024, 18, true, rtl::Collision::kAnything};
  const std::string said = run_mapped(bare, m, blocks);
  EXPECT_THAT(said, HasSubstr("differ"));
  EXPECT_THAT(said, ::testing::Not(HasSubstr(" 0 of 1996")));
  EXPECT_THAT(said, HasSubstr("xxxx instead of"));
}

constexpr auto kOld = rtl::Collision::kOld;
constexpr auto kAnything = rtl::Collision::kAnything;
INSTANTIATE_TEST_SUITE_P(
    Families, MappedMemories,
    ::testing::Values(Case{kIce40, 512, 12, true, kOld}, Case{kIce40, 2048, 2, true, kAnything},
                      Case{kIce40, 300, 20, false, kOld}, Case{kEcp5, 512, 36, true, kOld},
                      Case{kEcp5, 1024, 18, true, kAnything}, Case{kEcp5, 2048, 9, true, kOld},
                      Case{kEcp5, 4000, 8, true, kOld}, Case{kEcp5, 512, 36, false, kOld},
                      Case{kEcp5, 16384, 1, true, kOld}, Case{kXilinx, 512, 36, true, kOld},
                      Case{kXilinx, 4096, 4, true, kOld}));

}  // namespace
}  // namespace fewbit
