// Floats, integers and the block scale for the MPFR judge.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/tests/oracles/mpfr_format.h"

#include <bit>
#include <cmath>
#include <regex>

#include "fewbit/tests/oracles/mpfr_number.h"
#include "fewbit/tests/oracles/serve.h"
#include "fewbit/tests/textbook_format.h"

namespace fewbit::oracles {
namespace {

using fewbit::testing::TextbookFormat;

/// MPFR's exponent range while it lives; emin in MPFR's convention (significand in [1/2, 1)).
class LeastExponent {
 public:
  explicit LeastExponent(mpfr_exp_t emin) : before_(mpfr_get_emin()) { mpfr_set_emin(emin); }
  ~LeastExponent() { mpfr_set_emin(before_); }

 private:
  mpfr_exp_t before_;
};

bool is_native(const std::string& rounding) {
  return rounding == "ties_to_even" || rounding.starts_with("toward_");
}

/// Whether the magnitude between `lower` and `upper`, neighbours in a format, goes up. `is_odd`:
/// the code of `lower` is. For the modes that MPFR lacks; P3109's stochastic ones by their
/// definitions.
bool goes_up(mpfr_ptr exact, mpfr_ptr lower, mpfr_ptr upper, bool is_odd, const Policy& policy) {
  if (policy.rounding == "to_odd") return !is_odd;
  Number step;
  mpfr_sub(step.get(), upper, lower, MPFR_RNDN);
  Number d;
  mpfr_abs(d.get(), exact, MPFR_RNDN);
  mpfr_sub(d.get(), d.get(), lower, MPFR_RNDN);
  const long step_exponent = mpfr_get_exp(step.get()) - 1;  // a step is a power of two
  mpfr_mul_2si(d.get(), d.get(), -step_exponent, MPFR_RNDN);
  const int half = mpfr_cmp_d(d.get(), 0.5);
  const bool is_negative = mpfr_signbit(exact) != 0;
  if (policy.rounding == "ties_to_away") return half >= 0;
  if (policy.rounding == "ties_toward_positive") return half > 0 || (half == 0 && !is_negative);
  if (policy.rounding == "ties_toward_negative") return half > 0 || (half == 0 && is_negative);
  const bool is_b = policy.rounding == "stochastic_b";
  const bool is_c = policy.rounding == "stochastic_c";
  FEWBIT_CHECK(is_b || is_c || policy.rounding == "stochastic_a", "rounding {}", policy.rounding);
  const int places = policy.random_bits + (is_b ? 1 : 0);
  mpfr_mul_2si(d.get(), d.get(), places, MPFR_RNDN);
  mpfr_rint(d.get(), d.get(), is_c ? MPFR_RNDN : MPFR_RNDZ);
  mpfr_add_ui(d.get(), d.get(), is_b ? 2 * policy.random + 1 : policy.random, MPFR_RNDN);
  return mpfr_cmp_ui_2exp(d.get(), 1, places) >= 0;
}

/// Where the codes of a float are. Magnitude codes count up from zero through the finite values.
struct Layout {
  int fraction_bits = 0;
  int bias = 0;
  bool is_signed = true;
  bool has_zero = true;           ///< else code 0 is 2^-bias, as in the block scale
  bool has_negative_zero = true;  ///< else its code, if there is one, is NaN
  long magnitudes = 0;
  long max_finite = 0;
  std::optional<long> infinity{};
  std::optional<long> nan{};
};

Layout layout_of(const TextbookFormat& format) {
  Layout layout = {format.y,
                   format.bias(),
                   format.is_signed,
                   true,
                   format.has_negative_zero(),
                   format.magnitudes(),
                   format.max_finite()};
  if (format.has_infinity()) layout.infinity = format.max_finite() + 1;
  if (format.has_nan()) layout.nan = format.nan_code();
  return layout;
}

/// Floats.
class Float : public MpfrFormat {
 public:
  explicit Float(const Layout& layout) : layout_(layout) {}

