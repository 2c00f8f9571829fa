// Tables of results of sweeps from before there were standard cells: read, merged and added to.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <sqlite3.h>

#include <nlohmann/json.hpp>

#include "fewbit/flows/store/export.h"
#include "fewbit/flows/store/result_store.h"
#include "fewbit/gen/util/files.h"

namespace fewbit::store {
namespace {

ResultRow row_of(const std::string& key) {
  ResultRow row;
  row.key = key;
  row.command = "fewbit cost of " + key;
  row.status = "ok";
  row.area = 11178;
  row.gates = 167;
  row.path_ns = 5.5;
  return row;
}

std::string text_of(const ResultStore& store) { return to_json(store.rows().value()).dump(); }

void execute(const std::filesystem::path& path, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sql;
  sqlite3_close(database);
}

TEST(StoreColumns, AnOlderTableOfResultsIsReadAndAddedTo) {
  const ScratchDirectory folder = ScratchDirectory::make().value();
  const std::filesystem::path old = folder.path() / "old.sqlite";
  EXPECT_TRUE(ResultStore::open(old, Access::kWrite).value().insert(row_of("a")).value());
  for (const char* column : {"area", "gates", "path_ns"}) {
    ASSERT_TRUE(is_later_result_column(column));
    execute(old, std::string("ALTER TABLE results DROP COLUMN ") + column);
  }
  ResultRow older = row_of("a");
  older.area.reset();
  older.gates.reset();
  older.path_ns.reset();
  const std::string expected = to_json(std::vector<ResultRow>{older}).dump();
  EXPECT_EQ(text_of(ResultStore::open(old, Access::kRead).value()), expected);
  ResultStore merged = ResultStore::open(folder.path() / "new.sqlite", Access::kWrite).value();
  EXPECT_EQ(merged.merge(old).value(), 1);
  EXPECT_EQ(text_of(merged), expected);
  ResultStore store = ResultStore::open(old, Access::kWrite).value();
  EXPECT_TRUE(store.insert(row_of("b")).value());
  EXPECT_EQ(text_of(store), to_json(std::vector<ResultRow>{older, row_of("b")}).dump());
  execute(old, "ALTER TABLE results DROP COLUMN depth");  // that every one has had
  EXPECT_FALSE(ResultStore::open(old, Access::kRead).ok());
}

}  // namespace
}  // namespace fewbit::store
