// Exact numbers of a few words, and how codes become numbers and numbers codes. C99 and C++.
// Part of every header that `fewbit emit --model c` writes, which says fewbit_model_words before
// it, and has its module's name in place of fewbit.
// SPDX-License-Identifier: Apache-2.0

// --- Numbers ---

enum { fewbit_model_zero, fewbit_model_finite, fewbit_model_infinite, fewbit_model_nan };

// A finite number is (negative ? -1 : 1) * word * 2^exponent, the lowest word first.
typedef struct {
  int kind;
  int negative;
  int32_t exponent;
  uint32_t word[fewbit_model_words];
} fewbit_model_number;

static inline fewbit_model_number fewbit_model_make(int kind, int negative) {
  fewbit_model_number x;
  x.kind = kind;
  x.negative = negative;
  x.exponent = 0;
  for (int32_t i = 0; i < fewbit_model_words; ++i) x.word[i] = 0;
  return x;
}

// Bits low .. low + count - 1 of so many words, up to 64 of them; 0 beyond both ends.
static inline uint64_t fewbit_model_field(const uint32_t* word, int32_t words, int32_t low,
                                          int32_t count) {
  uint64_t value = 0;
  int32_t skipped = 0;
  if (low < 0) {
    skipped = -low;
    if (skipped >= count) return 0;
    count -= skipped;
    low = 0;
  }
  for (int32_t done = 0; done < count; done += 32 - (low + done) % 32) {
    const int32_t index = (low + done) / 32;
    if (index < words) value |= (uint64_t)(word[index] >> ((low + done) % 32)) << done;
  }
  if (count < 64) value &= ((uint64_t)1 << count) - 1;
  return value << skipped;
}

static inline int32_t fewbit_model_length(const uint32_t* word) {
  int32_t i = fewbit_model_words - 1;
  int32_t length = 0;
  while (i >= 0 && word[i] == 0) --i;
  if (i < 0) return 0;
  for (uint32_t top = word[i]; top != 0; top >>= 1) ++length;
  return 32 * i + length;
}

// Whether one of the lowest so many bits is 1.
static inline int fewbit_model_any(const uint32_t* word, int32_t bits) {
  int32_t i = 0;
  for (; i < fewbit_model_words && 32 * (i + 1) <= bits; ++i) {
    if (word[i] != 0) return 1;
  }
  return i < fewbit_model_words && 32 * i < bits &&
         fewbit_model_field(word, fewbit_model_words, 32 * i, bits - 32 * i) != 0;
}

// Times 2^by, rounded down; by may be negative.
static inline void fewbit_model_shift(uint32_t* word, int32_t by) {
  for (int32_t k = 0; k < fewbit_model_words; ++k) {
    const int32_t i = by > 0 ? fewbit_model_words - 1 - k : k;
    word[i] = (uint32_t)fewbit_model_field(word, fewbit_model_words, 32 * i - by, 32);
  }
}

static inline void fewbit_model_increment(uint32_t* word) {
  for (int32_t i = 0; i < fewbit_model_words && ++word[i] == 0; ++i) {
  }
}

// Two's complement.
static inline void fewbit_model_negate(uint32_t* word) {
  for (int32_t i = 0; i < fewbit_model_words; ++i) word[i] = ~word[i];
  fewbit_model_increment(word);
}

static inline void fewbit_model_keep(uint32_t* word, int32_t bits) {
  for (int32_t i = 0; i < fewbit_model_words; ++i) {
    if (32 * i >= bits) word[i] = 0;
    if (32 * i < bits && bits < 32 * (i + 1)) word[i] &= ((uint32_t)1 << (bits - 32 * i)) - 1;
  }
}

// --- Arithmetic ---

