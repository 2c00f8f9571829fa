// Files: read one, write a set of them completely or not at all, scratch folders that clean up.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "fewbit/gen/util/commit.h"
#include "fewbit/gen/util/result.h"

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

/// Writes all files into `directory` (made if missing) or none, whenever this process is killed:
/// everything is written in a folder beside them and moved only when all of it is on disk. Existing
/// files are replaced, as one set. What an earlier process could not finish is finished first.
Status write_files(const std::filesystem::path& directory, const std::vector<TextFile>& files);

/// Ok where write_files() would find a folder that exists or can be made, that can be written, and
/// nothing in the way of its files. Nothing is left: for what takes long before it writes.
Status check_writable(const std::filesystem::path& directory, const std::vector<TextFile>& files);

/// Writes files one after another into a folder that goes with this process (made if missing).
Status write_scratch_files(const std::filesystem::path& directory,
                           const std::vector<TextFile>& files);

/// The same for one file; its folder is made if missing.
Status write_file(const std::filesystem::path& path, const std::string& text);

/// A fresh folder under the system's temporary directory ($TMPDIR, else /tmp), removed with
/// everything in it when this object or the process ends; see OwnedFolder.
class ScratchDirectory {
 public:
  /// kMachine where there is no temporary directory, or none that can be written.
  static Result<ScratchDirectory> make();
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

 private:
  explicit ScratchDirectory(OwnedFolder folder) : folder_(std::move(folder)) {}
  OwnedFolder folder_;
};

/// Where compiled Verilator runtimes are kept between runs, an absolute path: $FEWBIT_CACHE,
/// $XDG_CACHE_HOME/fewbit or ~/.cache/fewbit; without these fewbit-UID in the temporary directory.
/// Whether it may be trusted is for make_own_directory (trust.h) to say.
std::filesystem::path cache_directory();

/// Lower-case hexadecimal SHA-256 of `text`.
std::string sha256(const std::string& text);

}  // namespace fewbit
