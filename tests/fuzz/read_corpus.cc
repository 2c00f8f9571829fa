// main() of a fuzz target without libFuzzer: runs it over the files of a folder.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "fewbit/gen/util/files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  if (argc != 2) {
    std::fputs("usage: FUZZ_TARGET FOLDER\n", stderr);
    return 2;
  }
  std::vector<fs::path> paths;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(argv[1], error)) paths.push_back(entry.path());
  if (paths.empty()) {
    std::fprintf(stderr, "no files in %s\n", argv[1]);
    return 1;
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> texts;
  for (const fs::path& path : paths) texts.push_back(fewbit::read_file(path).value());
  for (std::size_t i = 0; i < paths.size(); ++i) {
    std::fprintf(stderr, "%s\n", paths[i].filename().c_str());
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(texts[i].data()), texts[i].size());
  }
  std::fprintf(stderr, "%zu files\n", paths.size());
  return 0;
}
