// A clocked operator, cycle by cycle: handshake, results (also that they hold), flags, tag, reset.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "fewbit/sim/vectors/stream.h"
#include "fewbit/sim/verify/scoreboard.h"
#include "fewbit/sim/verify/stream_model.h"

namespace fewbit::verify {
namespace {

class StreamBench : public Bench {
 public:
  StreamBench(const OperatorSpec& spec, const VerifyOptions& options)
      : reset_(spec.reset),
        elastic_(spec.handshake == Handshake::kValidReady),
        tag_mask_(spec.tag_bits >= 64 ? ~std::uint64_t{0}
                                      : (std::uint64_t{1} << spec.tag_bits) - 1),
        has_tag_(spec.tag_bits > 0),
        model_(spec),
        stimulus_(spec, {options.seed, options.random_vectors, options.coverage, options.quick}),
        random_(options.seed ^ 0x5851f42d4c957f2d) {}

  void start() override {
    int latency = 0;
    const std::uint64_t distinct = stimulus_.operands().distinct();
    for (const Slot& slot : slots_) {
      const int own = slot.subject->design.signature.latency_cycles;
      FEWBIT_CHECK(own >= 1, "{}: a clocked operator of latency {}", slot.subject->label, own);
      FEWBIT_CHECK(latency == 0 || latency == own || !elastic_,
                   "{}: back-pressure on pipelines of different length", slot.subject->label);
      latency = std::max(latency, own);
      slot.report->exhaustive = stimulus_.operands().exhaustive();
      slot.report->operands_applied = distinct;
      slot.report->operands_possible = stimulus_.operands().possible();
      slot.report->worst_sum_terms = stimulus_.worst_sum_terms();
      slot.report->worst_sum_applied = stimulus_.worst_sum_applied();
    }
    latency_ = latency;
    history_.resize(static_cast<std::size_t>(latency));
  }

  bool drive_low() override {
    // A producer keeps its operand until it is taken.
    if (!waiting_ && !stimulus_.next(cycle_)) {
      cycle_ = {};
      drive({.reset_level = reset_ != ResetKind::kSyncHigh});  // idle while others go on
      return false;
    }
    if (!waiting_) tag_ = random_() & tag_mask_;
    if (elastic_) choose_ready();
    drive(pins(cycle_.reset || cycle_.reset_pulse));
    return true;
  }

  [[nodiscard]] double share() const override { return stimulus_.share(); }

  void check_low() override {
    const bool reset = cycle_.reset || cycle_.reset_pulse;
    if (reset_ == ResetKind::kAsyncLow && reset) {
      clear();
      check();
    }
    if (!elastic_ || !result().valid_known) return;
    const Context context = {now_, cycle_.phase, &cycle_.operands};
    for (const Slot& slot : slots_) check_ready(slot, ready_ || !result().valid, context);
  }

  bool drive_high() override {
    if (!cycle_.reset_pulse) return false;
    drive(pins(cycle_.reset));
    return true;
  }

  void check_high() override {
    waiting_ = false;
    if (cycle_.reset) {
      clear();
    } else if (elastic_ && !(ready_ || !result().valid) && result().valid_known) {
      waiting_ = cycle_.valid;  // nothing moves
    } else {
      newest_ = (newest_ + 1) % history_.size();
      State& state = history_[newest_];
      state.valid = cycle_.valid;
      state.valid_known = true;
      if (cycle_.valid) {
        last_ = {cycle_.operands, cycle_.phase, tag_};
        model_.step(cycle_.first, cycle_.operands);
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
    model::Operands operands;
    std::string_view phase;
    std::uint64_t tag = 0;
  };
  /// The outputs after one rising edge of a subject with latency 1; others show it later.
  struct State {
    bool valid_known = false;
    bool valid = false;
    bool outputs_known = false;
    model::Outputs outputs;
    Accepted accepted;
  };

  /// What the end of the longest pipeline shows.
  [[nodiscard]] const State& result() const {
    return history_[(newest_ + history_.size() - static_cast<std::size_t>(latency_ - 1)) %
                    history_.size()];
  }

  [[nodiscard]] Pins pins(bool reset) const {
    return {&cycle_.operands, reset == (reset_ == ResetKind::kSyncHigh),
            cycle_.valid,     cycle_.first,
            ready_,           tag_};
  }

  void drive(Pins pins) {
    for (const Slot& slot : slots_) slot.simulation->drive(slot.index, pins);
  }

  /// Consumers that take everything, seldom wait, often wait, or come in long pauses.
  void choose_ready() {
    if (ready_left_ == 0) {
      ready_mode_ = static_cast<int>(random_() % 4);
      ready_left_ = 1 + random_() % 64;
    }
    --ready_left_;
    if (!result().valid_known) {  // without a reset the first results are anybody's
      ready_ = true;
      return;
    }
    const bool rare = random_() % 4 == 0;
    ready_ = ready_mode_ == 0 || (ready_mode_ == 1 && !rare) || (ready_mode_ == 2 && rare) ||
             (ready_mode_ == 3 && ready_left_ == 0);
  }

  /// Reset empties the pipeline: nothing accepted before it is ever seen.
  void clear() {
    model_.reset();
    outputs_known_ = model_.accumulates();  // other results are not reset
    last_ = {cycle_.operands, cycle_.phase, tag_};
    for (State& state : history_) state = {true, false, outputs_known_, model_.outputs(), last_};
  }

  void check() {
    for (const Slot& slot : slots_) {
      const std::size_t age =
          static_cast<std::size_t>(slot.subject->design.signature.latency_cycles) - 1;
      const State& state = history_[(newest_ + history_.size() - age) % history_.size()];
      // A result is named by its operands; between results the current phase says more.
      const Context context = {now_, state.valid ? state.accepted.phase : cycle_.phase,
                               &state.accepted.operands};
      if (state.valid_known) check_valid(slot, state.valid, context);
      if (state.outputs_known) check_outputs(slot, state.outputs, context);
      if (has_tag_ && state.valid) check_tag(slot, state.accepted.tag, context);
    }
  }

  ResetKind reset_;
  bool elastic_;
  std::uint64_t tag_mask_;
  bool has_tag_;
  StreamModel model_;
  vectors::StreamStimulus stimulus_;
  std::mt19937_64 random_;
  vectors::Cycle cycle_;
  std::uint64_t tag_ = 0;
  bool ready_ = true;
  bool waiting_ = false;
  int ready_mode_ = 0;
  std::uint64_t ready_left_ = 0;
  int latency_ = 1;
  std::vector<State> history_;  // a ring
  std::size_t newest_ = 0;
  Accepted last_;
  bool outputs_known_ = false;  // after power-up without a reset: from the first result on
  std::uint64_t now_ = 0;
};

}  // namespace

std::unique_ptr<Bench> make_stream_bench(const OperatorSpec& spec, const VerifyOptions& options) {
  return std::make_unique<StreamBench>(spec, options);
}

}  // namespace fewbit::verify
