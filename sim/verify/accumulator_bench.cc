// An accumulator, cycle by cycle: valid_o, acc_o (also that it holds), flags, reset.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/vectors/accumulator.h"
#include "sim/verify/scoreboard.h"

namespace fewbit::verify {
namespace {

class AccumulatorBench : public Bench {
 public:
  AccumulatorBench(const OperatorSpec& spec, const VerifyOptions& options)
      : reset_(spec.reset),
        model_(spec),
        stimulus_(spec, {options.seed, options.random_vectors, options.quick}) {}

  void start() override {
    int latency = 0;
    for (const Slot& slot : slots_) {
      const int own = slot.subject->design.signature.latency_cycles;
      FEWBIT_CHECK(own >= 1, "{}: an accumulator of latency {}", slot.subject->label, own);
      latency = std::max(latency, own);
      slot.report->exhaustive = stimulus_.pairs().exhaustive();
      slot.report->pairs_applied = stimulus_.pairs().distinct();
      slot.report->pairs_possible = stimulus_.pairs().possible();
      slot.report->worst_sum_terms = stimulus_.worst_sum_terms();
      slot.report->worst_sum_applied = stimulus_.worst_sum_applied();
    }
    history_.resize(static_cast<std::size_t>(latency));
  }

  bool drive_low() override {
    if (!stimulus_.next(cycle_)) {
      drive({});  // idle while others of the same simulation go on
      return false;
    }
    drive(pins(cycle_.reset || cycle_.reset_pulse));
    return true;
  }

  void check_low() override {
    if (reset_ != ResetKind::kAsyncLow || !(cycle_.reset || cycle_.reset_pulse)) return;
    clear();
    check();
  }

  bool drive_high() override {
    if (!cycle_.reset_pulse) return false;
    drive(pins(cycle_.reset));
    return true;
  }

  void check_high() override {
    if (cycle_.reset) {
      clear();
    } else {
      newest_ = (newest_ + 1) % history_.size();
      State& state = history_[newest_];
      state.valid = cycle_.valid;
      state.valid_known = true;
      if (cycle_.valid) {
        last_ = {{cycle_.a, cycle_.b}, cycle_.phase};
        model_.step(cycle_.first, cycle_.a, cycle_.b);
        outputs_known_ = true;
        for (const Slot& slot : slots_) ++slot.report->vectors;
      }
      state.outputs_known = outputs_known_;
      state.outputs = model_.outputs();
      state.accepted = last_;
    }
    check();
    ++now_;
  }

 private:
  struct Accepted {
    vectors::OperandPair operands;
    std::string_view phase;
  };
  /// The outputs after one rising edge of a subject with latency 1; others show it later.
  struct State {
    bool valid_known = false;
    bool valid = false;
    bool outputs_known = false;
    model::Outputs outputs;
    Accepted accepted;
  };

  [[nodiscard]] Pins pins(bool reset) const {
    return {cycle_.a, cycle_.b, reset == (reset_ == ResetKind::kSyncHigh), cycle_.valid,
            cycle_.first};
  }

  void drive(Pins pins) {
    for (const Slot& slot : slots_) slot.simulation->drive(slot.index, pins);
  }

  /// Reset empties the pipeline: nothing accepted before it is ever seen.
  void clear() {
    model_.reset();
    outputs_known_ = true;
    last_ = {{cycle_.a, cycle_.b}, cycle_.phase};
    for (State& state : history_) state = {true, false, true, model_.outputs(), last_};
  }

  void check() {
    for (const Slot& slot : slots_) {
      const std::size_t age =
          static_cast<std::size_t>(slot.subject->design.signature.latency_cycles) - 1;
      const State& state = history_[(newest_ + history_.size() - age) % history_.size()];
      // A result is named by its operands; between results the current phase says more.
      const Context context = {now_, state.valid ? state.accepted.phase : cycle_.phase,
                               state.accepted.operands};
      if (state.valid_known) check_valid(slot, state.valid, context);
      if (state.outputs_known) check_outputs(slot, state.outputs, context);
    }
  }

  ResetKind reset_;
  model::Accumulator model_;
  vectors::AccumulatorStimulus stimulus_;
  vectors::Cycle cycle_;
  std::vector<State> history_;  // a ring
  std::size_t newest_ = 0;
  Accepted last_;
  bool outputs_known_ = false;  // after power-up without a reset: from the first result on
  std::uint64_t now_ = 0;
};

}  // namespace

std::unique_ptr<Bench> make_accumulator_bench(const OperatorSpec& spec,
                                              const VerifyOptions& options) {
  return std::make_unique<AccumulatorBench>(spec, options);
}

}  // namespace fewbit::verify
