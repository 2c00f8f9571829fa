// The results database: rows in and out, wrong files, a full disk, several writers, a killed one.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <tuple>

#include "fewbit/flows/store/export.h"
#include "fewbit/flows/store/result_store.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/json.h"

namespace fewbit::store {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

/// A row whose every column has a value of its own.
template <typename Row = ResultRow>
Row distinct_row(const std::string& key) {
  struct Fill {
    int next = 1;
    void operator()(const char* name, std::string& text) { text = name; }
    void operator()(const char*, std::int64_t& number) { number = next++; }
    void operator()(const char*, double& number) { number = next++ + 0.5; }
    void operator()(const char*, std::optional<std::int64_t>& number) { number = next++; }
    void operator()(const char*, std::optional<double>& number) { number = next++ + 0.25; }
  };
  Row row;
  visit_columns(row, Fill());
  row.key = key;
  row.status = "ok";
  if constexpr (std::is_same_v<Row, ResultRow>) row.tools = R"({"yosys": "0.23"})";
  return row;
}

class StoreTest : public ::testing::Test {
 protected:
  [[nodiscard]] fs::path path(const std::string& name) const { return scratch_.path() / name; }
  [[nodiscard]] ResultStore writable(const std::string& name) const {
    return ResultStore::open(path(name), Access::kWrite).value();
  }
  [[nodiscard]] std::string open_error(const std::string& name, Access access) const {
    const Result<ResultStore> store = ResultStore::open(path(name), access);
    return store.ok() ? "" : store.error().message();
  }
  /// What the command-line tool of SQLite would see: not the code under test.
  std::vector<std::string> query(const std::string& name, const std::string& sql) const {
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open(path(name).c_str(), &database), SQLITE_OK);
    std::vector<std::string> cells;
    const auto collect = [](void* target, int count, char** texts, char**) {
      for (int i = 0; i < count; ++i) {
        static_cast<std::vector<std::string>*>(target)->push_back(texts[i] == nullptr ? "NULL"
                                                                                      : texts[i]);
      }
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), collect, &cells, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
    return cells;
  }

 private:
  const ScratchDirectory scratch_ = ScratchDirectory::make().value();
};

TEST_F(StoreTest, RowsComeBackAsTheyWentIn) {
  ResultRow sparse = distinct_row("b");
  sparse.acc_width.reset();
  sparse.logic_cells.reset();
  sparse.fmax_median_mhz = sparse.fmax_min_mhz = sparse.fmax_max_mhz = std::nullopt;
  sparse.reason = "it said: \"no\",\nand ended; 100 % of it's text";
  {
    ResultStore store = writable("a.sqlite");
    EXPECT_TRUE(store.insert(distinct_row("a")).value());
    EXPECT_TRUE(store.insert(sparse).value());
  }
  const ResultStore store = ResultStore::open(path("a.sqlite"), Access::kRead).value();
  EXPECT_THAT(store.keys().value(), UnorderedElementsAre("a", "b"));
  const std::vector<ResultRow> rows = store.rows().value();
  EXPECT_EQ(to_json(rows).dump(), to_json({distinct_row("a"), sparse}).dump());
  EXPECT_THAT(query("a.sqlite", "SELECT operator, seeds, luts, fmax_min_mhz FROM results"),
              ElementsAre("operator", "seeds", std::to_string(distinct_row("").luts),
                          std::to_string(*distinct_row("").fmax_min_mhz).substr(0, 5), "operator",
                          "seeds", std::to_string(sparse.luts), "NULL"));
  EXPECT_THAT(query("a.sqlite", "PRAGMA user_version"), ElementsAre("3"));
  EXPECT_THAT(query("a.sqlite", "PRAGMA application_id"), ElementsAre("1717925730"));
}

