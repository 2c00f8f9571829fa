// The operators, and the names of every choice a request can make.
// SPDX-License-Identifier: Apache-2.0
#include "gen/spec/operator_spec.h"

namespace fewbit {

const std::vector<OperatorInfo>& operator_table() {
  static const std::vector<OperatorInfo> kTable = {
      {OperatorKind::kMul, "mul", "product of two numbers, exact or rounded once",
       "result_o = round(a_i * b_i)", 2, false},
      {OperatorKind::kAdd, "add", "sum of two numbers, exact or rounded once",
       "result_o = round(a_i + b_i)", 2, false},
      {OperatorKind::kSub, "sub", "difference of two numbers, exact or rounded once",
       "result_o = round(a_i - b_i)", 2, false},
      {OperatorKind::kAcc, "acc", "exact running sum of numbers",
       "acc_o = sum of a_i since first_i", 1, true},
      {OperatorKind::kMac, "mac", "exact running sum of products",
       "acc_o = sum of a_i * b_i since first_i", 2, true},
  };
  return kTable;
}

const OperatorInfo& operator_info(OperatorKind kind) {
  for (const OperatorInfo& info : operator_table()) {
    if (info.kind == kind) return info;
  }
  FEWBIT_CHECK(false, "operator {} is not in the table", static_cast<int>(kind));
}

std::string_view to_string(OperatorKind kind) { return operator_info(kind).name; }

std::string_view to_string(RoundingMode mode) {
  switch (mode) {
    case RoundingMode::kTiesToEven:
      return "ties_to_even";
    case RoundingMode::kTiesToAway:
      return "ties_to_away";
    case RoundingMode::kTowardZero:
      return "toward_zero";
    case RoundingMode::kTowardPositive:
      return "toward_positive";
    case RoundingMode::kTowardNegative:
      return "toward_negative";
    case RoundingMode::kToOdd:
      return "to_odd";
  }
  FEWBIT_CHECK(false, "unknown rounding mode {}", static_cast<int>(mode));
}

std::string_view to_string(OverflowMode mode) {
  switch (mode) {
    case OverflowMode::kSaturate:
      return "saturate";
    case OverflowMode::kInfinity:
      return "infinity";
    case OverflowMode::kNan:
      return "nan";
    case OverflowMode::kWrap:
      return "wrap";
  }
  FEWBIT_CHECK(false, "unknown overflow mode {}", static_cast<int>(mode));
}

std::string_view to_string(Architecture arch) {
  return arch == Architecture::kGeneric ? "generic" : "optimized";
}

std::string_view to_string(ResetKind reset) {
  switch (reset) {
    case ResetKind::kAsyncLow:
      return "async_low";
    case ResetKind::kSyncHigh:
      return "sync_high";
    case ResetKind::kSyncLow:
      return "sync_low";
    case ResetKind::kNone:
      return "none";
  }
  FEWBIT_CHECK(false, "unknown reset kind {}", static_cast<int>(reset));
}

std::string_view to_string(Fabric fabric) {
  switch (fabric) {
    case Fabric::kIce40:
      return "ice40";
    case Fabric::kEcp5:
      return "ecp5";
    case Fabric::kXilinx:
      return "xilinx";
  }
  FEWBIT_CHECK(false, "unknown fabric {}", static_cast<int>(fabric));
}

}  // namespace fewbit
