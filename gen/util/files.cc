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

#include "gen/util/interrupt.h"

namespace fewbit {
namespace fs = std::filesystem;
namespace {

Error file_error(const fs::path& path, const std::string& legal, const std::string& reason) {
  return {"file", path.string(), legal, reason};
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

Status write_files(const fs::path& directory, const std::vector<TextFile>& files) {
  Undo undo;
  std::error_code error;
  const fs::path missing = topmost_missing(directory);
  fs::create_directories(directory, error);
  if (!missing.empty()) undo.made_directory = missing;
  if (error || !fs::is_directory(directory)) {
    return Error{"output directory", directory.string(), "a folder that exists or can be made",
                 error ? error.message() : "it is a file"};
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

ScratchDirectory::ScratchDirectory() {
  std::string pattern = (fs::temp_directory_path() / "fewbit-XXXXXX").string();
  const char* made = ::mkdtemp(pattern.data());
  FEWBIT_CHECK(made != nullptr, "cannot make a scratch folder {}: {}", pattern, last_reason());
  path_ = made;
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path cache_directory() {
  const auto variable = [](const char* name) -> fs::path {
    const char* value = std::getenv(name);
    return value == nullptr ? fs::path() : fs::path(value);
  };
  if (const fs::path own = variable("FEWBIT_CACHE"); !own.empty()) return own;
  if (const fs::path xdg = variable("XDG_CACHE_HOME"); !xdg.empty()) return xdg / "fewbit";
  const fs::path home = variable("HOME");
  if (!home.empty()) return home / ".cache" / "fewbit";
  // Others have this folder too: who owns what is there is for trust.h to say.
  return fs::temp_directory_path() / fmt::format("fewbit-{}", ::geteuid());
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
