// Files: read one, write a set of them completely or not at all, scratch folders that clean up.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gen/util/result.h"

namespace fewbit {

struct TextFile {
  std::string name;  ///< without a folder
  std::string text;
};

/// No file of a user that is read as a whole is longer.
inline constexpr std::size_t kMostFileBytes = std::size_t{1} << 31;

/// The bytes of a file or pipe. Errors: a folder, device or socket; more than `most_bytes`; the end
/// of it not reached because of an interrupt.
Result<std::string> read_file(const std::filesystem::path& path,
                              std::size_t most_bytes = kMostFileBytes);

/// Ok where `path` is a regular file or a pipe: devices may have no end.
Status check_readable(const std::filesystem::path& path);

/// Writes all files into `directory` (made if missing) or none: everything is written beside the
/// final names first and renamed only when all of it is on disk. Existing files are replaced whole.
Status write_files(const std::filesystem::path& directory, const std::vector<TextFile>& files);

/// The same for one file; its folder is made if missing.
Status write_file(const std::filesystem::path& path, const std::string& text);

/// A fresh folder under the system's temporary directory, removed with everything in it.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Where compiled Verilator runtimes are kept between runs: $FEWBIT_CACHE, $XDG_CACHE_HOME/fewbit
/// or ~/.cache/fewbit; without these fewbit-UID in the temporary directory. Whether it may be
/// trusted is for make_own_directory (trust.h) to say.
std::filesystem::path cache_directory();

/// Lower-case hexadecimal SHA-256 of `text`.
std::string sha256(const std::string& text);

}  // namespace fewbit
