// A block of numbers against its model: traffic in both directions, and what became of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "fewbit/gen/blocks/stream.h"
#include "fewbit/gen/rtl/design.h"
#include "fewbit/sim/verify/stream_behaviour.h"

namespace fewbit::testing {

using model::Beat;
using model::Beats;

/// What is sent, and what must be answered.
struct Traffic {
  Beats x, y;
};
/// Whole vectors, windows or images; the longer side has `count` beats or some more.
using MakeTraffic = std::function<Traffic(std::mt19937_64& random, std::size_t count)>;

struct Outcome {
  verify::VerifyReport report;
  std::map<std::string, double> rates;  ///< beats a cycle without stalls, of x and y
  [[nodiscard]] std::string text() const { return verify::to_text(report); }
};

/// The same of blocks with several streams: beats by their names.
using StreamsTraffic = std::pair<model::StreamBeats, model::StreamBeats>;
using MakeStreams = std::function<StreamsTraffic(std::mt19937_64& random, std::size_t count)>;

/// In runs with stalls and resets (verify::StreamBehaviour). With at_full_rate the busier stream
/// must move a beat in each cycle of the run without stalls.
inline Outcome run_streams(rtl::Module& module, const MakeStreams& make, bool at_full_rate,
                           std::size_t beats = 300, int runs = 8) {
  EXPECT_THAT(blocks::stream_defects(module), ::testing::IsEmpty());
  const rtl::EmittedDesign design = rtl::Design(module).emit();
  verify::StreamPlan plan = verify::streams_of(design.signature);
  const auto answers = std::make_shared<model::StreamBeats>();
  plan.stimulus = [make, answers](std::mt19937_64& random, std::size_t count) {
    StreamsTraffic traffic = make(random, count);
    *answers = std::move(traffic.second);
    return std::move(traffic.first);
  };
  plan.model = [answers](const model::StreamBeats&) { return *answers; };
  plan.at_full_rate = at_full_rate;
  verify::StreamBehaviour behaviour(plan, {.beats = beats, .runs = runs});
  const auto report = verify::verify_design(design, behaviour, {});
  EXPECT_TRUE(report.ok()) << report.error().message();
  return {report.value(), behaviour.rates()};
}

inline Outcome run_block(rtl::Module& module, const MakeTraffic& make, bool at_full_rate,
                         std::size_t beats = 300, int runs = 8) {
  const auto streams = [make](std::mt19937_64& random, std::size_t count) {
    Traffic traffic = make(random, count);
    return StreamsTraffic{{{"x", std::move(traffic.x)}}, {{"y", std::move(traffic.y)}}};
  };
  return run_streams(module, streams, at_full_rate, beats, runs);
}

/// Values side by side in beats of so many, value 0 lowest; `filler` where a packet's last beat
/// lacks some.
template <typename Value>
void append(Beats& beats, const std::vector<Value>& packet, int lanes, int bits,
            const std::function<BigInt()>& filler = {}) {
  const auto step = static_cast<std::size_t>(lanes);
  for (std::size_t k = 0; k < packet.size(); k += step) {
    BigInt data = 0;
    for (std::size_t s = step; s-- > 0;) {
      const BigInt value = k + s < packet.size() ? BigInt(packet[k + s])
                           : filler              ? filler()
                                                 : BigInt(0);
      data = (data << bits) | to_bits(value, bits);
    }
    beats.push_back({data, k + step >= packet.size()});
  }
}

inline std::vector<Code> random_codes(std::mt19937_64& random, int count, int bits) {
  std::vector<Code> codes(static_cast<std::size_t>(count));
  for (Code& code : codes) code = random() % (Code{1} << bits);
  return codes;
}

}  // namespace fewbit::testing
