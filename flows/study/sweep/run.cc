// Running a plan: see run.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/sweep/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <tuple>

#include "fewbit/flows/store/result_store.h"
#include "fewbit/flows/study/sweep/row.h"
#include "fewbit/flows/sweep/claims.h"
#include "fewbit/flows/sweep/worker_pool.h"
#include "fewbit/gen/util/interrupt.h"
#include "fewbit/gen/util/json.h"
#include "fewbit/gen/util/parallel.h"

namespace fewbit::study {
namespace {

using Clock = std::chrono::steady_clock;
using Jobs = std::vector<const PlannedJob*>;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The jobs without a row, the ones with many operand bits first: in a batch stand jobs whose
/// stimulus is of like length, and no long one is left for the end.
Jobs missing_jobs(const std::vector<PlannedJob>& jobs, const std::set<std::string>& keys) {
  Jobs missing;
  for (const PlannedJob& job : jobs) {
    if (!keys.contains(job.row.key)) missing.push_back(&job);
  }
  std::stable_sort(missing.begin(), missing.end(), [](const PlannedJob* x, const PlannedJob* y) {
    return operand_bits(x->job.spec) > operand_bits(y->job.spec);
  });
  return missing;
}

/// Equal batches, at least three for each worker where there are enough jobs. Jobs in `alone` have
/// batches of their own.
std::vector<Jobs> batches_of(const Jobs& jobs, int workers, const std::set<std::string>& alone) {
  const std::size_t share = jobs.size() / (3 * static_cast<std::size_t>(workers)) + 1;
  const std::size_t size = std::min(share, kMostJobsInBatch);
  std::vector<Jobs> batches;
  std::size_t room = 0;
  for (const PlannedJob* job : jobs) {
    if (alone.contains(job->row.key)) {
      batches.insert(batches.begin(), Jobs{job});
      continue;
    }
    if (room == 0) {
      batches.emplace_back();
      room = size;
    }
    batches.back().push_back(job);
    --room;
  }
  return batches;
}

/// In a worker process: measures what nobody else has done or is doing, and keeps the rows.
class Worker {
 public:
  explicit Worker(const std::filesystem::path& database) : path_(database) {}

  Status work(const Jobs& batch, const std::function<void(int)>& finished) {
    if (!store_) {
      FEWBIT_ASSIGN_OR_RETURN(store, store::ResultStore::open(path_, store::Access::kWrite));
      FEWBIT_ASSIGN_OR_RETURN(claims, sweep::Claims::open(path_));
      store_.emplace(std::move(store));
      claims_.emplace(std::move(claims));
    }
    // Claimed first, looked up then: a row that another run inserts before it gives up its claim is
    // seen.
    Jobs claimed;
    for (const PlannedJob* job : batch) {
      if (claims_->take(job->row.key)) claimed.push_back(job);
    }
    FEWBIT_ASSIGN_OR_RETURN(keys, store_->keys());
    std::vector<PlannedJob> mine;
    for (const PlannedJob* job : claimed) {
      if (!keys.contains(job->row.key)) mine.push_back(*job);
    }
    Status status = Ok{};
    if (!mine.empty()) {
      status = measure_batch(std::move(mine), [&](const store::ResultRow& row) -> Status {
        FEWBIT_ASSIGN_OR_RETURN(inserted, store_->insert(row));
        if (inserted) finished(1);
        return Ok{};
      });
    }
    for (const PlannedJob* job : claimed) claims_->release(job->row.key);
    return status;
  }

 private:
  std::filesystem::path path_;
  std::optional<store::ResultStore> store_;
  std::optional<sweep::Claims> claims_;
};

/// Errors where a program's version line does not contain what the plan demands.
Status check_tools(const sweep::Plan& plan, const std::vector<PlannedJob>& jobs) {
  std::map<std::string, std::string> installed;
  for (const PlannedJob& job : jobs) {
    const auto tools = parse_json<nlohmann::json>(job.row.tools);
    for (const auto& [program, line] : tools.items()) installed[program] = line;
  }
  for (const auto& [program, version] : plan.tools) {
    const auto found = installed.find(program);
    if (found == installed.end() || found->second.find(version) == std::string::npos) {
      return Error{"tools: " + program, found == installed.end() ? "not used" : found->second,
                   fmt::format("a version with '{}' in it", version), "the sweep file demands it"};
    }
  }
  return Ok{};
}

/// The rows of jobs that crashed their worker for the second time, alone.
Status keep_crashes(const std::filesystem::path& database, const Jobs& jobs,
                    const std::map<std::string, std::string>& reasons) {
  FEWBIT_ASSIGN_OR_RETURN(store, store::ResultStore::open(database, store::Access::kWrite));
  for (const PlannedJob* job : jobs) {
    store::ResultRow row = job->row;
    fill_failure(row, reasons.at(row.key));
    FEWBIT_RETURN_IF_ERROR(store.insert(row));
  }
  return Ok{};
}

Result<std::set<std::string>> keys_in(const std::filesystem::path& database) {
  FEWBIT_ASSIGN_OR_RETURN(store, store::ResultStore::open(database, store::Access::kWrite));
  return store.keys();
}

Status check_takes_results(const std::filesystem::path& database) {
  FEWBIT_ASSIGN_OR_RETURN(store, store::ResultStore::open(database, store::Access::kWrite));
  return store.check_takes_results();
}

Result<std::size_t> count_failures(const std::filesystem::path& database,
                                   const std::vector<PlannedJob>& jobs) {
  FEWBIT_ASSIGN_OR_RETURN(store, store::ResultStore::open(database, store::Access::kRead));
  FEWBIT_ASSIGN_OR_RETURN(rows, store.rows());
  std::set<std::string> keys;
  for (const PlannedJob& job : jobs) keys.insert(job.row.key);
  return static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [&keys](const store::ResultRow& row) {
        return row.status == "failed" && keys.contains(row.key);
      }));
}

}  // namespace

