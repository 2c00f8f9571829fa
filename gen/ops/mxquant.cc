// MX quantizer: a block of floats as elements with a common power-of-two scale.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "fewbit/gen/ops/operators.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

constexpr int kScaleBias = 127;

/// The larger of two magnitude codes.
Signal larger(Module& m, const std::string& name, const Signal& x, const Signal& y) {
  const int width = x.width() + 1;
  const Signal difference =
      m.net(name + "_difference", zero_extend(x, width) - zero_extend(y, width));
  return m.net(name, mux(difference.top(), y, x));
}

/// The largest magnitude of the block in a tree: codes are in the order of their values.
Signal largest_of(Module& m, std::vector<Signal> codes) {
  for (int level = 0; codes.size() > 1; ++level) {
    std::vector<Signal> next;
    for (std::size_t i = 0; i + 1 < codes.size(); i += 2) {
      next.push_back(larger(m, fmt::format("max_{}_{}", level, i / 2), codes[i], codes[i + 1]));
    }
    if (codes.size() % 2 == 1) next.push_back(codes.back());
    codes = std::move(next);
  }
  return m.net("largest", codes[0]);
}

/// 1 where the scale policy takes the next power of two: `fraction` is that of the normalised
/// largest magnitude.
Signal goes_up(Module& m, const OperatorSpec& spec, const Signal& fraction) {
  const int bits = fraction.width();
  const int ones = largest_fraction_bits(*spec.result) + 1;
  switch (spec.scale_policy) {
    case ScalePolicy::kFloor:
      return m.constant(1, 0);
    case ScalePolicy::kCeil:
      return reduce_or(fraction);
    case ScalePolicy::kRceil: {  // the significand is above the largest element's
      const BigInt largest = operand_range(*spec.result).max;
      const int length = bit_length(largest) - 1;
      const BigInt rest = largest - pow2(length);  // below the leading one
      const BigInt limit =
          bits < length ? BigInt(rest >> (length - bits)) : BigInt(rest << (bits - length));
      return bits > 0 ? less(m.constant(bits, limit), fraction) : m.constant(1, 0);
    }
    case ScalePolicy::kEven:  // all kept bits and the round bit are ones
      return ones <= bits ? reduce_and(fraction.slice(bits - 1, bits - ones)) : m.constant(1, 0);
  }
  return m.constant(1, 0);
}

}  // namespace

Results build_mxquant(Module& m, const OperatorSpec& spec, const Interface& io) {
  const FloatFormat& f = spec.a.as_float();
  const Format& element = *spec.result;
  std::vector<Unpacked> lanes;
  std::vector<Signal> codes;
  Signal special = m.constant(1, 0);
  for (int k = 0; k < spec.lanes; ++k) {
    const LaneScope scope(m, spec.lanes, k);
    m.section("Unpack");
    const Signal code = m.net("a", io.lane("a_i", k));
    codes.push_back(code.low(f.magnitude_bits()));
    lanes.push_back(unpack(m, spec.a, code, "a", false));
    special = special | lanes.back().is_nan | lanes.back().is_infinite;
  }
  m.section("Largest magnitude, normalised");
  const Signal largest = largest_of(m, codes);
  const Signal field = largest.slice(f.magnitude_bits() - 1, f.fraction_bits);
  const Signal hidden = m.net("largest_hidden", reduce_or(field));
  Signal x = m.net("largest_significand", concat({hidden, largest.low(f.fraction_bits)}));
  // Leading zeros, of subnormals alone.
  std::vector<Signal> zeros;
  for (int i = bits_for(f.fraction_bits) - 1; i >= 0 && f.fraction_bits > 0; --i) {
    const int distance = 1 << i;
    if (distance > f.fraction_bits) continue;
    const Signal clear = m.net(fmt::format("largest_clear_{}", i),
                               ~reduce_or(x.slice(x.width() - 1, x.width() - distance)));
    const Signal moved = concat({x.low(x.width() - distance), m.constant(distance, 0)});
    x = m.net(fmt::format("largest_normal_{}", i), mux(clear, moved, x));
    zeros.push_back(clear);
  }

  m.section("Scale: exponent of the largest magnitude less that of the largest element");
  const int element_exponent = largest_exponent(element);
  const int least_weight = f.lsb_exponent() + f.fraction_bits;  // of the least normal number
  const int offset = least_weight - 1 - element_exponent + kScaleBias;
  const int bits = 2 + bits_for(std::max({std::abs(offset) + (1 << f.exponent_bits), 2 * kScaleBias,
                                          f.fraction_bits}));
  const Signal exponent =
      concat({field.slice(field.width() - 1, 1), field.bit(0) | ~hidden});  // max(E, 1)
  const Signal up = m.net("scale_up", goes_up(m, spec, x.low(f.fraction_bits)));
  const Signal zero_count = zeros.empty() ? m.constant(bits, 0) : zero_extend(concat(zeros), bits);
  const Signal biased = m.net(
      "scale_unlimited", m.net("largest_exponent", zero_extend(exponent, bits) +
                                                       m.constant(bits, to_bits(offset, bits))) -
                             zero_count);
  const Signal wanted = m.net("scale_wanted", biased + zero_extend(up, bits));
  const Signal is_zero = m.net("block_zero", ~x.top());
  const Signal too_small = m.net("scale_too_small", wanted.top() | is_zero);
  const Signal room = m.net("scale_room", m.constant(bits, 2 * kScaleBias) - wanted);
  const Signal limited = m.net("scale_limited", mux(room.top() & ~wanted.top(),
                                                    m.constant(8, 2 * kScaleBias), wanted.low(8)));
  const Signal scale = m.net("scale", limited & replicate(~too_small, 8));

  // Element: significand x 2^(exponent + lsb) / 2^(scale - bias).
  OperatorSpec rounding = spec;
  rounding.overflow = OverflowMode::kSaturate;
  const Signal complement = m.net("scale_complement", ~scale);  // 255 - scale
  std::vector<Signal> elements;
  const Signal never = m.constant(1, 0);
  for (int k = 0; k < spec.lanes; ++k) {
    const LaneScope scope(m, spec.lanes, k);
    m.section("Element");
    const Unpacked& a = lanes[static_cast<std::size_t>(k)];
    SignMagnitude value = floating_product(m, a, nullptr, spec);
    const int sum_bits = bits_for(value.max_exponent + 255);
    const Signal own = value.is_floating() ? value.exponent : m.constant(1, 0);
    value.exponent = m.net("exponent_of_element",
                           zero_extend(own, sum_bits) + zero_extend(complement, sum_bits));
    value.max_exponent += 255;
    value.lsb_exponent += kScaleBias - 255;
    value.is_normal_above_least = false;
    elements.push_back(
        m.net("element", round_and_pack(m, rounding, {value, never, never}, m.constant(0, 0),
                                        IntegerRange::kSymmetric)));
  }
  Results results;
  results.result = concat(std::vector<Signal>(elements.rbegin(), elements.rend()));
  results.block = m.net("scale_or_nan", scale | replicate(m.net("is_special", special), 8));
  return results;
}

}  // namespace fewbit::ops
