// Model of the matrix-vector engine: see matvec.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/model/blocks/matvec.h"

#include <algorithm>

#include "fewbit/gen/util/check.h"
#include "fewbit/sim/model/arithmetic.h"

namespace fewbit::model {
namespace {

/// The values of codes in units of 2^unit, where `unit` is the least exponent that any has.
std::vector<BigInt> in_least_units(const Format& format, const std::vector<Code>& codes,
                                   int& unit) {
  std::vector<Datum> data;
  unit = 0;
  bool is_first = true;
  for (const Code code : codes) {
    data.push_back(decode(format, code));
    FEWBIT_CHECK(data.back().is_finite(), "code {} of {} is no number", code, format.name());
    if (data.back().is_zero()) continue;
    unit = is_first ? data.back().value.exponent : std::min(unit, data.back().value.exponent);
    is_first = false;
  }
  std::vector<BigInt> values;
  for (const Datum& datum : data) {
    values.push_back(datum.is_zero()
                         ? BigInt(0)
                         : BigInt(datum.value.significand * pow2(datum.value.exponent - unit)));
  }
  return values;
}

}  // namespace

Matvec::Matvec(const MatvecSpec& spec) : Matvec(spec, spec.weights) {}

Matvec::Matvec(const MatvecSpec& spec, const std::vector<Code>& weights)
    : spec_(spec), lsb_exponent_(0) {
  FEWBIT_CHECK(static_cast<long long>(weights.size()) == 1LL * spec.outputs * spec.terms,
               "{} weights", weights.size());
  weights_ = in_least_units(spec.weight, weights, lsb_exponent_);
}

std::vector<BigInt> Matvec::operator()(const std::vector<Code>& x) const {
  FEWBIT_CHECK(static_cast<int>(x.size()) == spec_.terms, "{} codes of a vector", x.size());
  int unit = 0;
  const std::vector<BigInt> values = in_least_units(spec_.activation, x, unit);
  std::vector<BigInt> sums;
  auto weight = weights_.begin();
  for (int c = 0; c < spec_.outputs; ++c) {
    BigInt sum = 0;
    for (const BigInt& value : values) sum += *weight++ * value;
    const bool is_negative = sum < 0;
    sums.push_back(in_units(make_finite({sum, lsb_exponent_ + unit}, is_negative),
                            spec_.sum_format().lsb_exponent));
  }
  return sums;
}

namespace {

/// s1 and s2 of the beats but for the last two, s2 by its definition: each beat counts once for
/// itself and for every one behind it.
std::pair<BigInt, BigInt> fletcher_sums(const Beats& beats, std::size_t count, int bits) {
  BigInt first = 0;
  BigInt second = 0;
  for (std::size_t i = 0; i < count; ++i) {
    first += beats[i].data;
    second += beats[i].data * BigInt(count - i);
  }
  return {first % pow2(bits), second % pow2(bits)};
}

}  // namespace

Beats weight_packet(const MatvecSpec& spec, const std::vector<Code>& weights) {
  Beats packet;
  const int bits = spec.weight.bits();
  for (int first_row = 0; first_row < spec.outputs; first_row += spec.rows) {
    for (int first_term = 0; first_term < spec.terms; first_term += spec.lanes) {
      BigInt word = 0;
      for (int r = 0; r < spec.rows && first_row + r < spec.outputs; ++r) {
        for (int s = 0; s < spec.lanes && first_term + s < spec.terms; ++s) {
          const int at = (first_row + r) * spec.terms + first_term + s;
          word += BigInt(weights.at(static_cast<std::size_t>(at))) << ((r * spec.lanes + s) * bits);
        }
      }
      for (int part = 0; part < spec.load_parts(); ++part) {
        packet.push_back({word % pow2(spec.load_bits), false});
        word >>= spec.load_bits;
      }
    }
  }
  const auto [first, second] = fletcher_sums(packet, packet.size(), spec.load_bits);
  packet.push_back({first, false});
  packet.push_back({second, true});
  return packet;
}

Loaded loaded(const MatvecSpec& spec, const Beats& packet) {
  if (static_cast<long long>(packet.size()) != spec.load_beats()) return Loaded::kWrongLength;
  const std::size_t count = packet.size() - 2;
  const auto [first, second] = fletcher_sums(packet, count, spec.load_bits);
  const bool is_right = packet[count].data == first && packet[count + 1].data == second;
  return is_right ? Loaded::kRight : Loaded::kWrongSums;
}

}  // namespace fewbit::model
