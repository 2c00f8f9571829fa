// Costs of layers, the search, and what comes out: see search.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/quant/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "fewbit/flows/store/result_store.h"
#include "fewbit/quant/batch_axis.h"
#include "fewbit/quant/remarks.h"

namespace fewbit::study {
namespace {

using store::AccuracyRow;

/// LUTs of the cheapest optimized mac of two formats, operands in either place.
class MacCosts {
 public:
  static Result<MacCosts> read(const SearchRequest& request) {
    MacCosts costs(request);
    FEWBIT_ASSIGN_OR_RETURN(store,
                            store::ResultStore::open(request.database, store::Access::kRead));
    FEWBIT_ASSIGN_OR_RETURN(rows, store.rows());
    for (const store::ResultRow& row : rows) {
      if (row.status != "ok" || row.op != "mac" || row.arch != "optimized" ||
          row.target != request.target) {
        continue;
      }
      for (const auto& key : {std::pair{row.a, row.b}, std::pair{row.b, row.a}}) {
        const auto [at, is_new] = costs.luts_.try_emplace(key, row.luts);
        if (!is_new) at->second = std::min(at->second, row.luts);
      }
    }
    return costs;
  }
  [[nodiscard]] Result<double> of(const quant::OperandFormat& a,
                                  const quant::OperandFormat& b) const {
    const auto found = luts_.find({a.name(), b.name()});
    if (found != luts_.end()) return static_cast<double>(found->second);
    return Error{"--db", request_.database,
                 fmt::format("a database with a mac of {} and {} on {}", a.name(), b.name(),
                             request_.target),
                 "fewbit sweep run"};
  }

