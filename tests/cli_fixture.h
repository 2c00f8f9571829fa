// Runs the real binary in a folder of its own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "fewbit/gen/util/files.h"
#include "fewbit/tests/command_line.h"

namespace fewbit {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

class Cli : public ::testing::Test {
 protected:
  Ending run(const Words& arguments,
             const std::vector<std::pair<std::string, std::string>>& environment = {}) {
    return CommandLine(arguments, scratch_.path(), environment).wait();
  }
  [[nodiscard]] fs::path folder(const std::string& name) const { return scratch_.path() / name; }

  const ScratchDirectory scratch_ = ScratchDirectory::make().value();
};

inline nlohmann::json parsed(const std::string& text) { return nlohmann::json::parse(text); }

inline std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace fewbit
