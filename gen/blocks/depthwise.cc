// Depthwise layers: see depthwise.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/depthwise.h"

#include <fmt/format.h>

#include "fewbit/gen/blocks/header.h"
#include "fewbit/gen/blocks/ring.h"
#include "fewbit/gen/blocks/serial.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/rtl/control.h"

namespace fewbit::blocks {

using rtl::Module;
using rtl::Signal;

namespace {

constexpr int kReadEdges = 2;

/// For each beat of a window the weights of its channels, channel 0 lowest.
std::vector<BigInt> words_of(const DepthwiseSpec& spec) {
  std::vector<BigInt> words;
  const auto lanes = static_cast<std::size_t>(spec.lanes);
  for (std::size_t k = 0; k < spec.weights.size(); k += lanes) {
    BigInt word = 0;
    for (std::size_t s = lanes; s-- > 0;) word = (word << spec.weight.bits()) | spec.weights[k + s];
    words.push_back(word);
  }
  return words;
}

Signal weights_at(Module& m, const DepthwiseSpec& spec, const Signal& steps, const Signal& go) {
  const std::vector<BigInt> words = words_of(spec);
  const int width = spec.lanes * spec.weight.bits();
  if (words.size() == 1) return m.net("weights", m.constant(width, words[0]));
  const int memory = m.memory("weights", {.depth = static_cast<int>(words.size()),
                                          .width = width,
                                          .contents = words,
                                          .in_file = true});
  const rtl::Counter place = rtl::counter(m, "word", static_cast<int>(words.size()), steps);
  return m.read(memory, "weights", place.value, go, true);
}

void describe(Module& m, const DepthwiseSpec& spec) {
  BlockHeader header(m, "each channel of a window times a filter of its own");
  header.equation(
      fmt::format("y[c] = sum of w[p][c] * x[p][c], p < {}, c < {}", spec.pixels, spec.channels));
  header.exact_sums(spec.weight, spec.activation, spec.sum_format());
  header.entry("Input", fmt::format("x: {} codes a beat, {} beats a pixel, {} pixels a window; "
                                    "x_last_i is not looked at",
                                    spec.lanes, spec.pixel_beats(), spec.pixels));
  header.entry("Output", fmt::format("y: {} sums a beat, {} beats a window, y_last_o on the last",
                                     spec.lanes, spec.pixel_beats()));
  header.entry("Timing", "one beat of x a cycle where no stream waits");
  header.stream_entries();
}

}  // namespace

std::shared_ptr<Module> depthwise(const DepthwiseSpec& spec) {
  auto module = std::make_shared<Module>(spec.module_name);
  Module& m = *module;
  describe(m, spec);
  m.clocked(rtl::Reset::kAsyncLow);
  const int x_bits = spec.activation.bits();
  const int w_bits = spec.weight.bits();
  const Stream x = input_stream(m, "x", {.data_bits = spec.lanes * x_bits, .has_last = true});

  m.section("Weights, and the codes beside them");
  const Signal go = m.wire("go", 1);
  m.drive(x.ready, go);
  const Signal takes = m.net("takes", x.valid & go);
  const Signal weights = weights_at(m, spec, takes, go);
  const Signal codes = delayed(m, "x", x.data, kReadEdges, false, go);
  const Signal valid = delayed(m, "valid", takes, kReadEdges, true, go);

  m.section("Products; the multipliers keep step");
  const Signal has_place = m.wire("has_place", 1);
  const std::shared_ptr<Module> multiplier = ops::module_of(spec.mul);
  std::vector<Signal> products;
  Signal made_valid;
  for (int k = 0; k < spec.lanes; ++k) {
    const auto made = m.instance(multiplier, fmt::format("u_mul_{}", k),
                                 {{"valid_i", valid},
                                  {"ready_i", has_place},
                                  {"a_i", weights.slice((k + 1) * w_bits - 1, k * w_bits)},
                                  {"b_i", codes.slice((k + 1) * x_bits - 1, k * x_bits)}});
    products.insert(products.begin(), made["result_o"]);
    if (k > 0) continue;
    made_valid = made["valid_o"];
    m.drive(go, made["ready_o"]);
  }
  const int sum_bits = spec.sum_format().bits;
  const std::shared_ptr<Module> adder = ops::module_of(spec.add);
  const RingShape shape{spec.pixels, spec.pixel_beats(), spec.lanes, output_format(spec.mul).bits(),
                        sum_bits};
  const auto add = [&](int lane, const Signal& held, const Signal& term, const Signal&) {
    const auto made =
        m.instance(adder, fmt::format("u_add_{}", lane), {{"a_i", term}, {"b_i", held}});
    return made["result_o"].low(sum_bits);
  };
  const Signal terms = m.net("products", rtl::concat(products));
  output_stream(m, "y", ring(m, shape, has_place, made_valid, terms, add));
  return module;
}

}  // namespace fewbit::blocks
