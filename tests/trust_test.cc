// Folders whose files are run: who may own and write them, and where tools are looked for.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/util/trust.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>

#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/process.h"

namespace fewbit {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

void make(const fs::path& path, mode_t mode) {
  fs::create_directories(path);
  ASSERT_EQ(::chmod(path.c_str(), mode), 0);
}

/// A folder below which `inner` is the one asked about.
struct Case {
  const char* what;
  std::function<void(const fs::path& base)> prepare;
  const char* complaint;  ///< "": none
};

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = {
      {"own", [](const fs::path& base) { make(base / "inner", 0700); }, ""},
      {"own, others may read", [](const fs::path& base) { make(base / "inner", 0755); }, ""},
      {"everybody writes", [](const fs::path& base) { make(base / "inner", 0777); },
       "inner can be written by everybody"},
      {"everybody writes, sticky", [](const fs::path& base) { make(base / "inner", 01777); },
       "inner can be written by everybody"},
      {"everybody writes above",
       [](const fs::path& base) {
         make(base / "up" / "inner", 0700);
         make(base / "up", 0777);
         fs::create_directory_symlink("up/inner", base / "inner");
       },
       "up can be written by everybody"},
      {"everybody writes above, sticky",
       [](const fs::path& base) {
         make(base / "up" / "inner", 0700);
         make(base / "up", 01777);
         fs::create_directory_symlink(base / "up" / "inner", base / "inner");
       },
       ""},
      {"link to itself", [](const fs::path& base) { fs::create_symlink("inner", base / "inner"); },
       "cannot be followed"},
      {"missing", [](const fs::path&) {}, "No such file"},
  };
  return kCases;
}

TEST(OnlyOurs, ModesAndLinks) {
  for (const Case& one : cases()) {
    SCOPED_TRACE(one.what);
    const ScratchDirectory scratch = ScratchDirectory::make().value();
    one.prepare(scratch.path());
    const Status status = check_only_ours("folder", scratch.path() / "inner");
    if (std::string(one.complaint).empty()) {
      EXPECT_TRUE(status.ok()) << status.error().message();
    } else {
      ASSERT_FALSE(status.ok());
      EXPECT_THAT(status.error().message(), HasSubstr(one.complaint));
    }
  }
}

// Only root can give files away, and everything else that others own here is root's, which is
// trusted: so another user's eyes look at what this one owns, or root gives away.
TEST(OnlyOurs, Owners) {
  const ScratchDirectory scratch = ScratchDirectory::make().value();
  const fs::path folder = scratch.path() / "folder";
  const fs::path link = scratch.path() / "link";
  make(folder, 0755);
  fs::create_directory_symlink("folder", link);
  constexpr uid_t kOther = 54321;
  if (::geteuid() == 0) {
    ASSERT_EQ(::lchown(link.c_str(), kOther, kOther), 0);
    EXPECT_THAT(check_only_ours("folder", link).error().message(), HasSubstr("link belongs to"));
    ASSERT_EQ(::lchown(link.c_str(), 0, 0), 0);
    ASSERT_EQ(::chown(folder.c_str(), kOther, kOther), 0);
    EXPECT_THAT(check_only_ours("folder", folder).error().message(),
                HasSubstr("folder belongs to user 54321"));
    EXPECT_FALSE(check_only_ours("folder", link).ok());
    EXPECT_TRUE(check_only_ours("folder", folder, kOther).ok());
  } else {
    EXPECT_FALSE(check_only_ours("folder", "/proc/1/cwd").ok());  // of root, and not to be seen
    EXPECT_TRUE(check_only_ours("folder", link).ok());
    EXPECT_TRUE(check_only_ours("folder", "/usr").ok());
  }
}

TEST(OwnDirectory, IsMadeForTheUserAlone) {
  const ScratchDirectory scratch = ScratchDirectory::make().value();
  const mode_t before = ::umask(0);
  const Status status = make_own_directory("folder", scratch.path() / "a" / "b");
  ::umask(before);
  ASSERT_TRUE(status.ok()) << status.error().message();
  struct stat made {};
  ASSERT_EQ(::stat((scratch.path() / "a").c_str(), &made), 0);
  EXPECT_EQ(made.st_mode & 07777, 0700U);
  EXPECT_TRUE(make_own_directory("folder", scratch.path() / "a" / "b").ok());
  EXPECT_THAT(make_own_directory("folder", "/dev/null/x").error().message(),
              HasSubstr("/dev/null/x"));
}

/// A folder of programs with one in it.
void put_program(const fs::path& folder) {
  ASSERT_TRUE(write_file(folder / "yowasp-none", "#!/bin/sh\n").ok());
  fs::permissions(folder / "yowasp-none", fs::perms::owner_all);
  ASSERT_EQ(::chmod(folder.c_str(), 0755), 0);
}

TEST(ToolsDirectory, IsThatOfTheBinarysProject) {
  const ScratchDirectory scratch = ScratchDirectory::make().value();
  ::unsetenv("FEWBIT_TOOLS");
  put_program(scratch.path() / ".tools" / "bin");
  EXPECT_EQ(tools_directory(scratch.path() / "build" / "bin" / "fewbit").value(),
            scratch.path() / ".tools" / "bin");
  EXPECT_FALSE(tools_directory(scratch.path() / "build" / "fewbit").ok());
  ASSERT_EQ(::chmod((scratch.path() / ".tools").c_str(), 0777), 0);
  EXPECT_THAT(tools_directory(scratch.path() / "build" / "bin" / "fewbit").error().message(),
              HasSubstr(".tools can be written by everybody"));
}

TEST(ToolsDirectory, ThatOfTheCurrentFolderIsNobodys) {
  const ScratchDirectory scratch = ScratchDirectory::make().value();
  ::unsetenv("FEWBIT_TOOLS");
  put_program(scratch.path() / ".tools" / "bin");
  const fs::path before = fs::current_path();
  fs::current_path(scratch.path());
  const Result<fs::path> found = find_tool("yowasp-none");
  fs::current_path(before);
  ASSERT_FALSE(found.ok()) << *found;
  EXPECT_THAT(found.error().message(), HasSubstr("make tools"));
}

TEST(ToolsDirectory, TheEnvironmentNamesAnother) {
  const ScratchDirectory scratch = ScratchDirectory::make().value();
  put_program(scratch.path() / "programs");
  ::setenv("FEWBIT_TOOLS", (scratch.path() / "programs").c_str(), 1);
  EXPECT_EQ(find_tool("yowasp-none").value(), scratch.path() / "programs" / "yowasp-none");
  ASSERT_EQ(::chmod((scratch.path() / "programs").c_str(), 0777), 0);
  const Result<fs::path> found = find_tool("yowasp-none");
  ::unsetenv("FEWBIT_TOOLS");
  ASSERT_FALSE(found.ok());
  EXPECT_THAT(found.error().message(), HasSubstr("programs can be written by everybody"));
}

}  // namespace
}  // namespace fewbit
