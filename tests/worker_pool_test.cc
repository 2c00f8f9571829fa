// The worker pool and claims: every batch once, crashes, errors, interrupts, a killed caller.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/sweep/worker_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "fewbit/flows/sweep/claims.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/interrupt.h"
#include "fewbit/gen/util/process.h"

namespace fewbit::sweep {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

using Finished = std::function<void(int)>;

class WorkerPoolTest : public ::testing::Test {
 protected:
  void mark(const std::string& name) const { std::ofstream(scratch_.path() / name) << name; }
  [[nodiscard]] bool is_marked(const std::string& name) const {
    return fs::exists(scratch_.path() / name);
  }
  [[nodiscard]] std::size_t marks() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(scratch_.path()), fs::directory_iterator()));
  }
  [[nodiscard]] fs::path path(const std::string& name) const { return scratch_.path() / name; }

 private:
  const ScratchDirectory scratch_ = ScratchDirectory::make().value();
};

TEST_F(WorkerPoolTest, EveryBatchIsDoneOnceInAnotherProcess) {
  const pid_t caller = ::getpid();
  long long last = 0;
  PoolWork pool{40, 3,
                [&](std::size_t batch, const Finished& finished) -> Status {
                  if (::getpid() == caller || is_marked(std::to_string(batch))) std::abort();
                  mark(std::to_string(batch));
                  finished(2);
                  return Ok{};
                },
                [&last](long long finished) { last = finished; }};
  const auto crashed = run_pool(pool);
  ASSERT_TRUE(crashed.ok());
  EXPECT_THAT(*crashed, IsEmpty());
  EXPECT_EQ(marks(), 40u);
  EXPECT_EQ(last, 80);
}

TEST_F(WorkerPoolTest, ACrashCostsItsBatchAlone) {
  PoolWork pool{10, 2,
                [&](std::size_t batch, const Finished&) -> Status {
                  if (batch == 3) FEWBIT_CHECK(batch == 4, "three is not four");
                  if (batch == 6) ::_exit(9);
                  if (batch == 7) ::kill(::getpid(), SIGKILL);
                  mark(std::to_string(batch));
                  return Ok{};
                },
                nullptr};
  const auto crashed = run_pool(pool);
  ASSERT_TRUE(crashed.ok());
  const auto crash = [](const auto& reason, bool is_accident) {
    return ::testing::AllOf(::testing::Field(&Crash::reason, reason),
                            ::testing::Field(&Crash::is_accident, is_accident));
  };
  EXPECT_THAT(
      *crashed,
      ElementsAre(
          Pair(3, crash(AllOf(HasSubstr("signal 6"), HasSubstr("three is not four")), false)),
          Pair(6, crash("worker ended with exit code 9", false)),
          Pair(7, crash("worker ended by signal 9", true))));
  EXPECT_EQ(marks(), 7u);
}

TEST_F(WorkerPoolTest, AnErrorEndsThePool) {
  PoolWork pool{1000, 2,
                [&](std::size_t batch, const Finished&) -> Status {
                  if (batch == 2) return Error{"database", "x", "room", "disk is full"};
                  std::this_thread::sleep_for(std::chrono::milliseconds(5));
                  mark(std::to_string(batch));
                  return Ok{};
                },
                nullptr};
  const auto crashed = run_pool(pool);
  ASSERT_FALSE(crashed.ok());
  EXPECT_EQ(crashed.error().message(), Error({"database", "x", "room", "disk is full"}).message());
  EXPECT_LT(marks(), 900u);
}

/// A child that runs a pool whose workers run a program that never ends.
pid_t endless_pool(const fs::path& folder) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  install_interrupt_handler();
  PoolWork pool{2, 2,
                [&](std::size_t, const Finished&) -> Status {
                  FEWBIT_RETURN_IF_ERROR(
                      run_process({"sh", "-c", "echo $$ > started.$$; exec sleep 1000"}, folder));
                  return Ok{};
                },
                nullptr};
  static_cast<void>(run_pool(pool));
  ::_exit(interrupted() ? 130 : 0);
}

/// The processes that wrote their number into a file, once two have.
std::vector<pid_t> started_in(const fs::path& folder) {
  std::vector<pid_t> started;
  for (int i = 0; i < 1000 && started.size() < 2; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    started.clear();
    for (const auto& entry : fs::directory_iterator(folder)) {
      pid_t pid = 0;
      if (std::ifstream(entry.path()) >> pid) started.push_back(pid);
    }
  }
  return started;
}

bool all_end(const std::vector<pid_t>& processes) {
  for (int i = 0; i < 1000; ++i) {
    const bool alive = std::any_of(processes.begin(), processes.end(),
                                   [](pid_t pid) { return ::kill(pid, 0) == 0; });
    if (!alive) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

TEST_F(WorkerPoolTest, NothingOutlivesTheCaller) {
  for (const int number : {SIGTERM, SIGKILL}) {
    const fs::path folder = path(std::to_string(number));
    fs::create_directories(folder);
    const pid_t caller = endless_pool(folder);
    const std::vector<pid_t> programs = started_in(folder);
    ASSERT_EQ(programs.size(), 2u);
    ::kill(caller, number);
    int status = 0;
    ::waitpid(caller, &status, 0);
    EXPECT_TRUE(number != SIGTERM || WEXITSTATUS(status) == 130) << status;
    EXPECT_TRUE(all_end(programs)) << number;
  }
}

constexpr char kKey[] = "00000000000000aa11223344556677889900aabbccddeeff00112233445566ff";
constexpr char kOther[] = "ffffffffffffffaa11223344556677889900aabbccddeeff00112233445566ff";

TEST_F(WorkerPoolTest, AClaimExcludesOthersUntilItsOwnerEnds) {
  Claims mine = Claims::open(path("db")).value();
  Claims also = Claims::open(path("db")).value();
  EXPECT_TRUE(mine.take(kKey));
  EXPECT_FALSE(also.take(kKey));
  EXPECT_TRUE(also.take(kOther));
  mine.release(kKey);
  EXPECT_TRUE(also.take(kKey));
  also.release(kKey);

  int channel[2];
  ASSERT_EQ(::pipe(channel), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    Claims its = Claims::open(path("db")).value();
    const char taken = its.take(kKey) ? 'y' : 'n';
    if (::write(channel[1], &taken, 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char taken = 0;
  ASSERT_EQ(::read(channel[0], &taken, 1), 1);
  EXPECT_EQ(taken, 'y');
  EXPECT_FALSE(mine.take(kKey));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(mine.take(kKey));
  EXPECT_EQ(fs::file_size(path("db-claims")), 0u);
  EXPECT_FALSE(Claims::open(path("no/folder/db")).ok());
}

}  // namespace
}  // namespace fewbit::sweep
