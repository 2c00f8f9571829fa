// OperatorSpec: what a user asks for; and what follows from it alone: result format, flags, widths.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gen/spec/format.h"

namespace fewbit {

enum class OperatorKind { kMul, kAdd, kSub, kAcc, kMac };
enum class RoundingMode {
  kTiesToEven,
  kTiesToAway,
  kTowardZero,
  kTowardPositive,
  kTowardNegative,
  kToOdd
};
/// What a value too large for the result becomes.
enum class OverflowMode { kSaturate, kInfinity, kNan, kWrap };
enum class Architecture { kGeneric, kOptimized };
enum class ResetKind { kAsyncLow, kSyncHigh, kSyncLow, kNone };
/// What the fabric's logic cell can do; the builder's structure depends on it.
enum class Fabric { kIce40, kEcp5, kXilinx };

/// One row per operator: command line, help, docs and the test matrix follow from this table.
struct OperatorInfo {
  OperatorKind kind;
  std::string name;      ///< "mac"
  std::string summary;   ///< one line for help
  std::string contract;  ///< "result_o = round(a_i * b_i)"
  int operands;          ///< 1 (acc) or 2
  bool accumulates;      ///< clocked, with --terms or --acc-width
};
const std::vector<OperatorInfo>& operator_table();
const OperatorInfo& operator_info(OperatorKind kind);

/// A complete, legal request. Make it with make_operator_spec, which checks every field.
struct OperatorSpec {
  OperatorKind kind = OperatorKind::kMul;
  Format a = IntFormat{};
  std::optional<Format> b;                            ///< absent for acc
  std::optional<Format> result;                       ///< rounded into this format; absent = exact
  RoundingMode rounding = RoundingMode::kTiesToEven;  ///< of a rounded result
  OverflowMode overflow = OverflowMode::kSaturate;    ///< of a rounded result, or the accumulator
  long long terms = 0;  ///< accumulators: sized for this many terms (0: acc_width was given)
  int acc_width = 0;    ///< accumulators: bits of the accumulator, always set
  Architecture arch = Architecture::kOptimized;
  ResetKind reset = ResetKind::kAsyncLow;
  Fabric fabric = Fabric::kIce40;

  [[nodiscard]] const OperatorInfo& info() const { return operator_info(kind); }
  [[nodiscard]] bool accumulates() const { return info().accumulates; }
  /// fewbit_mac_e4m3fn_int4_t4608, fewbit_mul_int8_e2m1_to_e4m3fn_generic and the like: unique for
  /// the request apart from the fabric.
  [[nodiscard]] std::string module_name() const;
  /// The command that reproduces it, without --target and -o: "fewbit emit mac --a int4 --b int4
  /// --terms 4608".
  [[nodiscard]] std::string command() const;
};

/// What the user wrote; empty or absent = default.
struct OperatorRequest {
  std::string op;
  std::string a;
  std::string b;
  std::string result = "exact";
  std::string rounding;
  std::string overflow;
  std::optional<long long> terms;
  std::optional<long long> acc_width;
  std::string arch = "optimized";
  std::string reset;
  Fabric fabric = Fabric::kIce40;
};

/// Checks every field and fills the defaults (--terms 1024; overflow: infinity where the result has
/// one, else saturate; reset async_low).
Result<OperatorSpec> make_operator_spec(const OperatorRequest& request);

/// Infinity where a rounded result has one, else saturate.
OverflowMode default_result_overflow(const Format& result);

/// All values an exact quantity takes lie in [min, max] x 2^lsb_exponent.
struct ExactRange {
  BigInt min;
  BigInt max;
  int lsb_exponent = 0;
  /// Narrowest integer format that holds it: unsigned where min >= 0.
  [[nodiscard]] IntFormat format() const;
};
/// Of the finite values of a format.
ExactRange operand_range(const Format& format);
/// Of a x b, a + b, a - b, or one addend of an accumulator (acc: a; mac: a x b), before rounding.
ExactRange exact_range(const OperatorSpec& spec);
/// Least accumulator that holds every sum of up to `terms` addends.
IntFormat accumulator_format(const ExactRange& addend, long long terms);
/// Format of the main output: `result`, the exact fixed-point format, or the accumulator.
Format output_format(const OperatorSpec& spec);

/// Which side outputs an exact operator has, because its operands can be NaN or infinite. For
/// accumulators they are sticky. Rounded results code these values in the result itself.
struct SpecialFlags {
  bool nan = false;
  bool pinf = false;
  bool ninf = false;
  [[nodiscard]] bool any() const { return nan || pinf || ninf; }
};
SpecialFlags special_flags(const OperatorSpec& spec);

std::string_view to_string(OperatorKind kind);
std::string_view to_string(RoundingMode mode);
std::string_view to_string(OverflowMode mode);
std::string_view to_string(Architecture arch);
std::string_view to_string(ResetKind reset);
std::string_view to_string(Fabric fabric);

}  // namespace fewbit
