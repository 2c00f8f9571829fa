// Sums to codes: see requantizer.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/requantizer.h"

#include <fmt/format.h>

#include "fewbit/gen/blocks/blocks.h"
#include "fewbit/gen/blocks/header.h"
#include "fewbit/gen/blocks/serial.h"
#include "fewbit/gen/blocks/stream.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/rtl/control.h"

namespace fewbit::blocks {

using rtl::Module;
using rtl::Signal;

namespace {

/// Clock edges from a sum to the adder, as many as a word of the memory needs.
constexpr int kReadEdges = 2;

/// Widths of the fields of a unit's word, from the top.
struct Fields {
  int bias = 0, multiplier = 0, shift = 0;
  [[nodiscard]] int bits() const { return bias + multiplier + shift; }
};

Fields fields_of(const RequantizerSpec& spec) {
  return {spec.add.b->bits(), spec.requant.b->bits(), spec.requant.shift_bits};
}

/// For each beat of codes the numbers of all units, unit 0 lowest; 0 beyond the outputs.
std::vector<BigInt> words_of(const RequantizerSpec& spec) {
  const Fields fields = fields_of(spec);
  std::vector<BigInt> words;
  for (int beat = 0; beat < spec.beats(); ++beat) {
    BigInt word = 0;
    for (int unit = spec.units; unit-- > 0;) {
      const auto c = static_cast<std::size_t>(beat * spec.units + unit);
      word <<= fields.bits();
      if (c >= spec.biases.size()) continue;
      word |= (to_bits(BigInt(spec.biases[c]), fields.bias) << (fields.multiplier + fields.shift)) |
              (BigInt(spec.multipliers[c]) << fields.shift) | BigInt(spec.shifts[c]);
    }
    words.push_back(word);
  }
  return words;
}

Signal numbers_at(Module& m, const RequantizerSpec& spec, const Signal& address,
                  const Signal& enable) {
  const std::vector<BigInt> words = words_of(spec);
  const int width = spec.units * fields_of(spec).bits();
  if (words.size() == 1) return m.net("numbers", m.constant(width, words[0]));
  const int memory = m.memory("channels", {.depth = static_cast<int>(words.size()),
                                           .width = width,
                                           .contents = words,
                                           .in_file = true});
  return m.read(memory, "channel", address, enable, true);
}

/// 1 where the value of code x is less than that of y.
Signal is_less(const Format& format, const Signal& x, const Signal& y) {
  if (!format.is_signed()) return less(x, y);
  if (!format.is_float()) return less_signed(x, y);
  // Magnitudes of negative numbers count down, below those of the others.
  const auto key = [](const Signal& code) {
    const int bits = code.width() - 1;
    return rtl::concat({~code.top(), code.low(bits) ^ replicate(code.top(), bits)});
  };
  return less(key(x), key(y));
}

Signal clamped(Module& m, const RequantizerSpec& spec, int unit, const Signal& result) {
  const rtl::Scope scope(m, fmt::format("unit_{}", unit));
  const int bits = spec.result.bits();
  Signal code = result;
  if (spec.relu && spec.result.is_signed()) {
    code = m.net("positive", mux(result.top(), m.constant(bits, 0), result));
  }
  if (spec.least) {
    const Signal least = m.constant(bits, *spec.least);
    const Signal is_below = m.net("is_below", is_less(spec.result, code, least));
    code = m.net("raised", mux(is_below, least, code));
  }
  if (spec.most) {
    const Signal most = m.constant(bits, *spec.most);
    const Signal is_above = m.net("is_above", is_less(spec.result, most, code));
    code = m.net("clamped", mux(is_above, most, code));
  }
  return code;
}

/// Codes of all units side by side, and the handshake of the first one: the others keep step.
struct Units {
  Signal ready;  ///< takes sums and numbers
  Signal valid, codes, last;
};

Units units_of(Module& m, const RequantizerSpec& spec, const Signal& valid, const Signal& sums,
               const Signal& numbers, const Signal& last, const Signal& ready) {
  const auto adder = ops::module_of(spec.add);
  const auto rounder = ops::module_of(spec.requant);
  const Fields fields = fields_of(spec);
  const int sum_bits = spec.sum.bits();
  Units units;
  std::vector<Signal> codes;
  for (int u = 0; u < spec.units; ++u) {
    const Signal word = numbers.slice((u + 1) * fields.bits() - 1, u * fields.bits());
    const Signal own = m.net(fmt::format("unit_{}_numbers", u), word);
    const Signal taken = m.wire(fmt::format("unit_{}_taken", u), 1);
    const auto sum =
        m.instance(adder, fmt::format("u_add_{}", u),
                   {{"valid_i", valid},
                    {"ready_i", taken},
                    {"tag_i", rtl::concat({last, own.low(fields.multiplier + fields.shift)})},
                    {"a_i", sums.slice((u + 1) * sum_bits - 1, u * sum_bits)},
                    {"b_i", own.slice(fields.bits() - 1, fields.multiplier + fields.shift)}});
    const Signal tag = sum["tag_o"];
    const auto code =
        m.instance(rounder, fmt::format("u_requant_{}", u),
                   {{"valid_i", sum["valid_o"]},
                    {"ready_i", ready},
                    {"tag_i", tag.top()},
                    {"a_i", sum["result_o"].low(spec.biased_bits)},
                    {"b_i", tag.slice(fields.multiplier + fields.shift - 1, fields.shift)},
                    {"shift_i", tag.low(fields.shift)}});
    m.drive(taken, code["ready_o"]);
    codes.insert(codes.begin(), clamped(m, spec, u, code["result_o"]));
    if (u > 0) continue;
    units = {sum["ready_o"], code["valid_o"], {}, code["tag_o"]};
  }
  units.codes = rtl::concat(codes);
  return units;
}

void describe(Module& m, const RequantizerSpec& spec) {
  BlockHeader header(m, "the sums of a layer as codes of a format");
  header.equation(fmt::format("y[c] = round((x[c] + bias[c]) * multiplier[c] / 2^shift[c]), c < {}",
                              spec.outputs));
  header.entry("Formats", fmt::format("x: {} = {}", spec.sum.name(), spec.sum.description()));
  header.entry("", fmt::format("y: {} = {}", spec.result.name(), spec.result.description()));
  header.entry("Rounding", "once, to nearest, ties to even");
  header.entry("Overflow", "largest finite value of the sign");
  if (spec.relu) header.entry("Clamps", "what is negative becomes 0");
  if (spec.least) {
    header.entry(spec.relu ? "" : "Clamps",
                 fmt::format("what is below code {0} becomes code {0}", *spec.least));
  }
  if (spec.most) {
    header.entry(spec.relu || spec.least ? "" : "Clamps",
                 fmt::format("what is above code {0} becomes code {0}", *spec.most));
  }
  const std::size_t x_beats = static_cast<std::size_t>((spec.outputs + spec.rows - 1) / spec.rows);
  header.entry("Input", fmt::format("x: {} sums a beat, {} beats a vector; x_last_i is not looked "
                                    "at; sums beyond the outputs may be any",
                                    spec.rows, x_beats));
  header.entry("Output", fmt::format("y: {} codes a beat, {} beats a vector, y_last_o on the last; "
                                     "codes beyond the outputs are 0",
                                     spec.units, spec.beats()));
  const Fields fields = fields_of(spec);
  header.entry("Channels", fmt::format("bias, multiplier and shift of {}, {} and {} bits from {}",
                                       fields.bias, fields.multiplier, fields.shift,
                                       spec.beats() == 1 ? std::string("this text")
                                                         : spec.module_name + "_channels.hex"));
  header.entry("Timing", "one beat of codes a cycle where no stream waits");
  header.stream_entries();
}

}  // namespace

std::shared_ptr<Module> requantizer(const RequantizerSpec& spec) {
  auto module = std::make_shared<Module>(spec.module_name);
  Module& m = *module;
  describe(m, spec);
  m.clocked(rtl::Reset::kAsyncLow);
  const int sum_bits = spec.sum.bits();
  const Stream x = input_stream(m, "x", {.data_bits = spec.rows * sum_bits, .has_last = true});

  m.section("Which sums of a beat, and which numbers");
  const Signal go = m.wire("go", 1);
  const Choice now = choice(m, x, {sum_bits, spec.rows, spec.units, spec.beats()}, go);
  const Signal valid = delayed(m, "valid", now.steps, kReadEdges, true, go);
  const Signal last = delayed(m, "last", now.last, kReadEdges, true, go);
  const Signal sums = delayed(m, "sums", now.values, kReadEdges, false, go);
  const Signal numbers = numbers_at(m, spec, now.channel, go);

  m.section("Bias, multiplier, shift, rounding");
  const Signal has_place = m.wire("output_has_place", 1);
  const Units units = units_of(m, spec, valid, sums, numbers, last, has_place);
  m.drive(go, units.ready);

  m.section("Two places that cut the path of ready");
  const Signal codes = m.net("codes", units.codes);
  output_stream(m, "y", skid(m, "y", {units.valid, has_place, codes, units.last}));
  return module;
}

}  // namespace fewbit::blocks
