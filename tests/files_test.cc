// Files: read, written whole or not at all, scratch folders, known SHA-256 digests.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/util/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace fewbit {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::vector<std::string> names_in(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) {
    names.push_back(entry.path().filename());
  }
  return names;
}

TEST(WriteFiles, MakesTheFolderAndReplacesFiles) {
  const ScratchDirectory scratch = ScratchDirectory::make().value();
  const fs::path directory = scratch.path() / "new" / "deeper";
  ASSERT_TRUE(write_files(directory, {{"a.sv", "one"}, {"b.f", std::string("\0\n", 2)}}).ok());
  ASSERT_TRUE(write_files(directory, {{"a.sv", "two"}}).ok());
  EXPECT_EQ(read_file(directory / "a.sv").value(), "two");
  EXPECT_EQ(read_file(directory / "b.f").value(), std::string("\0\n", 2));
  EXPECT_THAT(names_in(directory), ::testing::UnorderedElementsAre("a.sv", "b.f"));
}

TEST(WriteFile, ReplacesOneFileAndMakesItsFolder) {
  const ScratchDirectory scratch = ScratchDirectory::make().value();
  const fs::path path = scratch.path() / "new" / "a.txt";
  ASSERT_TRUE(write_file(path, "a longer one").ok());
  ASSERT_TRUE(write_file(path, "two").ok());
  EXPECT_EQ(read_file(path).value(), "two");
  EXPECT_THAT(names_in(path.parent_path()), ::testing::ElementsAre("a.txt"));
  EXPECT_THAT(write_file(scratch.path() / "new", "x").error().message(), HasSubstr("a folder"));
}

TEST(WriteFiles, LeavesNothingWhereOneFileCannotBeWritten) {
  const ScratchDirectory scratch = ScratchDirectory::make().value();
  fs::create_directory(scratch.path() / "b.sv");
  const Status status = write_files(scratch.path(), {{"a.sv", "one"}, {"b.sv", "two"}});
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(), HasSubstr("b.sv"));
  EXPECT_THAT(names_in(scratch.path()), ::testing::ElementsAre("b.sv"));
}

TEST(WriteFiles, RemovesTheFolderItMadeForNothing) {
  const ScratchDirectory scratch = ScratchDirectory::make().value();
  const fs::path directory = scratch.path() / "new" / "deeper";
  ASSERT_FALSE(write_files(directory, {{"no/such/folder.sv", "x"}}).ok());
  EXPECT_FALSE(fs::exists(scratch.path() / "new"));
}

TEST(WriteFiles, RefusesAFileAsFolder) {
  const ScratchDirectory scratch = ScratchDirectory::make().value();
  std::ofstream(scratch.path() / "file") << "x";
  const Status status = write_files(scratch.path() / "file", {{"a", "b"}});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().field, "output directory");
  EXPECT_EQ(read_file(scratch.path() / "file").value(), "x");
}

TEST(ReadFile, SaysWhyItCannot) {
  const ScratchDirectory scratch = ScratchDirectory::make().value();
  EXPECT_THAT(read_file(scratch.path() / "none").error().message(),
              HasSubstr("No such file or directory"));
  EXPECT_THAT(read_file(scratch.path()).error().message(), HasSubstr("it is a folder"));
}

TEST(ScratchDirectory, GoesWithItsContents) {
  fs::path path;
  {
    const ScratchDirectory scratch = ScratchDirectory::make().value();
    path = scratch.path();
    ASSERT_TRUE(write_files(path / "x", {{"a", "b"}}).ok());
    EXPECT_NE(path, ScratchDirectory::make()->path());
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(CacheDirectory, FollowsTheEnvironment) {
  ::setenv("XDG_CACHE_HOME", "/xdg", 1);
  ::unsetenv("FEWBIT_CACHE");
  EXPECT_EQ(cache_directory(), "/xdg/fewbit");
  ::setenv("FEWBIT_CACHE", "/own", 1);
  EXPECT_EQ(cache_directory(), "/own");
  for (const char* name : {"FEWBIT_CACHE", "XDG_CACHE_HOME", "HOME"}) ::unsetenv(name);
  EXPECT_EQ(cache_directory().filename(), "fewbit-" + std::to_string(::geteuid()));
}

// FIPS 180-2, appendix B.
TEST(Sha256, PublishedDigests) {
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace fewbit
