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

Result<std::string> read_file(const std::filesystem::path& path);

/// Writes all files into `directory` (made if missing) or none: everything is written beside the
/// final names first and renamed only when all of it is on disk. Existing files are replaced whole.
Status write_files(const std::filesystem::path& directory, const std::vector<TextFile>& files);

/// The same for one file; its folder is made if missing.
Status write_file(const std::filesystem::path& path, const std::string& text);

/// A fresh folder under the system's temporary directory ($TMPDIR, else /tmp), removed with
/// everything in it.
class ScratchDirectory {
 public:
  /// kMachine where there is no temporary directory, or none that can be written.
  static Result<ScratchDirectory> make();
  ScratchDirectory(ScratchDirectory&& other) noexcept : path_(std::move(other.path_)) {
    other.path_.clear();
  }
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(ScratchDirectory&&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

/// Where compiled Verilator runtimes are kept between runs: $FEWBIT_CACHE, $XDG_CACHE_HOME/fewbit
/// or ~/.cache/fewbit; an absolute path.
std::filesystem::path cache_directory();

/// Lower-case hexadecimal SHA-256 of `text`.
std::string sha256(const std::string& text);

}  // namespace fewbit
