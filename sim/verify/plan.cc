// Packing subjects into jobs and models.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/verify/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <numeric>
#include <tuple>

#include "fewbit/sim/verify/bench.h"

namespace fewbit::verify {
namespace {

// Fewer subjects than this are not worth a second model: one alone takes a second of compile time.
constexpr std::size_t kSmallestShare = 8;

// Cycles in which subjects of a job have nothing to do and are evaluated all the same. A model of
// their own, which takes a second to compile, is taken to cost less than more of them.
constexpr std::uint64_t kMostIdleCycles = 1'500'000;

/// Everything that stimulus and model depend on: the name of the request without its architecture,
/// its width, and, where results can be held back, its latency.
std::string behaviour(OperatorSpec spec) {
  const int latency = spec.handshake == Handshake::kValidReady ? spec.latency() : 0;
  spec.arch = Architecture::kOptimized;
  // A width may be overridden.
  return fmt::format("{} {} {}", spec.module_name(), spec.acc_width, latency);
}

/// File and module have one name, so x.sv and x.v hold the same module: a design and its netlist,
/// say.
std::string module_of(const TextFile& file) {
  return std::filesystem::path(file.name).stem().string();
}

/// The modules of one model so far, each with its text.
class ModelFiles {
 public:
  [[nodiscard]] bool accepts(const Subject& subject) const {
    return std::all_of(subject.design.files.begin(), subject.design.files.end(),
                       [this](const TextFile& file) {
                         const auto place = texts_.find(module_of(file));
                         return place == texts_.end() || *place->second == file.text;
                       });
  }
  void add(const Subject& subject) {
    for (const TextFile& file : subject.design.files) texts_.emplace(module_of(file), &file.text);
  }

 private:
  std::map<std::string, const std::string*> texts_;
};

/// First fit. Two architectures of one request may well have the same module name.
void assign_simulations(const std::vector<Subject>& subjects, std::size_t most, Job& job) {
  std::vector<ModelFiles> files;
  for (const std::vector<std::size_t>& bench : job.benches) {
    for (const std::size_t index : bench) {
      std::size_t model = 0;
      while (model < files.size() &&
             (job.simulations[model].size() >= most || !files[model].accepts(subjects[index]))) {
        ++model;
      }
      if (model == files.size()) {
        files.emplace_back();
        job.simulations.emplace_back();
      }
      files[model].add(subjects[index]);
      job.simulations[model].push_back(index);
    }
  }
}

}  // namespace

std::size_t Job::size() const {
  std::size_t sum = 0;
  for (const std::vector<std::size_t>& bench : benches) sum += bench.size();
  return sum;
}

bool same_behaviour(const OperatorSpec& x, const OperatorSpec& y) {
  return behaviour(x) == behaviour(y);
}

std::vector<Job> plan_jobs(const std::vector<Subject>& subjects,
                           const std::vector<std::uint64_t>& cycles, int workers,
                           std::size_t most) {
  std::vector<std::string> behaviours;
  std::map<std::string, std::uint64_t> longest;  // of each behaviour
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    behaviours.push_back(behaviour(subjects[i].spec));
    longest[behaviours[i]] = std::max(longest[behaviours[i]], cycles[i]);
  }
  const std::size_t share =
      (subjects.size() + static_cast<std::size_t>(workers) - 1) / static_cast<std::size_t>(workers);
  const std::size_t limit = std::clamp(share, std::min(kSmallestShare, most), most);
  std::vector<std::size_t> order(subjects.size());
  std::iota(order.begin(), order.end(), 0);
  const auto key = [&](std::size_t i) {
    return std::make_tuple(!subjects[i].spec.is_clocked(), ~longest[behaviours[i]], behaviours[i]);
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t x, std::size_t y) { return key(x) < key(y); });

  std::vector<Job> jobs;
  std::uint64_t job_cycles = 0;   // of the longest of the last job, which is its first
  std::uint64_t idle_cycles = 0;  // of all others of that job together
  for (std::size_t begin = 0; begin < order.size();) {
    const OperatorSpec& spec = subjects[order[begin]].spec;
    std::size_t end = begin;
    while (end < order.size() && behaviours[order[begin]] == behaviours[order[end]]) ++end;
    const std::uint64_t own_cycles = longest[behaviours[order[begin]]];
    const std::uint64_t idle = idle_cycles + (job_cycles - std::min(job_cycles, own_cycles)) *
                                                 static_cast<std::uint64_t>(end - begin);
    const bool fits = !jobs.empty() && jobs.back().size() + (end - begin) <= limit &&
                      idle <= kMostIdleCycles &&
                      subjects[jobs.back().benches[0][0]].spec.is_clocked() == spec.is_clocked();
    if (!fits) {
      jobs.emplace_back();
      job_cycles = own_cycles;
    }
    idle_cycles = fits ? idle : 0;
    jobs.back().benches.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(begin),
                                     order.begin() + static_cast<std::ptrdiff_t>(end));
    begin = end;
  }
  for (Job& job : jobs) assign_simulations(subjects, most, job);
  return jobs;
}

}  // namespace fewbit::verify
