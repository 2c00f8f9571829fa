// LLVM's APFloat as a judge: decode, convert, mul, add, sub, fma in its formats and modes.
// SPDX-License-Identifier: Apache-2.0
#include <llvm/ADT/APFloat.h>
#include <llvm/ADT/APInt.h>
#include <llvm/Config/llvm-config.h>

#include <algorithm>

#include "fewbit/tests/oracles/serve.h"

namespace fewbit::oracles {
namespace {

using llvm::APFloat;
using Semantics = llvm::fltSemantics;

/// LLVM's semantics by fewbit's name.
const std::map<std::string, const Semantics*>& semantics_table() {
  static const std::map<std::string, const Semantics*> kTable = {
      {"e4m3fn", &APFloat::Float8E4M3FN()},
      {"e5m2", &APFloat::Float8E5M2()},
      {"e4m3fnuz", &APFloat::Float8E4M3FNUZ()},
      {"e5m2fnuz", &APFloat::Float8E5M2FNUZ()},
      {"e4m3b11fnuz", &APFloat::Float8E4M3B11FNUZ()},
      {"e4m3ieee", &APFloat::Float8E4M3()},
      {"e3m4ieee", &APFloat::Float8E3M4()},
      {"e8m0", &APFloat::Float8E8M0FNU()},
      {"e3m2", &APFloat::Float6E3M2FN()},
      {"e2m3", &APFloat::Float6E2M3FN()},
      {"e2m1", &APFloat::Float4E2M1FN()},
      {"bfloat16", &APFloat::BFloat()},
      {"binary16", &APFloat::IEEEhalf()},
      {"binary32", &APFloat::IEEEsingle()},
      {"binary64", &APFloat::IEEEdouble()}};
  return kTable;
}

const std::map<std::string, llvm::RoundingMode>& rounding_table() {
  static const std::map<std::string, llvm::RoundingMode> kTable = {
      {"", llvm::RoundingMode::NearestTiesToEven},
      {"ties_to_even", llvm::RoundingMode::NearestTiesToEven},
      {"ties_to_away", llvm::RoundingMode::NearestTiesToAway},
      {"toward_zero", llvm::RoundingMode::TowardZero},
      {"toward_positive", llvm::RoundingMode::TowardPositive},
      {"toward_negative", llvm::RoundingMode::TowardNegative}};
  return kTable;
}

template <typename Table>
auto find(const Table& table, const std::string& field, const Request& request)
    -> Result<typename Table::mapped_type> {
  const auto it = table.find(request.field(field));
  if (it != table.end()) return it->second;
  return Error{field, request.field(field), "what APFloat has", ""};
}

APFloat number(const Semantics& semantics, std::uint64_t code) {
  return {semantics, llvm::APInt(APFloat::semanticsSizeInBits(semantics), code)};
}

std::uint64_t code_of(const APFloat& value) { return value.bitcastToAPInt().getZExtValue(); }

/// value in another format, rounded once; kNoAnswer where the format has neither NaN nor infinity.
std::uint64_t convert(APFloat value, const Semantics& to, llvm::RoundingMode rounding) {
  if (!value.isFinite() && !APFloat::semanticsHasNaN(to)) return kNoAnswer;
  bool loses_information = false;
  value.convert(to, rounding, &loses_information);
  if (&to == &APFloat::IEEEdouble() && value.isNaN()) return kQuietNan;
  return code_of(value);
}

/// x[0] = the operator of x.
APFloat::opStatus apply(const std::string& op, std::vector<APFloat>& x,
                        llvm::RoundingMode rounding) {
  if (op == "mul") return x[0].multiply(x[1], rounding);
  if (op == "add") return x[0].add(x[1], rounding);
  if (op == "sub") return x[0].subtract(x[1], rounding);
  return x[0].fusedMultiplyAdd(x[1], x[2], rounding);
}

using Operands = std::vector<const Semantics*>;

std::vector<APFloat> numbers(const Operands& formats, const std::vector<std::uint64_t>& codes) {
  std::vector<APFloat> x;
  for (std::size_t i = 0; i < formats.size(); ++i) x.push_back(number(*formats[i], codes[i]));
  return x;
}

/// Operands and result of one format: APFloat's own operation.
Answer native(const std::string& op, const Operands& formats, llvm::RoundingMode rounding) {
  return [op, formats, rounding](const auto& codes) {
    std::vector<APFloat> x = numbers(formats, codes);
    apply(op, x, rounding);
    return code_of(x[0]);
  };
}

/// Mixed formats: the operation in binary128, where it must be exact, and then one rounding.
Answer mixed(const std::string& op, const Operands& formats, const Semantics& result,
             llvm::RoundingMode rounding) {
  return [op, formats, &result, rounding](const auto& codes) {
    std::vector<APFloat> x = numbers(formats, codes);
    bool loses_information = false;
    for (APFloat& value : x) value.convert(APFloat::IEEEquad(), rounding, &loses_information);
    const APFloat::opStatus status = apply(op, x, rounding);
    if ((status & APFloat::opInexact) != 0) return kNoAnswer;
    return convert(x[0], result, rounding);
  };
}

Result<Answer> prepare(const Request& request) {
  FEWBIT_ASSIGN_OR_RETURN(a, find(semantics_table(), "a", request));
  FEWBIT_ASSIGN_OR_RETURN(rounding, find(rounding_table(), "rounding", request));
  if (request.op == "decode") {
    return Answer([a, rounding](const auto& codes) {
      return convert(number(*a, codes[0]), APFloat::IEEEdouble(), rounding);
    });
  }
  FEWBIT_ASSIGN_OR_RETURN(result, find(semantics_table(), "result", request));
  if (request.op == "convert") {
    return Answer([a, result, rounding](const auto& codes) {
      return convert(number(*a, codes[0]), *result, rounding);
    });
  }
  FEWBIT_ASSIGN_OR_RETURN(b, find(semantics_table(), "b", request));
  Operands formats = {a, b};
  if (request.op == "fma") {
    FEWBIT_ASSIGN_OR_RETURN(c, find(semantics_table(), "c", request));
    formats.push_back(c);
  } else if (request.op != "mul" && request.op != "add" && request.op != "sub") {
    return Error{"operator", request.op, "decode, convert, mul, add, sub, fma", ""};
  }
  const auto is_result = [result](const Semantics* format) { return format == result; };
  if (std::all_of(formats.begin(), formats.end(), is_result)) {
    return native(request.op, formats, rounding);
  }
  return mixed(request.op, formats, *result, rounding);
}

}  // namespace
}  // namespace fewbit::oracles

int main(int argc, char** argv) {
  return fewbit::oracles::serve(argc, argv, LLVM_VERSION_STRING, fewbit::oracles::prepare);
}
