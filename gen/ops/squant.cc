// Stochastic quantizer: a block of numbers as codes between its least and its largest.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "fewbit/gen/ops/fabric/fabric_traits.h"
#include "fewbit/gen/ops/operators.h"
#include "fewbit/gen/ops/product/factor.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

bool has_sign(const Format& format) { return format.is_signed() && format.is_float(); }

/// The code as an unsigned number in the order of the values, -0 below +0.
Signal ordered(const Format& format, const Signal& code) {
  if (!format.is_signed()) return code;
  const Signal rest = code.low(code.width() - 1);
  const Signal turned = has_sign(format) ? rest ^ replicate(code.top(), rest.width()) : rest;
  return concat({~code.top(), turned});
}

/// The code that ordered() made `key` of.
Signal code_of(const Format& format, const Signal& key) {
  if (!format.is_signed()) return key;
  const Signal rest = key.low(key.width() - 1);
  const Signal turned = has_sign(format) ? rest ^ replicate(~key.top(), rest.width()) : rest;
  return concat({~key.top(), turned});
}

/// 1 where x < y, by one carry chain.
Signal below(Module& m, const std::string& name, const Signal& x, const Signal& y) {
  const int width = x.width() + 1;
  return m.net(name + "_difference", zero_extend(x, width) - zero_extend(y, width)).top();
}

struct Ends {
  Signal least;
  Signal largest;
};

/// One of the keys, in a tree.
Signal end_of(Module& m, const std::string& name, std::vector<Signal> keys, bool largest) {
  for (int level = 1; keys.size() > 1; ++level) {
    std::vector<Signal> next;
    for (std::size_t i = 0; i + 1 < keys.size(); i += 2) {
      const std::string node = fmt::format("{}_{}_{}", name, level, i / 2);
      const Signal first_below = below(m, node, keys[i], keys[i + 1]);
      const Signal take_second = largest ? first_below : ~first_below;
      next.push_back(m.net(node, mux(take_second, keys[i + 1], keys[i])));
    }
    if (keys.size() % 2 == 1) next.push_back(keys.back());
    keys = std::move(next);
  }
  return m.net(name, keys[0]);
}

/// The least and the largest key: a comparison of two lanes serves both.
Ends ends_of(Module& m, const std::vector<Signal>& keys) {
  std::vector<Signal> small, large;
  for (std::size_t i = 0; i + 1 < keys.size(); i += 2) {
    const std::string pair = fmt::format("pair_{}", i / 2);
    const Signal first_below = below(m, pair, keys[i], keys[i + 1]);
    small.push_back(m.net(pair + "_least", mux(first_below, keys[i], keys[i + 1])));
    large.push_back(m.net(pair + "_largest", mux(first_below, keys[i + 1], keys[i])));
  }
  if (keys.size() % 2 == 1) {
    small.push_back(keys.back());
    large.push_back(keys.back());
  }
  return {end_of(m, "least", small, false), end_of(m, "largest", large, true)};
}

/// The numbers of a block of floats in fixed point, in units of 2^(e - F); F at most what the
/// format's numbers span.
class Frame {
 public:
  /// `largest` and, of a signed format, `least` are those of the block.
  Frame(Module& m, const OperatorSpec& spec, const Unpacked& least, const Unpacked& largest)
      : m_(m), is_signed_(spec.a.is_signed()) {
    const int precision = spec.a.as_float().fraction_bits + 1;
    const int span = largest.max_shift + precision - 1;
    bits_ = std::min(step_frame_bits(spec), span) + 1;
    if (bits_ == span + 1) return;  // as they are
    const Signal high = largest.exponent();
    base_ = high;
    if (!is_signed_) return;
    const Signal low = least.exponent();
    base_ = m.net("frame_exponent", mux(below(m, "frame_exponent", high, low), low, high));
  }

  /// Of a difference of two numbers.
  [[nodiscard]] int width() const { return bits_ + (is_signed_ ? 1 : 0); }

