// Running sums in turn: the model against the processor's float additions, one sum for each turn;
// names, latency, and what is refused.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cstring>
#include <random>

#include "fewbit/sim/model/operators.h"

namespace fewbit::model {
namespace {

using ::testing::HasSubstr;

std::uint32_t code_of(float value) {
  std::uint32_t code = 0;
  std::memcpy(&code, &value, sizeof code);
  return code;
}

OperatorRequest facc(long long sums) {
  return {.op = "facc", .a = "binary32", .result = "binary32", .interleave = sums};
}

TEST(Interleave, EachOperationGoesOnWithTheResultOfSoManyBefore) {
  for (int sums = 1; sums <= 8; ++sums) {
    Accumulator model(make_operator_spec(facc(sums)).value());
    std::vector<float> expected(static_cast<std::size_t>(sums), 0.0F);  // as after a reset
    std::mt19937_64 random(static_cast<std::uint64_t>(sums));
    for (std::size_t i = 0; i < 500; ++i) {
      const bool first = random() % 9 == 0;
      const float addend = static_cast<float>(static_cast<int>(random() % 20001) - 10000) / 777;
      float& sum = expected[i % expected.size()];
      sum = first ? addend : sum + addend;
      ASSERT_EQ(model.step(first, {code_of(addend)}).result, code_of(sum)) << sums << ", " << i;
    }
    model.reset();
    EXPECT_EQ(model.outputs().result, 0);
    EXPECT_EQ(model.step(false, {code_of(3)}).result, code_of(3));
  }
}

TEST(Interleave, LatencyAndNames) {
  const OperatorSpec four = make_operator_spec(facc(4)).value();
  EXPECT_EQ(four.latency(), 5);
  EXPECT_EQ(four.command(), "fewbit emit facc --a binary32 --result binary32 --interleave 4");
  EXPECT_EQ(four.module_name(), "fewbit_facc_binary32_to_binary32_i4");
  const OperatorSpec one = make_operator_spec(facc(1)).value();
  EXPECT_EQ(one.latency(), 2);
  EXPECT_EQ(one.command(), "fewbit emit facc --a binary32 --result binary32");
}

TEST(Interleave, Refusals) {
  for (const long long sums : {0, 9, -1}) {
    const Result<OperatorSpec> spec = make_operator_spec(facc(sums));
    ASSERT_FALSE(spec.ok());
    EXPECT_THAT(spec.error().message(), HasSubstr("--interleave: '" + std::to_string(sums) + "'"));
    EXPECT_THAT(spec.error().message(), HasSubstr("1 to 8"));
  }
  const Result<OperatorSpec> exact =
      make_operator_spec({.op = "mac", .a = "int4", .b = "int4", .interleave = 2});
  ASSERT_FALSE(exact.ok());
  EXPECT_THAT(exact.error().message(), HasSubstr("mac does not have it"));
}

}  // namespace
}  // namespace fewbit::model
