// fork: a beat stays until each consumer has taken it.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "fewbit/gen/blocks/blocks.h"
#include "fewbit/gen/blocks/parts.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::blocks {

using rtl::Signal;

std::vector<Stream> fork(rtl::Module& m, const std::string& name, const Stream& in, int outputs) {
  FEWBIT_CHECK(outputs >= 2, "a fork to {} consumers", outputs);
  const BlockScope scope(m, name);
  const Stream beat = skid(m, "held", in);
  m.section("Who has taken the beat that is held");
  std::vector<Stream> streams;
  std::vector<Signal> done;
  std::vector<Signal> settled;
  Signal all = m.constant(1, 1);
  for (int k = 0; k < outputs; ++k) {
    done.push_back(m.reg(fmt::format("done_{}_q", k), 1, {.reset = false}));  // follows valid
    const Signal valid = m.net(fmt::format("valid_{}", k), beat.valid & ~done.back());
    streams.push_back(make_stream(m, fmt::format("out_{}", k), valid, beat.data, beat.last));
    settled.push_back(m.net(fmt::format("settled_{}", k), streams.back().ready | done.back()));
    all = all & settled.back();
  }
  m.drive(beat.ready, all);
  for (int k = 0; k < outputs; ++k) {
    const auto at = static_cast<std::size_t>(k);
    m.drive(done[at], beat.valid & settled[at] & ~beat.ready);
  }
  return streams;
}

}  // namespace fewbit::blocks
