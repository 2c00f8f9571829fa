// Loading weights, verified: see loaded_matvec.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/verify/loaded_matvec.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "fewbit/sim/model/blocks/layer.h"
#include "fewbit/sim/model/blocks/matvec.h"
#include "fewbit/sim/verify/layer.h"

namespace fewbit::verify {
namespace {

using model::Beats;
using model::Loaded;

/// Packets, one or more, the last of them right, and the vectors that it is for.
struct Phase {
  std::vector<Code> weights;
  std::size_t first = 0, beats = 0;  ///< of x
};

/// What is sent in a run, and in which order.
struct Script {
  Beats x, w;
  std::vector<Phase> phases;
  std::vector<std::size_t> x_after;  ///< of each beat of x: beats of w that come before it
  std::vector<std::size_t> w_after;  ///< of each beat of w: beats of x that come before it
  /// After so many beats of w: what the packet that they end has come to; nothing inside a packet.
  std::vector<std::optional<Loaded>> states;
};

std::vector<Code> random_weights(std::mt19937_64& random, const MatvecSpec& spec) {
  std::vector<Code> weights(static_cast<std::size_t>(spec.outputs) *
                            static_cast<std::size_t>(spec.terms));
  for (Code& code : weights) code = random() >> (64 - spec.weight.bits());
  return weights;
}

void flip_a_bit(std::mt19937_64& random, const MatvecSpec& spec, model::Beat& beat) {
  const auto bits = static_cast<std::uint64_t>(spec.load_bits);
  beat.data ^= pow2(static_cast<int>(random() % bits));
}

/// A right packet with something wrong: a beat less, some more, two that have changed places, a bit
/// of a beat, a bit of one of the two sums.
Beats spoilt(std::mt19937_64& random, const MatvecSpec& spec, const Beats& right) {
  Beats packet = right;
  const std::size_t at = random() % (packet.size() - 1);
  const auto place = packet.begin() + static_cast<std::ptrdiff_t>(at);
  switch (random() % 5) {
    case 0:
      packet.erase(place);
      break;
    case 1:
      packet.insert(place, 1 + random() % 5, {BigInt(random() % 256), false});
      break;
    case 2:
      std::swap(place->data, packet.front().data);
      break;
    case 3:
      flip_a_bit(random, spec, packet[packet.size() - 1 - random() % 2]);
      break;
    default:
      flip_a_bit(random, spec, *place);
      break;
  }
  // Beats that changed places may have been equal.
  if (loaded(spec, packet) == Loaded::kRight) flip_a_bit(random, spec, packet[at]);
  return packet;
}

void add_packet(const MatvecSpec& spec, const Beats& packet, Script& script) {
  // Offered while the last vector comes in; one that is a beat alone would wait for the packet.
  const std::size_t before = script.x.size();
  const std::size_t after = before > 0 && spec.beats() > 1 ? before - 1 : before;
  for (const model::Beat& beat : packet) {
    script.w.push_back(beat);
    script.w_after.push_back(after);
    script.states.push_back(beat.last ? std::optional(loaded(spec, packet)) : std::nullopt);
  }
}

Script script_of(std::mt19937_64& random, const MatvecSpec& spec, std::size_t vectors) {
  constexpr int kPhases = 3;
  Script script;
  script.states.emplace_back();
  for (int phase = 0; phase < kPhases; ++phase) {
    const std::size_t first_of_w = script.w.size();
    const std::vector<Code> weights = random_weights(random, spec);
    const Beats right = model::weight_packet(spec, weights);
    while (random() % 2 == 0) add_packet(spec, spoilt(random, spec, right), script);
    add_packet(spec, right, script);
    const std::size_t first = script.x.size();
    for (std::size_t k = 0; k < vectors; ++k) {
      add_random_packet(random, {spec.lanes, spec.activation.bits()}, spec.beats(), true, script.x);
    }
    script.x_after.resize(script.x.size(), first_of_w + 1);
    script.phases.push_back({weights, first, script.x.size() - first});
  }
  return script;
}

Beats sums_of(const MatvecSpec& spec, const Script& script) {
  Beats y;
  for (const Phase& phase : script.phases) {
    const model::Matvec matvec(spec, phase.weights);
    const auto step = static_cast<std::size_t>(spec.beats());
    for (std::size_t at = phase.first; at < phase.first + phase.beats; at += step) {
      const std::vector<BigInt> values =
          model::beat_values(script.x, at, step, {spec.lanes, spec.activation.bits()});
      std::vector<Code> x;
      for (int k = 0; k < spec.terms; ++k) {
        x.push_back(values[static_cast<std::size_t>(k)].convert_to<Code>());
      }
      model::append_packet(y, matvec(x), {spec.rows, spec.sum_format().bits});
    }
  }
  return y;
}

}  // namespace

StreamPlan loaded_plan(const MatvecSpec& spec, StreamPlan plan) {
  const auto script = std::make_shared<Script>();
  plan.stimulus = [spec, script](std::mt19937_64& random, std::size_t count) {
    const auto cycles =
        static_cast<std::size_t>(spec.beats()) * static_cast<std::size_t>(spec.groups());
    *script = script_of(random, spec, std::max<std::size_t>(2, count / cycles / 3));
    return model::StreamBeats{{"x", script->x}, {"w", script->w}};
  };
  plan.model = [spec, script](const model::StreamBeats&) {
    return model::StreamBeats{{"y", sums_of(spec, *script)}};
  };
  plan.may_offer = [script](const std::string& input, std::size_t beat,
                            const std::map<std::string, std::size_t>& moved) {
    return input == "x" ? moved.at("w") >= script->x_after[beat]
                        : moved.at("x") >= script->w_after[beat];
  };
  plan.others = [script](const std::map<std::string, std::size_t>& moved) {
    const std::size_t beats = moved.at("w");
    if (beats == 0) return Ports{};  // as after the run before, if no reset was between
    const std::optional<Loaded>& state = script->states[beats];
    return Ports{{"load_done_o", state == Loaded::kRight ? 1 : 0},
                 {"load_length_error_o", state == Loaded::kWrongLength ? 1 : 0},
                 {"load_checksum_error_o", state == Loaded::kWrongSums ? 1 : 0}};
  };
  plan.at_full_rate = false;
  return plan;
}

}  // namespace fewbit::verify
