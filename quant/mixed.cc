// Mixed precision: see mixed.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/mixed.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <mutex>
#include <set>
#include <thread>

#include "fewbit/gen/util/check.h"
#include "fewbit/quant/exact_choice.h"

namespace fewbit::quant {
namespace {

constexpr std::size_t kBatch = 32;
constexpr double kSlack = 1e-9;  ///< of budgets: sums of costs are rounded

using Choice = std::vector<std::size_t>;

/// Divergence of softmax(q) from softmax(p), by their logits.
double divergence(const float* p, const float* q, std::size_t classes) {
  const auto log_sum = [classes](const float* logits) {
    const auto greatest = static_cast<double>(*std::max_element(logits, logits + classes));
    double sum = 0;
    for (std::size_t i = 0; i < classes; ++i) {
      sum += std::exp(static_cast<double>(logits[i]) - greatest);
    }
    return greatest + std::log(sum);
  };
  const double of_p = log_sum(p), of_q = log_sum(q);
  double total = 0;
  for (std::size_t i = 0; i < classes; ++i) {
    const double log_p = static_cast<double>(p[i]) - of_p;
    total += std::exp(log_p) * (log_p - (static_cast<double>(q[i]) - of_q));
  }
  return total;
}

/// One layer as quantized, all others in binary32.
class OneLayer : public LinearArithmetic {
 public:
  OneLayer(const QuantizedArithmetic& arithmetic, std::size_t layer)
      : arithmetic_(arithmetic), layer_(layer) {}
  std::vector<float> sums(const LinearCall& call) const override {
    return call.layer == layer_ ? arithmetic_.sums(call) : FloatArithmetic().sums(call);
  }

 private:
  const QuantizedArithmetic& arithmetic_;
  std::size_t layer_;
};

/// A change of one layer that keeps the budget and lowers the loss most, made until there is none.
void improve(const ChoiceProblem& problem, Choice& choice) {
  for (;;) {
    double cost = problem.cost(choice), least = -kSlack;
    std::optional<std::pair<std::size_t, std::size_t>> best;
    for (std::size_t layer = 0; layer < choice.size(); ++layer) {
      const auto& losses = problem.losses[layer];
      const auto& costs = problem.costs[layer];
      for (std::size_t i = 0; i < losses.size(); ++i) {
        const double change = losses[i] - losses[choice[layer]];
        if (change >= least) continue;
        if (cost - costs[choice[layer]] + costs[i] > problem.budget + kSlack) continue;
        least = change;
        best = {layer, i};
      }
    }
    if (!best) return;
    choice[best->first] = best->second;
  }
}

/// Changes of one layer that save, least loss for what they save first; false where the budget
/// cannot be kept.
bool cheapen(const ChoiceProblem& problem, Choice& choice) {
  while (!problem.fits(choice)) {
    double least = std::numeric_limits<double>::infinity();
    std::optional<std::pair<std::size_t, std::size_t>> best;
    for (std::size_t layer = 0; layer < choice.size(); ++layer) {
      const auto& losses = problem.losses[layer];
      const auto& costs = problem.costs[layer];
      for (std::size_t i = 0; i < losses.size(); ++i) {
        const double saved = costs[choice[layer]] - costs[i];
        if (saved <= kSlack) continue;
        const double price = (losses[i] - losses[choice[layer]]) / saved;
        if (price >= least) continue;
        least = price;
        best = {layer, i};
      }
    }
    if (!best) return false;
    choice[best->first] = best->second;
  }
  return true;
}

/// Choices next to one: another candidate for one layer, or for two where one alone exceeds the
/// budget; those that promise most first.
std::vector<Choice> neighbours(const ChoiceProblem& problem, const Choice& choice,
                               std::size_t most) {
  std::vector<std::pair<double, Choice>> found;
  for (std::size_t layer = 0; layer < choice.size(); ++layer) {
    for (std::size_t i = 0; i < problem.losses[layer].size(); ++i) {
      if (i == choice[layer]) continue;
      Choice next = choice;
      next[layer] = i;
      if (problem.fits(next)) {
        found.emplace_back(problem.loss(next), next);
        continue;
      }
      std::optional<std::pair<double, Choice>> exchange;
      for (std::size_t other = 0; other < choice.size(); ++other) {
        for (std::size_t k = 0; other != layer && k < problem.losses[other].size(); ++k) {
          Choice both = next;
          both[other] = k;
          if (!problem.fits(both)) continue;
          const double loss = problem.loss(both);
          if (!exchange || loss < exchange->first) exchange = {loss, both};
        }
      }
      if (exchange) found.push_back(*exchange);
    }
  }
  std::sort(found.begin(), found.end());
  std::vector<Choice> choices;
  for (std::size_t i = 0; i < found.size() && choices.size() < most; ++i) {
    if (i == 0 || found[i].second != found[i - 1].second) choices.push_back(found[i].second);
  }
  return choices;
}

/// Losses of whole networks, each computed once.
class Search {
 public:
  Search(const Network& network, const Tensor& calibration, const QuantizerOptions& technique,
         const MixedRequest& request, const AnswerLoss& loss,
         const std::vector<LayerSample>& samples)
      : network_(network),
        calibration_(calibration),
        technique_(technique),
        request_(request),
        loss_(loss),
        samples_(samples) {}

