// A batch of jobs measured together: see batch.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/sweep/batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "fewbit/flows/study/subjects.h"
#include "fewbit/flows/study/sweep/row.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/util/interrupt.h"
#include "fewbit/gen/util/process.h"
#include "fewbit/sim/verify/verify.h"

namespace fewbit::study {
namespace {

class Batch {
 public:
  Batch(std::vector<PlannedJob>& jobs,
        const std::function<Status(const store::ResultRow&)>& finished)
      : jobs_(jobs), finished_(finished), checks_(jobs.size()) {
    for (const PlannedJob& planned : jobs) designs_.push_back(ops::emit(planned.job.spec));
  }

  /// The failures, by job; where a step that all share failed, nothing, and nothing was handed
  /// over. An Error is one that says nothing of any design.
  Result<std::optional<std::map<std::size_t, store::ResultRow>>> run() {
    flows::CostBatch batch;
    batch.jobs = 1;
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      const sweep::SweepJob& job = jobs_[i].job;
      batch.requests.push_back({&designs_[i], &job.target, job.flow, 1, job.seeds});
    }
    batch.are_equal_to_model = [this](const std::vector<flows::ChosenNetlists>& chosen) {
      return verify_all(chosen);
    };
    batch.finished = [this](std::size_t i, const Result<flows::CostPoint>& point) {
      if (!error_ && !shared_step_failed() && !interrupted()) finish(i, point);
    };
    take_peak_memory_mib();
    flows::measure_costs(batch);
    if (error_) return *error_;
    if (shared_step_failed()) return std::optional<std::map<std::size_t, store::ResultRow>>();
    return std::optional(std::move(failed_));
  }

 private:
  /// What verification said of a job.
  struct Check {
    bool exhaustive = true;
    std::uint64_t vectors = 0;
    double seconds = 0;
    std::string mismatch;  ///< "" where all is equal
    bool is_any = false;

    void add(const verify::VerifyReport& report) {
      vectors = is_any ? std::min(vectors, report.vectors) : report.vectors;
      is_any = true;
      exhaustive = exhaustive && report.exhaustive;
      seconds += report.seconds;
      if (report.passed || !mismatch.empty()) return;
      mismatch =
          fmt::format("{}: {} mismatches with the model", report.label, report.mismatch_count);
      if (report.mismatches.empty()) return;
      const verify::Mismatch& first = report.mismatches[0];
      mismatch += fmt::format("; cycle {}, {}: {} is {}, expected {}", first.cycle, first.phase,
                              first.port, first.got_decoded, first.expected_decoded);
    }
  };

  [[nodiscard]] bool shared_step_failed() const { return shared_error_ && jobs_.size() > 1; }

  /// RTL and mapped netlists of all in one go: alike operands share stimulus and model.
  Result<std::vector<bool>> verify_all(const std::vector<flows::ChosenNetlists>& chosen) {
    shared_peak_mib_ = take_peak_memory_mib();
    std::vector<verify::Subject> subjects;
    std::vector<std::vector<std::size_t>> owners;  // of each subject
    std::map<std::string, std::size_t> rtl;        // design and behaviour -> its first subject
    for (const flows::ChosenNetlists& mapped : chosen) {
      const std::size_t i = mapped.request;
      const OperatorSpec& spec = jobs_[i].job.spec;
      for (verify::Subject& subject : subjects_of(spec, designs_[i])) {
        // The generic architecture is the same text for every target.
        const auto [place, is_new] =
            rtl.emplace(jobs_[i].row.inputs_hash + subject.label, subjects.size());
        if (!is_new) {
          owners[place->second].push_back(i);
          continue;
        }
        subjects.push_back(std::move(subject));
        owners.push_back({i});
      }
      for (const flows::Netlist& netlist : mapped.netlists) {
        subjects.push_back({spec, netlist.design, {}, label_of(spec) + " netlist " + netlist.flow});
        owners.push_back({i});
      }
    }
    auto reports = verify::verify(subjects, verify::VerifyOptions{.jobs = 1});
    shared_peak_mib_ = std::max(shared_peak_mib_, take_peak_memory_mib());
    if (!reports.ok()) {
      shared_error_ = reports.error();
      return reports.error();
    }
    for (std::size_t s = 0; s < subjects.size(); ++s) {
      for (const std::size_t i : owners[s]) checks_[i].add((*reports)[s]);
    }
    std::vector<bool> equal;
    for (const flows::ChosenNetlists& mapped : chosen) {
      equal.push_back(checks_[mapped.request].mismatch.empty());
    }
    return equal;
  }

  void finish(std::size_t i, const Result<flows::CostPoint>& point) {
    store::ResultRow row = jobs_[i].row;
    const Check& check = checks_[i];
    row.vectors = static_cast<std::int64_t>(check.vectors);
    row.seconds = check.seconds;
    row.peak_memory_mib = std::max(shared_peak_mib_, take_peak_memory_mib());
    if (point.ok() && point->fmax_mhz && point->fmax_mhz->accident) {
      error_ = *point->fmax_mhz->accident;
      return;
    }
    if (point.ok()) {
      fill_cost(row, jobs_[i].job.target, *point);
      row.verified = check.exhaustive ? "exhaustive" : "simulated";
      row.seconds += point->seconds;
    } else if (check.mismatch.empty() && point.error().cause != Cause::kDesign) {
      error_ = point.error();
      return;
    } else {
      fill_failure(row, check.mismatch.empty() ? point.error().message() : check.mismatch);
      failed_[i] = row;
      return;
    }
    if (const Status status = finished_(row); !status.ok()) error_ = status.error();
  }

  std::vector<PlannedJob>& jobs_;
  const std::function<Status(const store::ResultRow&)>& finished_;
  std::vector<rtl::EmittedDesign> designs_;
  std::vector<Check> checks_;
  double shared_peak_mib_ = 0;
  std::map<std::size_t, store::ResultRow> failed_;
  std::optional<Error> shared_error_;
  std::optional<Error> error_;
};

/// Measures a job alone that failed: what says something of a design is said a second time.
Status confirm(const PlannedJob& job, const store::ResultRow& failure,
               const std::function<Status(const store::ResultRow&)>& finished) {
  std::vector<PlannedJob> alone = {job};
  FEWBIT_ASSIGN_OR_RETURN(again, Batch(alone, finished).run());
  if (again->empty()) return Ok{};  // or interrupted
  const store::ResultRow& second = again->begin()->second;
  if (second.reason == failure.reason) return finished(second);
  return Error{"measurement", failure.command, "tools that say the same twice",
               fmt::format("first: {}; then: {}", failure.reason, second.reason), Cause::kTool};
}

}  // namespace

Status measure_batch(std::vector<PlannedJob> jobs,
                     const std::function<Status(const store::ResultRow&)>& finished) {
  FEWBIT_ASSIGN_OR_RETURN(together, Batch(jobs, finished).run());
  if (together) {
    for (const auto& [i, failure] : *together) {
      FEWBIT_RETURN_IF_ERROR(confirm(jobs[i], failure, finished));
    }
    return Ok{};
  }
  for (const PlannedJob& job : jobs) {
    if (interrupted()) return Ok{};
    std::vector<PlannedJob> alone = {job};
    FEWBIT_ASSIGN_OR_RETURN(failed, Batch(alone, finished).run());
    if (!failed->empty()) FEWBIT_RETURN_IF_ERROR(confirm(job, failed->begin()->second, finished));
  }
  return Ok{};
}

}  // namespace fewbit::study
