// The model's answers: what the judges judge.
// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cmath>

#include "fewbit/gen/spec/format_coding.h"
#include "fewbit/sim/model/operators.h"
#include "fewbit/tests/oracles/serve.h"

namespace fewbit::oracles {
namespace {

/// A datum as a binary64 code; kNoAnswer where binary64 does not have the value.
std::uint64_t to_binary64(const model::Datum& datum) {
  if (datum.is_nan()) return kQuietNan;
  const double sign = datum.negative ? -1.0 : 1.0;
  if (datum.is_infinite()) return std::bit_cast<std::uint64_t>(sign * HUGE_VAL);
  if (datum.is_zero()) return std::bit_cast<std::uint64_t>(std::copysign(0.0, sign));
  const auto significand = datum.value.significand.convert_to<double>();
  if (BigInt(significand) != datum.value.significand) return kNoAnswer;
  return std::bit_cast<std::uint64_t>(std::ldexp(significand, datum.value.exponent));
}

std::optional<long long> count_of(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return std::stoll(text);
}

/// The bits of an operand r=uint<N> or h=uint<N>: N.
std::optional<long long> width_of(const std::string& integer) {
  return count_of(integer.empty() ? "" : integer.substr(4));
}

/// The spec of a request. binary64, in which values that no format of fewbit has come in, is put in
/// afterwards.
Result<OperatorSpec> spec_of(const Request& request) {
  const bool is_binary64 = request.field("a") == "binary64";
  FEWBIT_ASSIGN_OR_RETURN(spec, make_operator_spec({.op = request.op,
                                                    .a = is_binary64 ? "e2m1" : request.field("a"),
                                                    .b = request.field("b"),
                                                    .c = request.field("c"),
                                                    .scale = request.field("s"),
                                                    .result = request.field("result"),
                                                    .rounding = request.field("rounding"),
                                                    .overflow = request.field("overflow"),
                                                    .subnormals = request.field("subnormals"),
                                                    .scale_policy = request.field("scale_policy"),
                                                    .nan = request.field("nan"),
                                                    .lanes = count_of(request.field("lanes")),
                                                    .shift_bits = width_of(request.field("h")),
                                                    .random_bits = width_of(request.field("r"))}));
  if (is_binary64) spec.a = Format(make_float_format(11, 52, true, Coding::kIeee));
  return spec;
}

/// An exact result as binary64: the fixed-point number, or what its flags say.
std::uint64_t exact_answer(const Format& format, const model::Outputs& outputs) {
  if (outputs.nan) return kQuietNan;
  if (outputs.pinf) return std::bit_cast<std::uint64_t>(HUGE_VAL);
  if (outputs.ninf) return std::bit_cast<std::uint64_t>(-HUGE_VAL);
  return to_binary64(model::decode(format, outputs.result));
}

/// The elements of a block, and above them its scale.
std::uint64_t block_answer(const OperatorSpec& spec, const model::Outputs& outputs) {
  const int bits = spec.result->bits() * spec.lanes;
  return BigInt(outputs.result + (outputs.scale << bits)).convert_to<std::uint64_t>();
}

/// Where in a case's codes the operands are, in the model's order.
std::vector<std::size_t> positions(const Request& request) {
  std::vector<std::size_t> found;
  for (const char* name : {"a", "b", "c", "s", "t", "h", "r"}) {
    if (const auto position = request.position(name)) found.push_back(*position);
  }
  return found;
}

/// decode: the value of a code of a, in binary64.
Result<Answer> prepare_decode(const Request& request) {
  FEWBIT_ASSIGN_OR_RETURN(a, parse_format(request.field("a")));
  return Answer([a](const auto& codes) { return to_binary64(model::decode(a, codes[0])); });
}

/// facc, fmac: the sum after each case; operand f starts a new one.
Answer accumulate(const OperatorSpec& spec, const Request& request) {
  const auto sum = std::make_shared<model::Accumulator>(spec);
  sum->reset();
  return [sum, order = positions(request), first = *request.position("f")](const auto& codes) {
    model::Operands operands;
    for (const std::size_t position : order) operands.emplace_back(codes[position]);
    return sum->step(codes[first] != 0, operands).result.template convert_to<std::uint64_t>();
  };
}

Result<Answer> prepare(const Request& request) {
  if (request.op == "decode") return prepare_decode(request);
  FEWBIT_ASSIGN_OR_RETURN(spec, spec_of(request));
  if (spec.accumulates()) return accumulate(spec, request);
  return Answer([spec, function = model::Function(spec), output = output_format(spec),
                 order = positions(request)](const auto& codes) {
    model::Operands operands;
    for (const std::size_t position : order) operands.emplace_back(codes[position]);
    const model::Outputs outputs = function(operands);
    if (spec.makes_block()) return block_answer(spec, outputs);
    return spec.result ? outputs.result.template convert_to<std::uint64_t>()
                       : exact_answer(output, outputs);
  });
}

}  // namespace
}  // namespace fewbit::oracles

int main(int argc, char** argv) {
  return fewbit::oracles::serve(argc, argv, "fewbit", fewbit::oracles::prepare);
}
