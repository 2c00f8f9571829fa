// Operators: exact result first, then one rounding where the spec asks for it.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/model/operators.h"

#include "fewbit/sim/model/arithmetic.h"
#include "fewbit/sim/model/reader.h"

namespace fewbit::model {

Reader::Reader(const OperatorSpec& spec, const std::vector<OperandPort>& ports,
               const Operands& operands)
    : spec_(spec), operands_(operands), ports_(ports) {
  FEWBIT_CHECK(operands.size() == ports_.size(), "{} operands for {} ports", operands.size(),
               ports_.size());
}

Datum Reader::decoded(const OperandPort& port, const BigInt& code) const {
  Datum datum = decode(port.format, code);
  if (spec_.flush_inputs && datum.cls == FloatClass::kSubnormal) {
    return make_finite({}, datum.negative);
  }
  return datum;
}

Datum Reader::number() {
  const std::size_t port = next_++;
  return decoded(ports_[port], operands_[port]);
}

std::vector<Datum> Reader::lanes() {
  const std::size_t index = next_++;
  const OperandPort& port = ports_[index];
  std::vector<Datum> lanes;
  for (int lane = 0; lane < port.lanes; ++lane) {
    lanes.push_back(decoded(port, operands_[index] >> (lane * port.format.bits())));
  }
  return lanes;
}

BigInt Reader::random() const { return spec_.random_bits > 0 ? operands_.back() : BigInt(0); }

namespace {

/// The zero of a dot product has no sign of its own: +0, rounded downward -0.
Datum zero_sum(RoundingMode rounding) {
  return make_finite({}, rounding == RoundingMode::kTowardNegative);
}

Datum dot(const OperatorSpec& spec, Reader& reader) {
  const std::vector<Datum> a = reader.lanes();
  const std::vector<Datum> b = reader.lanes();
  std::vector<Datum> products;
  for (std::size_t lane = 0; lane < a.size(); ++lane) {
    products.push_back(multiply(a[lane], b[lane]));
  }
  const Datum total = sum(products, spec.rounding);
  return total.is_zero() ? zero_sum(spec.rounding) : total;
}

Datum scaled_dot(const OperatorSpec& spec, Reader& reader) {
  const Datum total = dot(spec, reader);
  const Datum scale_a = reader.number();
  const Datum scale_b = reader.number();
  const Datum scaled = multiply(total, multiply(scale_a, scale_b));
  return scaled.is_zero() ? zero_sum(spec.rounding) : scaled;
}

Datum requantised(const OperatorSpec& spec, Reader& reader) {
  Datum x = reader.number();
  if (spec.b) x = multiply(x, reader.number());
  const Datum shift = reader.number();
  if (x.is_zero()) return make_finite({}, false);  // integers: +0
  x.value.exponent -= static_cast<int>(shift.value.significand);
  return x;
}

void raise_flags(const Datum& datum, Outputs& outputs) {
  outputs.nan = outputs.nan || datum.is_nan();
  outputs.pinf = outputs.pinf || (datum.is_infinite() && !datum.negative);
  outputs.ninf = outputs.ninf || (datum.is_infinite() && datum.negative);
}

Operands pair_of(const OperatorSpec& spec, const BigInt& a, const BigInt& b) {
  return spec.b ? Operands{a, b} : Operands{a};
}

}  // namespace

Datum exact_result(const OperatorSpec& spec, Reader& reader) {
  switch (spec.kind) {
    case OperatorKind::kMul:
    case OperatorKind::kMac:
    case OperatorKind::kFmac: {
      const Datum a = reader.number();
      return multiply(a, reader.number());
    }
    case OperatorKind::kAdd: {
      const Datum a = reader.number();
      return sum({a, reader.number()}, spec.rounding);
    }
    case OperatorKind::kSub: {
      const Datum a = reader.number();
      return sum({a, negate(reader.number())}, spec.rounding);
    }
    case OperatorKind::kConvert:
    case OperatorKind::kAcc:
    case OperatorKind::kFacc:
      return reader.number();
    case OperatorKind::kFma: {
      const Datum a = reader.number();
      const Datum product = multiply(a, reader.number());
      return sum({product, reader.number()}, spec.rounding);
    }
    case OperatorKind::kDot:
      return dot(spec, reader);
    case OperatorKind::kMxdot:
      return scaled_dot(spec, reader);
    case OperatorKind::kRequant:
      return requantised(spec, reader);
    case OperatorKind::kMxquant:
      break;
  }
  FEWBIT_CHECK(false, "{} has no single exact result", to_string(spec.kind));
}

Function::Function(const OperatorSpec& spec)
    : spec_(spec), ports_(operand_ports(spec)), output_(output_format(spec)) {
  FEWBIT_CHECK(!spec.accumulates(), "{} accumulates", to_string(spec.kind));
}

Outputs Function::operator()(const Operands& operands) const {
  Reader reader(spec_, ports_, operands);
  if (spec_.kind == OperatorKind::kMxquant) return quantise_block(spec_, reader);
  const Datum exact = exact_result(spec_, reader);
  Outputs outputs;
  if (spec_.result) {
    outputs.result = encode(*spec_.result, exact, projection_of(spec_, reader.random()));
    return outputs;
  }
  raise_flags(exact, outputs);
  outputs.result_defined = exact.is_finite();
  if (!outputs.result_defined) return outputs;
  const IntFormat& format = output_.as_int();
  outputs.result = to_bits(in_units(exact, format.lsb_exponent), format.bits);
  return outputs;
}

Outputs evaluate(const OperatorSpec& spec, const Operands& operands) {
  return Function(spec)(operands);
}

Outputs evaluate(const OperatorSpec& spec, const BigInt& a, const BigInt& b) {
  return evaluate(spec, pair_of(spec, a, b));
}

Accumulator::Accumulator(const OperatorSpec& spec) : spec_(spec), ports_(operand_ports(spec)) {
  FEWBIT_CHECK(spec.accumulates(), "{} does not accumulate", to_string(spec.kind));
  if (spec.accumulates_rounded()) return;
  format_ = output_format(spec).as_int();
  min_ = format_.min();
  max_ = format_.max();
}

void Accumulator::reset() {
  sum_ = 0;
  outputs_ = Outputs{};
}

const Outputs& Accumulator::step(bool first, const Operands& operands) {
  if (first) reset();
  Reader reader(spec_, ports_, operands);
  const Datum addend = exact_result(spec_, reader);
  if (spec_.accumulates_rounded()) {
    add_rounded(first, addend, reader.random());
  } else {
    add_exactly(addend);
  }
  return outputs_;
}

const Outputs& Accumulator::step(bool first, const BigInt& a, const BigInt& b) {
  return step(first, pair_of(spec_, a, b));
}

void Accumulator::add_exactly(const Datum& addend) {
  if (!addend.is_finite()) return raise_flags(addend, outputs_);
  sum_ += in_units(addend, format_.lsb_exponent);
  if (sum_ < min_ || sum_ > max_) {
    if (spec_.overflow == OverflowMode::kSaturate) {
      sum_ = sum_ < min_ ? min_ : max_;
    } else {
      sum_ = from_bits(to_bits(sum_, format_.bits), format_.bits, format_.is_signed);
    }
  }
  outputs_.result = to_bits(sum_, format_.bits);
}

void Accumulator::add_rounded(bool first, const Datum& addend, const BigInt& random) {
  const Datum state = decode(*spec_.result, outputs_.result);
  const Datum exact = first ? addend : sum({state, addend}, spec_.rounding);
  outputs_.result = encode(*spec_.result, exact, projection_of(spec_, random));
}

}  // namespace fewbit::model
