// Building and running jobs in worker threads.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/verify/verify.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>

#include "fewbit/gen/util/files.h"
#include "fewbit/sim/vectors/stream.h"
#include "fewbit/sim/verify/bench.h"
#include "fewbit/sim/verify/icarus.h"
#include "fewbit/sim/verify/plan.h"
#include "fewbit/sim/verify/recovery.h"
#include "fewbit/sim/verify/run.h"
#include "fewbit/sim/verify/simulator_text.h"

namespace fewbit::verify {
namespace {

/// The signature is what the stimulus is built on: it must agree with the spec.
void check_subject(const Subject& subject) {
  const rtl::ModuleSignature& signature = subject.design.signature;
  const OperatorSpec& spec = subject.spec;
  FEWBIT_CHECK(signature.is_clocked() == spec.is_clocked(), "{}: clocked or not?", subject.label);
  for (const OperandPort& operand : operand_ports(spec)) {
    const auto port = std::find_if(signature.ports.begin(), signature.ports.end(),
                                   [&](const auto& p) { return p.name == operand.name; });
    FEWBIT_CHECK(port != signature.ports.end() && port->width_bits == operand.bits(),
                 "{}: {} is not {} bits wide", subject.label, operand.name, operand.bits());
  }
  const int bits = output_format(spec).bits() * output_lanes(spec);
  FEWBIT_CHECK(result_width(subject) == bits, "{}: {} bits of result, the spec says {}",
               subject.label, result_width(subject), bits);
}

std::vector<std::uint64_t> expected_cycles(const std::vector<Subject>& subjects,
                                           const VerifyOptions& options) {
  const vectors::StreamStimulus::Options stimulus = {options.seed, options.random_vectors,
                                                     options.coverage, options.quick};
  std::vector<std::uint64_t> cycles;
  for (const Subject& subject : subjects) {
    cycles.push_back(vectors::expected_cycles(subject.spec, stimulus));
  }
  return cycles;
}

class Runner {
 public:
  /// Without a runtime: by Icarus.
  Runner(const std::vector<Subject>& subjects, const VerifyOptions& options,
         std::optional<VerilatorRuntime> runtime)
      : subjects_(subjects),
        options_(options),
        runtime_(std::move(runtime)),
        jobs_(plan_jobs(subjects, expected_cycles(subjects, options), std::max(1, options.jobs),
                        runtime_ ? kSubjectsPerSimulation : kSubjectsPerIcarus)),
        shares_(jobs_.size(), -1),
        reports_(subjects.size()),
        errors_(jobs_.size()) {}

  Result<std::vector<VerifyReport>> run() {
    if (options_.running) options_.running("builds the simulator", -1);
    std::vector<std::thread> workers;
    const std::size_t count = std::min(jobs_.size(), std::size_t(std::max(1, options_.jobs)));
    for (std::size_t i = 0; i < count; ++i) workers.emplace_back([this] { work(); });
    for (std::thread& worker : workers) worker.join();
    for (std::optional<Error>& error : errors_) {
      if (error) return std::move(*error);
    }
    return std::move(reports_);
  }

 private:
  void work() {
    for (std::size_t job = next_job_++; job < jobs_.size() && !failed_; job = next_job_++) {
      const auto start = std::chrono::steady_clock::now();
      const Status status = runtime_ ? run_job(jobs_[job]) : run_job_by_icarus(jobs_[job]);
      if (!status.ok()) {
        errors_[job] = status.error();
        failed_ = true;
        return;
      }
      const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
      finish(jobs_[job], seconds.count());
    }
  }

  Status run_job(const Job& job) {
    std::vector<std::unique_ptr<Simulation>> simulations;
    std::vector<Slot> slots(subjects_.size());
    for (const std::vector<std::size_t>& members : job.simulations) {
      const std::vector<const Subject*> subjects = subjects_of(members);
      FEWBIT_ASSIGN_OR_RETURN(simulation, Simulation::build(subjects, *runtime_, options_.seed,
                                                            {.keep = options_.keep}));
      place(members, *simulation, slots);
      simulations.push_back(std::move(simulation));
    }
    return run_benches(job, slots, simulations);
  }

  /// Everything twice: what is driven does not depend on the answers.
  Status run_job_by_icarus(const Job& job) {
    std::vector<std::unique_ptr<Simulation>> simulations;
    std::vector<IcarusSimulation*> icarus;
    std::vector<Slot> slots(subjects_.size());
    for (const std::vector<std::size_t>& members : job.simulations) {
      FEWBIT_ASSIGN_OR_RETURN(simulation, IcarusSimulation::build(subjects_of(members)));
      place(members, *simulation, slots);
      icarus.push_back(simulation.get());
      simulations.push_back(std::move(simulation));
    }
    std::vector<VerifyReport> unanswered(subjects_.size());
    std::vector<Slot> noting = slots;
    for (std::size_t i = 0; i < noting.size(); ++i) noting[i].report = &unanswered[i];
    FEWBIT_RETURN_IF_ERROR(run_benches(job, noting, simulations));
    for (IcarusSimulation* simulation : icarus) FEWBIT_RETURN_IF_ERROR(simulation->run());
    FEWBIT_RETURN_IF_ERROR(run_benches(job, slots, simulations));
    for (std::size_t i = 0; i < icarus.size(); ++i) {
      icarus[i]->restart();
      recover(*icarus[i], slots_of(job.simulations[i], noting), options_);
      FEWBIT_RETURN_IF_ERROR(icarus[i]->run());
      recover(*icarus[i], slots_of(job.simulations[i], slots), options_);
    }
    return Ok{};
  }

