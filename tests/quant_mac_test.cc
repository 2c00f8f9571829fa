// Dot products of real layers through Verilated MACs: the bits that the quantized network computes
// with, for 8 format pairs and over 100,000 dot products.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <memory>

#include "gen/ops/emit.h"
#include "quant/exact_sums.h"
#include "quant/quantizer.h"
#include "sim/verify/simulation.h"
#include "tests/dot_products.h"
#include "tests/quant_networks.h"

namespace fewbit::quant {
namespace {

using verify::Pins;
using verify::Simulation;
using verify::Subject;

/// Weights, activations.
constexpr std::pair<const char*, const char*> kPairs[] = {
    {"int4", "int4"},   {"int8", "int8"},     {"e2m1", "e2m1"},   {"e3m2", "e3m2"},
    {"e4m3f", "e4m3f"}, {"e4m3fn", "e4m3fn"}, {"e5m2f", "e5m2f"}, {"int4", "e4m3fn"}};
constexpr std::size_t kSumsPerLayer = 450;
constexpr std::size_t kMostTerms = 260;  ///< longer sums would take most of the time
constexpr std::size_t kLeastSums = 100000;

/// The dot products of one format pair: codes of a (activations) and b (weights), and the sums.
struct Work {
  struct Sum {
    std::vector<std::pair<Code, Code>> operands;
    __int128 expected = 0;
  };
  std::vector<Sum> sums;
  long long terms = 0;
};

/// Takes dot products from every layer whose formats are those of the pair.
class Collector : public LinearArithmetic {
 public:
  explicit Collector(const QuantizedArithmetic& arithmetic, const Format& left, const Format& right,
                     Work& work)
      : arithmetic_(arithmetic), left_(left), right_(right), work_(work) {}

  std::vector<float> sums(const LinearCall& call) const override {
    const QuantizedLayer& layer = arithmetic_.layers()[call.layer];
    const bool fits = static_cast<std::size_t>(call.terms()) <= kMostTerms;
    if (fits && layer.left_grid.format() == left_ && layer.right_grid.format() == right_) {
      collect(call, layer);
    }
    return arithmetic_.sums(call);
  }

 private:
  void collect(const LinearCall& call, const QuantizedLayer& layer) const {
    const QuantizedOperands operands = arithmetic_.operands(call);
    const std::vector<__int128> exact =
        exact_sums(call, operands.left, operands.right, layer.greatest_sum);
    work_.terms = std::max<long long>(work_.terms, call.terms());
    for (std::size_t i = 0; i < std::min(kSumsPerLayer, exact.size()); ++i) {
      const std::size_t place = i * 7919 % exact.size();
      Work::Sum sum{{}, exact[place]};
      for (const auto& [l, r] : dot_product(call, place)) {
        const double left = l < 0 ? 0.0 : operands.left[static_cast<std::size_t>(l)];
        const double right = operands.right[static_cast<std::size_t>(r)];
        sum.operands.emplace_back(layer.left_grid.code_of(left), layer.right_grid.code_of(right));
      }
      work_.sums.push_back(std::move(sum));
    }
  }

  const QuantizedArithmetic& arithmetic_;
  Format left_, right_;
  Work& work_;
};

Work work_of(const char* weights, const char* activations) {
  Work work;
  QuantizerOptions options;
  options.weights = parse_format(weights).value();
  options.activations = parse_format(activations).value();
  options.edges_at_8_bits = false;
  const Tensor images = test_images(8);
  for (const char* name : kNetworkNames) {
    const Network network = network_named(name);
    const QuantizedArithmetic arithmetic =
        QuantizedArithmetic::make(network, images, options).value();
    const Collector collector(arithmetic, options.activations, options.weights, work);
    EXPECT_TRUE(network.run(slice_batch(images, 0, 1), collector).ok());
  }
  return work;
}

Subject mac_for(const char* weights, const char* activations, long long terms) {
  OperatorRequest request{.op = "mac", .a = activations, .b = weights};
  request.terms = terms;
  const OperatorSpec spec = make_operator_spec(request).value();
  return {spec, ops::emit(spec), {}, spec.module_name()};
}

/// The accumulator's bits, and those that it should have.
std::pair<BigInt, BigInt> results(const Simulation& simulation, std::size_t place,
                                  const Subject& subject, __int128 expected) {
  const int width = verify::result_width(subject);
  const BigInt mask = (BigInt(1) << width) - 1;
  BigInt got = 0;
  BigInt wanted = 0;
  for (int word = verify::result_words(subject); word-- > 0;) {
    got = got << 64 | BigInt(simulation.result(place)[word]);
    wanted =
        wanted << 64 | BigInt(static_cast<std::uint64_t>(expected >> std::min(64 * word, 127)));
  }
  return {got & mask, wanted & mask};
}

TEST(Macs, GiveTheBitsThatTheNetworkComputesWith) {
  std::vector<Work> work;
  std::vector<Subject> subjects;
  std::size_t total = 0;
  for (const auto& [weights, activations] : kPairs) {
    work.push_back(work_of(weights, activations));
    subjects.push_back(mac_for(weights, activations, work.back().terms));
    total += work.back().sums.size();
  }
  ASSERT_GE(total, kLeastSums);
  const verify::VerilatorRuntime runtime = verify::verilator_runtime().value();
  std::vector<const Subject*> pointers;
  for (const Subject& subject : subjects) pointers.push_back(&subject);
  const std::unique_ptr<Simulation> simulation = Simulation::build(pointers, runtime, 1).value();

  // Every MAC at its own pace: the operands of a sum, then idle cycles until it is out.
  struct Place {
    std::size_t sum = 0, term = 0;
    int idle = 0;
  };
  std::vector<Place> places(subjects.size());
  std::size_t compared = 0;
  const auto cycle = [&](auto pins_of) {
    for (std::size_t i = 0; i < subjects.size(); ++i) simulation->drive(i, pins_of(i));
    simulation->eval(false);
    simulation->eval(true);
  };
  for (int i = 0; i < 2; ++i) cycle([](std::size_t) { return Pins{}; });  // reset, active low
  model::Operands operands(2);
  while (compared < total) {
    cycle([&](std::size_t i) {
      Pins pins;
      pins.reset_level = true;
      const Place& place = places[i];
      if (place.sum == work[i].sums.size()) return pins;
      const auto& sum = work[i].sums[place.sum].operands;
      if (place.term == sum.size()) return pins;
      operands = {sum[place.term].first, sum[place.term].second};
      pins.operands = &operands;
      pins.valid = true;
      pins.first = place.term == 0;
      return pins;
    });
    for (std::size_t i = 0; i < subjects.size(); ++i) {
      Place& place = places[i];
      if (place.sum == work[i].sums.size()) continue;
      const Work::Sum& sum = work[i].sums[place.sum];
      if (place.term < sum.operands.size()) ++place.term;
      if (place.term < sum.operands.size()) continue;
      if (++place.idle < subjects[i].design.signature.latency_cycles) continue;
      const auto [got, wanted] = results(*simulation, i, subjects[i], sum.expected);
      ASSERT_EQ(got, wanted) << subjects[i].label << " sum " << place.sum;
      place = {place.sum + 1, 0, 0};
      ++compared;
    }
  }
  RecordProperty("dot_products", static_cast<int>(compared));
  std::printf("%zu dot products compared\n", compared);
}

}  // namespace
}  // namespace fewbit::quant
