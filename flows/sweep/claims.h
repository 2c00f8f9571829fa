// Claims: which jobs of a database somebody is at work on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "fewbit/gen/util/result.h"

namespace fewbit::sweep {

/// Claims of one process on keys of a results database. A claim is a lock on one byte of the file
/// DATABASE-claims, whose place follows from the key: the kernel gives it up when the process ends,
/// however it ends, so that no claim outlives its owner. The file stays empty.
class Claims {
 public:
  static Result<Claims> open(const std::filesystem::path& database);
  ~Claims();
  Claims(Claims&& other) noexcept;
  Claims& operator=(Claims&&) = delete;

  /// True where nobody else has claimed this key (a SHA-256 in hexadecimal).
  bool take(const std::string& key);
  void release(const std::string& key);

 private:
  explicit Claims(int file) : file_(file) {}
  [[nodiscard]] bool set(const std::string& key, short type) const;
  int file_;
};

}  // namespace fewbit::sweep
