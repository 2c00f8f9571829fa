// Sums by accumulators that saturate or round at each step, many sums at a time.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "fewbit/quant/accumulator_steps.h"
#include "fewbit/quant/accumulators.h"
#include "fewbit/quant/exact_sums.h"

namespace fewbit::quant {
namespace {

/// Sums that are computed side by side.
constexpr int kSide = 16;

template <typename T>
using Side = std::array<T, kSide>;

// --- Which operands meet ---

/// For kSide outputs the operands that differ between them, term by term; a term's other operand
/// is common to all. `visit(side, count, others, step, out, stride)`: `count` of the outputs exist;
/// the common operand of term t is others[t * step]; result i belongs to out[i * stride].
template <typename T, typename Visit>
void for_each_side(const ConvolutionShape& shape, const T* left, const T* right, double* out,
                   Visit visit) {
  const auto& [y, x] = shape.window;
  const std::int64_t channels = shape.channels / shape.groups;
  const std::int64_t outputs = shape.outputs / shape.groups;
  const std::int64_t places = y.output * x.output;
  const std::int64_t pixels = y.input * x.input;
  std::vector<Side<T>> side(static_cast<std::size_t>(shape.terms()));
  for (std::int64_t block = 0; block < shape.batch * shape.groups; ++block) {
    const T* const image = left + block * channels * pixels;
    const std::int64_t first_output = block * outputs;
    for (std::int64_t first = 0; first < places; first += kSide) {
      const std::int64_t count = std::min<std::int64_t>(kSide, places - first);
      std::fill(side.begin(), side.end(), Side<T>{});
      for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t row = (first + i) / x.output * y.stride - y.pad_begin;
        const std::int64_t column = (first + i) % x.output * x.stride - x.pad_begin;
        auto term = side.begin();
        for (std::int64_t channel = 0; channel < channels; ++channel) {
          for (std::int64_t ky = 0; ky < y.kernel; ++ky) {
            const std::int64_t line = row + ky * y.dilation;
            for (std::int64_t kx = 0; kx < x.kernel; ++kx, ++term) {
              const std::int64_t at = column + kx * x.dilation;
              if (line < 0 || line >= y.input || at < 0 || at >= x.input) continue;
              (*term)[static_cast<std::size_t>(i)] = image[channel * pixels + line * x.input + at];
            }
          }
        }
      }
      for (std::int64_t output = 0; output < outputs; ++output) {
        const std::int64_t weights = block % shape.groups * outputs + output;
        visit(side, count, right + weights * shape.terms(), 1,
              out + (first_output + output) * places + first);
      }
    }
  }
}

template <typename T, typename Visit>
void for_each_side(const MatrixShape& shape, const T* left, const T* right, double* out,
                   Visit visit) {
  std::vector<Side<T>> side(static_cast<std::size_t>(shape.terms));
  const std::int64_t step = shape.right_transposed ? 1 : shape.columns;
  const std::int64_t column_step = shape.right_transposed ? shape.terms : 1;
  for (std::size_t matrix = 0; matrix < shape.left_matrices.size(); ++matrix) {
    const T* const lefts = left + shape.left_matrices[matrix] * shape.rows * shape.terms;
    const T* const rights = right + shape.right_matrices[matrix] * shape.terms * shape.columns;
    double* const to = out + static_cast<std::int64_t>(matrix) * shape.rows * shape.columns;
    for (std::int64_t first = 0; first < shape.columns; first += kSide) {
      const std::int64_t count = std::min<std::int64_t>(kSide, shape.columns - first);
      std::fill(side.begin(), side.end(), Side<T>{});
      for (std::int64_t term = 0; term < shape.terms; ++term) {
        for (std::int64_t i = 0; i < count; ++i) {
          side[static_cast<std::size_t>(term)][static_cast<std::size_t>(i)] =
              rights[term * step + (first + i) * column_step];
        }
      }
      for (std::int64_t row = 0; row < shape.rows; ++row) {
        visit(side, count, lefts + (shape.left_transposed ? row : row * shape.terms),
              shape.left_transposed ? shape.rows : 1, to + row * shape.columns + first);
      }
    }
  }
}

/// In another type, and without zeros that have a sign: the code of a zero is 0.
template <typename T>
std::vector<T> without_negative_zeros(const std::vector<double>& values) {
  std::vector<T> result(values.size());
  std::transform(values.begin(), values.end(), result.begin(),
                 [](double value) { return static_cast<T>(value + 0.0); });
  return result;
}

// --- Sums ---

template <typename T, typename Step>
void accumulate(const LinearCall& call, const std::vector<double>& left,
                const std::vector<double>& right, int lanes, const Step& step, double* out) {
  using State = typename Step::State;
  using Addend = typename Vector<T>::Type;
  constexpr std::size_t kVectors = kSide * sizeof(T) / sizeof(Addend);
  using Addends = std::array<Addend, kVectors>;
  const std::vector<T> lefts = without_negative_zeros<T>(left);
  const std::vector<T> rights = without_negative_zeros<T>(right);
  const auto sum_side = [&](const std::vector<Side<T>>& side, std::int64_t count, const T* others,
                            std::int64_t stride, double* to) {
    std::array<State, kVectors> accumulators;
    accumulators.fill(step.start());
    const auto terms = static_cast<std::int64_t>(side.size());
    for (std::int64_t term = 0; term < terms; term += lanes) {
      const T other = others[term * stride];
      Addends addends = std::bit_cast<Addends>(side[static_cast<std::size_t>(term)]);
      for (std::size_t i = 0; i < kVectors; ++i) addends[i] = addends[i] * other;
      for (std::int64_t lane = term + 1; lane < std::min(terms, term + lanes); ++lane) {
        const T next = others[lane * stride];
        const Addends more = std::bit_cast<Addends>(side[static_cast<std::size_t>(lane)]);
        for (std::size_t i = 0; i < kVectors; ++i) addends[i] += more[i] * next;
      }
      for (std::size_t i = 0; i < kVectors; ++i) {
        accumulators[i] = step(accumulators[i], addends[i]);
      }
    }
    const auto numbers = std::bit_cast<Side<typename Step::Number>>(accumulators);
    for (std::int64_t i = 0; i < count; ++i) {
      to[i] = static_cast<double>(numbers[static_cast<std::size_t>(i)]);
    }
  };
  std::visit(
      [&](const auto& shape) { for_each_side(shape, lefts.data(), rights.data(), out, sum_side); },
      call.shape);
}

/// T holds every integer up to this magnitude.
template <typename T>
bool exact_in(double magnitude) {
  return magnitude <= std::ldexp(1.0, std::numeric_limits<T>::digits);
}

__int128 power_of_two(int exponent) { return static_cast<__int128>(1) << exponent; }

template <typename T>
std::vector<double> exact_by_blas(const LinearCall& call, const std::vector<double>& left,
                                  const std::vector<double>& right) {
  const std::vector<T> lefts(left.begin(), left.end());
  const std::vector<T> rights(right.begin(), right.end());
  std::vector<T> sums(element_count(call.output));
  sums_of_products(call, lefts.data(), rights.data(), sums.data());
  return {sums.begin(), sums.end()};
}

/// Wider than any sum: its magnitude stays below 2^33 x 2^33 x 2^59.
constexpr int kWidest = 126;

/// `mac` and `dot`: wrapping is that of the exact sum, whatever the order.
std::vector<double> fixed_width_sums(const LinearCall& call, const OperatorSpec& spec,
                                     const std::vector<double>& left,
                                     const std::vector<double>& right, double greatest_sum) {
  const bool is_signed = output_format(spec).is_signed();
  const int bits = std::min(spec.acc_width, kWidest);
  const __int128 least = is_signed ? -power_of_two(bits - 1) : 0;
  const __int128 greatest = least + power_of_two(bits) - 1;
  const bool wraps = spec.overflow == OverflowMode::kWrap;
  if (wraps && exact_in<double>(2 * greatest_sum)) {
    std::vector<double> sums = exact_in<float>(greatest_sum)
                                   ? exact_by_blas<float>(call, left, right)
                                   : exact_by_blas<double>(call, left, right);
    const double size = std::ldexp(1.0, bits);
    const auto low = static_cast<double>(least);
    for (double& sum : sums) sum -= size * std::floor((sum - low) / size);
    return sums;
  }
  std::vector<double> sums(element_count(call.output));
  const auto add = [&]<typename T>(const auto& step, T) {
    accumulate<T>(call, left, right, spec.lanes, step, sums.data());
  };
  const auto saturate = [&]<typename T>(T type) {
    add(SaturatingStep<T>{static_cast<T>(least), static_cast<T>(greatest)}, type);
  };
  // An addend is no wider than the accumulator, so that their sum has one bit more than both.
  const int sum_bits = bits + (is_signed ? 0 : 1);
  if (wraps) {
    add(WrappingStep{least, static_cast<unsigned __int128>(power_of_two(bits)) - 1}, __int128{});
  } else if (sum_bits <= std::numeric_limits<float>::digits) {
    saturate(float{});
  } else if (sum_bits <= std::numeric_limits<double>::digits) {
    saturate(double{});
  } else {
    saturate(__int128{});
  }
  return sums;
}

/// `fmac`. Every value of the accumulator is a multiple of the products' unit or of the step below
/// the format's largest number, whichever is less: rounding leaves multiples of finer steps alone.
/// And none exceeds 2 x greatest_sum: where the accumulator is a number of the format, the nearest
/// one to its sum with an addend is no farther from this sum than the accumulator itself.
class Rounding {
 public:
  Rounding(const OperatorSpec& spec, double greatest_sum) : overflow_(spec.overflow) {
    const FloatFormat& format = spec.result->as_float();
    const auto lsb = [](const Format& f) {
      return f.is_int() ? f.as_int().lsb_exponent : f.as_float().lsb_exponent();
    };
    const int unit = lsb(spec.a) + lsb(*spec.b);
    fraction_bits_ = format.fraction_bits;
    lsb_exponent_ = format.lsb_exponent() - unit;
    const int field = std::max(1, format.max_exponent_field());
    top_step_ = lsb_exponent_ + field - 1;
    greatest_ = format.max_finite - (static_cast<Code>(field - 1) << fraction_bits_);
    const bool overflows = std::ldexp(static_cast<double>(greatest_), top_step_) < 2 * greatest_sum;
    shift_ = overflows ? std::max(0, -top_step_) : 0;
    sums_ = std::ldexp(2 * greatest_sum, shift_);
  }

