// Mixed precision: the choice against every choice there is, and the search on a real network.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "fewbit/quant/exact_choice.h"
#include "fewbit/quant/mixed.h"
#include "fewbit/tests/quant_networks.h"

namespace fewbit::quant {
namespace {

using Choice = std::vector<std::size_t>;

/// The least loss within the budget, by trying all; infinite where nothing fits.
double least_loss(const ChoiceProblem& problem) {
  const std::size_t layers = problem.losses.size(), candidates = problem.losses[0].size();
  double least = std::numeric_limits<double>::infinity();
  Choice choice(layers, 0);
  for (;;) {
    double cost = 0, loss = 0;
    for (std::size_t i = 0; i < layers; ++i) {
      cost += problem.costs[i][choice[i]];
      loss += problem.losses[i][choice[i]];
    }
    if (cost <= problem.budget) least = std::min(least, loss);
    std::size_t place = 0;
    while (place < layers && ++choice[place] == candidates) choice[place++] = 0;
    if (place == layers) return least;
  }
}

TEST(ChooseGreedily, ByHand) {
  // 4 or 8 bits in two layers; the first suffers ten times as much.
  ChoiceProblem problem{{{1.0, 0.1}, {0.1, 0.01}}, {{4, 8}, {4, 8}}, 12};
  EXPECT_EQ(choose_greedily(problem), (Choice{1, 0}));
  problem.budget = 16;
  EXPECT_EQ(choose_greedily(problem), (Choice{1, 1}));
  problem.budget = 8;
  EXPECT_EQ(choose_greedily(problem), (Choice{0, 0}));
  problem.budget = 7;
  EXPECT_FALSE(choose_greedily(problem));
}

TEST(ChooseGreedily, IsNeverBehindOneForAllAndMostlyBest) {
  std::mt19937_64 random(2);
  const auto draw = [&] { return static_cast<double>(random() % 1000) / 100 + 0.01; };
  int best = 0, feasible = 0;
  for (int round = 0; round < 300; ++round) {
    ChoiceProblem problem;
    for (int layer = 0; layer < 5; ++layer) {
      std::vector<double>& losses = problem.losses.emplace_back();
      std::vector<double>& costs = problem.costs.emplace_back();
      for (int i = 0; i < 4; ++i) {
        losses.push_back(draw());
        costs.push_back(draw());
      }
    }
    problem.budget = 25 * static_cast<double>(random() % 100 + 20) / 100;
    const double least = least_loss(problem);
    const std::optional<Choice> choice = choose_greedily(problem);
    ASSERT_EQ(choice.has_value(), std::isfinite(least));
    if (!choice) continue;
    ++feasible;
    EXPECT_TRUE(problem.fits(*choice));
    EXPECT_GE(problem.loss(*choice), least - 1e-9);
    for (std::size_t i = 0; i < 4; ++i) {
      const Choice all(5, i);
      if (!problem.fits(all)) continue;
      EXPECT_LE(problem.loss(*choice), problem.loss(all) + 1e-9);
    }
    best += problem.loss(*choice) < least + 1e-9 ? 1 : 0;
  }
  EXPECT_GT(feasible, 200);
  EXPECT_GT(best, feasible / 2);
}

/// A network of one product, so that logits are known.
ChoiceProblem random_problem(std::mt19937_64& random, std::size_t layers, std::size_t candidates) {
  ChoiceProblem problem;
  for (std::size_t layer = 0; layer < layers; ++layer) {
    std::vector<double>& losses = problem.losses.emplace_back();
    std::vector<double>& costs = problem.costs.emplace_back();
    for (std::size_t i = 0; i < candidates; ++i) {
      losses.push_back(static_cast<double>(random() % 1000) / 100 + 0.01);
      costs.push_back(static_cast<double>(random() % 30));
    }
  }
  return problem;
}

TEST(ChooseExactly, IsTheBestOfAll) {
  std::mt19937_64 random(3);
  int feasible = 0, better_than_greedy = 0;
  for (int round = 0; round < 500; ++round) {
    ChoiceProblem problem = random_problem(random, 5, 4);
    if (round % 5 == 0) {  // a layer that is fixed
      problem.costs[1].assign(4, 0);
      problem.losses[1].assign(4, 0);
    }
    problem.budget = static_cast<double>(random() % 100);
    const double least = least_loss(problem);
    const std::optional<Choice> choice = choose_exactly(problem);
    ASSERT_EQ(choice.has_value(), std::isfinite(least));
    if (!choice) continue;
    ++feasible;
    EXPECT_TRUE(problem.fits(*choice));
    EXPECT_NEAR(problem.loss(*choice), least, 1e-9);
    better_than_greedy += problem.loss(*choice) < problem.loss(*choose_greedily(problem)) - 1e-9;
  }
  EXPECT_GT(feasible, 300);
  EXPECT_GT(better_than_greedy, 10);
}

/// Costs are integers here: least[c], the least loss of the layers so far for a cost of at most c.
double least_loss_by_table(const ChoiceProblem& problem) {
  const auto budget = static_cast<std::size_t>(problem.budget);
  std::vector<double> least(budget + 1, 0.0);
  for (std::size_t layer = 0; layer < problem.losses.size(); ++layer) {
    std::vector<double> next(budget + 1, std::numeric_limits<double>::infinity());
    for (std::size_t i = 0; i < problem.losses[layer].size(); ++i) {
      const auto cost = static_cast<std::size_t>(problem.costs[layer][i]);
      for (std::size_t c = cost; c <= budget; ++c) {
        next[c] = std::min(next[c], least[c - cost] + problem.losses[layer][i]);
      }
    }
    least = next;
  }
  return least[budget];
}

TEST(ChooseExactly, OfManyLayersAndCandidates) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 20; ++round) {
    ChoiceProblem problem = random_problem(random, 30, 100);
    problem.budget = static_cast<double>(10 + random() % 300);
    const double least = least_loss_by_table(problem);
    const std::optional<Choice> choice = choose_exactly(problem);
    ASSERT_EQ(choice.has_value(), std::isfinite(least));
    if (choice) {
      EXPECT_NEAR(problem.loss(*choice), least, 1e-9);
    }
  }
}

