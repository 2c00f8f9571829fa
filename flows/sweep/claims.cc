// Claims: see claims.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/sweep/claims.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace fewbit::sweep {
namespace {

constexpr std::size_t kDigits = 15;  // of the key, in hexadecimal: 60 bits, which an off_t holds

off_t place_of(const std::string& key) {
  return static_cast<off_t>(std::stoull(key.substr(0, kDigits), nullptr, 16));
}

}  // namespace

Result<Claims> Claims::open(const std::filesystem::path& database) {
  const std::string path = database.string() + "-claims";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return Error{"file", path, "a file that can be written", std::strerror(errno)};
  return Claims(file);
}

Claims::~Claims() {
  if (file_ >= 0) ::close(file_);
}

Claims::Claims(Claims&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

bool Claims::take(const std::string& key) { return set(key, F_WRLCK); }

void Claims::release(const std::string& key) { static_cast<void>(set(key, F_UNLCK)); }

bool Claims::set(const std::string& key, short type) const {
  // A lock of the open file, not of the process: threads and forked children have their own.
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = place_of(key);
  lock.l_len = 1;
  return ::fcntl(file_, F_OFD_SETLK, &lock) == 0;
}

}  // namespace fewbit::sweep