  [[nodiscard]] int bits() const override {
    const auto codes = static_cast<std::uint64_t>(layout_.magnitudes)
                       << (layout_.is_signed ? 1 : 0);
    return std::countr_zero(codes);
  }

  void decode(std::uint64_t code, mpfr_ptr exact) const override {
    const bool negative = static_cast<long>(code) >= layout_.magnitudes;
    const long magnitude = static_cast<long>(code) % layout_.magnitudes;
    const bool is_nan_zero = negative && magnitude == 0 && !layout_.has_negative_zero;
    if (is_nan_zero || (magnitude > layout_.max_finite && magnitude != layout_.infinity)) {
      return mpfr_set_nan(exact);
    }
    if (magnitude == layout_.infinity) return mpfr_set_inf(exact, negative ? -1 : 1);
    set_magnitude(magnitude, exact);
    mpfr_setsign(exact, exact, negative ? 1 : 0, MPFR_RNDN);
  }

  [[nodiscard]] long largest_exponent() const override {
    Number largest;
    set_magnitude(layout_.max_finite, largest.get());
    return mpfr_get_exp(largest.get()) - 1;
  }
  [[nodiscard]] int precision() const override { return layout_.fraction_bits + 1; }

  void flush(mpfr_ptr exact) const override {
    if (mpfr_number_p(exact) == 0 || !layout_.has_zero) return;
    Number least_normal;
    mpfr_set_ui_2exp(least_normal.get(), 1, 1 - layout_.bias, MPFR_RNDN);
    if (mpfr_cmpabs(exact, least_normal.get()) < 0)
      mpfr_set_zero(exact, mpfr_signbit(exact) ? -1 : 1);
  }

  [[nodiscard]] std::uint64_t encode(mpfr_ptr exact, const Policy& policy) const override {
    if (mpfr_nan_p(exact) != 0) return nan_code();
    const bool negative = mpfr_signbit(exact) != 0;
    if (mpfr_inf_p(exact) != 0) return of_infinity(negative, policy.overflow);
    const bool below = negative && !layout_.is_signed;
    if (below && policy.overflow != "sat_none") return 0;
    long magnitude = mpfr_zero_p(exact) != 0 ? 0 : rounded_magnitude(exact, policy);
    const long least_normal = layout_.has_zero ? 1L << layout_.fraction_bits : 0;
    if (policy.flushes_outputs && magnitude < least_normal) magnitude = 0;
    if (below) return magnitude == 0 ? 0 : unsaturated(true, policy.rounding);
    if (magnitude <= layout_.max_finite) return code(magnitude, negative);
    return of_overflow(negative, policy);
  }

 private:
  [[nodiscard]] std::uint64_t nan_code() const {
    return static_cast<std::uint64_t>(layout_.nan.value_or(layout_.max_finite));
  }
  [[nodiscard]] std::uint64_t code(long magnitude, bool negative) const {
    if (!negative) return static_cast<std::uint64_t>(magnitude);
    if (!layout_.is_signed || (magnitude == 0 && !layout_.has_negative_zero)) return 0;
    return static_cast<std::uint64_t>(layout_.magnitudes + magnitude);
  }
  [[nodiscard]] std::uint64_t largest(bool negative) const {
    return code(layout_.max_finite, negative);
  }
  /// Infinity, or the largest finite value where the format has none.
  [[nodiscard]] std::uint64_t infinity(bool negative) const {
    return code(layout_.infinity.value_or(layout_.max_finite), negative);
  }
  [[nodiscard]] bool is_fnuz() const {
    return !layout_.infinity && layout_.nan == layout_.magnitudes;
  }

  /// SatNone of P3109/D1 (July 2026), 4.7.5, of a value below or above the range. M_lo and M_hi are
  /// largest(negative): of an unsigned format that is 0 below.
  [[nodiscard]] std::uint64_t unsaturated(bool negative, const std::string& rounding) const {
    const std::string toward = negative ? "toward_positive" : "toward_negative";
    if (rounding == "toward_zero" || rounding == toward) return largest(negative);
    return infinity_or_nan(negative);
  }
  [[nodiscard]] std::uint64_t infinity_or_nan(bool negative) const {
    const bool exists = layout_.infinity && (layout_.is_signed || !negative);
    return exists ? infinity(negative) : nan_code();
  }

