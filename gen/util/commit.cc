// Owned folders and commits: see commit.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/util/commit.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <mutex>
#include <set>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace fewbit {
namespace fs = std::filesystem;
namespace {

constexpr char kStagingPlace[] = ".fewbit";
constexpr char kCommit[] = "commit";
constexpr int kTries = 100;
constexpr std::size_t kRandomDigits = 12;

/// Eight digits that tell hosts apart, and a hyphen.
const std::string& host_tag() {
  static const std::string tag = [] {
    utsname names{};
    ::uname(&names);
    std::uint32_t hash = 2166136261U;  // FNV-1a
    for (const char c : std::string_view(names.nodename)) {
      hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    }
    return fmt::format("{:08x}-", hash);
  }();
  return tag;
}

std::string random_digits() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof(number), 0) != sizeof(number)) {
    number = static_cast<std::uint64_t>(
        std::chrono::steady_clock::now().time_since_epoch().count() ^ ::getpid());
  }
  return fmt::format("{:016x}", number).substr(16 - kRandomDigits);
}

/// Opens and locks a folder of this user's; -1 where somebody else has the lock, or nobody can
/// tell.
int lock_folder(const fs::path& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (file < 0) return -1;
  struct stat facts {};
  const bool is_mine = ::fstat(file, &facts) == 0 && facts.st_uid == ::geteuid();
  if (is_mine && ::flock(file, LOCK_EX | LOCK_NB) == 0) return file;
  ::close(file);
  return -1;
}

/// Removes the folders that OwnedFolder made here and that nobody has locked.
void sweep(const fs::path& parent, const std::string& prefix) {
  const std::string start = prefix + host_tag();
  std::error_code error;
  fs::directory_iterator entries(parent, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (name.size() != start.size() + kRandomDigits || !name.starts_with(start)) continue;
    const int lock = lock_folder(entries->path());
    if (lock < 0) continue;
    remove_folder(entries->path());
    ::close(lock);
  }
}

/// Once a process, since a folder of many temporary files takes its time; .fewbit has few.
void sweep_at_first(const fs::path& parent, const std::string& prefix) {
  static std::mutex mutex;
  static std::set<std::string> swept;
  const std::lock_guard lock(mutex);
  if (parent.filename() == kStagingPlace || swept.insert(parent / prefix).second) {
    sweep(parent, prefix);
  }
}

/// Locks a folder just made. False where a sweep of another process took it for abandoned.
bool claim(const fs::path& folder, int& lock) {
  lock = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (lock < 0) return false;
  struct stat facts {};
  const bool is_free = ::flock(lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
  if (is_free && ::fstat(lock, &facts) == 0 && facts.st_nlink > 0) return true;
  ::close(lock);
  return false;
}

void sync_folder(const fs::path& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  ::fsync(file);
  ::close(file);
}

Error system_error(const fs::path& path, const std::string& legal) {
  return {"file", path.string(), legal, std::strerror(errno)};
}

/// Moves all files of DIRECTORY/.fewbit/commit up. Several processes may do it at once: each file
/// is moved once, and the next commit cannot begin before the last one of this is gone.
Status move_up(const fs::path& directory) {
  const fs::path commit = staging_place(directory) / kCommit;
  for (int i = 0; i < kTries; ++i) {
    std::vector<std::string> names;  // first all: a folder that changes may be read with gaps
    std::error_code error;
    fs::directory_iterator entries(commit, error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
      names.push_back(entries->path().filename().string());
    }
    for (const std::string& name : names) {
      if (::rename((commit / name).c_str(), (directory / name).c_str()) == 0) continue;
      if (errno == ENOENT) continue;
      Error failure = system_error(directory / name, "a file that can be written");
      remove_folder(commit);  // or it would stand in the way of all that follow
      return failure;
    }
    sync_folder(directory);
    if (::rmdir(commit.c_str()) == 0 || (errno != ENOTEMPTY && errno != EEXIST)) break;
  }
  ::rmdir(staging_place(directory).c_str());
  return Ok{};
}

}  // namespace

void remove_folder(const fs::path& folder) {
  std::error_code error;
  for (int i = 0; i < kTries; ++i) {
    fs::remove_all(folder, error);
    if (!error || !fs::exists(fs::symlink_status(folder, error))) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

Result<OwnedFolder> OwnedFolder::make(const fs::path& parent, const std::string& prefix) {
  const fs::path place = fs::absolute(parent);
  sweep_at_first(place, prefix);
  Error failure{"folder", place.string(), "a folder that can be written", ""};
  for (int i = 0; i < kTries; ++i) {
    const fs::path path = place / (prefix + host_tag() + random_digits());
    Duty duty(DutyKind::kRemoveFolder, path);
    if (::mkdir(path.c_str(), 0700) != 0) {
      failure.detail = std::strerror(errno);
      if (errno == EEXIST) continue;
      return failure;
    }
    int lock = -1;
    if (claim(path, lock)) return OwnedFolder(path, lock, std::move(duty));
    failure.detail = "other processes remove what is made there";
    ::rmdir(path.c_str());
  }
  return failure;
}

OwnedFolder::OwnedFolder(OwnedFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      lock_(std::exchange(other.lock_, -1)),
      duty_(std::move(other.duty_)) {}

OwnedFolder::~OwnedFolder() {
  if (path_.empty()) return;
  remove_folder(path_);
  forget();
}

void OwnedFolder::forget() {
  duty_.release();
  if (lock_ >= 0) ::close(lock_);
  lock_ = -1;
  path_.clear();
}

void OwnedFolder::move_to(const fs::path& target) {
  if (::rename(path_.c_str(), target.c_str()) != 0) remove_folder(path_);
  forget();
}

Status OwnedFolder::commit() {
  sync_folder(path_);
  duty_.change(DutyKind::kFinishCommit, path_);  // before, the keeper undoes; after, it finishes
  Status status = finish_commit(path_);
  if (!status.ok()) remove_folder(path_);
  forget();
  return status;
}

fs::path staging_place(const fs::path& directory) { return directory / kStagingPlace; }

Status finish_commit(const fs::path& staged) {
  const fs::path directory = staged.parent_path().parent_path();
  const fs::path commit = staged.parent_path() / kCommit;
  // This is the moment at which the set is written. The name can be had by one set at a time.
  while (::rename(staged.c_str(), commit.c_str()) != 0) {
    if (errno != EEXIST && errno != ENOTEMPTY) {
      return system_error(directory, "a folder that can be written");
    }
    FEWBIT_RETURN_IF_ERROR(move_up(directory));
  }
  return move_up(directory);
}

Status finish_any_commit(const fs::path& directory) {
  std::error_code ignored;
  if (!fs::exists(staging_place(directory) / kCommit, ignored)) return Ok{};
  return move_up(directory);
}

}  // namespace fewbit
