// The model's answers: what the judges judge.
// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cmath>

#include "gen/spec/format_coding.h"
#include "sim/model/operators.h"
#include "tests/oracles/serve.h"

namespace fewbit::oracles {
namespace {

/// Formats by name, and binary64, in which values that no format of fewbit has come in.
Result<Format> format_of(const std::string& name) {
  if (name == "binary64") return Format(make_float_format(11, 52, true, Coding::kIeee));
  return parse_format(name);
}

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

bool is_wide_float(const std::string& name) {
  const Result<Format> format = format_of(name);
  return format.ok() && format->is_float() && format->bits() > 8;
}

/// The spec of a request. Floats wider than a request may have as operands are put in afterwards:
/// the model has no such limit.
Result<OperatorSpec> spec_of(const Request& request) {
  const auto operand = [&](const char* name) {
    return is_wide_float(request.field(name)) ? "e2m1" : request.field(name);
  };
  FEWBIT_ASSIGN_OR_RETURN(spec, make_operator_spec({.op = request.op,
                                                    .a = operand("a"),
                                                    .b = operand("b"),
                                                    .result = request.field("result"),
                                                    .rounding = request.field("rounding"),
                                                    .overflow = request.field("overflow")}));
  FEWBIT_ASSIGN_OR_RETURN(a, format_of(request.field("a")));
  FEWBIT_ASSIGN_OR_RETURN(b, format_of(request.field("b")));
  spec.a = a;
  spec.b = b;
  return spec;
}

/// An exact result as binary64: the fixed-point number, or what its flags say.
std::uint64_t exact_answer(const Format& format, const model::Outputs& outputs) {
  if (outputs.nan) return kQuietNan;
  if (outputs.pinf) return std::bit_cast<std::uint64_t>(HUGE_VAL);
  if (outputs.ninf) return std::bit_cast<std::uint64_t>(-HUGE_VAL);
  return to_binary64(model::decode(format, outputs.result));
}

/// decode: the value of a code of a, in binary64.
Result<Answer> prepare_decode(const Request& request) {
  FEWBIT_ASSIGN_OR_RETURN(a, format_of(request.field("a")));
  return Answer([a](const auto& codes) { return to_binary64(model::decode(a, codes[0])); });
}

/// convert: a rounded into `result`.
Result<Answer> prepare_convert(const Request& request) {
  FEWBIT_ASSIGN_OR_RETURN(a, format_of(request.field("a")));
  FEWBIT_ASSIGN_OR_RETURN(result, format_of(request.field("result")));
  // e8m0 is no result of an operator (it has no zero); e4m3fn has its coding and so its choices.
  const std::string checked = request.field("result") == "e8m0" ? "e4m3fn" : result.name();
  FEWBIT_ASSIGN_OR_RETURN(spec, make_operator_spec({.op = "mul",
                                                    .a = "int8",
                                                    .b = "int8",
                                                    .result = checked,
                                                    .rounding = request.field("rounding"),
                                                    .overflow = request.field("overflow")}));
  return Answer([a, result, spec](const auto& codes) {
    return model::encode(result, model::decode(a, codes[0]), spec.rounding, spec.overflow)
        .template convert_to<std::uint64_t>();
  });
}

Result<Answer> prepare(const Request& request) {
  if (request.op == "decode") return prepare_decode(request);
  if (request.op == "convert") return prepare_convert(request);
  FEWBIT_ASSIGN_OR_RETURN(spec, spec_of(request));
  return Answer([spec, output = output_format(spec)](const auto& codes) {
    const model::Outputs outputs = model::evaluate(spec, codes[0], codes[1]);
    return spec.result ? outputs.result.template convert_to<std::uint64_t>()
                       : exact_answer(output, outputs);
  });
}

}  // namespace
}  // namespace fewbit::oracles

int main(int argc, char** argv) {
  return fewbit::oracles::serve(argc, argv, "fewbit", fewbit::oracles::prepare);
}