  /// |x|, cut off: moved right by the distance of its exponent from that of the frame.
  Signal magnitude(const Unpacked& x) {
    if (x.max_shift == 0) return zero_extend(x.significand, bits_);
    const Signal distance =
        m_.net("distance", base_.valid() ? base_ - x.exponent() : Signal(~x.exponent()));
    Signal bits = x.significand;
    std::vector<Signal> far;
    for (int i = 0; i < distance.width(); ++i) {
      const long long places = 1LL << i;
      if (places >= bits_) {
        far.push_back(distance.bit(i));
        continue;
      }
      const auto step = static_cast<int>(places);
      const Signal zeros = m_.constant(step, 0);
      const Signal moved =
          m_.net(fmt::format("moved_{}", step),
                 mux(distance.bit(i), concat({zeros, bits}), concat({bits, zeros})));
      bits = moved.without_low(moved.width() - std::min(bits_, moved.width()));
    }
    if (bits.width() < bits_) bits = concat({bits, m_.constant(bits_ - bits.width(), 0)});
    if (far.empty()) return bits;
    return m_.net("magnitude", gated(bits, m_.net("near", ~reduce_or(concat(far)))));
  }

  /// -x.
  Signal negated(const Unpacked& x) {
    const Signal turned = ~x.sign;
    return m_.net("negated",
                  add_with_carry(with_sign(magnitude(x), turned), m_.constant(width(), 0), turned));
  }
  /// x + y, which is not negative.
  Signal difference(const Unpacked& x, const Signal& y) {
    return m_.net("difference", add_with_carry(with_sign(magnitude(x), x.sign), y, x.sign));
  }

 private:
  /// One's complement where `negative`.
  Signal with_sign(const Signal& magnitude, const Signal& negative) {
    return zero_extend(magnitude, width()) ^ replicate(negative, width());
  }

  Module& m_;
  bool is_signed_;
  int bits_ = 1;
  Signal base_;  // the exponent field of the block's largest magnitude; absent: a fixed one
};

/// x - min of each lane, and max - min, in one unit.
struct Offsets {
  std::vector<Signal> lanes;
  Signal range;
};

Offsets offsets_of_integers(Module& m, const std::vector<Signal>& keys, const Ends& ends) {
  m.section("Distance from the least number");
  Offsets offsets;
  for (std::size_t k = 0; k < keys.size(); ++k) {
    const LaneScope scope(m, static_cast<int>(keys.size()), static_cast<int>(k));
    offsets.lanes.push_back(m.net("difference", keys[k] - ends.least));
  }
  offsets.range = m.net("range", ends.largest - ends.least);
  return offsets;
}

Offsets offsets_of_floats(Module& m, const OperatorSpec& spec, const std::vector<Unpacked>& lanes,
                          const Ends& ends) {
  m.section("Frame: fixed point below the exponent of the largest magnitude");
  const Unpacked least =
      unpack(m, spec.a, m.net("least_code", code_of(spec.a, ends.least)), "least", false);
  const Unpacked largest =
      unpack(m, spec.a, m.net("largest_code", code_of(spec.a, ends.largest)), "largest", false);
  Frame frame(m, spec, least, largest);
  Offsets offsets;
  Signal base;
  {
    const rtl::Scope scope(m, "least");
    base = frame.negated(least);
  }
  {
    const rtl::Scope scope(m, "largest");
    offsets.range = frame.difference(largest, base);
  }
  for (std::size_t k = 0; k < lanes.size(); ++k) {
    const LaneScope scope(m, spec.lanes, static_cast<int>(k));
    m.section("Distance from the least number");
    offsets.lanes.push_back(frame.difference(lanes[k], base));
  }
  return offsets;
}

/// floor((2 random + 1) range / 2^(bits of random + 1)): a row for each random bit, the lowest
/// first, each of which drops its low bit.
Signal random_part(Module& m, const OperatorSpec& spec, const Signal& range, const Signal& random) {
  const int width = range.width();
  const Signal addend = zero_extend(range, width + 1);
  Signal part = zero_extend(range.without_low(1), width);
  for (int i = 0; i < random.width(); ++i) {
    const Signal so_far = zero_extend(part, width + 1);
    const std::string name = fmt::format("random_{}", i);
    Signal row;
    if (fabric_traits(spec.fabric).table_behind_carry) {
      row = mux(random.bit(i), m.net(name + "_sum", so_far + addend), so_far);
    } else {
      row = so_far + m.net(name + "_partial", gated(addend, random.bit(i)));
    }
    part = m.net(name, row).without_low(1);
  }
  return part;
}