  /// T holds all sums, and the numbers that round them.
  template <typename T>
  [[nodiscard]] bool fits() const {
    using Limits = std::numeric_limits<T>;
    return exact_in<T>(sums_) && fraction_bits_ > 0 && fraction_bits_ <= Limits::digits - 4 &&
           lsb_exponent_ + fraction_bits_ <= Limits::max_exponent / 2;
  }

  template <typename T>
  [[nodiscard]] RoundingStep<T> step() const {
    using Limits = std::numeric_limits<T>;
    const double greatest = std::min(std::ldexp(static_cast<double>(greatest_), top_step_),
                                     static_cast<double>(Limits::max()));
    const double least_binade = std::ldexp(1.0, std::max(lsb_exponent_ + fraction_bits_, -shift_));
    return {fraction_bits_, static_cast<T>(least_binade), static_cast<T>(greatest),
            static_cast<T>(beyond(greatest))};
  }

  [[nodiscard]] WideRoundingStep wide_step() const {
    const int exponent = top_step_ + shift_;
    const auto significand = static_cast<unsigned __int128>(greatest_);
    const bool unreachable = exponent + fraction_bits_ + 1 > kWidest;
    const unsigned __int128 greatest =
        unreachable ? static_cast<unsigned __int128>(power_of_two(kWidest))
                    : (exponent < 0 ? significand >> std::min(-exponent, kWidest)
                                    : significand << exponent);
    return {fraction_bits_, lsb_exponent_ + shift_, shift_, greatest, beyond(0)};
  }

