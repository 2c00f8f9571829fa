// The blocks as parts of a module: each takes a stream, drives its ready, and gives streams.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/gen/blocks/stream.h"
#include "fewbit/gen/rtl/memory.h"

namespace fewbit::blocks {

// `name` goes before the names of all nets; "" where the module is the block alone. All of them
// are registered (see Stream) and pass a beat at every clock edge where nothing stalls.

/// in, a clock edge later. Two places; valid, data and ready come from registers.
Stream skid(rtl::Module& module, const std::string& name, const Stream& in);

struct FifoOptions {
  int depth = 2;            ///< places, at least 2; with a memory at least 4
  bool has_memory = false;  ///< else registers, and a beat passes a clock edge later
  rtl::MemoryStyle style = rtl::MemoryStyle::kAny;
  bool output_register = false;  ///< one more behind a memory: a beat passes after 3, not 2
  bool has_level = false;
};
struct Fifo {
  Stream out;
  rtl::Signal level;  ///< beats held, of bits for 0 to depth; absent without has_level
};
/// in, in order. Exactly `depth` beats fit where none leaves.
Fifo fifo(rtl::Module& module, const std::string& name, const Stream& in,
          const FifoOptions& options);

struct RepackOptions {
  int value_bits = 1;
  int in_values = 1;  ///< of a beat, value 0 in the lowest bits
  int out_values = 1;
  int last_values = 1;  ///< of a beat with last so many count, the lowest
};
/// The values of in, so many to a beat. What a packet's last beat lacks is zeros, and it has last.
Stream repack(rtl::Module& module, const std::string& name, const Stream& in,
              const RepackOptions& options);

/// The beats of in, for each of `outputs` consumers.
std::vector<Stream> fork(rtl::Module& module, const std::string& name, const Stream& in,
                         int outputs);

struct ReplayOptions {
  int beats = 1;
  int times = 1;
  int depth = 4;  ///< words of the memory, at least 2 and at least `beats`; at full rate 2 * beats
  rtl::MemoryStyle style = rtl::MemoryStyle::kAny;
  bool output_register = false;
};
/// Each `beats` beats of in, which have no last, `times` times; with last at the end of each time.
Stream replay(rtl::Module& module, const std::string& name, const Stream& in,
              const ReplayOptions& options);

/// 1 where one of `places` is left: each `spend` takes one, each `give_back` returns one. For what
/// cannot stall: a beat enters where its result has a place. From a register.
rtl::Signal credits(rtl::Module& module, const std::string& name, int places,
                    const rtl::Signal& spend, const rtl::Signal& give_back);

}  // namespace fewbit::blocks