  Result<QuantizedArithmetic> quantize(const Choice& choice, bool bias_correction) {
    QuantizerOptions options = technique_;
    options.weight_blocks = options.activation_blocks = std::nullopt;
    options.layers = layer_formats(request_, choice);
    options.bias_correction = bias_correction;
    if (!bias_correction) options.gain_correction = std::nullopt;
    return QuantizedArithmetic::make(network_, calibration_, samples_, options, known_);
  }

  /// Losses with one layer quantized.
  Result<std::vector<std::vector<double>>> sensitivities() {
    const std::size_t layers = request_.fixed.size();
    std::vector<std::vector<double>> losses(layers,
                                            std::vector<double>(request_.candidates.size(), 0.0));
    for (std::size_t i = 0; i < request_.candidates.size(); ++i) {
      FEWBIT_ASSIGN_OR_RETURN(arithmetic, quantize(Choice(layers, i), false));
      for (std::size_t layer = 0; layer < layers; ++layer) {
        if (request_.fixed[layer]) continue;
        FEWBIT_ASSIGN_OR_RETURN(loss, loss_.of(OneLayer(arithmetic, layer)));
        losses[layer][i] = loss;
      }
    }
    return losses;
  }

  Result<double> loss_of(const Choice& choice) {
    FEWBIT_ASSIGN_OR_RETURN(arithmetic, quantize(choice, technique_.bias_correction));
    return loss_.of(arithmetic);
  }

  /// Walks to neighbours with less loss; at most `tries` are computed.
  Status refine(const ChoiceProblem& problem, MixedChoice& best, int tries) {
    std::set<Choice> seen = {best.candidates};
    bool found = true;
    while (found) {
      found = false;
      for (const Choice& next :
           neighbours(problem, best.candidates, static_cast<std::size_t>(tries))) {
        if (!seen.insert(next).second) continue;
        if (tries-- <= 0) return Ok{};
        FEWBIT_ASSIGN_OR_RETURN(loss, loss_of(next));
        if (loss >= best.loss) continue;
        best = {next, problem.cost(next), loss};
        found = true;
        break;
      }
    }
    return Ok{};
  }

