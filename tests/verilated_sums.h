// Dot products of real layers through Verilated accumulators, many modules at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "fewbit/quant/quantizer.h"
#include "fewbit/sim/verify/simulation.h"
#include "fewbit/tests/accumulated_sum.h"
#include "fewbit/tests/quant_networks.h"

namespace fewbit::quant {

/// Which dot products are taken from each layer.
struct Sampling {
  std::size_t sums_per_layer = 0;
  std::size_t most_terms = 0;  ///< longer sums would take most of the time
};

/// Calls take(call, layer, operands, places) for every layer of these formats whose sums are short
/// enough.
template <typename Take>
class LayerSampler : public LinearArithmetic {
 public:
  LayerSampler(const QuantizedArithmetic& arithmetic, const Format& left, const Format& right,
               const Sampling& sampling, Take take)
      : arithmetic_(arithmetic), left_(left), right_(right), sampling_(sampling), take_(take) {}

  std::vector<float> sums(const LinearCall& call) const override {
    const QuantizedLayer& layer = arithmetic_.layers()[call.layer];
    if (static_cast<std::size_t>(call.terms()) <= sampling_.most_terms &&
        layer.left_grid.format() == left_ && layer.right_grid.format() == right_) {
      const std::size_t count = element_count(call.output);
      std::vector<std::size_t> places;
      for (std::size_t i = 0; i < std::min(sampling_.sums_per_layer, count); ++i) {
        places.push_back(i * 7919 % count);
      }
      take_(call, layer, arithmetic_.operands(call), places);
    }
    return arithmetic_.sums(call);
  }

 private:
  const QuantizedArithmetic& arithmetic_;
  Format left_, right_;
  Sampling sampling_;
  Take take_;
};

/// The same for one image through each of the project's networks, quantized with these options.
template <typename Take>
void sample_networks(const QuantizerOptions& options, const Sampling& sampling, Take take) {
  const Tensor images = test_images(8);
  for (const char* name : kNetworkNames) {
    const Network network = network_named(name);
    const QuantizedArithmetic arithmetic =
        QuantizedArithmetic::make(network, images, options).value();
    const LayerSampler sampler(arithmetic, options.activations, options.weights, sampling, take);
    EXPECT_TRUE(network.run(slice_batch(images, 0, 1), sampler).ok());
  }
}

inline std::size_t total_sums(const std::vector<std::vector<OperandCodes>>& sums) {
  std::size_t total = 0;
  for (const auto& own : sums) total += own.size();
  return total;
}

/// The main output of `subject` behind each of its sums, all subjects side by side in one Verilated
/// model. `check(subject, sum, bits)` sees every one; the result is how many there were.
template <typename Check>
std::size_t run_sums(const std::vector<verify::Subject>& subjects,
                     const std::vector<std::vector<OperandCodes>>& sums, Check check) {
  const verify::VerilatorRuntime runtime = verify::verilator_runtime().value();
  std::vector<const verify::Subject*> pointers;
  for (const verify::Subject& subject : subjects) pointers.push_back(&subject);
  const std::unique_ptr<verify::Simulation> simulation =
      verify::Simulation::build(pointers, runtime, 1).value();
  // Every subject at its own pace: the operands of a sum, then idle cycles until it is out.
  struct Place {
    std::size_t sum = 0, term = 0;
    int idle = 0;
  };
  std::vector<Place> places(subjects.size());
  const std::size_t total = total_sums(sums);
  std::size_t done = 0;
  const auto cycle = [&](auto pins_of) {
    for (std::size_t i = 0; i < subjects.size(); ++i) simulation->drive(i, pins_of(i));
    simulation->eval(false);
    simulation->eval(true);
  };
  for (int i = 0; i < 2; ++i) cycle([](std::size_t) { return verify::Pins{}; });  // reset
  model::Operands operands(2);
  while (done < total) {
    cycle([&](std::size_t i) {
      verify::Pins pins;
      pins.reset_level = true;
      const Place& place = places[i];
      if (place.sum == sums[i].size() || place.term == sums[i][place.sum].size()) return pins;
      const auto& [left, right] = sums[i][place.sum][place.term];
      operands = {left, right};
      pins.operands = &operands;
      pins.valid = true;
      pins.first = place.term == 0;
      return pins;
    });
    for (std::size_t i = 0; i < subjects.size(); ++i) {
      Place& place = places[i];
      if (place.sum == sums[i].size()) continue;
      const std::size_t terms = sums[i][place.sum].size();
      if (place.term < terms) ++place.term;
      if (place.term < terms) continue;
      if (++place.idle < subjects[i].design.signature.latency_cycles) continue;
      BigInt bits = 0;
      for (int word = verify::result_words(subjects[i]); word-- > 0;) {
        bits = bits << 64 | BigInt(simulation->result(i)[word]);
      }
      check(i, place.sum, bits & (pow2(verify::result_width(subjects[i])) - 1));
      if (::testing::Test::HasFailure()) return done;
      place = {place.sum + 1, 0, 0};
      ++done;
    }
  }
  return done;
}

}  // namespace fewbit::quant
