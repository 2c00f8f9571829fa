// The layer table of docs/architecture.md against every #include "..." line in the tree.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "fewbit/gen/util/files.h"

namespace fewbit {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Folder -> folders or files that it may include, besides itself.
using LayerTable = std::map<std::string, std::set<std::string>>;

/// Rows "| `folder` | holds | `folder` `file` ... |" under the heading of the table.
LayerTable read_layer_table(const std::string& document) {
  LayerTable table;
  const std::regex name("`([a-z_/.]+)`");
  std::istringstream lines(document);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("| folder |", 0) == 0) inside = true;
    if (inside && line.empty()) break;
    if (!inside || line.rfind("| `", 0) != 0) continue;
    const std::size_t last_bar = line.rfind('|', line.size() - 2);
    std::smatch folder;
    if (!std::regex_search(line, folder, name)) continue;
    const std::string allowed = line.substr(last_bar);
    std::set<std::string>& row = table[folder[1]];
    for (std::sregex_iterator it(allowed.begin(), allowed.end(), name), end; it != end; ++it) {
      row.insert((*it)[1]);
    }
  }
  return table;
}

std::string folder_of(const std::string& path) { return fs::path(path).parent_path().string(); }

/// The quoted includes of `text` that the file at `path` may not have.
std::vector<std::string> forbidden_includes(const LayerTable& table, const std::string& path,
                                            const std::string& text) {
  std::vector<std::string> forbidden;
  const std::regex include("(^|\n)[ \t]*#[ \t]*include[ \t]*\"([^\"]+)\"");
  const std::string from = folder_of(path);
  for (std::sregex_iterator it(text.begin(), text.end(), include), end; it != end; ++it) {
    // Without a prefix it is beside, which no layer needs.
    const std::string name = (*it)[2];
    const std::string to = name.starts_with("fewbit/") ? name.substr(7) : "(no fewbit/) " + name;
    const auto row = table.find(from);
    const bool allowed =
        folder_of(to) == from ||
        (row != table.end() && (row->second.contains(folder_of(to)) || row->second.contains(to)));
    if (!allowed) forbidden.push_back(path + " includes " + to);
  }
  return forbidden;
}

std::string source_text(const fs::path& path) { return read_file(path).value(); }

LayerTable table_of_the_project() {
  return read_layer_table(source_text(fs::path(FEWBIT_SOURCE_DIR) / "docs" / "architecture.md"));
}

/// All .cc and .h files of the layers, relative to the root.
std::vector<std::string> source_files() {
  std::vector<std::string> files;
  for (const char* top : {"gen", "rtl_templates", "sim", "quant", "flows", "cli", "python"}) {
    const fs::path root = FEWBIT_SOURCE_DIR;
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      const std::string extension = entry.path().extension().string();
      if (extension == ".cc" || extension == ".h") {
        files.push_back(fs::relative(entry.path(), root).generic_string());
      }
    }
  }
  return files;
}

TEST(Layers, TheTableKeepsBuilderAndModelApart) {
  const LayerTable table = table_of_the_project();
  ASSERT_TRUE(table.contains("gen/ops"));
  ASSERT_TRUE(table.contains("sim/model"));
  EXPECT_THAT(table.at("sim/model"), ElementsAre("gen/spec", "gen/util"));
  EXPECT_THAT(table.at("gen/ops"),
              ElementsAre("gen/ops/fabric", "gen/ops/operand", "gen/ops/product", "gen/ops/sum",
                          "gen/rtl", "gen/spec", "gen/util"));
  EXPECT_THAT(table.at("gen/ops/fabric"), ElementsAre("gen/rtl", "gen/spec", "gen/util"));
  for (const auto& [folder, allowed] : table) {
    EXPECT_FALSE(allowed.contains("cli")) << folder;
    EXPECT_EQ(allowed.contains("quant"), folder == "cli" || folder == "flows/study/network" ||
                                             folder == "flows/study/quant" ||
                                             folder == "quant/hardware")
        << folder;
  }
}

TEST(Layers, NoFileIncludesWhatItsLayerMayNot) {
  const LayerTable table = table_of_the_project();
  std::map<std::string, int> seen;
  for (const std::string& path : source_files()) {
    ASSERT_TRUE(table.contains(folder_of(path))) << path << " is in no layer of the table";
    ++seen[folder_of(path)];
    EXPECT_THAT(forbidden_includes(table, path, source_text(fs::path(FEWBIT_SOURCE_DIR) / path)),
                IsEmpty());
  }
  for (const auto& [folder, allowed] : table) {
    if (folder == "rtl_templates") continue;  // SystemVerilog only
    EXPECT_GT(seen[folder], 0) << folder << " is in the table and has no C++ file";
  }
}

// What is written elsewhere would end the program at a name that is no UTF-8, what is read
// elsewhere at brackets that are nested too deep.
TEST(Layers, JsonIsReadAndWrittenInOneFile) {
  int seen = 0;
  for (const std::string& path : source_files()) {
    const std::string text = source_text(fs::path(FEWBIT_SOURCE_DIR) / path);
    const bool found = text.find(".dump(") != std::string::npos ||
                       std::regex_search(text, std::regex("[jJ]son::parse\\("));
    EXPECT_EQ(found, path == "gen/util/json.h") << path;
    seen += found ? 1 : 0;
  }
  EXPECT_EQ(seen, 1);
}

TEST(Layers, AForbiddenIncludeIsFound) {
  const LayerTable table = read_layer_table(
      "text\n\n| folder | holds | may include |\n|---|---|---|\n| `gen/util` | a | - |\n"
      "| `sim/model` | the model; never `gen/ops` | `gen/util`, `gen/rtl/signature.h` |\n\n"
      "| `gen/ops` | not in the table | `cli` |\n");
  ASSERT_EQ(table.size(), 2u);
  EXPECT_THAT(forbidden_includes(
                  table, "sim/model/a.cc",
                  "#include <vector>\n#include \"fewbit/sim/model/a.h\"\n"
                  "#include \"fewbit/gen/util/b.h\"\n#include \"fewbit/gen/rtl/signature.h\"\n"),
              IsEmpty());
  EXPECT_THAT(forbidden_includes(
                  table, "sim/model/a.cc",
                  "#include \"fewbit/gen/ops/b.h\"\n# include \"fewbit/gen/rtl/module.h\"\n"),
              ElementsAre("sim/model/a.cc includes gen/ops/b.h",
                          "sim/model/a.cc includes gen/rtl/module.h"));
}

}  // namespace
}  // namespace fewbit
