// Turns of X and recovery.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/verify/recovery.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <memory>
#include <random>

#include "fewbit/sim/vectors/operands.h"
#include "fewbit/sim/verify/scoreboard.h"
#include "fewbit/sim/verify/stream_model.h"

namespace fewbit::verify {
namespace {

constexpr const char* kPhase = "recovery from X";
constexpr std::uint64_t kChoice = 500;  // to choose from, where not exhaustive
constexpr int kTurns = 24;
constexpr int kQuickTurns = 8;
constexpr int kCyclesAfter = 8;  // with gaps, in which the inputs are X

/// What a turn makes X. Each with and without a reset after it.
enum class Poison { kEverything, kState, kSomeState, kOperands };
constexpr int kPoisons = 4;

/// One subject, its model, and what its outputs were after each cycle.
class Recovering {
 public:
  Recovering(const Slot& slot, const VerifyOptions& options)
      : slot_(slot),
        spec_(slot.subject->spec),
        latency_(slot.subject->design.signature.latency_cycles),
        run_limit_(spec_.terms > 0 ? spec_.terms : std::numeric_limits<long long>::max()),
        tag_mask_(spec_.tag_bits >= 64 ? ~std::uint64_t{0}
                                       : (std::uint64_t{1} << spec_.tag_bits) - 1),
        model_(spec_),
        operands_(spec_, options.seed, kChoice, {.corners = kChoice}),
        random_(options.seed ^ 0x2545f4914f6cdd1d) {}

  [[nodiscard]] int latency() const { return latency_; }
  /// Operations after which everything must be known: those of the latency, and one of each sum.
  [[nodiscard]] int known_after() const { return latency_ + spec_.interleave - 1; }
  VerifyReport& report() { return *slot_.report; }

  void drive_unknown(Poison poison) {
    Pins pins = {.operands = &choose()};
    pins.reset_level = !asserted();
    pins.valid = random_() % 4 != 0;
    pins.first = random_() % 2 == 0;
    pins.operands_unknown = poison == Poison::kEverything || poison == Poison::kOperands;
    pins.first_unknown = pins.handshake_unknown = poison == Poison::kEverything;
    pins.reset_unknown = poison == Poison::kEverything && random_() % 2 == 0;
    drive(pins, {});
    history_.assign(history_.size(), {});
  }

  void drive_reset() {
    if (spec_.reset == ResetKind::kNone) return drive_unknown(Poison::kEverything);
    Pins pins = {.operands = &choose(), .reset_level = asserted()};
    pins.operands_unknown = pins.first_unknown = pins.handshake_unknown = true;
    model_.reset();
    since_first_ = 0;
    drive(pins, {true, false, model_.accumulates(), model_.outputs(), {}, 0});
    history_.assign(history_.size(), history_.back());
  }

  /// Operation number i after X, the first one of its sum or not. A reset starts sums, too.
  void drive_row(int i, bool after_reset) {
    drive_operation(i < spec_.interleave &&
                    (!after_reset || spec_.reset == ResetKind::kNone || random_() % 2 == 0));
  }

  /// An operation; of a running sum the first one where it is asked for or must be.
  void drive_operation(bool first) {
    const model::Operands& operands = choose();
    first = first || since_first_ >= run_limit_;
    since_first_ = first ? 1 : since_first_ + 1;
    model_.step(first, operands);
    const std::uint64_t tag = random_() & tag_mask_;
    drive({.operands = &operands,
           .reset_level = !asserted(),
           .valid = true,
           .first = first,
           .tag = tag},
          {true, true, true, model_.outputs(), operands, tag});
    ++slot_.report->vectors;
  }

  void drive_gap() {
    State held = history_.back();
    held.valid = false;
    Pins pins = {.operands = &choose(), .reset_level = !asserted()};
    pins.operands_unknown = pins.first_unknown = true;
    drive(pins, held);
  }

  /// After the rising edge.
  void check(std::uint64_t cycle) {
    const State& state = history_[history_.size() - static_cast<std::size_t>(latency_)];
    const Context context = {cycle, kPhase, state.valid ? &state.operands : nullptr};
    if (!state.known) return;
    check_valid(slot_, state.valid, context);
    if (state.outputs_known) check_outputs(slot_, state.outputs, context);
    if (spec_.tag_bits > 0 && state.valid) check_tag(slot_, state.tag, context);
  }

  void check_state(std::uint64_t cycle, const std::vector<std::string>& unknown) {
    for (const std::string& name : unknown) record_unknown_state(slot_, name, {cycle, kPhase});
  }

  // Combinational subjects
  void drive_operands(bool unknown) {
    combinational_ = choose();
    Pins pins = {.operands = &combinational_};
    pins.operands_unknown = unknown;
    slot_.simulation->drive(slot_.index, pins);
  }
  void check_combinational(std::uint64_t cycle) {
    model_.step(true, combinational_);
    check_outputs(slot_, model_.outputs(), {cycle, kPhase, &combinational_});
    ++slot_.report->vectors;
  }

