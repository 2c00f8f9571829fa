// Beats through the streams of a block: random stalls, the rules of streams, and what must come
// out. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "fewbit/sim/verify/design_simulation.h"

namespace fewbit::testing {

struct Beat {
  BigInt data;
  bool last = false;
};

/// How often a stream waits, in percent, `burst` cycles at a time; not before its first `free`
/// beats.
struct Stalls {
  int percent = 0;
  int burst = 1;
  std::size_t free = 0;
};

/// A stream of a run: all its beats, and how it waits.
struct Side {
  std::vector<Beat> beats;
  Stalls stalls;
  bool has_last = true;
  std::size_t done = 0;
  std::vector<int> cycles;  ///< in which the beats moved
  // How it is in this cycle:
  bool offers = false;
  bool waited = false;
  int burst_left = 0;
};

class StreamRun : public verify::Behaviour {
 public:
  StreamRun(std::map<std::string, Side> inputs, std::map<std::string, Side> outputs, unsigned seed)
      : inputs_(std::move(inputs)), outputs_(std::move(outputs)), random_(seed) {}

  bool drive(verify::Ports& ports, std::string& phase) override {
    phase = "stalls";
    const bool in_reset = ++cycle_ <= 2;
    ports["rst_ni"] = in_reset ? 0 : 1;
    for (auto& [name, side] : inputs_) {
      side.offers = !in_reset && side.done < side.beats.size() && (side.waited || !stalls(side));
      // What is not offered may be anything.
      BigInt data = 0;
      if (side.offers) data = side.beats[side.done].data;
      if (!side.offers) data = side.beats[random_() % side.beats.size()].data;
      ports[name + "_valid_i"] = side.offers ? 1 : 0;
      ports[name + "_data_i"] = data;
      if (side.has_last) {
        ports[name + "_last_i"] =
            side.offers ? (side.beats[side.done].last ? 1 : 0) : BigInt(random_() % 2);
      }
    }
    for (auto& [name, side] : outputs_) {
      side.offers = !stalls(side);
      ports[name + "_ready_i"] = side.offers ? 1 : 0;
    }
    return (!is_done() || ++after_ <= kAfter) && idle_ < kMostIdle;
  }

  verify::Ports expect(const verify::Ports& outputs) override {
    verify::Ports expected;
    ++idle_;
    if (cycle_ <= 2) return expected;
    for (auto& [name, side] : inputs_) {
      const bool moves = side.offers && outputs.at(name + "_ready_o") == 1;
      side.waited = side.offers && !moves;
      if (moves) move(side);
    }
    for (auto& [name, side] : outputs_) {
      const bool valid = outputs.at(name + "_valid_o") == 1;
      if (side.waited) expected[name + "_valid_o"] = 1;  // it may not be taken back
      side.waited = false;
      if (!valid) continue;
      if (side.done == side.beats.size()) {
        expected[name + "_valid_o"] = 0;
        continue;
      }
      expected[name + "_data_o"] = side.beats[side.done].data;
      if (side.has_last) expected[name + "_last_o"] = side.beats[side.done].last ? 1 : 0;
      side.waited = !side.offers;
      if (side.offers) move(side);
    }
    return expected;
  }

  [[nodiscard]] bool is_done() const {
    for (const auto* sides : {&inputs_, &outputs_}) {
      for (const auto& [name, side] : *sides) {
        if (side.done < side.beats.size()) return false;
      }
    }
    return true;
  }
  /// The streams that did not get through, for messages.
  [[nodiscard]] std::string waiting() const {
    std::string text;
    for (const auto* sides : {&inputs_, &outputs_}) {
      for (const auto& [name, side] : *sides) {
        if (side.done < side.beats.size()) {
          text += fmt::format("{} waits with beat {} of {}; ", name, side.done, side.beats.size());
        }
      }
    }
    return text;
  }
  [[nodiscard]] const Side& output(const std::string& name) const { return outputs_.at(name); }
  [[nodiscard]] const Side& input(const std::string& name) const { return inputs_.at(name); }

 private:
  static constexpr int kMostIdle = 5000;
  static constexpr int kAfter = 50;  // cycles in which nothing more may come

  bool stalls(Side& side) {
    if (side.done < side.stalls.free) return false;
    if (side.burst_left > 0) return --side.burst_left, true;
    if (static_cast<int>(random_() % 100) >= side.stalls.percent) return false;
    side.burst_left = side.stalls.burst - 1;
    return true;
  }
  void move(Side& side) {
    ++side.done;
    side.cycles.push_back(cycle_);
    idle_ = 0;
  }

  std::map<std::string, Side> inputs_, outputs_;
  std::mt19937 random_;
  int cycle_ = 0, idle_ = 0, after_ = 0;
};

}  // namespace fewbit::testing
