// fewbit sweep and fewbit best as a user runs them: a sample of the paper's grid, resumed, shared,
// merged, asked; and what they say of wrong uses.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "fewbit/flows/store/result_store.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/tests/command_line.h"

namespace fewbit {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using store::Access;
using store::ResultRow;
using store::ResultStore;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class SweepCommandTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const {
    return (scratch_.path() / name).string();
  }
  [[nodiscard]] Ending fewbit(const std::vector<std::string>& words,
                              const std::string& scratch = "run") const {
    fs::create_directories(path(scratch));
    return CommandLine(words, path(scratch)).wait();
  }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
    return path(name);
  }
  [[nodiscard]] std::vector<ResultRow> rows(const std::string& name) const {
    return ResultStore::open(path(name), Access::kRead).value().rows().value();
  }
  /// Two jobs, of which the first is done by synthesis of one flow.
  [[nodiscard]] std::string small_sweep() const {
    return write("small.yaml", "operators: mul\na: int3\nb: [int3, e2m1]\ntargets: ecp5\n");
  }

 private:
  const ScratchDirectory scratch_ = ScratchDirectory::make().value();
};

/// What `fewbit cost` says of a row's command is what the row says.
void expect_same_as_cost(const ResultRow& row, const fs::path& scratch) {
  SCOPED_TRACE(row.command);
  std::istringstream stream(row.command);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  ASSERT_EQ(words.front(), "fewbit");
  words.erase(words.begin());
  words.push_back("--json");
  const Ending ending = CommandLine(words, scratch).wait();
  ASSERT_EQ(ending.exit_code, 0) << ending.err;
  const json cost = json::parse(ending.out);
  EXPECT_EQ(cost["flow"], row.flow);
  EXPECT_EQ(cost["luts"], row.luts);
  EXPECT_EQ(cost["carries"], row.carries);
  EXPECT_EQ(cost["ffs"], row.ffs);
  EXPECT_EQ(cost["lut_equivalents"], row.lut_equivalents);
  EXPECT_EQ(cost["depth"], row.depth);
  EXPECT_EQ(cost["arch"], row.arch);
  EXPECT_EQ(cost["request"]["acc_width"], *row.acc_width);
  EXPECT_EQ(cost["verified"]["exhaustive"], row.verified == "exhaustive");
  EXPECT_EQ(cost["verified"]["netlist_vectors"], row.vectors);
  EXPECT_EQ(cost["tools"]["yosys"], json::parse(row.tools)["yosys"]);
  EXPECT_EQ(cost["fmax_mhz"].is_null(), !row.fmax_median_mhz.has_value());
  if (!row.fmax_median_mhz) return;
  EXPECT_EQ(cost["logic_cells"], *row.logic_cells);
  EXPECT_EQ(cost["fmax_mhz"]["median"], *row.fmax_median_mhz);
  EXPECT_EQ(cost["fmax_mhz"]["min"], *row.fmax_min_mhz);
  EXPECT_EQ(cost["fmax_mhz"]["max"], *row.fmax_max_mhz);
  EXPECT_EQ(cost["fmax_mhz"]["ok"], row.fmax_ok);
}

