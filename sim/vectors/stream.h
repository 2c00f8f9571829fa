// StreamStimulus: what a clocked operator is put through, cycle by cycle.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <random>
#include <string_view>

#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/sim/vectors/operands.h"

namespace fewbit::vectors {

/// The inputs of one clock cycle, applied while the clock is low.
struct Cycle {
  bool reset_pulse = false;  ///< reset asserted and released again before the rising edge
  bool reset = false;        ///< reset asserted before and at the rising edge
  bool valid = false;
  bool first = false;
  model::Operands operands;
  std::string_view phase;
};

/// In this order: reset at power-up; every operand (or the sampled ones) in runs of random length
/// with random gaps; of accumulators sums to both extremes, first_i in every cycle, and sticky
/// flags set and cleared; reset in mid-flow, also with operands in the pipeline and between clock
/// edges. While valid_i = 0 the other inputs are random. Accumulators sized by terms never
/// get a longer run. Those without a reset start every sum with first_i; of sums in turn first_i
/// starts one or all of them. Same spec and options: same cycles.
class StreamStimulus {
 public:
  struct Options {
    std::uint64_t seed = 1;
    std::uint64_t random_operands = 200000;
    Coverage coverage;
    bool quick = false;  ///< fewer gaps and repetitions; the same phases
  };
  StreamStimulus(const OperatorSpec& spec, const Options& options);

  /// The next cycle in `cycle`; false at the end.
  bool next(Cycle& cycle);

  [[nodiscard]] const OperandSequence& operands() const { return sequence_; }
  /// How much of `operands()` was applied, 0 to 1; the phases after them are short, mostly.
  [[nodiscard]] double share() const {
    return static_cast<double>(next_operands_) / static_cast<double>(sequence_.size());
  }
  /// Terms that reach the farther end of the accumulator (sized by terms: `terms`), and how many of
  /// them were applied: all, up to coverage.longest_sum.
  [[nodiscard]] double worst_sum_terms() const { return worst_sum_terms_; }
  [[nodiscard]] std::uint64_t worst_sum_applied() const { return worst_sum_applied_; }
  /// Cycles of the worst-case sums, about.
  [[nodiscard]] std::uint64_t cycles_of_extremes() const;

 private:
  enum class Step { kPowerUp, kOperands, kExtremes, kFirstEveryCycle, kSticky, kMidFlow, kEnd };
  struct Repeated {
    Cycle cycle;
    std::uint64_t count = 1;
  };

  [[nodiscard]] std::vector<model::Operands> corner_operands() const;
  void find_extremes();
  void refill();
  void start_in_turn(Cycle& cycle);
  void power_up();
  void run_of_operands();
  void sums_sized_by_terms();
  void sums_past_the_limits();
  void rounded_sums();
  void first_every_cycle();
  void sticky_flags();
  void reset_in_mid_flow();

  model::Operands random_operands();
  void accept(std::string_view phase, bool first, model::Operands operands,
              std::uint64_t count = 1);
  void accept_random(std::string_view phase, std::uint64_t count);
  Cycle idle_cycle(std::string_view phase);
  void idle(std::string_view phase, std::uint64_t count);
  std::uint64_t random_run_length();

  OperatorSpec spec_;
  Options options_;
  OperandSequence sequence_;
  std::mt19937_64 random_;
  std::uint64_t run_limit_;                       // accepted operands from one first_i to the next
  std::vector<model::Operands> corners_;          // of accumulators, some of them special
  model::Operands largest_, smallest_, nothing_;  // addends: greatest, least, zero
  std::uint64_t steps_up_ = 0, steps_down_ = 0;
  double worst_sum_terms_ = 0;
  std::uint64_t worst_sum_applied_ = 0;

  int starting_ = 0;          // sums in turn that are still to be started
  bool has_started_ = false;  // all of them

  Step step_ = Step::kPowerUp;
  std::uint64_t next_operands_ = 0;
  std::deque<Repeated> queue_;
};

/// How long a stimulus for this spec is, clocked or not, in cycles: about, and soon said. What
/// grows with the operands and with the worst-case sum is counted, the short phases are not.
std::uint64_t expected_cycles(const OperatorSpec& spec, const StreamStimulus::Options& options);

}  // namespace fewbit::vectors