  [[nodiscard]] std::vector<const Subject*> subjects_of(
      const std::vector<std::size_t>& members) const {
    std::vector<const Subject*> subjects;
    for (const std::size_t member : members) subjects.push_back(&subjects_[member]);
    return subjects;
  }

  static std::vector<Slot> slots_of(const std::vector<std::size_t>& members,
                                    const std::vector<Slot>& slots) {
    std::vector<Slot> chosen;
    for (const std::size_t member : members) chosen.push_back(slots[member]);
    return chosen;
  }

  void place(const std::vector<std::size_t>& members, Simulation& simulation,
             std::vector<Slot>& slots) {
    for (std::size_t i = 0; i < members.size(); ++i) {
      const Subject& subject = subjects_[members[i]];
      const bool has_scale = subject.design.signature.find(rtl::PortRole::kScale) != nullptr;
      slots[members[i]] = {&subject, &simulation, i, &reports_[members[i]], has_scale};
    }
  }

  Status run_benches(const Job& job, const std::vector<Slot>& slots,
                     const std::vector<std::unique_ptr<Simulation>>& simulations) {
    std::vector<std::unique_ptr<Bench>> benches;
    bool clocked = false;
    for (const std::vector<std::size_t>& members : job.benches) {
      const OperatorSpec& spec = subjects_[members[0]].spec;
      clocked = spec.is_clocked();
      benches.push_back(clocked ? make_stream_bench(spec, options_)
                                : make_combinational_bench(spec, options_));
      for (const std::size_t member : members) benches.back()->add(slots[member]);
      benches.back()->start();
    }
    std::vector<Simulation*> driven;
    for (const auto& simulation : simulations) driven.push_back(simulation.get());
    const RunHooks hooks{.share = [&](double share) { say(job, share); }};
    return drive_all(benches, driven, clocked, hooks);
  }

  void say(const Job& job, double share) {
    if (!options_.running) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    shares_[static_cast<std::size_t>(&job - jobs_.data())] = share;
    double sum = 0;
    for (const double one : shares_) sum += std::max(0.0, one);
    options_.running("compares with the model", sum / static_cast<double>(shares_.size()));
  }

  void finish(const Job& job, double seconds) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const std::vector<std::size_t>& members : job.benches) {
      for (const std::size_t member : members) {
        VerifyReport& report = reports_[member];
        report.label = subjects_[member].label;
        report.passed = report.mismatch_count == 0 && report.vectors > 0;
        report.seed = options_.seed;
        report.seconds = seconds / static_cast<double>(job.size());
        ++done_;
        if (options_.progress) options_.progress(report, done_, subjects_.size());
      }
    }
  }

  const std::vector<Subject>& subjects_;
  const VerifyOptions& options_;
  const std::optional<VerilatorRuntime> runtime_;
  const std::vector<Job> jobs_;
  std::vector<double> shares_;  // of each job that is done; below 0 while its simulator is built
  std::vector<VerifyReport> reports_;
  std::vector<std::optional<Error>> errors_;
  std::atomic<std::size_t> next_job_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;  // of done_, shares_ and the callbacks
  std::size_t done_ = 0;
};

/// From so many cycles before the mismatch to so many after it.
constexpr std::uint64_t kTracedBefore = 250;
constexpr std::uint64_t kTracedAfter = 8;

}  // namespace

Status write_trace(const Subject& subject, const VerifyReport& report, const VerifyOptions& options,
                   const std::filesystem::path& file) {
  FEWBIT_CHECK(!report.mismatches.empty(), "{}: nothing to trace", subject.label);
  FEWBIT_ASSIGN_OR_RETURN(runtime, verilator_runtime());
  FEWBIT_ASSIGN_OR_RETURN(simulation,
                          Simulation::build({&subject}, runtime, options.seed, {.trace = true}));
  FEWBIT_ASSIGN_OR_RETURN(scratch, ScratchDirectory::make());
  const std::filesystem::path traced = scratch.path() / "trace.vcd";
  const bool clocked = subject.spec.is_clocked();
  const bool has_scale = subject.design.signature.find(rtl::PortRole::kScale) != nullptr;
  VerifyReport again;
  std::vector<std::unique_ptr<Bench>> benches;
  benches.push_back(clocked ? make_stream_bench(subject.spec, options)
                            : make_combinational_bench(subject.spec, options));
  benches.back()->add({&subject, simulation.get(), 0, &again, has_scale});
  benches.back()->start();
  const std::uint64_t at = report.mismatches.front().cycle;
  const std::uint64_t first = at - std::min(at, kTracedBefore);
  const RunHooks hooks{.cycle = [&](std::uint64_t cycle) {
    if (cycle == first) simulation->trace(traced);
    return cycle <= at + kTracedAfter;
  }};
  FEWBIT_RETURN_IF_ERROR(drive_all(benches, {simulation.get()}, clocked, hooks));
  simulation->trace("");
  if (again.mismatches.empty() || again.mismatches.front().cycle != at) {
    return Error{"--trace", subject.label, "a mismatch that comes again in the design alone",
                 "it is not there; what registers are at power-up may make it", Cause::kDesign};
  }
  FEWBIT_ASSIGN_OR_RETURN(text, read_file(traced));
  return write_file(file, text);
}

Result<std::vector<VerifyReport>> verify(const std::vector<Subject>& subjects,
                                         const VerifyOptions& options) {
  if (subjects.empty()) return std::vector<VerifyReport>{};
  for (const Subject& subject : subjects) check_subject(subject);
  if (options.simulator == Simulator::kIcarus) return Runner(subjects, options, std::nullopt).run();
  if (options.running) options.running("compiles Verilator's runtime, once", -1);
  FEWBIT_ASSIGN_OR_RETURN(runtime, verilator_runtime());
  return Runner(subjects, options, std::move(runtime)).run();
}

}  // namespace fewbit::verify