  /// IEEE 754's 7.4; to_odd takes the odd one of the two codes.
  [[nodiscard]] bool stays_finite(bool negative, const std::string& rounding) const {
    return rounding == "toward_zero" ||
           rounding == (negative ? "toward_positive" : "toward_negative") ||
           (rounding == "to_odd" && layout_.max_finite % 2 != 0);
  }

  /// A finite value beyond the largest.
  [[nodiscard]] std::uint64_t of_overflow(bool negative, const Policy& policy) const {
    const std::string& overflow = policy.overflow;
    if (overflow == "nan") return nan_code();
    if (overflow == "sat_none") return unsaturated(negative, policy.rounding);
    if (overflow == "onnx_no_saturate" && !layout_.infinity) {
      return layout_.nan ? nan_code() : largest(negative);
    }
    const bool may_be_infinite = overflow == "infinity" || overflow == "onnx_no_saturate";
    return may_be_infinite && !stays_finite(negative, policy.rounding) ? infinity(negative)
                                                                       : largest(negative);
  }

  [[nodiscard]] std::uint64_t of_infinity(bool negative, const std::string& overflow) const {
    if (overflow == "nan" || overflow == "saturate_nan") return nan_code();
    if (overflow == "sat_none") return infinity_or_nan(negative);
    if (overflow == "onnx_saturate") return is_fnuz() ? nan_code() : largest(negative);
    if (overflow == "onnx_no_saturate" && !layout_.infinity) {
      return layout_.nan ? nan_code() : largest(negative);
    }
    if (overflow == "saturate" || overflow == "sat_finite") return largest(negative);
    return infinity(negative);
  }

  /// Value of a magnitude code whose exponent field may be wider than the format's.
  void set_magnitude(long magnitude, mpfr_ptr exact) const {
    const int y = layout_.fraction_bits;
    const long exponent = magnitude >> y;
    const long fraction = magnitude % (1L << y);
    const bool is_normal = exponent > 0 || !layout_.has_zero;
    const long scale = (is_normal ? exponent : 1) - layout_.bias - y;
    mpfr_set_si_2exp(exact, fraction + (is_normal ? 1L << y : 0), scale, MPFR_RNDN);
  }

  /// |exact| rounded in one of MPFR's modes, and its magnitude code if the exponent field had no
  /// end. It is negative for a block scale below the least.
  long by_mpfr(mpfr_ptr exact, mpfr_rnd_t mode, mpfr_ptr rounded) const {
    const int y = layout_.fraction_bits;
    const long least = (layout_.has_zero ? 1 : 0) - layout_.bias;
    if (layout_.has_zero) {
      const LeastExponent range(least + 1 - y);
      int inexact = mpfr_set(rounded, exact, mode);
      inexact = mpfr_check_range(rounded, inexact, mode);
      mpfr_subnormalize(rounded, inexact, mode);
    } else {
      mpfr_set(rounded, exact, mode);
    }
    mpfr_abs(rounded, rounded, MPFR_RNDN);
    if (mpfr_zero_p(rounded) != 0) return 0;
    long exponent = mpfr_get_exp(rounded) - 1;
    if (layout_.has_zero) exponent = std::max(exponent, least);
    long binary_exponent = 0;
    const double fraction = mpfr_get_d_2exp(&binary_exponent, rounded, MPFR_RNDN);
    const auto significand =
        static_cast<long>(std::ldexp(fraction, static_cast<int>(binary_exponent + y - exponent)));
    const long hidden = layout_.has_zero ? 0 : 1L << y;
    return ((exponent - least) << y) + significand - hidden;
  }

