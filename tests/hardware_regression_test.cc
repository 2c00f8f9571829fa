// A sample of designs costs no more than it did: at most 2 % more than the stored figures.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/process.h"

namespace fewbit {
namespace {

TEST(HardwareRegression, NoDesignOfTheSampleHasGrown) {
  const std::filesystem::path stored_file =
      std::filesystem::path(FEWBIT_SOURCE_DIR) / "tests" / "data" / "hardware_sample.json";
  const auto stored = nlohmann::json::parse(read_file(stored_file).value());
  const ScratchDirectory folder = ScratchDirectory::make().value();
  const auto run = run_process(
      {"sh", "-c",
       std::string(FEWBIT_BINARY) + " hardware --tables sample -o . --json 2> /dev/null"},
      folder.path());
  ASSERT_TRUE(run.ok());
  ASSERT_EQ(run->exit_code, 0) << run->output;
  const auto measured = nlohmann::json::parse(run->output);
  std::size_t compared = 0;
  for (const auto& design : measured.at("sample")) {
    const std::string name = design.at("request").at("command").get<std::string>() + ", " +
                             design.at("target").get<std::string>();
    ASSERT_TRUE(stored.contains(name)) << name << ": `make hardware-sample` stores it";
    const double before = stored.at(name);
    const double now = design.at("lut_equivalents");
    EXPECT_LE(now, before * 1.02) << name << " has grown from " << before;
    ++compared;
  }
  EXPECT_EQ(compared, stored.size());
  EXPECT_GE(compared, 12U);
}

}  // namespace
}  // namespace fewbit
