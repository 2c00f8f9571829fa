// Fuzz target: a command line, a word a line, run whole in an empty folder without any tool.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "fewbit/gen/util/files.h"
#include "fewbit/tests/fuzz/input_file.h"

int fewbit_main(int argc, char** argv);  // main() of cli/main.cc

namespace {

/// No tool is found, nothing is written but into a folder that goes at the end.
const fewbit::ScratchDirectory& empty_folder() {
  static const fewbit::ScratchDirectory kScratch = fewbit::ScratchDirectory::make().value();
  ::setenv("PATH", "/nonexistent", 1);
  ::setenv("FEWBIT_TOOLS", "/nonexistent", 1);
  ::setenv("FEWBIT_CACHE", kScratch.path().c_str(), 1);
  std::filesystem::current_path(kScratch.path());
  return kScratch;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fewbit::ScratchDirectory& folder = empty_folder();
  std::vector<std::string> words = {"fewbit"};
  std::string text = fewbit::fuzz::text_of(data, size);
  std::replace(text.begin(), text.end(), '/', '_');  // no other folder
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    words.push_back(word == ".." ? "." : word);
    begin = end + 1;
  }
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const int code = fewbit_main(static_cast<int>(words.size()), arguments.data());
  FEWBIT_CHECK(code == 0 || code == 1 || code == 2, "exit code {}", code);
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    std::filesystem::remove_all(entry.path());
  }
  return 0;
}
