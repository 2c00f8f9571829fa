// Verification of blocks: see block.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/verify/block.h"

#include <algorithm>
#include <numeric>

#include "fewbit/gen/spec/layer_spec.h"
#include "fewbit/sim/verify/layer.h"

namespace fewbit::verify {
namespace {

constexpr std::size_t kBeatsOfRun = 400;
constexpr std::size_t kBeatsOfAll = 400000;
constexpr int kRuns = 12;
constexpr int kLeastRuns = 3;
constexpr std::uint64_t kPatience = 2000;

/// Random bits, now and then all alike.
BigInt random_data(std::mt19937_64& random, int bits) {
  const auto kind = random() % 16;
  if (kind == 0) return 0;
  if (kind == 1) return pow2(bits) - 1;
  BigInt data = 0;
  for (int bit = 0; bit < bits; bit += 64) data = (data << 64) | random();
  return data % pow2(bits);
}

/// Beats that must come together, and beats of the busiest stream for them.
struct Group {
  std::size_t beats = 1;
  std::size_t busiest = 1;
};

Group group_of(const BlockSpec& spec) {
  if (spec.layer) return {.busiest = static_cast<std::size_t>(layer_cycles(*spec.layer))};
  if (spec.kind == BlockKind::kReplay) {
    const auto beats = static_cast<std::size_t>(spec.number("--beats"));
    return {beats, beats * static_cast<std::size_t>(spec.number("--times"))};
  }
  if (spec.kind == BlockKind::kRepack && !spec.is_yes("--last")) {
    const int in = spec.number("--in-values");
    const int out = spec.number("--out-values");
    const int unit = std::gcd(in, out);
    return {static_cast<std::size_t>(out / unit),
            static_cast<std::size_t>(std::max(in, out) / unit)};
  }
  return {};
}

/// Bounds of the lengths of packets, so that short and long ones occur.
constexpr std::size_t kPacketLengths[] = {1, 2, 3, 7, 40};

void make_packets(std::mt19937_64& random, model::Beats& beats) {
  std::size_t most = 1;
  std::size_t left = 0;
  for (std::size_t i = 0; i < beats.size(); ++i) {
    if (left == 0) {
      most = kPacketLengths[random() % std::size(kPacketLengths)];
      left = 1 + random() % most;
    }
    beats[i].last = --left == 0 || i + 1 == beats.size();
  }
}

}  // namespace

StreamPlan plan_of(const BlockSpec& spec, const rtl::ModuleSignature& signature) {
  if (spec.layer) return layer_plan(spec, signature);
  StreamPlan plan = streams_of(signature);
  const StreamPorts in = plan.inputs.at(0);
  const Group group = group_of(spec);
  plan.stimulus = [in, group](std::mt19937_64& random, std::size_t count) {
    const std::size_t groups =
        std::max<std::size_t>(2, (count + group.busiest - 1) / group.busiest);
    model::Beats beats(groups * group.beats);
    for (model::Beat& beat : beats) beat.data = random_data(random, in.data_bits);
    if (!in.last.empty()) make_packets(random, beats);
    return model::StreamBeats{{in.name, beats}};
  };
  plan.model = [spec](const model::StreamBeats& sent) { return model::block_outputs(spec, sent); };
  if (spec.kind == BlockKind::kSkid) plan.capacity = 2;
  if (spec.kind == BlockKind::kFifo) {
    plan.capacity = static_cast<std::size_t>(spec.number("--depth"));
    if (spec.is_yes("--level")) {
      plan.others = [](const std::map<std::string, std::size_t>& moved) {
        return Ports{{"level_o", moved.at("in") - moved.at("out")}};
      };
    }
  }
  // A ring for one group alone waits for its words to become free.
  if (spec.kind == BlockKind::kReplay) {
    const int beats = spec.number("--beats");
    const int times = spec.number("--times");
    plan.at_full_rate = spec.number("--depth") >= 2 * beats;
    // While the outputs stall the last time does not begin, where two places behind the memory do
    // not hold all times before.
    if (beats * (times - 1) > 2) plan.capacity = static_cast<std::size_t>(spec.number("--depth"));
  }
  return plan;
}

StreamOptions stream_options(const BlockSpec& spec, std::uint64_t seed) {
  const bool has_depth = spec.kind == BlockKind::kFifo || spec.kind == BlockKind::kReplay;
  const std::size_t depth = has_depth ? static_cast<std::size_t>(spec.number("--depth")) : 0;
  const std::size_t beats = std::max({kBeatsOfRun, 2 * group_of(spec).busiest, 2 * depth});
  const int runs = std::clamp(static_cast<int>(kBeatsOfAll / beats), kLeastRuns, kRuns);
  // Of a layer nothing may move while a vector is multiplied.
  return {seed, beats, runs, kPatience + (spec.layer ? 2 * group_of(spec).busiest : 0)};
}

Result<BlockReport> verify_block(const BlockSpec& spec, const rtl::EmittedDesign& design,
                                 const std::string& label, const VerifyOptions& options) {
  StreamBehaviour behaviour(plan_of(spec, design.signature), stream_options(spec, options.seed));
  FEWBIT_ASSIGN_OR_RETURN(report, verify_design(design, behaviour, options));
  report.label = label;
  return BlockReport{std::move(report), behaviour.rates(), behaviour.beats()};
}

}  // namespace fewbit::verify
