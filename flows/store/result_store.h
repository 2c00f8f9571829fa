// ResultStore: costs and accuracies in an SQLite file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "fewbit/flows/store/accuracy_row.h"
#include "fewbit/flows/store/result_row.h"
#include "fewbit/gen/util/result.h"

struct sqlite3;

namespace fewbit::store {

/// PRAGMA application_id of a results database: "fewb".
inline constexpr int kApplicationId = 0x66657762;
/// PRAGMA user_version of one.
inline constexpr int kSchemaVersion = 1;

enum class Access {
  kRead,   ///< the file must be there
  kWrite,  ///< the file is made where it is missing
};

/// One connection. Every row is a transaction of its own in a write-ahead log: whoever is killed
/// loses what it has not inserted, and nothing else. Connections of several processes wait for each
/// other. Not for several threads at once, nor over a fork.
class ResultStore {
 public:
  /// Errors: no file to read, a file that is no results database or of another version, one that
  /// cannot be written. Databases from before kApplicationId are known by their tables, and get it
  /// where they are written.
  static Result<ResultStore> open(const std::filesystem::path& path, Access access);

  // Row: ResultRow or AccuracyRow, each in a table of its own.

  /// False, and nothing changes, where its key is there already. A full disk is an Error.
  template <typename Row>
  Result<bool> insert(const Row& row);
  /// Deletes the rows of these keys that failed, so that they are run again.
  template <typename Row = ResultRow>
  Status forget_failures(const std::set<std::string>& keys);
  /// Takes over every row of another results database whose key is not there yet; how many. A row
  /// that failed here gives way to one that did not.
  Result<int> merge(const std::filesystem::path& other);

  template <typename Row = ResultRow>
  [[nodiscard]] Result<std::set<std::string>> keys() const;
  /// All rows: costs by operator, target, architecture, formats; accuracies by network, technique,
  /// formats.
  template <typename Row = ResultRow>
  [[nodiscard]] Result<std::vector<Row>> rows() const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  using Database = std::unique_ptr<sqlite3, Close>;
  ResultStore(Database database, std::filesystem::path path);
  template <typename Row>
  Result<int> take_over(const std::vector<Row>& rows);

  Database database_;
  std::filesystem::path path_;
};

}  // namespace fewbit::store
