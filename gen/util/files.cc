// Reading and writing files, scratch folders, SHA-256.
// SPDX-License-Identifier: Apache-2.0
#include "gen/util/files.h"

#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

namespace fewbit {
namespace fs = std::filesystem;
namespace {

Error file_error(const fs::path& path, const std::string& legal, const std::string& reason) {
  return {"file", path.string(), legal, reason, Cause::kMachine};
}

std::string last_reason() { return std::strerror(errno); }

/// Removes what was made so far, unless the whole set succeeded.
class Undo {
 public:
  ~Undo() {
    std::error_code ignored;
    for (const fs::path& path : temporaries) fs::remove(path, ignored);
    if (!made_directory.empty()) fs::remove_all(made_directory, ignored);
  }
  void keep() {
    temporaries.clear();
    made_directory.clear();
  }
  std::vector<fs::path> temporaries;
  fs::path made_directory;  // topmost folder that did not exist before
};

fs::path topmost_missing(const fs::path& directory) {
  fs::path missing;
  std::error_code ignored;
  for (fs::path path = fs::absolute(directory); !path.empty() && !fs::exists(path, ignored);
       path = path.parent_path()) {
    missing = path;
  }
  return missing;
}

Status write_one(const fs::path& path, const std::string& text) {
  errno = 0;
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (!out) return file_error(path, "a file that can be written", last_reason());
  return Ok{};
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

Result<std::string> read_file(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    return file_error(path, "a file that can be read", "it is a folder");
  }
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return file_error(path, "a file that can be read", last_reason());
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (in.bad()) return file_error(path, "a file that can be read", last_reason());
  return text;
}

Status write_files(const fs::path& directory, const std::vector<TextFile>& files) {
  Undo undo;
  std::error_code error;
  const fs::path missing = topmost_missing(directory);
  fs::create_directories(directory, error);
  if (!missing.empty()) undo.made_directory = missing;
  if (error || !fs::is_directory(directory)) {
    return Error{"output directory", directory.string(), "a folder that exists or can be made",
                 error ? error.message() : "it is a file", Cause::kMachine};
  }
  const std::string suffix = fmt::format(".{}.part", ::getpid());
  for (const TextFile& file : files) {
    const fs::path target = directory / file.name;
    if (fs::is_directory(target, error)) {
      return file_error(target, "a file that can be written", "it is a folder");
    }
    const fs::path temporary = directory / (file.name + suffix);
    undo.temporaries.push_back(temporary);
    FEWBIT_RETURN_IF_ERROR(write_one(temporary, file.text));
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    const fs::path target = directory / files[i].name;
    fs::rename(undo.temporaries[i], target, error);
    if (error) return file_error(target, "a file that can be written", error.message());
  }
  undo.keep();
  return Ok{};
}

Status write_file(const fs::path& path, const std::string& text) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : ".";
  return write_files(folder, {{path.filename().string(), text}});
}

Result<ScratchDirectory> ScratchDirectory::make() {
  std::error_code error;
  const fs::path parent = fs::absolute(temporary_directory(), error);
  std::string pattern = (parent / "fewbit-XXXXXX").string();
  errno = 0;
  if (error || ::mkdtemp(pattern.data()) == nullptr) {
    return Error{"temporary directory", parent.string(), "a folder that can be written",
                 fmt::format("{}; set TMPDIR to another one", last_reason()), Cause::kMachine};
  }
  return ScratchDirectory(fs::path(pattern));
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

fs::path cache_directory() {
  const fs::path own = path_variable("FEWBIT_CACHE");
  const fs::path xdg = path_variable("XDG_CACHE_HOME");
  const fs::path home = path_variable("HOME");
  const fs::path chosen = !own.empty()    ? own
                          : !xdg.empty()  ? xdg / "fewbit"
                          : !home.empty() ? home / ".cache" / "fewbit"
                                          : temporary_directory() / "fewbit";
  return fs::absolute(chosen);
}

std::string sha256(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  const int done =
      EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr);
  FEWBIT_CHECK(done == 1, "OpenSSL cannot compute SHA-256");
  std::string hex;
  for (unsigned int i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

}  // namespace fewbit