TEST_F(StoreTest, AccuraciesHaveATableOfTheirOwn) {
  const auto row = distinct_row<AccuracyRow>("a");
  AccuracyRow failed = distinct_row<AccuracyRow>("b");
  failed.status = "failed";
  failed.accumulator_bits.reset();
  failed.mac_luts.reset();
  {
    ResultStore store = writable("a.sqlite");
    EXPECT_TRUE(store.insert(row).value());
    EXPECT_FALSE(store.insert(row).value());
    EXPECT_TRUE(store.insert(failed).value());
    EXPECT_TRUE(store.insert(distinct_row("a")).value());
  }
  ResultStore merged = writable("b.sqlite");
  EXPECT_EQ(merged.merge(path("a.sqlite")).value(), 3);
  EXPECT_EQ(merged.merge(path("a.sqlite")).value(), 0);
  EXPECT_THAT(merged.keys<AccuracyRow>().value(), UnorderedElementsAre("a", "b"));
  EXPECT_THAT(merged.keys().value(), UnorderedElementsAre("a"));
  EXPECT_EQ(to_json(merged.rows<AccuracyRow>().value()).dump(), to_json({row, failed}).dump());
  EXPECT_THAT(query("b.sqlite", "SELECT network, accumulator_bits, mac_luts FROM accuracy"),
              ElementsAre("network", std::to_string(*row.accumulator_bits),
                          std::to_string(*row.mac_luts).substr(0, 5), "network", "NULL", "NULL"));
  ASSERT_TRUE(merged.forget_failures<AccuracyRow>({"a", "b"}).ok());
  EXPECT_THAT(merged.keys<AccuracyRow>().value(), UnorderedElementsAre("a"));
  EXPECT_THAT(to_csv(merged.rows<AccuracyRow>().value()),
              ::testing::StartsWith("key,command,network,"));
}

TEST_F(StoreTest, NetworksHaveATableOfTheirOwn) {
  const auto row = distinct_row<NetworkRow>("a");
  NetworkRow failed = distinct_row<NetworkRow>("b");
  failed.status = "failed";
  failed.images.reset();
  failed.fmax_median_mhz.reset();
  {
    ResultStore store = writable("a.sqlite");
    EXPECT_TRUE(store.insert(row).value());
    EXPECT_FALSE(store.insert(row).value());
    EXPECT_TRUE(store.insert(failed).value());
  }
  ResultStore merged = writable("b.sqlite");
  EXPECT_EQ(merged.merge(path("a.sqlite")).value(), 2);
  EXPECT_EQ(merged.merge(path("a.sqlite")).value(), 0);
  EXPECT_EQ(to_json(merged.rows<NetworkRow>().value()).dump(), to_json({row, failed}).dump());
  EXPECT_THAT(
      query("b.sqlite", "SELECT network, images, fmax_median_mhz FROM networks"),
      ElementsAre("network", std::to_string(*row.images),
                  std::to_string(*row.fmax_median_mhz).substr(0, 5), "network", "NULL", "NULL"));
  ASSERT_TRUE(merged.forget_failures<NetworkRow>({"a", "b"}).ok());
  EXPECT_THAT(to_csv(merged.rows<NetworkRow>().value()),
              HasSubstr(",cycles,images_per_second\na,"));
}

/// As it was made before there were networks: read, merged, added to, and then of this version.
TEST_F(StoreTest, ADatabaseOfVersion2IsReadAndRaised) {
  EXPECT_TRUE(writable("old.sqlite").insert(distinct_row("a")).value());
  query("old.sqlite", "DROP TABLE networks");
  query("old.sqlite", "PRAGMA user_version=2");
  {
    const ResultStore old = ResultStore::open(path("old.sqlite"), Access::kRead).value();
    EXPECT_THAT(old.rows<NetworkRow>().value(), IsEmpty());
    EXPECT_EQ(old.rows().value().size(), 1U);
  }
  EXPECT_THAT(query("old.sqlite", "PRAGMA user_version"), ElementsAre("2"));
  ResultStore merged = writable("new.sqlite");
  EXPECT_TRUE(merged.insert(distinct_row("b")).value());
  EXPECT_EQ(merged.merge(path("old.sqlite")).value(), 1);
  EXPECT_THAT(query("new.sqlite", "PRAGMA user_version"), ElementsAre("3"));
  ResultStore raised = writable("old.sqlite");
  EXPECT_TRUE(raised.check_takes_results().ok());
  EXPECT_TRUE(raised.insert(distinct_row<NetworkRow>("n")).value());
  EXPECT_THAT(query("old.sqlite", "PRAGMA user_version"), ElementsAre("3"));
}

