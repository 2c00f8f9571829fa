// Processes that are killed or interrupted at the worst moments, and what they leave: nothing.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <thread>

#include "fewbit/gen/util/commit.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/interrupt.h"
#include "fewbit/gen/util/process.h"

namespace fewbit {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class EndingsTest : public ::testing::Test {
 protected:
  EndingsTest() { ::setenv("TMPDIR", place().c_str(), 1); }
  [[nodiscard]] const fs::path& place() const { return folder_.path(); }
  [[nodiscard]] std::vector<std::string> names(const std::string& folder = "") const {
    std::vector<std::string> found;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(place() / folder, error)) {
      found.push_back(entry.path().filename());
    }
    return found;
  }
  /// Waits, a minute at most.
  static bool becomes_true(const std::function<bool()>& condition) {
    for (int i = 0; i < 6000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(milliseconds(10));
    }
    return false;
  }
  [[nodiscard]] bool is_there(const std::string& name) const { return fs::exists(place() / name); }

 private:
  static fs::path own_temporary_directory() {
    static const fs::path found = fs::temp_directory_path();  // before the constructor's setenv
    return found;
  }
  OwnedFolder folder_ = OwnedFolder::make(own_temporary_directory(), "fewbit-endings-").value();
};

/// A process of its own that ends well whatever ends it.
pid_t child(const std::function<void()>& work) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  install_interrupt_handler();
  work();
  ::_exit(0);
}

/// 128 + the signal's number where one ended it.
int end_of(pid_t pid) {
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::vector<pid_t> children_of(pid_t pid) {
  std::ifstream in(fmt::format("/proc/{0}/task/{0}/children", pid));
  std::vector<pid_t> children;
  for (pid_t one = 0; in >> one;) children.push_back(one);
  return children;
}

/// Neither there nor about to be reaped.
bool is_running(pid_t pid) {
  std::ifstream in(fmt::format("/proc/{}/stat", pid));
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const std::size_t end = text.rfind(')');
  return end != std::string::npos && text[end + 2] != 'Z' && text[end + 2] != 'X';
}

void never_look() {
  for (;;) ::pause();
}

// A program and its child, a scratch folder with files and a set of files being written.
TEST_F(EndingsTest, NothingOutlivesAProcess) {
  for (const int number : {SIGKILL, SIGHUP, SIGTERM, SIGUSR1}) {
    const pid_t pid = child([&] {
      const ScratchDirectory scratch = ScratchDirectory::make().value();
      std::ofstream(scratch.path() / "file") << "text";
      static_cast<void>(
          run_process({"sh", "-c",
                       "sleep 1000 & echo $! > " + (place() / "grandchild").string() +
                           "; echo $$ > " + (place() / "program").string() + "; wait"},
                      scratch.path()));
    });
    pid_t program = 0, grandchild = 0;
    ASSERT_TRUE(becomes_true([&] {
      return std::ifstream(place() / "program") >> program &&
             std::ifstream(place() / "grandchild") >> grandchild;
    }));
    EXPECT_EQ(names().size(), 3U);
    ::kill(pid, number);
    EXPECT_EQ(end_of(pid), number == SIGHUP || number == SIGTERM ? 0 : 128 + number);
    EXPECT_TRUE(becomes_true([&] { return !is_running(program) && !is_running(grandchild); }));
    fs::remove(place() / "program");
    fs::remove(place() / "grandchild");
    EXPECT_TRUE(becomes_true([&] { return names().empty(); })) << number;
  }
}

TEST_F(EndingsTest, WhoNeverLooksAtTheFlagEndsToo) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    const pid_t pid = child([&] {
      const ScratchDirectory scratch = ScratchDirectory::make().value();
      std::ofstream(place() / "begun") << "";
      never_look();
    });
    ASSERT_TRUE(becomes_true([&] { return is_there("begun"); }));
    fs::remove(place() / "begun");
    const auto start = steady_clock::now();
    ::kill(pid, number);
    ::kill(pid, number);  // as timeout does
    EXPECT_EQ(end_of(pid), 130);
    EXPECT_GT(steady_clock::now() - start, milliseconds(400));  // two at once are one
    EXPECT_LT(steady_clock::now() - start, milliseconds(20000));
    EXPECT_THAT(names(), IsEmpty());  // when it has ended, not some time later
  }
}

TEST_F(EndingsTest, HangingUpIsIgnoredWhereTheCallerSaysSo) {
  ::signal(SIGHUP, SIG_IGN);  // nohup
  const pid_t pid = child([&] {
    std::ofstream(place() / "begun") << "";
    const bool ended = becomes_true([&] { return is_there("end"); });
    ::_exit(ended && !interrupted() ? 7 : 1);
  });
  ::signal(SIGHUP, SIG_DFL);
  ASSERT_TRUE(becomes_true([&] { return is_there("begun"); }));
  ::kill(pid, SIGHUP);
  std::ofstream(place() / "end") << "";
  EXPECT_EQ(end_of(pid), 7);
}

