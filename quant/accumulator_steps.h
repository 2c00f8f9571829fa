// Steps of accumulators: what a sum becomes by one addend, in types that hold both exactly.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace fewbit::quant {

/// What one instruction computes with: several floats or doubles, or one number of another type.
template <typename T>
struct Vector {
  using Type = T;
};
#define FEWBIT_VECTOR(T)                             \
  template <>                                        \
  struct Vector<T> {                                 \
    typedef T Type __attribute__((vector_size(16))); \
  }
FEWBIT_VECTOR(float);
FEWBIT_VECTOR(double);
FEWBIT_VECTOR(std::int32_t);
FEWBIT_VECTOR(std::int64_t);
#undef FEWBIT_VECTOR

/// Integers whose magnitudes, and those of all addends, T holds exactly, and their sums too.
template <typename T>
class SaturatingStep {
 public:
  using Number = T;
  using State = typename Vector<T>::Type;

  SaturatingStep(T least, T greatest) : least_(State{} + least), greatest_(State{} + greatest) {}
  [[nodiscard]] State start() const { return State{}; }
  State operator()(State accumulator, State addend) const {
    const State sum = accumulator + addend;
    const State limited = sum < least_ ? least_ : sum;
    return limited > greatest_ ? greatest_ : limited;
  }

 private:
  State least_, greatest_;
};

/// Sums that T holds exactly before they are rounded to a float format.
template <typename T>
class RoundingStep {
 public:
  using Number = T;
  using State = typename Vector<T>::Type;

  /// `least_binade`: below it the step is that of subnormals. A magnitude above `greatest` becomes
  /// `beyond`: that, infinity or NaN.
  RoundingStep(int fraction_bits, T least_binade, T greatest, T beyond)
      : least_binade_(State{} + least_binade),
        factor_(std::ldexp(T{1.5}, kFractionBits - fraction_bits)),
        greatest_(State{} + greatest),
        beyond_(State{} + beyond) {}

  /// Its sum with any number is that number, the sign of a zero included.
  [[nodiscard]] State start() const { return -State{}; }
  State operator()(State accumulator, State addend) const {
    const State sum = accumulator + addend;
    const auto bits = std::bit_cast<Bits>(sum);
    const auto magnitude = std::bit_cast<State>(bits & ~kSign);
    const auto power = std::bit_cast<State>(bits & kExponent);
    // 1.5 x 2^kFractionBits steps: numbers of that size are whole steps apart.
    const State magic = (power > least_binade_ ? power : least_binade_) * factor_;
    const State rounded = (magnitude + magic) - magic;
    const State limited = rounded <= greatest_ ? rounded : beyond_;  // infinity, NaN: not <=
    return std::bit_cast<State>(std::bit_cast<Bits>(limited) | (bits & kSign));
  }

 private:
  using Integer = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
  using Bits = typename Vector<Integer>::Type;
  static constexpr int kFractionBits = std::numeric_limits<T>::digits - 1;
  static constexpr Integer kSign = std::numeric_limits<Integer>::min();
  static constexpr Integer kExponent = ~kSign & ~((Integer{1} << kFractionBits) - 1);

  State least_binade_;
  T factor_;
  State greatest_, beyond_;
};

/// Integers of any width that sums of products have (accumulators.h: up to 2^66 x 2^60).
struct WrappingStep {
  using Number = __int128;
  using State = __int128;
  __int128 least;
  unsigned __int128 mask;
  [[nodiscard]] State start() const { return 0; }

  __int128 operator()(__int128 accumulator, __int128 addend) const {
    const auto above = static_cast<unsigned __int128>(accumulator + addend - least);
    return static_cast<__int128>(above & mask) + least;
  }
};

int bit_length(unsigned __int128 x) {
  const auto high = static_cast<std::uint64_t>(x >> 64);
  return high != 0 ? 64 + static_cast<int>(std::bit_width(high))
                   : static_cast<int>(std::bit_width(static_cast<std::uint64_t>(x)));
}

/// A number by sign and magnitude, so that zeros have a sign.
struct Wide {
  Wide() = default;
  Wide(bool is_negative, unsigned __int128 of) : negative(is_negative), magnitude(of) {}
  explicit Wide(double value)
      : negative(value < 0), magnitude(static_cast<unsigned __int128>(std::abs(value))) {}
  Wide operator*(const Wide& other) const {
    return {negative != other.negative, magnitude * other.magnitude};
  }
  Wide& operator+=(const Wide& other) {
    if (negative == other.negative) {
      magnitude += other.magnitude;
    } else if (magnitude > other.magnitude) {
      magnitude -= other.magnitude;
    } else {
      // Of two opposite zeros the sum is +0.
      *this = {other.negative && magnitude != other.magnitude, other.magnitude - magnitude};
    }
    return *this;
  }

  bool negative = false;
  unsigned __int128 magnitude = 0;
};

/// Any sums and any float format, in units fine enough for the format's largest number.
struct WideRoundingStep {
  struct State {
    Wide value;
    double beyond = 0;  // infinity or NaN, once reached; else 0
    double unit = 1;    // of value, in units of products
    explicit operator double() const {
      if (beyond != 0) return beyond;
      const double magnitude = static_cast<double>(value.magnitude) * unit;
      return value.negative ? -magnitude : magnitude;
    }
  };
  using Number = State;
  int fraction_bits;
  int lsb_exponent;  ///< of the format, in units of value
  int shift;         ///< from units of products to those of value
  unsigned __int128 greatest;
  double beyond;  ///< infinity or NaN where a magnitude above `greatest` becomes that; else 0

  [[nodiscard]] State start() const { return {Wide(true, 0), 0, std::ldexp(1.0, -shift)}; }
  State operator()(State state, Wide addend) const {
    if (state.beyond != 0) return state;
    addend.magnitude <<= shift;
    state.value += addend;
    state.value.magnitude = rounded(state.value.magnitude);
    if (state.value.magnitude <= greatest) return state;
    state.value.magnitude = greatest;
    state.beyond = state.value.negative ? -beyond : beyond;
    return state;
  }

 private:
  [[nodiscard]] unsigned __int128 rounded(unsigned __int128 x) const {
    const int step = std::max(bit_length(x) - 1 - fraction_bits, lsb_exponent);
    if (step <= 0) return x;
    if (step > 126) return 0;  // less than half a step
    const unsigned __int128 floor = x >> step;
    const unsigned __int128 rest = x - (floor << step);
    const unsigned __int128 half = static_cast<unsigned __int128>(1) << (step - 1);
    // The last bit of the code: without fraction bits it is that of the exponent field.
    const bool is_odd =
        fraction_bits > 0 ? (floor & 1) != 0 : floor != 0 && (step - lsb_exponent + 1) % 2 != 0;
    const bool up = rest > half || (rest == half && is_odd);
    return (floor + (up ? 1 : 0)) << step;
  }
};

}  // namespace fewbit::quant
