// OperatorSpec: what a user asks for; and what follows from it alone: result format, flags, widths.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fewbit/gen/spec/expression.h"
#include "fewbit/gen/spec/format.h"

namespace fewbit {

/// The longest latency that can be asked for, in cycles.
inline constexpr int kMostLatency = 64;

/// In the order of operator_table().
enum class OperatorKind {
  kMul,
  kAdd,
  kSub,
  kConvert,
  kFma,
  kDot,
  kMxdot,
  kMxquant,
  kSquant,
  kRequant,
  kAcc,
  kMac,
  kFacc,
  kFmac,
  kMax,
  kMin
};
/// The stochastic modes are those of P3109: N random bits R are an operand, and with d the dropped
/// part in units of the last place, 0 < d < 1, the magnitude goes up where
///   A: floor(d 2^N) + R >= 2^N     B: floor(d 2^(N+1)) + 2 R + 1 >= 2^(N+1)
///   C: d 2^N rounded to nearest, ties to even, + R >= 2^N
enum class RoundingMode {
  kTiesToEven,
  kTiesToAway,
  kTowardZero,
  kTowardPositive,
  kTowardNegative,
  kToOdd,
  kStochasticA,
  kStochasticB,
  kStochasticC,
  kTiesTowardPositive,
  kTiesTowardNegative
};
constexpr bool is_stochastic(RoundingMode mode) {
  return mode >= RoundingMode::kStochasticA && mode <= RoundingMode::kStochasticC;
}

/// What a finite value too large for the result becomes, and an infinite one:
///   kSaturate     largest finite value; largest finite value
///   kInfinity     infinity, or the largest finite value where the rounding direction points to
///                 zero; infinity
///   kNan          NaN; NaN
///   kWrap         integers: the low bits; the nearest end of the range
///   kPropagate    largest finite value; infinity
///   kSaturateNan  largest finite value; NaN
///   kSatNone      infinity, or NaN where the format has none of this sign, or the nearest end of
///                 the finite range where the rounding direction points to it; infinity, or NaN.
///                 The range of an unsigned format ends at 0: negative values are too large
enum class OverflowMode { kSaturate, kInfinity, kNan, kWrap, kPropagate, kSaturateNan, kSatNone };
enum class Architecture { kGeneric, kOptimized };
enum class ResetKind { kAsyncLow, kSyncHigh, kSyncLow, kNone };
/// Which block scale mxquant takes: 2^(floor(log2 m) - emax), 2^(ceil(log2 m) - emax), the first
/// with m rounded to the element's precision, ties to even, or 2^ceil(log2(m / largest)). m is the
/// largest magnitude of the block, emax the exponent of the element's largest value.
enum class ScalePolicy { kFloor, kCeil, kEven, kRceil };
/// What max and min make of one NaN operand; two are NaN.
///   kPropagate  NaN: maximum and minimum of IEEE 754-2019
///   kIgnore     the other operand: its maximumNumber and minimumNumber
enum class NanRule { kPropagate, kIgnore };
/// How operands and results are passed on.
///   kNone        combinational
///   kValid       valid_i marks an operand, valid_o its result
///   kValidReady  an operand moves where valid_i and ready_o, a result where valid_o and ready_i
enum class Handshake { kNone, kValid, kValidReady };
/// What the fabric's logic cell can do; the builder's structure depends on it.
enum class Fabric { kIce40, kEcp5, kXilinx, kGowin, kNexus, kAsic };
/// The named structures of the optimized architecture; strategy.h has the table.
enum class Strategy {
  kAuto,
  kAligned,
  kFixedPoint,
  kCodeSum,
  kTable,
  kExactFirst,
  kConditionalRows,
  kAndRows,
  kBoothRows,
  kPairRows,
  kTripleRows,
  kProductTable,
  kLaneProducts,
  kBram
};

/// What multiplies significands: lookup tables alone, a hard multiplier for each product, or one
/// for two lanes.
enum class Dsp { kNone, kOne, kPacked };

/// Everything a request can say besides the operator and the target.
enum class Option {
  kA,
  kB,
  kC,
  kScale,
  kLanes,
  kOutputs,
  kShiftBits,
  kZeroPoint,
  kResult,
  kRounding,
  kRandomBits,
  kOverflow,
  kSubnormals,
  kScalePolicy,
  kNan,
  kTerms,
  kAccWidth,
  kAccLsb,
  kInterleave,
  kArch,
  kStrategy,
  kOptimize,
  kDsp,
  kLatency,
  kHandshake,
  kTagBits,
  kReset
};

/// Whether an operator adds up its results over time.
enum class RunningSum {
  kNever,
  kOnRequest,  ///< exactly, with --terms or --acc-width
  kExact,
  kRounded,  ///< rounded at each step
};

/// The sign of a result that is zero.
enum class ZeroSign {
  kArithmetic,  ///< as products, sums and choices of IEEE 754 have it
  kSum,         ///< of a sum of nothing: +0, rounded toward negative -0
  kPositive,
};

/// What holds for an operator whatever the request.
struct OperatorTraits {
  RunningSum running_sum = RunningSum::kNever;
  ZeroSign zero_sign = ZeroSign::kArithmetic;
  bool needs_result = false;       ///< it has no exact result
  bool b_is_optional = false;      ///< it makes sense without its second operand
  bool takes_bipolar = false;      ///< operands need no zero
  bool reads_accumulator = false;  ///< a may be as wide as an accumulator: it is what is rounded
  int default_lanes = 1;
};

/// One row per operator: command line, help, docs and the test matrix follow from this table.
struct OperatorInfo {
  OperatorKind kind;
  std::string name;       ///< "mac"
  std::string noun;       ///< "multiply-accumulate"
  std::string summary;    ///< one line for help
  Expression expression;  ///< what is rounded, or added up
  OperatorTraits traits;
  std::vector<Option> options;
  std::string contract{};  ///< "result_o = round(a_i * b_i)": of expression and traits
  /// dot, mxdot: the same plus c, for requests with --c.
  std::optional<Expression> with_addend{};