static inline fewbit_model_number fewbit_model_multiply(const fewbit_model_number* x,
                                                        const fewbit_model_number* y) {
  const int negative = x->negative != y->negative;
  fewbit_model_number product = fewbit_model_make(fewbit_model_finite, negative);
  if (x->kind == fewbit_model_nan || y->kind == fewbit_model_nan) {
    return fewbit_model_make(fewbit_model_nan, 0);
  }
  if (x->kind == fewbit_model_infinite || y->kind == fewbit_model_infinite) {
    const int has_zero = x->kind == fewbit_model_zero || y->kind == fewbit_model_zero;
    return has_zero ? fewbit_model_make(fewbit_model_nan, 0)
                    : fewbit_model_make(fewbit_model_infinite, negative);
  }
  if (x->kind == fewbit_model_zero || y->kind == fewbit_model_zero) {
    return fewbit_model_make(fewbit_model_zero, negative);
  }
  product.exponent = x->exponent + y->exponent;
  for (int32_t i = 0; i < fewbit_model_words; ++i) {
    uint64_t carry = 0;
    if (x->word[i] == 0) continue;
    for (int32_t k = 0; i + k < fewbit_model_words; ++k) {
      carry += (uint64_t)x->word[i] * y->word[k] + product.word[i + k];
      product.word[i + k] = (uint32_t)carry;
      carry >>= 32;
    }
  }
  return product;
}

// A sum on its way: what it is made of so far.
typedef struct {
  int nan;
  int plus_infinity;
  int minus_infinity;
  int plus_zeros;   // every addend is +0
  int minus_zeros;  // every addend is -0
  fewbit_model_number total;
} fewbit_model_sum;

static inline void fewbit_model_start(fewbit_model_sum* sum) {
  sum->nan = 0;
  sum->plus_infinity = 0;
  sum->minus_infinity = 0;
  sum->plus_zeros = 1;
  sum->minus_zeros = 1;
  sum->total = fewbit_model_make(fewbit_model_zero, 0);
}

// total += x, both finite and not zero.
static inline void fewbit_model_accumulate(fewbit_model_number* total,
                                           const fewbit_model_number* x) {
  fewbit_model_number y = *x;
  uint64_t carry = 0;
  if (total->exponent > y.exponent) {
    fewbit_model_shift(total->word, total->exponent - y.exponent);
    total->exponent = y.exponent;
  }
  fewbit_model_shift(y.word, y.exponent - total->exponent);
  if (total->negative != y.negative) fewbit_model_negate(y.word);
  for (int32_t i = 0; i < fewbit_model_words; ++i) {
    carry += (uint64_t)total->word[i] + y.word[i];
    total->word[i] = (uint32_t)carry;
    carry >>= 32;
  }
  // A difference without a carry out is below zero: the sign is the other one.
  if (total->negative != y.negative && carry == 0) {
    fewbit_model_negate(total->word);
    total->negative = !total->negative;
  }
  if (fewbit_model_length(total->word) == 0) *total = fewbit_model_make(fewbit_model_zero, 0);
}

static inline void fewbit_model_add(fewbit_model_sum* sum, const fewbit_model_number* x) {
  if (x->kind == fewbit_model_nan) sum->nan = 1;
  if (x->kind == fewbit_model_infinite && x->negative) sum->minus_infinity = 1;
  if (x->kind == fewbit_model_infinite && !x->negative) sum->plus_infinity = 1;
  if (x->kind != fewbit_model_zero || x->negative) sum->plus_zeros = 0;
  if (x->kind != fewbit_model_zero || !x->negative) sum->minus_zeros = 0;
  if (x->kind != fewbit_model_finite) return;
  if (sum->total.kind == fewbit_model_zero) {
    sum->total = *x;
  } else {
    fewbit_model_accumulate(&sum->total, x);
  }
}

// Zeros of one sign keep it; the sign of any other zero is negative_zero.
static inline fewbit_model_number fewbit_model_total(const fewbit_model_sum* sum,
                                                     int negative_zero) {
  fewbit_model_number total = sum->total;
  if (sum->nan || (sum->plus_infinity && sum->minus_infinity)) {
    return fewbit_model_make(fewbit_model_nan, 0);
  }
  if (sum->plus_infinity || sum->minus_infinity) {
    return fewbit_model_make(fewbit_model_infinite, sum->minus_infinity);
  }
  if (total.kind == fewbit_model_zero) {
    total.negative = sum->minus_zeros || (!sum->plus_zeros && negative_zero);
  }
  return total;
}

// --- Formats ---

typedef struct {
  int is_float;
  int is_signed;
  int32_t bits;
  int32_t exponent;       // of an integer's unit, of a float's least exponent field
  int32_t fraction_bits;  // of a float, as all that follows
  int has_subnormals;     // 0: an exponent field of 0 is a normal number
  uint32_t largest;       // magnitude code of the largest finite value
  uint32_t infinity;      // its magnitude code, 0 where there is none
  uint32_t nan;           // the code that results have, 0 where there is none
  int minus_zero_is_nan;
} fewbit_model_format;