TEST(AnswerLoss, IsTheDivergenceOfTheAnswers) {
  Graph graph;
  graph.inputs = {{"image", {-1, 1}}};
  graph.outputs = {"y"};
  graph.constants["w"] = float_tensor({1, 2}, {1.0F, 0.0F});
  graph.nodes = {{"MatMul", "dot", 13, {"image", "w"}, {"y"}, {}}};
  const Network network = Network::make(graph).value();
  const Tensor images = float_tensor({2, 1}, {0.0F, 1.0F});
  const AnswerLoss loss = AnswerLoss::make(network, images, 2).value();
  EXPECT_EQ(loss.of(FloatArithmetic()).value(), 0.0);
  class Twice : public LinearArithmetic {
   public:
    std::vector<float> sums(const LinearCall& call) const override {
      std::vector<float> sums = FloatArithmetic().sums(call);
      for (float& sum : sums) sum *= 2;
      return sums;
    }
  };
  // Logits (0, 0) stay; (1, 0) become (2, 0): p = e / (e + 1), q = e^2 / (e^2 + 1).
  const double p = 1 / (1 + std::exp(-1.0)), q = 1 / (1 + std::exp(-2.0));
  const double expected = p * std::log(p / q) + (1 - p) * std::log((1 - p) / (1 - q));
  EXPECT_NEAR(loss.of(Twice()).value(), expected / 2, 1e-7);
}

TEST(ChooseFormats, KeepsTheBudgetAndIsNotBehindTheBestUniform) {
  const Network network = network_named("mobilenet");
  const Tensor images = test_images(64);
  MixedRequest request;
  for (const char* name : {"int3", "int4", "e2m1", "int6"}) {
    request.candidates.push_back(
        {{parse_format(name).value(), {}}, {parse_format("int8").value(), {}}});
  }
  const std::size_t layers = network.layers().size();
  const std::vector<bool> edges = edge_layers(network);
  const OperandFormat int8{parse_format("int8").value(), {}};
  for (std::size_t i = 0; i < layers; ++i) {
    request.fixed.push_back(edges[i] ? std::optional(LayerFormats{int8, int8}) : std::nullopt);
    std::vector<double>& costs = request.costs.emplace_back();
    for (const LayerFormats& formats : request.candidates) {
      costs.push_back(edges[i] ? 0
                               : formats.weights.element.bits() / static_cast<double>(layers - 2));
    }
  }
  request.budget = 4.5;
  request.refinements = 5;
  const MixedResult result =
      choose_formats(network, images, QuantizerOptions(), request, 2).value();
  EXPECT_LE(result.mixed.cost, 4.5 + 1e-6);
  EXPECT_NEAR(result.uniform.cost, 4.0, 1e-6);
  EXPECT_LE(result.mixed.loss, result.uniform.loss);
  const std::vector<LayerFormats> formats = layer_formats(request, result.mixed.candidates);
  EXPECT_EQ(formats.front().weights.name(), "int8");
  EXPECT_EQ(formats.back().weights.name(), "int8");
  // Half a bit more than the uniform format has is used.
  EXPECT_GT(result.mixed.cost, 4.0);
  request.budget = 2.9;
  const auto refused = choose_formats(network, images, QuantizerOptions(), request, 2);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().legal, "at least 3");
  EXPECT_EQ(refused.error().detail, "the cost of int3/int8 for all layers");
}

}  // namespace
}  // namespace fewbit::quant
