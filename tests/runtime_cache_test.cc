// The cache of Verilator's compiled runtime: made once, refused where others can write, made anew.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>

#include "fewbit/gen/util/files.h"
#include "fewbit/sim/verify/verify.h"
#include "fewbit/tests/hand_written_designs.h"

namespace fewbit::verify {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// Models of tests share nothing with those of the user.
class CacheEnvironment : public ::testing::Environment {
 public:
  void SetUp() override { ::setenv("FEWBIT_CACHE", scratch_.path().c_str(), 1); }

 private:
  const ScratchDirectory scratch_ = ScratchDirectory::make().value();
};
[[maybe_unused]] const ::testing::Environment* const kCache =
    ::testing::AddGlobalTestEnvironment(new CacheEnvironment);

TEST(RuntimeCache, RuntimeIsCompiledOnceByConcurrentRuns) {
  const ScratchDirectory cache = ScratchDirectory::make().value();
  const std::string before = std::getenv("FEWBIT_CACHE");
  ::setenv("FEWBIT_CACHE", (cache.path() / "new").c_str(), 1);
  std::vector<std::thread> runs;
  std::array<bool, 3> passed{};
  for (bool& one : passed) {
    runs.emplace_back([&one] {
      const auto reports = verify({mul("mul")}, {});
      one = reports.ok() && (*reports)[0].passed;
    });
  }
  for (std::thread& run : runs) run.join();
  ::setenv("FEWBIT_CACHE", before.c_str(), 1);
  EXPECT_THAT(passed, ::testing::Each(true));
  const fs::directory_iterator entries(cache.path() / "new");
  std::vector<fs::path> kept;
  for (const auto& entry : entries) kept.push_back(entry.path());
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_TRUE(fs::exists(kept[0] / "verilated.o"));
}

TEST(RuntimeCache, CacheThatCannotBeWrittenIsAnError) {
  const std::string before = std::getenv("FEWBIT_CACHE");
  ::setenv("FEWBIT_CACHE", "/dev/null/cache", 1);
  const auto reports = verify({mul("mul")}, {});
  ::setenv("FEWBIT_CACHE", before.c_str(), 1);
  ASSERT_FALSE(reports.ok());
  EXPECT_THAT(reports.error().message(), HasSubstr("FEWBIT_CACHE"));
}

// What lies in the cache becomes part of this process.
TEST(RuntimeCache, CacheThatOthersCanWriteIsAnError) {
  const ScratchDirectory scratch = ScratchDirectory::make().value();
  const std::string before = std::getenv("FEWBIT_CACHE");
  ::setenv("FEWBIT_CACHE", scratch.path().c_str(), 1);
  fs::permissions(scratch.path(), fs::perms::all);
  const auto reports = verify({mul("mul")}, {});
  ::setenv("FEWBIT_CACHE", before.c_str(), 1);
  ASSERT_FALSE(reports.ok());
  EXPECT_THAT(reports.error().message(), HasSubstr("can be written by everybody"));
  EXPECT_THAT(reports.error().message(), HasSubstr("FEWBIT_CACHE"));
  EXPECT_TRUE(fs::is_empty(scratch.path()));
}

TEST(RuntimeCache, DamagedCacheIsMadeAnew) {
  ASSERT_TRUE(verify({mul("mul")}, {}).ok());
  const fs::path kept = *fs::directory_iterator(std::getenv("FEWBIT_CACHE"));
  const auto empty = [](const fs::path& folder) {
    fs::remove_all(folder);
    fs::create_directory(folder);
  };
  const auto cut = [](const fs::path& folder) { fs::resize_file(folder / "verilated.o", 100); };
  for (const auto& damage : {std::function<void(const fs::path&)>(empty), {cut}}) {
    damage(kept);
    const auto reports = verify({mul("mul")}, {});
    ASSERT_TRUE(reports.ok()) << reports.error().message();
    EXPECT_TRUE((*reports)[0].passed);
    EXPECT_GT(fs::file_size(kept / "verilated.o"), 100U);
  }
}

}  // namespace
}  // namespace fewbit::verify
