// squant: the model by the definition in plain integers, designs by Verilator and Icarus, C models.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

#include "fewbit/sim/model/operators.h"
#include "fewbit/tests/c_model_requests.h"
#include "fewbit/tests/operator_requests.h"

namespace fewbit {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A format as this test knows it.
struct Known {
  const char* name;
  int bits;
  int precision;       ///< of a significand; 0: a signed integer
  int least_exponent;  ///< of a normal number
};
constexpr Known kKnown[] = {
    {"int8", 8, 0, 0}, {"int16", 16, 0, 0}, {"bfloat16", 16, 8, -126}, {"binary16", 16, 11, -14}};

double value_of(const Known& format, std::uint64_t code) {
  if (format.precision == 0) {
    const std::uint64_t half = std::uint64_t{1} << (format.bits - 1);
    return static_cast<double>(code ^ half) - static_cast<double>(half);
  }
  if (format.precision == 8) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(code) << 16);
  }
  const int field = static_cast<int>(code >> 10 & 31);
  const auto fraction = static_cast<double>(code & 1023);
  const double magnitude =
      field == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, field - 25);
  return code >> 15 != 0 ? -magnitude : magnitude;
}

/// docs/operators.md in 64-bit integers: distances from the least number, and one division.
std::vector<int> codes_of(const Known& format, const std::vector<double>& x,
                          const std::vector<std::uint64_t>& random, int bits, int random_bits) {
  int places = 0, top = 0;
  if (format.precision > 0) {
    top = format.least_exponent;
    for (const double value : x) {
      if (value != 0) top = std::max(top, std::ilogb(value));
    }
    places = std::max(format.precision, bits + random_bits + 1);
  }
  std::vector<long long> whole;
  for (const double value : x) {
    whole.push_back(static_cast<long long>(std::trunc(std::ldexp(value, places - top))));
  }
  const long long least = *std::min_element(whole.begin(), whole.end());
  const long long range = *std::max_element(whole.begin(), whole.end()) - least;
  std::vector<int> codes;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const long long share = (2 * static_cast<long long>(random[k]) + 1) * range;
    const long long reached =
        (whole[k] - least) * ((1LL << bits) - 1) + (share >> (random_bits + 1));
    codes.push_back(range == 0 ? 0 : static_cast<int>(reached / range));
  }
  return codes;
}

struct Block {
  std::vector<int> codes;
  std::uint64_t least = 0, largest = 0;
};

Block quantized(const OperatorSpec& spec, const std::vector<std::uint64_t>& codes,
                const std::vector<std::uint64_t>& random) {
  BigInt a = 0, r = 0;
  for (std::size_t k = codes.size(); k-- > 0;) {
    a = (a << spec.a.bits()) | codes[k];
    r = (r << spec.random_bits) | random[k];
  }
  const model::Outputs outputs = model::evaluate(spec, {a, r});
  Block block;
  const int bits = spec.result->bits();
  for (std::size_t k = 0; k < codes.size(); ++k) {
    const BigInt code = (outputs.result >> (static_cast<int>(k) * bits)) & (pow2(bits) - 1);
    block.codes.push_back(code.convert_to<int>());
  }
  const BigInt mask = pow2(spec.a.bits()) - 1;
  block.least = BigInt(outputs.scale & mask).convert_to<std::uint64_t>();
  block.largest = BigInt(outputs.scale >> spec.a.bits()).convert_to<std::uint64_t>();
  return block;
}

OperatorSpec spec_of(const std::string& a, int bits, int lanes, int random_bits) {
  return make_operator_spec({.op = "squant",
                             .a = a,
                             .result = "uint" + std::to_string(bits),
                             .lanes = lanes,
                             .random_bits = random_bits})
      .value();
}

/// Finite numbers of similar size, of any size, or equal ones.
std::vector<std::uint64_t> block_of(const Known& format, std::mt19937_64& random, int lanes) {
  const std::uint64_t mask = (std::uint64_t{1} << format.bits) - 1;
  std::vector<std::uint64_t> codes;
  const std::uint64_t common = random() & mask;
  const std::uint64_t kind = random() % 4;
  while (static_cast<int>(codes.size()) < lanes) {
    std::uint64_t code = random() & mask;
    if (kind == 1) code = common ^ (random() & 15);
    if (kind == 2) code = (common & 0x7f80) | (random() & mask & ~std::uint64_t{0x7c00});
    if (kind == 3) code = common;
    if (std::isfinite(value_of(format, code)) &&
        (format.precision != 11 || (code >> 10 & 31) != 31)) {
      codes.push_back(code);
    } else {
      codes.push_back(code & 0x3ff);
    }
  }
  return codes;
}