static inline fewbit_model_number fewbit_model_decode_int(const fewbit_model_format* format,
                                                          const uint32_t* code, int32_t words,
                                                          int32_t low) {
  fewbit_model_number x = fewbit_model_make(fewbit_model_finite, 0);
  x.exponent = format->exponent;
  for (int32_t i = 0; i < fewbit_model_words && 32 * i < format->bits; ++i) {
    x.word[i] = (uint32_t)fewbit_model_field(code, words, low + 32 * i, 32);
  }
  fewbit_model_keep(x.word, format->bits);
  if (format->is_signed &&
      fewbit_model_field(x.word, fewbit_model_words, format->bits - 1, 1) != 0) {
    x.negative = 1;
    fewbit_model_negate(x.word);
    fewbit_model_keep(x.word, format->bits);
  }
  if (fewbit_model_length(x.word) == 0) x.kind = fewbit_model_zero;
  return x;
}

static inline fewbit_model_number fewbit_model_decode_float(const fewbit_model_format* format,
                                                            uint64_t code, int flush) {
  fewbit_model_number x;
  const int32_t magnitude_bits = format->bits - (format->is_signed ? 1 : 0);
  const int negative = format->is_signed && (code >> magnitude_bits) != 0;
  const uint64_t magnitude = code & (((uint64_t)1 << magnitude_bits) - 1);
  const uint64_t one = (uint64_t)1 << format->fraction_bits;
  const uint64_t field = magnitude / one;
  const uint64_t fraction = magnitude % one;
  if (format->infinity != 0 && magnitude == format->infinity) {
    return fewbit_model_make(fewbit_model_infinite, negative);
  }
  if (magnitude > format->largest || (format->minus_zero_is_nan && negative && magnitude == 0)) {
    return fewbit_model_make(fewbit_model_nan, 0);
  }
  x = fewbit_model_make(fewbit_model_finite, negative);
  if (format->has_subnormals && field == 0) {
    if (fraction == 0 || flush) return fewbit_model_make(fewbit_model_zero, negative);
    x.word[0] = (uint32_t)fraction;
    x.exponent = format->exponent;
    return x;
  }
  x.word[0] = (uint32_t)(one + fraction);
  x.exponent = format->exponent + (int32_t)field - (format->has_subnormals ? 1 : 0);
  return x;
}

// The number that the bits from `low` on code; with flush a subnormal is a zero of its sign.
static inline fewbit_model_number fewbit_model_decode(const fewbit_model_format* format,
                                                      const uint32_t* code, int32_t words,
                                                      int32_t low, int flush) {
  if (!format->is_float) return fewbit_model_decode_int(format, code, words, low);
  return fewbit_model_decode_float(format, fewbit_model_field(code, words, low, format->bits),
                                   flush);
}

// --- Rounding ---

enum {
  fewbit_model_ties_to_even,
  fewbit_model_ties_to_away,
  fewbit_model_toward_zero,
  fewbit_model_toward_positive,
  fewbit_model_toward_negative,
  fewbit_model_to_odd,
  fewbit_model_stochastic_a,
  fewbit_model_stochastic_b,
  fewbit_model_stochastic_c,
  fewbit_model_ties_toward_positive,
  fewbit_model_ties_toward_negative
};

enum {
  fewbit_model_overflow_saturate,
  fewbit_model_overflow_infinity,
  fewbit_model_overflow_nan,
  fewbit_model_overflow_wrap,
  fewbit_model_overflow_propagate,
  fewbit_model_overflow_saturate_nan,
  fewbit_model_overflow_sat_none
};

typedef struct {
  int rounding;
  int overflow;
  int flush;            // a result that rounds to a subnormal is a zero of its sign
  int32_t random_bits;  // of stochastic rounding
} fewbit_model_projection;

