// Reading and writing files, scratch folders, SHA-256.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/util/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

#include "fewbit/gen/util/interrupt.h"

namespace fewbit {
namespace fs = std::filesystem;
namespace {

Error file_error(const fs::path& path, const std::string& legal, const std::string& reason) {
  return {"file", path.string(), legal, reason, Cause::kMachine};
}

std::string last_reason() { return std::strerror(errno); }

/// A folder and those above it, made where they are missing. Unless `keep` is called, what was made
/// and is empty goes again, also where the process is killed.
class MadeFolders {
 public:
  ~MadeFolders() {
    for (auto place = made_.rbegin(); place != made_.rend(); ++place) ::rmdir(place->c_str());
  }
  std::error_code make(const fs::path& directory) {
    std::error_code error;
    if (fs::is_directory(directory, error)) return {};
    if (directory.has_relative_path()) {
      if ((error = make(directory.parent_path()))) return error;
    }
    guards_.emplace_back(DutyKind::kRemoveEmpty, directory);
    if (fs::create_directory(directory, error)) {
      made_.push_back(directory);
    } else {
      guards_.pop_back();
    }
    return error;
  }
  void keep() { made_.clear(); }

 private:
  std::vector<fs::path> made_;  // outermost first
  std::vector<Duty> guards_;
};

/// Writes a file and waits until its text is on the disk, so that no crash of the machine leaves a
/// name without it. 0, or what the system says.
int write_durably(const fs::path& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0) return errno;
  int failed = 0;
  for (std::size_t done = 0; failed == 0 && done < text.size();) {
    const ssize_t count = ::write(file, text.data() + done, text.size() - done);
    if (count < 0 && errno != EINTR) failed = errno;
    if (count > 0) done += static_cast<std::size_t>(count);
  }
  if (failed == 0 && ::fsync(file) != 0) failed = errno;
  if (::close(file) != 0 && failed == 0) failed = errno;
  return failed;
}

/// What a file of this name may not be replaced for, or "".
std::string obstacle(const fs::path& target) {
  std::error_code ignored;
  const fs::file_status status = fs::status(target, ignored);
  if (fs::is_directory(status)) return "it is a folder";
  if (fs::exists(status) && !fs::is_regular_file(status)) return "it is a device, pipe or socket";
  return "";
}

/// A folder in which a set for `directory` is written. Another process may remove the place between
/// two calls.
Result<OwnedFolder> staging_folder(const fs::path& directory) {
  constexpr int kTries = 100;
  const fs::path place = staging_place(directory);
  for (int i = 0;; ++i) {
    if (::mkdir(place.c_str(), 0777) != 0 && errno != EEXIST) {
      return Error{"output directory", directory.string(), "a folder that can be written",
                   last_reason()};
    }
    Result<OwnedFolder> made = OwnedFolder::make(place, "");
    if (made.ok() || i == kTries) return made;
  }
}

/// Into a staging folder first, then all at once.
Status write_set(const fs::path& directory, const std::vector<TextFile>& files) {
  FEWBIT_ASSIGN_OR_RETURN(staged, staging_folder(directory));
  for (const TextFile& file : files) {
    if (const int failed = write_durably(staged.path() / file.name, file.text); failed != 0) {
      return file_error(directory / file.name, "a file that can be written", std::strerror(failed));
    }
  }
  return staged.commit();
}

fs::path path_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? fs::path() : fs::path(value);
}

/// fs::temp_directory_path() without its check that there is one.
fs::path temporary_directory() {
  const fs::path named = path_variable("TMPDIR");
  return named.empty() ? fs::path("/tmp") : named;
}

}  // namespace

Status check_readable(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_regular_file(status) || fs::is_fifo(status)) return Ok{};
  return file_error(path, "a file that can be read",
                    fs::is_directory(status) ? "it is a folder"
                    : fs::exists(status)     ? "it is a device or socket"
                                             : error.message());
}

