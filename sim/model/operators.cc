// Operators: exact result first, then one rounding where the spec asks for it.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/model/operators.h"

#include <optional>

#include "fewbit/sim/model/arithmetic.h"
#include "fewbit/sim/model/reader.h"

namespace fewbit::model {

Reader::Reader(const OperatorSpec& spec, const std::vector<OperandPort>& ports,
               const Operands& operands, int output)
    : spec_(spec), operands_(operands), ports_(ports), output_(output) {
  FEWBIT_CHECK(operands.size() == ports_.size(), "{} operands for {} ports", operands.size(),
               ports_.size());
  port_of_.fill(-1);
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    port_of_[static_cast<std::size_t>(ports_[i].operand)] = static_cast<int>(i);
  }
}

Datum Reader::number(Operand operand, int lane) const {
  const int index = port_of_[static_cast<std::size_t>(operand)];
  FEWBIT_CHECK(index >= 0, "no operand {}", to_string(operand));
  const OperandPort& port = ports_[static_cast<std::size_t>(index)];
  const BigInt& code = operands_[static_cast<std::size_t>(index)];
  const bool in_lanes = port.lanes > 1;
  if (operand == Operand::kA) lane += output_ * spec_.lanes;
  Datum datum = decode(port.format, in_lanes ? BigInt(code >> (lane * port.format.bits())) : code);
  if (spec_.flush_inputs && datum.cls == FloatClass::kSubnormal) {
    return make_finite({}, datum.negative);
  }
  return datum;
}

std::vector<Datum> Reader::lanes(Operand operand) const {
  std::vector<Datum> lanes;
  for (int lane = 0; lane < spec_.lanes; ++lane) lanes.push_back(number(operand, lane));
  return lanes;
}

BigInt Reader::random() const { return spec_.random_bits > 0 ? operands_.back() : BigInt(0); }

namespace {

using Kind = Expression::Kind;

/// The exact value of an expression; of one in a sum over lanes, in this lane.
class Evaluation {
 public:
  Evaluation(const OperatorSpec& spec, const Reader& reader) : spec_(spec), reader_(reader) {}

  [[nodiscard]] Datum of(const Expression& e, int lane = 0) const {
    const auto part = [&](std::size_t i) { return of(e.parts[i], lane); };
    switch (e.kind) {
      case Kind::kOperand:
        return reader_.number(e.operand, lane);
      case Kind::kProduct:
        return product(e, lane);
      case Kind::kSum:
        return sum({part(0), part(1)}, spec_.rounding);
      case Kind::kDifference:
        return sum({part(0), negate(part(1))}, spec_.rounding);
      case Kind::kMaximum:
        return choice(part(0), part(1), true);
      case Kind::kMinimum:
        return choice(part(0), part(1), false);
      case Kind::kLaneSum:
        return lane_sum(e);
      case Kind::kShifted: {
        Datum x = part(0);
        x.value.exponent -= static_cast<int>(part(1).value.significand);
        return x;
      }
      case Kind::kBlock:
      case Kind::kAffine:
        break;
    }
    FEWBIT_CHECK(false, "{} has no single exact result", to_string(spec_.kind));
  }

 private:
  /// Of the factors that the request has.
  [[nodiscard]] Datum product(const Expression& e, int lane) const {
    std::optional<Datum> product;
    for (const Expression& factor : e.parts) {
      if (factor.kind == Kind::kOperand && !reader_.has(factor.operand)) continue;
      const Datum x = of(factor, lane);
      product = product ? multiply(*product, x) : x;
    }
    return product.value();
  }
  [[nodiscard]] Datum lane_sum(const Expression& e) const {
    std::vector<Datum> addends;
    for (int lane = 0; lane < spec_.lanes; ++lane) addends.push_back(of(e.parts[0], lane));
    return sum(addends, spec_.rounding);
  }
  [[nodiscard]] Datum choice(const Datum& x, const Datum& y, bool largest) const {
    if (x.is_nan() || y.is_nan()) {
      if (spec_.nan == NanRule::kPropagate) return make_nan();
      return x.is_nan() ? y : x;
    }
    return is_below(x, y) == largest ? y : x;
  }

  const OperatorSpec& spec_;
  const Reader& reader_;
};

void raise_flags(const Datum& datum, Outputs& outputs) {
  outputs.nan = outputs.nan || datum.is_nan();
  outputs.pinf = outputs.pinf || (datum.is_infinite() && !datum.negative);
  outputs.ninf = outputs.ninf || (datum.is_infinite() && datum.negative);
}

Operands pair_of(const OperatorSpec& spec, const BigInt& a, const BigInt& b) {
  return spec.b ? Operands{a, b} : Operands{a};
}

}  // namespace

