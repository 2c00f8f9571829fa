// A file in memory with the bytes that a fuzz target was given, for readers of files.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "fewbit/gen/util/check.h"

namespace fewbit::fuzz {

class InputFile {
 public:
  InputFile(const std::uint8_t* data, std::size_t size) : file_(::memfd_create("input", 0)) {
    FEWBIT_CHECK(file_ >= 0, "no file in memory");
    const ssize_t written = ::write(file_, data, size);
    FEWBIT_CHECK(written == static_cast<ssize_t>(size), "memory is full");
  }
  ~InputFile() { ::close(file_); }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  [[nodiscard]] std::filesystem::path path() const {
    return "/proc/self/fd/" + std::to_string(file_);
  }

 private:
  int file_;
};

inline std::string text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace fewbit::fuzz
