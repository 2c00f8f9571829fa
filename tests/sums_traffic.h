// Vectors of sums, and the codes that must come out, as the beats of a requantizer or of
// thresholds. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <random>

#include "fewbit/tests/stream_run.h"

namespace fewbit::testing {

struct SumsTraffic {
  std::vector<Beat> x, y;
};

struct CodesOutcome {
  verify::VerifyReport report;
  std::string waiting;
  std::vector<int> cycles;  ///< in which codes left
};

/// Sums: the ends of their range, small ones, and random ones. Spec is that of either block.
template <typename Spec>
SumsTraffic sums_traffic(
    const Spec& spec, int vectors,
    const std::function<std::vector<BigInt>(const Spec&, const std::vector<BigInt>&)>& model) {
  std::mt19937 random(4);
  SumsTraffic traffic;
  const IntFormat& sum = spec.sum.as_int();
  const int bits = spec.result.bits();
  for (int v = 0; v < vectors; ++v) {
    std::vector<BigInt> sums;
    for (int c = 0; c < spec.outputs; ++c) {
      const unsigned kind = random() % 8;
      const BigInt any = (BigInt(random()) << 32) | random();
      sums.push_back(kind == 0   ? sum.min()
                     : kind == 1 ? sum.max()
                     : kind == 2 ? std::min(sum.max(), BigInt(random() % 40))
                                 : from_bits(any % pow2(sum.bits), sum.bits, sum.is_signed));
    }
    const std::vector<BigInt> codes = model(spec, sums);
    for (int c = 0; c < spec.outputs; c += spec.rows) {
      BigInt data = 0;
      for (int r = spec.rows; r-- > 0;) {
        const auto at = static_cast<std::size_t>(c + r);
        data = (data << sum.bits) |
               to_bits(at < sums.size() ? sums[at] : BigInt(random()), sum.bits);
      }
      traffic.x.push_back({data, c + spec.rows >= spec.outputs});
    }
    for (int c = 0; c < spec.outputs; c += spec.units) {
      BigInt data = 0;
      for (int u = spec.units; u-- > 0;) {
        const auto at = static_cast<std::size_t>(c + u);
        data = (data << bits) | (at < codes.size() ? codes[at] : BigInt(0));
      }
      traffic.y.push_back({data, c + spec.units >= spec.outputs});
    }
  }
  return traffic;
}

/// The first `free` beats of codes without stalls.
inline CodesOutcome run_codes(const SumsTraffic& traffic, const rtl::EmittedDesign& design,
                              std::size_t free) {
  StreamRun behaviour(
      {{"x", {.beats = traffic.x, .stalls = {30, 2, free * traffic.x.size() / traffic.y.size()}}}},
      {{"y", {.beats = traffic.y, .stalls = {40, 3, free}}}}, 5);
  const auto report = verify::verify_design(design, behaviour, {});
  EXPECT_TRUE(report.ok()) << report.error().message();
  return {report.value(), behaviour.waiting(), behaviour.output("y").cycles};
}

/// As it must be: no difference, all through, one beat a cycle while nothing stalls.
inline void expect_right(const CodesOutcome& outcome, std::size_t free) {
  EXPECT_TRUE(outcome.report.passed) << verify::to_text(outcome.report);
  ASSERT_EQ(outcome.waiting, "");
  const std::size_t beats = std::min(free, outcome.cycles.size()) - 20;
  EXPECT_EQ(outcome.cycles[beats] - outcome.cycles[10], static_cast<int>(beats) - 10);
}

}  // namespace fewbit::testing
