// The phases of an accumulator's stimulus.
// SPDX-License-Identifier: Apache-2.0
#include "sim/vectors/accumulator.h"

#include <algorithm>
#include <limits>

#include "sim/model/exact.h"
#include "sim/vectors/corner.h"

namespace fewbit::vectors {
namespace {

constexpr std::uint64_t kStepsBeyond = 8;  // past a limit, before the way back
constexpr int kPowerUpCycles = 3;

/// The addend in units of the accumulator's last bit.
BigInt in_units(const model::ExactValue& value, int lsb_exponent) {
  const int shift = value.exponent - lsb_exponent;
  return shift >= 0 ? BigInt(value.significand << shift) : BigInt(value.significand >> -shift);
}

/// ceil(distance / step), at most kLongestSum + 1; 0 where a step leads nowhere.
std::uint64_t steps_to(const BigInt& distance, const BigInt& step) {
  if (step <= 0) return 0;
  const BigInt steps = (distance + step - 1) / step;
  return steps > kLongestSum ? kLongestSum + 1 : static_cast<std::uint64_t>(steps);
}

double exact_steps(const BigInt& distance, const BigInt& step) {
  return step <= 0 ? 0 : static_cast<double>(BigInt((distance + step - 1) / step));
}

}  // namespace

AccumulatorStimulus::AccumulatorStimulus(const OperatorSpec& spec, const Options& options)
    : spec_(spec),
      options_(options),
      pairs_(spec.a, spec.b, options.seed, options.random_pairs),
      random_(options.seed ^ 0x9e3779b97f4a7c15),
      run_limit_(spec.terms > 0 ? static_cast<std::uint64_t>(spec.terms)
                                : std::numeric_limits<std::uint64_t>::max()) {
  FEWBIT_CHECK(spec.accumulates(), "{} has no accumulator", spec.info().name);
  find_extremes();
}

void AccumulatorStimulus::find_extremes() {
  const IntFormat accumulator = output_format(spec_).as_int();
  const std::vector<Code> b_codes = spec_.b ? corner_codes(*spec_.b) : std::vector<Code>{0};
  std::optional<BigInt> largest, smallest;
  for (const Code a : corner_codes(spec_.a)) {
    const model::Datum x = model::decode(spec_.a, a);
    for (const Code b : b_codes) {
      const model::Datum y = spec_.b ? model::decode(*spec_.b, b) : x;
      if (!x.is_finite() || !y.is_finite()) continue;
      const BigInt addend =
          in_units(spec_.b ? x.value * y.value : x.value, accumulator.lsb_exponent);
      if (!largest || addend > *largest) largest = addend, largest_ = {a, b};
      if (!smallest || addend < *smallest) smallest = addend, smallest_ = {a, b};
      if (addend == 0) nothing_ = {a, b};
    }
  }
  FEWBIT_CHECK(largest && smallest, "{} has no finite corner code", spec_.a.name());
  if (spec_.terms > 0) {
    worst_sum_terms_ = static_cast<double>(spec_.terms);
    worst_sum_applied_ = std::min(run_limit_, kLongestSum);
    return;
  }
  const BigInt down = accumulator.is_signed ? BigInt(-*smallest) : BigInt(0);
  steps_up_ = steps_to(accumulator.max() + 1, *largest);
  steps_down_ = steps_to(1 - accumulator.min(), down);
  worst_sum_terms_ = std::max(exact_steps(accumulator.max() + 1, *largest),
                              exact_steps(1 - accumulator.min(), down));
  worst_sum_applied_ = std::min(std::max(steps_up_, steps_down_), kLongestSum);
}

bool AccumulatorStimulus::next(Cycle& cycle) {
  while (queue_.empty() && step_ != Step::kEnd) refill();
  if (queue_.empty()) return false;
  cycle = queue_.front().cycle;
  if (--queue_.front().count == 0) queue_.pop_front();
  return true;
}

void AccumulatorStimulus::refill() {
  const Step done = step_;
  step_ = static_cast<Step>(static_cast<int>(done) + 1);
  switch (done) {
    case Step::kPowerUp:
      power_up();
      break;
    case Step::kPairs:
      run_of_pairs();
      if (next_pair_ < pairs_.size()) step_ = Step::kPairs;
      break;
    case Step::kExtremes:
      spec_.terms > 0 ? sums_sized_by_terms() : sums_past_the_limits();
      break;
    case Step::kFirstEveryCycle:
      first_every_cycle();
      break;
    case Step::kSticky:
      if (special_flags(spec_).any()) sticky_flags();
      break;
    case Step::kMidFlow:
      if (spec_.reset != ResetKind::kNone) reset_in_mid_flow();
      break;
    case Step::kEnd:
      step_ = Step::kEnd;
      break;
  }
  // What is still in the pipeline comes out, and is seen to hold.
  if (step_ != done) idle(queue_.empty() ? "" : queue_.back().cycle.phase, 12);
}

void AccumulatorStimulus::power_up() {
  if (spec_.reset == ResetKind::kNone) return idle("power-up", kPowerUpCycles);
  idle("reset at power-up", 1);  // an asynchronous reset acts when it becomes active
  for (int i = 0; i < kPowerUpCycles; ++i) {
    Cycle cycle = idle_cycle("reset at power-up");
    cycle.reset = true;
    cycle.valid = (random_() & 1) != 0;
    queue_.push_back({cycle});
  }
  idle("reset at power-up", 4);
}

void AccumulatorStimulus::run_of_pairs() {
  const bool starts_from_reset = next_pair_ == 0 && spec_.reset != ResetKind::kNone;
  bool first = !starts_from_reset;
  const std::uint64_t gap_one_in = options_.quick ? 8 : 3;
  for (std::uint64_t left = random_run_length(); left > 0 && next_pair_ < pairs_.size(); --left) {
    const std::string_view phase = pairs_.phase(next_pair_);
    if (random_() % gap_one_in == 0) idle(phase, 1 + random_() % 3);
    accept(phase, first, pairs_[next_pair_++]);
    first = false;
  }
}

void AccumulatorStimulus::sums_sized_by_terms() {
  accept("extreme sum +", true, largest_, worst_sum_applied_);
  idle("extreme sum +", 2);
  accept("extreme sum -", true, smallest_, worst_sum_applied_);
  idle("extreme sum -", 2);
  // From the far ends back: the first half up, the second half down, and the reverse.
  const std::uint64_t half = worst_sum_applied_ / 2;
  if (half == 0) return;
  accept("extreme sum + and back", true, largest_, half);
  accept("extreme sum + and back", false, smallest_, half);
  accept("extreme sum - and back", true, smallest_, half);
  accept("extreme sum - and back", false, largest_, half);
}

void AccumulatorStimulus::sums_past_the_limits() {
  const std::uint64_t up = std::min(steps_up_, kLongestSum);
  const std::uint64_t down = std::min(steps_down_, kLongestSum);
  const std::uint64_t loiter = options_.quick ? 64 : 400;
  accept("past the upper limit", true, nothing_);
  accept("past the upper limit", false, largest_, up + kStepsBeyond);
  idle("past the upper limit", 2);
  accept_random("near the upper limit", loiter);
  accept("back from the upper limit", false, smallest_, down / 2 + kStepsBeyond);
  accept("past the lower limit", true, nothing_);
  accept("past the lower limit", false, smallest_, down + kStepsBeyond);
  idle("past the lower limit", 2);
  accept_random("near the lower limit", loiter);
  accept("back from the lower limit", false, largest_, up / 2 + kStepsBeyond);
  accept("from limit to limit", false, largest_, up + kStepsBeyond);
  accept("from limit to limit", false, smallest_, 2 * (down + kStepsBeyond));
  accept("from limit to limit", false, largest_, 2 * (up + kStepsBeyond));
}

void AccumulatorStimulus::first_every_cycle() {
  for (int i = 0; i < (options_.quick ? 50 : 500); ++i) {
    accept("first every cycle", true, random_pair());
  }
}

void AccumulatorStimulus::sticky_flags() {
  // Every corner value, alone and after others, followed by finite addends that must not clear it.
  constexpr std::string_view kPhase = "sticky flags";
  const std::vector<Code> b_codes = spec_.b ? corner_codes(*spec_.b) : std::vector<Code>{0};
  for (const Code a : corner_codes(spec_.a)) {
    for (const Code b : b_codes) {
      const bool special = !model::decode(spec_.a, a).is_finite() ||
                           (spec_.b && !model::decode(*spec_.b, b).is_finite());
      if (!special || (options_.quick && random_() % 4 != 0)) continue;
      const bool alone = run_limit_ < 4 || (random_() & 1) != 0;
      if (!alone) accept(kPhase, true, largest_);
      accept(kPhase, alone, {a, b});
      if (random_() % 2 == 0) idle(kPhase, 2);
      if (run_limit_ >= 4) accept(kPhase, false, random_() % 2 == 0 ? smallest_ : nothing_, 2);
      accept(kPhase, true, nothing_);
    }
  }
}

void AccumulatorStimulus::reset_in_mid_flow() {
  constexpr std::string_view kPhase = "reset in mid-flow";
  const bool asynchronous = spec_.reset == ResetKind::kAsyncLow;
  for (int i = 0; i < (options_.quick ? 24 : 120); ++i) {
    const std::uint64_t before = std::min<std::uint64_t>(1 + random_() % 12, run_limit_);
    accept(kPhase, true, random_() % 2 == 0 ? largest_ : random_pair());
    if (before > 1) accept_random(kPhase, before - 1);
    if (random_() % 3 == 0) idle(kPhase, 1 + random_() % 8);
    bool must_start_with_first = false;
    Cycle cycle = idle_cycle(kPhase);
    cycle.valid = (random_() & 1) != 0;
    if (i % 3 == 0) {
      // Between two edges. A synchronous reset must not notice; then the cycle is an idle one.
      cycle.reset_pulse = true;
      cycle.valid = false;
      must_start_with_first = !asynchronous;
      queue_.push_back({cycle});
    } else {
      cycle.reset = true;
      queue_.push_back({cycle, i % 3 == 1 ? 1U : 4U});
    }
    if (random_() % 2 == 0) idle(kPhase, random_() % 8);
    const std::uint64_t after = std::min<std::uint64_t>(1 + random_() % 6, run_limit_);
    accept(kPhase, must_start_with_first, random_pair());
    if (after > 1) accept_random(kPhase, after - 1);
  }
}

OperandPair AccumulatorStimulus::random_pair() { return pairs_[random_() % pairs_.size()]; }

void AccumulatorStimulus::accept(std::string_view phase, bool first, OperandPair pair,
                                 std::uint64_t count) {
  if (count == 0) return;
  queue_.push_back({{false, false, true, first, pair.a, pair.b, phase}, first ? 1 : count});
  if (first && count > 1) accept(phase, false, pair, count - 1);
}

void AccumulatorStimulus::accept_random(std::string_view phase, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    if (random_() % 8 == 0) idle(phase, 1 + random_() % 3);
    accept(phase, false, random_pair());
  }
}

Cycle AccumulatorStimulus::idle_cycle(std::string_view phase) {
  const OperandPair pair = random_pair();
  return {false, false, false, (random_() & 1) != 0, pair.a, pair.b, phase};
}

void AccumulatorStimulus::idle(std::string_view phase, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) queue_.push_back({idle_cycle(phase)});
}

std::uint64_t AccumulatorStimulus::random_run_length() {
  constexpr std::uint64_t kSpread[] = {1, 2, 8, 8, 8, 64, 64, 1000};
  const std::uint64_t spread = std::min(kSpread[random_() % 8], run_limit_);
  return 1 + random_() % spread;
}

}  // namespace fewbit::vectors