  [[nodiscard]] bool has(Option option) const;
  /// It has a second operand, without which it makes no sense.
  [[nodiscard]] bool needs_b() const { return has(Option::kB) && !traits.b_is_optional; }
};
const std::vector<OperatorInfo>& operator_table();
const OperatorInfo& operator_info(OperatorKind kind);

/// A complete, legal request. Make it with make_operator_spec, which checks every field.
struct OperatorSpec {
  OperatorKind kind = OperatorKind::kMul;
  Format a = IntFormat{};
  std::optional<Format> b;                            ///< absent for one operand
  std::optional<Format> c;                            ///< fma; dot, mxdot on request: the addend
  std::optional<Format> scale;                        ///< mxdot: of both blocks
  std::optional<Format> result;                       ///< rounded into this format; absent = exact
  int lanes = 1;                                      ///< dot, mxdot, mxquant, squant
  int outputs = 1;                                    ///< dot: results that share b
  int shift_bits = 0;                                 ///< requant: bits of shift_i
  std::optional<Format> zero_point;                   ///< requant: added to the rounded integer
  RoundingMode rounding = RoundingMode::kTiesToEven;  ///< of a rounded result, or to acc_lsb
  int random_bits = 0;                                ///< of stochastic rounding, else 0
  OverflowMode overflow = OverflowMode::kSaturate;    ///< of a rounded result, or the accumulator
  bool flush_inputs = false;   ///< subnormal operands are zeros of their sign
  bool flush_outputs = false;  ///< a result that rounds to a subnormal is a zero of its sign
  ScalePolicy scale_policy = ScalePolicy::kFloor;
  NanRule nan = NanRule::kPropagate;  ///< max, min
  long long terms = 0;  ///< accumulators: sized for this many terms (0: acc_width was given)
  int acc_width = 0;    ///< exact accumulators: bits of the accumulator, always set; else 0
  std::optional<int>
      acc_lsb;         ///< exact accumulators: addends are rounded to multiples of 2^acc_lsb
  int interleave = 1;  ///< facc, fmac: running sums that operations go to in turn
  Architecture arch = Architecture::kOptimized;
  Strategy strategy = Strategy::kAuto;  ///< of the optimized architecture
  Dsp dsp = Dsp::kNone;                 ///< of the optimized architecture
  Handshake handshake = Handshake::kNone;
  int tag_bits = 0;                      ///< of tag_i and tag_o; 0: none
  std::optional<int> requested_latency;  ///< absent: the usual; more than that is for optimized
  ResetKind reset = ResetKind::kAsyncLow;
  Fabric fabric = Fabric::kIce40;