  [[nodiscard]] long rounded_magnitude(mpfr_ptr exact, const Policy& policy) const {
    Number lower(layout_.fraction_bits + 1);
    if (is_native(policy.rounding)) {
      return std::max(0L, by_mpfr(exact, mpfr_mode(policy.rounding), lower.get()));
    }
    Number upper(layout_.fraction_bits + 1);
    const long lower_code = by_mpfr(exact, MPFR_RNDZ, lower.get());
    const long upper_code = by_mpfr(exact, MPFR_RNDA, upper.get());
    if (upper_code <= 0 || lower_code == upper_code) return std::max(0L, lower_code);
    const bool is_odd = lower_code % 2 != 0;
    return goes_up(exact, lower.get(), upper.get(), is_odd, policy) ? upper_code : lower_code;
  }

  Layout layout_;
};

/// Two's complement or unsigned, in units of 2^lsb.
class Integer : public MpfrFormat {
 public:
  Integer(int bits, bool is_signed, int lsb) : bits_(bits), is_signed_(is_signed), lsb_(lsb) {}

  [[nodiscard]] int bits() const override { return bits_; }
  [[nodiscard]] int precision() const override { return bits_ - (is_signed_ ? 1 : 0); }
  [[nodiscard]] long largest_exponent() const override { return precision() - 1 + lsb_; }

  void decode(std::uint64_t code, mpfr_ptr exact) const override {
    const bool negative = is_signed_ && ((code >> (bits_ - 1)) & 1) != 0;
    const long value = static_cast<long>(code) - (negative ? 1L << bits_ : 0);
    mpfr_set_si_2exp(exact, value, lsb_, MPFR_RNDN);
  }

  [[nodiscard]] std::uint64_t encode(mpfr_ptr exact, const Policy& policy) const override {
    if (mpfr_nan_p(exact) != 0) return 0;
    Number integer;
    mpfr_mul_2si(integer.get(), exact, -lsb_, MPFR_RNDN);
    round_to_integer(integer.get(), policy);
    if (policy.overflow == "wrap" && mpfr_number_p(exact) != 0) return low_bits(integer.get());
    const long max = (1L << (bits_ - (is_signed_ ? 1 : 0))) - 1;
    const long min = is_signed_ ? -max - (policy.symmetric ? 0 : 1) : 0;
    long value = 0;
    if (mpfr_cmp_si(integer.get(), max) > 0) {
      value = max;
    } else if (mpfr_cmp_si(integer.get(), min) < 0) {
      value = min;
    } else {
      value = mpfr_get_si(integer.get(), MPFR_RNDN);
    }
    return static_cast<std::uint64_t>(value) & ((1UL << bits_) - 1);
  }

 private:
  static void round_to_integer(mpfr_ptr x, const Policy& policy) {
    if (mpfr_number_p(x) == 0 || mpfr_integer_p(x) != 0) return;
    if (is_native(policy.rounding)) {
      mpfr_rint(x, x, mpfr_mode(policy.rounding));
      return;
    }
    Number lower;
    mpfr_abs(lower.get(), x, MPFR_RNDN);
    mpfr_floor(lower.get(), lower.get());
    Number upper;
    mpfr_add_ui(upper.get(), lower.get(), 1, MPFR_RNDN);
    const bool up = goes_up(x, lower.get(), upper.get(), is_odd(lower.get()), policy);
    mpfr_setsign(x, up ? upper.get() : lower.get(), mpfr_signbit(x), MPFR_RNDN);
  }
  static bool is_odd(mpfr_ptr integer) {
    Number half;
    mpfr_div_2ui(half.get(), integer, 1, MPFR_RNDN);
    return mpfr_integer_p(half.get()) == 0;
  }
  [[nodiscard]] std::uint64_t low_bits(mpfr_ptr integer) const {
    Number modulus;
    Number rest;
    mpfr_set_ui_2exp(modulus.get(), 1, bits_, MPFR_RNDN);
    mpfr_fmod(rest.get(), integer, modulus.get(), MPFR_RNDN);
    return static_cast<std::uint64_t>(mpfr_get_si(rest.get(), MPFR_RNDN)) & ((1UL << bits_) - 1);
  }

