// Dot product: the products of all lanes in one sum, rounded, exact, or accumulated.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "fewbit/gen/ops/operators.h"
#include "fewbit/gen/ops/product/block_product.h"
#include "fewbit/gen/ops/product/significand_product.h"
#include "fewbit/gen/ops/shared_blocks.h"
#include "fewbit/gen/ops/sum/lane_sums.h"
#include "fewbit/gen/ops/sum/rounded_addend.h"
#include "fewbit/gen/spec/strategy.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::ProbeRole;
using rtl::Signal;

namespace {

/// What is left of the carries, once the adders of the tree have taken theirs.
Signal with_carries(Module& m, Signal sum, const std::vector<Signal>& carries) {
  for (const Signal& carry : carries) {
    sum = m.net("sum_complete", add_with_carry(sum, m.constant(sum.width(), 0), carry));
  }
  return sum;
}

/// Lanes whose products share one running sum of rows; 1 where each has its own product.
int lanes_a_sum(const OperatorSpec& spec) {
  const FabricTraits& traits = fabric_traits(spec.fabric);
  if (!spec.a.is_int() || !spec.b->is_int() || spec.dsp == Dsp::kOne) return 1;
  if (spec.dsp == Dsp::kPacked) return takes_halves(spec) ? 1 : 2;
  const int many = traits.lanes_a_sum;
  switch (choose_strategy(spec)) {
    case Strategy::kConditionalRows:
    case Strategy::kBoothRows:
      return many;
    case Strategy::kExactFirst:
      break;
    default:
      return 1;
  }
  const int narrow = std::min(spec.a.bits(), spec.b->bits());
  if (narrow < 2 || spec.a.bits() + spec.b->bits() <= lut_inputs(spec.fabric)) return 1;
  const bool is_signed = spec.a.is_signed() || spec.b->is_signed();
  if (!is_signed && (!traits.unsigned_lanes_share || spec.a.bits() + spec.b->bits() <= 6)) return 1;
  return many;
}

std::pair<Factor, Factor> factors_of(const LaneOperands& lane) {
  return {{lane.a.significand, lane.a.significand_is_signed},
          {lane.b.significand, lane.b.significand_is_signed}};
}

LaneOperands unpack_lane(Module& m, const OperatorSpec& spec, const Interface& io, int output,
                         int k) {
  m.section("Unpack");
  LaneOperands lane;
  lane.a_code = m.net("a", io.lane("a_i", output * spec.lanes + k));
  lane.b_code = m.net("b", io.lane("b_i", k));
  lane.a = unpack(m, spec.a, lane.a_code, "a", spec.flush_inputs);
  lane.b = unpack(m, *spec.b, lane.b_code, "b", spec.flush_inputs);
  return lane;
}

/// The sum of one lane's product, or of two in one block; its carry goes into `carries`.
Signal block_sum(Module& m, const std::string& name,
                 const std::vector<std::pair<Factor, Factor>>& factors, Fabric fabric,
                 std::vector<Signal>& carries) {
  if (factors.size() == 1) {
    return m.net(name, multiply(m, factors[0].first, factors[0].second, fabric, false).bits);
  }
  const Product sum = packed_sum(m, name, factors[0], factors[1]);
  if (!is_zero_constant(sum.carry)) carries.push_back(sum.carry);
  return sum.bits;
}

}  // namespace