 private:
  explicit MacCosts(const SearchRequest& request) : request_(request) {}
  const SearchRequest& request_;
  std::map<std::pair<std::string, std::string>, std::int64_t> luts_;
};

/// What a layer counts for.
struct LayerShare {
  bool has_weights = false;
  double of_products = 0;  ///< of those of all layers whose formats are chosen
  double of_weights = 0;
};

std::vector<LayerShare> shares_of(const quant::Network& network,
                                  const std::vector<quant::LayerSample>& samples,
                                  const std::vector<bool>& fixed) {
  std::vector<LayerShare> shares(fixed.size());
  double products = 0, weights = 0;
  for (std::size_t i = 0; i < fixed.size(); ++i) {
    const quant::Tensor* tensor = network.layers()[i].weights;
    shares[i].has_weights = tensor != nullptr;
    if (fixed[i]) continue;
    shares[i].of_products =
        static_cast<double>(samples[i].output_sums.size() * samples[i].outputs_per_channel) *
        static_cast<double>(samples[i].terms);
    shares[i].of_weights = tensor == nullptr ? 0 : static_cast<double>(tensor->size());
    products += shares[i].of_products;
    weights += shares[i].of_weights;
  }
  for (LayerShare& share : shares) {
    share.of_products /= std::max(products, 1.0);
    share.of_weights /= std::max(weights, 1.0);
  }
  return shares;
}

/// LUTs of a layer by its share.
Result<double> luts_of(const MacCosts& costs, const LayerShare& share,
                       const quant::LayerFormats& formats) {
  FEWBIT_ASSIGN_OR_RETURN(
      luts,
      costs.of(formats.activations, share.has_weights ? formats.weights : formats.activations));
  return luts * share.of_products;
}

std::string pair_name(const quant::LayerFormats& formats) {
  return formats.weights.name() + "/" + formats.activations.name();
}

/// What is searched: the candidates of the request, 8 bits for edge layers, costs not yet.
quant::MixedRequest mixed_request(const SearchRequest& request, const std::vector<bool>& edges,
                                  const QuantSetting& setting) {
  quant::MixedRequest mixed;
  mixed.budget = request.luts ? *request.luts : *request.bits;
  mixed.refinements = request.refinements;
  for (const quant::OperandFormat& weights : request.weights) {
    for (const quant::OperandFormat& activations : request.activations) {
      mixed.candidates.push_back({weights, activations});
    }
  }
  const quant::LayerFormats at_edges =
      quant::edge_formats(mixed.candidates[0], setting.technique.unsigned_inputs);
  for (const bool edge : edges) {
    mixed.fixed.push_back(edge ? std::optional(at_edges) : std::nullopt);
  }
  return mixed;
}

/// LUTs of a MAC, or bits of a weight, of each layer in each candidate: its part of the mean.
Status fill_costs(const SearchRequest& request, const quant::Network& network,
                  const std::vector<bool>& edges, const std::vector<LayerShare>& shares,
                  quant::MixedRequest& mixed) {
  std::optional<MacCosts> macs;
  if (request.luts) {
    FEWBIT_ASSIGN_OR_RETURN(read, MacCosts::read(request));
    macs.emplace(std::move(read));
  }
  const auto& layers = network.layers();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    std::vector<double>& costs = mixed.costs.emplace_back(mixed.candidates.size(), 0.0);
    for (std::size_t k = 0; k < costs.size() && !edges[i]; ++k) {
      const quant::LayerFormats& formats = mixed.candidates[k];
      if (macs) {
        FEWBIT_ASSIGN_OR_RETURN(luts, luts_of(*macs, shares[i], formats));
        costs[k] = luts;
      } else if (shares[i].has_weights) {
        const auto count = static_cast<std::int64_t>(layers[i].weights->size());
        costs[k] =
            static_cast<double>(formats.weights.bits_of(count, quant::summed_axis(layers[i]))) /
            static_cast<double>(count) * shares[i].of_weights;
      }
    }
  }
  return Ok{};
}

/// Evaluates choices on all images.
class ChoiceEvaluation {
 public:
  static Result<ChoiceEvaluation> make(const SearchRequest& request, const QuantNetwork& network,
                                       const QuantData& data, const QuantSetting& setting,
                                       const quant::MixedRequest& mixed) {
    ChoiceEvaluation evaluation(request, network, data, setting, mixed);
    FEWBIT_RETURN_IF_ERROR(quant::check_images_are_apart(network.network, data.images));
    FEWBIT_ASSIGN_OR_RETURN(in_float, quant::evaluate(network.network, quant::FastFloatArithmetic(),
                                                      data.images, data.labels, setting.jobs));
    evaluation.in_float_ = in_float;
    FEWBIT_ASSIGN_OR_RETURN(spread,
                            quant::output_spread(network.network, quant::FastFloatArithmetic(),
                                                 quant::images_for_remarks(data.calibration)));
    evaluation.float_spread_ = spread;
    return evaluation;
  }

  [[nodiscard]] const quant::Evaluation& in_float() const { return in_float_; }

  [[nodiscard]] Result<SearchedChoice> of(const std::string& name, const quant::MixedChoice& choice,
                                          double sum) const {
    const auto begin = std::chrono::steady_clock::now();
    const quant::Network& network = network_.network;
    quant::QuantizerOptions options = setting_.technique;
    options.layers = quant::layer_formats(mixed_, choice.candidates);
    FEWBIT_ASSIGN_OR_RETURN(arithmetic,
                            quant::QuantizedArithmetic::make(network, data_.calibration, options));
    FEWBIT_ASSIGN_OR_RETURN(
        right, quant::evaluate(network, arithmetic, data_.images, data_.labels, setting_.jobs));
    std::string names;
    for (const quant::LayerFormats& formats : options.layers) {
      names += (names.empty() ? "" : ",") + pair_name(formats);
    }
    AccuracyRow row = planned_accuracy(network_, data_, setting_, names);
    row.command += request_.command + setting_.technique_words;
    row.weights = row.activations = row.weights_kind = row.activations_kind = "mixed";
    row.layers = names;
    row.status = "ok";
    row.images_right = static_cast<std::int64_t>(right.right);
    row.float_right = static_cast<std::int64_t>(in_float_.right);
    if (request_.luts) {
      row.mac_luts = choice.cost;
      row.mac_target = request_.target;
    }
    fill_layers(arithmetic, row);
    FEWBIT_ASSIGN_OR_RETURN(remarks,
                            quant::remarks(network, arithmetic, data_.calibration, float_spread_));
    row.remarks = remarks;
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    row.seconds = elapsed.count();
    return SearchedChoice{name, choice.cost, choice.loss, sum, right.right, row};
  }

