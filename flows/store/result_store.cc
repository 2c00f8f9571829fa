// ResultStore: see result_store.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/store/result_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <type_traits>
#include <utility>

namespace fewbit::store {
namespace fs = std::filesystem;
namespace {

constexpr int kBusyMilliseconds = 60000;

template <typename T>
constexpr bool kIsOptional = false;
template <typename T>
constexpr bool kIsOptional<std::optional<T>> = true;

const char* sql_type(const std::string&) { return "TEXT"; }
const char* sql_type(std::int64_t) { return "INTEGER"; }
const char* sql_type(double) { return "REAL"; }
template <typename T>
const char* sql_type(const std::optional<T>&) {
  return sql_type(T());
}

/// The table of a kind of rows, and the order in which they are read.
template <typename Row>
constexpr const char* kTable = "results";
template <>
constexpr const char* kTable<AccuracyRow> = "accuracy";
template <typename Row>
constexpr const char* kOrder = "operator, target, arch, a_width, a, b_width, b, command, key";
template <>
constexpr const char* kOrder<AccuracyRow> =
    "network, technique, weights_width, weights, activations_width, activations, command, key";
template <>
constexpr const char* kTable<NetworkRow> = "networks";
template <>
constexpr const char* kOrder<NetworkRow> = "network, target, weights, activations, command, key";

template <typename Row>
std::string create_table() {
  std::string columns;
  const Row row;
  visit_columns(row, [&columns]<typename T>(const char* name, const T& member) {
    columns += fmt::format("{}  {} {}{}", columns.empty() ? "" : ",\n", name, sql_type(member),
                           columns.empty()  ? " PRIMARY KEY NOT NULL"
                           : kIsOptional<T> ? ""
                                            : " NOT NULL");
  });
  return fmt::format("CREATE TABLE IF NOT EXISTS {} (\n{}\n) WITHOUT ROWID", kTable<Row>, columns);
}

/// "key, command, ..." or, with a placeholder, "?, ?, ...".
template <typename Row>
std::string column_list(const char* placeholder = nullptr) {
  std::string names;
  const Row row;
  visit_columns(row, [&](const char* name, const auto&) {
    names += (names.empty() ? "" : ", ") + std::string(placeholder == nullptr ? name : placeholder);
  });
  return names;
}

/// What the system says against a file beside this one, as a log is, or "".
std::string why_not_beside(const fs::path& path) {
  const fs::path folder = fs::absolute(path).parent_path();
  if (::faccessat(AT_FDCWD, folder.c_str(), W_OK, AT_EACCESS) == 0) return "";
  return fmt::format(": {}: {}", folder.string(), std::strerror(errno));
}

/// What SQLite says of the last call on this connection.
Error store_error(sqlite3* database, const fs::path& path, const std::string& legal) {
  if (database == nullptr) return {"database", path.string(), legal, "out of memory"};
  const bool is_closed = sqlite3_errcode(database) == SQLITE_CANTOPEN;
  return {"database", path.string(), legal,
          sqlite3_errmsg(database) + (is_closed ? why_not_beside(path) : "")};
}

Error write_error(sqlite3* database, const fs::path& path) {
  return store_error(database, path, "a results database that can be written, on a disk with room");
}

Error read_error(sqlite3* database, const fs::path& path) {
  return store_error(database, path, "a results database that can be read");
}

bool execute(sqlite3* database, const std::string& sql) {
  return sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
}

/// A prepared statement; invalid where it cannot be prepared.
class Statement {
 public:
  Statement(sqlite3* database, const std::string& sql) {
    sqlite3_prepare_v2(database, sql.c_str(), -1, &statement_, nullptr);
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  [[nodiscard]] bool is_valid() const { return statement_ != nullptr; }
  int step() { return sqlite3_step(statement_); }

  void bind(int place, const std::string& value) {
    sqlite3_bind_text(statement_, place, value.data(), static_cast<int>(value.size()),
                      SQLITE_TRANSIENT);
  }
  void bind(int place, std::int64_t value) { sqlite3_bind_int64(statement_, place, value); }
  void bind(int place, double value) { sqlite3_bind_double(statement_, place, value); }
  template <typename T>
  void bind(int place, const std::optional<T>& value) {
    value ? bind(place, *value) : static_cast<void>(sqlite3_bind_null(statement_, place));
  }

  void take(int place, std::string& value) {
    const unsigned char* text = sqlite3_column_text(statement_, place);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, place));
    value.assign(text == nullptr ? "" : reinterpret_cast<const char*>(text), size);
  }
  void take(int place, std::int64_t& value) { value = sqlite3_column_int64(statement_, place); }
  void take(int place, double& value) { value = sqlite3_column_double(statement_, place); }
  template <typename T>
  void take(int place, std::optional<T>& value) {
    value.reset();
    if (sqlite3_column_type(statement_, place) != SQLITE_NULL) take(place, value.emplace());
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
};

/// The integer that a statement's first column gives, or none.
std::optional<std::int64_t> number_of(sqlite3* database, const std::string& sql) {
  Statement statement(database, sql);
  if (!statement.is_valid() || statement.step() != SQLITE_ROW) return {};
  std::int64_t number = 0;
  statement.take(0, number);
  return number;
}

/// Whether there is a table, not a view, of that name.
bool has_table(sqlite3* database, const char* name) {
  return number_of(database, fmt::format("SELECT count(*) FROM sqlite_master WHERE type = 'table' "
                                         "AND name = '{}'",
                                         name)) == 1;
}

/// Whether the table of a kind of rows is older than this column of it.
template <typename Row>
bool lacks(sqlite3* database, const char* name) {
  const bool is_later = std::is_same_v<Row, AccuracyRow> ? is_later_column(name)
                        : std::is_same_v<Row, ResultRow> ? is_later_result_column(name)
                                                         : false;
  if (!is_later) return false;
  const std::string count = fmt::format(
      "SELECT count(*) FROM pragma_table_info('{}') WHERE name = '{}'", kTable<Row>, name);
  return number_of(database, count) == 0;
}

/// The columns as they are read: NULL in place of those that are younger than the table.
template <typename Row>
std::string selected_columns(sqlite3* database) {
  std::string names;
  const Row row;
  visit_columns(row, [&](const char* name, const auto&) {
    names += names.empty() ? "" : ", ";
    names += lacks<Row>(database, name) ? "NULL" : name;
  });
  return names;
}

/// Adds the columns that are younger than the table.
template <typename Row>
bool add_later_columns(sqlite3* database) {
  bool added = true;
  const Row row;
  visit_columns(row, [&]<typename T>(const char* name, const T& member) {
    if (!lacks<Row>(database, name)) return;
    const char* otherwise = kIsOptional<T>                   ? ""
                            : std::is_same_v<T, std::string> ? " NOT NULL DEFAULT ''"
                                                             : " NOT NULL DEFAULT 0";
    added = added && execute(database, fmt::format("ALTER TABLE {} ADD COLUMN {} {}{}", kTable<Row>,
                                                   name, sql_type(member), otherwise));
  });
  return added;
}

/// Databases of sweeps alone may be older than the other tables.
template <typename Row>
bool is_there(sqlite3* database) {
  return std::is_same_v<Row, ResultRow> || has_table(database, kTable<Row>);
}

/// Keys of results of which versions are alike.
bool are_alike(std::int64_t version, std::int64_t other) {
  return std::min<std::int64_t>(version, 2) == std::min<std::int64_t>(other, 2);
}

/// Whether the table of a kind of rows is there with exactly its columns, but for later ones.
template <typename Row>
bool has_own_table(sqlite3* database) {
  if (!has_table(database, kTable<Row>)) return false;
  const std::optional<std::int64_t> columns =
      number_of(database, fmt::format("SELECT count(*) FROM pragma_table_info('{}')", kTable<Row>));
  std::int64_t expected = 0;
  const Row row;
  visit_columns(row, [&](const char* name, const auto&) {
    if (!lacks<Row>(database, name)) ++expected;
  });
  const Statement every_column(
      database, fmt::format("SELECT {} FROM {}", selected_columns<Row>(database), kTable<Row>));
  return columns == expected && every_column.is_valid();
}

template <typename Row>
bool has_rows(sqlite3* database) {
  return number_of(database, fmt::format("SELECT EXISTS (SELECT 1 FROM {})", kTable<Row>)) != 0;
}

/// What a file says that it is. All of one moment: between two reads another process may make the
/// tables.
struct Identity {
  std::int64_t application = 0, version = 0, tables = 0;
  bool has_results = false;
};

/// None where it is no database.
std::optional<Identity> identity_of(sqlite3* database) {
  execute(database, "BEGIN");
  const auto application = number_of(database, "PRAGMA application_id");
  const auto version = number_of(database, "PRAGMA user_version");
  if (!application || !version) return {};
  const auto tables = number_of(database, "SELECT count(*) FROM sqlite_master");
  const bool has_results = has_own_table<ResultRow>(database);
  execute(database, "COMMIT");
  return Identity{*application, *version, tables.value_or(-1), has_results};
}

/// What speaks against using a file as a results database, or "".
std::string mismatch_of(const Identity& identity) {
  const bool is_older = identity.application == 0 && identity.has_results;
  if (identity.application != kApplicationId && !is_older) {
    return fmt::format("its application_id is {}, that of a results database {}{}",
                       identity.application, kApplicationId,
                       identity.application == 0 ? ", and it has not their tables" : "");
  }
  if (identity.version >= kOldestVersion && identity.version <= kSchemaVersion) return "";
  return fmt::format("its user_version is {}, that of a results database {} to {}",
                     identity.version, kOldestVersion, kSchemaVersion);
}

/// A write-ahead log from now on. Where two processes make one file, the switch of one finds the
/// file busy and does not wait by itself.
bool use_write_ahead_log(sqlite3* database) {
  for (int tries = 0; tries < 200; ++tries) {
    if (execute(database, "PRAGMA journal_mode=WAL")) return true;
    const int code = sqlite3_errcode(database);
    if (code != SQLITE_BUSY && code != SQLITE_LOCKED) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

/// "file:" and the path with what has a meaning in an URI escaped, for a file nobody may write.
std::string immutable_uri(const fs::path& path) {
  std::string uri = "file:";
  for (const char c : path.string()) {
    if (c == '%' || c == '?' || c == '#') {
      uri += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

/// One connection to the file of this name, by more flags of SQLite.
sqlite3* connected(const std::string& name, int flags) {
  sqlite3* handle = nullptr;
  sqlite3_open_v2(name.c_str(), &handle, flags, nullptr);
  sqlite3_busy_timeout(handle, kBusyMilliseconds);
  return handle;
}

/// Makes what is missing of a results database that is written, in one transaction.
bool make_tables(sqlite3* database) {
  return use_write_ahead_log(database) && execute(database, "BEGIN IMMEDIATE") &&
         execute(database, create_table<ResultRow>()) &&
         execute(database, create_table<AccuracyRow>()) &&
         execute(database, create_table<NetworkRow>()) &&
         execute(database, fmt::format("PRAGMA application_id={}", kApplicationId)) &&
         add_later_columns<ResultRow>(database) && add_later_columns<AccuracyRow>(database) &&
         ((has_rows<ResultRow>(database) &&
           !are_alike(number_of(database, "PRAGMA user_version").value_or(0), kSchemaVersion)) ||
          execute(database, fmt::format("PRAGMA user_version={}", kSchemaVersion))) &&
         execute(database, "COMMIT");
}

bool has_own_tables(sqlite3* database) {
  return has_own_table<ResultRow>(database) &&
         (!is_there<AccuracyRow>(database) || has_own_table<AccuracyRow>(database)) &&
         (!is_there<NetworkRow>(database) || has_own_table<NetworkRow>(database));
}

}  // namespace

void ResultStore::Close::operator()(sqlite3* database) const { sqlite3_close(database); }

ResultStore::ResultStore(Database database, fs::path path)
    : database_(std::move(database)), path_(std::move(path)) {}

Result<ResultStore> ResultStore::open(const fs::path& path, Access access) {
  std::error_code ignored;
  const std::string legal = access == Access::kRead ? "a results database of `fewbit sweep`"
                                                    : "a results database, or no file yet";
  if (fs::is_directory(path, ignored)) {
    return Error{"database", path.string(), legal, "it is a folder"};
  }
  if (access == Access::kRead && !fs::exists(path, ignored)) {
    return Error{"database", path.string(), legal, "there is no such file"};
  }
  const int flags =
      access == Access::kRead ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  Database database(connected(path.string(), flags));
  std::optional<Identity> identity = identity_of(database.get());
  if (!identity && access == Access::kRead && sqlite3_errcode(database.get()) != SQLITE_NOTADB) {
    // A log cannot be kept in a folder that nobody may write; then nobody else writes either.
    database.reset(connected(immutable_uri(fs::absolute(path)), flags | SQLITE_OPEN_URI));
    identity = identity_of(database.get());
  }
  if (!identity) return store_error(database.get(), path, legal);

  const bool is_new = identity->application == 0 && identity->version == 0 &&
                      identity->tables == 0 && access == Access::kWrite;
  if (const std::string mismatch = mismatch_of(*identity); !is_new && !mismatch.empty()) {
    return Error{"database", path.string(), legal, mismatch};
  }
  if (access == Access::kWrite && !make_tables(database.get())) {
    return write_error(database.get(), path);
  }
  if (!has_own_tables(database.get())) {
    return Error{"database", path.string(), legal, "its tables have other columns"};
  }
  return ResultStore(std::move(database), path);
}

template <typename Row>
Result<bool> ResultStore::insert(const Row& row) {
  Statement statement(database_.get(),
                      fmt::format("INSERT OR IGNORE INTO {} ({}) VALUES ({})", kTable<Row>,
                                  column_list<Row>(), column_list<Row>("?")));
  if (!statement.is_valid()) return write_error(database_.get(), path_);
  int place = 0;
  visit_columns(row, [&](const char*, const auto& member) { statement.bind(++place, member); });
  if (statement.step() != SQLITE_DONE) return write_error(database_.get(), path_);
  return sqlite3_changes(database_.get()) == 1;
}
template Result<bool> ResultStore::insert(const ResultRow&);
template Result<bool> ResultStore::insert(const AccuracyRow&);
template Result<bool> ResultStore::insert(const NetworkRow&);

template <typename Row>
Status ResultStore::forget_failures(const std::set<std::string>& keys) {
  for (const std::string& key : keys) {
    Statement statement(
        database_.get(),
        fmt::format("DELETE FROM {} WHERE status = 'failed' AND key = ?", kTable<Row>));
    if (!statement.is_valid()) return write_error(database_.get(), path_);
    statement.bind(1, key);
    if (statement.step() != SQLITE_DONE) return write_error(database_.get(), path_);
  }
  return Ok{};
}

template Status ResultStore::forget_failures<ResultRow>(const std::set<std::string>&);
template Status ResultStore::forget_failures<AccuracyRow>(const std::set<std::string>&);
template Status ResultStore::forget_failures<NetworkRow>(const std::set<std::string>&);

template <typename Row>
Result<int> ResultStore::take_over(const std::vector<Row>& rows) {
  int taken = 0;
  for (const Row& row : rows) {
    if (row.status != "failed") FEWBIT_RETURN_IF_ERROR(forget_failures<Row>({row.key}));
    FEWBIT_ASSIGN_OR_RETURN(inserted, insert(row));
    taken += inserted ? 1 : 0;
  }
  return taken;
}

std::int64_t ResultStore::version() const {
  return number_of(database_.get(), "PRAGMA user_version").value_or(0);
}

bool ResultStore::has_results() const { return has_rows<ResultRow>(database_.get()); }

Status ResultStore::check_takes_results() const {
  if (are_alike(version(), kSchemaVersion)) return Ok{};
  return Error{"database", path_.string(),
               fmt::format("a results database of version {}, or no file yet", kSchemaVersion),
               fmt::format("its results are of version {}, whose keys are hashes of emitted text; "
                           "they can be read and reported, not added to",
                           version())};
}

Status ResultStore::take_version_of(const ResultStore& source) {
  if (!source.has_results() || are_alike(source.version(), version())) return Ok{};
  if (has_results()) {
    return Error{
        "database", source.path_.string(),
        fmt::format("results of version {}, as those of {}", version(), path_.string()),
        fmt::format("they are of version {}, whose keys are other ones", source.version())};
  }
  const std::string sql = fmt::format("PRAGMA user_version={}", source.version());
  if (!execute(database_.get(), sql)) return write_error(database_.get(), path_);
  return Ok{};
}

Result<int> ResultStore::merge(const fs::path& other) {
  FEWBIT_ASSIGN_OR_RETURN(source, open(other, Access::kRead));
  FEWBIT_ASSIGN_OR_RETURN(results, source.rows<ResultRow>());
  FEWBIT_ASSIGN_OR_RETURN(accuracies, source.rows<AccuracyRow>());
  FEWBIT_ASSIGN_OR_RETURN(networks, source.rows<NetworkRow>());
  if (!execute(database_.get(), "BEGIN IMMEDIATE")) return write_error(database_.get(), path_);
  const Status version = take_version_of(source);
  if (!version.ok()) {
    execute(database_.get(), "ROLLBACK");
    return version.error();
  }
  const Result<int> first = take_over(results);
  const Result<int> second = first.ok() ? take_over(accuracies) : first;
  const Result<int> third = second.ok() ? take_over(networks) : second;
  if (!third.ok()) {
    execute(database_.get(), "ROLLBACK");
    return third.error();
  }
  if (!execute(database_.get(), "COMMIT")) {
    Error error = write_error(database_.get(), path_);
    execute(database_.get(), "ROLLBACK");
    return error;
  }
  return *first + *second + *third;
}

template <typename Row>
Result<std::set<std::string>> ResultStore::keys() const {
  Statement statement(database_.get(), fmt::format("SELECT key FROM {}", kTable<Row>));
  if (!statement.is_valid()) return read_error(database_.get(), path_);
  std::set<std::string> keys;
  int code = statement.step();
  for (; code == SQLITE_ROW; code = statement.step()) {
    std::string key;
    statement.take(0, key);
    keys.insert(std::move(key));
  }
  if (code != SQLITE_DONE) return read_error(database_.get(), path_);
  return keys;
}
template Result<std::set<std::string>> ResultStore::keys<ResultRow>() const;
template Result<std::set<std::string>> ResultStore::keys<AccuracyRow>() const;
template Result<std::set<std::string>> ResultStore::keys<NetworkRow>() const;

template <typename Row>
Result<std::vector<Row>> ResultStore::rows() const {
  std::vector<Row> rows;
  if (!is_there<Row>(database_.get())) return rows;
  Statement statement(database_.get(), fmt::format("SELECT {} FROM {} ORDER BY {}",
                                                   selected_columns<Row>(database_.get()),
                                                   kTable<Row>, kOrder<Row>));
  if (!statement.is_valid()) return read_error(database_.get(), path_);
  int code = statement.step();
  for (; code == SQLITE_ROW; code = statement.step()) {
    int place = 0;
    visit_columns(rows.emplace_back(),
                  [&](const char*, auto& member) { statement.take(place++, member); });
  }
  if (code != SQLITE_DONE) return read_error(database_.get(), path_);
  return rows;
}
template Result<std::vector<ResultRow>> ResultStore::rows<ResultRow>() const;
template Result<std::vector<AccuracyRow>> ResultStore::rows<AccuracyRow>() const;
template Result<std::vector<NetworkRow>> ResultStore::rows<NetworkRow>() const;

}  // namespace fewbit::store
