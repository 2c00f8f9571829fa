// Shared blocks: see shared_blocks.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/shared_blocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "fewbit/gen/ops/fabric/fabric_traits.h"
#include "fewbit/gen/ops/fabric/stage.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::embedded {
const std::vector<TextFile>& rtl_templates();
}

namespace fewbit::ops {

using rtl::concat;
using rtl::Module;
using rtl::Signal;

namespace {

constexpr int kWide = 27;    // of a DSP48E2: A, D and their difference
constexpr int kNarrow = 18;  // B
constexpr int kSum = 48;     // P

/// A module that is printed as the template of its name.
std::shared_ptr<Module> primitive(const std::string& name) {
  auto module = std::make_shared<Module>(name);
  for (const TextFile& file : embedded::rtl_templates()) {
    if (file.name == name + ".sv") module->printed_as({file});
  }
  FEWBIT_CHECK(!module->printed_files().empty(), "no template {}", name);
  return module;
}

Signal part(const Signal& all, int k, int width) {
  return all.slice((k + 1) * width - 1, k * width);
}

/// What `count` blocks of a cascade do: p_o = sum of (plus_i[k] - minus_i[k]) x_i[k].
std::shared_ptr<Module> cascade(int count) {
  std::shared_ptr<Module> module = primitive("fewbit_dsp48e2_cascade");
  Module& m = *module;
  m.parameter({"Count", count, "Blocks in the cascade", 1, 64});
  const Signal plus = m.input("plus_i", count * kWide);
  const Signal minus = m.input("minus_i", count * kWide);
  const Signal x = m.input("x_i", count * kNarrow);
  Signal sum;
  for (int k = 0; k < count; ++k) {
    const Signal factor =
        m.net(fmt::format("factor_{}", k), part(plus, k, kWide) - part(minus, k, kWide));
    const Signal made =
        m.net(fmt::format("product_{}", k), product(factor, true, part(x, k, kNarrow), true));
    const Signal wide = sign_extend(made, kSum);
    sum = m.net(fmt::format("sum_{}", k), k == 0 ? wide : sum + wide);
  }
  m.output("p_o", sum);
  return module;
}

/// What an SB_MAC16 does in its 8 x 8 mode.
std::shared_ptr<Module> halves(bool a_signed, bool b_signed) {
  std::shared_ptr<Module> module = primitive("fewbit_sb_mac16_pair");
  Module& m = *module;
  m.parameter({"ASigned", a_signed ? 1 : 0, "1: a_i is in two's complement", 0, 1});
  m.parameter({"BSigned", b_signed ? 1 : 0, "1: b_i is in two's complement", 0, 1});
  const Signal a = m.input("a_i", 2 * kHalfBits);
  const Signal b = m.input("b_i", 2 * kHalfBits);
  std::vector<Signal> products;  // from the top
  for (int k = 1; k >= 0; --k) {
    products.push_back(
        m.net(fmt::format("product_{}", k),
              product(part(a, k, kHalfBits), a_signed, part(b, k, kHalfBits), b_signed)));
  }
  m.output("p_o", concat(products));
  return module;
}

/// A number of outputs and of lanes, a block each, from the first ones on.
struct Tile {
  int output, outputs;
  int lane, lanes;
};

class Cascades {
 public:
  Cascades(Module& m, const OperatorSpec& spec, const SharedBlock& block,
           const SharedFactors& factors)
      : m_(m),
        spec_(spec),
        block_(block),
        factors_(factors),
        one_(exact_range(spec, spec.expression().find(Expression::Kind::kLaneSum)->parts[0])),
        terms_(factors.a.size()) {}

  std::vector<std::vector<FieldTerm>> terms() {
    for (int output = 0; output < spec_.outputs; output += block_.outputs) {
      for (int lane = 0; lane < spec_.lanes; lane += block_.depth) {
        add_tile({output, std::min(block_.outputs, spec_.outputs - output), lane,
                  std::min(block_.depth, spec_.lanes - lane)});
      }
    }
    return std::move(terms_);
  }

 private:
  [[nodiscard]] const Factor& a(const Tile& tile, int p, int k) const {
    return factors_
        .a[static_cast<std::size_t>(tile.output + p)][static_cast<std::size_t>(tile.lane + k)];
  }
  [[nodiscard]] const Factor& b(const Tile& tile, int k) const {
    return factors_.b[static_cast<std::size_t>(tile.lane + k)];
  }

  /// The numbers of a lane without their signs, or the signs alone: numbers are the differences.
  [[nodiscard]] Signal numbers(const Tile& tile, int k, bool signs) const {
    Signal all = m_.constant(0, 0);
    for (int p = 0; p < tile.outputs; ++p) {
      const Factor& x = a(tile, p, k);
      const int digits = x.bits.width() - (x.is_signed ? 1 : 0);
      const Signal sign = x.is_signed ? x.bits.top() : m_.constant(1, 0);
      const Signal own = signs ? concat({sign, m_.constant(digits, 0)}) : x.bits.low(digits);
      all = concat({own, zero_extend(all, p * block_.field_bits)});
    }
    return zero_extend(all, kWide);
  }

