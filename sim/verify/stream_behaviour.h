// StreamBehaviour: what a design with streams must do, whoever stalls.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "fewbit/sim/model/blocks/blocks.h"
#include "fewbit/sim/verify/design_simulation.h"

namespace fewbit::verify {

/// The names of a stream's ports.
struct StreamPorts {
  std::string name;  ///< as in StreamBeats and in messages
  std::string valid, ready, data;
  std::string last;  ///< "" where it has none
  int data_bits = 1;
  std::string user;  ///< of AXI4-Stream; "" where it has none
  int user_bits = 0;

  [[nodiscard]] int bits() const { return data_bits + user_bits; }
};

/// What is sent to a design and what it must answer.
struct StreamPlan {
  std::vector<StreamPorts> inputs, outputs;
  std::string reset;
  bool reset_active = false;  ///< the level of the pin that resets
  /// Beats for every input, `count` or some more on the longest.
  std::function<model::StreamBeats(std::mt19937_64& random, std::size_t count)> stimulus;
  /// All beats of every output, for all of the inputs.
  std::function<model::StreamBeats(const model::StreamBeats& sent)> model;
  /// Absent: always. Whether the beat of this number may be offered on an input, after the beats
  /// that have moved, by stream: where what comes out depends on the order of two inputs.
  std::function<bool(const std::string& input, std::size_t beat,
                     const std::map<std::string, std::size_t>& moved)>
      may_offer;
  /// Other outputs, for the beats that have moved since the reset, by stream.
  std::function<Ports(const std::map<std::string, std::size_t>& moved)> others;
  /// Where nothing stalls, the stream with most beats moves one at every clock edge from its first
  /// to its last.
  bool at_full_rate = true;
  /// More than 0: so many beats of the only input fit, and no more, while the outputs stall.
  std::size_t capacity = 0;
};

/// Ports NAME_valid_i, NAME_ready_o, ... of the signature, and the reset; the rest is left open.
StreamPlan streams_of(const rtl::ModuleSignature& signature);

struct StreamOptions {
  std::uint64_t seed = 1;
  std::size_t beats = 400;        ///< of a run
  int runs = 12;                  ///< with stalls of every kind
  std::uint64_t patience = 2000;  ///< cycles without a beat after which the design hangs
};

/// Runs, again and again in this order: without stalls; outputs that stall until a reset; outputs
/// that stall until nothing moves; one that a reset cuts short, and two more, in which every stream
/// stalls by a pattern and seed of its own (never, 30 %, 90 %, bursts). In each
/// cycle: values and order of beats, valid kept until the beat has moved, nothing sent after the
/// last beat or in reset; rate, places and other outputs as in the plan. A design in which nothing
/// moves is a mismatch whose phase names who waits.
class StreamBehaviour : public Behaviour {
 public:
  StreamBehaviour(StreamPlan plan, const StreamOptions& options);
  bool drive(Ports& inputs, std::string& phase) override;
  Ports expect(const Ports& outputs) override;

  /// Beats a cycle of each stream in the run without stalls, between its first and last beat.
  [[nodiscard]] const std::map<std::string, double>& rates() const { return rates_; }
  /// Beats that have moved in all runs, on all streams.
  [[nodiscard]] std::uint64_t beats() const { return total_; }

 private:
  enum class Pattern { kNever, kThirty, kNinety, kBursts, kAlways };
  struct Side {
    StreamPorts ports;
    Pattern pattern = Pattern::kNever;
    std::mt19937_64 random;
    int burst = 0;           ///< cycles that are left of it
    bool bursts = false;     ///< what it is of: stalls
    bool is_open = false;    ///< offers a beat, or is ready for one, in this cycle
    bool must_hold = false;  ///< outputs: valid before, and not taken
    model::Beats beats;
    std::size_t moved = 0;
    std::uint64_t first = 0, latest = 0;  ///< cycles of the run

    [[nodiscard]] bool is_done() const { return moved == beats.size(); }
  };
  enum class Kind { kFree, kFilled, kStalled, kCut };

  void start_run();
  void choose_patterns();
  [[nodiscard]] bool is_stalled(Side& side);
  /// What an input stream brings in this cycle.
  void offer(Side& side, bool resets, Ports& inputs);
  [[nodiscard]] bool all_done() const;
  [[nodiscard]] bool is_busiest(const Side& side) const;
  void expect_output(Side& side, const Ports& outputs, Ports& expected);
  void expect_input(const Side& side, const Ports& outputs, Ports& expected) const;
  void expect_hang(Ports& expected);
  void move(const Ports& outputs);
  [[nodiscard]] std::string waiting() const;
  [[nodiscard]] std::map<std::string, std::size_t> moved() const;

  StreamPlan plan_;
  StreamOptions options_;
  std::mt19937_64 random_;
  std::vector<Side> inputs_, outputs_;
  std::string phase_;
  std::string hang_;  ///< who waits, where nothing moved for too long
  Kind kind_ = Kind::kFree;
  int run_ = -1;
  bool is_held_back_ = false;  ///< outputs stall until nothing moves
  int reset_cycles_ = 0;       ///< that are left
  bool was_reset_ = false;     ///< there was an edge in reset
  int idle_ = 0;               ///< cycles at the end of a run, all done
  std::uint64_t cycle_ = 0;    ///< of the run
  std::uint64_t cut_at_ = 0;   ///< cycle in which a reset comes
  std::uint64_t quiet_ = 0;    ///< cycles since a beat moved
  std::size_t most_beats_ = 0;
  std::uint64_t total_ = 0;
  std::map<std::string, double> rates_;
};

}  // namespace fewbit::verify