// The upper n of the `dropped` lowest bits of |x|, rounded to nearest, ties to even.
static inline uint64_t fewbit_model_rounded_bits(const fewbit_model_number* x, int32_t dropped,
                                                 int32_t n) {
  const uint64_t kept = fewbit_model_field(x->word, fewbit_model_words, dropped - n, n);
  const int more_than_half = fewbit_model_any(x->word, dropped - n - 1);
  const int at_least_half =
      fewbit_model_field(x->word, fewbit_model_words, dropped - n - 1, 1) != 0;
  return kept + (at_least_half && (more_than_half || kept % 2 != 0) ? 1 : 0);
}

// Whether |x| without its `dropped` lowest bits goes up; is_odd is the last bit of the code kept.
static inline int fewbit_model_goes_up(const fewbit_model_number* x, int32_t dropped, int is_odd,
                                       const fewbit_model_projection* projection, uint32_t random) {
  const int32_t n = projection->random_bits;
  const int at_least_half = fewbit_model_field(x->word, fewbit_model_words, dropped - 1, 1) != 0;
  const int is_half = at_least_half && !fewbit_model_any(x->word, dropped - 1);
  if (!fewbit_model_any(x->word, dropped)) return 0;
  switch (projection->rounding) {
    case fewbit_model_ties_to_even:
      return at_least_half && (is_odd || !is_half);
    case fewbit_model_ties_to_away:
      return at_least_half;
    case fewbit_model_ties_toward_positive:
      return is_half ? !x->negative : at_least_half;
    case fewbit_model_ties_toward_negative:
      return is_half ? x->negative : at_least_half;
    case fewbit_model_toward_zero:
      return 0;
    case fewbit_model_toward_positive:
      return !x->negative;
    case fewbit_model_toward_negative:
      return x->negative;
    case fewbit_model_to_odd:
      return !is_odd;
    case fewbit_model_stochastic_a:
      return fewbit_model_field(x->word, fewbit_model_words, dropped - n, n) + random >= (uint64_t)1
                                                                                             << n;
    case fewbit_model_stochastic_b:
      return fewbit_model_field(x->word, fewbit_model_words, dropped - n - 1, n + 1) +
                 2 * (uint64_t)random + 1 >=
             (uint64_t)2 << n;
    default:
      return fewbit_model_rounded_bits(x, dropped, n) + random >= (uint64_t)1 << n;
  }
}

// The code of x as an integer or in fixed point, rounded once; `code` has fewbit_model_words words.
static inline void fewbit_model_encode_int(const fewbit_model_format* format,
                                           const fewbit_model_number* x,
                                           const fewbit_model_projection* projection,
                                           uint32_t random, uint32_t* code) {
  const int32_t magnitude_bits = format->bits - (format->is_signed ? 1 : 0);
  const int32_t dropped = format->exponent - x->exponent;
  int too_large = x->kind == fewbit_model_infinite;
  for (int32_t i = 0; i < fewbit_model_words; ++i) code[i] = x->word[i];
  if (x->kind == fewbit_model_finite) {
    const int32_t length = fewbit_model_length(code) - dropped;
    fewbit_model_shift(code, -dropped);
    if (dropped > 0 && fewbit_model_goes_up(x, dropped, (int)(code[0] & 1), projection, random)) {
      fewbit_model_increment(code);
    }
    if (projection->overflow != fewbit_model_overflow_wrap) {
      // The least integer, which is one more than the largest, comes out right either way.
      too_large = length > magnitude_bits || fewbit_model_length(code) > magnitude_bits;
      if (x->negative && !format->is_signed && fewbit_model_length(code) > 0) too_large = 1;
    }
  }
  if (too_large) {
    for (int32_t i = 0; i < fewbit_model_words; ++i) code[i] = x->negative ? 0 : 0xffffffffU;
    fewbit_model_keep(code, magnitude_bits);
    if (x->negative && format->is_signed) {
      code[magnitude_bits / 32] = (uint32_t)1 << (magnitude_bits % 32);
    }
  } else if (x->negative) {
    fewbit_model_negate(code);
  }
  fewbit_model_keep(code, format->bits);
}

static inline uint64_t fewbit_model_signed_code(const fewbit_model_format* format,
                                                uint64_t magnitude, int negative) {
  if (!negative) return magnitude;
  if (!format->is_signed || (magnitude == 0 && format->minus_zero_is_nan)) return 0;
  return magnitude | (uint64_t)1 << (format->bits - 1);
}

