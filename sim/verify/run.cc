// The order in which a cycle drives, settles and checks.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/verify/run.h"

#include "fewbit/gen/util/interrupt.h"

namespace fewbit::verify {
namespace {

constexpr std::uint64_t kCyclesBetweenLooks = 1024;

void combinational_cycle(const std::vector<std::unique_ptr<Bench>>& benches,
                         const std::vector<Simulation*>& simulations) {
  for (Simulation* simulation : simulations) simulation->eval(false);
  for (const auto& bench : benches) bench->check_low();
}

void clock_cycle(const std::vector<std::unique_ptr<Bench>>& benches,
                 const std::vector<Simulation*>& simulations) {
  for (Simulation* simulation : simulations) simulation->eval(false);
  bool changed = false;
  for (const auto& bench : benches) {
    bench->check_low();
    changed |= bench->drive_high();
  }
  for (Simulation* simulation : simulations) {
    if (changed) simulation->eval(false);
    simulation->eval(true);
  }
  for (const auto& bench : benches) bench->check_high();
}

/// The mean over `all` benches, of which those that are not in `benches` are done.
double share_of(const std::vector<std::unique_ptr<Bench>>& benches, std::size_t all) {
  auto done = static_cast<double>(all - benches.size());
  for (const auto& bench : benches) done += bench->share();
  return done / static_cast<double>(all);
}

}  // namespace

Status drive_all(std::vector<std::unique_ptr<Bench>>& benches,
                 const std::vector<Simulation*>& simulations, bool clocked, const RunHooks& hooks) {
  const std::size_t all = benches.size();
  for (std::uint64_t cycle = 0; !benches.empty(); ++cycle) {
    if (hooks.cycle && !hooks.cycle(cycle)) break;
    std::erase_if(benches, [](const auto& bench) { return !bench->drive_low(); });
    clocked ? clock_cycle(benches, simulations) : combinational_cycle(benches, simulations);
    if (cycle % kCyclesBetweenLooks != 0) continue;
    if (hooks.share) hooks.share(share_of(benches, all));
    if (interrupted()) {
      return Error{"simulation", "verify", "a run to its end", "interrupted", Cause::kMachine};
    }
  }
  return Ok{};
}

}  // namespace fewbit::verify
