// Minifloats, binary32, binary64, integers and the block scale for the MPFR judge.
// SPDX-License-Identifier: Apache-2.0
#include "tests/oracles/mpfr_format.h"

#include <bit>
#include <regex>

#include "tests/oracles/mpfr_number.h"
#include "tests/oracles/serve.h"
#include "tests/textbook_format.h"

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

/// Whether an overflow stays at the largest finite value because of the direction.
bool points_to_zero(const std::string& rounding, bool negative) {
  return rounding == "toward_zero" || rounding == "to_odd" ||
         rounding == (negative ? "toward_positive" : "toward_negative");
}

/// Floats of up to 16 bits.
class Minifloat : public MpfrFormat {
 public:
  explicit Minifloat(TextbookFormat format) : format_(std::move(format)) {}

  void decode(std::uint64_t code, mpfr_ptr exact) const override {
    mpfr_set_d(exact, format_.value(static_cast<int>(code)), MPFR_RNDN);
  }

  [[nodiscard]] std::uint64_t encode(mpfr_ptr exact, const Policy& policy) const override {
    if (mpfr_nan_p(exact) != 0) return code(nan_magnitude());
    const bool negative = mpfr_signbit(exact) != 0;
    if (mpfr_inf_p(exact) != 0) return overflowed(negative, policy);
    if (negative && !format_.is_signed) return 0;
    const long magnitude = rounded_magnitude(exact, policy.rounding);
    if (magnitude <= format_.max_finite()) return code(magnitude, negative);
    if (policy.overflow == "infinity" && points_to_zero(policy.rounding, negative)) {
      return code(format_.max_finite(), negative);
    }
    return overflowed(negative, policy);
  }

 private:
  [[nodiscard]] long nan_magnitude() const {
    return format_.has_nan() ? format_.nan_code() : format_.max_finite();
  }
  [[nodiscard]] std::uint64_t code(long magnitude, bool negative = false) const {
    return static_cast<std::uint64_t>(format_.code(static_cast<int>(magnitude), negative));
  }
  /// The code of an infinity, or of what the policy makes of it.
  [[nodiscard]] std::uint64_t overflowed(bool negative, const Policy& policy) const {
    if (policy.overflow == "nan") return code(nan_magnitude());
    const int beyond = policy.overflow == "infinity" ? 1 : 0;
    return code(format_.max_finite() + beyond, negative);
  }

  /// |exact| rounded in one of MPFR's modes, and its magnitude code if the exponent field had no
  /// end.
  long by_mpfr(mpfr_ptr exact, mpfr_rnd_t mode, mpfr_ptr rounded) const {
    {
      const LeastExponent range(2 - format_.bias() - format_.y);
      int inexact = mpfr_set(rounded, exact, mode);
      inexact = mpfr_check_range(rounded, inexact, mode);
      mpfr_subnormalize(rounded, inexact, mode);
    }
    if (mpfr_zero_p(rounded) != 0) return 0;
    const long exponent = std::max<long>(mpfr_get_exp(rounded) - 1, 1 - format_.bias());
    Number integer(format_.y + 1);  // the significand, an integer
    mpfr_mul_2si(integer.get(), rounded, format_.y - exponent, MPFR_RNDN);
    return ((exponent + format_.bias() - 1) << format_.y) +
           std::labs(mpfr_get_si(integer.get(), MPFR_RNDN));
  }

  long rounded_magnitude(mpfr_ptr exact, const std::string& rounding) const {
    Number lower(format_.y + 1);
    if (rounding != "ties_to_away" && rounding != "to_odd") {
      return by_mpfr(exact, mpfr_mode(rounding), lower.get());
    }
    Number upper(format_.y + 1);
    const long lower_code = by_mpfr(exact, MPFR_RNDZ, lower.get());
    const long upper_code = by_mpfr(exact, MPFR_RNDA, upper.get());
    if (lower_code == upper_code) return lower_code;
    if (rounding == "to_odd") return lower_code % 2 != 0 ? lower_code : upper_code;
    Number middle;
    mpfr_add(middle.get(), lower.get(), upper.get(), MPFR_RNDN);
    mpfr_div_2ui(middle.get(), middle.get(), 1, MPFR_RNDN);
    return mpfr_cmpabs(exact, middle.get()) >= 0 ? upper_code : lower_code;
  }

