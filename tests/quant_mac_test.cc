// Dot products of real layers through Verilated MACs: the bits that the quantized network computes
// with, for 8 format pairs and over 100,000 dot products.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "fewbit/gen/ops/emit.h"
#include "fewbit/quant/exact_sums.h"
#include "fewbit/tests/verilated_sums.h"

namespace fewbit::quant {
namespace {

using verify::Subject;

/// Weights, activations.
constexpr std::pair<const char*, const char*> kPairs[] = {
    {"int4", "int4"},   {"int8", "int8"},     {"e2m1", "e2m1"},   {"e3m2", "e3m2"},
    {"e4m3f", "e4m3f"}, {"e4m3fn", "e4m3fn"}, {"e5m2f", "e5m2f"}, {"int4", "e4m3fn"}};
constexpr Sampling kSampling{450, 260};
constexpr std::size_t kLeastSums = 100000;

/// The dot products of one format pair, and what the network computes of them.
struct Work {
  std::vector<OperandCodes> operands;
  std::vector<__int128> expected;
  std::size_t terms = 0;
};

Work work_of(const char* weights, const char* activations) {
  Work work;
  QuantizerOptions options;
  options.weights = parse_format(weights).value();
  options.activations = parse_format(activations).value();
  options.edges_at_8_bits = false;
  options.unsigned_inputs = false;  // the pairs are asked for as they are
  const auto take = [&](const LinearCall& call, const QuantizedLayer& layer,
                        const QuantizedOperands& operands, const std::vector<std::size_t>& places) {
    const std::vector<__int128> exact =
        exact_sums(call, operands.left, operands.right, layer.greatest_sum);
    for (const std::size_t place : places) {
      work.operands.push_back(operand_codes(call, place, layer.left_grid, layer.right_grid,
                                            operands.left, operands.right));
      work.expected.push_back(exact[place]);
      work.terms = std::max(work.terms, work.operands.back().size());
    }
  };
  sample_networks(options, kSampling, take);
  return work;
}

Subject mac_for(const char* weights, const char* activations, std::size_t terms) {
  OperatorRequest request{.op = "mac", .a = activations, .b = weights};
  request.terms = static_cast<long long>(terms);
  const OperatorSpec spec = make_operator_spec(request).value();
  return {spec, ops::emit(spec), {}, spec.module_name()};
}

TEST(Macs, GiveTheBitsThatTheNetworkComputesWith) {
  std::vector<Work> work;
  std::vector<Subject> subjects;
  std::vector<std::vector<OperandCodes>> operands;
  for (const auto& [weights, activations] : kPairs) {
    work.push_back(work_of(weights, activations));
    subjects.push_back(mac_for(weights, activations, work.back().terms));
    operands.push_back(work.back().operands);
  }
  const std::size_t compared =
      run_sums(subjects, operands, [&](std::size_t subject, std::size_t sum, const BigInt& bits) {
        const BigInt expected(work[subject].expected[sum]);
        ASSERT_EQ(bits, to_bits(expected, verify::result_width(subjects[subject])))
            << subjects[subject].label << " sum " << sum;
      });
  EXPECT_GE(compared, kLeastSums);
  RecordProperty("dot_products", static_cast<int>(compared));
  std::printf("%zu dot products compared\n", compared);
}

}  // namespace
}  // namespace fewbit::quant
