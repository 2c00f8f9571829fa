// NumberGrid: the finite numbers of a format as integers, and rounding to them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "fewbit/gen/spec/format.h"

namespace fewbit::quant {

/// Every finite value of a format is an integer number of units, its least step 2^lsb_exponent. A
/// quantizer scales freely, so the unit itself, and with it the bias of a format, changes nothing.
class NumberGrid {
 public:
  /// Widest magnitude, in units, that is covered: that of e5m2f.
  static constexpr int kMostMagnitudeBits = 33;

  /// Errors: a format without a zero (scales; not bipolar, which weights may have), one whose
  /// largest value needs more than kMostMagnitudeBits bits in units.
  static Result<NumberGrid> make(const Format& format);

  [[nodiscard]] const Format& format() const { return format_; }
  /// Largest value in units. Integers are used symmetrically: -max() is the least.
  [[nodiscard]] double max() const { return max_; }
  /// Exponent of the unit as the hardware counts.
  [[nodiscard]] int unit_exponent() const { return unit_exponent_; }

  /// Writes the numbers nearest to x[i] x reciprocal_scale, a product in binary64, in units. Ties
  /// go to the even code, values beyond the largest number to it; in unsigned formats negative ones
  /// to 0; in bipolar ones 0 to 1. The x are finite. T is float or double; float holds them exactly
  /// where max() <= 2^24.
  template <typename T>
  void round(const float* x, std::size_t count, double reciprocal_scale, T* units) const;
  /// The same of (x[i] + addend) x factor: exact where both operations are exact in binary64.
  template <typename T>
  void round_affine(const T* x, std::size_t count, double addend, double factor,
                    float* units) const;
  /// The same of one number.
  [[nodiscard]] double nearest(double x) const;

  /// Distance, in units, between the numbers of the grid around x: 1, or that of its binade.
  [[nodiscard]] double step_at(double x) const;

  /// The code of a number of the grid; zero has the code 0.
  [[nodiscard]] Code code_of(double units) const;

 private:
  explicit NumberGrid(Format format) : format_(std::move(format)) {}

  Format format_;
  double min_ = 0;
  double max_ = 0;
  int unit_exponent_ = 0;
  std::uint64_t binade_mask_ = 0;  // selects the exponent of a double; 0 for a uniform grid
  double least_binade_ = 1;        // below it the step is one unit
  double magic_ = 0;               // times a binade: a sum with it has no bits below the step
  bool bipolar_ = false;           // -1 and 1 alone
  bool exponents_alone_ = false;   // no fraction bits: ties are between powers of two
};

}  // namespace fewbit::quant
