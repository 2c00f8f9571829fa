// Conversion: see conversion.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/arrays/conversion.h"

#include <map>

namespace fewbit::arrays {

/// Reads one table off the model.
template <typename Float>
class Conversion<Float>::Filler {
 public:
  Filler(const Format& format, const model::Projection& projection)
      : format_(format), projection_(projection) {}

  /// False where some sign and exponent has no such steps.
  bool fill(Conversion& conversion) {
    const std::size_t count = std::size_t{1} << (Machine<Float>::kExponentBits + 1);
    for (std::size_t block = 0; block < count; ++block) {
      if (!fill_block(static_cast<Bits>(block) << Machine<Float>::kFractionBits)) return false;
    }
    conversion.steps_ = std::move(steps_);
    conversion.codes_ = std::move(codes_);
    for (const std::uint16_t code : conversion.codes_) {
      const std::optional<Float> value = exact<Float>(model::decode(format_, BigInt(code)));
      if (value) conversion.values_.push_back(*value);
    }
    if (conversion.values_.size() < conversion.codes_.size()) conversion.values_.clear();
    return true;
  }

 private:
  std::uint16_t code_at(Bits bits) const {
    const BigInt code = model::encode(format_, datum_of(std::bit_cast<Float>(bits)), projection_);
    return code.convert_to<std::uint16_t>();
  }

  /// The first fraction above `from` with another code than it; 2^kFractionBits where none has.
  Bits next_change(Bits block, Bits from) const {
    const std::uint16_t code = code_at(block | from);
    if (code_at(block | kFractionMask) == code) return kFractionMask + 1;
    Bits same = from, other = kFractionMask;
    while (other - same > 1) {
      const Bits middle = same + (other - same) / 2;
      (code_at(block | middle) == code ? same : other) = middle;
    }
    return other;
  }

  /// Whether the steps of a block are those of `step`, each compared on both sides; appends the
  /// codes of its steps where they are.
  bool fits(Bits block, Step& step) {
    std::vector<std::uint16_t> codes = {code_at(block)};
    for (Bits number = 0;; ++number) {
      const Bits end = ((number + 1) << step.shift) - step.added[number & 1];
      if (end > kFractionMask) break;
      if (end == 0 || code_at(block | (end - 1)) != codes.back()) return false;
      const std::uint16_t code = code_at(block | end);
      if (code == codes.back()) break;  // no more steps, which the last code shows
      codes.push_back(code);
      if (codes.size() > (std::size_t{1} << kMostTableBits)) return false;
    }
    if (code_at(block | kFractionMask) != codes.back()) return false;
    step.last = static_cast<Bits>(codes.size() - 1);
    // Blocks of one code, of which there are many, share its place.
    if (codes.size() == 1) {
      const auto [place, is_new] =
          constants_.try_emplace(codes[0], static_cast<std::uint32_t>(codes_.size()));
      step.first = place->second;
      if (is_new) codes_.push_back(codes[0]);
      return true;
    }
    step.first = static_cast<std::uint32_t>(codes_.size());
    codes_.insert(codes_.end(), codes.begin(), codes.end());
    return true;
  }

  bool fill_block(Bits block) {
    const Bits first = next_change(block, 0);
    const Bits second = first > kFractionMask ? first : next_change(block, first);
    // The least distance that explains the first two changes and all others.
    for (std::uint32_t shift = 0; shift <= Machine<Float>::kFractionBits; ++shift) {
      const Bits unit = Bits{1} << shift;
      Step step{.shift = shift};
      if (first > kFractionMask) {
        step.shift = Machine<Float>::kFractionBits;
      } else if (second > kFractionMask) {  // one change, wherever it is
        step.shift = Machine<Float>::kFractionBits;
        step.added[0] = step.added[1] = kFractionMask + 1 - first;
      } else if (unit < first || 2 * unit < second) {
        continue;
      } else {
        step.added[0] = unit - first;
        step.added[1] = 2 * unit - second;
        if (step.added[0] > unit || step.added[1] > unit) return false;
      }
      if (fits(block, step)) {
        steps_.push_back(step);
        return true;
      }
      if (step.shift == Machine<Float>::kFractionBits) return false;
    }
    return false;
  }

  const Format& format_;
  const model::Projection& projection_;
  std::vector<Step> steps_;
  std::vector<std::uint16_t> codes_;
  std::map<std::uint16_t, std::uint32_t> constants_;
};

template <typename Float>
std::optional<Conversion<Float>> Conversion<Float>::make(const Format& format,
                                                         const model::Projection& projection) {
  if (format.bits() > kMostTableBits || is_stochastic(projection.rounding) ||
      projection.overflow == OverflowMode::kWrap || format.is_bipolar()) {
    return {};
  }
  Conversion conversion;
  if (!Filler(format, projection).fill(conversion)) return {};
  return conversion;
}

template class Conversion<float>;
template class Conversion<double>;

}  // namespace fewbit::arrays
