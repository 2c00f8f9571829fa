// Sealing a folder, and finding damage.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/verify/kept_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

#include "fewbit/gen/util/files.h"

namespace fewbit::verify {
namespace fs = std::filesystem;
namespace {

constexpr const char* kSeal = "sealed.txt";
constexpr std::size_t kDigestBytes = std::size_t{1} << 20;
constexpr std::uintmax_t kMostSealBytes = 1 << 16;

/// "SIZE DIGEST NAME", or nothing where there is no such file.
std::optional<std::string> line_of(const fs::path& directory, const std::string& name) {
  const fs::path path = directory / name;
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(path, error))) return {};
  const std::uintmax_t size = fs::file_size(path, error);
  std::ifstream in(path, std::ios::binary);
  std::string begin(static_cast<std::size_t>(std::min<std::uintmax_t>(size, kDigestBytes)), '\0');
  if (error || !in.read(begin.data(), static_cast<std::streamsize>(begin.size()))) return {};
  return fmt::format("{} {} {}\n", size, sha256(begin), name);
}

/// 0, or what the system says.
int wait_for_disk(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno;
  const int failed = ::fsync(file) == 0 ? 0 : errno;
  ::close(file);
  return failed;
}

}  // namespace

Status seal_folder(const fs::path& directory, const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    const std::optional<std::string> line = line_of(directory, name);
    if (!line) return Error{"file", (directory / name).string(), "a file that can be read", ""};
    if (const int failed = wait_for_disk(directory / name); failed != 0) {
      return Error{"file", (directory / name).string(), "a file that can be written",
                   std::strerror(failed)};
    }
    text += *line;
  }
  FEWBIT_RETURN_IF_ERROR(write_files(directory, {{kSeal, text}}));
  wait_for_disk(directory / kSeal);
  return Ok{};
}

bool is_sealed(const fs::path& directory) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(directory / kSeal, error);
  if (error || size == 0 || size > kMostSealBytes) return false;
  const Result<std::string> seal = read_file(directory / kSeal);
  if (!seal.ok() || seal->empty() || seal->back() != '\n') return false;
  std::istringstream lines(*seal);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t name = line.rfind(' ') + 1;
    if (line_of(directory, line.substr(name)) != line + "\n") return false;
  }
  return true;
}

void remove_if_damaged(const fs::path& directory) {
  const int lock = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock < 0) return;
  while (::flock(lock, LOCK_EX) != 0 && errno == EINTR) {
  }
  // Another process may have removed it meanwhile, and a third made it anew.
  struct stat ours {
  }, there{};
  const bool is_there = ::fstat(lock, &ours) == 0 && ::stat(directory.c_str(), &there) == 0 &&
                        ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
  std::error_code ignored;
  if (is_there && !is_sealed(directory)) fs::remove_all(directory, ignored);
  ::close(lock);
}

}  // namespace fewbit::verify
