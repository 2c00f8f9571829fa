// Conversion: many numbers of the machine into codes of a format, by a table that the model fills.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <vector>

#include "fewbit/sim/arrays/numbers.h"

namespace fewbit::arrays {

/// The widest format that a table converts to, in bits.
inline constexpr int kMostTableBits = 16;

/// Within one sign and exponent of a binary number the code is a step function of its fraction:
/// its steps are 2^shift apart, and what is added before the shift, which may depend on the
/// parity of the step below, places them. That holds of every rounding mode of fewbit but the
/// stochastic ones. Where the steps are, and which code each has, is read off the model; no rule of
/// any format is known here.
template <typename Float>
class Conversion {
 public:
  using Bits = typename Machine<Float>::Bits;

  /// Nothing where there is no such table: the format is wider than kMostTableBits, the rounding is
  /// stochastic, integers wrap, or it has no zero (bipolar). Every step is compared with the model
  /// on both of its sides.
  static std::optional<Conversion> make(const Format& format, const model::Projection& projection);

  /// Whether every code that comes out has a value that is a Float.
  [[nodiscard]] bool has_values() const { return !values_.empty(); }

  /// out[i]: the code of x[i], or with To = Float, where it has_values(), the value of that code,
  /// for i < count. To is std::uint8_t for formats of up to 8 bits, std::uint16_t, or Float.
  template <typename To>
  void run(const Float* x, std::size_t count, To* out) const {
    const auto* const results = results_of<To>();
    const Step* const steps = steps_.data();
    for (std::size_t i = 0; i < count; ++i) {
      const auto bits = std::bit_cast<Bits>(x[i]);
      const Step& step = steps[bits >> Machine<Float>::kFractionBits];
      const Bits fraction = bits & kFractionMask;
      const Bits below = fraction >> step.shift;
      const Bits number = (fraction + step.added[below & 1]) >> step.shift;
      out[i] = static_cast<To>(results[step.first + std::min<Bits>(number, step.last)]);
    }
  }

 private:
  static constexpr Bits kFractionMask = (Bits{1} << Machine<Float>::kFractionBits) - 1;

  /// Of one sign and exponent.
  struct Step {
    Bits added[2] = {0, 0};   ///< before the shift, by the parity of the step below
    Bits last = 0;            ///< number of the last step
    std::uint32_t first = 0;  ///< place of step 0 among the results
    std::uint32_t shift = 0;
  };

  class Filler;

  template <typename To>
  [[nodiscard]] const auto* results_of() const {
    if constexpr (std::is_same_v<To, Float>) {
      return values_.data();
    } else {
      return codes_.data();
    }
  }

  std::vector<Step> steps_;           // by sign and exponent
  std::vector<std::uint16_t> codes_;  // of the steps
  std::vector<Float> values_;         // of those codes
};

}  // namespace fewbit::arrays
