// Models of layers behind streams: see layer.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/model/blocks/layer.h"

#include <algorithm>

#include "fewbit/gen/spec/layer_spec.h"
#include "fewbit/gen/util/check.h"
#include "fewbit/sim/model/blocks/join.h"
#include "fewbit/sim/model/blocks/matvec.h"
#include "fewbit/sim/model/blocks/pool.h"
#include "fewbit/sim/model/blocks/requantizer.h"
#include "fewbit/sim/model/blocks/thresholds.h"
#include "fewbit/sim/model/blocks/window.h"

namespace fewbit::model {
namespace {

std::vector<Code> codes_of(const std::vector<BigInt>& values, std::size_t count) {
  std::vector<Code> codes;
  for (std::size_t k = 0; k < count; ++k) codes.push_back(values[k].convert_to<Code>());
  return codes;
}

std::vector<BigInt> numbers_of(const std::vector<Code>& codes) {
  return {codes.begin(), codes.end()};
}

/// Codes of an integer format as the integers that they are.
std::vector<BigInt> integers_of(const std::vector<BigInt>& codes, std::size_t count,
                                const Format& format) {
  std::vector<BigInt> integers;
  for (std::size_t k = 0; k < count; ++k) {
    integers.push_back(from_bits(codes[k], format.bits(), format.is_signed()));
  }
  return integers;
}

class Outputs {
 public:
  Outputs(BlockKind kind, const StreamBeats& sent) : kind_(kind), sent_(sent) {}

  StreamBeats operator()(const MatvecSpec& spec) const {
    const Matvec model(spec);
    const auto terms = static_cast<std::size_t>(spec.terms);
    return packets(spec.beats(), {spec.lanes, spec.activation.bits()},
                   {spec.rows, spec.sum_format().bits},
                   [&](const std::vector<BigInt>& x) { return model(codes_of(x, terms)); });
  }

  StreamBeats operator()(const DepthwiseSpec& spec) const {
    return windows(spec, spec.activation.bits(), spec.sum_format().bits,
                   [&](const std::vector<Code>& window) { return sums(spec, window); });
  }

  StreamBeats operator()(const RequantizerSpec& spec) const {
    return of_sums(spec, [&](const std::vector<BigInt>& x) { return requantized(spec, x); });
  }

  StreamBeats operator()(const ThresholdsSpec& spec) const {
    return of_sums(spec, [&](const std::vector<BigInt>& x) { return levels(spec, x); });
  }

  StreamBeats operator()(const WindowSpec& spec) const {
    const BeatShape shape{spec.lanes, spec.format.bits()};
    const Beats& x = sent_.at("x");
    const auto image = static_cast<std::size_t>(spec.height) *
                       static_cast<std::size_t>(spec.width * spec.pixel_beats());
    const auto size = static_cast<std::ptrdiff_t>(spec.beats()) * spec.lanes;
    Beats y;
    for (std::size_t at = 0; at + image <= x.size(); at += image) {
      const std::vector<BigInt> pixels = beat_values(x, at, image, shape);
      const std::vector<BigInt> all =
          numbers_of(model::windows(spec, codes_of(pixels, pixels.size())));
      for (auto from = all.begin(); from != all.end(); from += size) {
        append_packet(y, {from, from + size}, shape);
      }
    }
    return {{"y", y}};
  }

  StreamBeats operator()(const PoolSpec& spec) const {
    const int bits = spec.format.bits();
    if (kind_ == BlockKind::kPoolMax) {
      return windows(spec, bits, bits, [&](const std::vector<Code>& window) {
        return numbers_of(largest(spec, window));
      });
    }
    return windows(spec, bits, spec.sum_format().bits,
                   [&](const std::vector<Code>& window) { return sums(spec, window); });
  }

