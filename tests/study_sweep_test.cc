// Sweeps as a C++ user runs them: what a row's key is made of, and which databases take rows.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <set>

#include "fewbit/flows/store/result_store.h"
#include "fewbit/flows/study/sweep/row.h"
#include "fewbit/flows/study/sweep/run.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/rtl/structure.h"
#include "fewbit/gen/util/files.h"

namespace fewbit::study {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

sweep::SweepJob job_of(const OperatorRequest& request, const std::string& flow = "",
                       int seeds = 0) {
  return sweep::make_job(request, "ice40-hx8k", flow, seeds).value();
}

TEST(Key, IsOfTheStructureTheOptionsAndTheFlow) {
  const OperatorRequest plain{.op = "mul", .a = "uint2", .b = "uint2"};
  const store::ResultRow row = planned_row(job_of(plain)).value();
  EXPECT_EQ(row.inputs_hash, rtl::structure_of(*ops::module_of(job_of(plain).spec)));
  EXPECT_EQ(planned_row(job_of(plain)).value().key, row.key);
  std::set<std::string> keys = {row.key};
  for (const sweep::SweepJob& other :
       {job_of(plain, "", 1), job_of(plain, "abc9"),
        job_of({.op = "mul", .a = "uint2", .b = "uint3"}),
        job_of({.op = "mul", .a = "uint2", .b = "uint2", .arch = "generic"}),
        job_of({.op = "mul", .a = "uint2", .b = "uint2", .latency = 1})}) {
    EXPECT_TRUE(keys.insert(planned_row(other).value().key).second) << other.command();
  }
}

TEST(RunSweep, MeasuresWhatIsMissingAndRefusesOlderDatabases) {
  const ScratchDirectory scratch = ScratchDirectory::make().value();
  const std::filesystem::path database = std::filesystem::path(scratch.path()) / "a.sqlite";
  sweep::Plan plan;
  plan.jobs = {job_of({.op = "mul", .a = "uint2", .b = "uint2"})};
  const std::vector<PlannedJob> jobs = planned_jobs(plan, 1).value();
  std::size_t most = 0;
  RunOptions options{database};
  options.tick = [&most](const RunSummary& begun, std::size_t finished) {
    EXPECT_EQ(begun.jobs, 1u);
    most = std::max(most, finished);
  };
  const auto first = run_sweep(jobs, options);
  ASSERT_TRUE(first.ok()) << first.error().message();
  EXPECT_EQ(first->there, 0u);
  EXPECT_EQ(first->failed, 0u);
  EXPECT_EQ(most, 1u);
  const auto again = run_sweep(jobs, {database});
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->there, 1u);
  {
    const auto store = store::ResultStore::open(database, store::Access::kRead).value();
    const auto rows = store.rows().value();
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].verified, "exhaustive");
    EXPECT_EQ(rows[0].key, jobs[0].row.key);
  }
  sqlite3* connection = nullptr;
  ASSERT_EQ(sqlite3_open(database.c_str(), &connection), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(connection, "PRAGMA user_version=1", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(connection);
  const auto refused = run_sweep(jobs, {database});
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message(), AllOf(HasSubstr("a.sqlite"), HasSubstr("version 1")));
}

}  // namespace
}  // namespace fewbit::study
