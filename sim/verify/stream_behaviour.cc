// StreamBehaviour: see stream_behaviour.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/verify/stream_behaviour.h"

#include <fmt/format.h>

#include <algorithm>

#include "fewbit/gen/util/check.h"

namespace fewbit::verify {
namespace {

constexpr int kResetCycles = 2;
constexpr int kIdleCycles = 40;
/// Cycles without a beat after which outputs that stall have filled the design.
constexpr std::uint64_t kFilledAfter = 200;
constexpr int kMostBurst = 40;
constexpr std::uint64_t kSeedStep = 0x9e3779b97f4a7c15;

constexpr const char* kPatternNames[] = {"never", "30 %", "90 %", "bursts", "always"};

bool is_one(const Ports& ports, const std::string& name) {
  const auto found = ports.find(name);
  FEWBIT_CHECK(found != ports.end(), "no port {}", name);
  return found->second == 1;
}

}  // namespace

StreamPlan streams_of(const rtl::ModuleSignature& signature) {
  StreamPlan plan;
  for (const rtl::PortSignature& port : signature.ports) {
    if (port.role == rtl::PortRole::kReset) {
      plan.reset = port.name;
      plan.reset_active = signature.reset == "sync_high";
    }
    const bool is_input = port.direction == rtl::Direction::kInput;
    const std::string end = is_input ? "_valid_i" : "_valid_o";
    if (!port.name.ends_with(end)) continue;
    const std::string name = port.name.substr(0, port.name.size() - end.size());
    const std::string way = is_input ? "_i" : "_o";
    StreamPorts stream{.name = name,
                       .valid = port.name,
                       .ready = name + "_ready" + (is_input ? "_o" : "_i"),
                       .data = name + "_data" + way};
    const rtl::PortSignature* data = signature.find(stream.data);
    FEWBIT_CHECK(data != nullptr && signature.find(stream.ready) != nullptr,
                 "the stream {} of {} lacks ports", name, signature.module);
    stream.data_bits = data->width_bits;
    if (signature.find(name + "_last" + way) != nullptr) stream.last = name + "_last" + way;
    (is_input ? plan.inputs : plan.outputs).push_back(std::move(stream));
  }
  return plan;
}

StreamBehaviour::StreamBehaviour(StreamPlan plan, const StreamOptions& options)
    : plan_(std::move(plan)), options_(options), random_(options.seed) {
  FEWBIT_CHECK(plan_.stimulus && plan_.model && !plan_.reset.empty(), "a plan with holes");
  std::uint64_t seed = options.seed;
  for (auto* sides : {&inputs_, &outputs_}) {
    for (const StreamPorts& ports : sides == &inputs_ ? plan_.inputs : plan_.outputs) {
      Side side{.ports = ports};
      side.random.seed(seed += kSeedStep);
      sides->push_back(std::move(side));
    }
  }
}

void StreamBehaviour::choose_patterns() {
  phase_.clear();
  const bool is_full = kind_ == Kind::kCut && run_ % 6 == 1;  // at the reset
  for (auto* sides : {&inputs_, &outputs_}) {
    for (Side& side : *sides) {
      const bool waits = kind_ == Kind::kFilled && sides == &outputs_;
      side.pattern = kind_ == Kind::kFree || kind_ == Kind::kFilled
                         ? Pattern::kNever
                         : static_cast<Pattern>(side.random() % 4);
      if (waits || (is_full && sides == &outputs_)) side.pattern = Pattern::kAlways;
      phase_ += fmt::format("{}{} {}", phase_.empty() ? "stalls: " : ", ", side.ports.name,
                            kPatternNames[static_cast<std::size_t>(side.pattern)]);
      side.burst = 0;
    }
  }
  if (kind_ == Kind::kFree) phase_ = "no stalls";
  if (kind_ == Kind::kFilled) phase_ = "filled up";
  if (kind_ == Kind::kCut) phase_ += ", then a reset";
}

void StreamBehaviour::start_run() {
  const bool was_cut = kind_ == Kind::kCut;
  ++run_;
  constexpr Kind kKinds[] = {Kind::kFree, Kind::kCut,     Kind::kFilled,
                             Kind::kCut,  Kind::kStalled, Kind::kStalled};
  kind_ = kKinds[static_cast<std::size_t>(run_) % std::size(kKinds)];
  if (run_ == 0 || was_cut) reset_cycles_ = kResetCycles;
  if (reset_cycles_ > 0) was_reset_ = false;
  choose_patterns();
  is_held_back_ = kind_ == Kind::kFilled;
  const model::StreamBeats sent = plan_.stimulus(random_, options_.beats);
  const model::StreamBeats answers = plan_.model(sent);
  most_beats_ = 0;
  for (auto* sides : {&inputs_, &outputs_}) {
    for (Side& side : *sides) {
      side.beats = (sides == &inputs_ ? sent : answers).at(side.ports.name);
      side.moved = 0;
      side.is_open = side.must_hold = false;
      most_beats_ = std::max(most_beats_, side.beats.size());
    }
  }
  cycle_ = quiet_ = 0;
  idle_ = 0;
  cut_at_ = kind_ == Kind::kCut ? random_() % (options_.beats + 1) : 0;
}

bool StreamBehaviour::is_stalled(Side& side) {
  switch (side.pattern) {
    case Pattern::kNever:
      return false;
    case Pattern::kThirty:
      return side.random() % 10 < 3;
    case Pattern::kNinety:
      return side.random() % 10 < 9;
    case Pattern::kBursts:
      if (side.burst-- <= 0) {
        side.burst = static_cast<int>(side.random() % kMostBurst);
        side.bursts = !side.bursts;
      }
      return side.bursts;
    case Pattern::kAlways:
      return true;
  }
  return false;
}

bool StreamBehaviour::all_done() const {
  for (const auto* sides : {&inputs_, &outputs_}) {
    for (const Side& side : *sides) {
      if (!side.is_done()) return false;
    }
  }
  return true;
}

void StreamBehaviour::offer(Side& side, bool resets, Ports& inputs) {
  const bool keeps = side.is_open && !resets;  // what was offered stays
  const bool may =
      side.is_done() || !plan_.may_offer || plan_.may_offer(side.ports.name, side.moved, moved());
  side.is_open = !side.is_done() && !resets && (keeps || (may && !is_stalled(side)));
  inputs[side.ports.valid] = side.is_open ? 1 : 0;
  const bool has_beat = side.is_open;
  // What is not offered may be anything.
  BigInt bits = has_beat ? side.beats[side.moved].data : BigInt(0);
  for (int bit = 0; !has_beat && bit < side.ports.bits(); bit += 64) {
    bits = (bits << 64) | side.random();
  }
  inputs[side.ports.data] = bits % pow2(side.ports.data_bits);
  if (!side.ports.user.empty()) {
    inputs[side.ports.user] = (bits >> side.ports.data_bits) % pow2(side.ports.user_bits);
  }
  if (!side.ports.last.empty()) {
    inputs[side.ports.last] = has_beat ? side.beats[side.moved].last : side.random() % 2;
  }
}

bool StreamBehaviour::drive(Ports& inputs, std::string& phase) {
  if (!hang_.empty()) return false;
  const bool is_cut = kind_ == Kind::kCut && run_ >= 0 && cycle_ >= cut_at_ && cycle_ > 0;
  if (run_ < 0 || idle_ > kIdleCycles || is_cut) {
    if (run_ + 1 >= options_.runs + 2) return false;
    start_run();
  }
  const bool resets = reset_cycles_ > 0;
  inputs[plan_.reset] = resets == plan_.reset_active ? 1 : 0;
  for (Side& side : inputs_) offer(side, resets, inputs);
  for (Side& side : outputs_) {
    side.is_open = !resets && !is_stalled(side);
    inputs[side.ports.ready] = side.is_open ? 1 : 0;
  }
  if (quiet_ > options_.patience) hang_ = waiting();
  phase = hang_.empty() ? phase_ : hang_;
  return true;
}

std::string StreamBehaviour::waiting() const {
  std::string text = fmt::format("{}: nothing moves", phase_);
  for (const auto* sides : {&inputs_, &outputs_}) {
    for (const Side& side : *sides) {
      if (side.is_done()) continue;
      text += fmt::format(", {} waits for {} at beat {} of {}", side.ports.name,
                          sides == &inputs_ ? side.ports.ready : side.ports.valid, side.moved,
                          side.beats.size());
    }
  }
  return text;
}

std::map<std::string, std::size_t> StreamBehaviour::moved() const {
  std::map<std::string, std::size_t> counts;
  for (const auto* sides : {&inputs_, &outputs_}) {
    for (const Side& side : *sides) counts[side.ports.name] = side.moved;
  }
  return counts;
}

bool StreamBehaviour::is_busiest(const Side& side) const {
  return plan_.at_full_rate && kind_ == Kind::kFree && side.beats.size() == most_beats_ &&
         side.moved > 0;
}

void StreamBehaviour::expect_output(Side& side, const Ports& outputs, Ports& expected) {
  const StreamPorts& ports = side.ports;
  if (side.is_done()) {
    expected[ports.valid] = 0;
    return;
  }
  const bool is_filled = is_held_back_ && quiet_ >= kFilledAfter;
  if (side.must_hold || is_busiest(side) || is_filled) expected[ports.valid] = 1;
  if (!is_one(outputs, ports.valid)) return;
  const model::Beat& beat = side.beats[side.moved];
  const BigInt data = beat.data % pow2(ports.data_bits);
  const BigInt unknown = beat.unknown % pow2(ports.data_bits);
  expected[ports.data] = data ^ ((data ^ outputs.at(ports.data)) & unknown);
  if (!ports.user.empty()) expected[ports.user] = beat.data >> ports.data_bits;
  if (!ports.last.empty()) expected[ports.last] = beat.last ? 1 : 0;
}

void StreamBehaviour::expect_input(const Side& side, const Ports& outputs, Ports& expected) const {
  if (is_busiest(side) && !side.is_done()) expected[side.ports.ready] = 1;
  if (plan_.capacity == 0 || !is_held_back_) return;
  if (side.moved >= plan_.capacity) expected[side.ports.ready] = 0;
  const bool is_filled = quiet_ >= kFilledAfter && !side.is_done();
  if (is_filled && side.moved < plan_.capacity && !is_one(outputs, side.ports.ready)) {
    expected[side.ports.ready] = 1;
  }
}

void StreamBehaviour::expect_hang(Ports& expected) {
  for (const Side& side : outputs_) {
    if (!side.is_done()) expected[side.ports.valid] = 1;
  }
  for (const Side& side : inputs_) {
    if (!side.is_done()) expected[side.ports.ready] = 1;
  }
}

void StreamBehaviour::move(const Ports& outputs) {
  ++quiet_;
  for (auto* sides : {&inputs_, &outputs_}) {
    const bool is_input = sides == &inputs_;
    for (Side& side : *sides) {
      const bool there = is_one(outputs, is_input ? side.ports.ready : side.ports.valid);
      const bool moves = side.is_open && there && !side.is_done();
      side.must_hold = there && !moves;
      if (!moves) continue;
      if (side.moved++ == 0) side.first = cycle_;
      side.latest = cycle_;
      quiet_ = 0;
      ++total_;
      if (is_input) side.is_open = false;
    }
  }
}

Ports StreamBehaviour::expect(const Ports& outputs) {
  Ports expected;
  if (reset_cycles_ > 0) {
    for (const Side& side : outputs_) {
      if (was_reset_) expected[side.ports.valid] = 0;
    }
    was_reset_ = true;
    --reset_cycles_;
    return expected;
  }
  for (Side& side : outputs_) expect_output(side, outputs, expected);
  for (const Side& side : inputs_) expect_input(side, outputs, expected);
  if (!hang_.empty()) expect_hang(expected);
  if (plan_.others) {
    for (const auto& [port, bits] : plan_.others(moved())) expected[port] = bits;
  }
  move(outputs);
  if (is_held_back_ && quiet_ > kFilledAfter) {
    is_held_back_ = false;
    quiet_ = 0;
    for (Side& side : outputs_) side.pattern = Pattern::kNever;
  }
  ++cycle_;
  if (!all_done()) return expected;
  ++idle_;
  quiet_ = 0;
  if (kind_ == Kind::kFree && idle_ == 1) {
    for (const auto* sides : {&inputs_, &outputs_}) {
      for (const Side& side : *sides) {
        const auto cycles = static_cast<double>(side.latest - side.first);
        if (side.moved > 1) {
          rates_[side.ports.name] = static_cast<double>(side.moved - 1) / cycles;
        }
      }
    }
  }
  return expected;
}

}  // namespace fewbit::verify
