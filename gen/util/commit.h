// Folders that belong to a process, and sets of files that replace others as a whole.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "fewbit/gen/util/keeper.h"
#include "fewbit/gen/util/result.h"

namespace fewbit {

/// Removes a folder with everything in it. Programs that were just killed may still write into it:
/// tries for a second.
void remove_folder(const std::filesystem::path& folder);

/// A fresh folder that goes when this object or its process does. It is locked as long as its owner
/// lives, and the kernel gives the lock up however that ends; so the next one that is made beside
/// it finds those whose owner and keeper were both killed, and removes them. Its name says the
/// host: a lock may not reach from one to another.
class OwnedFolder {
 public:
  /// PARENT/PREFIXhost-number, absolute. The Error is the system's reason alone, in `detail`.
  static Result<OwnedFolder> make(const std::filesystem::path& parent, const std::string& prefix);
  OwnedFolder(OwnedFolder&& other) noexcept;
  OwnedFolder& operator=(OwnedFolder&&) = delete;
  ~OwnedFolder();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Renames it; then it belongs to nobody. Where that fails, it goes.
  void move_to(const std::filesystem::path& target);
  /// Where the files in it replace those of the same names in its parent's parent, all or none:
  /// from the first moment on, whoever comes next finishes it. Its parent is that folder's .fewbit.
  Status commit();

 private:
  OwnedFolder(std::filesystem::path path, int lock, Duty duty)
      : path_(std::move(path)), lock_(lock), duty_(std::move(duty)) {}
  void forget();
  std::filesystem::path path_;
  int lock_ = -1;
  Duty duty_;
};

/// The folder in which the files for `directory` are prepared; it is there only meanwhile.
std::filesystem::path staging_place(const std::filesystem::path& directory);

/// Commits the staged folder, which is complete. An Error also where it was committed before.
Status finish_commit(const std::filesystem::path& staged);

/// Finishes the commit that was begun in `directory`, if any, by a process that has ended since.
Status finish_any_commit(const std::filesystem::path& directory);

}  // namespace fewbit
