// The operators, their options, and the names of every choice a request can make.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "fewbit/gen/spec/expression.h"
#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/gen/spec/strategy.h"

namespace fewbit {
namespace {

using Options = std::vector<Option>;

constexpr int kMxLanes = 32;
constexpr int kStepLanes = 8;

Options together(std::initializer_list<Options> groups) {
  Options all;
  for (const Options& group : groups) all.insert(all.end(), group.begin(), group.end());
  return all;
}

const Options kRounded = {Option::kResult, Option::kRounding, Option::kRandomBits,
                          Option::kOverflow, Option::kSubnormals};
// A sum that is rounded at each step cannot be pipelined.
const Options kLoop = {Option::kArch,      Option::kStrategy, Option::kOptimize,
                       Option::kHandshake, Option::kTagBits,  Option::kReset};
// But several sums can be on their way through it.
const Options kInTurn = {Option::kInterleave};
const Options kProduct = {Option::kDsp};
const Options kShared = together({kLoop, {Option::kLatency}});
const Options kSum = {Option::kTerms, Option::kAccWidth, Option::kAccLsb};
const Options kExactSum =
    together({kSum, {Option::kRounding, Option::kOverflow, Option::kSubnormals}});

using Kind = Expression::Kind;

Expression operand(Operand which) { return {Kind::kOperand, which, {}}; }
Expression made_of(Kind kind, std::vector<Expression> parts) {
  return {kind, Operand::kA, std::move(parts)};
}

/// "result_o = round(a_i + b_i)", "acc_o = sum of a_i since first_i".
std::string contract_of(const OperatorInfo& row) {
  const std::string value = formula(row.expression);
  switch (row.traits.running_sum) {
    case RunningSum::kExact:
      return "acc_o = sum of " + value + " since first_i";
    case RunningSum::kRounded:
      return "acc_o = round(acc_o + " + value + "), from first_i on";
    case RunningSum::kNever:
    case RunningSum::kOnRequest:
      break;
  }
  const bool has_lanes =
      row.expression.kind == Kind::kBlock || row.expression.kind == Kind::kAffine;
  const char* element = has_lanes ? "[k]" : "";
  return fmt::format("result_o{} = round({})", element, value);
}

/// "auto, exact_first, ...": every word that --strategy takes.
std::string strategy_words() {
  std::string words = "auto";
  for (const StrategyInfo& row : strategy_table()) words += ", " + row.name;
  return words;
}

std::vector<OperatorInfo> operator_rows() {
  const Expression a = operand(Operand::kA);
  const Expression b = operand(Operand::kB);
  const Expression a_times_b = made_of(Kind::kProduct, {a, b});
  const Expression dot = made_of(Kind::kLaneSum, {a_times_b});
  const OperatorTraits bipolar = {.takes_bipolar = true};
  const Options two_rounded = together({{Option::kA, Option::kB}, kRounded, kShared});
  const Options choice = together({{Option::kA, Option::kB, Option::kNan}, kRounded, kShared});
  return {
      {OperatorKind::kMul, "mul", "multiplier", "product of two numbers, exact or rounded once",
       a_times_b, bipolar, together({{Option::kA, Option::kB}, kRounded, kProduct, kShared})},
      {OperatorKind::kAdd,
       "add",
       "adder",
       "sum of two numbers, exact or rounded once",
       made_of(Kind::kSum, {a, b}),
       {},
       two_rounded},
      {OperatorKind::kSub,
       "sub",
       "subtractor",
       "difference of two numbers, exact or rounded once",
       made_of(Kind::kDifference, {a, b}),
       {},
       two_rounded},
      {OperatorKind::kConvert,
       "convert",
       "converter",
       "a number in another format, rounded once",
       a,
       {.needs_result = true, .reads_accumulator = true},
       together({{Option::kA}, kRounded, kShared})},
      {OperatorKind::kFma,
       "fma",
       "fused multiply-add",
       "product plus a number, exact or rounded once",
       made_of(Kind::kSum, {a_times_b, operand(Operand::kC)}),
       {},
       together({{Option::kA, Option::kB, Option::kC}, kRounded, kProduct, kShared})},
      {OperatorKind::kDot,
       "dot",
       "dot product",
       "sum of the products of all lanes; or the running sum of it",
       dot,
       {.running_sum = RunningSum::kOnRequest,
        .zero_sign = ZeroSign::kSum,
        .takes_bipolar = true,
        .default_lanes = 4},
       together({{Option::kA, Option::kB, Option::kC, Option::kLanes, Option::kOutputs},
                 kRounded,
                 kSum,
                 kProduct,
                 kShared})},
      {OperatorKind::kMxdot,
       "mxdot",
       "block-scaled dot product",
       "dot product of two blocks that have a scale each",
       made_of(Kind::kProduct, {dot, operand(Operand::kScaleA), operand(Operand::kScaleB)}),
       {.running_sum = RunningSum::kOnRequest,
        .zero_sign = ZeroSign::kSum,
        .default_lanes = kMxLanes},
       together({{Option::kA, Option::kB, Option::kC, Option::kScale, Option::kLanes},
                 kRounded,
                 kSum,
                 kProduct,
                 kShared})},
      {OperatorKind::kMxquant,
       "mxquant",
       "block quantizer",
       "block of numbers as MX elements with an e8m0 scale",
       made_of(Kind::kBlock, {a}),
       {.needs_result = true, .default_lanes = kMxLanes},
       together({{Option::kA, Option::kLanes, Option::kResult, Option::kScalePolicy}, kShared})},
      {OperatorKind::kSquant,
       "squant",
       "stochastic quantizer",
       "block of numbers as codes between its least and largest, rounded stochastically",
       made_of(Kind::kAffine, {a}),
       {.needs_result = true, .default_lanes = kStepLanes},
       together({{Option::kA, Option::kLanes, Option::kResult, Option::kRandomBits}, kShared})},
      {OperatorKind::kRequant,
       "requant",
       "requantizer",
       "accumulator scaled into a narrow format, rounded once",
       made_of(Kind::kShifted, {a_times_b, operand(Operand::kShift)}),
       {.zero_sign = ZeroSign::kPositive,
        .needs_result = true,
        .b_is_optional = true,
        .reads_accumulator = true},
       together({{Option::kA, Option::kB, Option::kShiftBits},
                 kRounded,
                 {Option::kZeroPoint},
                 kProduct,
                 kShared})},
      {OperatorKind::kAcc,
       "acc",
       "accumulator",
       "exact running sum of numbers",
       a,
       {.running_sum = RunningSum::kExact},
       together({{Option::kA}, kExactSum, kShared})},
      {OperatorKind::kMac,
       "mac",
       "multiply-accumulate",
       "exact running sum of products",
       a_times_b,
       {.running_sum = RunningSum::kExact, .takes_bipolar = true},
       together({{Option::kA, Option::kB}, kExactSum, kProduct, kShared})},
      {OperatorKind::kFacc,
       "facc",
       "accumulator",
       "running sum of numbers, rounded at each step",
       a,
       {.running_sum = RunningSum::kRounded, .needs_result = true},
       together({{Option::kA}, kRounded, kInTurn, kLoop})},
      {OperatorKind::kFmac,
       "fmac",
       "multiply-accumulate",
       "running sum of products, rounded once at each step",
       a_times_b,
       {.running_sum = RunningSum::kRounded, .needs_result = true},
       together({{Option::kA, Option::kB}, kRounded, kInTurn, kProduct, kLoop})},
      {OperatorKind::kMax,
       "max",
       "maximum",
       "larger one of two numbers, exact or rounded once",
       made_of(Kind::kMaximum, {a, b}),
       {},
       choice},
      {OperatorKind::kMin,
       "min",
       "minimum",
       "smaller one of two numbers, exact or rounded once",
       made_of(Kind::kMinimum, {a, b}),
       {},
       choice},
  };
}

}  // namespace

const std::vector<OperatorInfo>& operator_table() {
  static const std::vector<OperatorInfo> kTable = [] {
    std::vector<OperatorInfo> table = operator_rows();
    for (OperatorInfo& row : table) {
      row.contract = contract_of(row);
      const std::vector<Operand> operands = row.expression.operands();
      const bool has_c = std::find(operands.begin(), operands.end(), Operand::kC) != operands.end();
      if (!row.has(Option::kC) || has_c) continue;
      row.with_addend = made_of(Kind::kSum, {row.expression, operand(Operand::kC)});
    }
    return table;
  }();
  return kTable;
}

bool OperatorInfo::has(Option option) const {
  return std::find(options.begin(), options.end(), option) != options.end();
}

const OperatorInfo& operator_info(OperatorKind kind) {
  for (const OperatorInfo& info : operator_table()) {
    if (info.kind == kind) return info;
  }
  FEWBIT_CHECK(false, "operator {} is not in the table", static_cast<int>(kind));
}

const std::vector<OptionInfo>& option_table() {
  using R = OperatorRequest;
  static const std::vector<OptionInfo> kTable = {
      {Option::kA, "--a", "FORMAT", "", "Format of the first operand (fewbit formats)", &R::a},
      {Option::kB, "--b", "FORMAT", "",
       "Format of the second operand; requant: of the multiplier, default none", &R::b},
      {Option::kC, "--c", "FORMAT", "fma: that of the result; dot, mxdot: none",
       "Format of the addend; dot, mxdot: a float format, beside a float --result", &R::c},
      {Option::kScale, "--scale", "FORMAT", "e8m0", "Format of both block scales: e8m0 or unsigned",
       &R::scale},
      {Option::kLanes, "--lanes", "N", "4; squant: 8; mx: 32, with another scale than e8m0 16",
       "Elements side by side, 1 to 64", nullptr, &R::lanes},
      {Option::kOutputs, "--outputs", "N", "1",
       "Dot products of one b with N vectors in a, 1 to 16, at most 256 products", nullptr,
       &R::outputs},
      {Option::kShiftBits, "--shift-bits", "N", "5", "Bits of the shift to the right, 1 to 8",
       nullptr, &R::shift_bits},
      {Option::kZeroPoint, "--zero-point", "FORMAT", "none",
       "Integer format of zero_point_i, which is added to the rounded integer", &R::zero_point},
      {Option::kResult, "--result", "FORMAT", "exact",
       "Format of the result; convert, requant, mxquant, squant, facc and fmac need one",
       &R::result},
      {Option::kRounding, "--rounding",
       "ties_to_even, ties_to_away, toward_zero, toward_positive, toward_negative, to_odd, "
       "stochastic_a, stochastic_b, stochastic_c, ties_toward_positive, ties_toward_negative",
       "ties_to_even; with --acc-lsb toward_zero", "Rounding into --result, or to --acc-lsb",
       &R::rounding},
      {Option::kRandomBits, "--random-bits", "N", "8",
       "Bits of random_i for stochastic rounding, 1 to 32; squant: of each lane, 1 to 16", nullptr,
       &R::random_bits},
      {Option::kOverflow, "--overflow",
       "saturate, infinity, nan, propagate, saturate_nan, wrap; sat_finite, sat_propagate, "
       "sat_none; onnx_saturate, onnx_no_saturate",
       "infinity where --result has one, else saturate; accumulators: wrap",
       "Value too large for --result or --acc-width", &R::overflow},
      {Option::kSubnormals, "--subnormals", "keep, flush_inputs, flush_outputs, flush", "keep",
       "Subnormal operands or results become zeros of their sign", &R::subnormals},
      {Option::kScalePolicy, "--scale-policy", "floor, ceil, even, rceil", "floor",
       "How the block scale follows from the largest magnitude", &R::scale_policy},
      {Option::kNan, "--nan", "propagate, ignore", "propagate",
       "max, min: a NaN operand gives NaN, or the other operand (maximumNumber)", &R::nan},
      {Option::kTerms, "--terms", "N", "1024 (acc, mac)",
       "Accumulator for sums of up to N operations", nullptr, &R::terms},
      {Option::kAccWidth, "--acc-width", "W", "", "Accumulator of W bits instead of --terms",
       nullptr, &R::acc_width},
      {Option::kAccLsb, "--acc-lsb", "N", "that of an addend",
       "Weight 2^N of the accumulator's lowest bit, to which each addend is rounded", nullptr,
       &R::acc_lsb},
      {Option::kInterleave, "--interleave", "N", "1",
       "Running sums that operations go to in turn, 1 to 8: so many cycles are in the loop of each",
       nullptr, &R::interleave},
      {Option::kArch, "--arch", "optimized, generic", "optimized",
       "Structure made for the formats and the target, or the parameterised reference", &R::arch},
      {Option::kStrategy, "--strategy", strategy_words(), "auto",
       "Structure of the optimized architecture", &R::strategy},
      {Option::kOptimize, "--optimize", "area, speed, balanced", "",
       "Instead of --strategy: the one that measured best for this request, where that is known",
       &R::optimize},
      {Option::kDsp, "--dsp", "none, one, packed", "none",
       "Hard multipliers of the target: none, one for each product, or one for two lanes", &R::dsp},
      {Option::kLatency, "--latency", "N", "2 for accumulators, 1 with a handshake, else 0",
       "Cycles from operand to result, up to 64; exact accumulators from 1; registers go where "
       "they "
       "help most",
       nullptr, &R::latency},
      {Option::kHandshake, "--handshake", "none, valid, valid_ready",
       "valid for accumulators and where there is latency, else none",
       "How operands and results are passed on", &R::handshake},
      {Option::kTagBits, "--tag-bits", "N", "0", "Bits of a tag carried along, 0 to 64", nullptr,
       &R::tag_bits},
      {Option::kReset, "--reset", "async_low, sync_high, sync_low, none", "async_low",
       "Reset of a clocked module", &R::reset},
  };
  return kTable;
}

const OptionInfo& option_info(Option option) {
  for (const OptionInfo& info : option_table()) {
    if (info.option == option) return info;
  }
  FEWBIT_CHECK(false, "option {} is not in the table", static_cast<int>(option));
}

std::string_view to_string(OperatorKind kind) { return operator_info(kind).name; }

namespace {

/// The name of an enumerator: names[value].
template <typename Enum, std::size_t N>
std::string_view name_of(Enum value, const std::string_view (&names)[N]) {
  const auto index = static_cast<std::size_t>(value);
  FEWBIT_CHECK(index < N, "unknown enumerator {}", index);
  return names[index];
}

}  // namespace

std::string_view to_string(RoundingMode mode) {
  return name_of(mode, {"ties_to_even", "ties_to_away", "toward_zero", "toward_positive",
                        "toward_negative", "to_odd", "stochastic_a", "stochastic_b", "stochastic_c",
                        "ties_toward_positive", "ties_toward_negative"});
}

std::string_view to_string(OverflowMode mode) {
  return name_of(mode,
                 {"saturate", "infinity", "nan", "wrap", "propagate", "saturate_nan", "sat_none"});
}

std::string_view to_string(Architecture arch) { return name_of(arch, {"generic", "optimized"}); }

std::string_view to_string(Dsp dsp) { return name_of(dsp, {"none", "one", "packed"}); }

std::string_view to_string(ResetKind reset) {
  return name_of(reset, {"async_low", "sync_high", "sync_low", "none"});
}

std::string_view to_string(ScalePolicy policy) {
  return name_of(policy, {"floor", "ceil", "even", "rceil"});
}

std::string_view to_string(NanRule rule) { return name_of(rule, {"propagate", "ignore"}); }

std::string_view to_string(Handshake handshake) {
  return name_of(handshake, {"none", "valid", "valid_ready"});
}

std::string_view to_string(Fabric fabric) {
  return name_of(fabric, {"ice40", "ecp5", "xilinx", "gowin", "nexus", "asic"});
}

}  // namespace fewbit
