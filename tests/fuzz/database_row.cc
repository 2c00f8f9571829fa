// Fuzz target: a row of a results database whose columns hold anything, exported and put on a page.
// SPDX-License-Identifier: Apache-2.0
#include <sqlite3.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fewbit/flows/report/page.h"
#include "fewbit/flows/store/export.h"
#include "fewbit/flows/store/result_store.h"
#include "fewbit/flows/study/sweep/report_figures.h"
#include "fewbit/gen/util/json.h"
#include "fewbit/tests/fuzz/input_file.h"

namespace fewbit::fuzz {
namespace {

using nlohmann::ordered_json;

/// Inserts a row of `table` as it is given: a text for each of its columns, one after the other
/// with a new line between, in whatever column it falls into.
template <typename Row>
void insert(sqlite3* database, const std::string& table, const std::string& text) {
  const Row row;
  std::string marks;
  store::visit_columns(row, [&](const char*, const auto&) { marks += marks.empty() ? "?" : ",?"; });
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database, ("INSERT INTO " + table + " VALUES (" + marks + ")").c_str(), -1,
                     &statement, nullptr);
  FEWBIT_CHECK(statement != nullptr, "{}", sqlite3_errmsg(database));
  std::size_t begin = 0;
  for (int place = 1; place <= sqlite3_bind_parameter_count(statement); ++place) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    sqlite3_bind_text(statement, place, text.data() + begin, static_cast<int>(end - begin),
                      SQLITE_TRANSIENT);
    begin = std::min(end + 1, text.size());
  }
  sqlite3_step(statement);
  sqlite3_finalize(statement);
}

void must_parse(const std::string& json) {
  FEWBIT_CHECK(!ordered_json::parse(json, nullptr, false).is_discarded(), "no JSON:\n{}", json);
}

/// What comes out is JSON, and CSV of as many columns as there are.
template <typename Row>
std::vector<Row> check_exports(const store::ResultStore& store) {
  const Result<std::vector<Row>> rows = store.rows<Row>();
  FEWBIT_CHECK(rows.ok(), "{}", rows.error().message());
  must_parse(json_text(store::to_json(*rows)));
  const std::string csv = store::to_csv(*rows);
  FEWBIT_CHECK(std::count(csv.begin(), csv.end(), '"') % 2 == 0, "an open quote in\n{}", csv);
  for (const char* bad : {",=", ",+", ",-\"", ",@", ",\t", "\n=", "\n@", "\",=", "\",@"}) {
    std::string outside;  // of quoted cells
    bool in_quotes = false;
    for (const char c : csv) {
      if (c == '"') in_quotes = !in_quotes;
      if (!in_quotes) outside += c;
    }
    FEWBIT_CHECK(outside.find(bad) == std::string::npos, "a formula in\n{}", csv);
  }
  return *rows;
}

}  // namespace
}  // namespace fewbit::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fewbit;  // NOLINT(google-build-using-namespace): one function
  static const ScratchDirectory scratch = ScratchDirectory::make().value();
  const std::filesystem::path path = scratch.path() / "rows.sqlite";
  static_cast<void>(store::ResultStore::open(path, store::Access::kWrite).value());
  sqlite3* database = nullptr;
  sqlite3_open(path.c_str(), &database);
  sqlite3_exec(database,
               "PRAGMA synchronous=OFF; DELETE FROM results; DELETE FROM accuracy; "
               "DELETE FROM networks",
               nullptr, nullptr, nullptr);
  const std::string text = fuzz::text_of(data, size);
  fuzz::insert<store::ResultRow>(database, "results", text);
  fuzz::insert<store::AccuracyRow>(database, "accuracy", text);
  fuzz::insert<store::NetworkRow>(database, "networks", text);
  sqlite3_close(database);
  const store::ResultStore store = store::ResultStore::open(path, store::Access::kRead).value();
  const auto results = fuzz::check_exports<store::ResultRow>(store);
  const auto accuracies = fuzz::check_exports<store::AccuracyRow>(store);
  const auto page = report::page_data("rows", study::with_figures(results));
  fuzz::must_parse(json_text(page));
  for (const auto& tools : page.at("columns").at("tools")) {
    fuzz::must_parse(tools.get<std::string>());
  }
  static_cast<void>(json_text(report::accuracy_data(accuracies)));
  const auto networks = fuzz::check_exports<store::NetworkRow>(store);
  static_cast<void>(json_text(report::network_data(networks)));
  return 0;
}