Result<std::string> read_file(const fs::path& path, std::size_t most_bytes) {
  FEWBIT_RETURN_IF_ERROR(check_readable(path));
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return file_error(path, "a file that can be read", last_reason());
  std::string text;
  std::array<char, 65536> buffer{};
  while (in && text.size() <= most_bytes) {
    if (interrupted()) return file_error(path, "a file that is read to its end", "interrupted");
    in.read(buffer.data(), buffer.size());
    text.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) return file_error(path, "a file that can be read", last_reason());
  if (text.size() > most_bytes) {
    return file_error(path, fmt::format("a file of up to {} bytes", most_bytes), "it has more");
  }
  return text;
}

namespace {

/// Makes the folder, with those above it, and says what of the files would be in the way.
Status prepare_folder(const fs::path& relative, const std::vector<TextFile>& files,
                      MadeFolders& made) {
  const fs::path directory = fs::absolute(relative);
  const std::error_code error = made.make(directory);
  std::error_code ignored;
  if (error || !fs::is_directory(directory, ignored)) {
    return Error{"output directory", relative.string(), "a folder that exists or can be made",
                 error ? error.message() : "it is a file", Cause::kMachine};
  }
  for (const TextFile& file : files) {
    if (const std::string reason = obstacle(directory / file.name); !reason.empty()) {
      return file_error(relative / file.name, "a file that can be written", reason);
    }
  }
  return Ok{};
}

}  // namespace

Status check_writable(const fs::path& directory, const std::vector<TextFile>& files) {
  MadeFolders made;
  FEWBIT_RETURN_IF_ERROR(prepare_folder(directory, files, made));
  if (::access(directory.c_str(), W_OK | X_OK) == 0) return Ok{};
  return Error{"output directory", directory.string(), "a folder that can be written",
               last_reason(), Cause::kMachine};
}

Status write_files(const fs::path& relative, const std::vector<TextFile>& files) {
  const fs::path directory = fs::absolute(relative);
  MadeFolders made;
  FEWBIT_RETURN_IF_ERROR(prepare_folder(relative, files, made));
  if (!files.empty()) {
    const fs::path place = staging_place(directory);
    const Duty remove_place(DutyKind::kRemoveEmpty, place);
    Status status = write_set(directory, files);
    ::rmdir(place.c_str());
    if (!status.ok()) return status;
  }
  made.keep();
  return Ok{};
}

Status write_scratch_files(const fs::path& directory, const std::vector<TextFile>& files) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return file_error(directory, "a folder that can be made", error.message());
  for (const TextFile& file : files) {
    const fs::path path = directory / file.name;
    errno = 0;
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(file.text.data(), static_cast<std::streamsize>(file.text.size()));
    out.close();
    if (!out) return file_error(path, "a file that can be written", last_reason());
  }
  return Ok{};
}

Status write_file(const fs::path& path, const std::string& text) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : ".";
  return write_files(folder, {{path.filename().string(), text}});
}

Result<ScratchDirectory> ScratchDirectory::make() {
  std::error_code error;
  const fs::path parent = fs::absolute(temporary_directory(), error);
  Result<OwnedFolder> made = OwnedFolder::make(parent, "fewbit-");
  if (!made.ok()) {
    return Error{"temporary directory", parent.string(), "a folder that can be written",
                 made.error().detail + "; set TMPDIR to another one", Cause::kMachine};
  }
  return ScratchDirectory(std::move(made).value());
}

fs::path cache_directory() {
  const fs::path own = path_variable("FEWBIT_CACHE");
  const fs::path xdg = path_variable("XDG_CACHE_HOME");
  const fs::path home = path_variable("HOME");
  // Others have the temporary folder too: who owns what is there is for trust.h to say.
  const fs::path chosen = !own.empty()   ? own
                          : !xdg.empty() ? xdg / "fewbit"
                          : !home.empty()
                              ? home / ".cache" / "fewbit"
                              : temporary_directory() / fmt::format("fewbit-{}", ::geteuid());
  std::error_code error;
  return fs::absolute(chosen, error);
}

}  // namespace fewbit
