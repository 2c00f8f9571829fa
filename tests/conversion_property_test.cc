// Conversions between the catalogue's formats, and sums and products with swapped operands.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <bit>
#include <set>

#include "fewbit/sim/model/operators.h"
#include "fewbit/tests/every_number.h"

namespace fewbit::model {
namespace {

using fewbit::testing::every_number_set;
using fewbit::testing::integer_set;
using fewbit::testing::kDeterministicModes;
using fewbit::testing::number_set;
using fewbit::testing::NumberSet;

struct Named {
  Format format;
  NumberSet set;
};

/// The formats of the catalogue with up to 16 bits, each with its values written down apart.
std::vector<Named> catalogue() {
  std::vector<NumberSet> sets = every_number_set(8);
  sets.push_back(number_set({8, 7, true, "ieee", {}}));
  sets.push_back(number_set({5, 10, true, "ieee", {}}));
  sets.push_back(number_set({4, 3, true, "fnuz", 11}));
  std::vector<Named> formats;
  for (const CatalogueEntry& entry : format_catalogue()) {
    if (entry.format.bits() > 16 || entry.format.is_bipolar()) continue;  // nothing becomes bipolar
    for (const NumberSet& set : sets) {
      if (parse_format(set.name).value() == entry.format) {
        formats.push_back({entry.format, set});
        break;
      }
    }
    EXPECT_TRUE(!formats.empty() && formats.back().format == entry.format)
        << entry.name << " has no values in this test";
  }
  return formats;
}

/// Whether every number, infinity, NaN and minus zero of one format is in the other.
bool contains(const NumberSet& wide, const NumberSet& narrow) {
  const auto key = [](double x) { return std::pair(x, std::signbit(x)); };
  std::set<std::pair<double, bool>> values;
  for (const double x : wide.values) {
    if (!std::isnan(x)) values.insert(key(x));
  }
  return std::all_of(narrow.values.begin(), narrow.values.end(), [&](double x) {
    return std::isnan(x) ? wide.nan_code >= 0 : values.contains(key(x));
  });
}

BigInt convert(const Format& from, const Format& to, const BigInt& code, RoundingMode mode) {
  const OverflowMode overflow =
      to.has_infinity() ? OverflowMode::kInfinity : OverflowMode::kSaturate;
  return encode(to, decode(from, code), mode, overflow);
}

TEST(Conversion, ToAFormatThatContainsTheOtherIsExactAndComesBack) {
  const std::vector<Named> formats = catalogue();
  int checked = 0;
  for (const Named& narrow : formats) {
    for (const Named& wide : formats) {
      if (&narrow == &wide || !contains(wide.set, narrow.set)) continue;
      ++checked;
      for (int code = 0; code < narrow.set.codes(); ++code) {
        const double value = narrow.set.value(code);
        const int same = std::isnan(value) ? narrow.set.nan_code : code;
        for (const RoundingMode mode : kDeterministicModes) {
          const BigInt there = convert(narrow.format, wide.format, code, mode);
          const double arrived = wide.set.value(there.convert_to<int>());
          ASSERT_TRUE(std::isnan(value)
                          ? there == wide.set.nan_code
                          : arrived == value && std::signbit(arrived) == std::signbit(value))
              << narrow.set.name << " -> " << wide.set.name << " of " << code;
          ASSERT_EQ(convert(wide.format, narrow.format, there, mode), same)
              << narrow.set.name << " -> " << wide.set.name << " and back, of " << code;
        }
      }
    }
  }
  EXPECT_GT(checked, 300);
}

TEST(Conversion, ToBinary32IsWhatTheMachineHas) {
  const Format binary32 = parse_format("binary32").value();
  for (const Named& narrow : catalogue()) {
    for (int code = 0; code < narrow.set.codes(); ++code) {
      const auto value = static_cast<float>(narrow.set.value(code));
      const std::uint32_t bits =
          std::isnan(value) ? 0x7fc00000U : std::bit_cast<std::uint32_t>(value);
      for (const RoundingMode mode : kDeterministicModes) {
        ASSERT_EQ(convert(narrow.format, binary32, code, mode), bits)
            << narrow.set.name << " code " << code;
      }
    }
  }
}

TEST(Conversion, IsIdempotent) {
  const std::vector<Named> formats = catalogue();
  std::size_t turn = 0;
  for (const Named& from : formats) {
    for (const Named& to : formats) {
      for (int code = 0; code < from.set.codes(); ++code) {
        const RoundingMode mode = kDeterministicModes[turn++ % std::size(kDeterministicModes)];
        const BigInt once = convert(from.format, to.format, code, mode);
        ASSERT_EQ(convert(to.format, to.format, once, mode), once)
            << from.set.name << " -> " << to.set.name << " of " << code << " " << to_string(mode);
      }
    }
  }
  EXPECT_GT(turn, 1'000'000U);
}

OperatorSpec spec_of(const std::string& op, const Format& a, const Format& b,
                     const std::string& result, RoundingMode rounding) {
  OperatorRequest request{.op = op, .a = a.name(), .b = b.name(), .result = result};
  if (result != "exact") request.rounding = to_string(rounding);
  return make_operator_spec(request).value();
}

/// Compares a op b with b op a for all codes; returns the number of pairs.
long long check_commutes(const OperatorSpec& one, const OperatorSpec& other) {
  EXPECT_EQ(output_format(one), output_format(other));
  long long pairs = 0;
  const int a_codes = 1 << one.a.bits();
  const int b_codes = 1 << one.b->bits();
  for (int a = 0; a < a_codes; ++a) {
    for (int b = one.a == *one.b ? a : 0; b < b_codes; ++b) {
      const Outputs x = evaluate(one, a, b);
      const Outputs y = evaluate(other, b, a);
      const bool same = x.result_defined == y.result_defined && x.nan == y.nan &&
                        x.pinf == y.pinf && x.ninf == y.ninf &&
                        (!x.result_defined || x.result == y.result);
      EXPECT_TRUE(same) << one.command() << ": " << a << ", " << b;
      if (!same) return pairs;
      ++pairs;
    }
  }
  return pairs;
}

/// The catalogue's formats of up to max_bits bits, without those that have no zero, which no adder
/// takes.
std::vector<Format> operands(int max_bits) {
  std::vector<Format> formats;
  for (const CatalogueEntry& entry : format_catalogue()) {
    if (entry.format.bits() <= max_bits && entry.format.has_zero()) formats.push_back(entry.format);
  }
  return formats;
}

TEST(Commutation, OfEveryPairOfCodesOfOneFormat) {
  long long pairs = 0;
  for (const Format& format : operands(8)) {
    for (const char* op : {"add", "mul"}) {
      const OperatorSpec exact = spec_of(op, format, format, "exact", {});
      pairs += check_commutes(exact, exact);
      for (const RoundingMode mode : kDeterministicModes) {
        const OperatorSpec rounded = spec_of(op, format, format, format.name(), mode);
        pairs += check_commutes(rounded, rounded);
      }
    }
  }
  EXPECT_GT(pairs, 10'000'000);
}

TEST(Commutation, OfEveryPairOfCodesOfTwoFormatsOfUpToSixBits) {
  const std::vector<Format> formats = operands(6);
  EXPECT_GE(formats.size(), 16U);
  std::size_t turn = 0;
  for (std::size_t i = 0; i < formats.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      for (const char* op : {"add", "mul"}) {
        const RoundingMode mode = kDeterministicModes[turn++ % std::size(kDeterministicModes)];
        for (const char* result : {"exact", "e3m2"}) {
          check_commutes(spec_of(op, formats[i], formats[j], result, mode),
                         spec_of(op, formats[j], formats[i], result, mode));
        }
      }
    }
  }
}

}  // namespace
}  // namespace fewbit::model
