// Late table: see late_table.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/product/late_table.h"

#include <fmt/format.h>

#include <bit>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "fewbit/gen/ops/product/significand_product.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

/// The bits of `value` where `mask` has ones, packed.
unsigned gather(unsigned value, unsigned mask) {
  unsigned packed = 0;
  int at = 0;
  for (unsigned rest = mask; rest != 0; rest &= rest - 1) {
    packed |= ((value >> std::countr_zero(rest)) & 1U) << at++;
  }
  return packed;
}

/// The reverse: the low bits of `packed` where `mask` has ones.
unsigned scatter(unsigned packed, unsigned mask) {
  unsigned value = 0;
  for (unsigned rest = mask; rest != 0; rest &= rest - 1) {
    value |= (packed & 1U) << std::countr_zero(rest);
    packed >>= 1;
  }
  return value;
}

/// Result bits as functions of some bits of the index and a code of the others.
struct Group {
  std::vector<int> bits;
  unsigned kept = 0;             ///< bits of the index that cross the stage
  int code_bits = 0;             ///< cells in front of it
  std::vector<unsigned> codes;   ///< by what the other bits of the index are
  std::vector<unsigned> sample;  ///< by code: one of those
  [[nodiscard]] int saved() const { return static_cast<int>(bits.size()) - code_bits; }
};

class Decomposition {
 public:
  Decomposition(int width, int index_bits, const std::function<BigInt(unsigned)>& function)
      : index_bits_(index_bits) {
    FEWBIT_CHECK(index_bits <= 6, "a late table of {} inputs", index_bits);
    for (unsigned i = 0; i < (1U << index_bits); ++i)
      entries_.push_back(to_bits(function(i), width));
  }

  /// The neighbours among `bits` that save most cells; absent where none save any.
  [[nodiscard]] std::optional<Group> best_group(const std::vector<int>& bits, int inputs) const {
    std::optional<Group> best;
    constexpr int kMostCodeBits = 3;
    for (int code_bits = 0; code_bits <= kMostCodeBits; ++code_bits) {
      for (unsigned kept = 0; kept < (1U << index_bits_); ++kept) {
        if (std::popcount(kept) > inputs - code_bits) continue;
        for (std::size_t from = 0; from < bits.size(); ++from) {
          for (std::size_t to = from + 1; to <= bits.size(); ++to) {
            Group group{{bits.begin() + static_cast<std::ptrdiff_t>(from),
                         bits.begin() + static_cast<std::ptrdiff_t>(to)},
                        kept,
                        code_bits,
                        {},
                        {}};
            if (group.saved() <= (best ? best->saved() : 0)) continue;
            if (!make_codes(group)) break;  // nor does it with more bits
            best = group;
          }
        }
      }
    }
    return best;
  }

  [[nodiscard]] unsigned others(const Group& group) const {
    return ((1U << index_bits_) - 1) & ~group.kept;
  }

  /// The group's bits, lowest first, by {code, kept bits of the index}.
  [[nodiscard]] BigInt value(const Group& group, unsigned code_and_kept) const {
    const int kept_bits = std::popcount(group.kept);
    const unsigned code = code_and_kept >> kept_bits;
    if (code >= group.sample.size()) return 0;
    return bits_of(group,
                   scatter(group.sample[code], others(group)) | scatter(code_and_kept, group.kept));
  }

 private:
  [[nodiscard]] unsigned bits_of(const Group& group, unsigned index) const {
    unsigned value = 0;
    for (std::size_t k = 0; k < group.bits.size(); ++k) {
      if (((entries_[index] >> group.bits[k]) & 1) != 0) value |= 1U << k;
    }
    return value;
  }

  /// Numbers what the other bits of the index can make of the group; false where the code is too
  /// short. An index of 0 has code 0.
  bool make_codes(Group& group) const {
    std::map<std::vector<unsigned>, unsigned> numbers;
    for (unsigned other = 0; other < (1U << std::popcount(others(group))); ++other) {
      std::vector<unsigned> outcome;
      for (unsigned kept = 0; kept < (1U << std::popcount(group.kept)); ++kept) {
        outcome.push_back(
            bits_of(group, scatter(other, others(group)) | scatter(kept, group.kept)));
      }
      const auto [at, is_new] =
          numbers.try_emplace(std::move(outcome), static_cast<unsigned>(numbers.size()));
      if (is_new) group.sample.push_back(other);
      if (numbers.size() > (1U << group.code_bits)) return false;
      group.codes.push_back(at->second);
    }
    return true;
  }

  int index_bits_;
  std::vector<BigInt> entries_;
};

/// The bits of x where `mask` has ones.
Signal selected(const Signal& x, unsigned mask) {
  std::vector<Signal> bits = {x.module().constant(0, 0)};
  for (int i = x.width() - 1; i >= 0; --i) {
    if (((mask >> i) & 1U) != 0) bits.push_back(x.bit(i));
  }
  return concat(bits);
}

}  // namespace

Signal late_table(Module& m, const std::string& name, int width, const Signal& index,
                  const std::function<BigInt(unsigned)>& function, const Stage& stage, int inputs,
                  bool many_use_top) {
  const Decomposition table(width, index.width(), function);
  std::vector<int> left;
  for (int bit = 0; bit < width - (many_use_top ? 1 : 0); ++bit) left.push_back(bit);
  std::vector<Group> groups;
  unsigned kept = 0;
  while (const std::optional<Group> group = table.best_group(left, inputs)) {
    groups.push_back(*group);
    kept |= group->kept;
    for (const int bit : group->bits) std::erase(left, bit);
  }
  if (many_use_top) left.push_back(width - 1);

  std::vector<Signal> bits(static_cast<std::size_t>(width));
  if (!left.empty()) {
    const Signal own = stage.cross(
        name + "_held",
        table_of(m, name, {"Early", "bits of the product that cross as they are, by the codes"},
                 static_cast<int>(left.size()), index, [&](unsigned i) {
                   const BigInt entry = to_bits(function(i), width);
                   BigInt value = 0;
                   for (std::size_t k = 0; k < left.size(); ++k) {
                     if (((entry >> left[k]) & 1) != 0) value |= pow2(static_cast<int>(k));
                   }
                   return value;
                 }));
    for (std::size_t k = 0; k < left.size(); ++k) {
      bits[static_cast<std::size_t>(left[k])] = own.bit(static_cast<int>(k));
    }
  }
  const Signal index_held = stage.cross(name + "_index_held", selected(index, kept));
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const Group& group = groups[g];
    const std::string part = fmt::format("{}_part_{}", name, g);
    Signal reads = selected(index_held, gather(group.kept, kept));
    if (group.code_bits > 0) {
      const Signal code =
          table_of(m, part + "_code",
                   {fmt::format("Part{}Code", g),
                    "what bits behind the stage need to know of bits that do not cross"},
                   group.code_bits, selected(index, table.others(group)),
                   [&](unsigned other) { return BigInt(group.codes[other]); });
      reads = concat({stage.cross(part + "_code_held", code), reads});
    }
    const Signal value =
        table_of(m, part, {fmt::format("Part{}Bit", g), "bits of the product, by what has crossed"},
                 static_cast<int>(group.bits.size()), reads,
                 [&](unsigned read) { return table.value(group, read); });
    for (std::size_t k = 0; k < group.bits.size(); ++k) {
      bits[static_cast<std::size_t>(group.bits[k])] = value.bit(static_cast<int>(k));
    }
  }
  std::vector<Signal> from_top(bits.rbegin(), bits.rend());
  return m.net(name + "_late", concat(from_top));
}

}  // namespace fewbit::ops
