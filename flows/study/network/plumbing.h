// Plumbing: streams of pixels between the blocks of an accelerator, each with a name.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fewbit/flows/study/network/layout.h"
#include "fewbit/gen/blocks/stream.h"

namespace fewbit::study {

/// Packets of so many values, `lanes` a beat, the last beat filled up. A packet is a pixel, or what
/// a layer reads at a time.
struct Flow {
  blocks::Stream stream;
  int lanes = 1;
  int value_bits = 1;
  int values = 1;  ///< of a packet

  [[nodiscard]] int beats() const { return (values + lanes - 1) / lanes; }
  /// Every beat is full.
  [[nodiscard]] bool is_tight() const { return values % lanes == 0; }
};

/// A stream between two blocks.
struct StreamPlace {
  std::string name;                 ///< "conv1 window"
  std::optional<std::size_t> node;  ///< whose numbers it has
  int lanes = 1, value_bits = 1, values = 1;
};

/// What waits for another branch.
struct WaitingPlace {
  std::string name;
  int least = 0;  ///< with one beat less the accelerator would stop, but for places in other blocks
  int depth = 0;  ///< beats that fit: those, and the ones that keep the rate
  int bits = 0;   ///< of a beat
};

/// Cycles that a block needs for an image where no stream waits.
struct BlockCycles {
  std::string name;
  std::int64_t cycles = 0;
};

/// The least divisor of `values` that is at least `lanes` and at most 64; else the largest one.
int tight_lanes(int values, int lanes);

/// Streams and blocks in the top module. With `is_observed` every stream has a gate, an input
/// stall_K_i that holds back a beat that is not offered yet, and outputs tap_K_valid_o,
/// tap_K_ready_o and, where it has a node's numbers, tap_K_data_o; K is its place in streams().
class Plumbing {
 public:
  Plumbing(rtl::Module& module, std::string part_prefix, bool is_observed);

  [[nodiscard]] rtl::Module& module() { return m_; }
  [[nodiscard]] const std::vector<StreamPlace>& streams() const { return streams_; }
  [[nodiscard]] const std::vector<WaitingPlace>& waiting() const { return waiting_; }
  [[nodiscard]] const std::vector<BlockCycles>& cycles() const { return cycles_; }

  /// A name that no other instance has: `stem`, or with a number.
  std::string unique(const std::string& stem);
  /// The name of a module of this accelerator's own.
  [[nodiscard]] std::string part_name(const std::string& stem) const { return prefix_ + stem; }
  void takes(const std::string& name, std::int64_t cycles) { cycles_.push_back({name, cycles}); }

  /// The flow that a new instance of a block sends.
  Flow through(const std::string& name, const std::shared_ptr<rtl::Module>& part,
               const std::string& port, const Flow& in, Flow out,
               std::optional<std::size_t> node = std::nullopt);
  /// Gate and taps.
  Flow observed(const std::string& name, Flow flow, std::optional<std::size_t> node = std::nullopt);

  /// The same without ends of packets; the packets are tight.
  static Flow without_last(Flow flow);
  /// The same with an end at every `packets`-th packet. The packets are tight, or it is 1 and they
  /// have ends already.
  Flow with_last(const std::string& stem, Flow flow, int packets = 1);
  /// Packets with `lanes` values a beat, a divisor of their values; they have no ends.
  Flow tight(const std::string& stem, const Flow& flow, int lanes);
  /// Packets with `lanes` values a beat, filled up, with ends.
  Flow packed(const std::string& stem, const Flow& flow, int lanes);
  std::vector<Flow> forked(const std::string& stem, const Flow& flow, int consumers);
  Flow waits(const std::string& stem, const Flow& flow, int least, int depth);

 private:
  Flow repacked(const std::string& stem, const Flow& flow, int lanes, bool has_last);

  rtl::Module& m_;
  std::string prefix_;
  bool is_observed_;
  std::set<std::string> names_;
  std::vector<StreamPlace> streams_;
  std::vector<WaitingPlace> waiting_;
  std::vector<BlockCycles> cycles_;
};

}  // namespace fewbit::study