 private:
  const Network& network_;
  const Tensor& calibration_;
  const QuantizerOptions& technique_;
  const MixedRequest& request_;
  const AnswerLoss& loss_;
  const std::vector<LayerSample>& samples_;
  KnownOperands known_;
};

}  // namespace

template <typename Visit>
Status AnswerLoss::for_each_batch(const LinearArithmetic& arithmetic, Visit visit) const {
  const auto count = static_cast<std::size_t>(images_.shape[0]);
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::optional<Error> error;
  use_one_blas_thread();
  const auto work = [&] {
    for (std::size_t first = next.fetch_add(batch_); first < count;
         first = next.fetch_add(batch_)) {
      const std::size_t size = std::min(batch_, count - first);
      const Result<Tensor> logits = network_.run(slice_batch(images_, first, size), arithmetic);
      const bool fits = logits.ok() && logits->is_float() && logits->rank() == 2 &&
                        logits->shape[0] == static_cast<std::int64_t>(size) && logits->shape[1] > 0;
      if (fits) {
        visit(first / batch_, *logits);
        continue;
      }
      const std::lock_guard lock(mutex);
      if (!error) {
        error = logits.ok() ? Error{"network output", to_string(logits->shape),
                                    fmt::format("logits [{}, classes]", size), ""}
                            : logits.error();
      }
      next = count;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 1; i < jobs_; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  if (error) return *error;
  return Ok{};
}

Result<AnswerLoss> AnswerLoss::make(const Network& network, const Tensor& images, int jobs) {
  AnswerLoss loss(network, images, jobs);
  loss.batch_ = network.batch_near(kBatch);
  loss.logits_.resize((static_cast<std::size_t>(images.shape[0]) + loss.batch_ - 1) / loss.batch_);
  FEWBIT_RETURN_IF_ERROR(loss.for_each_batch(
      FloatArithmetic(),
      [&](std::size_t batch, const Tensor& logits) { loss.logits_[batch] = logits.floats(); }));
  return loss;
}

Result<double> AnswerLoss::of(const LinearArithmetic& arithmetic) const {
  std::vector<double> sums(logits_.size(), 0.0);
  FEWBIT_RETURN_IF_ERROR(for_each_batch(arithmetic, [&](std::size_t batch, const Tensor& logits) {
    const auto classes = static_cast<std::size_t>(logits.shape[1]);
    for (std::size_t i = 0; i < logits.size(); i += classes) {
      sums[batch] += divergence(&logits_[batch][i], &logits.floats()[i], classes);
    }
  }));
  double total = 0;
  for (const double sum : sums) total += sum;
  return total / static_cast<double>(images_.shape[0]);
}

double ChoiceProblem::loss(const Choice& choice) const {
  double sum = 0;
  for (std::size_t i = 0; i < choice.size(); ++i) sum += losses[i][choice[i]];
  return sum;
}

double ChoiceProblem::cost(const Choice& choice) const {
  double sum = 0;
  for (std::size_t i = 0; i < choice.size(); ++i) sum += costs[i][choice[i]];
  return sum;
}

bool ChoiceProblem::fits(const Choice& choice) const { return cost(choice) <= budget + kSlack; }

std::optional<Choice> choose_greedily(const ChoiceProblem& problem) {
  const std::size_t layers = problem.losses.size();
  std::vector<Choice> starts(1);
  for (const std::vector<double>& losses : problem.losses) {
    const auto least = std::min_element(losses.begin(), losses.end());
    starts[0].push_back(static_cast<std::size_t>(least - losses.begin()));
  }
  for (std::size_t i = 0; layers > 0 && i < problem.losses[0].size(); ++i) {
    if (problem.fits(Choice(layers, i))) starts.emplace_back(layers, i);
  }
  std::optional<Choice> best;
  for (Choice& start : starts) {
    if (!cheapen(problem, start)) continue;
    improve(problem, start);
    if (!best || problem.loss(start) < problem.loss(*best)) best = start;
  }
  return best;
}

std::vector<LayerFormats> layer_formats(const MixedRequest& request, const Choice& choice) {
  std::vector<LayerFormats> formats;
  for (std::size_t i = 0; i < choice.size(); ++i) {
    formats.push_back(request.fixed[i] ? *request.fixed[i] : request.candidates[choice[i]]);
  }
  return formats;
}

Result<MixedResult> choose_formats(const Network& network, const Tensor& calibration,
                                   const QuantizerOptions& technique, const MixedRequest& request,
                                   int jobs) {
  ChoiceProblem problem{{}, request.costs, request.budget};
  std::size_t cheapest = 0;
  const auto cost_of_all = [&](std::size_t i) {
    return problem.cost(Choice(request.fixed.size(), i));
  };
  for (std::size_t i = 1; i < request.candidates.size(); ++i) {
    if (cost_of_all(i) < cost_of_all(cheapest)) cheapest = i;
  }
  if (!problem.fits(Choice(request.fixed.size(), cheapest))) {
    const LayerFormats& pair = request.candidates[cheapest];
    return Error{
        "budget", fmt::format("{}", request.budget),
        fmt::format("at least {:g}", std::ceil(100 * (cost_of_all(cheapest) - kSlack)) / 100),
        fmt::format("the cost of {}/{} for all layers", pair.weights.name(),
                    pair.activations.name())};
  }
  FEWBIT_ASSIGN_OR_RETURN(loss, AnswerLoss::make(network, calibration, jobs));
  FEWBIT_ASSIGN_OR_RETURN(samples,
                          sample_operands(network, calibration, technique.needs_moments()));
  Search search(network, calibration, technique, request, loss, samples);
  FEWBIT_ASSIGN_OR_RETURN(losses, search.sensitivities());
  problem.losses = std::move(losses);

  std::optional<MixedChoice> uniform;
  for (std::size_t i = 0; i < request.candidates.size(); ++i) {
    const Choice all(request.fixed.size(), i);
    if (!problem.fits(all)) continue;
    FEWBIT_ASSIGN_OR_RETURN(own, search.loss_of(all));
    if (!uniform || own < uniform->loss) uniform = MixedChoice{all, problem.cost(all), own};
  }
  const std::optional<Choice> greedy = choose_greedily(problem);
  FEWBIT_CHECK(uniform && greedy, "no choice within a budget that one pair keeps");
  FEWBIT_ASSIGN_OR_RETURN(own, search.loss_of(*greedy));
  MixedChoice mixed{*greedy, problem.cost(*greedy), own};
  if (uniform->loss <= mixed.loss) mixed = *uniform;
  FEWBIT_RETURN_IF_ERROR(search.refine(problem, mixed, request.refinements));
  const std::optional<Choice> exact = choose_exactly(problem);
  FEWBIT_CHECK(exact.has_value(), "no choice within a budget that one pair keeps");
  FEWBIT_ASSIGN_OR_RETURN(of_exact, search.loss_of(*exact));
  return MixedResult{mixed,
                     *uniform,
                     {*exact, problem.cost(*exact), of_exact},
                     problem.loss(mixed.candidates),
                     problem.loss(uniform->candidates),
                     problem.loss(*exact)};
}

}  // namespace fewbit::quant
