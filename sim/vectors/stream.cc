// The phases of a clocked operator's stimulus.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/vectors/stream.h"

#include <algorithm>
#include <limits>

#include "fewbit/sim/model/arithmetic.h"
#include "fewbit/sim/model/reader.h"
#include "fewbit/sim/vectors/corner.h"

namespace fewbit::vectors {
namespace {

constexpr std::uint64_t kStepsBeyond = 8;  // past a limit, before the way back
constexpr int kPowerUpCycles = 3;
constexpr std::uint64_t kRoundedRun =
    300;  // addends of one sign, to overflow or to where they vanish

/// ceil(distance / step), at most `most` + 1; 0 where a step leads nowhere.
std::uint64_t steps_to(const BigInt& distance, const BigInt& step, std::uint64_t most) {
  if (step <= 0) return 0;
  const BigInt steps = (distance + step - 1) / step;
  return steps > most ? most + 1 : static_cast<std::uint64_t>(steps);
}

/// Between operands, a gap after one of so many.
std::uint64_t gap_one_in(const StreamStimulus::Options& options) { return options.quick ? 8 : 3; }

double exact_steps(const BigInt& distance, const BigInt& step) {
  return step <= 0 ? 0 : static_cast<double>(BigInt((distance + step - 1) / step));
}

}  // namespace

StreamStimulus::StreamStimulus(const OperatorSpec& spec, const Options& options)
    : spec_(spec),
      options_(options),
      sequence_(spec, options.seed, options.random_operands, options.coverage),
      random_(options.seed ^ 0x9e3779b97f4a7c15),
      run_limit_(spec.terms > 0 ? static_cast<std::uint64_t>(spec.terms)
                                : std::numeric_limits<std::uint64_t>::max()) {
  FEWBIT_CHECK(spec.is_clocked(), "{} has no clock", spec.info().name);
  if (spec.accumulates()) find_extremes();
}

/// Corner codes of a and b crossed, the same in every lane, with the largest scales.
std::vector<model::Operands> StreamStimulus::corner_operands() const {
  std::vector<model::Operands> all = {{}};
  for (const OperandPort& port : operand_ports(spec_)) {
    std::vector<BigInt> codes = corner_codes(port.format);
    if (port.name[0] == 's') codes = {BigInt(port.format.as_float().max_finite)};
    if (port.name == "random_i") codes = {0};
    std::vector<model::Operands> longer;
    for (const model::Operands& operands : all) {
      for (const BigInt& code : codes) {
        BigInt lanes = 0;
        for (int k = 0; k < port.lanes; ++k) lanes = (lanes << port.format.bits()) | code;
        longer.push_back(operands);
        longer.back().push_back(lanes);
      }
    }
    all = std::move(longer);
  }
  return all;
}

void StreamStimulus::find_extremes() {
  corners_ = corner_operands();
  const std::vector<OperandPort> ports = operand_ports(spec_);
  std::optional<model::ExactValue> largest, smallest;
  for (const model::Operands& operands : corners_) {
    model::Reader reader(spec_, ports, operands);
    const model::Datum addend = model::exact_result(spec_, reader);
    if (!addend.is_finite()) continue;
    if (!largest || compare(addend.value, *largest) > 0) {
      largest = addend.value;
      largest_ = operands;
    }
    if (!smallest || compare(addend.value, *smallest) < 0) {
      smallest = addend.value;
      smallest_ = operands;
    }
    if (addend.is_zero()) nothing_ = operands;
  }
  FEWBIT_CHECK(largest && smallest, "{} has no finite corner code", spec_.a.name());
  const bool has_zero = !nothing_.empty();  // not so of two bipolar operands
  if (!has_zero) nothing_ = smallest_;
  if (spec_.accumulates_rounded()) return;
  const IntFormat accumulator = output_format(spec_).as_int();
  const auto units = [&](const model::ExactValue& value) {
    return model::addend_units(spec_, model::make_finite(value, false));
  };
  if (spec_.terms > 0) {
    worst_sum_terms_ = static_cast<double>(spec_.terms);
    worst_sum_applied_ = std::min(run_limit_, options_.coverage.longest_sum);
    return;
  }
  const BigInt up = units(*largest);
  const BigInt down = accumulator.is_signed ? BigInt(-units(*smallest)) : BigInt(0);
  const BigInt start = has_zero ? BigInt(0) : units(*smallest);
  const BigInt to_upper = accumulator.max() + 1 - start;
  const BigInt to_lower = 1 - accumulator.min() + start;
  steps_up_ = steps_to(to_upper, up, options_.coverage.longest_sum);
  steps_down_ = steps_to(to_lower, down, options_.coverage.longest_sum);
  worst_sum_terms_ = std::max(exact_steps(to_upper, up), exact_steps(to_lower, down));
  worst_sum_applied_ = std::min(std::max(steps_up_, steps_down_), options_.coverage.longest_sum);
}

bool StreamStimulus::next(Cycle& cycle) {
  while (queue_.empty() && step_ != Step::kEnd) refill();
  if (queue_.empty()) return false;
  cycle = queue_.front().cycle;
  if (--queue_.front().count == 0) queue_.pop_front();
  if (spec_.interleave > 1 && cycle.valid && !cycle.reset) start_in_turn(cycle);
  return true;
}

/// Of sums in turn, first_i starts one or, in as many operations, all of them; always all of those
/// that no reset has made 0.
void StreamStimulus::start_in_turn(Cycle& cycle) {
  const bool must = !has_started_ && spec_.reset == ResetKind::kNone;
  if (cycle.first && starting_ == 0) starting_ = must || random_() % 2 == 0 ? spec_.interleave : 1;
  has_started_ = has_started_ || starting_ > 0;
  cycle.first = starting_ > 0;
  if (starting_ > 0) --starting_;
}

void StreamStimulus::refill() {
  const Step done = step_;
  step_ = static_cast<Step>(static_cast<int>(done) + 1);
  switch (done) {
    case Step::kPowerUp:
      power_up();
      break;
    case Step::kOperands:
      run_of_operands();
      if (next_operands_ < sequence_.size()) step_ = Step::kOperands;
      break;
    case Step::kExtremes:
      if (spec_.accumulates_rounded()) {
        rounded_sums();
      } else if (spec_.accumulates()) {
        spec_.terms > 0 ? sums_sized_by_terms() : sums_past_the_limits();
      }
      break;
    case Step::kFirstEveryCycle:
      if (spec_.accumulates()) first_every_cycle();
      break;
    case Step::kSticky:
      if (spec_.accumulates() && special_flags(spec_).any()) sticky_flags();
      break;
    case Step::kMidFlow:
      if (spec_.reset != ResetKind::kNone) reset_in_mid_flow();
      break;
    case Step::kEnd:
      step_ = Step::kEnd;
      break;
  }
  // What is still in the pipeline comes out, and is seen to hold.
  if (step_ != done && !queue_.empty()) idle(queue_.back().cycle.phase, 12);
}

void StreamStimulus::power_up() {
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

void StreamStimulus::run_of_operands() {
  const bool starts_from_reset = next_operands_ == 0 && spec_.reset != ResetKind::kNone;
  bool first = !starts_from_reset;
  for (std::uint64_t left = random_run_length(); left > 0 && next_operands_ < sequence_.size();
       --left) {
    const std::string_view phase = sequence_.phase(next_operands_);
    if (random_() % gap_one_in(options_) == 0) idle(phase, 1 + random_() % 3);
    accept(phase, first, sequence_[next_operands_++]);
    first = false;
  }
}

void StreamStimulus::sums_sized_by_terms() {
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

void StreamStimulus::sums_past_the_limits() {
  const std::uint64_t up = std::min(steps_up_, options_.coverage.longest_sum);
  const std::uint64_t down = std::min(steps_down_, options_.coverage.longest_sum);
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

void StreamStimulus::first_every_cycle() {
  for (int i = 0; i < (options_.quick ? 50 : 500); ++i) {
    accept("first every cycle", true, random_operands());
  }
}

void StreamStimulus::sticky_flags() {
  // Every corner value, alone and after others, followed by finite addends that must not clear it.
  constexpr std::string_view kPhase = "sticky flags";
  const std::vector<OperandPort> ports = operand_ports(spec_);
  for (const model::Operands& operands : corners_) {
    model::Reader reader(spec_, ports, operands);
    const bool special = !model::exact_result(spec_, reader).is_finite();
    if (!special || (options_.quick && random_() % 4 != 0)) continue;
    const bool alone = run_limit_ < 4 || (random_() & 1) != 0;
    if (!alone) accept(kPhase, true, largest_);
    accept(kPhase, alone, operands);
    if (random_() % 2 == 0) idle(kPhase, 2);
    if (run_limit_ >= 4) accept(kPhase, false, random_() % 2 == 0 ? smallest_ : nothing_, 2);
    accept(kPhase, true, nothing_);
  }
}

/// Sums of float formats: up until they overflow or the addends vanish, down again, and from
/// special values on.
void StreamStimulus::rounded_sums() {
  accept("up", true, largest_, kRoundedRun);
  accept("down", false, smallest_, 2 * kRoundedRun);
  accept_random("from there", 40);
  accept("down first", true, smallest_, kRoundedRun);
  accept("up again", false, largest_, 2 * kRoundedRun);
  for (int i = 0; i < 20; ++i) {
    const model::Operands operands = random_operands();
    accept("the same again", true, operands, 50 + random_() % 200);
    accept_random("after the same", 10);
  }
  for (int i = 0; i < 200; ++i) {
    accept("from corners", true, corners_[random_() % corners_.size()]);
    accept("from corners", false, corners_[random_() % corners_.size()]);
    accept_random("from corners", random_() % 8);
  }
}

void StreamStimulus::reset_in_mid_flow() {
  constexpr std::string_view kPhase = "reset in mid-flow";
  const bool asynchronous = spec_.reset == ResetKind::kAsyncLow;
  for (int i = 0; i < (options_.quick ? 24 : 120); ++i) {
    const std::uint64_t before = std::min<std::uint64_t>(1 + random_() % 12, run_limit_);
    const bool extreme = spec_.accumulates() && random_() % 2 == 0;
    accept(kPhase, true, extreme ? largest_ : random_operands());
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
    // With and without first_i, also in the very first cycle after the reset.
    accept(kPhase, must_start_with_first || random_() % 2 == 0, random_operands());
    if (after > 1) accept_random(kPhase, after - 1);
  }
}

model::Operands StreamStimulus::random_operands() {
  return sequence_[random_() % sequence_.size()];
}

void StreamStimulus::accept(std::string_view phase, bool first, model::Operands operands,
                            std::uint64_t count) {
  if (count == 0) return;
  queue_.push_back({{false, false, true, first, operands, phase}, first ? 1 : count});
  if (first && count > 1) accept(phase, false, std::move(operands), count - 1);
}

void StreamStimulus::accept_random(std::string_view phase, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    if (random_() % 8 == 0) idle(phase, 1 + random_() % 3);
    accept(phase, false, random_operands());
  }
}

Cycle StreamStimulus::idle_cycle(std::string_view phase) {
  return {false, false, false, (random_() & 1) != 0, random_operands(), phase};
}

void StreamStimulus::idle(std::string_view phase, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) queue_.push_back({idle_cycle(phase)});
}

std::uint64_t StreamStimulus::random_run_length() {
  constexpr std::uint64_t kSpread[] = {1, 2, 8, 8, 8, 64, 64, 1000};
  const std::uint64_t spread = std::min(kSpread[random_() % 8], run_limit_);
  return 1 + random_() % spread;
}

std::uint64_t StreamStimulus::cycles_of_extremes() const {
  if (spec_.terms > 0) return 4 * worst_sum_applied_;
  const std::uint64_t most = options_.coverage.longest_sum;
  return (9 * std::min(steps_up_, most) + 7 * std::min(steps_down_, most)) / 2;
}

std::uint64_t expected_cycles(const OperatorSpec& spec, const StreamStimulus::Options& options) {
  const int bits = operand_bits(spec);
  const std::uint64_t operations = bits <= options.coverage.exhaustive_bits
                                       ? std::uint64_t{1} << bits
                                       : options.coverage.corners + options.random_operands;
  if (!spec.is_clocked()) return operations;
  const std::uint64_t cycles = operations + 2 * operations / gap_one_in(options);
  if (!spec.accumulates()) return cycles;
  StreamStimulus::Options without_operands = options;
  without_operands.random_operands = without_operands.coverage.corners = 0;
  return cycles + StreamStimulus(spec, without_operands).cycles_of_extremes();
}

}  // namespace fewbit::vectors
