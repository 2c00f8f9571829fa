// The questions about bits that hardware asks of exact integers.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/util/bigint.h"

#include <gtest/gtest.h>

namespace fewbit {
namespace {

TEST(BigInt, BitLength) {
  EXPECT_EQ(bit_length(0), 0);
  EXPECT_EQ(bit_length(1), 1);
  EXPECT_EQ(bit_length(7), 3);
  EXPECT_EQ(bit_length(-8), 4);
  EXPECT_EQ(bit_length(BigInt("0x100000000000000000000000000000000")), 129);
}

TEST(BigInt, WidthOfRange) {
  EXPECT_EQ(width_of_range(0, 0), 1);
  EXPECT_EQ(width_of_range(0, 15), 4);
  EXPECT_EQ(width_of_range(0, 16), 5);
  EXPECT_EQ(width_of_range(-1, 0), 1);
  EXPECT_EQ(width_of_range(-8, 7), 4);
  EXPECT_EQ(width_of_range(-8, 8), 5);
  EXPECT_EQ(width_of_range(-9, 7), 5);
  EXPECT_EQ(width_of_range(-9, -3), 5);
}

TEST(BigInt, TwosComplement) {
  EXPECT_EQ(to_bits(-1, 4), 15);
  EXPECT_EQ(to_bits(-16, 4), 0);
  EXPECT_EQ(to_bits(-17, 4), 15);
  EXPECT_EQ(to_bits(21, 4), 5);
  EXPECT_EQ(from_bits(15, 4, true), -1);
  EXPECT_EQ(from_bits(8, 4, true), -8);
  EXPECT_EQ(from_bits(7, 4, true), 7);
  EXPECT_EQ(from_bits(15, 4, false), 15);
}

TEST(BigInt, Hexadecimal) {
  EXPECT_EQ(to_hex(0), "0");
  EXPECT_EQ(to_hex(BigInt("0xdeadbeefdeadbeefdeadbeef")), "deadbeefdeadbeefdeadbeef");
}

}  // namespace
}  // namespace fewbit
