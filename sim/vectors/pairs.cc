// Exhaustive and sampled operand pairs.
// SPDX-License-Identifier: Apache-2.0
#include "sim/vectors/pairs.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "sim/vectors/corner.h"

namespace fewbit::vectors {
namespace {

constexpr int kShuffleRounds = 3;

Code low_mask(int bits) { return bits >= 64 ? ~Code{0} : (Code{1} << bits) - 1; }

/// One operand: uniform, with few ones or few zeros, or a corner with its low bits disturbed.
Code random_code(std::mt19937_64& random, int bits, const std::vector<Code>& corners) {
  const std::uint64_t kind = random() % 8;
  const Code code = random();
  if (kind < 4) return code & low_mask(bits);
  if (kind == 4) return code & random() & low_mask(bits);
  if (kind == 5) return (code | random()) & low_mask(bits);
  const Code corner = corners[code % corners.size()];
  return kind == 6 ? corner : (corner ^ (random() % 8)) & low_mask(bits);
}

std::uint64_t count_distinct(std::vector<OperandPair> pairs) {
  std::sort(pairs.begin(), pairs.end());
  return static_cast<std::uint64_t>(std::unique(pairs.begin(), pairs.end()) - pairs.begin());
}

}  // namespace

PairSequence::PairSequence(const Format& a, const std::optional<Format>& b, std::uint64_t seed,
                           std::uint64_t random_pairs)
    : a_bits_(a.bits()),
      b_bits_(b ? b->bits() : 0),
      exhaustive_(a_bits_ + b_bits_ <= kExhaustiveBits) {
  std::mt19937_64 random(seed);
  if (exhaustive_) {
    for (int round = 0; round < kShuffleRounds; ++round) multipliers_.push_back(random() | 1);
    offset_ = random();
    distinct_ = size();
    return;
  }
  const std::vector<Code> a_corners = corner_codes(a);
  const std::vector<Code> b_corners = b ? corner_codes(*b) : std::vector<Code>{0};
  for (const Code x : a_corners) {
    for (const Code y : b_corners) sampled_.push_back({x, y});
  }
  corner_count_ = sampled_.size();
  for (std::uint64_t i = 0; i < random_pairs; ++i) {
    OperandPair pair;
    pair.a = random_code(random, a_bits_, a_corners);
    if (a_bits_ == b_bits_ && random() % 4 == 0) {
      const Code sign = (random() & 1) << (b_bits_ - 1);
      pair.b = (pair.a ^ sign ^ (random() & random() & random())) & low_mask(b_bits_);
    } else if (b) {
      pair.b = random_code(random, b_bits_, b_corners);
    }
    sampled_.push_back(pair);
  }
  distinct_ = count_distinct(sampled_);
}

std::uint64_t PairSequence::size() const {
  return exhaustive_ ? std::uint64_t{1} << (a_bits_ + b_bits_) : sampled_.size();
}

OperandPair PairSequence::operator[](std::uint64_t index) const {
  if (!exhaustive_) return sampled_[index];
  // Odd multiplication, addition and x ^= x >> n are bijections modulo 2^bits: no pair is missed.
  const int bits = a_bits_ + b_bits_;
  const Code mask = low_mask(bits);
  Code x = index;
  for (const std::uint64_t multiplier : multipliers_) {
    x = (x * multiplier + offset_) & mask;
    x ^= x >> std::max(1, bits / 2);
  }
  return {x >> b_bits_, x & low_mask(b_bits_)};
}

std::string_view PairSequence::phase(std::uint64_t index) const {
  if (exhaustive_) return "every pair";
  return index < corner_count_ ? "corner pairs" : "random pairs";
}

double PairSequence::possible() const { return std::ldexp(1.0, a_bits_ + b_bits_); }

}  // namespace fewbit::vectors
