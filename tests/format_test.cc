// Names of formats: what each stands for, which are refused and with what words.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "fewbit/tests/textbook_format.h"

namespace fewbit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string canonical(const std::string& name) {
  const Result<Format> format = parse_format(name);
  return format.ok() ? format->name() : "error: " + format.error().message();
}

std::string refusal(const std::string& name) {
  const Result<Format> format = parse_format(name);
  return format.ok() ? "accepted as " + format->name() : format.error().message();
}

TEST(FormatName, OneCanonicalNameForEachFormat) {
  const std::pair<const char*, const char*> names[] = {
      {"s4", "int4"},
      {"int4", "int4"},
      {"u8", "uint8"},
      {"UINT8", "uint8"},
      {"E4M3FN", "e4m3fn"},
      {"e4m3b7fn", "e4m3fn"},
      {"e4m3b8fn", "e4m3b8fn"},
      {"e4m3b8fnuz", "e4m3fnuz"},
      {"e4m3b11fnuz", "e4m3b11fnuz"},
      {"e2m1f", "e2m1"},
      {"e2m3f", "e2m3"},
      {"E3M2", "e3m2"},
      {"e2m1fn", "e2m1fn"},
      {"e5m2ieee", "e5m2"},
      {"e5m2f", "e5m2f"},
      {"ue3m2f", "ue3m2f"},
      {"ue4m3", "ue4m3fn"},
      {"e8m0", "e8m0"},
      {"binary8p4se", "binary8p4se"},
      {"Binary8p4sf", "e4m3fnuz"},
      {"binary8p4ue", "binary8p4ue"},
      {"binary8p1uf", "binary8p1uf"},
      {"ue8m0b128fn", "binary8p1uf"},
      {"ue4m1b8ieee", "binary5p2ue"},
      {"binary16p1sf", "e15m0fnuz"},
      {"e4m3bm3f", "e4m3bm3f"},
      {"E4M3BM65535FN", "e4m3bm65535fn"},
      {"ue2m1b0ieee", "ue2m1b0ieee"},
      {"e16m15f", "e16m15f"},
      {"bf16", "bfloat16"},
      {"e8m7ieee", "bfloat16"},
      {"half", "binary16"},
      {"fp16", "binary16"},
      {"float32", "binary32"},
      {"float8_e4m3fn", "e4m3fn"},
      {"FLOAT8E5M2FNUZ", "e5m2fnuz"},
      {"float8_e4m3", "e4m3ieee"},
      {"float4_e2m1fn", "e2m1"},
      {"mxint8", "mxint8"},
      {"int8_lsbm6", "mxint8"},
      {"int8_lsb0", "int8"},
      {"S12_LSBM6", "int12_lsbm6"},
      {"uint9_lsb3", "uint9_lsb3"},
      {"int48_lsb0", "int48_lsb0"},
      {"uint1024_lsbm999999", "uint1024_lsbm999999"},
  };
  for (const auto& [name, expected] : names) EXPECT_EQ(canonical(name), expected) << name;
}

TEST(FormatName, ParsesBackToTheSameFormat) {
  std::set<std::string> seen;
  for (const testing::TextbookFormat& textbook : testing::textbook_formats(3, 8)) {
    if (textbook.max_finite() == 0) continue;
    const Result<Format> format = parse_format(textbook.name());
    ASSERT_TRUE(format.ok()) << format.error().message();
    EXPECT_EQ(format->bits(), textbook.bits());
    const Result<Format> again = parse_format(format->name());
    ASSERT_TRUE(again.ok()) << again.error().message();
    EXPECT_EQ(*again, *format) << textbook.name();
    seen.insert(format->name());
  }
  EXPECT_GT(seen.size(), 150U);
}

TEST(FormatName, IsALegalIdentifierAndUniqueForAnyCoding) {
  FloatFormat odd{3, 2, -2, true, true, 0x1a, Code{0x1c}, false};
  const std::string name = Format(odd).name();
  EXPECT_THAT(name, ::testing::MatchesRegex("[a-z][a-z0-9_]*"));
  odd.max_finite = 0x19;
  EXPECT_NE(Format(odd).name(), name);
  EXPECT_EQ(Format(IntFormat{47, true, -18}).name(), "int47_lsbm18");
  EXPECT_EQ(Format(IntFormat{9, false, 3}).name(), "uint9_lsb3");
}

TEST(FormatName, BareNamesWithSeveralMeaningsAreListed) {
  const std::string message = refusal("E4M3");
  EXPECT_THAT(message, HasSubstr("e4m3f (480)"));
  EXPECT_THAT(message, HasSubstr("e4m3fn (448)"));
  EXPECT_THAT(message, HasSubstr("e4m3fnuz (240)"));
  EXPECT_THAT(message, HasSubstr("e4m3ieee (240)"));
  EXPECT_THAT(refusal("ue3m2"), HasSubstr("ue3m2f (28), ue3m2fn (24), ue3m2ieee (14)"));
  EXPECT_THAT(refusal("ue3m2"), Not(HasSubstr("fnuz")));
  EXPECT_THAT(refusal("e4m0"), HasSubstr("e4m0f (256), e4m0fn (128), e4m0fnuz (128)"));
  EXPECT_THAT(refusal("e4m0"), Not(HasSubstr("ieee")));
}

