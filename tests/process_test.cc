// Child processes: output, exit codes, missing tools, and their end on an interrupt.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/util/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/interrupt.h"

namespace fewbit {
namespace {

using ::testing::HasSubstr;

ProcessResult shell(const std::string& script, const std::filesystem::path& directory = "/") {
  return run_process({"sh", "-c", script}, directory).value();
}

TEST(RunProcess, KeepsBothStreamsApart) {
  const ProcessResult result = shell("echo one; echo two >&2; echo three");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.output, "one\nthree\n");
  EXPECT_EQ(result.errors, "two\n");
}

TEST(RunProcess, LanguageOfChildrenIsC) {
  ::setenv("LANG", "de_DE.UTF-8", 1);
  ::setenv("LC_CTYPE", "xx_XX.UTF-8", 1);
  EXPECT_EQ(shell("echo ${LANG-none} ${LC_CTYPE-none} $LC_ALL").output, "none none C\n");
  ::unsetenv("LANG");
  ::unsetenv("LC_CTYPE");
}

TEST(RunProcess, ReportsExitCodesAndSignals) {
  EXPECT_EQ(shell("exit 7").exit_code, 7);
  EXPECT_EQ(shell("kill -SEGV $$").exit_code, 128 + SIGSEGV);
}

TEST(RunProcess, RunsInTheFolderWithoutInput) {
  const ScratchDirectory scratch = ScratchDirectory::make().value();
  EXPECT_EQ(shell("pwd -P; cat", scratch.path()).output,
            std::filesystem::canonical(scratch.path()).string() + "\n");
}

TEST(RunProcess, TemporaryFilesAreInTheFolder) {
  const ScratchDirectory scratch = ScratchDirectory::make().value();
  const auto result =
      run_process({"sh", "-c", "cd / && cd \"$OLDPWD/$TMPDIR\" && pwd -P"}, scratch.path());
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->output, scratch.path().string() + "\n");
}

TEST(RunProcess, TakesMoreOutputThanAPipeHolds) {
  EXPECT_EQ(shell("head -c 1000000 /dev/zero").output.size(), 1000000U);
}

TEST(RunProcess, MeasuresWallClock) {
  const double seconds = shell("sleep 0.2").seconds;
  EXPECT_GE(seconds, 0.2);
  EXPECT_LT(seconds, 100);  // and not milliseconds
}

TEST(RunProcess, MissingToolsNameTheirPackage) {
  const Result<ProcessResult> result = run_process({"no-such-tool"}, "/");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().field, "tool");
  EXPECT_THAT(result.error().message(), HasSubstr("'no-such-tool'"));
  ::setenv("PATH", "/nowhere", 1);
  EXPECT_THAT(find_tool("icepack").error().message(), HasSubstr("fpga-icestorm"));
  EXPECT_THAT(find_tool("yosys").error().message(), HasSubstr("package yosys"));
  ::setenv("PATH", "/nowhere:/bin:/usr/bin", 1);
  EXPECT_TRUE(find_tool("sh")->is_absolute());
}

TEST(RunProcess, MissingFoldersAreErrors) {
  const Result<ProcessResult> result = run_process({"true"}, "/no/such/folder");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().field, "working directory");
}

TEST(RunProcess, IsThreadSafe) {
  std::vector<std::string> outputs(16);
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&outputs, i] {
      outputs[static_cast<std::size_t>(i)] = shell(fmt::format("sleep 0.05; echo {}", i)).output;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < 16; ++i) EXPECT_EQ(outputs[i], fmt::format("{}\n", i));
}

// In a process of its own: the flag stays set once it is set.
TEST(Interrupt, EndsChildrenAndTheirChildren) {
  for (const int signal_number : {SIGINT, SIGTERM}) {
    const ScratchDirectory scratch = ScratchDirectory::make().value();
    const std::filesystem::path file = scratch.path() / "child";
    const std::string mark = (scratch.path() / "survived").string();
    const pid_t pid = ::fork();
    ASSERT_GE(pid, 0);
    if (pid == 0) {
      install_interrupt_handler();
      std::thread killer([signal_number, &file] {
        while (!std::filesystem::exists(file)) {
          std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        ::kill(::getpid(), signal_number);
      });
      const std::string made = file.string() + ".new";
      const ProcessResult result =
          shell(fmt::format("sleep 600 & echo $! > {}; mv {} {}; wait", made, made, file.string()));
      const ProcessResult next = shell("touch " + mark);
      killer.join();
      const bool as_promised = result.exit_code == 130 && next.exit_code == 130 && interrupted();
      ::_exit(as_promised ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    EXPECT_FALSE(std::filesystem::exists(mark));
    std::string child;
    std::ifstream(file) >> child;
    ASSERT_NE(child, "");
    bool is_running = true;  // what has ended has no command line, collected or not
    for (int i = 0; is_running && i < 1000; ++i) {
      std::string command;
      std::getline(std::ifstream("/proc/" + child + "/cmdline"), command, '\0');
      is_running = command == "sleep";
      if (is_running) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_FALSE(is_running);
  }
}

}  // namespace
}  // namespace fewbit
