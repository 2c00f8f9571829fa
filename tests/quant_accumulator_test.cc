// Dot products of real layers through Verilated macs whose accumulators overflow and through
// fmacs: the bits that the quantized network computes with.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "fewbit/gen/ops/emit.h"
#include "fewbit/quant/exact_sums.h"
#include "fewbit/tests/verilated_sums.h"

namespace fewbit::quant {
namespace {

using verify::Subject;

/// An accumulator of layers with these formats; a width, or a format.
struct Case {
  const char* weights;
  const char* activations;
  int width;
  const char* format;
  const char* overflow;
};
constexpr Case kCases[] = {
    {"int8", "int8", 16, "", "wrap"},      {"int8", "int8", 16, "", "saturate"},
    {"e2m1", "e2m1", 9, "", "saturate"},   {"int8", "int8", 0, "binary16", ""},
    {"int8", "int8", 0, "bfloat16", ""},   {"e4m3f", "e4m3f", 0, "binary16", ""},
    {"e4m3f", "e4m3f", 0, "bfloat16", ""}, {"e4m3f", "e4m3f", 0, "e5m2f", ""}};
constexpr Sampling kSampling{60, 260};
/// So many of each accumulator's sums are other than exact ones.
constexpr std::size_t kLeastDifferent = 50;

AccumulatorOptions options_of(const Case& own) {
  AccumulatorOptions options;
  if (own.width > 0) options.width = AccumulatorWidth{own.width, false};
  if (own.width == 0) options.format = parse_format(own.format).value();
  options.overflow = own.overflow;
  return options;
}

/// The dot products of one case, and what the network computes of them.
struct Work {
  std::optional<OperatorSpec> spec;
  std::vector<OperandCodes> operands;
  std::vector<double> expected;
  std::size_t different = 0;
};

Work work_of(const Case& own) {
  Work work;
  QuantizerOptions options;
  options.weights = parse_format(own.weights).value();
  options.activations = parse_format(own.activations).value();
  options.edges_at_8_bits = false;
  options.unsigned_inputs = false;  // the pairs are asked for as they are
  options.accumulator = options_of(own);
  const auto take = [&](const LinearCall& call, const QuantizedLayer& layer,
                        const QuantizedOperands& operands, const std::vector<std::size_t>& places) {
    work.spec = layer.accumulator;
    const std::vector<double> sums = accumulated_sums(call, *layer.accumulator, operands.left,
                                                      operands.right, layer.greatest_sum);
    const std::vector<__int128> exact =
        exact_sums(call, operands.left, operands.right, layer.greatest_sum);
    for (const std::size_t place : places) {
      work.operands.push_back(operand_codes(call, place, layer.left_grid, layer.right_grid,
                                            operands.left, operands.right));
      work.expected.push_back(sums[place]);
      work.different += sums[place] != static_cast<double>(exact[place]) ? 1 : 0;
    }
  };
  sample_networks(options, kSampling, take);
  return work;
}

TEST(Accumulators, GiveTheBitsThatTheNetworkComputesWith) {
  std::vector<Work> work;
  std::vector<Subject> subjects;
  std::vector<std::vector<OperandCodes>> operands;
  for (const Case& own : kCases) {
    work.push_back(work_of(own));
    const OperatorSpec& spec = *work.back().spec;
    subjects.push_back({spec, ops::emit(spec), {}, spec.module_name()});
    operands.push_back(work.back().operands);
    EXPECT_GE(work.back().different, kLeastDifferent) << spec.command();
    std::printf("%6zu sums, %6zu other than exact: %s\n", operands.back().size(),
                work.back().different, spec.command().c_str());
  }
  const std::size_t compared =
      run_sums(subjects, operands, [&](std::size_t subject, std::size_t sum, const BigInt& bits) {
        const OperatorSpec& spec = *work[subject].spec;
        const double got = in_products(spec, bits);
        ASSERT_TRUE(is_same_sum(spec, got, work[subject].expected[sum]))
            << spec.command() << ", sum " << sum << ": " << got << ", not "
            << work[subject].expected[sum];
      });
  EXPECT_EQ(compared, total_sums(operands));
  RecordProperty("dot_products", static_cast<int>(compared));
  std::printf("%zu dot products compared\n", compared);
}

}  // namespace
}  // namespace fewbit::quant