// Neither the process nor its keeper could clear up.
TEST_F(EndingsTest, FoldersOfDeadProcessesAreSwept) {
  const pid_t pid = child([&] {
    const ScratchDirectory scratch = ScratchDirectory::make().value();
    std::ofstream(scratch.path() / "file") << "text";
    std::ofstream(place() / "begun") << "";
    never_look();
  });
  ASSERT_TRUE(becomes_true([&] { return is_there("begun"); }));
  fs::remove(place() / "begun");
  const std::vector<pid_t> keepers = children_of(pid);
  ASSERT_EQ(keepers.size(), 1U);
  EXPECT_EQ(end_of(child([] { const ScratchDirectory looks = ScratchDirectory::make().value(); })),
            0);
  EXPECT_EQ(names().size(), 1U);  // its owner lives
  ::kill(keepers[0], SIGKILL);
  ::kill(pid, SIGKILL);
  end_of(pid);
  EXPECT_EQ(names().size(), 1U);
  fs::create_directory(place() / "fewbit-of-somebody");
  EXPECT_EQ(end_of(child([] { const ScratchDirectory sweeps = ScratchDirectory::make().value(); })),
            0);
  EXPECT_THAT(names(), UnorderedElementsAre("fewbit-of-somebody"));
}

TEST_F(EndingsTest, TheNextWriterFinishesWhatWasBegun) {
  const fs::path out = place() / "out";
  ASSERT_TRUE(write_files(out, {{"a", "old"}, {"b", "old"}, {"c", "old"}}).ok());
  // A commit that was ended behind its first file, and a set that was not complete.
  ASSERT_TRUE(write_scratch_files(out / ".fewbit" / "commit", {{"b", "new"}, {"c", "new"}}).ok());
  std::ofstream(out / "a") << "new";
  ASSERT_TRUE(write_files(out, {{"d", "later"}}).ok());
  for (const char* name : {"a", "b", "c"}) EXPECT_EQ(read_file(out / name).value(), "new");
  EXPECT_THAT(names("out"), UnorderedElementsAre("a", "b", "c", "d"));
}

TEST_F(EndingsTest, ADeviceIsNotReplaced) {
  ASSERT_EQ(::mkfifo((place() / "pipe").c_str(), 0600), 0);
  const Status status = write_files(place(), {{"a", "x"}, {"pipe", "y"}});
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(), ::testing::HasSubstr("it is a device, pipe or"));
  EXPECT_THAT(names(), UnorderedElementsAre("pipe"));
}

std::vector<TextFile> generation(const std::string& text) {
  std::vector<TextFile> files;
  for (int i = 0; i < 8; ++i) files.push_back({fmt::format("file{}", i), text});
  return files;
}

// Writers that are killed in the middle, two at a time in one folder.
TEST_F(EndingsTest, AFolderHasOneGeneration) {
  const fs::path out = place() / "out";
  ASSERT_TRUE(write_files(out, generation("first")).ok());
  std::size_t killed = 0;
  for (int round = 0; round < 40; ++round) {
    std::vector<pid_t> writers;
    std::vector<pid_t> keepers;
    for (int writer = 0; writer < 2; ++writer) {
      writers.push_back(child([&] {
        std::ofstream(place() / fmt::format("begun{}", writer)) << "";
        for (int i = 0;; ++i) {
          const Status status = write_files(out, generation(fmt::format("{} {}", ::getpid(), i)));
          if (!status.ok()) {
            std::ofstream(place() / "failure") << status.error().message();
            ::_exit(1);
          }
        }
      }));
    }
    ASSERT_TRUE(becomes_true([&] { return is_there("begun0") && is_there("begun1"); }));
    for (const pid_t pid : writers) {
      for (const pid_t keeper : children_of(pid)) keepers.push_back(keeper);
    }
    std::this_thread::sleep_for(milliseconds(1 + round % 13));
    for (const pid_t pid : writers) ::kill(pid, SIGKILL);
    for (const pid_t pid : writers) killed += end_of(pid) == 128 + SIGKILL ? 1 : 0;
    ASSERT_TRUE(
        becomes_true([&] { return std::none_of(keepers.begin(), keepers.end(), is_running); }));
    const std::string text = read_file(out / "file0").value();
    for (const TextFile& file : generation(text)) {
      EXPECT_EQ(read_file(out / file.name).value(), text) << "round " << round;
    }
    EXPECT_EQ(names("out").size(), 8U) << "round " << round;
    fs::remove(place() / "begun0");
    fs::remove(place() / "begun1");
  }
  EXPECT_EQ(killed, 80U) << read_file(place() / "failure").value();
}

}  // namespace
}  // namespace fewbit
