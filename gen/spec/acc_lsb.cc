// Accumulators without low bits: see acc_lsb.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/acc_lsb.h"

#include "fewbit/gen/spec/fixed_point_limit.h"

namespace fewbit {
namespace {

constexpr RoundingMode kRoundings[] = {
    RoundingMode::kTowardZero,         RoundingMode::kTowardPositive,
    RoundingMode::kTowardNegative,     RoundingMode::kTiesToEven,
    RoundingMode::kTiesToAway,         RoundingMode::kTiesTowardPositive,
    RoundingMode::kTiesTowardNegative,
};

}  // namespace

Status fill_acc_lsb(const OperatorRequest& request, OperatorSpec& spec) {
  if (!request.acc_lsb) {
    if (request.rounding.empty()) return Ok{};
    return Error{"--rounding", request.rounding, "nothing",
                 "accumulators are exact but with --acc-lsb"};
  }
  const IntFormat addend = exact_range(spec).format();
  FEWBIT_RETURN_IF_ERROR(
      check_width("addend", addend.bits, "choose operands with fewer exponent bits"));
  const int magnitude_bits = addend.bits - (addend.is_signed ? 1 : 0);
  const int least = addend.lsb_exponent + 1;
  const int most = addend.lsb_exponent + magnitude_bits - 1;
  if (*request.acc_lsb < least || *request.acc_lsb > most) {
    return Error{
        "--acc-lsb", std::to_string(*request.acc_lsb),
        least > most ? std::string("nothing") : fmt::format("{} to {}", least, most),
        fmt::format("an addend has bits of weight 2^{} to 2^{}", addend.lsb_exponent, most)};
  }
  spec.acc_lsb = static_cast<int>(*request.acc_lsb);
  spec.rounding = RoundingMode::kTowardZero;
  if (request.rounding.empty()) return Ok{};
  std::string legal;
  for (const RoundingMode mode : kRoundings) {
    legal += fmt::format("{}{}", legal.empty() ? "" : ", ", to_string(mode));
    if (to_string(mode) == request.rounding) {
      spec.rounding = mode;
      return Ok{};
    }
  }
  return Error{"--rounding", request.rounding, legal, "to --acc-lsb"};
}

}  // namespace fewbit