namespace {

/// The sum of bipolar products, XNOR and popcount: of k lanes with c equal codes each it is 2c - k.
/// Tables count the equals of as many lanes as a cell has inputs for, and halve: what is left of
/// odd k, +1 and -1 by turns, is the lowest bit of the sum.
Signal count_of_equals(Module& m, const OperatorSpec& spec, const std::vector<LaneOperands>& lanes,
                       int width) {
  const int group = lut_inputs(spec.fabric) / 2;
  std::vector<Term> terms;
  bool is_odd = false;
  for (int k = 0; k < spec.lanes; k += group) {
    const int count = std::min(group, spec.lanes - k);
    m.section(fmt::format("Equal codes of lanes {} to {}", k, k + count - 1));
    std::vector<Signal> codes;  // from the top
    for (int i = count - 1; i >= 0; --i) {
      const LaneOperands& lane = lanes[static_cast<std::size_t>(k + i)];
      codes.push_back(lane.a_code);
      codes.push_back(lane.b_code);
    }
    const int less = count / 2 + (count % 2 != 0 && !is_odd ? 1 : 0);
    if (count % 2 != 0) is_odd = !is_odd;
    const BigInt min = -less, max = count - less;
    const Signal bits =
        table_of(m, fmt::format("lanes_{}", k),
                 {fmt::format("EqualCodes{}", count),
                  fmt::format("How many of {} products are 1, less {}", count, less)},
                 width_of_range(min, max), concat(codes), [&](unsigned index) {
                   int equals = -less;
                   for (int i = 0; i < count; ++i, index >>= 2) {
                     equals += (index & 1) == (index >> 1 & 1) ? 1 : 0;
                   }
                   return BigInt(equals);
                 });
    m.mark(ProbeRole::kSharedTerm, bits, k);
    terms.push_back({bits, min, max});
  }
  m.section("Exact sum of all lanes");
  std::vector<Signal> carries;
  const Term half = tree_sum(m, "sum", terms, carries, width - 1);
  return concat({half.extended(width - 1), m.constant(1, is_odd ? 1 : 0)});
}

}  // namespace

namespace {

/// Whether lanes are instances of one module: where they are alike, and no register has to go into
/// them.
bool has_lane_module(const OperatorSpec& spec) {
  const bool bipolar = spec.a.is_bipolar() && spec.b->is_bipolar();
  return fabric_traits(spec.fabric).lane_modules && spec.lanes > 1 && lanes_a_sum(spec) == 1 &&
         spec.dsp == Dsp::kNone && !bipolar && spec.latency() <= spec.usual_latency();
}

/// What a lane adds, and what is special about it.
struct LaneParts {
  Signal term, carry;
  SpecialResult flags;
};

/// The module of a lane: a_i, b_i, and what LaneParts has, as far as it is not always 0.
std::shared_ptr<Module> lane_module(const OperatorSpec& spec, const IntFormat& sum) {
  auto lane = std::make_shared<Module>(spec.module_name() + "_lane");
  Module& m = *lane;
  m.header(lane->name() + " - one lane of " + spec.module_name());
  m.header("");
  m.header(fmt::format("  a_i * b_i = (term_o + carry_o) * 2^{}, term_o in two's complement",
                       sum.lsb_exponent));
  const Signal a_code = m.input("a_i", spec.a.bits());
  const Signal b_code = m.input("b_i", spec.b->bits());
  m.section("Unpack");
  const Unpacked a = unpack(m, spec.a, a_code, "a", spec.flush_inputs);
  const Unpacked b = unpack(m, *spec.b, b_code, "b", spec.flush_inputs);
  const SpecialResult flags = product_specials(m, a, b).flags();
  m.section("Product");
  const Addend product = product_addend(m, spec, a_code, b_code, a, b, {}, sum.bits);
  m.output("term_o", m.net("term", product.extended(sum.bits)));
  for (const auto& [name, value] :
       {std::pair{"carry_o", product.carry}, std::pair{"nan_o", flags.nan},
        std::pair{"pinf_o", flags.pinf}, std::pair{"ninf_o", flags.ninf}}) {
    if (!is_zero_constant(value)) m.output(name, value);
  }
  return lane;
}

LaneParts instance_of(Module& m, const std::shared_ptr<Module>& lane, const Interface& io,
                      int lanes_before, int k) {
  const rtl::InstanceOutputs outputs =
      m.instance(lane, fmt::format("u_lane_{}", k),
                 {{"a_i", io.lane("a_i", lanes_before + k)}, {"b_i", io.lane("b_i", k)}});
  const auto part = [&](const char* name) {
    return outputs.has(name) ? outputs[name] : m.constant(1, 0);
  };
  const LaneParts parts{
      part("term_o"), part("carry_o"), {part("nan_o"), part("pinf_o"), part("ninf_o")}};
  m.mark(ProbeRole::kTerm, parts.term, k);
  m.mark(ProbeRole::kTermCarry, parts.carry, k);
  return parts;
}

/// The terms of all lanes of an output, and the bits that are added with them.
class LaneTerms {
 public:
  LaneTerms(Module& m, const OperatorSpec& spec, const Interface& io, int output = 0)
      : m_(m),
        spec_(spec),
        io_(io),
        output_(output),
        format_(exact_range(spec, dot()).format()),
        one_(exact_range(spec, dot().parts[0])),
        nan_(m.constant(1, 0)),
        plus_(nan_),
        minus_(nan_) {}

