// Stream: the bundle of valid, ready, data and last between blocks, as ports and on instances.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fewbit/gen/rtl/module.h"

namespace fewbit::blocks {

/// A beat moves at each clock edge where valid and ready are 1. `last` marks the end of a packet.
///
/// Who sends: valid waits for no ready, and once it is 1 it stays 1, with the same data and last,
/// until the beat has moved. No output's valid, data or last depends on a ready without a register
/// between. While the module is in reset, and before its first clock edge after it, valid is 0.
/// Who receives may wait for valid before it gives ready, and may take ready back.
/// A block is *registered* where no ready that it gives depends on a ready that it gets without a
/// register between; every block is, where its header does not say otherwise.
struct Stream {
  rtl::Signal valid;  ///< 1 bit
  rtl::Signal ready;  ///< 1 bit: a wire, which whoever receives the stream drives, once
  rtl::Signal data;
  rtl::Signal last;  ///< 1 bit; absent where there are no packets

  [[nodiscard]] bool has_last() const { return last.valid(); }
};

struct StreamShape {
  int data_bits = 1;  ///< at least 1
  bool has_last = false;
};

/// The stream that arrives at input ports NAME_valid_i, NAME_data_i and NAME_last_i. Its ready wire
/// is the output NAME_ready_o.
Stream input_stream(rtl::Module& module, const std::string& name, const StreamShape& shape);

/// A stream inside a module: its ready is the wire NAME_ready.
Stream make_stream(rtl::Module& module, const std::string& name, const rtl::Signal& valid,
                   const rtl::Signal& data, const rtl::Signal& last = {});

/// Sends the stream through outputs NAME_valid_o, NAME_data_o and NAME_last_o. The input
/// NAME_ready_i drives its ready.
void output_stream(rtl::Module& module, const std::string& name, const Stream& stream);

/// 1 at clock edges at which a beat moves: valid & ready.
rtl::Signal moves(const Stream& stream);

/// An instance with streams at its ports.
class StreamInstance {
 public:
  StreamInstance(std::map<std::string, Stream> streams, rtl::InstanceOutputs outputs)
      : streams_(std::move(streams)), outputs_(std::move(outputs)) {}

  /// A stream that it sends, by its name; who receives it drives its ready. Stops the program where
  /// there is none.
  [[nodiscard]] const Stream& operator[](const std::string& name) const;
  /// Outputs that are of no stream.
  [[nodiscard]] const rtl::InstanceOutputs& outputs() const { return outputs_; }

 private:
  std::map<std::string, Stream> streams_;
  rtl::InstanceOutputs outputs_;
};

/// An instance of `part` in `module`. `streams` are those that it receives, by the names of its
/// ports; it drives their ready. The streams that it sends are found by its inputs NAME_ready_i.
/// `others` are its remaining inputs, as for Module::instance. Stops the program where a stream and
/// its ports differ.
StreamInstance stream_instance(rtl::Module& module, const std::shared_ptr<rtl::Module>& part,
                               const std::string& name,
                               const std::vector<std::pair<std::string, Stream>>& streams,
                               const std::vector<std::pair<std::string, rtl::Signal>>& others = {},
                               const std::vector<rtl::Argument>& arguments = {});

/// What of the contract the graph shows to be broken, as sentences: outputs ..._valid_o,
/// ..._data_o and ..._last_o that depend on an input ..._ready_i without a register between, and
/// where the block is to be registered the outputs ..._ready_o that do. Empty = sound.
std::vector<std::string> stream_defects(const rtl::Module& module, bool registered = true);

}  // namespace fewbit::blocks