Datum exact_result(const OperatorSpec& spec, const Reader& reader) {
  const Datum x = Evaluation(spec, reader).of(spec.expression());
  const ZeroSign sign = spec.info().traits.zero_sign;
  if (!x.is_zero() || sign == ZeroSign::kArithmetic) return x;
  return make_finite({}, sign == ZeroSign::kSum && spec.rounding == RoundingMode::kTowardNegative);
}

Function::Function(const OperatorSpec& spec)
    : spec_(spec), ports_(operand_ports(spec)), output_(output_format(spec)) {
  FEWBIT_CHECK(!spec.accumulates(), "{} accumulates", to_string(spec.kind));
}

Outputs Function::operator()(const Operands& operands) const {
  if (spec_.makes_block()) return quantise_block(spec_, Reader(spec_, ports_, operands));
  if (spec_.makes_steps()) return quantise_in_steps(spec_, Reader(spec_, ports_, operands));
  Outputs all = one(Reader(spec_, ports_, operands));
  for (int output = 1; output < spec_.outputs; ++output) {
    const Outputs next = one(Reader(spec_, ports_, operands, output));
    all.result |= next.result << (output * output_.bits());
    all.result_defined = all.result_defined && next.result_defined;
    all.nan = all.nan || next.nan;
    all.pinf = all.pinf || next.pinf;
    all.ninf = all.ninf || next.ninf;
  }
  return all;
}

Outputs Function::one(const Reader& reader) const {
  const Datum exact = exact_result(spec_, reader);
  Outputs outputs;
  if (spec_.result) {
    Projection projection = projection_of(spec_, reader.random());
    if (spec_.zero_point) {
      projection.offset =
          in_units(reader.number(Operand::kZeroPoint), spec_.result->as_int().lsb_exponent);
    }
    outputs.result = encode(*spec_.result, exact, projection);
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
  reset();
  if (spec.accumulates_rounded()) return;
  format_ = output_format(spec).as_int();
  min_ = format_.min();
  max_ = format_.max();
}

void Accumulator::reset() {
  sums_.assign(static_cast<std::size_t>(spec_.outputs * spec_.interleave), 0);
  turn_ = 0;
  outputs_ = Outputs{};
}

const Outputs& Accumulator::step(bool first, const Operands& operands) {
  if (spec_.accumulates_rounded()) {
    Reader reader(spec_, ports_, operands);
    add_rounded(first, exact_result(spec_, reader), reader.random());
    return outputs_;
  }
  if (first) reset();
  outputs_.result = 0;
  for (int output = spec_.outputs; output-- > 0;) {
    BigInt& sum = sums_[static_cast<std::size_t>(output)];
    add_exactly(exact_result(spec_, Reader(spec_, ports_, operands, output)), sum);
    outputs_.result = (outputs_.result << format_.bits) | to_bits(sum, format_.bits);
  }
  return outputs_;
}

const Outputs& Accumulator::step(bool first, const BigInt& a, const BigInt& b) {
  return step(first, pair_of(spec_, a, b));
}

BigInt addend_units(const OperatorSpec& spec, const Datum& addend) {
  if (!spec.acc_lsb) return in_units(addend, output_format(spec).as_int().lsb_exponent);
  // Wider than any addend, so that it is rounded and never held.
  const IntFormat wide{exact_range(spec).format().bits + 2, true, *spec.acc_lsb};
  const BigInt code = encode(wide, addend, spec.rounding, OverflowMode::kSaturate);
  return from_bits(code, wide.bits, true);
}

void Accumulator::add_exactly(const Datum& addend, BigInt& sum) {
  if (!addend.is_finite()) return raise_flags(addend, outputs_);
  sum += addend_units(spec_, addend);
  if (sum >= min_ && sum <= max_) return;
  if (spec_.overflow == OverflowMode::kSaturate) {
    sum = sum < min_ ? min_ : max_;
  } else {
    sum = from_bits(to_bits(sum, format_.bits), format_.bits, format_.is_signed);
  }
}

void Accumulator::add_rounded(bool first, const Datum& addend, const BigInt& random) {
  BigInt& code = sums_[turn_];
  const Datum exact = first ? addend : sum({decode(*spec_.result, code), addend}, spec_.rounding);
  code = encode(*spec_.result, exact, projection_of(spec_, random));
  outputs_.result = code;
  turn_ = (turn_ + 1) % sums_.size();
}

}  // namespace fewbit::model