TEST(Squant, ModelIsTheDefinition) {
  std::mt19937_64 random(7);
  for (const Known& format : kKnown) {
    for (const int bits : {1, 2, 4, 8}) {
      for (const int random_bits : {1, 8, 16}) {
        const int lanes = 1 + static_cast<int>(random() % 9);
        const OperatorSpec spec = spec_of(format.name, bits, lanes, random_bits);
        for (int i = 0; i < 100; ++i) {
          const std::vector<std::uint64_t> codes = block_of(format, random, lanes);
          std::vector<double> x;
          std::vector<std::uint64_t> r;
          for (const std::uint64_t code : codes) {
            x.push_back(value_of(format, code));
            r.push_back(random() & ((std::uint64_t{1} << random_bits) - 1));
          }
          const Block block = quantized(spec, codes, r);
          ASSERT_EQ(block.codes, codes_of(format, x, r, bits, random_bits)) << spec.command();
          EXPECT_EQ(value_of(format, block.least), *std::min_element(x.begin(), x.end()));
          EXPECT_EQ(value_of(format, block.largest), *std::max_element(x.begin(), x.end()));
        }
      }
    }
  }
}

/// Over all random numbers the codes of t add up to t, to the nearest unit of the last random bit.
TEST(Squant, MeanIsTheNumber) {
  constexpr int kRandomBits = 8;
  for (const int bits : {1, 3, 8}) {
    const OperatorSpec spec = spec_of("int16", bits, 3, kRandomBits);
    for (const int middle : {-300, -299, 0, 1234, 2999, 3000}) {
      const std::vector<std::uint64_t> codes = {65536 - 300,
                                                static_cast<std::uint64_t>(middle) & 0xffff, 3000};
      long long sum = 0;
      for (std::uint64_t r = 0; r < (1U << kRandomBits); ++r) {
        const Block block = quantized(spec, codes, {r, r, r});
        EXPECT_EQ(block.codes[0], 0);
        EXPECT_EQ(block.codes[2], (1 << bits) - 1);
        sum += block.codes[1];
      }
      const double exact = (middle + 300) / 3300.0 * ((1 << bits) - 1) * (1 << kRandomBits);
      EXPECT_LE(std::abs(static_cast<double>(sum) - exact), 0.5) << bits << " " << middle;
    }
  }
}

/// A long block, a part at a time: its least and its largest number are two of the lanes.
TEST(Squant, NothingOfABlockMattersButItsEnds) {
  std::mt19937_64 random(5);
  const Known& format = kKnown[2];
  const std::vector<std::uint64_t> codes = block_of(format, random, 48);
  std::vector<std::uint64_t> r;
  for (std::size_t k = 0; k < codes.size(); ++k) r.push_back(random() & 255);
  const Block whole = quantized(spec_of("bfloat16", 2, 48, 8), codes, r);
  const OperatorSpec three = spec_of("bfloat16", 2, 3, 8);
  for (std::size_t k = 0; k < codes.size(); ++k) {
    const Block one = quantized(three, {whole.largest, codes[k], whole.least}, {9, r[k], 200});
    EXPECT_EQ(one.codes[1], whole.codes[k]);
  }
}

TEST(Squant, ZerosEqualNumbersAndSpecialValues) {
  const OperatorSpec spec = spec_of("bfloat16", 4, 3, 4);
  const Block zeros = quantized(spec, {0, 0x8000, 0}, {15, 15, 15});
  EXPECT_THAT(zeros.codes, ElementsAre(0, 0, 0));
  EXPECT_EQ(zeros.least, 0x8000U);  // -0 is below +0
  EXPECT_EQ(zeros.largest, 0U);
  const Block equal = quantized(spec, {0x4049, 0x4049, 0x4049}, {15, 15, 15});
  EXPECT_THAT(equal.codes, ElementsAre(0, 0, 0));
  EXPECT_EQ(equal.least, 0x4049U);
  for (const std::uint64_t special : {0x7f80U, 0xff80U, 0x7fc0U, 0xffffU}) {
    const Block block = quantized(spec, {0x3f80, special, 0}, {15, 15, 15});
    EXPECT_THAT(block.codes, ElementsAre(0, 0, 0));
    EXPECT_EQ(block.least, 0x7fc0U);
    EXPECT_EQ(block.largest, 0x7fc0U);
  }
}

TEST(Squant, RefusesWhatIsNoCode) {
  OperatorRequest request{.op = "squant", .a = "bfloat16", .result = "uint4"};
  EXPECT_EQ(refusal(request),
            "accepted: fewbit emit squant --a bfloat16 --lanes 8 --result uint4 --random-bits 8");
  for (const char* result : {"int4", "uint9", "bipolar", "e2m1", "uint4_lsbm1"}) {
    request.result = result;
    EXPECT_THAT(refusal(request), HasSubstr("--result: ")) << result;
  }
  request.result = "exact";
  EXPECT_THAT(refusal(request), HasSubstr("squant has no exact result"));
  request.result = "uint2";
  request.random_bits = 17;
  EXPECT_THAT(refusal(request), AllOf(HasSubstr("--random-bits: '17'"), HasSubstr("1 to 16")));
  request.random_bits.reset();
  request.rounding = "toward_zero";
  EXPECT_THAT(refusal(request), AllOf(HasSubstr("--rounding"), HasSubstr("does not have it")));
  EXPECT_THAT(refusal({.op = "squant", .a = "bipolar", .result = "uint1"}),
              HasSubstr("--a: 'bipolar'"));
}