  [[nodiscard]] const OperatorInfo& info() const { return operator_info(kind); }
  [[nodiscard]] const Expression& expression() const {
    const OperatorInfo& row = info();
    return has_addend() ? *row.with_addend : row.expression;
  }
  /// dot, mxdot: c is added before the one rounding.
  [[nodiscard]] bool has_addend() const { return c && info().with_addend; }
  /// mxquant: a block of elements, and their scale.
  [[nodiscard]] bool makes_block() const { return expression().kind == Expression::Kind::kBlock; }
  /// squant: a block of codes, and the least and the largest number they lie between.
  [[nodiscard]] bool makes_steps() const { return expression().kind == Expression::Kind::kAffine; }
  /// convert: one number in another format.
  [[nodiscard]] bool converts() const {
    return expression().kind == Expression::Kind::kOperand &&
           info().traits.running_sum == RunningSum::kNever;
  }
  /// acc, mac, and dot and mxdot with an accumulator: the running sum is exact.
  [[nodiscard]] bool accumulates_exactly() const { return acc_width > 0; }
  /// facc, fmac: the running sum is rounded at each step.
  [[nodiscard]] bool accumulates_rounded() const {
    return info().traits.running_sum == RunningSum::kRounded;
  }
  [[nodiscard]] bool accumulates() const { return accumulates_exactly() || accumulates_rounded(); }
  /// The request for one of its outputs alone: a has one vector.
  [[nodiscard]] OperatorSpec one_output() const {
    OperatorSpec one = *this;
    one.outputs = 1;
    return one;
  }
  /// The accumulator stays at the end of its range.
  [[nodiscard]] bool saturates_sum() const {
    return accumulates_exactly() && terms == 0 && overflow == OverflowMode::kSaturate;
  }
  [[nodiscard]] bool is_clocked() const { return handshake != Handshake::kNone; }
  /// The significands' product is read from a block RAM, which takes a cycle.
  [[nodiscard]] bool reads_bram() const {
    return arch == Architecture::kOptimized && strategy == Strategy::kBram;
  }
  /// That of a request without --latency: 2 for accumulators, one more for each further sum that is
  /// interleaved, 1 for others with a handshake, 0 without; one more with a block RAM.
  [[nodiscard]] int usual_latency() const {
    return (accumulates() ? 1 + interleave : (is_clocked() ? 1 : 0)) + (reads_bram() ? 1 : 0);
  }
  /// One less for exact accumulators, whose addend can go into the sum without a register before.
  [[nodiscard]] int least_latency() const {
    return usual_latency() - (accumulates_exactly() ? 1 : 0);
  }
  /// Cycles from an accepted operand to its result.
  [[nodiscard]] int latency() const {
    const bool asked = requested_latency &&
                       (arch == Architecture::kOptimized || *requested_latency < usual_latency());
    return asked ? *requested_latency : usual_latency();
  }
  /// fewbit_mac_e4m3fn_int4_t4608, fewbit_mul_int8_e2m1_to_e4m3fn_generic and the like: unique for
  /// the request apart from the fabric.
  [[nodiscard]] std::string module_name() const;
  /// That of its operator, with the addend of the request: "result_o = round(c_i + ...)".
  [[nodiscard]] std::string contract() const;
  /// The command that reproduces it, without --target and -o: "fewbit emit mac --a int4 --b int4
  /// --terms 4608".
  [[nodiscard]] std::string command() const;
};

/// What the user wrote; empty or absent = default.
struct OperatorRequest {  // each with a default, so that designated initialisers name what they set
  std::string op{};
  std::string a{};
  std::string b{};
  std::string c{};
  std::string scale{};
  std::string result = "exact";
  std::string rounding{};
  std::string overflow{};
  std::string subnormals{};
  std::string scale_policy{};
  std::string nan{};
  std::string zero_point{};
  std::optional<long long> lanes{};
  std::optional<long long> outputs{};
  std::optional<long long> shift_bits{};
  std::optional<long long> terms{};
  std::optional<long long> acc_width{};
  std::optional<long long> acc_lsb{};
  std::optional<long long> interleave{};
  std::optional<long long> random_bits{};
  std::optional<long long> tag_bits{};
  std::optional<long long> latency{};
  std::string arch = "optimized";
  std::string strategy{};
  std::string optimize{};
  std::string dsp{};
  std::string handshake{};
  std::string reset{};
  Fabric fabric = Fabric::kIce40;
};

/// One row per option: what the command line accepts, help and docs say, and names are made of.
struct OptionInfo {
  Option option;
  std::string name;        ///< "--rounding"
  std::string values;      ///< "FORMAT", "N", or the words it takes
  std::string by_default;  ///< what holds where it is not given
  std::string summary;
  std::string OperatorRequest::*text = nullptr;                 ///< where a word goes
  std::optional<long long> OperatorRequest::*number = nullptr;  ///< where a number goes
};
const std::vector<OptionInfo>& option_table();
const OptionInfo& option_info(Option option);

/// The value of a request's option as the command line takes it; "" where it has its default or
/// does not apply. (a, b, c, scale, lanes, shift bits, result, terms and width are always said.)
std::string option_value(const OperatorSpec& spec, Option option);

/// Checks every field and fills the defaults of option_table().
Result<OperatorSpec> make_operator_spec(const OperatorRequest& request);

/// Infinity where a rounded result has one, else saturate.
OverflowMode default_result_overflow(const Format& result);

/// One data operand of a request: a port NAME_i of lanes x format.bits() bits, lane 0 lowest; those
/// of output 0 below those of output 1.
struct OperandPort {
  std::string name;  ///< "a_i", "b_i", "c_i", "scale_a_i", "scale_b_i", "shift_i", "zero_point_i",
                     ///< "random_i"
  Format format;
  int lanes = 1;
  Operand operand = Operand::kA;
  [[nodiscard]] int bits() const { return format.bits() * lanes; }
};
/// The format of an operand; absent where the request has none.
std::optional<Format> operand_format(const OperatorSpec& spec, Operand operand);
/// In the order in which models, stimulus and modules have them: that of the expression.
std::vector<OperandPort> operand_ports(const OperatorSpec& spec);
/// Bits of all operands together.
int operand_bits(const OperatorSpec& spec);
/// Results side by side on the main output: lanes for mxquant and squant, outputs for dot, else 1.
int output_lanes(const OperatorSpec& spec);
/// What the codes of a block are read with, lane 0 lowest.
struct BlockPort {
  std::string
      name;  ///< "scale_o" of mxquant, "range_o" of squant: the least and the largest number
  Format format;
  int lanes = 1;
  [[nodiscard]] int bits() const { return format.bits() * lanes; }
};
std::optional<BlockPort> block_port(const OperatorSpec& spec);
/// Fraction bits of squant's numbers of float formats below the exponent of the largest magnitude;
/// of integers, which are whole, 0.
int step_frame_bits(const OperatorSpec& spec);

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
/// Of the operator's result before rounding, or of one addend of an accumulator.
ExactRange exact_range(const OperatorSpec& spec);
/// Of one addend of an exact accumulator as it is added: rounded where spec.acc_lsb says so.
ExactRange addend_range(const OperatorSpec& spec);
/// Of a part of the operator's expression.
ExactRange exact_range(const OperatorSpec& spec, const Expression& part);
/// Least accumulator that holds every sum of up to `terms` addends.
IntFormat accumulator_format(const ExactRange& addend, long long terms);
/// Format of (one lane of) the main output: `result`, the exact fixed-point format, or the
/// accumulator.
Format output_format(const OperatorSpec& spec);

/// Which side outputs an exact operator has, because its operands can be NaN or infinite. For
/// accumulators they are sticky; of several results each says that one is special. Rounded results
/// code these values in the result itself.
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
std::string_view to_string(Strategy strategy);
std::string_view to_string(Dsp dsp);
std::string_view to_string(ResetKind reset);
std::string_view to_string(ScalePolicy policy);
std::string_view to_string(NanRule rule);
std::string_view to_string(Handshake handshake);
std::string_view to_string(Fabric fabric);

}  // namespace fewbit
