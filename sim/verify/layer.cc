// What is sent to layers: see layer.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/verify/layer.h"

#include <algorithm>

#include "fewbit/gen/spec/layer_spec.h"
#include "fewbit/gen/util/check.h"
#include "fewbit/sim/model/blocks/layer.h"
#include "fewbit/sim/verify/loaded_matvec.h"

namespace fewbit::verify {
namespace {

/// One stream that a layer takes.
struct Input {
  std::string name;
  model::BeatShape shape;
  long long beats = 1;          ///< of a vector, window or image
  bool ends_with_last = false;  ///< else last is random, where there is one
};

struct Inputs {
  using List = std::vector<Input>;

  List operator()(const MatvecSpec& spec) const {
    return {{"x", {spec.lanes, spec.activation.bits()}, spec.beats(), true}};
  }
  List operator()(const DepthwiseSpec& spec) const { return windows(spec, spec.activation); }
  List operator()(const PoolSpec& spec) const { return windows(spec, spec.format); }
  List operator()(const RequantizerSpec& spec) const { return sums(spec); }
  List operator()(const ThresholdsSpec& spec) const { return sums(spec); }
  List operator()(const WindowSpec& spec) const {
    return {{"x",
             {spec.lanes, spec.format.bits()},
             1LL * spec.height * spec.width * spec.pixel_beats()}};
  }
  List operator()(const JoinSpec& spec) const {
    return {{"left", {spec.lanes, spec.format.bits()}},
            {"right", {spec.lanes, spec.format.bits()}}};
  }
  List operator()(const ArgmaxSpec& spec) const {
    return {{"x", {1, spec.format.bits()}, spec.classes}};
  }

  template <typename Spec>
  static List windows(const Spec& spec, const Format& format) {
    return {{"x", {spec.lanes, format.bits()}, 1LL * spec.pixels * spec.pixel_beats()}};
  }
  template <typename Spec>
  static List sums(const Spec& spec) {
    return {{"x", {spec.rows, spec.sum.bits()}, (spec.outputs + spec.rows - 1) / spec.rows}};
  }
};

/// Whether the stream with most beats moves one in each cycle: a matrix of several groups reads its
/// vector again for each, and a window waits for rows where more beats come than leave.
struct AtFullRate {
  bool operator()(const MatvecSpec& spec) const { return spec.groups() == 1; }
  bool operator()(const WindowSpec& spec) const {
    const long long in = 1LL * spec.height * spec.width * spec.pixel_beats();
    return 1LL * spec.out_height() * spec.out_width() * spec.beats() > 2 * in;
  }
  template <typename Other>
  bool operator()(const Other& /*spec*/) const {
    return true;
  }
};

/// 0, all ones, the sign alone, all but the sign, few bits; mostly any bits.
BigInt random_value(std::mt19937_64& random, int bits) {
  switch (random() % 12) {
    case 0:
      return 0;
    case 1:
      return pow2(bits) - 1;
    case 2:
      return pow2(bits - 1);
    case 3:
      return pow2(bits - 1) - 1;
    case 4:
      return BigInt(random() % 8) % pow2(bits);
    default:
      return BigInt(random()) % pow2(bits);
  }
}

}  // namespace

void add_random_packet(std::mt19937_64& random, const model::BeatShape& shape, long long beats,
                       bool ends_with_last, model::Beats& to) {
  // Now and then one value everywhere: sums reach their ends.
  const bool is_uniform = random() % 8 == 0;
  const BigInt one = random_value(random, shape.bits);
  for (long long k = 0; k < beats; ++k) {
    BigInt data = 0;
    for (int lane = 0; lane < shape.lanes; ++lane) {
      data = (data << shape.bits) | (is_uniform ? one : random_value(random, shape.bits));
    }
    const bool last = ends_with_last ? k + 1 == beats : random() % 2 == 1;
    to.push_back({data, last});
  }
}

StreamPlan layer_plan(const BlockSpec& spec, const rtl::ModuleSignature& signature) {
  FEWBIT_CHECK(spec.layer, "{} is no layer", spec.info().name);
  StreamPlan plan = streams_of(signature);
  const auto* matvec = std::get_if<MatvecSpec>(&spec.layer->of);
  if (matvec != nullptr && matvec->is_loaded()) return loaded_plan(*matvec, std::move(plan));
  const std::vector<Input> inputs = std::visit(Inputs{}, spec.layer->of);
  const auto cycles = static_cast<std::size_t>(layer_cycles(*spec.layer));
  plan.stimulus = [inputs, cycles](std::mt19937_64& random, std::size_t count) {
    const std::size_t packets = std::max<std::size_t>(2, (count + cycles - 1) / cycles);
    model::StreamBeats sent;
    for (const Input& input : inputs) {
      for (std::size_t k = 0; k < packets; ++k) {
        add_random_packet(random, input.shape, input.beats, input.ends_with_last, sent[input.name]);
      }
    }
    return sent;
  };
  plan.model = [spec](const model::StreamBeats& sent) { return model::layer_outputs(spec, sent); };
  plan.at_full_rate = std::visit(AtFullRate{}, spec.layer->of);
  return plan;
}

}  // namespace fewbit::verify
