// ResultStore: the results of sweeps in an SQLite file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "flows/store/result_row.h"
#include "gen/util/result.h"

struct sqlite3;

namespace fewbit::store {

/// PRAGMA user_version of a results database.
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
  /// cannot be written.
  static Result<ResultStore> open(const std::filesystem::path& path, Access access);

  /// False, and nothing changes, where its key is there already. A full disk is an Error.
  Result<bool> insert(const ResultRow& row);
  /// Deletes the rows of these keys that failed, so that they are run again.
  Status forget_failures(const std::set<std::string>& keys);
  /// Takes over every row of another results database whose key is not there yet; how many. A row
  /// that failed here gives way to one that did not.
  Result<int> merge(const std::filesystem::path& other);

  [[nodiscard]] Result<std::set<std::string>> keys() const;
  /// All rows by operator, target, architecture, formats.
  [[nodiscard]] Result<std::vector<ResultRow>> rows() const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  using Database = std::unique_ptr<sqlite3, Close>;
  ResultStore(Database database, std::filesystem::path path);

  Database database_;
  std::filesystem::path path_;
};

}  // namespace fewbit::store