/// offset (2^bits - 1) + part.
Signal dividend_of(Module& m, const Signal& offset, const Signal& part, int bits) {
  const int width = offset.width();
  if (bits == 1) {
    return m.net("dividend", zero_extend(offset, width + 1) + zero_extend(part, width + 1));
  }
  const Signal rest = m.net("rest", zero_extend(part, width + 1) - zero_extend(offset, width + 1));
  if (bits > width) {
    return m.net("dividend",
                 concat({offset, m.constant(bits, 0)}) + sign_extend(rest, width + bits));
  }
  const Signal high = m.net("dividend_high", offset + sign_extend(rest.without_low(bits), width));
  return m.net("dividend", concat({high, rest.low(bits)}));
}

/// The quotient of `dividend` and `range`, of so many bits: one subtraction for each.
Signal quotient_of(Module& m, const Signal& dividend, const Signal& range, int bits) {
  const int width = range.width();
  Signal rest = dividend.without_low(bits - 1);  // below twice the range
  std::vector<Signal> quotient;
  for (int i = bits - 1; i >= 0; --i) {
    const Signal difference = m.net(fmt::format("step_{}", i),
                                    zero_extend(rest, width + 2) - zero_extend(range, width + 2));
    const Signal bit = m.net(fmt::format("code_{}", i), ~difference.top());
    quotient.push_back(bit);
    if (i == 0) break;
    const Signal kept = mux(bit, difference.low(width), rest.low(width));
    rest = m.net(fmt::format("step_{}_rest", i), concat({kept, dividend.bit(i - 1)}));
  }
  return concat(quotient);
}

}  // namespace

Results build_squant(Module& m, const OperatorSpec& spec, const Interface& io) {
  const int bits = spec.result->bits();
  std::vector<Signal> keys;
  std::vector<Unpacked> lanes;
  Signal special = m.constant(1, 0);
  for (int k = 0; k < spec.lanes; ++k) {
    const LaneScope scope(m, spec.lanes, k);
    m.section("Unpack");
    const Signal code = m.net("a", io.lane("a_i", k));
    keys.push_back(m.net("ordered", ordered(spec.a, code)));
    if (spec.a.is_int()) continue;
    lanes.push_back(unpack(m, spec.a, code, "a", false));
    special = special | lanes.back().is_nan | lanes.back().is_infinite;
  }
  m.section("The least and the largest number");
  const Ends ends = ends_of(m, keys);
  const Offsets offsets = spec.a.is_int() ? offsets_of_integers(m, keys, ends)
                                          : offsets_of_floats(m, spec, lanes, ends);
  m.section("Codes");
  const bool has_special = spec.a.has_nan() || spec.a.has_infinity();
  if (has_special) special = m.net("is_special", special);
  const Signal has_steps = m.net("has_steps", reduce_or(offsets.range) & ~special);
  std::vector<Signal> codes;
  for (int k = 0; k < spec.lanes; ++k) {
    const LaneScope scope(m, spec.lanes, k);
    m.section("Code");
    const Signal part = random_part(m, spec, offsets.range, io.lane("random_i", k));
    const Signal dividend = dividend_of(m, offsets.lanes[static_cast<std::size_t>(k)], part, bits);
    const Signal quotient = quotient_of(m, dividend, offsets.range, bits);
    codes.push_back(m.net("code", gated(quotient, has_steps)));
  }
  Results results;
  results.result = concat(std::vector<Signal>(codes.rbegin(), codes.rend()));
  const Signal range = concat({code_of(spec.a, ends.largest), code_of(spec.a, ends.least)});
  results.block = m.net("range_codes", range);
  if (has_special) {
    const FloatFormat& f = spec.a.as_float();
    const BigInt code = f.has_nan() ? f.canonical_nan() : f.infinity.value_or(0);
    const BigInt both = code | (code << f.bits());
    results.block = m.net("range_or_nan", mux(special, m.constant(2 * f.bits(), both), range));
  }
  return results;
}

}  // namespace fewbit::ops