 private:
  ChoiceEvaluation(const SearchRequest& request, const QuantNetwork& network, const QuantData& data,
                   const QuantSetting& setting, const quant::MixedRequest& mixed)
      : request_(request), network_(network), data_(data), setting_(setting), mixed_(mixed) {}

  const SearchRequest& request_;
  const QuantNetwork& network_;
  const QuantData& data_;
  const QuantSetting& setting_;
  const quant::MixedRequest& mixed_;
  quant::Evaluation in_float_;
  double float_spread_ = 0;
};

}  // namespace

Result<SearchResult> run_search(const SearchRequest& request, const QuantNetwork& network,
                                const QuantData& data, const QuantSetting& setting) {
  const auto start = std::chrono::steady_clock::now();
  const auto& layers = network.network.layers();
  std::vector<bool> edges(layers.size(), false);
  if (setting.technique.edges_at_8_bits) edges = quant::edge_layers(network.network);
  FEWBIT_RETURN_IF_ERROR(check_formats_are_used(
      network, {{}, request.weights, request.activations, {}, false}, setting));
  quant::MixedRequest mixed = mixed_request(request, edges, setting);
  FEWBIT_ASSIGN_OR_RETURN(samples,
                          quant::sample_operands(network.network, data.calibration, false));
  const std::vector<LayerShare> shares = shares_of(network.network, samples, edges);
  FEWBIT_RETURN_IF_ERROR(fill_costs(request, network.network, edges, shares, mixed));
  Result<quant::MixedResult> found = quant::choose_formats(network.network, data.calibration,
                                                           setting.technique, mixed, setting.jobs);
  if (!found.ok()) {
    Error error = found.error();
    if (error.field == "budget") error.field = request.luts ? "--budget-luts" : "--budget-bits";
    return error;
  }
  FEWBIT_ASSIGN_OR_RETURN(evaluation,
                          ChoiceEvaluation::make(request, network, data, setting, mixed));
  SearchResult result;
  result.images = evaluation.in_float().images;
  result.float_right = evaluation.in_float().right;
  const quant::LayerFormats& best_uniform = mixed.candidates[found->uniform.candidates[0]];
  FEWBIT_ASSIGN_OR_RETURN(
      uniform, evaluation.of(pair_name(best_uniform), found->uniform, found->uniform_sum));
  result.uniform = uniform;
  FEWBIT_ASSIGN_OR_RETURN(by_layer, evaluation.of("by layer", found->mixed, found->mixed_sum));
  result.mixed = by_layer;
  FEWBIT_ASSIGN_OR_RETURN(optimum, evaluation.of("least sum", found->optimum, found->optimum_sum));
  result.optimum = optimum;
  if (!request.database.empty()) {
    FEWBIT_ASSIGN_OR_RETURN(store,
                            store::ResultStore::open(request.database, store::Access::kWrite));
    FEWBIT_RETURN_IF_ERROR(store.insert(result.mixed.row));
  }
  const std::vector<quant::LayerFormats> chosen =
      quant::layer_formats(mixed, found->mixed.candidates);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    result.layers.push_back({layers[i].name, shares[i].has_weights, shares[i].of_products,
                             shares[i].of_weights, chosen[i]});
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  result.seconds = elapsed.count();
  return result;
}

}  // namespace fewbit::study