  int bits_;
  bool is_signed_;
  int lsb_;
};

/// Operands in binary64, and decoded values.
class Binary64 : public MpfrFormat {
 public:
  [[nodiscard]] int bits() const override { return 64; }
  [[nodiscard]] int precision() const override { return 53; }
  [[nodiscard]] long largest_exponent() const override { return 1023; }
  void decode(std::uint64_t code, mpfr_ptr exact) const override {
    mpfr_set_d(exact, std::bit_cast<double>(code), MPFR_RNDN);
  }
  [[nodiscard]] std::uint64_t encode(mpfr_ptr exact, const Policy&) const override {
    if (mpfr_nan_p(exact) != 0) return kQuietNan;
    return std::bit_cast<std::uint64_t>(mpfr_get_d(exact, MPFR_RNDN));
  }
};

using Shared = std::shared_ptr<const MpfrFormat>;

Shared minifloat(int x, int y, bool is_signed, const std::string& coding,
                 std::optional<int> bias = std::nullopt) {
  return std::make_shared<Float>(layout_of(TextbookFormat{x, y, is_signed, coding, bias}));
}

Shared p3109(int bits, int precision, bool is_signed, bool is_extended) {
  const int x = bits - precision + (is_signed ? 0 : 1);
  const int y = precision - 1;
  if (is_extended) return minifloat(x, y, is_signed, is_signed ? "se" : "ue");
  return minifloat(x, y, is_signed, is_signed ? "fnuz" : "fn", 1 << (x - 1));
}

Shared well_known(const std::string& name) {
  if (name == "e2m1") return minifloat(2, 1, true, "f");
  if (name == "e2m3") return minifloat(2, 3, true, "f");
  if (name == "e3m2") return minifloat(3, 2, true, "f");
  if (name == "e5m2") return minifloat(5, 2, true, "ieee");
  if (name == "bfloat16") return minifloat(8, 7, true, "ieee");
  if (name == "binary16") return minifloat(5, 10, true, "ieee");
  if (name == "binary32") {
    return std::make_shared<Float>(
        Layout{23, 127, true, true, true, 1L << 31, 0x7f7fffff, 0x7f800000, 0x7fc00000});
  }
  if (name == "binary64") return std::make_shared<Binary64>();
  if (name == "mxint8") return std::make_shared<Integer>(8, true, -6);
  if (name == "e8m0") {
    return std::make_shared<Float>(Layout{0, 127, false, false, false, 256, 0xfe, {}, 0xff});
  }
  return nullptr;
}

}  // namespace

Result<Shared> mpfr_format(const std::string& name) {
  if (Shared known = well_known(name)) return known;
  static const std::regex kMinifloat("(u?)e([1-8])m([0-9]+)(?:b([0-9]+))?(f|fn|fnuz|ieee)");
  static const std::regex kP3109("binary([0-9]+)p([0-9]+)([su])([ef])");
  static const std::regex kInteger("(u?)int([0-9]+)");
  std::smatch part;
  if (std::regex_match(name, part, kMinifloat)) {
    std::optional<int> bias;
    if (part[4].matched) bias = std::stoi(part[4]);
    return minifloat(std::stoi(part[2]), std::stoi(part[3]), part[1].length() == 0, part[5], bias);
  }
  if (std::regex_match(name, part, kP3109)) {
    return p3109(std::stoi(part[1]), std::stoi(part[2]), part[3] == "s", part[4] == "e");
  }
  if (std::regex_match(name, part, kInteger)) {
    return Shared(std::make_shared<Integer>(std::stoi(part[2]), part[1].length() == 0, 0));
  }
  return Error{"format", name, "a format that the MPFR judge knows", ""};
}

mpfr_rnd_t mpfr_mode(const std::string& rounding) {
  if (rounding == "toward_zero") return MPFR_RNDZ;
  if (rounding == "toward_positive") return MPFR_RNDU;
  if (rounding == "toward_negative") return MPFR_RNDD;
  return MPFR_RNDN;
}

}  // namespace fewbit::oracles
