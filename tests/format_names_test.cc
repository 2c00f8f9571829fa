// Names and formats, one to one: every name of 2 to 16 bits that the grammar has, and accumulators.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "fewbit/gen/spec/format.h"

namespace fewbit {
namespace {

bool is_identifier(const std::string& name) {
  if (name.empty() || name[0] < 'a' || name[0] > 'z') return false;
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
}

std::string signed_text(int value) {
  return value < 0 ? "m" + std::to_string(-value) : std::to_string(value);
}

/// All formats seen so far, by name.
class Names {
 public:
  /// Checks that `name` parses, that the canonical name is legal, reads back, and is no other
  /// format's.
  void add(const std::string& name) {
    const Result<Format> format = parse_format(name);
    ASSERT_TRUE(format.ok()) << format.error().message();
    ASSERT_TRUE(is_identifier(format->name())) << format->name();
    const Result<Format> again = parse_format(format->name());
    ASSERT_TRUE(again.ok()) << name << ": " << again.error().message();
    ASSERT_EQ(*again, *format) << name << " is called " << format->name();
    ASSERT_EQ(again->name(), format->name());
    const auto [at, is_new] = formats_.emplace(format->name(), *format);
    ASSERT_EQ(at->second, *format) << name << " and another format are called " << at->first;
  }
  [[nodiscard]] std::size_t size() const { return formats_.size(); }

 private:
  std::map<std::string, Format> formats_;
};

/// What a name without P3109's meaning must stand for.
FloatFormat meaning(int x, int y, bool is_signed, const std::string& coding, int bias) {
  const Code all = (Code{1} << (x + y)) - 1;
  const Code top_exponent = all - ((Code{1} << y) - 1);
  FloatFormat format{x, y, bias, is_signed, true, all, std::nullopt, false};
  if (coding == "fn") format.max_finite = all - 1;
  if (coding == "fnuz") format.negative_zero_is_nan = true;
  if (coding == "ieee") {
    format.infinity = top_exponent;
    format.max_finite = top_exponent - 1;
  }
  return format;
}

std::vector<int> some_biases(int default_bias) {
  std::vector<int> biases = {default_bias - 1, default_bias, default_bias + 1, 2 * default_bias,
                             -default_bias};
  for (int bias = -20; bias <= 20; ++bias) biases.push_back(bias);
  for (const int bias : {100, 127, 128, 1023, 9999, 32767, 32768, 65535}) {
    biases.insert(biases.end(), {bias, -bias});
  }
  return biases;
}

TEST(FormatNames, EveryMinifloatOf2To16Bits) {
  Names names;
  int refused = 0;
  for (int bits = 2; bits <= 16; ++bits) {
    for (const bool is_signed : {true, false}) {
      const int magnitude_bits = bits - (is_signed ? 1 : 0);
      for (int x = 1; x <= magnitude_bits; ++x) {
        const int y = magnitude_bits - x;
        for (const std::string coding : {"f", "fn", "fnuz", "ieee"}) {
          if ((coding == "fnuz" && !is_signed) || (coding == "ieee" && y == 0)) continue;
          const std::string fields =
              (is_signed ? "e" : "ue") + std::to_string(x) + "m" + std::to_string(y);
          const int default_bias = (1 << (x - 1)) - (coding == "fnuz" ? 0 : 1);
          if (x == 1 && y == 0 && coding == "fn") {  // zero and NaN alone
            EXPECT_FALSE(parse_format(fields + coding).ok());
            ++refused;
            continue;
          }
          names.add(fields + coding);
          ASSERT_FALSE(HasFatalFailure());
          EXPECT_EQ(parse_format(fields + coding)->as_float(),
                    meaning(x, y, is_signed, coding, default_bias))
              << fields << coding;
          for (const int bias : some_biases(default_bias)) {
            const std::string name = fields + "b" + signed_text(bias) + coding;
            if (bias == 0 && name.find("bm0") != std::string::npos) continue;
            names.add(name);
            ASSERT_FALSE(HasFatalFailure());
            ASSERT_EQ(parse_format(name)->as_float(), meaning(x, y, is_signed, coding, bias))
                << name;
          }
        }
      }
    }
  }
  EXPECT_EQ(refused, 1);  // e1m0fn; ue1m0 has one bit
  EXPECT_GT(names.size(), 40'000U);
}

TEST(FormatNames, EveryP3109Format) {
  Names names;
  std::size_t count = 0;
  for (int k = 3; k <= 16; ++k) {
    for (const bool is_signed : {true, false}) {
      for (int p = 1; p <= (is_signed ? k - 1 : k); ++p) {
        for (const char* domain : {"e", "f"}) {
          names.add("binary" + std::to_string(k) + "p" + std::to_string(p) +
                    (is_signed ? "s" : "u") + domain);
          ASSERT_FALSE(HasFatalFailure());
          ++count;
        }
      }
    }
  }
  EXPECT_EQ(names.size(), count);  // no two of them are the same format
  EXPECT_EQ(count, 504U);          // the sum of 2 (2 K - 1) for K of 3 to 16
}

TEST(FormatNames, IntegersAndFixedPoint) {
  Names names;
  std::size_t count = 0;
  std::vector<int> widths;
  for (int bits = 1; bits <= 70; ++bits) widths.push_back(bits);
  widths.insert(widths.end(), {127, 128, 511, 1023, 1024});
  std::vector<int> lsbs = {-999'999, -65'535, -149, -100, 100, 149, 65'535, 999'999};
  for (int lsb = -40; lsb <= 40; ++lsb) lsbs.push_back(lsb);
  for (const int bits : widths) {
    for (const bool is_signed : {true, false}) {
      const std::string integer = (is_signed ? "int" : "uint") + std::to_string(bits);
      EXPECT_EQ(parse_format(integer).ok(), bits <= 32) << integer;
      if (bits <= 32) {
        EXPECT_EQ(*parse_format(integer), *parse_format(integer + "_lsb0"));
      }
      for (const int lsb : lsbs) {
        const std::string name = integer + "_lsb" + signed_text(lsb);
        names.add(name);
        ASSERT_FALSE(HasFatalFailure());
        EXPECT_EQ(parse_format(name)->as_int(), (IntFormat{bits, is_signed, lsb})) << name;
        ++count;
      }
    }
  }
  EXPECT_EQ(names.size(), count);
}

}  // namespace
}  // namespace fewbit
