// ResultStore: costs and accuracies in an SQLite file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "fewbit/flows/store/accuracy_row.h"
#include "fewbit/flows/store/network_row.h"
#include "fewbit/flows/store/result_row.h"
#include "fewbit/gen/util/result.h"

struct sqlite3;

namespace fewbit::store {

/// PRAGMA application_id of a results database: "fewb".
inline constexpr int kApplicationId = 0x66657762;
/// PRAGMA user_version of one. Version 1: keys of results are made of the emitted text; 2: of the
/// structure of the circuit; 3: the same, and there is a table of networks. Keys of the results of
/// a database are all of one kind.
inline constexpr int kSchemaVersion = 3;
inline constexpr int kOldestVersion = 1;

enum class Access {
  kRead,   ///< the file must be there
  kWrite,  ///< the file is made where it is missing
};

/// One connection. Every row is a transaction of its own in a write-ahead log: whoever is killed
/// loses what it has not inserted, and nothing else. Connections of several processes wait for each
/// other. Not for several threads at once, nor over a fork.
class ResultStore {
 public:
  /// Errors: no file to read, a file that is no results database or of an unknown version, one that
  /// cannot be written. Databases from before kApplicationId are known by their tables, and get it
  /// where they are written; those without results then get kSchemaVersion.
  static Result<ResultStore> open(const std::filesystem::path& path, Access access);

  // Row: ResultRow, AccuracyRow or NetworkRow, each in a table of its own.

  /// False, and nothing changes, where its key is there already. A full disk is an Error.
  template <typename Row>
  Result<bool> insert(const Row& row);
  /// Deletes the rows of these keys that failed, so that they are run again.
  template <typename Row = ResultRow>
  Status forget_failures(const std::set<std::string>& keys);
  /// An Error where the results are of an older version: none of them would be found by its key,
  /// and all would be measured again beside them.
  [[nodiscard]] Status check_takes_results() const;
  /// Takes over every row of another results database whose key is not there yet; how many. A row
  /// that failed here gives way to one that did not. An Error where both have results, of different
  /// versions.
  Result<int> merge(const std::filesystem::path& other);

  template <typename Row = ResultRow>
  [[nodiscard]] Result<std::set<std::string>> keys() const;
  /// All rows: costs by operator, target, architecture, formats; accuracies by network, technique,
  /// formats; networks by name, target, formats.
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
  /// 0 where it cannot be read.
  [[nodiscard]] std::int64_t version() const;
  [[nodiscard]] bool has_results() const;
  /// Before rows of `source` are taken over: the version of its results, where there are none here.
  Status take_version_of(const ResultStore& source);

  Database database_;
  std::filesystem::path path_;
};

}  // namespace fewbit::store
