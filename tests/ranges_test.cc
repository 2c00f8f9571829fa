// Exact worst cases: accumulator widths as published, and ranges against all operand pairs.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/tests/textbook_format.h"

namespace fewbit {
namespace {

int mac_width(const std::string& format, long long terms) {
  OperatorRequest request{.op = "mac", .a = format, .b = format};
  request.terms = terms;
  return make_operator_spec(request).value().acc_width;
}

struct Width {
  const char* format;
  int bits;
};

// The longest dot product of ResNet-18.
TEST(AccumulatorWidth, Of4608Products) {
  for (const auto& [format, bits] : std::vector<Width>{
           {"int3", 18},  {"e1m1f", 17}, {"e2m0f", 18}, {"int4", 20},  {"e1m2f", 19},
           {"e2m1", 21},  {"e3m0f", 26}, {"int5", 22},  {"e1m3f", 21}, {"e2m2f", 23},
           {"e3m1f", 29}, {"e4m0f", 42}, {"int6", 24},  {"e1m4f", 24}, {"e2m3", 25},
           {"e3m2", 31},  {"e4m1f", 45}, {"e5m0f", 74}, {"int7", 26},  {"e1m5f", 26},
           {"e2m4f", 28}, {"e3m3f", 33}, {"e4m2f", 47}, {"e5m1f", 77}, {"int8", 28},
           {"e1m6f", 28}, {"e2m5f", 30}, {"e3m4f", 36}, {"e4m3f", 49}, {"e5m2f", 79}}) {
    EXPECT_EQ(mac_width(format, 4608), bits) << format;
  }
}

TEST(AccumulatorWidth, Of1024Products) {
  // Largest product in units of the lsb: 49 x 2^60 for e5m2f, so 49 x 2^70 and a sign: 77 bits.
  for (const auto& [format, bits] : std::vector<Width>{{"int3", 16},
                                                       {"int4", 18},
                                                       {"int6", 22},
                                                       {"int8", 26},
                                                       {"e2m1", 19},
                                                       {"e2m3", 23},
                                                       {"e3m2", 29},
                                                       {"e4m3f", 47},
                                                       {"e5m2f", 77}}) {
    EXPECT_EQ(mac_width(format, 1024), bits) << format;
  }
}

TEST(AccumulatorWidth, AtPowersOfTwo) {
  // int4: the largest product is 64, the smallest -56.
  EXPECT_EQ(mac_width("int4", 1), 8);           // 64 needs 7 bits and a sign
  EXPECT_EQ(mac_width("int4", 2), 9);           // 128
  EXPECT_EQ(mac_width("int4", 3), 9);           // 192
  EXPECT_EQ(mac_width("int4", 4), 10);          // 256
  EXPECT_EQ(mac_width("uint4", 1), 8);          // 225, unsigned
  EXPECT_EQ(mac_width("uint4", 2), 9);          // 450
  EXPECT_EQ(mac_width("int8", 1LL << 32), 48);  // 2^46: 47 bits and a sign
}

TEST(AccumulatorFormat, IsUnsignedWhereNothingNegativeOccurs) {
  const IntFormat sum = accumulator_format({0, 15, -3}, 4);
  EXPECT_EQ(sum, (IntFormat{6, false, -3}));
  const IntFormat mixed = accumulator_format({-8, 7, 0}, 4);
  EXPECT_EQ(mixed, (IntFormat{6, true, 0}));  // -32..28
}

TEST(OutputFormat, OfExactOperators) {
  const auto output = [](const char* op, const char* a, const char* b) {
    return output_format(make_operator_spec({.op = op, .a = a, .b = b}).value()).name();
  };
  EXPECT_EQ(output("mul", "int4", "int4"), "int8");           // 64 needs 8 bits
  EXPECT_EQ(output("mul", "int4", "uint4"), "int8");          // -120..105
  EXPECT_EQ(output("mul", "uint4", "uint4"), "uint8");        // 225
  EXPECT_EQ(output("add", "int4", "int4"), "int5");           // -16..14
  EXPECT_EQ(output("sub", "uint4", "uint4"), "int5");         // -15..15
  EXPECT_EQ(output("add", "uint4", "uint4"), "uint5");        // 30
  EXPECT_EQ(output("mul", "e2m1", "e2m1"), "int9_lsbm2");     // 36 x 4 = 144
  EXPECT_EQ(output("add", "e2m1", "int4"), "int6_lsbm1");     // -14 x 2 = -28
  EXPECT_EQ(output("mul", "mxint8", "int4"), "int12_lsbm6");  // 128 x 8 = 1024
}

/// Smallest and largest a op b over all finite codes, as doubles (exact at these widths).
std::pair<double, double> searched_range(const testing::TextbookFormat& a,
                                         const testing::TextbookFormat& b, const std::string& op) {
  std::pair<double, double> range{1e300, -1e300};
  for (int i = 0; i < a.codes(); ++i) {
    for (int j = 0; j < b.codes(); ++j) {
      const double x = a.value(i);
      const double y = b.value(j);
      if (!std::isfinite(x) || !std::isfinite(y)) continue;
      const double value = op == "mul" ? x * y : (op == "add" ? x + y : x - y);
      range.first = std::min(range.first, value);
      range.second = std::max(range.second, value);
    }
  }
  return range;
}

TEST(ExactRange, IsWhatAllPairsReach) {
  int checked = 0;
  const std::vector<testing::TextbookFormat> formats = testing::textbook_formats(4, 4);
  for (const testing::TextbookFormat& a : formats) {
    for (const testing::TextbookFormat& b : formats) {
      for (const char* op : {"mul", "add", "sub"}) {
        const Result<OperatorSpec> spec =
            make_operator_spec({.op = op, .a = a.name(), .b = b.name()});
        ASSERT_TRUE(spec.ok()) << spec.error().message();
        const ExactRange range = exact_range(*spec);
        const auto [min, max] = searched_range(a, b, op);
        EXPECT_EQ(std::ldexp(range.min.convert_to<double>(), range.lsb_exponent), min)
            << spec->command();
        EXPECT_EQ(std::ldexp(range.max.convert_to<double>(), range.lsb_exponent), max)
            << spec->command();
        ++checked;
      }
    }
  }
  EXPECT_GT(checked, 1000);
}

}  // namespace
}  // namespace fewbit