  StreamBeats operator()(const JoinSpec& spec) const {
    const BeatShape shape{spec.lanes, spec.format.bits()};
    const auto lanes = static_cast<std::size_t>(spec.lanes);
    const Beats& left = sent_.at("left");
    const Beats& right = sent_.at("right");
    Beats y;
    for (std::size_t k = 0; k < left.size(); ++k) {
      const auto a = integers_of(beat_values(left, k, 1, shape), lanes, spec.format);
      const auto b = integers_of(beat_values(right, k, 1, shape), lanes, spec.format);
      std::vector<BigInt> joined_values;
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        joined_values.push_back(joined(spec, a[lane], b[lane]));
      }
      append_packet(y, joined_values, shape);
      y.back().last = left[k].last;
    }
    return {{"y", y}};
  }

  StreamBeats operator()(const ArgmaxSpec& spec) const {
    const auto classes = static_cast<std::size_t>(spec.classes);
    const Beats& x = sent_.at("x");
    Beats y;
    for (std::size_t at = 0; at + classes <= x.size(); at += classes) {
      const auto values = beat_values(x, at, classes, {1, spec.format.bits()});
      y.push_back({BigInt(argmax(integers_of(values, classes, spec.format))), false});
    }
    return {{"y", y}};
  }

 private:
  /// Each `beats` beats of x are a packet, each packet of y what `model` makes of its values.
  template <typename Model>
  [[nodiscard]] StreamBeats packets(int beats, const BeatShape& in, const BeatShape& out,
                                    const Model& model) const {
    const Beats& x = sent_.at("x");
    const auto step = static_cast<std::size_t>(beats);
    Beats y;
    for (std::size_t at = 0; at + step <= x.size(); at += step) {
      append_packet(y, model(beat_values(x, at, step, in)), out);
    }
    return {{"y", y}};
  }

  template <typename Spec, typename Model>
  [[nodiscard]] StreamBeats windows(const Spec& spec, int bits, int result_bits,
                                    const Model& model) const {
    return packets(spec.pixels * spec.pixel_beats(), {spec.lanes, bits}, {spec.lanes, result_bits},
                   [&](const std::vector<BigInt>& x) { return model(codes_of(x, x.size())); });
  }

  template <typename Spec, typename Model>
  [[nodiscard]] StreamBeats of_sums(const Spec& spec, const Model& model) const {
    const auto outputs = static_cast<std::size_t>(spec.outputs);
    return packets((spec.outputs + spec.rows - 1) / spec.rows, {spec.rows, spec.sum.bits()},
                   {spec.units, spec.result.bits()}, [&](const std::vector<BigInt>& x) {
                     return model(integers_of(x, outputs, spec.sum));
                   });
  }

  BlockKind kind_;
  const StreamBeats& sent_;
};

}  // namespace

std::vector<BigInt> beat_values(const Beats& beats, std::size_t first, std::size_t count,
                                const BeatShape& shape) {
  const BigInt modulus = pow2(shape.bits);
  std::vector<BigInt> values;
  for (std::size_t k = first; k < first + count; ++k) {
    BigInt data = beats.at(k).data;
    for (int lane = 0; lane < shape.lanes; ++lane) {
      values.push_back(data % modulus);
      data >>= shape.bits;
    }
  }
  return values;
}

void append_packet(Beats& beats, const std::vector<BigInt>& values, const BeatShape& shape) {
  const auto lanes = static_cast<std::size_t>(shape.lanes);
  for (std::size_t k = 0; k < values.size(); k += lanes) {
    BigInt data = 0;
    for (std::size_t lane = std::min(lanes, values.size() - k); lane-- > 0;) {
      data = (data << shape.bits) | to_bits(values[k + lane], shape.bits);
    }
    beats.push_back({data, k + lanes >= values.size()});
  }
}

StreamBeats layer_outputs(const BlockSpec& spec, const StreamBeats& sent) {
  FEWBIT_CHECK(spec.layer, "{} is no layer", spec.info().name);
  return std::visit(Outputs(spec.kind, sent), spec.layer->of);
}

}  // namespace fewbit::model