/// As grids made them before rows said what has their formats.
TEST_F(StoreTest, AnOlderTableOfAccuraciesIsReadAndAddedTo) {
  const auto row = distinct_row<AccuracyRow>("a");
  EXPECT_TRUE(writable("old.sqlite").insert(row).value());
  for (const char* column : {"format_layers", "linear_layers", "format_products", "remarks"}) {
    ASSERT_TRUE(is_later_column(column));
    query("old.sqlite", fmt::format("ALTER TABLE accuracy DROP COLUMN {}", column));
  }
  AccuracyRow older = row;
  older.format_layers = older.linear_layers = 0;
  older.format_products = 0;
  older.remarks = "";
  const auto text = [](const ResultStore& store) {
    return to_json(store.rows<AccuracyRow>().value()).dump();
  };
  EXPECT_EQ(text(ResultStore::open(path("old.sqlite"), Access::kRead).value()),
            to_json({older}).dump());
  ResultStore merged = writable("new.sqlite");
  EXPECT_EQ(merged.merge(path("old.sqlite")).value(), 1);
  EXPECT_EQ(text(merged), to_json({older}).dump());
  ResultStore store = writable("old.sqlite");
  const auto younger = distinct_row<AccuracyRow>("b");
  EXPECT_TRUE(store.insert(younger).value());
  EXPECT_EQ(text(store), to_json({older, younger}).dump());
  query("old.sqlite", "ALTER TABLE accuracy DROP COLUMN layers");  // that every one has had
  EXPECT_NE(open_error("old.sqlite", Access::kRead), "");
}

/// As sweeps made them before there was a table of accuracies.
TEST_F(StoreTest, ADatabaseWithoutAccuraciesHasNone) {
  { EXPECT_TRUE(writable("a.sqlite").insert(distinct_row("a")).value()); }
  query("a.sqlite", "DROP TABLE accuracy");
  const ResultStore store = ResultStore::open(path("a.sqlite"), Access::kRead).value();
  EXPECT_THAT(store.rows<AccuracyRow>().value(), IsEmpty());
  EXPECT_EQ(store.rows().value().size(), 1U);
  EXPECT_TRUE(writable("a.sqlite").insert(distinct_row<AccuracyRow>("b")).value());
}

TEST_F(StoreTest, TheFirstRowOfAKeyStays) {
  ResultStore store = writable("a.sqlite");
  ResultRow second = distinct_row("a");
  second.luts = 999;
  EXPECT_TRUE(store.insert(distinct_row("a")).value());
  EXPECT_FALSE(store.insert(second).value());
  EXPECT_EQ(store.rows().value().at(0).luts, distinct_row("a").luts);
}

TEST_F(StoreTest, FailuresAloneAreForgotten) {
  ResultStore store = writable("a.sqlite");
  ResultRow failed = distinct_row("failed"), other = distinct_row("other");
  failed.status = other.status = "failed";
  for (const ResultRow& row : {distinct_row("ok"), failed, other}) ASSERT_TRUE(*store.insert(row));
  ASSERT_TRUE(store.forget_failures({"ok", "failed"}).ok());
  EXPECT_THAT(store.keys().value(), UnorderedElementsAre("ok", "other"));
}

TEST_F(StoreTest, MergeTakesWhatIsNotThereAndReplacesFailures) {
  ResultRow failed = distinct_row("x"), better = distinct_row("x"), twice = distinct_row("y");
  failed.status = "failed";
  better.luts = 7;
  twice.luts = 8;
  {
    ResultStore first = writable("1.sqlite"), second = writable("2.sqlite");
    for (const ResultRow& row : {failed, distinct_row("y")}) ASSERT_TRUE(*first.insert(row));
    for (const ResultRow& row : {better, twice, distinct_row("z")}) {
      ASSERT_TRUE(*second.insert(row));
    }
  }
  ResultStore all = writable("all.sqlite");
  EXPECT_EQ(all.merge(path("1.sqlite")).value(), 2);
  EXPECT_EQ(all.merge(path("2.sqlite")).value(), 2);
  EXPECT_EQ(all.merge(path("1.sqlite")).value(), 0);
  EXPECT_THAT(query("all.sqlite", "SELECT key, status, luts FROM results ORDER BY key"),
              ElementsAre("x", "ok", "7", "y", "ok", std::to_string(distinct_row("").luts), "z",
                          "ok", std::to_string(distinct_row("").luts)));
}