  /// Before sum(), or in it.
  void unpack_all() {
    for (int k = static_cast<int>(lanes_.size()); k < spec_.lanes; ++k) unpack_one(k);
  }
  [[nodiscard]] const std::vector<LaneOperands>& operands() const { return lanes_; }

  /// Before sum(): blocks that several outputs share have made the product of each lane,
  void take_products(std::vector<Signal> products) { products_ = std::move(products); }
  /// or terms of several lanes each.
  void take_terms(const std::vector<FieldTerm>& terms) {
    for (const FieldTerm& term : terms) {
      terms_.push_back({term.bits, term.min, term.max});
      if (!is_zero_constant(term.carry)) carries_.push_back(term.carry);
    }
  }

  LaneSum sum() {
    const Signal sum = m_.net("lanes_sum", added());
    const Signal any_plus = m_.net("any_plus_infinity", plus_);
    const Signal any_minus = m_.net("any_minus_infinity", minus_);
    const Signal any_nan = m_.net("lanes_nan", nan_ | (any_plus & any_minus));
    return {sum,
            format_.is_signed,
            format_.lsb_exponent,
            left_.valid() ? left_ : m_.constant(1, 0),
            {any_nan, m_.net("lanes_infinite", (any_plus | any_minus) & ~any_nan), any_minus}};
  }

 private:
  [[nodiscard]] const Expression& dot() const {
    return *spec_.expression().find(Expression::Kind::kLaneSum);
  }

  Signal added() {
    if (!terms_.empty()) return added_terms();
    if (has_lane_module(spec_)) {
      make_instances();
    } else {
      unpack_all();
      if (spec_.a.is_bipolar() && spec_.b->is_bipolar()) {
        return count_of_equals(m_, spec_, lanes_, format_.bits);
      }
      if (sums_conditionally(spec_, lanes_)) {
        return conditional_lane_sum(m_, spec_, lanes_, format_.bits);
      }
      const int group = lanes_a_sum(spec_);
      if (group > 1) make_shared_sums(group);
      for (int k = 0; group == 1 && k < spec_.lanes; ++k) make_term(k);
    }
    return added_terms();
  }

  Signal added_terms() {
    m_.section("Exact sum of all lanes");
    const Signal sum = tree_sum(m_, "sum", terms_, carries_, format_.bits).extended(format_.bits);
    // The accumulator's adder takes one that is left.
    if (spec_.outputs > 1 && spec_.accumulates() && !carries_.empty()) {
      left_ = carries_.back();
      carries_.pop_back();
    }
    return with_carries(m_, sum, carries_);
  }

  void add_flags(const SpecialResult& flags) {
    nan_ = nan_ | flags.nan;
    plus_ = plus_ | flags.pinf;
    minus_ = minus_ | flags.ninf;
  }

  void make_instances() {
    m_.section("Lanes");
    const std::shared_ptr<Module> lane = lane_module(spec_, format_);
    for (int k = 0; k < spec_.lanes; ++k) {
      const LaneParts parts = instance_of(m_, lane, io_, output_ * spec_.lanes, k);
      terms_.push_back({parts.term, format_.min(), format_.max()});
      if (!is_zero_constant(parts.carry)) carries_.push_back(parts.carry);
      add_flags(parts.flags);
    }
  }

