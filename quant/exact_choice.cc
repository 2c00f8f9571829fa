// Multiple-choice knapsack: see exact_choice.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/exact_choice.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "fewbit/gen/util/check.h"

namespace fewbit::quant {
namespace {

struct Point {
  double cost = 0, loss = 0;
};

bool comes_first(const Point& x, const Point& y) {
  return x.cost != y.cost ? x.cost < y.cost : x.loss < y.loss;
}

/// Those of a layer's candidates that its lower convex hull needs, the cheapest first: each costs
/// more than the one before and loses less, and saves less for what it costs.
std::vector<Point> hull_of(const std::vector<double>& costs, const std::vector<double>& losses) {
  std::vector<Point> points;
  for (std::size_t i = 0; i < costs.size(); ++i) points.push_back({costs[i], losses[i]});
  std::sort(points.begin(), points.end(), comes_first);
  std::vector<Point> hull;
  const auto is_above = [](const Point& a, const Point& b, const Point& c) {
    return (b.loss - a.loss) * (c.cost - a.cost) >= (c.loss - a.loss) * (b.cost - a.cost);
  };
  for (const Point& point : points) {
    if (!hull.empty() && point.loss >= hull.back().loss) continue;
    while (hull.size() > 1 && is_above(hull[hull.size() - 2], hull.back(), point)) hull.pop_back();
    hull.push_back(point);
  }
  return hull;
}

/// The least loss of some layers for a cost, where parts of candidates may be taken: below that of
/// every choice.
class Relaxed {
 public:
  Relaxed(const ChoiceProblem& problem, std::size_t first) : corners_(1) {
    std::vector<Point> steps;
    for (std::size_t layer = first; layer < problem.losses.size(); ++layer) {
      const std::vector<Point> hull = hull_of(problem.costs[layer], problem.losses[layer]);
      corners_[0].cost += hull[0].cost;
      corners_[0].loss += hull[0].loss;
      for (std::size_t i = 1; i < hull.size(); ++i) {
        steps.push_back({hull[i].cost - hull[i - 1].cost, hull[i].loss - hull[i - 1].loss});
      }
    }
    std::sort(steps.begin(), steps.end(),
              [](const Point& x, const Point& y) { return x.loss * y.cost < y.loss * x.cost; });
    for (const Point& step : steps) {
      corners_.push_back({corners_.back().cost + step.cost, corners_.back().loss + step.loss});
    }
  }

  [[nodiscard]] double loss_within(double budget) const {
    const auto above =
        std::upper_bound(corners_.begin(), corners_.end(), budget,
                         [](double value, const Point& corner) { return value < corner.cost; });
    if (above == corners_.begin()) return std::numeric_limits<double>::infinity();
    const Point& below = *(above - 1);
    if (above == corners_.end()) return below.loss;
    const double part = (budget - below.cost) / (above->cost - below.cost);
    return below.loss + part * (above->loss - below.loss);
  }

 private:
  std::vector<Point> corners_;
};

/// A choice for the layers so far.
struct Partial {
  Point sum;
  std::size_t before = 0;  ///< its number among those of one layer less
  std::size_t candidate = 0;
};

/// All that one more layer makes of the partial choices, less those that another one is not behind
/// in anything, and those that cannot lead below `most_loss`.
std::vector<Partial> extended(const ChoiceProblem& problem, std::size_t layer,
                              const std::vector<Partial>& partials, const Relaxed& rest,
                              double budget, double most_loss) {
  std::vector<Partial> next;
  for (std::size_t before = 0; before < partials.size(); ++before) {
    for (std::size_t i = 0; i < problem.losses[layer].size(); ++i) {
      const Point sum{partials[before].sum.cost + problem.costs[layer][i],
                      partials[before].sum.loss + problem.losses[layer][i]};
      if (sum.loss + rest.loss_within(budget - sum.cost) < most_loss) {
        next.push_back({sum, before, i});
      }
    }
  }
  std::stable_sort(next.begin(), next.end(),
                   [](const Partial& x, const Partial& y) { return comes_first(x.sum, y.sum); });
  std::vector<Partial> kept;
  for (const Partial& one : next) {
    if (kept.empty() || one.sum.loss < kept.back().sum.loss) kept.push_back(one);
  }
  return kept;
}

}  // namespace

std::optional<std::vector<std::size_t>> choose_exactly(const ChoiceProblem& problem) {
  constexpr double kSlack = 1e-9;  // sums of costs, and of losses, are rounded
  const std::optional<std::vector<std::size_t>> greedy = choose_greedily(problem);
  // Greedy steps reach the cheapest choice: what they do not find is not there.
  if (!greedy) return std::nullopt;
  const double budget = problem.budget + kSlack;
  const double most_loss = problem.loss(*greedy) - kSlack;
  const std::size_t layers = problem.losses.size();
  std::vector<std::vector<Partial>> steps = {{Partial{}}};
  for (std::size_t layer = 0; layer < layers; ++layer) {
    const Relaxed rest(problem, layer + 1);
    steps.push_back(extended(problem, layer, steps.back(), rest, budget, most_loss));
  }
  if (steps.back().empty()) return greedy;  // nothing is better
  std::vector<std::size_t> choice(layers);
  std::size_t at = steps.back().size() - 1;  // the dearest has the least loss
  for (std::size_t layer = layers; layer-- > 0;) {
    const Partial& one = steps[layer + 1][at];
    choice[layer] = one.candidate;
    at = one.before;
  }
  FEWBIT_CHECK(problem.fits(choice), "a choice beyond the budget of {}", problem.budget);
  return choice;
}

}  // namespace fewbit::quant
