// Multiplier blocks: see multiplier_block.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/multiplier_block.h"

#include <fmt/format.h>

#include <algorithm>

#include "fewbit/gen/util/check.h"

namespace fewbit {

bool MultiplierBlock::holds(int a_bits, bool a_signed, int b_bits, bool b_signed) const {
  // Factors of different signedness are multiplied as two's complement.
  const bool is_signed = is_signed_only || a_signed || b_signed;
  const int a = a_bits + (is_signed && !a_signed ? 1 : 0);
  const int b = b_bits + (is_signed && !b_signed ? 1 : 0);
  return std::max(a, b) <= wide_bits && std::min(a, b) <= narrow_bits;
}

const MultiplierBlock& multiplier_block(Fabric fabric) {
  static const MultiplierBlock kIce40 = {"SB_MAC16", 16, 16, false, 11};
  static const MultiplierBlock kEcp5 = {"MULT18X18D", 18, 18, false, 4};
  static const MultiplierBlock kGowin = {"MULT18X18", 18, 18, false, 4};
  static const MultiplierBlock kNexus = {"MULT18X18", 18, 18, false, 4};
  // 7 series; UltraScale+ takes two bits more on the wide side.
  static const MultiplierBlock kXilinx = {"DSP48", 25, 18, true, 9};
  static const MultiplierBlock kAsic = {"standard cells", 0, 0, false, 0};
  switch (fabric) {
    case Fabric::kIce40:
      return kIce40;
    case Fabric::kEcp5:
      return kEcp5;
    case Fabric::kGowin:
      return kGowin;
    case Fabric::kNexus:
      return kNexus;
    case Fabric::kXilinx:
      return kXilinx;
    case Fabric::kAsic:
      return kAsic;
  }
  FEWBIT_CHECK(false, "unknown fabric {}", static_cast<int>(fabric));
}

FactorShape factor_shape(const OperatorSpec& spec, const Format& format) {
  if (format.is_float()) return {format.as_float().fraction_bits + 1, false};
  if (format.is_bipolar()) return {1, false};  // a sign alone
  // What is added to other addends stays in two's complement.
  const bool lanes = spec.expression().find(Expression::Kind::kLaneSum) != nullptr;
  const bool addend = spec.expression().kind == Expression::Kind::kSum;
  const bool magnitude = spec.result && !lanes && !(addend && spec.result->is_int());
  return {format.bits(), format.is_signed() && !magnitude};
}

std::optional<FactorCut> factor_cut(const MultiplierBlock& block, const FactorShape& a,
                                    const FactorShape& b) {
  if (block.holds(a.bits, a.is_signed, b.bits, b.is_signed)) return {};
  const bool is_signed = block.is_signed_only || a.is_signed || b.is_signed;
  const int a_bits = a.bits + (is_signed && !a.is_signed ? 1 : 0);
  const int b_bits = b.bits + (is_signed && !b.is_signed ? 1 : 0);
  const bool is_too_wide = std::max(a_bits, b_bits) > block.wide_bits;
  const bool cuts_a = is_too_wide ? a_bits >= b_bits : a_bits < b_bits;
  const bool low_has_sign = block.is_signed_only || (cuts_a ? b : a).is_signed;
  return FactorCut{cuts_a,
                   (is_too_wide ? block.wide_bits : block.narrow_bits) - (low_has_sign ? 1 : 0)};
}

int blocks_of(const MultiplierBlock& block, const FactorShape& a, const FactorShape& b) {
  const std::optional<FactorCut> cut = factor_cut(block, a, b);
  if (!cut) return 1;
  const FactorShape& whole = cut->cuts_a ? a : b;
  const FactorShape& other = cut->cuts_a ? b : a;
  return blocks_of(block, {cut->low_bits, false}, other) +
         blocks_of(block, {whole.bits - cut->low_bits, whole.is_signed}, other);
}

int packed_field_bits(const FactorShape& a, const FactorShape& b) {
  // Unsigned: the middle field is below 2 (2^a - 1)(2^b - 1). Two's complement: it is within
  // +/-2^(a + b - 1), which takes a bit more than a product.
  return a.bits + b.bits + 1;
}

int packed_factor_bits(int field_bits, const FactorShape& lane) {
  return field_bits + lane.bits + (lane.is_signed ? 1 : 0);
}

bool packs(const MultiplierBlock& block, const FactorShape& a, const FactorShape& b) {
  if (std::min(a.bits, b.bits) < 2) return false;
  const int field = packed_field_bits(a, b);
  return block.holds(packed_factor_bits(field, a), a.is_signed, packed_factor_bits(field, b),
                     b.is_signed);
}

namespace {

/// Two lanes of one output in a block, as packed_products() and packed_sum() have them: products of
/// unsigned significands, or the sum of products of integers.
bool packs_lanes(const OperatorSpec& spec) {
  const FactorShape a = factor_shape(spec, spec.a);
  const FactorShape b = factor_shape(spec, *spec.b);
  const bool are_sums = spec.a.is_int() && spec.b->is_int();
  if (!are_sums && a.is_signed != b.is_signed) return false;
  return spec.lanes > 1 && packs(multiplier_block(spec.fabric), a, b);
}

constexpr int kMostParts = 4;  ///< blocks of one product

constexpr int kPreadderBits = 27;  // of UltraScale+
constexpr int kCascadeNarrowBits = 18;
constexpr int kCascadeBits = 48;
constexpr int kMostInCascade = 4;  // their adders are behind each other
constexpr int kMostOutputs = 8;    // of a block

std::optional<SharedBlock> cascade_of(const OperatorSpec& spec) {
  const int a_top = spec.a.bits() + 1;  // what is below takes 1, or a sign
  const int b_bits = spec.b->bits() + (spec.b->is_signed() ? 0 : 1);
  if (std::min(spec.a.bits(), spec.b->bits()) < 2 || b_bits > kCascadeNarrowBits) return {};
  const ExactRange one =
      exact_range(spec, spec.expression().find(Expression::Kind::kLaneSum)->parts[0]);
  // Whether fields hold the sums of so many products, with room for what is taken.
  const auto holds = [&](int field_bits, int products) {
    const BigInt limit = pow2(field_bits - (one.min < 0 ? 1 : 0)) - 1;
    return one.max * products <= limit && -one.min * products <= limit;
  };
  for (int outputs = std::min(kMostOutputs, spec.outputs); outputs >= 2; --outputs) {
    const int field =
        std::min((kPreadderBits - a_top) / (outputs - 1), (kCascadeBits - 1) / outputs);
    if (holds(field, 1)) {
      int depth = 1;
      while (depth < std::min(kMostInCascade, spec.lanes) && holds(field, depth + 1)) ++depth;
      return SharedBlock{outputs, field, 0, depth};
    }
    if (one.min < 0 && holds(field + 1, 1)) return SharedBlock{outputs, field, 1, 1};
  }
  return {};
}

/// Unsigned significands.
std::optional<SharedBlock> row_of(const OperatorSpec& spec) {
  const MultiplierBlock& block = multiplier_block(spec.fabric);
  const int a = factor_shape(spec, spec.a).bits;
  const int b = factor_shape(spec, *spec.b).bits;
  if (std::min(a, b) < 2) return {};
  const int alone = packs_lanes(spec) ? 2 : 1;
  for (int outputs = std::min(kMostOutputs, spec.outputs); outputs > alone; --outputs) {
    if (block.holds((a + b) * (outputs - 1) + a, false, b, false)) {
      return SharedBlock{outputs, a + b, 0, 1};
    }
  }
  return {};
}

}  // namespace

bool takes_halves(const OperatorSpec& spec) {
  if (spec.fabric != Fabric::kIce40 || spec.dsp != Dsp::kPacked || spec.lanes < 2) return false;
  const FactorShape a = factor_shape(spec, spec.a);
  const FactorShape b = factor_shape(spec, *spec.b);
  return std::min(a.bits, b.bits) >= 2 && std::max(a.bits, b.bits) <= kHalfBits &&
         !packs_lanes(spec);
}

std::optional<SharedBlock> shared_block(const OperatorSpec& spec) {
  if (spec.outputs < 2 || spec.dsp != Dsp::kPacked) return {};
  if (spec.a.is_float() && spec.b->is_float()) return row_of(spec);
  const bool are_integers = spec.a.is_int() && spec.b->is_int();
  return are_integers && spec.fabric == Fabric::kXilinx ? cascade_of(spec) : std::nullopt;
}

Status check_dsp(const OperatorSpec& spec) {
  if (spec.dsp == Dsp::kNone) return Ok{};
  const std::string word(to_string(spec.dsp));
  const auto refused = [&](const std::string& legal, const std::string& why) {
    return Error{"--dsp", word, legal, why};
  };
  if (spec.arch == Architecture::kGeneric) {
    return refused("none", "the generic architecture leaves multipliers to synthesis");
  }
  if (!spec.b) return refused("none", "nothing is multiplied without --b");
  const MultiplierBlock& block = multiplier_block(spec.fabric);
  if (block.wide_bits == 0) return refused("none", block.name + " have no hard multipliers");
  const FactorShape a = factor_shape(spec, spec.a);
  const FactorShape b = factor_shape(spec, *spec.b);
  const std::string factors = fmt::format("{} x {} bits", a.bits, b.bits);
  const int parts = blocks_of(block, a, b);
  if (parts > kMostParts) {
    return refused("none", fmt::format("a significand product of {} takes {} {}, more than {}",
                                       factors, parts, block.name, kMostParts));
  }
  OperatorSpec packed = spec;
  packed.dsp = Dsp::kPacked;
  const bool can_pack = packs_lanes(spec) || takes_halves(packed) || shared_block(packed);
  const bool is_big = a.bits + b.bits >= block.least_product_bits && std::min(a.bits, b.bits) >= 2;
  const std::string legal =
      fmt::format("none{}{}", is_big ? ", one" : "", can_pack ? ", packed" : "");
  if (spec.dsp == Dsp::kPacked && !can_pack) {
    return refused(
        legal,
        spec.lanes == 1
            ? "only the lanes of a dot product share a block"
            : fmt::format("two products of {}{} do not fit into one {}", factors,
                          a.is_signed != b.is_signed ? ", one factor signed and one not," : "",
                          block.name));
  }
  if (spec.dsp == Dsp::kOne && !is_big) {
    return refused(legal,
                   fmt::format("a product of {} is too small: Yosys puts one of at least {} bits, "
                               "no factor below 2, into a {}",
                               factors, block.least_product_bits, block.name));
  }
  return Ok{};
}

}  // namespace fewbit
