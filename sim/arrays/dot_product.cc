// DotProduct: see dot_product.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/arrays/dot_product.h"

#include <cmath>

#include "fewbit/sim/model/arithmetic.h"

namespace fewbit::arrays {
namespace {

/// Its finite values in units of 2^lsb_exponent; false where one has more than 62 bits.
bool fill(const Format& format, bool flush, int lsb_exponent, std::vector<std::int64_t>& values,
          std::vector<std::uint8_t>& special) {
  for (std::uint32_t code = 0; code >> format.bits() == 0; ++code) {
    const model::Datum datum = model::decode(format, BigInt(code));
    special.push_back(datum.is_finite() ? 0 : 1);
    const bool is_zero =
        !datum.is_finite() || (flush && datum.cls == model::FloatClass::kSubnormal);
    const BigInt value = is_zero ? BigInt(0) : model::in_units(datum, lsb_exponent);
    if (bit_length(value) > 62) return false;
    values.push_back(value.convert_to<std::int64_t>());
  }
  return true;
}

}  // namespace

std::optional<DotProduct> DotProduct::make(const OperatorSpec& spec) {
  const ExactRange range = exact_range(spec);
  const int bits = std::max(bit_length(range.min), bit_length(range.max)) + 1;
  const Format output = output_format(spec);
  if (spec.expression().kind != Expression::Kind::kLaneSum || spec.accumulates() || bits > 63 ||
      spec.a.bits() > kMostTableBits || spec.b->bits() > kMostTableBits || output.bits() > 64) {
    return {};
  }
  DotProduct dot(spec);
  const int a_lsb = operand_range(spec.a).lsb_exponent;
  const int b_lsb = operand_range(*spec.b).lsb_exponent;
  dot.lsb_exponent_ = a_lsb + b_lsb;
  if (!fill(spec.a, spec.flush_inputs, a_lsb, dot.a_values_, dot.a_special_) ||
      !fill(*spec.b, spec.flush_inputs, b_lsb, dot.b_values_, dot.b_special_)) {
    return {};
  }
  if (spec.result && bits <= 54) {
    dot.rounding_ = Conversion<double>::make(*spec.result, model::projection_of(spec));
  }
  return dot;
}

model::Outputs DotProduct::by_model(const std::uint16_t* a, const std::uint16_t* b,
                                    std::uint64_t random) const {
  model::Operands operands(2);
  for (auto lane = static_cast<std::size_t>(spec_.lanes); lane-- > 0;) {
    operands[0] = operands[0] << spec_.a.bits() | BigInt(a[lane]);
    operands[1] = operands[1] << spec_.b->bits() | BigInt(b[lane]);
  }
  if (spec_.random_bits > 0) operands.emplace_back(random);
  return model_(operands);
}

void DotProduct::run(const std::uint16_t* a, const std::uint16_t* b, const std::uint64_t* random,
                     std::size_t count, std::uint64_t* result, std::uint8_t* flags) const {
  const auto lanes = static_cast<std::size_t>(spec_.lanes);
  const Format output = output_format(spec_);
  const int shift = spec_.result ? 0 : output.as_int().lsb_exponent - lsb_exponent_;
  const std::uint64_t mask = output.bits() == 64 ? ~0ULL : (1ULL << output.bits()) - 1;
  std::optional<std::uint64_t> zero;  // the code of a sum of finite lanes that is zero: the model's
  for (std::size_t n = 0; n < count; ++n, a += lanes, b += lanes) {
    std::int64_t sum = 0;
    unsigned special = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      sum += a_values_[a[lane]] * b_values_[b[lane]];
      special |= a_special_[a[lane]] | b_special_[b[lane]];
    }
    flags[n] = 0;
    if (special == 0 && !spec_.result) {
      result[n] = static_cast<std::uint64_t>(sum >> shift) & mask;
    } else if (special == 0 && sum != 0 && rounding_) {
      const double exact = std::ldexp(static_cast<double>(sum), lsb_exponent_);
      std::uint16_t code = 0;
      rounding_->run(&exact, 1, &code);
      result[n] = code;
    } else if (special == 0 && sum == 0 && zero) {
      result[n] = *zero;
    } else {
      const model::Outputs outputs = by_model(a, b, random == nullptr ? 0 : random[n]);
      flags[n] = static_cast<std::uint8_t>((outputs.nan ? 1 : 0) | (outputs.pinf ? 2 : 0) |
                                           (outputs.ninf ? 4 : 0));
      result[n] = outputs.result_defined ? outputs.result.convert_to<std::uint64_t>() : 0;
      if (special == 0 && sum == 0) zero = result[n];
    }
  }
}

}  // namespace fewbit::arrays