Result<std::vector<PlannedJob>> planned_jobs(const sweep::Plan& plan, int workers) {
  std::vector<PlannedJob> jobs;
  for (const sweep::SweepJob& job : plan.jobs) jobs.push_back({job, {}});
  std::mutex mutex;
  std::optional<Error> error;
  run_parallel(jobs.size(), workers, [&](std::size_t i) {
    const Result<store::ResultRow> row = planned_row(jobs[i].job);
    const std::lock_guard lock(mutex);
    if (row.ok()) {
      jobs[i].row = *row;
    } else if (!error) {
      error = row.error();
    }
  });
  if (error) return *error;
  FEWBIT_RETURN_IF_ERROR(check_tools(plan, jobs));
  return jobs;
}

Result<RunSummary> run_sweep(const std::vector<PlannedJob>& jobs, const RunOptions& options) {
  const auto start = Clock::now();
  RunSummary summary;
  summary.jobs = jobs.size();
  if (options.retry_failed) {
    FEWBIT_ASSIGN_OR_RETURN(store,
                            store::ResultStore::open(options.database, store::Access::kWrite));
    std::set<std::string> keys;
    for (const PlannedJob& job : jobs) keys.insert(job.row.key);
    FEWBIT_RETURN_IF_ERROR(store.forget_failures(keys));
  }
  FEWBIT_RETURN_IF_ERROR(check_takes_results(options.database));
  FEWBIT_ASSIGN_OR_RETURN(keys, keys_in(options.database));
  Jobs missing = missing_jobs(jobs, keys);
  summary.there = jobs.size() - missing.size();
  long long earlier = 0;  // rows of finished rounds
  std::set<std::string> alone;
  while (!missing.empty() && !interrupted()) {
    const std::vector<Jobs> batches = batches_of(missing, options.workers, alone);
    Worker worker(options.database);  // opens nothing before the fork
    long long finished = 0;
    sweep::PoolWork pool;
    pool.batches = batches.size();
    pool.workers = options.workers;
    pool.work = [&](std::size_t batch, const std::function<void(int)>& done) {
      return worker.work(batches[batch], done);
    };
    pool.tick = [&](long long count) {
      finished = count;
      if (options.tick) options.tick(summary, static_cast<std::size_t>(earlier + finished));
    };
    FEWBIT_ASSIGN_OR_RETURN(crashed, sweep::run_pool(pool));
    Jobs hopeless;
    std::map<std::string, std::string> reasons;
    for (const auto& [batch, crash] : crashed) {
      const bool is_second = alone.contains(batches[batch][0]->row.key);
      if (is_second && crash.is_accident) {
        return Error{"worker", batches[batch][0]->row.command, "a process that nobody ends",
                     crash.reason + "; the rows that are done are kept", Cause::kMachine};
      }
      for (const PlannedJob* job : batches[batch]) {
        reasons[job->row.key] = crash.reason;
        alone.insert(job->row.key);
      }
      if (is_second) hopeless.push_back(batches[batch][0]);
    }
    FEWBIT_RETURN_IF_ERROR(keep_crashes(options.database, hopeless, reasons));
    FEWBIT_ASSIGN_OR_RETURN(now, keys_in(options.database));
    missing = missing_jobs(jobs, now);
    earlier += finished + static_cast<long long>(hopeless.size());
    // What is left is another run's: wait for its rows, or for its end.
    if (finished == 0 && crashed.empty() && !missing.empty()) {
      std::this_thread::sleep_for(std::chrono::seconds(1));
    }
  }
  FEWBIT_ASSIGN_OR_RETURN(failed, count_failures(options.database, jobs));
  summary.failed = failed;
  summary.seconds = seconds_since(start);
  return summary;
}

}  // namespace fewbit::study