static inline uint64_t fewbit_model_nan_code(const fewbit_model_format* format) {
  return format->nan != 0 ? format->nan : format->largest;
}

static inline uint64_t fewbit_model_infinity_code(const fewbit_model_format* format, int negative,
                                                  int overflow) {
  uint64_t magnitude = format->largest;
  if (overflow == fewbit_model_overflow_nan || overflow == fewbit_model_overflow_saturate_nan ||
      (overflow == fewbit_model_overflow_sat_none &&
       (format->infinity == 0 || (negative && !format->is_signed)))) {
    return fewbit_model_nan_code(format);
  }
  if (overflow != fewbit_model_overflow_saturate && format->infinity != 0)
    magnitude = format->infinity;
  return fewbit_model_signed_code(format, magnitude, negative);
}

// Of a finite number beyond the range.
static inline uint64_t fewbit_model_overflow_code(const fewbit_model_format* format, int negative,
                                                  const fewbit_model_projection* projection) {
  const int rounding = projection->rounding;
  int stays = rounding == fewbit_model_toward_zero ||
              (negative && rounding == fewbit_model_toward_positive) ||
              (!negative && rounding == fewbit_model_toward_negative);
  switch (projection->overflow) {
    case fewbit_model_overflow_nan:
      return fewbit_model_nan_code(format);
    case fewbit_model_overflow_infinity:
      if (rounding == fewbit_model_to_odd) stays = format->largest % 2 != 0;
      break;
    case fewbit_model_overflow_sat_none:
      break;
    default:
      stays = 1;
  }
  return stays ? fewbit_model_signed_code(format, format->largest, negative)
               : fewbit_model_infinity_code(format, negative, projection->overflow);
}

static inline uint64_t fewbit_model_encode_float(const fewbit_model_format* format,
                                                 const fewbit_model_number* x,
                                                 const fewbit_model_projection* projection,
                                                 uint32_t random) {
  const int out_of_range = x->negative && !format->is_signed;
  const int32_t least = format->exponent + format->fraction_bits;  // exponent of the least normal
  const int32_t leading = fewbit_model_length(x->word) - 1 + x->exponent;
  const int32_t exponent = leading > least ? leading : least;
  const int32_t dropped = exponent - format->fraction_bits - x->exponent;
  fewbit_model_number kept = *x;
  int64_t code = 0;
  if (x->kind == fewbit_model_nan) return fewbit_model_nan_code(format);
  if (x->kind == fewbit_model_infinite) {
    return fewbit_model_infinity_code(format, x->negative, projection->overflow);
  }
  if (x->kind == fewbit_model_zero) return fewbit_model_signed_code(format, 0, x->negative);
  if (out_of_range && projection->overflow != fewbit_model_overflow_sat_none) return 0;
  if (!format->has_subnormals && leading < least) return 0;  // the least value
  fewbit_model_shift(kept.word, -dropped);
  // One code for each unit, and 2^fraction_bits of them for each binade.
  code = (int64_t)(exponent - least) * ((int64_t)1 << format->fraction_bits) + kept.word[0];
  if (!format->has_subnormals) code -= (int64_t)1 << format->fraction_bits;
  if (dropped > 0 && fewbit_model_goes_up(x, dropped, (int)(code & 1), projection, random)) ++code;
  if (projection->flush && format->has_subnormals && code >> format->fraction_bits == 0) code = 0;
  if (out_of_range ? code != 0 : code > (int64_t)format->largest) {
    return fewbit_model_overflow_code(format, x->negative, projection);
  }
  return fewbit_model_signed_code(format, (uint64_t)code, x->negative);
}

// The code of x, rounded once; `code` has fewbit_model_words words.
static inline void fewbit_model_encode(const fewbit_model_format* format,
                                       const fewbit_model_number* x,
                                       const fewbit_model_projection* projection, uint32_t random,
                                       uint32_t* code) {
  if (!format->is_float) {
    if (x->kind == fewbit_model_nan) {
      for (int32_t i = 0; i < fewbit_model_words; ++i) code[i] = 0;
      return;
    }
    fewbit_model_encode_int(format, x, projection, random, code);
    return;
  }
  for (int32_t i = 1; i < fewbit_model_words; ++i) code[i] = 0;
  code[0] = (uint32_t)fewbit_model_encode_float(format, x, projection, random);
}