TEST(FormatName, RefusalsSayWhatIsLegal) {
  const std::pair<const char*, const char*> cases[] = {
      {"int0", "1 to 32 bits"},
      {"int33", "1 to 32 bits"},
      {"int48", "int<W>_lsb<k>"},
      {"uint99999", "1 to 32 bits"},
      {"uint9999999", "uint<N>"},
      {"int0_lsb1", "1 to 1024 bits"},
      {"int1025_lsb0", "1 to 1024 bits"},
      {"int8_lsbm0", "int<W>_lsb<k>"},
      {"int8_lsb-6", "int<W>_lsb<k>"},
      {"int8_lsb1000000", "int<W>_lsb<k>"},
      {"int8_lsb", "int<W>_lsb<k>"},
      {"e0m3f", "1 to 16 exponent bits"},
      {"e17m1f", "1 to 16 exponent bits"},
      {"e16m16f", "2 to 32 bits in all"},
      {"e4m24f", "0 to 23 fraction bits"},
      {"ue1m0f", "2 to 32 bits"},
      {"e4m3b65536fn", "a bias of -65535 to 65535"},
      {"e4m3bm65536fn", "a bias of -65535 to 65535"},
      {"e4m3bm0fn", "[u]e<x>m<y>[b<bias>]"},
      {"e4m3bmfn", "[u]e<x>m<y>[b<bias>]"},
      {"e4m3bm3", "e4m3bm3f (491520)"},
      {"ue4m3fnuz", "f, fn or ieee"},
      {"e4m0ieee", "at least 1 fraction bit"},
      {"e1m0fn", "other than zero"},
      {"e4m3foo", "suffix f, fn, fnuz or ieee"},
      {"e4m3b7", "e4m3b7fn (448)"},
      {"e04m3fn", "[u]e<x>m<y>"},
      {"binary2p1se", "K of 3 to 16"},
      {"binary17p3se", "K of 3 to 16"},
      {"binary8p8se", "P of 1 to 7"},
      {"binary8p0uf", "P of 1 to 8"},
      {"binary8p4xx", "binary<K>p<P>"},
      {"", "int<N>"},
      {"posit8", "int<N>"},
      {"int 4", "int<N>"},
      {"int4 ", "int<N>"},
  };
  for (const auto& [name, legal] : cases) {
    EXPECT_THAT(refusal(name), HasSubstr(legal)) << name;
    EXPECT_THAT(refusal(name), HasSubstr("'" + std::string(name) + "' is not valid")) << name;
  }
}

TEST(FormatDescription, NamesFieldsAndSpecialValues) {
  EXPECT_EQ(parse_format("e4m3fn")->description(),
            "1 sign, 4 exponent, 3 fraction bits, bias 7, subnormals kept, no Inf, "
            "NaN = S.1111.111, largest 448");
  EXPECT_EQ(parse_format("e5m2")->description(),
            "1 sign, 5 exponent, 2 fraction bits, bias 15, subnormals kept, Inf = S.11111.00, "
            "NaN = S.11111 with a fraction other than 0, largest 57344");
  EXPECT_THAT(parse_format("e4m3fnuz")->description(), HasSubstr("NaN = 0x80 (no minus zero)"));
  EXPECT_THAT(parse_format("e2m1")->description(), HasSubstr("no Inf, no NaN, largest 6"));
  EXPECT_THAT(parse_format("e8m23ieee")->description(), HasSubstr("largest 3.40282e+38"));
  EXPECT_THAT(parse_format("binary16p1uf")->description(), HasSubstr("largest 1 x 2^32766"));
  EXPECT_THAT(parse_format("e4m3b9000f")->description(), HasSubstr("largest 15 x 2^-8988"));
  EXPECT_EQ(parse_format("int4")->description(), "4 bits, two's complement");
  EXPECT_EQ(parse_format("mxint8")->description(), "8 bits, two's complement, unit 2^-6");
}

TEST(Catalogue, EveryNameAndAliasIsThatFormat) {
  std::set<std::string> names;
  for (const CatalogueEntry& entry : format_catalogue()) {
    std::vector<std::string> all = entry.aliases;
    all.push_back(entry.name);
    for (const std::string& name : all) {
      EXPECT_EQ(parse_format(name).value(), entry.format) << name;
      EXPECT_TRUE(names.insert(name).second) << name << " is listed twice";
    }
    EXPECT_FALSE(entry.source.empty()) << entry.name;
  }
}

TEST(PaperFormats, AreTwentyFourMinifloatsAndSixIntegers) {
  const std::vector<Format> formats = paper_formats(3, 8);
  int floats = 0;
  int previous_bits = 3;
  for (const Format& format : formats) {
    floats += format.is_float() ? 1 : 0;
    EXPECT_GE(format.bits(), previous_bits);
    EXPECT_FALSE(format.has_nan() || format.has_infinity());
    previous_bits = format.bits();
  }
  EXPECT_EQ(floats, 24);
  EXPECT_EQ(formats.size(), 30U);
  std::vector<std::string> four_bits;
  for (const Format& format : paper_formats(4, 4)) four_bits.push_back(format.name());
  EXPECT_THAT(four_bits, ElementsAre("int4", "e1m2f", "e2m1", "e3m0f"));
}

}  // namespace
}  // namespace fewbit