std::vector<OperatorRequest> requests() {
  return {{.op = "squant", .a = "e2m1", .result = "uint1", .lanes = 2, .random_bits = 2},
          {.op = "squant", .a = "int3", .result = "uint3", .lanes = 3, .random_bits = 1},
          {.op = "squant", .a = "ue2m2f", .result = "uint2", .lanes = 2, .random_bits = 3},
          {.op = "squant", .a = "uint1", .result = "uint8", .lanes = 3, .random_bits = 2},
          {.op = "squant", .a = "int1", .result = "uint1", .lanes = 1, .random_bits = 1},
          {.op = "squant", .a = "bfloat16", .result = "uint1"},
          {.op = "squant", .a = "bfloat16", .result = "uint4", .lanes = 5, .random_bits = 5},
          {.op = "squant", .a = "binary16", .result = "uint2", .lanes = 3},
          {.op = "squant", .a = "binary32", .result = "uint8", .lanes = 2, .random_bits = 16},
          {.op = "squant", .a = "int16", .result = "uint4", .lanes = 4},
          {.op = "squant", .a = "uint32", .result = "uint8", .lanes = 2, .random_bits = 16},
          {.op = "squant", .a = "e5m2", .result = "uint3", .lanes = 3},
          {.op = "squant", .a = "e4m3fnuz", .result = "uint2", .lanes = 3, .random_bits = 3},
          {.op = "squant", .a = "binary8p3se", .result = "uint5", .lanes = 13},
          {.op = "squant", .a = "e1m2f", .result = "uint7", .lanes = 5},
          {.op = "squant", .a = "e6m0f", .result = "uint1", .lanes = 3, .random_bits = 1},
          {.op = "squant", .a = "int6_lsbm3", .result = "uint4", .lanes = 9}};
}

std::vector<verify::Subject> designs(const std::vector<OperatorRequest>& all) {
  std::vector<verify::Subject> subjects;
  for (OperatorRequest request : all) {
    const std::optional<long long> latency = request.latency;
    request.latency.reset();  // the generic architecture is not pipelined
    request.arch = "generic";
    testing::add_subject(make_operator_spec(request).value(), subjects);
    request.arch = "optimized";
    request.latency = latency;
    for (const Fabric fabric : {Fabric::kIce40, Fabric::kXilinx}) {
      request.fabric = fabric;
      testing::add_subject(make_operator_spec(request).value(), subjects);
    }
  }
  return subjects;
}

void expect_verified(const std::vector<OperatorRequest>& all,
                     const verify::VerifyOptions& options) {
  const auto reports = verify::verify(designs(all), options);
  ASSERT_TRUE(reports.ok()) << reports.error().message();
  for (const verify::VerifyReport& report : *reports) {
    EXPECT_TRUE(report.passed) << verify::to_text(report);
    EXPECT_GT(report.vectors, 0U) << report.label;
  }
}

TEST(Squant, DesignsAreVerified) {
  verify::VerifyOptions options;
  options.quick = true;
  options.random_vectors = 4000;
  std::vector<OperatorRequest> all = requests();
  all.push_back({.op = "squant",
                 .a = "bfloat16",
                 .result = "uint2",
                 .lanes = 3,
                 .tag_bits = 3,
                 .latency = 5,
                 .handshake = "valid_ready"});
  expect_verified(all, options);
}

TEST(Squant, IcarusSeesTheSame) {
  verify::VerifyOptions options;
  options.simulator = verify::Simulator::kIcarus;
  options.quick = true;
  options.random_vectors = 300;
  options.coverage = {.exhaustive_bits = 10, .corners = 300, .longest_sum = 300};
  std::vector<OperatorRequest> all = {requests()[0], requests()[1], requests()[6]};
  for (OperatorRequest& request : all) request.handshake = "valid";
  expect_verified(all, options);
}

TEST(Squant, CModelsSayTheSame) {
  std::vector<verify::Subject> subjects;
  for (const OperatorRequest& request : requests()) {
    testing::add_subject(make_operator_spec(request).value(), subjects);
  }
  verify::VerifyOptions options;
  options.quick = true;
  options.random_vectors = 2000;
  for (const verify::CModel model : {verify::CModel::kHeader, verify::CModel::kDpi}) {
    testing::expect_equal_models(subjects, model, options, testing::kSanitized);
  }
}

}  // namespace
}  // namespace fewbit