TEST_F(StoreTest, CsvQuotesWhatNeedsIt) {
  ResultRow row = distinct_row("k");
  row.reason = "say \"a,b\"";
  row.logic_cells.reset();
  row.fmax_median_mhz = 160.25;
  const std::string csv = to_csv({row});
  EXPECT_THAT(csv, testing::StartsWith("key,command,operator,arch,a,b,result,a_kind,"));
  EXPECT_THAT(csv, HasSubstr(",\"say \"\"a,b\"\"\","));
  EXPECT_THAT(csv, HasSubstr(",160.25,"));
  EXPECT_THAT(csv, HasSubstr(",,"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 2);
}

// The first character decides in Excel, LibreOffice and Google's tables.
TEST_F(StoreTest, CsvHasNoFormulas) {
  for (const char* text : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=a,\"b\""}) {
    ResultRow row = distinct_row("k");
    row.reason = text;
    std::string quoted = "\"'";
    for (const char* c = text; *c != 0; ++c) quoted += *c == '"' ? "\"\"" : std::string(1, *c);
    EXPECT_THAT(to_csv({row}), HasSubstr("," + quoted + "\""));
  }
  ResultRow numbers = distinct_row("k");
  numbers.fmax_median_mhz = -1.5;
  EXPECT_THAT(to_csv({numbers}), HasSubstr(",-1.5,"));
}

TEST_F(StoreTest, WhatIsNoTextOrNoJsonIsExportedAllTheSame) {
  ResultRow row = distinct_row("k");
  row.command = "cost r\xff.onnx";
  for (const std::string& tools : std::vector<std::string>{
           "no JSON", "[1]", R"({"yosys": [1]})", std::string(1, '\xff'),
           "{\"yosys\": " + std::string(100000, '[') + std::string(100000, ']') + "}"}) {
    row.tools = tools;
    const auto read = nlohmann::json::parse(json_text(to_json({row})));
    EXPECT_EQ(read.at(0).at("command"), "cost r\xef\xbf\xbd.onnx");
    EXPECT_EQ(read.at(0).at("tools").at("unreadable"), tools[0] == '\xff' ? "\xef\xbf\xbd" : tools);
  }
}

TEST_F(StoreTest, WrongFilesAreRefusedAndLeftAlone) {
  std::ofstream(path("text")) << "not a database, but a text that is longer than its header\n";
  EXPECT_THAT(open_error("none.sqlite", Access::kRead), HasSubstr("there is no such file"));
  EXPECT_FALSE(fs::exists(path("none.sqlite")));
  EXPECT_THAT(open_error("no/such/folder.sqlite", Access::kWrite), HasSubstr("unable to open"));
  EXPECT_THAT(open_error(".", Access::kWrite), HasSubstr("it is a folder"));
  for (const Access access : {Access::kRead, Access::kWrite}) {
    EXPECT_THAT(open_error("text", access), HasSubstr("file is not a database"));
  }
  const std::string ours = "PRAGMA application_id=1717925730; ";
  const std::vector<std::tuple<std::string, std::string, std::string>> files = {
      {"other", "CREATE TABLE results (a); PRAGMA user_version=7", "application_id is 0"},
      {"same", "CREATE TABLE results (a); PRAGMA user_version=1", "has not their tables"},
      {"view", "CREATE VIEW results AS SELECT 1 AS key; PRAGMA user_version=1", "not their tables"},
      {"none", "CREATE TABLE other (a); PRAGMA user_version=1", "application_id is 0"},
      {"foreign", "PRAGMA application_id=7; PRAGMA user_version=1", "application_id is 7"},
      {"newer", ours + "PRAGMA user_version=4", "user_version is 4"},
  };
  for (const auto& [name, sql, reason] : files) {
    query(name, sql);
    const auto before = query(name, "SELECT name FROM sqlite_master");
    for (const Access access : {Access::kRead, Access::kWrite}) {
      EXPECT_THAT(open_error(name, access), HasSubstr(reason));
    }
    EXPECT_EQ(query(name, "SELECT name FROM sqlite_master"), before);
  }
}