  void unpack_one(int k) {
    const LaneScope scope(m_, spec_.lanes, k);
    lanes_.push_back(unpack_lane(m_, spec_, io_, output_, k));
    add_flags(product_specials(m_, lanes_.back().a, lanes_.back().b).flags());
  }

  /// The product that a block has made of this lane, with that of the next one; else invalid.
  Signal made_by_block(int k) {
    if (!products_.empty()) return products_[static_cast<std::size_t>(k)];
    Signal product = std::exchange(made_, {});
    if (spec_.dsp == Dsp::kPacked && !product.valid() && k + 1 < spec_.lanes) {
      m_.section(fmt::format("Products of lanes {} and {} in one multiplier block", k, k + 1));
      const std::string name = fmt::format("lanes_{}", k);
      const auto low = factors_of(lane(k)), high = factors_of(lane(k + 1));
      std::tie(product, made_) = takes_halves(spec_)
                                     ? products_in_halves(m_, name, low, high)
                                     : packed_products(m_, name, low, high, spec_.fabric);
    }
    return product;
  }

  void make_term(int k) {
    const FabricTraits& traits = fabric_traits(spec_.fabric);
    const Signal made = made_by_block(k);
    const LaneScope scope(m_, spec_.lanes, k);
    m_.section("Product");
    // The tree has an adder less than lanes, so that it leaves no carry-in for the last lane. Where
    // the sign shares the adder's cells, that is worth more than a carry-in.
    const Stage stage{.is_last = k == spec_.lanes - 1 && !traits.table_before_carry};
    const Addend product = product_addend(m_, spec_, lane(k).a_code, lane(k).b_code, lane(k).a,
                                          lane(k).b, stage, format_.bits, made);
    // Each term is as wide as its own range, or all are of one width, which may map better. A
    // negative product is in one's complement: one less.
    Term term{{}, format_.min(), format_.max()};
    if (traits.narrow_terms) {
      term = {{}, one_.min - (is_zero_constant(product.carry) ? 0 : 1), one_.max};
    }
    const int width = std::min(width_of_range(term.min, term.max), format_.bits);
    term.bits = m_.net("term", product.extended(width));
    terms_.push_back(term);
    const Signal carry = m_.net("term_carry", product.carry);
    if (!is_zero_constant(carry)) carries_.push_back(carry);
    m_.mark(ProbeRole::kTerm, term.bits, k);
    m_.mark(ProbeRole::kTermCarry, carry, k);
  }

  /// Terms of `group` lanes each.
  void make_shared_sums(int group) {
    const bool packs = spec_.dsp == Dsp::kPacked;
    for (int k = 0; k < spec_.lanes; k += group) {
      const int end = std::min(k + group, spec_.lanes);
      m_.section(fmt::format("Products of lanes {} to {} in one {}", k, end - 1,
                             packs ? "multiplier block" : "running sum"));
      BigInt min = one_.min * (end - k);
      const BigInt max = one_.max * (end - k);
      std::vector<std::pair<Factor, Factor>> factors;
      for (int i = k; i < end; ++i) factors.push_back(factors_of(lane(i)));
      const std::string name = fmt::format("lanes_{}", k);
      if (packs && min < 0) min -= 1;  // less the carry
      const Signal term =
          packs ? block_sum(m_, name, factors, spec_.fabric, carries_)
                : sum_of_products(m_, name, factors, min, max, spec_.fabric, rows_of(spec_));
      m_.mark(ProbeRole::kSharedTerm, term, k);
      terms_.push_back({term, min, max});
    }
  }

  [[nodiscard]] const LaneOperands& lane(int k) const {
    return lanes_[static_cast<std::size_t>(k)];
  }

  Module& m_;
  const OperatorSpec& spec_;
  const Interface& io_;
  int output_;
  IntFormat format_;  // of the sum
  ExactRange one_;    // of a lane
  std::vector<LaneOperands> lanes_;
  std::vector<Term> terms_;
  std::vector<Signal> carries_;
  Signal nan_, plus_, minus_;
  Signal made_;                   // of the upper lane in the last block
  std::vector<Signal> products_;  // of all lanes, from shared blocks
  Signal left_;                   // a carry for the accumulator
};

}  // namespace