  TextbookFormat format_;
};

/// Two's complement or unsigned, in units of 2^lsb.
class Integer : public MpfrFormat {
 public:
  Integer(int bits, bool is_signed, int lsb) : bits_(bits), is_signed_(is_signed), lsb_(lsb) {}

  void decode(std::uint64_t code, mpfr_ptr exact) const override {
    const bool negative = is_signed_ && ((code >> (bits_ - 1)) & 1) != 0;
    const long value = static_cast<long>(code) - (negative ? 1L << bits_ : 0);
    mpfr_set_si_2exp(exact, value, lsb_, MPFR_RNDN);
  }

  [[nodiscard]] std::uint64_t encode(mpfr_ptr exact, const Policy& policy) const override {
    if (mpfr_nan_p(exact) != 0) return 0;
    Number integer;
    mpfr_mul_2si(integer.get(), exact, -lsb_, MPFR_RNDN);
    round_to_integer(integer.get(), policy.rounding);
    if (policy.overflow == "wrap" && mpfr_number_p(exact) != 0) return low_bits(integer.get());
    const long max = (1L << (bits_ - (is_signed_ ? 1 : 0))) - 1;
    const long min = is_signed_ ? -max - 1 : 0;
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
  static void round_to_integer(mpfr_ptr x, const std::string& rounding) {
    if (rounding == "ties_to_away") {
      mpfr_round(x, x);
    } else if (rounding == "to_odd") {
      Number floor;
      mpfr_floor(floor.get(), x);
      if (mpfr_equal_p(floor.get(), x) != 0) return;
      if (is_odd(floor.get())) {
        mpfr_set(x, floor.get(), MPFR_RNDN);
      } else {
        mpfr_ceil(x, x);
      }
    } else {
      mpfr_rint(x, x, mpfr_mode(rounding));
    }
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

/// The block scale: 2^(code - 127), code 0xff is NaN; decoded only.
class Scale : public MpfrFormat {
 public:
  void decode(std::uint64_t code, mpfr_ptr exact) const override {
    if (code == 0xff) return mpfr_set_nan(exact);
    mpfr_set_ui_2exp(exact, 1, static_cast<long>(code) - 127, MPFR_RNDN);
  }
  [[nodiscard]] std::uint64_t encode(mpfr_ptr, const Policy&) const override { return kNoAnswer; }
};

/// binary32 in the modes that MPFR has.
class Binary32 : public MpfrFormat {
 public:
  void decode(std::uint64_t code, mpfr_ptr exact) const override {
    mpfr_set_flt(exact, std::bit_cast<float>(static_cast<std::uint32_t>(code)), MPFR_RNDN);
  }
  [[nodiscard]] std::uint64_t encode(mpfr_ptr exact, const Policy& policy) const override {
    const bool is_foreign = policy.rounding == "ties_to_away" || policy.rounding == "to_odd";
    if (is_foreign || policy.overflow != "infinity") return kNoAnswer;
    const float rounded = mpfr_get_flt(exact, mpfr_mode(policy.rounding));
    return std::bit_cast<std::uint32_t>(rounded);
  }
};

/// Operands in binary64, and decoded values.
class Binary64 : public MpfrFormat {
 public:
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
  return std::make_shared<Minifloat>(TextbookFormat{x, y, is_signed, coding, bias});
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
  if (name == "binary32") return std::make_shared<Binary32>();
  if (name == "binary64") return std::make_shared<Binary64>();
  if (name == "mxint8") return std::make_shared<Integer>(8, true, -6);
  if (name == "e8m0") return std::make_shared<Scale>();
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