/// As fewbit made them before they had an application_id.
TEST_F(StoreTest, DatabasesWithoutAnIdAreKnownByTheirTablesAndGetOne) {
  { ASSERT_TRUE(*writable("a.sqlite").insert(distinct_row("a"))); }
  query("a.sqlite", "PRAGMA application_id=0");
  {
    const ResultStore store = ResultStore::open(path("a.sqlite"), Access::kRead).value();
    EXPECT_EQ(store.rows().value().size(), 1U);
  }
  EXPECT_THAT(query("a.sqlite", "PRAGMA application_id"), ElementsAre("0"));
  { EXPECT_EQ(writable("a.sqlite").rows().value().size(), 1U); }
  EXPECT_THAT(query("a.sqlite", "PRAGMA application_id"), ElementsAre("1717925730"));
  query("a.sqlite", "PRAGMA application_id=0; ALTER TABLE results ADD COLUMN more");
  EXPECT_THAT(open_error("a.sqlite", Access::kWrite), HasSubstr("has not their tables"));
}

// Keys of version 1 are hashes of emitted text, which no job of today has.
TEST_F(StoreTest, ResultsOfTwoVersionsAreNeverInOneDatabase) {
  for (const char* name : {"old.sqlite", "older.sqlite", "new.sqlite"}) {
    ASSERT_TRUE(*writable(name).insert(distinct_row(name)));
  }
  query("old.sqlite", "PRAGMA user_version=1");
  query("older.sqlite", "PRAGMA user_version=1");
  {
    ResultStore old = writable("old.sqlite");
    EXPECT_EQ(old.rows().value().size(), 1U);
    const Status refused = old.check_takes_results();
    ASSERT_FALSE(refused.ok());
    EXPECT_THAT(refused.error().message(),
                AllOf(HasSubstr("old.sqlite"), HasSubstr("version 3"), HasSubstr("version 1")));
    EXPECT_TRUE(*old.insert(distinct_row<AccuracyRow>("a")));
    EXPECT_EQ(*old.merge(path("older.sqlite")), 1);
    const auto mixed = old.merge(path("new.sqlite"));
    ASSERT_FALSE(mixed.ok());
    EXPECT_THAT(mixed.error().message(), AllOf(HasSubstr("new.sqlite"), HasSubstr("version 3")));
  }
  EXPECT_THAT(query("old.sqlite", "PRAGMA user_version"), ElementsAre("1"));
  ResultStore fresh = writable("fresh.sqlite");
  EXPECT_TRUE(fresh.check_takes_results().ok());
  EXPECT_EQ(*fresh.merge(path("old.sqlite")), 3);
  EXPECT_FALSE(fresh.check_takes_results().ok());
  EXPECT_FALSE(fresh.merge(path("new.sqlite")).ok());
  EXPECT_THAT(query("fresh.sqlite", "PRAGMA user_version"), ElementsAre("1"));
  EXPECT_EQ(fresh.rows().value().size(), 2U);
  ResultStore current = writable("current.sqlite");
  EXPECT_EQ(*current.merge(path("new.sqlite")), 1);
  EXPECT_FALSE(current.merge(path("old.sqlite")).ok());
  EXPECT_TRUE(current.check_takes_results().ok());
  EXPECT_EQ(current.rows().value().size(), 1U);
}

TEST_F(StoreTest, ADatabaseOfAccuraciesAloneGetsTheVersion) {
  ASSERT_TRUE(*writable("a.sqlite").insert(distinct_row<AccuracyRow>("a")));
  query("a.sqlite", "PRAGMA user_version=1");
  EXPECT_TRUE(writable("a.sqlite").check_takes_results().ok());
  EXPECT_THAT(query("a.sqlite", "PRAGMA user_version"), ElementsAre("3"));
}

/// As somebody without privileges while it lives, so that file modes mean something to root too.
class AsNobody {
 public:
  AsNobody() { EXPECT_TRUE(::geteuid() != 0 || ::seteuid(65534) == 0); }
  ~AsNobody() { EXPECT_TRUE(::getuid() != 0 || ::seteuid(0) == 0); }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
};

