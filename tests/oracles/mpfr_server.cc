// MPFR as a judge: the exact result of every operator, rounded by MPFR into any format.
// SPDX-License-Identifier: Apache-2.0
#include "tests/oracles/mpfr_format.h"
#include "tests/oracles/mpfr_number.h"
#include "tests/oracles/serve.h"

namespace fewbit::oracles {
namespace {

using Shared = std::shared_ptr<const MpfrFormat>;

/// result = the operator of the operands; not 0 where it was inexact.
int apply(const std::string& op, mpfr_ptr result, mpfr_ptr a, mpfr_ptr b, mpfr_rnd_t mode) {
  if (op == "mul") return mpfr_mul(result, a, b, mode);
  if (op == "add") return mpfr_add(result, a, b, mode);
  return mpfr_sub(result, a, b, mode);
}

Result<Answer> prepare(const Request& request) {
  const std::string op = request.op;
  const bool is_decode = op == "decode";
  const bool is_unary = is_decode || op == "convert";
  if (!is_unary && op != "mul" && op != "add" && op != "sub") {
    return Error{"operator", op, "decode, convert, mul, add, sub", ""};
  }
  FEWBIT_ASSIGN_OR_RETURN(a, mpfr_format(request.field("a")));
  FEWBIT_ASSIGN_OR_RETURN(result, mpfr_format(is_decode ? "binary64" : request.field("result")));
  const Policy policy{request.field("rounding"), request.field("overflow")};
  const auto x = std::make_shared<Number>();
  if (is_unary) {
    return Answer([=](const auto& codes) {
      a->decode(codes[0], x->get());
      return result->encode(x->get(), policy);
    });
  }
  FEWBIT_ASSIGN_OR_RETURN(b, mpfr_format(request.field("b")));
  const auto y = std::make_shared<Number>();
  const auto exact = std::make_shared<Number>();
  return Answer([=, mode = mpfr_mode(policy.rounding)](const auto& codes) {
    a->decode(codes[0], x->get());
    b->decode(codes[1], y->get());
    const int inexact = apply(op, exact->get(), x->get(), y->get(), mode);
    FEWBIT_CHECK(inexact == 0, "{} needs more than {} bits", op, kExactBits);
    return result->encode(exact->get(), policy);
  });
}

}  // namespace
}  // namespace fewbit::oracles

int main(int argc, char** argv) {
  return fewbit::oracles::serve(argc, argv, mpfr_get_version(), fewbit::oracles::prepare);
}
