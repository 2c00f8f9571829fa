// Dot products that share an operand: model and designs against sums made here, number by number.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <random>
#include <string>
#include <vector>

#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/rtl/evaluator.h"
#include "fewbit/gen/spec/multiplier_block.h"
#include "fewbit/sim/model/operators.h"

namespace fewbit {
namespace {

using ::testing::HasSubstr;

/// Integers in two's complement (bits 4, true) or unsigned, or a minifloat without special values
/// with so many fraction bits, in units of its lowest bit.
struct Numbers {
  std::string format;
  int bits = 0;
  bool is_signed = false;
  int fraction_bits = -1;  ///< of a minifloat

  [[nodiscard]] long long value(unsigned code) const {
    const bool is_negative = is_signed && (code >> (bits - 1) & 1U) != 0;
    if (fraction_bits < 0) return is_negative ? static_cast<long long>(code) - (1LL << bits) : code;
    const unsigned magnitude = code & ((1U << (bits - 1)) - 1);
    const unsigned fraction = magnitude & ((1U << fraction_bits) - 1);
    const unsigned field = magnitude >> fraction_bits;
    const long long size = field == 0 ? fraction
                                      : static_cast<long long>(fraction + (1U << fraction_bits))
                                            << (field - 1);
    return is_negative ? -size : size;
  }
};

const Numbers kInt2{"int2", 2, true}, kInt3{"int3", 3, true}, kInt4{"int4", 4, true},
    kInt5{"int5", 5, true}, kInt6{"int6", 6, true}, kInt8{"int8", 8, true};
const Numbers kUint4{"uint4", 4, false}, kUint5{"uint5", 5, false}, kUint8{"uint8", 8, false};
const Numbers kE2m1{"e2m1", 4, true, 1}, kE4m3{"e4m3f", 8, true, 3}, kE3m2{"e3m2", 6, true, 2};

struct Request {
  Numbers a, b;
  int lanes, outputs;
  std::string dsp = "none";
  Fabric fabric = Fabric::kXilinx;
};

OperatorRequest request_of(const Request& r) {
  OperatorRequest request{.op = "dot", .a = r.a.format, .b = r.b.format};
  request.lanes = r.lanes;
  request.outputs = r.outputs;
  request.dsp = r.dsp;
  request.fabric = r.fabric;
  return request;
}

/// Codes of one operation, and what its outputs are.
class Operation {
 public:
  Operation(const Request& r, std::mt19937& random) {
    const auto kind = static_cast<unsigned>(random()) % 4;
    const auto code = [&](const Numbers& numbers) {
      const unsigned all = (1U << numbers.bits) - 1;
      const unsigned least = 1U << (numbers.bits - 1);  // of two's complement
      const auto any = static_cast<unsigned>(random());
      if (kind == 0) return any % 2 == 0 ? least : all >> (any / 2 % 2);
      return kind == 1 && any % 3 == 0 ? 0U : (any >> 8) & all;
    };
    for (int k = 0; k < r.lanes; ++k) b_.push_back(code(r.b));
    for (int p = 0; p < r.outputs; ++p) {
      sums.push_back(0);
      for (int k = 0; k < r.lanes; ++k) {
        a_.push_back(code(r.a));
        sums.back() += r.a.value(a_.back()) * r.b.value(b_[static_cast<std::size_t>(k)]);
      }
    }
    operands = {side_by_side(a_, r.a.bits), side_by_side(b_, r.b.bits)};
  }

  model::Operands operands;
  std::vector<long long> sums;