  void add_tile(const Tile& tile) {
    const std::string name = fmt::format("fields_{}_{}", tile.output, tile.lane);
    m_.section(fmt::format("Outputs {} to {}, lanes {} to {}: a multiplier block for each lane",
                           tile.output, tile.output + tile.outputs - 1, tile.lane,
                           tile.lane + tile.lanes - 1));
    std::vector<Signal> plus, minus, x;  // from the top
    for (int k = tile.lanes; k-- > 0;) {
      plus.push_back(numbers(tile, k, false));
      minus.push_back(numbers(tile, k, true));
      x.push_back(extend(b(tile, k).bits, kNarrow, b(tile, k).is_signed));
    }
    const Signal fields =
        m_.instance(cascade(tile.lanes), "u_" + name,
                    {{"plus_i", m_.net(name + "_plus", concat(plus))},
                     {"minus_i", m_.net(name + "_minus", concat(minus))},
                     {"x_i", m_.net(name + "_x", concat(x))}},
                    {{.name = "Count", .value = tile.lanes}}, {{"p_o", name}})["p_o"];
    Signal carry = m_.constant(1, 0);
    for (int p = 0; p < tile.outputs; ++p) carry = add_field(tile, p, fields, carry);
  }

  /// The term that output p has here; what it takes from the next one.
  Signal add_field(const Tile& tile, int p, const Signal& fields, const Signal& carry) {
    const std::string name = fmt::format("output_{}_lanes_{}", tile.output + p, tile.lane);
    FieldTerm term;
    term.carry = carry;
    term.min = one_.min * tile.lanes - (is_zero_constant(carry) ? 0 : 1);
    term.max = one_.max * tile.lanes;
    const int width = width_of_range(term.min, term.max);
    const int low = p * block_.field_bits;
    const bool is_last = p + 1 == tile.outputs;
    if (block_.overlap == 0 || is_last) {
      term.bits = m_.net(name, fields.slice(low + width - 1, low));
    } else {
      // The bit above the field is this one's top bit and the next product's lowest together.
      const int top = low + block_.field_bits;
      const Signal next = a(tile, p + 1, 0).bits.bit(0) & b(tile, 0).bits.bit(0);
      term.bits = m_.net(name, concat({fields.bit(top) ^ next, fields.slice(top - 1, low)}));
    }
    terms_[static_cast<std::size_t>(tile.output + p)].push_back(term);
    const bool takes = one_.min < 0 && !is_last;
    return takes ? m_.net(name + "_taken", term.bits.top()) : m_.constant(1, 0);
  }

  Module& m_;
  const OperatorSpec& spec_;
  const SharedBlock& block_;
  const SharedFactors& factors_;
  ExactRange one_;  // of a product
  std::vector<std::vector<FieldTerm>> terms_;
};

}  // namespace

std::vector<std::vector<FieldTerm>> cascaded_terms(Module& m, const OperatorSpec& spec,
                                                   const SharedBlock& block,
                                                   const SharedFactors& factors) {
  return Cascades(m, spec, block, factors).terms();
}

std::vector<std::vector<Signal>> row_products(Module& m, const OperatorSpec& spec,
                                              const SharedBlock& block,
                                              const SharedFactors& factors) {
  std::vector<std::vector<Signal>> products(factors.a.size());
  for (int k = 0; k < spec.lanes; ++k) {
    const Signal b = factors.b[static_cast<std::size_t>(k)].bits;
    for (int first = 0; first < spec.outputs; first += block.outputs) {
      const int end = std::min(first + block.outputs, spec.outputs);
      m.section(fmt::format("Products of outputs {} to {} in lane {} in one multiplier block",
                            first, end - 1, k));
      const auto a = [&](int p) {
        return factors.a[static_cast<std::size_t>(p)][static_cast<std::size_t>(k)].bits;
      };
      Signal row = m.constant(0, 0);
      for (int p = first; p < end; ++p) {
        row = concat({a(p), zero_extend(row, (p - first) * block.field_bits)});
      }
      const std::string name = fmt::format("lane_{}_outputs_{}", k, first);
      const Signal fields = m.net(name + "_fields", product(m.net(name, row), false, b, false));
      for (int p = first; p < end; ++p) {
        Signal own = part(fields, p - first, block.field_bits);
        // As in packed_products().
        if (p == first && fabric_traits(spec.fabric).lowest_bit_by_gate) {
          own = concat({own.without_low(1), a(p).bit(0) & b.bit(0)});
        }
        products[static_cast<std::size_t>(p)].push_back(
            m.net(fmt::format("lane_{}_output_{}", k, p), own));
      }
    }
  }
  return products;
}

std::pair<Signal, Signal> products_in_halves(Module& m, const std::string& name,
                                             const std::pair<Factor, Factor>& low,
                                             const std::pair<Factor, Factor>& high) {
  const auto both = [](const Factor& x, const Factor& y) {
    return concat({extend(y.bits, kHalfBits, y.is_signed), extend(x.bits, kHalfBits, x.is_signed)});
  };
  const bool a_signed = low.first.is_signed;
  const bool b_signed = low.second.is_signed;
  const Signal products = m.instance(halves(a_signed, b_signed), "u_" + name,
                                     {{"a_i", m.net(name + "_a", both(low.first, high.first))},
                                      {"b_i", m.net(name + "_b", both(low.second, high.second))}},
                                     {{.name = "ASigned", .value = a_signed ? 1 : 0},
                                      {.name = "BSigned", .value = b_signed ? 1 : 0}},
                                     {{"p_o", name}})["p_o"];
  const int bits = low.first.bits.width() + low.second.bits.width();
  return {m.net(name + "_low", products.low(bits)),
          m.net(name + "_high", products.slice(2 * kHalfBits + bits - 1, 2 * kHalfBits))};
}

}  // namespace fewbit::ops
