// mul, add, sub, max and min of IEEE-like minifloats against MPFR: every operand pair of every such
// format of 3 to 8 bits, the five rounding modes of IEEE 754.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "fewbit/sim/model/operators.h"
#include "fewbit/tests/oracles/mpfr_number.h"
#include "fewbit/tests/textbook_format.h"

namespace fewbit::model {
namespace {

using fewbit::oracles::kExactBits;
using fewbit::oracles::Number;
using fewbit::testing::TextbookFormat;

/// The exponent range of a format in MPFR's convention (significand in [1/2, 1)), while it lives.
class ExponentRange {
 public:
  explicit ExponentRange(const TextbookFormat& format)
      : min_(mpfr_get_emin()), max_(mpfr_get_emax()) {
    mpfr_set_emin(2 - format.bias() - format.y);
    mpfr_set_emax((1 << format.x) - 2 - format.bias() + 1);
  }
  ~ExponentRange() {
    mpfr_set_emin(min_);
    mpfr_set_emax(max_);
  }

 private:
  mpfr_exp_t min_, max_;
};

/// Rounds an exact number into the format in a mode that MPFR has.
double round_by_mpfr(const TextbookFormat& format, Number& exact, mpfr_rnd_t mode) {
  Number rounded(format.y + 1);
  const ExponentRange range(format);
  int inexact = mpfr_set(rounded.get(), exact.get(), mode);
  inexact = mpfr_check_range(rounded.get(), inexact, mode);
  inexact = mpfr_subnormalize(rounded.get(), inexact, mode);
  // With one exponent bit every finite value is subnormal, and that step can overflow.
  mpfr_check_range(rounded.get(), inexact, mode);
  return mpfr_get_d(rounded.get(), MPFR_RNDN);
}

/// Ties away from zero, which MPFR lacks: the nearer of its truncated and its enlarged rounding.
double round_ties_to_away(const TextbookFormat& format, Number& exact) {
  const double toward_zero = round_by_mpfr(format, exact, MPFR_RNDZ);
  const double away = round_by_mpfr(format, exact, MPFR_RNDA);
  if (toward_zero == away || mpfr_number_p(exact.get()) == 0) return away;
  // Beyond the largest finite value the grid goes on with the next power of two.
  const double next =
      std::isinf(away) ? std::copysign(std::ldexp(1.0, (1 << format.x) - 1 - format.bias()), away)
                       : away;
  Number middle(kExactBits);
  mpfr_set_d(middle.get(), toward_zero, MPFR_RNDN);
  mpfr_add_d(middle.get(), middle.get(), next, MPFR_RNDN);
  mpfr_div_2ui(middle.get(), middle.get(), 1, MPFR_RNDN);
  return mpfr_cmpabs(exact.get(), middle.get()) >= 0 ? away : toward_zero;
}

struct Mode {
  RoundingMode rounding;
  mpfr_rnd_t mpfr;  // of exact zeros, and of everything but kTiesToAway
};
constexpr Mode kModes[] = {{RoundingMode::kTiesToEven, MPFR_RNDN},
                           {RoundingMode::kTiesToAway, MPFR_RNDN},
                           {RoundingMode::kTowardZero, MPFR_RNDZ},
                           {RoundingMode::kTowardPositive, MPFR_RNDU},
                           {RoundingMode::kTowardNegative, MPFR_RNDD}};

/// The values of all codes.
std::vector<double> values_of(const TextbookFormat& format) {
  std::vector<double> values;
  for (int code = 0; code < format.codes(); ++code) values.push_back(format.value(code));
  return values;
}

/// The code of a double among `values`; -1 where it is none.
int code_of(const std::vector<double>& values, int nan_code, double value) {
  if (std::isnan(value)) return nan_code;
  for (std::size_t code = 0; code < values.size(); ++code) {
    if (values[code] == value && std::signbit(values[code]) == std::signbit(value)) {
      return static_cast<int>(code);
    }
  }
  return -1;
}

void apply_by_mpfr(OperatorKind kind, Number& result, Number& a, Number& b, mpfr_rnd_t mode) {
  int inexact = 1;
  switch (kind) {
    case OperatorKind::kMul:
      inexact = mpfr_mul(result.get(), a.get(), b.get(), mode);
      break;
    case OperatorKind::kAdd:
      inexact = mpfr_add(result.get(), a.get(), b.get(), mode);
      break;
    case OperatorKind::kMax:  // of IEEE 754-2019's maximumNumber and minimumNumber
      inexact = mpfr_max(result.get(), a.get(), b.get(), mode);
      break;
    case OperatorKind::kMin:
      inexact = mpfr_min(result.get(), a.get(), b.get(), mode);
      break;
    default:
      inexact = mpfr_sub(result.get(), a.get(), b.get(), mode);
      break;
  }
  ASSERT_EQ(inexact, 0) << "kExactBits is too small";
}

int check_all_pairs(const TextbookFormat& format, const std::string& op, const Mode& mode) {
  OperatorRequest request{.op = op, .a = format.name(), .b = format.name()};
  request.result = format.name();
  request.rounding = std::string(to_string(mode.rounding));
  if (op == "max" || op == "min") request.nan = "ignore";
  const Result<OperatorSpec> spec = make_operator_spec(request);
  EXPECT_TRUE(spec.ok());
  Number a(kExactBits), b(kExactBits), exact(kExactBits);
  const std::vector<double> values = values_of(format);
  const int nan_code = format.nan_code();
  int pairs = 0;
  for (int a_code = 0; a_code < format.codes(); ++a_code) {
    mpfr_set_d(a.get(), values[a_code], MPFR_RNDN);
    for (int b_code = 0; b_code < format.codes(); ++b_code) {
      mpfr_set_d(b.get(), values[b_code], MPFR_RNDN);
      apply_by_mpfr(spec->kind, exact, a, b, mode.mpfr);
      const double expected = mode.rounding == RoundingMode::kTiesToAway
                                  ? round_ties_to_away(format, exact)
                                  : round_by_mpfr(format, exact, mode.mpfr);
      const Outputs outputs = evaluate(*spec, a_code, b_code);
      if (outputs.result != code_of(values, nan_code, expected)) {
        ADD_FAILURE() << spec->command() << ": codes " << a_code << " and " << b_code << " gave "
                      << outputs.result << ", MPFR " << expected;
        return pairs;
      }
      ++pairs;
    }
  }
  return pairs;
}

class AgainstMpfr : public ::testing::TestWithParam<int> {};

TEST_P(AgainstMpfr, EveryPairOfEveryIeeeLikeFormatOfThisWidth) {
  const int bits = GetParam();
  for (int x = 1; x <= bits - 2; ++x) {
    const TextbookFormat format{x, bits - 1 - x, true, "ieee"};
    for (const char* op : {"mul", "add", "sub", "max", "min"}) {
      for (const Mode& mode : kModes) {
        EXPECT_EQ(check_all_pairs(format, op, mode), format.codes() * format.codes())
            << format.name() << " " << op << " " << to_string(mode.rounding);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Bits, AgainstMpfr, ::testing::Range(3, 9));

}  // namespace
}  // namespace fewbit::model