 private:
  static BigInt side_by_side(const std::vector<unsigned>& codes, int bits) {
    BigInt all = 0;
    for (std::size_t i = codes.size(); i-- > 0;) all = (all << bits) | codes[i];
    return all;
  }
  std::vector<unsigned> a_, b_;
};

/// Sums side by side, of so many bits each, the first lowest.
BigInt expected(const std::vector<long long>& sums, int bits) {
  BigInt all = 0;
  for (std::size_t p = sums.size(); p-- > 0;) all = (all << bits) | to_bits(BigInt(sums[p]), bits);
  return all;
}

class Outputs : public ::testing::TestWithParam<Request> {};

TEST_P(Outputs, AreTheSumsOfTheirProducts) {
  const Result<OperatorSpec> spec = make_operator_spec(request_of(GetParam()));
  ASSERT_TRUE(spec.ok()) << spec.error().message();
  const int bits = output_format(*spec).bits();
  const model::Function function(*spec);
  rtl::Module module(spec->module_name());
  ops::build(module, *spec);
  rtl::Evaluator run(module);
  std::mt19937 random(1);
  for (int i = 0; i < 400; ++i) {
    const Operation operation(GetParam(), random);
    run.set("a_i", operation.operands[0]);
    run.set("b_i", operation.operands[1]);
    run.settle();
    const BigInt sums = expected(operation.sums, bits);
    ASSERT_EQ(function(operation.operands).result, sums) << spec->command();
    ASSERT_EQ(run.get("result_o"), sums) << spec->command();
  }
}

TEST_P(Outputs, AreAddedUpOverTime) {
  OperatorRequest request = request_of(GetParam());
  request.terms = 20;
  for (const int latency : {2, 5}) {
    request.latency = latency;
    const Result<OperatorSpec> spec = make_operator_spec(request);
    ASSERT_TRUE(spec.ok()) << spec.error().message();
    const int bits = output_format(*spec).bits();
    model::Accumulator model(*spec);
    rtl::Module module(spec->module_name());
    ops::build(module, *spec);
    rtl::Evaluator run(module);
    std::mt19937 random(2);
    std::vector<long long> sums(static_cast<std::size_t>(GetParam().outputs));
    std::vector<BigInt> after;
    for (int i = 0; i < 200; ++i) {
      const Operation operation(GetParam(), random);
      const bool is_first = i % 7 == 0;
      for (std::size_t p = 0; p < sums.size(); ++p) {
        sums[p] = (is_first ? 0 : sums[p]) + operation.sums[p];
      }
      after.push_back(expected(sums, bits));
      ASSERT_EQ(model.step(is_first, operation.operands).result, after.back());
      run.set("valid_i", 1);
      run.set("first_i", is_first ? 1 : 0);
      run.set("a_i", operation.operands[0]);
      run.set("b_i", operation.operands[1]);
      run.clock();
      run.settle();
      if (i + 1 < latency) continue;
      ASSERT_EQ(run.get("acc_o"), after[static_cast<std::size_t>(i + 1 - latency)])
          << spec->command() << " at " << i;
    }
  }
}

const Request kRequests[] = {{kInt4, kInt4, 3, 2, "none", Fabric::kIce40},
                             {kE2m1, kE4m3, 2, 3, "none", Fabric::kEcp5},
                             {kE4m3, kInt4, 4, 2},
                             {kInt8, kInt8, 1, 2},
                             {kInt4, kInt4, 8, 4, "packed"},
                             {kInt4, kUint4, 8, 4, "packed"},
                             {kInt4, kUint4, 5, 7, "packed"},
                             {kUint4, kInt4, 2, 4, "packed"},
                             {kUint4, kUint4, 3, 3, "packed"},
                             {kInt8, kInt8, 8, 2, "packed"},
                             {kInt8, kUint8, 8, 3, "packed"},
                             {kUint8, kUint8, 5, 2, "packed"},
                             {kInt2, kInt3, 4, 9, "packed"},
                             {kInt3, kInt3, 4, 5, "packed"},
                             {kInt5, kInt6, 3, 4, "packed"},
                             {kInt6, kInt6, 4, 2, "packed"},
                             {kE2m1, kE2m1, 4, 4, "packed"},
                             {kE4m3, kE4m3, 3, 4, "packed"},
                             {kE3m2, kE3m2, 2, 4, "packed"},
                             {kInt4, kInt4, 4, 2, "packed", Fabric::kEcp5},
                             {kInt4, kUint4, 4, 2, "packed", Fabric::kEcp5},
                             {kInt5, kUint5, 3, 2, "packed", Fabric::kEcp5},
                             {kE2m1, kE2m1, 3, 5, "packed", Fabric::kEcp5},
                             {kInt4, kUint4, 4, 2, "packed", Fabric::kIce40},
                             {kInt8, kInt8, 8, 2, "packed", Fabric::kIce40},
                             {kInt8, kUint8, 3, 2, "packed", Fabric::kIce40},
                             {kE4m3, kInt8, 2, 2, "packed", Fabric::kIce40},
                             {kInt8, kUint8, 4, 1, "packed", Fabric::kIce40},
                             {kInt4, kUint4, 4, 1, "packed"}};

INSTANTIATE_TEST_SUITE_P(All, Outputs, ::testing::ValuesIn(kRequests));

std::string text_of(const OperatorRequest& request) {
  const Result<OperatorSpec> spec = make_operator_spec(request);
  if (!spec.ok()) return spec.error().message();
  std::string text;
  for (const TextFile& file : ops::emit(*spec).files) text += file.text;
  return text;
}

/// By the widths of the guides: the preadder of DSP48E2 has 27 bits, a factor of MULT18X18D 18.
TEST(Outputs, ABlockTakesAsManyAsFit) {
  const auto block = [](const Request& r) {
    const Result<OperatorSpec> spec = make_operator_spec(request_of(r));
    return spec.ok() ? shared_block(*spec) : std::nullopt;
  };
  const auto int4 = block({kInt4, kInt4, 8, 4, "packed"});
  ASSERT_TRUE(int4.has_value());
  EXPECT_EQ(int4->outputs, 4);
  EXPECT_EQ(int4->field_bits, 7);
  EXPECT_EQ(int4->overlap, 1);
  const auto int8 = block({kInt8, kInt8, 8, 2, "packed"});
  ASSERT_TRUE(int8.has_value());
  EXPECT_EQ(int8->outputs, 2);
  EXPECT_EQ(int8->field_bits, 18);
  EXPECT_EQ(int8->depth, 4);
  EXPECT_FALSE(block({kInt8, kInt8, 8, 1, "packed"}).has_value());
  EXPECT_FALSE(block({kInt8, kInt8, 8, 2, "one"}).has_value());
  EXPECT_FALSE(block({kInt4, kInt4, 8, 4, "packed", Fabric::kEcp5}).has_value());
}

TEST(Outputs, AreRefusedBeyondTheirLimits) {
  const auto with = [](int lanes, int outputs) {
    return text_of(request_of({kInt4, kInt4, lanes, outputs}));
  };
  EXPECT_THAT(with(4, 0), HasSubstr("--outputs"));
  EXPECT_THAT(with(4, 17), HasSubstr("1 to 16"));
  EXPECT_THAT(with(64, 5), HasSubstr("1 to 4"));
  OperatorRequest mac{.op = "mac", .a = "int4", .b = "int4"};
  mac.outputs = 2;
  EXPECT_THAT(text_of(mac), HasSubstr("mac does not have it"));
}

/// A flag says that one output at least is special; the others are compared no more.
TEST(Outputs, ShareTheirFlags) {
  OperatorRequest request{.op = "dot", .a = "e4m3fn", .b = "int4"};
  request.lanes = 1;
  request.outputs = 2;
  const OperatorSpec spec = make_operator_spec(request).value();
  rtl::Module module(spec.module_name());
  ops::build(module, spec);
  rtl::Evaluator run(module);
  for (const auto& [a, is_nan] : {std::pair{0x3838, false}, {0x7f38, true}, {0x387f, true}}) {
    const model::Outputs outputs = model::evaluate(spec, BigInt(a), BigInt(1));
    EXPECT_EQ(outputs.nan, is_nan);
    EXPECT_EQ(outputs.result_defined, !is_nan);
    run.set("a_i", a);
    run.set("b_i", 1);
    run.settle();
    EXPECT_EQ(run.get("nan_o"), is_nan ? 1 : 0);
  }
}

/// The text says what it computes, and names the command.
TEST(Outputs, AreInTheHeader) {
  const std::string text = text_of(request_of({kInt4, kInt4, 3, 2, "packed"}));
  EXPECT_THAT(text, HasSubstr("result_o[p] = sum of a_i[p][k] * b_i[k], k < 3, p < 2"));
  EXPECT_THAT(text, HasSubstr("--outputs 2"));
  EXPECT_THAT(text, HasSubstr("module fewbit_dsp48e2_cascade"));
}

}  // namespace
}  // namespace fewbit
