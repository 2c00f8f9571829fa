// Exhaustive and sampled operands.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/vectors/operands.h"

#include <algorithm>
#include <cmath>

#include "fewbit/sim/model/exact.h"
#include "fewbit/sim/vectors/corner.h"

namespace fewbit::vectors {
namespace {

constexpr int kShuffleRounds = 3;

std::uint64_t low_mask(int bits) {
  return bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

BigInt random_bits(std::mt19937_64& random, int bits) {
  BigInt value = 0;
  for (int have = 0; have < bits; have += 64) value = (value << 64) | BigInt(random());
  return value & BigInt(pow2(bits) - 1);
}

/// `lanes` copies of a code side by side.
BigInt replicated(const BigInt& code, const OperandPort& port) {
  BigInt all = 0;
  for (int lane = 0; lane < port.lanes; ++lane) all = (all << port.format.bits()) | code;
  return all;
}

std::uint64_t count_distinct(std::vector<model::Operands> operands) {
  std::sort(operands.begin(), operands.end());
  return static_cast<std::uint64_t>(std::unique(operands.begin(), operands.end()) -
                                    operands.begin());
}

}  // namespace

OperandSequence::OperandSequence(const OperatorSpec& spec, std::uint64_t seed,
                                 std::uint64_t random_count, const Coverage& coverage)
    : spec_(spec),
      ports_(operand_ports(spec)),
      bits_(operand_bits(spec)),
      exhaustive_(bits_ <= coverage.exhaustive_bits) {
  std::mt19937_64 random(seed);
  if (exhaustive_) {
    for (int round = 0; round < kShuffleRounds; ++round) multipliers_.push_back(random() | 1);
    offset_ = random();
    return;
  }
  for (const OperandPort& port : ports_) corners_.push_back(corner_codes(port.format));
  add_corners(random, coverage.corners);
  corner_count_ = sampled_.size();
  for (std::uint64_t i = 0; i < random_count; ++i) sampled_.push_back(random_operation(random));
}

std::uint64_t OperandSequence::distinct() const {
  return exhaustive_ ? size() : count_distinct(sampled_);
}

void OperandSequence::add_corners(std::mt19937_64& random, std::uint64_t limit) {
  double combinations = 1;
  for (const auto& corners : corners_) combinations *= static_cast<double>(corners.size());
  const bool all = combinations <= static_cast<double>(limit);
  const auto count = all ? static_cast<std::size_t>(combinations) : limit;
  for (std::size_t i = 0; i < count; ++i) {
    model::Operands operands;
    std::size_t rest = i;
    for (std::size_t p = 0; p < ports_.size(); ++p) {
      const std::size_t choices = corners_[p].size();
      const std::size_t pick = all ? rest % choices : random() % choices;
      rest /= choices;
      operands.push_back(replicated(corners_[p][pick], ports_[p]));
    }
    sampled_.push_back(std::move(operands));
  }
}

/// Uniform, with few ones or few zeros, of random length, or a corner with its low bits disturbed.
BigInt OperandSequence::random_code(std::mt19937_64& random, std::size_t port) const {
  const int bits = ports_[port].format.bits();
  const std::vector<BigInt>& corners = corners_[port];
  const std::uint64_t kind = random() % 9;
  BigInt code = random_bits(random, bits);
  if (kind < 4) return code;
  if (kind == 4) return code & random_bits(random, bits);
  if (kind == 5) return code | random_bits(random, bits);
  if (kind == 6) {
    const bool negative = ports_[port].format.is_signed() && random() % 2 == 0;
    code >>= static_cast<unsigned>(random() % static_cast<std::uint64_t>(bits));
    return negative ? to_bits(-code, bits) : code;
  }
  const BigInt& corner = corners[random() % corners.size()];
  return kind == 7 ? corner : BigInt((corner ^ BigInt(random() % 8)) & BigInt(pow2(bits) - 1));
}

BigInt OperandSequence::random_lanes(std::mt19937_64& random, std::size_t port) const {
  const OperandPort& p = ports_[port];
  if (p.lanes == 1) return random_code(random, port);
  const std::uint64_t kind = random() % 8;
  if (kind == 0) return replicated(random_code(random, port), p);
  if (kind == 1) {  // one lane alone
    const auto lane = static_cast<unsigned>(random() % static_cast<std::uint64_t>(p.lanes));
    return random_code(random, port) << (lane * static_cast<unsigned>(p.format.bits()));
  }
  BigInt all = 0;
  const BigInt common = random_bits(random, p.format.bits());
  for (int lane = 0; lane < p.lanes; ++lane) {
    // kind 2: lanes of similar size
    const BigInt code = kind == 2   ? BigInt(common ^ BigInt(random() % 4) % pow2(p.format.bits()))
                        : kind == 3 ? random_code(random, port)
                                    : random_bits(random, p.format.bits());
    all = (all << p.format.bits()) | code;
  }
  return all;
}

/// A number of the first operand's format at, just beside or halfway between results.
BigInt OperandSequence::near_result(std::mt19937_64& random) const {
  const Format& from = spec_.a;
  const BigInt code = random_bits(random, spec_.result->bits());
  const model::Datum target = model::decode(*spec_.result, code);
  if (!target.is_finite() || target.is_zero()) return random_code(random, 0);
  model::Datum value = target;
  if (random() % 2 == 0) {  // halfway to the next
    value.value.significand = value.value.significand * 2 + (value.negative ? -1 : 1);
    value.value.exponent -= 1;
  }
  const BigInt near =
      model::encode(from, value, RoundingMode::kTiesToEven, OverflowMode::kSaturate);
  if (random() % 2 == 0) return near;
  return (near ^ BigInt(random() % 4)) & BigInt(pow2(from.bits()) - 1);
}

/// Sums whose operands nearly cancel.
void OperandSequence::make_close(std::mt19937_64& random, model::Operands& operands) const {
  const std::uint64_t noise = random() & random() & random();
  if (spec_.c) {
    OperatorSpec rest = spec_;  // all that c is added to
    if (!spec_.has_addend()) rest.kind = OperatorKind::kMul;
    rest.c.reset();
    rest.result = *spec_.c;
    rest.rounding = RoundingMode::kTiesToEven;
    rest.overflow = OverflowMode::kSaturate;
    rest.random_bits = 0;
    model::Operands others;
    std::size_t at = 0;
    for (std::size_t p = 0; p < ports_.size(); ++p) {
      if (ports_[p].operand == Operand::kC) {
        at = p;
      } else if (ports_[p].operand != Operand::kRandom) {
        others.push_back(operands[p]);
      }
    }
    const BigInt c = model::evaluate(rest, others).result;
    const int bits = spec_.c->bits();
    const BigInt sign = spec_.c->is_float() && spec_.c->is_signed() ? pow2(bits - 1) : BigInt(0);
    operands[at] = (c ^ sign ^ BigInt(noise & 7)) & BigInt(pow2(bits) - 1);
    return;
  }
  if (ports_.size() < 2 || ports_[0].bits() != ports_[1].bits() || ports_[0].lanes > 1) return;
  const int bits = ports_[1].bits();
  const BigInt sign = random() % 2 == 0 ? pow2(bits - 1) : BigInt(0);
  operands[1] = (operands[0] ^ sign ^ BigInt(noise)) & BigInt(pow2(bits) - 1);
}

/// Neighbouring lanes of opposite sign.
void OperandSequence::cancel_lanes(std::mt19937_64& random, model::Operands& operands) const {
  if (ports_.size() < 2 || ports_[0].lanes < 2) return;
  const int bits = ports_[0].format.bits();
  const BigInt mask = pow2(bits) - 1;
  const bool is_float = ports_[0].format.is_float();
  const int b_bits = ports_[1].format.bits();
  const BigInt b_mask = pow2(b_bits) - 1;
  const int lanes = std::min(ports_[0].lanes, ports_[1].lanes);
  for (int lane = 0; lane + 1 < lanes; lane += 2) {
    const BigInt code = (operands[0] >> (lane * bits)) & mask;
    const BigInt negated = is_float ? BigInt(code ^ pow2(bits - 1)) : to_bits(-code, bits);
    const BigInt other = (negated ^ BigInt(random() & random() & random() & 1)) & mask;
    const BigInt b = (operands[1] >> (lane * b_bits)) & b_mask;
    operands[0] -= operands[0] & (mask << ((lane + 1) * bits));
    operands[0] |= other << ((lane + 1) * bits);
    operands[1] -= operands[1] & (b_mask << ((lane + 1) * b_bits));
    operands[1] |= b << ((lane + 1) * b_bits);
  }
}

model::Operands OperandSequence::random_operation(std::mt19937_64& random) const {
  model::Operands operands;
  for (std::size_t p = 0; p < ports_.size(); ++p) operands.push_back(random_lanes(random, p));
  const std::uint64_t kind = random() % 4;
  if (kind == 0) make_close(random, operands);
  if (kind == 1) cancel_lanes(random, operands);
  if (kind <= 1 && spec_.info().traits.reads_accumulator) operands[0] = near_result(random);
  return operands;
}

std::uint64_t OperandSequence::size() const {
  return exhaustive_ ? std::uint64_t{1} << bits_ : sampled_.size();
}

model::Operands OperandSequence::operator[](std::uint64_t index) const {
  if (!exhaustive_) return sampled_[index];
  // Odd multiplication, addition and x ^= x >> n are bijections modulo 2^bits: none is missed.
  const std::uint64_t mask = low_mask(bits_);
  std::uint64_t x = index;
  for (const std::uint64_t multiplier : multipliers_) {
    x = (x * multiplier + offset_) & mask;
    x ^= x >> std::max(1, bits_ / 2);
  }
  model::Operands operands(ports_.size());
  for (std::size_t p = ports_.size(); p-- > 0;) {
    operands[p] = x & low_mask(ports_[p].bits());
    x >>= ports_[p].bits();
  }
  return operands;
}

std::string_view OperandSequence::phase(std::uint64_t index) const {
  if (exhaustive_) return "every operand";
  return index < corner_count_ ? "corner operands" : "random operands";
}

double OperandSequence::possible() const { return std::ldexp(1.0, bits_); }

}  // namespace fewbit::vectors