 private:
  /// The outputs after one rising edge of a subject with latency 1; others show it later.
  struct State {
    bool known = false;
    bool valid = false;
    bool outputs_known = false;
    model::Outputs outputs;
    model::Operands operands;
    std::uint64_t tag = 0;
  };

  [[nodiscard]] bool asserted() const { return spec_.reset == ResetKind::kSyncHigh; }

  const model::Operands& choose() {
    chosen_ = operands_[random_() % operands_.size()];
    return chosen_;
  }

  void drive(const Pins& pins, State state) {
    slot_.simulation->drive(slot_.index, pins);
    if (history_.empty()) history_.resize(static_cast<std::size_t>(latency_));
    history_.push_back(std::move(state));
    history_.pop_front();
  }

  Slot slot_;
  const OperatorSpec& spec_;
  int latency_;
  long long run_limit_;
  std::uint64_t tag_mask_;
  StreamModel model_;
  vectors::OperandSequence operands_;
  std::mt19937_64 random_;
  std::deque<State> history_;  // of the last `latency` cycles
  long long since_first_ = 0;
  model::Operands chosen_, combinational_;
};

using Subjects = std::vector<std::unique_ptr<Recovering>>;

class ClockedRecovery {
 public:
  ClockedRecovery(IcarusSimulation& simulation, Subjects& subjects, std::uint64_t seed)
      : simulation_(simulation), subjects_(subjects), random_(seed) {
    for (const auto& subject : subjects) {
      latency_ = std::max(latency_, subject->latency());
      known_after_ = std::max(known_after_, subject->known_after());
    }
  }

  void turn(Poison poison, bool by_reset) {
    // Operands that are X enter the registers one by one.
    const int cycles =
        poison == Poison::kOperands ? latency_ + 2 : 1 + static_cast<int>(random_() % 3);
    for (int i = 0; i < cycles; ++i) {
      if (poison != Poison::kOperands) simulation_.poison(poison != Poison::kSomeState);
      cycle([&](Recovering& subject) { subject.drive_unknown(poison); }, -1);
    }
    if (by_reset) cycle([](Recovering& subject) { subject.drive_reset(); }, -1);
    for (int i = 0; i <= known_after_; ++i) {
      cycle([&](Recovering& s) { s.drive_row(i, by_reset); }, i);
    }
    for (int i = 0; i < kCyclesAfter + latency_; ++i) {
      const bool gap = i >= kCyclesAfter || random_() % 2 == 0;
      cycle([&](Recovering& s) { gap ? s.drive_gap() : s.drive_operation(random_() % 8 == 0); },
            -1);
    }
    for (const auto& subject : subjects_) ++subject->report().recoveries;
  }

 private:
  /// `operation`: its number among those in a row, from 0; -1: registers may be X.
  template <typename Drive>
  void cycle(const Drive& drive, int operation) {
    for (const auto& subject : subjects_) drive(*subject);
    simulation_.eval(false);
    if (operation >= 0) simulation_.probe();
    simulation_.eval(true);
    for (std::size_t i = 0; i < subjects_.size(); ++i) {
      subjects_[i]->check(now_);
      if (operation >= subjects_[i]->known_after()) {
        subjects_[i]->check_state(now_, simulation_.unknown_state()[i]);
      }
    }
    ++now_;
  }

  IcarusSimulation& simulation_;
  Subjects& subjects_;
  std::mt19937_64 random_;
  int latency_ = 1, known_after_ = 1;
  std::uint64_t now_ = 0;
};

}  // namespace

void recover(IcarusSimulation& simulation, const std::vector<Slot>& slots,
             const VerifyOptions& options) {
  Subjects subjects;
  for (const Slot& slot : slots) subjects.push_back(std::make_unique<Recovering>(slot, options));
  const int turns = options.quick ? kQuickTurns : kTurns;
  if (slots[0].subject->spec.is_clocked()) {
    ClockedRecovery recovery(simulation, subjects, options.seed);
    for (int turn = 0; turn < turns; ++turn) {
      recovery.turn(static_cast<Poison>(turn % kPoisons), turn / kPoisons % 2 == 0);
    }
    return;
  }
  for (int turn = 0; turn < turns; ++turn) {
    for (const bool unknown : {true, false}) {
      for (const auto& subject : subjects) subject->drive_operands(unknown);
      simulation.eval(false);
    }
    for (const auto& subject : subjects) {
      subject->check_combinational(static_cast<std::uint64_t>(turn));
      ++subject->report().recoveries;
    }
  }
}

}  // namespace fewbit::verify