LaneSum sum_of_lanes(Module& m, const OperatorSpec& spec, const Interface& io) {
  return LaneTerms(m, spec, io).sum();
}

namespace {

/// Has blocks make what they make for several outputs.
void share_blocks(Module& m, const OperatorSpec& spec, const SharedBlock& block,
                  std::vector<LaneTerms>& outputs) {
  SharedFactors factors;
  for (int p = 0; p < spec.outputs; ++p) {
    const OutputScope scope(m, spec.outputs, p);
    LaneTerms& output = outputs[static_cast<std::size_t>(p)];
    output.unpack_all();
    std::vector<Factor> a;
    for (const LaneOperands& lane : output.operands()) a.push_back(factors_of(lane).first);
    factors.a.push_back(a);
  }
  for (const LaneOperands& lane : outputs[0].operands()) {
    factors.b.push_back(factors_of(lane).second);
  }
  if (spec.a.is_int()) {
    const auto terms = cascaded_terms(m, spec, block, factors);
    for (std::size_t p = 0; p < terms.size(); ++p) outputs[p].take_terms(terms[p]);
  } else {
    const auto products = row_products(m, spec, block, factors);
    for (std::size_t p = 0; p < products.size(); ++p) outputs[p].take_products(products[p]);
  }
}

/// From the exact sum of an output's lanes to its result.
Results finished(Module& m, const OperatorSpec& spec, const Interface& io, const LaneSum& lanes) {
  Results results;
  if (spec.accumulates()) {
    Control control = io.control();
    control.boundary = std::make_shared<Control::Boundary>();
    Signal special;
    if (special_flags(spec).any()) {
      special = m.net("is_special", lanes.specials.nan | lanes.specials.infinite);
    }
    const Signal zero = m.constant(1, 0);
    if (spec.acc_lsb) {
      const Addend exact{lanes.sum, lanes.is_signed ? lanes.sum.top() : zero, lanes.carry,
                         lanes.lsb_exponent};
      return accumulate(m, spec, control, rounded_addend(m, spec, control, special, exact),
                        lanes.specials.flags());
    }
    const Stage stage = control.stage(special);
    const Signal held = stage.cross("lanes_sum_held", lanes.sum);
    const Signal carry =
        is_zero_constant(lanes.carry) ? zero : stage.cross("lanes_carry_held", lanes.carry);
    const Addend addend{held, lanes.is_signed ? held.top() : zero, carry, lanes.lsb_exponent};
    return accumulate(m, spec, control, addend, lanes.specials.flags());
  }
  if (!spec.result) {
    results.result = lanes.sum;
    results.flags = lanes.specials.flags();
    return results;
  }
  m.section("Sign and magnitude");
  SignMagnitude value = sign_and_magnitude(m, lanes.sum, lanes.is_signed, lanes.lsb_exponent);
  if (spec.has_addend()) return lanes_and_addend(m, spec, io, {value, lanes.specials});
  // An exact zero is +0, rounded downward -0.
  Signal sign = value.negative;
  if (spec.rounding == RoundingMode::kTowardNegative) sign = sign | ~reduce_or(lanes.sum);
  value.negative =
      m.net("result_negative", mux(lanes.specials.infinite, lanes.specials.negative, sign));
  results.result = m.net(
      "result",
      round_and_pack(m, spec, {value, lanes.specials.nan, lanes.specials.infinite}, io.random()));
  return results;
}

}  // namespace

Results build_dot(Module& m, const OperatorSpec& spec, const Interface& io) {
  std::vector<LaneTerms> outputs;
  for (int p = 0; p < spec.outputs; ++p) outputs.emplace_back(m, spec, io, p);
  if (const auto block = shared_block(spec)) share_blocks(m, spec, *block, outputs);
  std::vector<Results> results;
  for (int p = 0; p < spec.outputs; ++p) {
    const OutputScope scope(m, spec.outputs, p);
    results.push_back(finished(m, spec, io, outputs[static_cast<std::size_t>(p)].sum()));
  }
  return together(results);
}

}  // namespace fewbit::ops
