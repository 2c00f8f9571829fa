// SHA-256 of FIPS 180-4, so that no library for ciphers is needed for the names of rows and files.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "fewbit/gen/util/bigint.h"
#include "fewbit/gen/util/files.h"

namespace fewbit {
namespace {

using State = std::array<std::uint32_t, 8>;
using Constants = std::array<std::uint32_t, 64>;

/// The first 32 bits of the fractional part of the `root`-th root of a small number, exactly.
std::uint32_t root_fraction(unsigned number, unsigned root) {
  // The largest x with x^root <= number x 2^(32 root) is the root times 2^32, rounded down.
  const BigInt scaled = BigInt(number) << (32 * root);
  BigInt x = 0;
  for (int bit = 40; bit-- > 0;) {
    const BigInt next = x | pow2(bit);
    BigInt power = 1;
    for (unsigned i = 0; i < root; ++i) power *= next;
    if (power <= scaled) x = next;
  }
  return to_bits(x, 32).convert_to<std::uint32_t>();
}

/// 4.2.2 and 5.3.3: of square and cube roots of the first primes.
struct Roots {
  State initial{};
  Constants round{};
  Roots() {
    std::size_t found = 0;
    for (unsigned number = 2; found < round.size(); ++number) {
      bool is_prime = true;
      for (unsigned divisor = 2; divisor * divisor <= number; ++divisor) {
        is_prime = is_prime && number % divisor != 0;
      }
      if (!is_prime) continue;
      if (found < initial.size()) initial[found] = root_fraction(number, 2);
      round[found++] = root_fraction(number, 3);
    }
  }
};

/// 6.2.2: one block of 64 bytes.
void add_block(State& state, const unsigned char* block, const Constants& constants) {
  Constants w{};
  for (std::size_t t = 0; t < 16; ++t) {
    for (std::size_t byte = 0; byte < 4; ++byte) w[t] = w[t] << 8 | block[4 * t + byte];
  }
  for (std::size_t t = 16; t < 64; ++t) {
    const std::uint32_t x = w[t - 15], y = w[t - 2];
    w[t] = (std::rotr(y, 17) ^ std::rotr(y, 19) ^ y >> 10) + w[t - 7] +
           (std::rotr(x, 7) ^ std::rotr(x, 18) ^ x >> 3) + w[t - 16];
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (std::size_t t = 0; t < 64; ++t) {
    const std::uint32_t t1 = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
                             ((e & f) ^ (~e & g)) + constants[t] + w[t];
    const std::uint32_t t2 =
        (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  const State added = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < state.size(); ++i) state[i] += added[i];
}

}  // namespace

std::string sha256(const std::string& text) {
  static const Roots kRoots;
  State state = kRoots.initial;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const std::size_t whole = text.size() / 64;
  for (std::size_t block = 0; block < whole; ++block) {
    add_block(state, bytes + 64 * block, kRoots.round);
  }
  // 5.1.1: a one, zeros, and the length in bits.
  std::string rest = text.substr(64 * whole) + '\x80';
  while (rest.size() % 64 != 56) rest += '\0';
  const std::uint64_t bits = std::uint64_t{text.size()} * 8;
  for (int shift = 56; shift >= 0; shift -= 8) rest += static_cast<char>(bits >> shift & 255);
  for (std::size_t at = 0; at < rest.size(); at += 64) {
    add_block(state, reinterpret_cast<const unsigned char*>(rest.data()) + at, kRoots.round);
  }
  std::string hex;
  for (const std::uint32_t word : state) hex += fmt::format("{:08x}", word);
  return hex;
}

}  // namespace fewbit