 private:
  [[nodiscard]] double beyond(double otherwise) const {
    if (overflow_ == OverflowMode::kInfinity) return std::numeric_limits<double>::infinity();
    if (overflow_ == OverflowMode::kNan) return std::numeric_limits<double>::quiet_NaN();
    return otherwise;
  }

  OverflowMode overflow_;
  int fraction_bits_ = 0;
  int lsb_exponent_ = 0;  // of the format's subnormals, in units of products
  int top_step_ = 0;      // exponent of the step below the largest number, in the same
  Code greatest_ = 0;     // the largest number in those steps
  int shift_ = 0;         // from units of products to units of which all values are multiples
  double sums_ = 0;       // no sum before its rounding exceeds it, in the latter
};

}  // namespace

std::vector<double> accumulated_sums(const LinearCall& call, const OperatorSpec& spec,
                                     const std::vector<double>& left,
                                     const std::vector<double>& right, double greatest_sum) {
  if (spec.accumulates_exactly()) return fixed_width_sums(call, spec, left, right, greatest_sum);
  const Rounding rounding(spec, greatest_sum);
  std::vector<double> sums(element_count(call.output));
  if (rounding.fits<float>()) {
    accumulate<float>(call, left, right, 1, rounding.step<float>(), sums.data());
  } else if (rounding.fits<double>()) {
    accumulate<double>(call, left, right, 1, rounding.step<double>(), sums.data());
  } else {
    accumulate<Wide>(call, left, right, 1, rounding.wide_step(), sums.data());
  }
  return sums;
}

}  // namespace fewbit::quant