TEST_F(StoreTest, ReadOnlyDatabaseCanBeReadAndNotWritten) {
  { ASSERT_TRUE(*writable("a.sqlite").insert(distinct_row("a"))); }
  ::chmod(path("a.sqlite").c_str(), 0444);
  ::chmod(path(".").c_str(), 0555);
  {
    const AsNobody nobody;
    EXPECT_THAT(open_error("a.sqlite", Access::kWrite), HasSubstr("readonly database"));
    const Result<ResultStore> store = ResultStore::open(path("a.sqlite"), Access::kRead);
    ASSERT_TRUE(store.ok()) << store.error().message();
    EXPECT_EQ(store->rows().value().size(), 1u);
    EXPECT_THAT(open_error("new.sqlite", Access::kWrite),
                AllOf(HasSubstr("unable to open database file"), HasSubstr("Permission denied")));
  }
  ::chmod(path(".").c_str(), 0755);
}

/// SQLite's own file system, but a log of more than `room` bytes finds the disk full.
class FullDisk {
 public:
  explicit FullDisk(std::int64_t room) {
    room_ = room;
    vfs_ = *original();
    vfs_.zName = "full";
    vfs_.xOpen = [](sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
      const int code = original()->xOpen(original(), name, file, flags, out);
      if (code != SQLITE_OK || (flags & SQLITE_OPEN_WAL) == 0) return code;
      methods_ = *file->pMethods;
      write_ = methods_.xWrite;
      methods_.xWrite = [](sqlite3_file* f, const void* data, int size, sqlite3_int64 at) {
        return at + size > room_ ? SQLITE_FULL : write_(f, data, size, at);
      };
      file->pMethods = &methods_;
      return SQLITE_OK;
    };
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~FullDisk() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(original(), 1);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  static sqlite3_vfs* original() { return sqlite3_vfs_find("unix"); }
  static inline std::int64_t room_;
  static inline sqlite3_io_methods methods_;
  static inline int (*write_)(sqlite3_file*, const void*, int, sqlite3_int64);
  sqlite3_vfs vfs_{};
};

TEST_F(StoreTest, FullDiskIsAnErrorAndCorruptsNothing) {
  std::size_t inserted = 0;
  std::string error;
  {
    const FullDisk disk(200000);
    ResultStore store = writable("a.sqlite");
    for (int i = 0; i < 1000 && error.empty(); ++i) {
      const Result<bool> done = store.insert(distinct_row(std::to_string(i)));
      done.ok() ? static_cast<void>(++inserted) : static_cast<void>(error = done.error().message());
    }
  }
  EXPECT_THAT(error, HasSubstr("disk is full"));
  EXPECT_GT(inserted, 5u);
  EXPECT_EQ(query("a.sqlite", "PRAGMA integrity_check"), std::vector<std::string>{"ok"});
  EXPECT_EQ(writable("a.sqlite").keys().value().size(), inserted);
}

/// A child that opens the database anew and inserts rows PREFIX0.. until `count`.
pid_t insert_in_child(const fs::path& path, const std::string& prefix, int count) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  Result<ResultStore> store = ResultStore::open(path, Access::kWrite);
  for (int i = 0; store.ok() && i < count; ++i) {
    ResultStore& open = const_cast<ResultStore&>(store.value());
    if (!open.insert(distinct_row(prefix + std::to_string(i))).ok()) ::_exit(1);
  }
  ::_exit(store.ok() ? 0 : 1);
}

TEST_F(StoreTest, SeveralProcessesMakeAndFillOneDatabase) {
  std::vector<pid_t> children;
  for (const char* prefix : {"a", "b", "c", "d"}) {
    children.push_back(insert_in_child(path("a.sqlite"), prefix, 50));
  }
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(writable("a.sqlite").keys().value().size(), 200u);
}

TEST_F(StoreTest, AKilledWriterLosesNoRowThatWasThere) {
  for (int round = 0; round < 5; ++round) {
    const std::string prefix = "round" + std::to_string(round) + "_";
    const pid_t child = insert_in_child(path("a.sqlite"), prefix, 100000);
    const ResultStore reader = writable("a.sqlite");
    std::size_t before = 0;
    for (const std::size_t had = reader.keys().value().size(); before < had + 20;) {
      before = reader.keys().value().size();
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    EXPECT_GE(reader.keys().value().size(), before);
    EXPECT_THAT(query("a.sqlite", "PRAGMA integrity_check"), ElementsAre("ok"));
  }
}

}  // namespace
}  // namespace fewbit::store