TEST_F(SweepCommandTest, ASampleOfThePapersGrid) {
  const std::string sample = std::string(FEWBIT_SOURCE_DIR) + "/flows/sweeps/sample.yaml";
  const std::string database = path("a.sqlite");
  const Ending run = fewbit({"sweep", "run", sample, "--db", database, "--jobs", "2", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(json::parse(run.out)["jobs"], 16);
  EXPECT_EQ(json::parse(run.out)["there"], 0);
  EXPECT_THAT(run.err, HasSubstr("sweep 16/16"));
  const std::vector<ResultRow> all = rows("a.sqlite");
  ASSERT_EQ(all.size(), 16u);

  // Rows are what the command in them says, on both targets and in both architectures.
  std::set<std::string> seen;
  for (const ResultRow& row : all) {
    EXPECT_EQ(row.status, "ok") << row.reason;
    EXPECT_EQ(row.verified, "exhaustive");
    EXPECT_EQ(row.seeds, row.target == "ice40-hx8k" ? "1,2,3" : "");
    EXPECT_EQ(row.fmax_median_mhz.has_value(), row.target == "ice40-hx8k");
    EXPECT_GT(row.luts, 10);
    EXPECT_GT(row.seconds, 0);
    EXPECT_GT(row.peak_memory_mib, 10);
    if (row.a == "e2m1" && row.b == "e4m3f" && seen.insert(row.target + row.arch).second) {
      expect_same_as_cost(row, path("run"));
    }
  }
  EXPECT_EQ(seen.size(), 4u);

  // Nothing is done twice.
  const Ending again = fewbit({"sweep", "run", sample, "--db", database, "--json"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(json::parse(again.out)["there"], 16);

  const Ending status = fewbit({"sweep", "status", sample, "--db", database, "--json"});
  EXPECT_EQ(status.exit_code, 0);
  EXPECT_EQ(json::parse(status.out)["targets"]["ice40-hx8k"]["ok"], 8);
  EXPECT_EQ(json::parse(status.out)["missing"], 0);

  const Ending csv = fewbit({"sweep", "export", "csv", "--db", database});
  EXPECT_EQ(std::count(csv.out.begin(), csv.out.end(), '\n'), 17);
  EXPECT_THAT(csv.out, StartsWith("key,command,operator,"));
  const Ending as_json = fewbit({"sweep", "export", "json", "--db", database});
  EXPECT_EQ(json::parse(as_json.out).size(), 16u);

  // e4m3f spans 20 log10(480 / 2^-9) = 107.8 dB, int4 16.9 dB, e2m1 21.6 dB.
  const Ending best = fewbit({"best", "--db", database, "--target", "xilinx-usp", "--a", "4..8",
                              "--b", "int*,e2m1,e4m3f", "--min-range-db", "17.5", "--json"});
  ASSERT_EQ(best.exit_code, 0) << best.err;
  const json answers = json::parse(best.out);
  ASSERT_EQ(answers.size(), 2u);  // e2m1 x e4m3f in both architectures
  EXPECT_LE(answers[0]["luts"], answers[1]["luts"]);
  for (const json& answer : answers) EXPECT_EQ(answer["a"], "e2m1");
  const Ending fastest =
      fewbit({"best", "--db", database, "--objective", "fmax", "--top", "1", "--json"});
  double greatest = 0;
  for (const ResultRow& row : all) greatest = std::max(greatest, row.fmax_median_mhz.value_or(0));
  EXPECT_EQ(json::parse(fastest.out)[0]["fmax_median_mhz"], greatest);
  const Ending none = fewbit({"best", "--db", database, "--min-range-db", "300"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr("none of its 16 rows fits"));
}

/// Every column but the two that differ from run to run.
std::map<std::string, std::string> comparable(const std::vector<ResultRow>& rows) {
  std::map<std::string, std::string> texts;
  for (ResultRow row : rows) {
    row.seconds = row.peak_memory_mib = 0;
    std::ostringstream text;
    store::visit_columns(row, [&text]<typename T>(const char* name, const T& member) {
      text << name << "=";
      if constexpr (requires { member.has_value(); }) {
        if (member) text << *member;
      } else {
        text << member;
      }
      text << "\n";
    });
    texts[row.key] = text.str();
  }
  return texts;
}

TEST_F(SweepCommandTest, ShardsPlansMergesAndTwoRunsAtOnceGiveOneResult) {
  const std::string sweep = small_sweep();
  ASSERT_EQ(fewbit({"sweep", "plan", sweep, "-o", path("plan")}).exit_code, 0);
  ASSERT_EQ(fewbit({"sweep", "run", sweep, "--db", path("whole")}).exit_code, 0);
  for (const char* shard : {"1", "2"}) {
    const Ending ending = fewbit(
        {"sweep", "run", path("plan"), "--shard", std::string(shard) + "/2", "--db", path(shard)});
    ASSERT_EQ(ending.exit_code, 0) << ending.err;
    EXPECT_EQ(rows(shard).size(), 1u);
  }
  const Ending merge = fewbit({"sweep", "merge", path("1"), path("2"), "-o", path("merged")});
  ASSERT_EQ(merge.exit_code, 0) << merge.err;
  EXPECT_EQ(comparable(rows("merged")), comparable(rows("whole")));

  fs::create_directories(path("x"));
  fs::create_directories(path("y"));
  const CommandLine x({"sweep", "run", sweep, "--db", path("both"), "--json"}, path("x"));
  const CommandLine y({"sweep", "run", sweep, "--db", path("both"), "--json"}, path("y"));
  EXPECT_EQ(x.wait().exit_code, 0);
  EXPECT_EQ(y.wait().exit_code, 0);
  EXPECT_EQ(comparable(rows("both")), comparable(rows("whole")));
}

TEST_F(SweepCommandTest, AnInterruptEndsItAndItsScratchFolders) {
  const std::string sweep =
      write("long.yaml", "operators: mac\na: 8..8\nb: 8..8\narch: generic\ntargets: ice40-hx8k\n");
  fs::create_directories(path("tmp"));
  fs::create_directories(path("run"));
  const CommandLine run({"sweep", "run", sweep, "--db", path("db"), "--jobs", "2"}, path("run"),
                        {{"TMPDIR", path("tmp")}});
  EXPECT_TRUE(run.wait_until([this] { return !fs::is_empty(path("tmp")); }));
  run.interrupt();
  const Ending ending = run.wait();
  EXPECT_EQ(ending.exit_code, 130);
  EXPECT_THAT(ending.err, HasSubstr("interrupted"));
  EXPECT_TRUE(fs::is_empty(path("tmp")));
}

TEST_F(SweepCommandTest, AToolThatFailsIsARowAndIsTriedAgain) {
  // A Yosys that reads nothing.
  fs::create_directories(path("bin"));
  write("bin/yosys", "#!/bin/sh\n[ \"$1\" = -V ] && exec /usr/bin/env -i " +
                         std::string("/usr/bin/yosys -V\n") +
                         "echo 'ERROR: out of order'\nexit 1\n");
  fs::permissions(path("bin/yosys"), fs::perms::owner_all);
  const std::string sweep = small_sweep();
  fs::create_directories(path("run"));
  const Ending broken =
      CommandLine({"sweep", "run", sweep, "--db", path("db"), "--json"}, path("run"),
                  {{"PATH", path("bin") + ":" + std::getenv("PATH")}})
          .wait();
  EXPECT_EQ(broken.exit_code, 1) << broken.err;
  EXPECT_EQ(json::parse(broken.out)["failed"], 2);
  for (const ResultRow& row : rows("db")) {
    EXPECT_EQ(row.status, "failed");
    EXPECT_THAT(row.reason, HasSubstr("out of order"));
    EXPECT_EQ(row.luts, 0);
    EXPECT_EQ(row.verified, "");
  }
  const Ending status = fewbit({"sweep", "status", sweep, "--db", path("db")});
  EXPECT_EQ(status.exit_code, 1);
  EXPECT_THAT(status.out, HasSubstr("2 failed: "));
  EXPECT_EQ(fewbit({"sweep", "run", sweep, "--db", path("db")}).exit_code, 1);
  const Ending retried = fewbit({"sweep", "run", sweep, "--db", path("db"), "--retry-failed"});
  EXPECT_EQ(retried.exit_code, 0) << retried.err;
  for (const ResultRow& row : rows("db")) EXPECT_EQ(row.status, "ok") << row.reason;
}

TEST_F(SweepCommandTest, WrongUsesAreNamedAndWriteNothing) {
  const std::string sweep = small_sweep();
  const std::string text = write("text", "no database, but long enough to have been one: ....\n");
  const std::string other = write(
      "other.yaml", "operators: mul\na: int3\nb: int3\ntargets: ecp5\ntools: {yosys: 'Yosys 9'}\n");
  const std::string db = path("new.sqlite");
  const std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>> cases = {
      {{"sweep"}, {"plan, run, status"}},
      {{"sweep", "walk"}, {"'walk'", "plan, run"}},
      {{"sweep", "plan"}, {"FILE", "a sweep file"}},
      {{"sweep", "plan", path("none")}, {"file", "none"}},
      {{"sweep", "plan", sweep, "more"}, {"'more'"}},
      {{"sweep", "plan", sweep, "--bd", db}, {"'--bd'"}},
      {{"sweep", "run", sweep}, {"--db"}},
      {{"sweep", "run", text, "--db", db}, {"text line 1"}},
      {{"sweep", "run", other, "--db", db}, {"tools: yosys", "Yosys 0.", "'Yosys 9'"}},
      {{"sweep", "run", sweep, "--db", db, "--shard", "3/2"}, {"--shard", "'3/2'", "I/N"}},
      {{"sweep", "run", sweep, "--db", db, "--shard", "0/2"}, {"--shard", "'0/2'"}},
      {{"sweep", "run", sweep, "--db", db, "--shard", "1"}, {"--shard", "I/N"}},
      {{"sweep", "run", sweep, "--db", db, "--jobs", "0"}, {"--jobs", "'0'", "1..256"}},
      {{"sweep", "run", sweep, "--db", text}, {"text", "not a database"}},
      {{"sweep", "run", sweep, "--db", path("no/folder/db")}, {"unable to open"}},
      {{"sweep", "status", sweep, "--db", db}, {"no such file"}},
      {{"sweep", "merge", "-o", db}, {"DB", "one results database"}},
      {{"sweep", "merge", text}, {"-o"}},
      {{"sweep", "merge", text, "-o", db}, {"text", "not a database"}},
      {{"sweep", "export", "xml", "--db", db}, {"KIND", "'xml'", "csv, json"}},
      {{"sweep", "export", "csv"}, {"--db"}},
      {{"sweep", "slurm", sweep}, {"--folder"}},
      {{"sweep", "slurm", sweep, "--folder", path("f"), "--shards", "0"}, {"--shards", "'0'"}},
      {{"best"}, {"--db"}},
      {{"best", "--db", db}, {"no such file"}},
      {{"best", "--db", db, "--objective", "beauty"}, {"--objective", "luts, lut_equivalents"}},
      {{"best", "--db", db, "--a", "2..9"}, {"--a", "'2..9'", "1..8"}},
      {{"best", "--db", db, "--target", "vapour"}, {"--target", "ice40-hx8k"}},
      {{"best", "--db", db, "--min-range-db", "much"}, {"--min-range-db", "'much'"}},
      {{"best", "--db", db, "--op", "macc"}, {"--op", "'macc'", "mac"}},
      {{"best", "--db", db, "--arch", "fast"}, {"--arch", "generic"}},
      {{"best", "--db", db, "--top", "0"}, {"--top", "1..100000"}},
  };
  for (const auto& [words, parts] : cases) {
    const Ending ending = fewbit(words);
    EXPECT_EQ(ending.exit_code, 2) << testing::PrintToString(words) << ending.err;
    for (const std::string& part : parts) {
      EXPECT_THAT(ending.err, HasSubstr(part)) << testing::PrintToString(words);
    }
  }
  EXPECT_FALSE(fs::exists(db));
  EXPECT_FALSE(fs::exists(path("f")));
}

}  // namespace
}  // namespace fewbit
