// Many measurements at once: see measure_many.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/measure_many.h"

#include <fmt/format.h>

#include <atomic>
#include <mutex>
#include <optional>

#include "fewbit/flows/study/subjects.h"
#include "fewbit/gen/util/interrupt.h"
#include "fewbit/gen/util/parallel.h"

namespace fewbit::study {
namespace {

/// Verifies the RTL of all in one go: many designs share a simulator.
Status verify_rtl(const std::vector<MeasureJob>& work, int jobs, Watcher& watcher) {
  std::vector<Measurement*> owners;
  std::vector<verify::Subject> subjects;
  for (const MeasureJob& job : work) {
    for (verify::Subject& subject : subjects_of(job.measurement->spec, job.measurement->design)) {
      subject.label += " for " + job.target->name;
      subjects.push_back(std::move(subject));
      owners.push_back(job.measurement);
    }
  }
  watcher.begin("verify RTL", subjects.size());
  verify::VerifyOptions options{.jobs = jobs};
  options.progress = [&watcher](const verify::VerifyReport& report, std::size_t, std::size_t) {
    watcher.finished(report.label, report.passed ? "equal" : "MISMATCH");
  };
  FEWBIT_ASSIGN_OR_RETURN(reports, verify::verify(subjects, options));
  for (std::size_t i = 0; i < reports.size(); ++i) owners[i]->rtl.push_back(std::move(reports[i]));
  return Ok{};
}

}  // namespace

Status measure_many(const std::vector<MeasureJob>& all, int jobs, Watcher& watcher,
                    bool keep_going) {
  FEWBIT_RETURN_IF_ERROR(verify_rtl(all, jobs, watcher));
  std::vector<MeasureJob> work;
  for (const MeasureJob& job : all) {
    if (all_passed(job.measurement->rtl)) work.push_back(job);
  }
  watcher.begin("cost", work.size());
  std::mutex mutex;
  std::optional<Error> first_error;
  std::atomic<bool> failed = false;
  run_parallel(work.size(), jobs, [&](std::size_t i) {
    if (failed) return;
    const auto& [measurement, target, seeds, flow, copies] = work[i];
    const std::string step = fmt::format("{} on {}", label_of(measurement->spec), target->name);
    watcher.started(step);
    const Status status =
        measure_verified(*measurement, *target,
                         MeasureOptions{.flow = flow, .copies = copies, .seeds = seeds, .jobs = 1});
    if (!status.ok() && keep_going && !interrupted()) {
      measurement->failure = status.error().message();
    } else if (!status.ok()) {
      const std::lock_guard lock(mutex);
      failed = true;
      if (!first_error) first_error = status.error();
    }
    watcher.finished(step, !status.ok()        ? "failed"
                           : measurement->cost ? flows::size_text(*measurement->cost)
                                               : "MISMATCH");
  });
  if (first_error) return *first_error;
  return Ok{};
}

}  // namespace fewbit::study
