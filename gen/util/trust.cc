// Who can write where.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/util/trust.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace fewbit {
namespace fs = std::filesystem;
namespace {

constexpr int kMostLinks = 40;  // as many as Linux follows

std::string user_name(uid_t user) {
  std::array<char, 16384> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found);
  return found == nullptr ? fmt::format("user {}", user) : found->pw_name;
}

/// The group of the user's own name, with nobody else in it: with umask 002, which goes with such
/// groups, every folder can be written by it.
bool is_own_group(gid_t group) {
  std::array<char, 16384> buffer{};
  ::group entry{};
  ::group* found = nullptr;
  ::getgrgid_r(group, &entry, buffer.data(), buffer.size(), &found);
  const std::string user = user_name(::geteuid());
  if (found == nullptr || user != found->gr_name) return false;
  for (char** member = found->gr_mem; *member != nullptr; ++member) {
    if (user != *member) return false;
  }
  return true;
}

class Walk {
 public:
  explicit Walk(uid_t also) : also_(also) {}

  /// Why another user can exchange what is at `path`, an absolute one; "" where none can.
  std::string complaint(const fs::path& path) {
    fs::path walked = "/";
    if (std::string found = folder_complaint(walked, path == walked); !found.empty()) return found;
    const fs::path relative = path.relative_path();
    for (auto part = relative.begin(); part != relative.end(); ++part) {
      if (part->empty() || *part == ".") continue;
      if (*part == "..") {
        walked = walked.parent_path();
        continue;
      }
      const fs::path next = walked / *part;
      struct stat status {};
      if (::lstat(next.c_str(), &status) != 0) {
        return fmt::format("{}: {}", next.string(), std::strerror(errno));
      }
      fs::path rest;
      for (auto later = std::next(part); later != relative.end(); ++later) rest /= *later;
      if (S_ISLNK(status.st_mode)) {
        if (std::string found = owner_complaint(next, status); !found.empty()) return found;
        std::error_code error;
        const fs::path target = fs::read_symlink(next, error);
        if (error || ++links_ > kMostLinks) return next.string() + " cannot be followed";
        return complaint((walked / target) / rest);
      }
      if (std::string found = folder_complaint(next, rest.empty()); !found.empty()) return found;
      walked = next;
    }
    return "";
  }

 private:
  [[nodiscard]] std::string owner_complaint(const fs::path& path, const struct stat& status) const {
    const uid_t owner = status.st_uid;
    if (owner == 0 || owner == ::geteuid() || owner == also_) return "";
    return fmt::format("{} belongs to {}", path.string(), user_name(owner));
  }

  [[nodiscard]] std::string folder_complaint(const fs::path& path, bool is_last) const {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
      return fmt::format("{}: {}", path.string(), std::strerror(errno));
    }
    if (std::string found = owner_complaint(path, status); !found.empty()) return found;
    if (!is_last && (status.st_mode & S_ISVTX) != 0) return "";  // each owner's entries are safe
    const bool by_group = (status.st_mode & S_IWGRP) != 0 && !is_own_group(status.st_gid);
    if (!by_group && (status.st_mode & S_IWOTH) == 0) return "";
    return fmt::format("{} can be written by {}", path.string(),
                       (status.st_mode & S_IWOTH) != 0 ? "everybody" : "its group");
  }

  uid_t also_;
  int links_ = 0;
};

}  // namespace

Status check_only_ours(const std::string& field, const fs::path& path, uid_t also) {
  const std::string complaint = Walk(also).complaint(fs::absolute(path));
  if (complaint.empty()) return Ok{};
  return Error{field, path.string(), "a place that no other user can write", complaint};
}

Status make_own_directory(const std::string& field, const fs::path& directory) {
  fs::path made;
  for (const fs::path& part : fs::absolute(directory)) {
    made /= part;
    if (::mkdir(made.c_str(), 0700) == 0 || errno == EEXIST) continue;
    const int reason = errno;
    std::error_code ignored;
    if (fs::is_directory(made, ignored))
      continue;  // a disk that cannot be written, and it is there
    return Error{field, directory.string(), "a folder that exists or can be made",
                 std::strerror(reason)};
  }
  return check_only_ours(field, directory);
}

fs::path running_binary() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored);
}

Result<fs::path> tools_directory(const fs::path& binary) {
  const char* variable = std::getenv("FEWBIT_TOOLS");
  fs::path directory;
  if (variable != nullptr && *variable != '\0') {
    directory = fs::absolute(variable);
  } else if (binary.parent_path().filename() == "bin") {
    directory = binary.parent_path().parent_path().parent_path() / ".tools" / "bin";
  }
  std::error_code ignored;
  if (!fs::is_directory(directory, ignored)) {
    return Error{"FEWBIT_TOOLS", directory.string(), "a folder of programs",
                 "`make tools` installs it"};
  }
  // Whoever can change the binary need not go this way.
  struct stat status {};
  const uid_t owner = ::stat(binary.c_str(), &status) == 0 ? status.st_uid : 0;
  FEWBIT_RETURN_IF_ERROR(check_only_ours("FEWBIT_TOOLS", directory, owner));
  return directory;
}

}  // namespace fewbit
