// Sums to levels: see thresholds.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/thresholds.h"

#include <fmt/format.h>

#include <algorithm>

#include "fewbit/gen/blocks/blocks.h"
#include "fewbit/gen/blocks/header.h"
#include "fewbit/gen/blocks/serial.h"
#include "fewbit/gen/blocks/stream.h"
#include "fewbit/gen/rtl/control.h"

namespace fewbit::blocks {

using rtl::Module;
using rtl::Signal;

namespace {

/// Clock edges of one bit of the search: address, word and its register, comparison.
constexpr int kReadEdges = 2;

int search_bits(const ThresholdsSpec& spec) { return bit_length(BigInt(spec.levels.size() - 1)); }

/// Of one unit and one bit of the search: at the address of channel and prefix the threshold of the
/// first level that has the prefix and a 1 behind it. No sum reaches one beyond the levels; beyond
/// the outputs every sum has the level of 0.
std::vector<BigInt> words_of(const ThresholdsSpec& spec, int unit, int bit, int width) {
  std::vector<BigInt> words;
  const auto zero = static_cast<std::size_t>(
      std::find(spec.levels.begin(), spec.levels.end(), Code{0}) - spec.levels.begin());
  const int below = search_bits(spec) - bit - 1;  // bits that are searched later
  for (int beat = 0; beat < spec.beats(); ++beat) {
    const auto c = static_cast<std::size_t>(beat * spec.units + unit);
    for (int prefix = 0; prefix < 1 << bit; ++prefix) {
      const auto level = static_cast<std::size_t>((2 * prefix + 1) << below);
      BigInt word = spec.sum.as_int().max() + 1;
      if (c >= spec.thresholds.size()) {
        if (level <= zero) word = spec.sum.as_int().min();
      } else if (level < spec.levels.size()) {
        word = spec.thresholds[c][level - 1];
      }
      words.push_back(to_bits(word, width));
    }
  }
  return words;
}

/// The level of the sum, search_bits() x (kReadEdges + 1) edges later.
Signal level_of(Module& m, const ThresholdsSpec& spec, int unit, const Signal& sum_now,
                const Signal& channel_now, const Signal& go) {
  // With a sign, and one more than the largest sum.
  const int width = spec.sum.bits() + (spec.sum.is_signed() ? 1 : 2);
  Signal sum = sum_now;
  Signal channel = channel_now;
  Signal prefix = m.constant(0, 0);
  for (int bit = 0; bit < search_bits(spec); ++bit) {
    const rtl::Scope scope(m, fmt::format("unit_{}_bit_{}", unit, bit));
    const std::vector<BigInt> words = words_of(spec, unit, bit, width);
    Signal threshold;
    if (words.size() == 1) {
      threshold = m.net("threshold", m.constant(width, words[0]));
    } else {
      const int memory = m.memory(m.scoped("thresholds"), {.depth = static_cast<int>(words.size()),
                                                           .width = width,
                                                           .contents = words,
                                                           .in_file = true});
      threshold =
          m.read(memory, "threshold", m.net("address", rtl::concat({channel, prefix})), go, true);
    }
    sum = delayed(m, "sum", sum, kReadEdges, false, go);
    if (channel.width() > 0) channel = delayed(m, "channel", channel, kReadEdges + 1, false, go);
    if (prefix.width() > 0) prefix = delayed(m, "prefix", prefix, kReadEdges, false, go);
    const Signal wide = spec.sum.is_signed() ? sign_extend(sum, width) : zero_extend(sum, width);
    const Signal reaches = m.net("reaches", ~less_signed(wide, threshold));
    prefix = delayed(m, "level", rtl::concat({prefix, reaches}), 1, false, go);
    sum = delayed(m, "compared", sum, 1, false, go);
  }
  return prefix;
}

/// The code of a level.
Signal code_of(Module& m, const ThresholdsSpec& spec, int unit, const Signal& level) {
  const int bits = spec.result.bits();
  std::vector<std::pair<Signal, Signal>> codes;
  bool is_same = level.width() == bits;
  for (std::size_t j = 0; j < spec.levels.size(); ++j) {
    codes.emplace_back(m.constant(level.width(), j), m.constant(bits, spec.levels[j]));
    is_same = is_same && spec.levels[j] == j;
  }
  if (is_same) return level;
  return m.net(fmt::format("unit_{}_code", unit), select_case(level, codes, m.constant(bits, 0)));
}

void describe(Module& m, const ThresholdsSpec& spec) {
  BlockHeader header(m, "the sums of a layer as codes by thresholds");
  header.equation(
      fmt::format("y[c] = level j of {}, the number of thresholds t of c with x[c] >= t, c < {}",
                  spec.result.name(), spec.outputs));
  header.entry("Formats", fmt::format("x: {} = {}", spec.sum.name(), spec.sum.description()));
  header.entry("", fmt::format("y: {} = {}", spec.result.name(), spec.result.description()));
  header.entry("Levels", fmt::format("the {} values of y, the least first", spec.levels.size()));
  header.entry("Input", fmt::format("x: {} sums a beat; x_last_i is not looked at; sums beyond the "
                                    "outputs may be any",
                                    spec.rows));
  header.entry("Output", fmt::format("y: {} codes a beat, {} beats a vector, y_last_o on the last; "
                                     "codes beyond the outputs are 0",
                                     spec.units, spec.beats()));
  header.entry("Thresholds", "for each unit and each bit of the search a file beside");
  header.entry("Timing", "one beat of codes a cycle where no stream waits");
  header.stream_entries();
}

}  // namespace

std::shared_ptr<Module> thresholds(const ThresholdsSpec& spec) {
  auto module = std::make_shared<Module>(spec.module_name);
  Module& m = *module;
  describe(m, spec);
  m.clocked(rtl::Reset::kAsyncLow);
  const int sum_bits = spec.sum.bits();
  const Stream x = input_stream(m, "x", {.data_bits = spec.rows * sum_bits, .has_last = true});
  m.section("Which sums of a beat");
  const Signal go = m.wire("go", 1);
  const Choice now = choice(m, x, {sum_bits, spec.rows, spec.units, spec.beats()}, go);
  m.section("Binary search of the level, the highest bit first");
  const int edges = search_bits(spec) * (kReadEdges + 1);
  const Signal valid = delayed(m, "valid", now.steps, edges, true, go);
  const Signal last = delayed(m, "last", now.last, edges, true, go);
  std::vector<Signal> codes;
  for (int u = 0; u < spec.units; ++u) {
    const Signal sum = now.values.slice((u + 1) * sum_bits - 1, u * sum_bits);
    const Signal level =
        level_of(m, spec, u, m.net(fmt::format("unit_{}_sum", u), sum), now.channel, go);
    codes.insert(codes.begin(), code_of(m, spec, u, level));
  }
  const Signal all = m.net("codes", rtl::concat(codes));
  output_stream(m, "y", skid(m, "y", {valid, go, all, last}));
  return module;
}

}  // namespace fewbit::blocks
