// Costs of layers, the search, and what comes out: see quant_search.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/quant_search.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>

#include "fewbit/cli/text.h"
#include "fewbit/flows/store/result_store.h"
#include "fewbit/quant/mixed.h"
#include "fewbit/quant/remarks.h"

namespace fewbit::cli {
namespace {

using store::AccuracyRow;

constexpr long long kMostRefinements = 100000;

/// None where the text is empty.
Result<std::optional<double>> parse_budget(const std::string& option, const std::string& text) {
  if (text.empty()) return std::optional<double>();
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || !(value > 0) || value > 1e9) {
    return Error{option, text, "a number above 0", ""};
  }
  return std::optional(value);
}

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

}  // namespace

void SearchOptions::declare(CLI::App& app) {
  app.add_option("--budget-luts", luts_,
                 "search: most LUTs of a MAC, the mean over all products, by the costs in --db");
  app.add_option("--budget-bits", bits_,
                 "search: most bits of a weight, the mean over all weights");
  app.add_option("--target", target_, "search: target of the costs; default: ice40-hx8k");
  app.add_option("--refinements", refinements_,
                 "search: choices tried near the one found by sensitivities; default: 40");
}

std::set<std::string> SearchOptions::names() {
  return {"--budget-luts", "--budget-bits", "--target", "--refinements"};
}

Status SearchOptions::check_absent() const {
  for (const auto& [option, text] : {std::pair{"--budget-luts", luts_},
                                     {"--budget-bits", bits_},
                                     {"--target", target_},
                                     {"--refinements", refinements_}}) {
    if (!text.empty()) return Error{option, text, "absent: it is an option of search", ""};
  }
  return Ok{};
}

Result<SearchRequest> SearchOptions::request(const std::string& weights,
                                             const std::string& activations,
                                             const std::string& database) const {
  SearchRequest request;
  FEWBIT_ASSIGN_OR_RETURN(of_weights, operand_formats("--weights", weights));
  FEWBIT_ASSIGN_OR_RETURN(of_activations, activation_formats("--activations", activations));
  FEWBIT_ASSIGN_OR_RETURN(luts, parse_budget("--budget-luts", luts_));
  FEWBIT_ASSIGN_OR_RETURN(bits, parse_budget("--budget-bits", bits_));
  const std::string tries = refinements_.empty() ? "40" : refinements_;
  FEWBIT_ASSIGN_OR_RETURN(refinements, parse_integer("--refinements", tries, 0, kMostRefinements));
  if (luts.has_value() == bits.has_value()) {
    return Error{"--budget-luts", luts_, "one of --budget-luts and --budget-bits", ""};
  }
  if (luts && database.empty()) return Error{"--db", "", "a results database with costs", ""};
  if (bits && !target_.empty()) {
    return Error{"--target", target_, "absent: bits have no target", ""};
  }
  request.weights = std::move(of_weights);
  request.activations = std::move(of_activations);
  request.luts = luts;
  request.bits = bits;
  request.target = target_.empty() ? "ice40-hx8k" : target_;
  request.database = database;
  request.refinements = static_cast<int>(refinements);
  request.command = fmt::format(
      " --weights {} --activations {}{} --refinements {}", weights, activations,
      luts ? fmt::format(" --budget-luts {} --target {} --db {}", luts_, request.target, database)
           : fmt::format(" --budget-bits {}", bits_),
      tries);
  return request;
}

Result<ExitCode> run_search(const SearchRequest& request, const QuantNetwork& network,
                            const QuantData& data, const QuantSetting& setting,
                            const Console& console) {
  const auto start = std::chrono::steady_clock::now();
  const auto& layers = network.network.layers();
  quant::MixedRequest mixed;
  mixed.budget = request.luts ? *request.luts : *request.bits;
  mixed.refinements = request.refinements;
  for (const quant::OperandFormat& weights : request.weights) {
    for (const quant::OperandFormat& activations : request.activations) {
      mixed.candidates.push_back({weights, activations});
    }
  }
  std::vector<bool> edges(layers.size(), false);
  if (setting.technique.edges_at_8_bits) edges = quant::edge_layers(network.network);
  FEWBIT_RETURN_IF_ERROR(check_formats_are_used(
      network, {{}, request.weights, request.activations, {}, false}, setting));
  const quant::LayerFormats at_edges =
      quant::edge_formats(mixed.candidates[0], setting.technique.unsigned_inputs);
  for (const bool edge : edges) {
    mixed.fixed.push_back(edge ? std::optional(at_edges) : std::nullopt);
  }
  FEWBIT_ASSIGN_OR_RETURN(samples,
                          quant::sample_operands(network.network, data.calibration, false));
  const std::vector<LayerShare> shares = shares_of(network.network, samples, edges);
  std::optional<MacCosts> macs;
  if (request.luts) {
    FEWBIT_ASSIGN_OR_RETURN(read, MacCosts::read(request));
    macs.emplace(std::move(read));
  }
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
  Result<quant::MixedResult> found = quant::choose_formats(network.network, data.calibration,
                                                           setting.technique, mixed, setting.jobs);
  if (!found.ok()) {
    Error error = found.error();
    if (error.field == "budget") error.field = request.luts ? "--budget-luts" : "--budget-bits";
    return error;
  }
  FEWBIT_ASSIGN_OR_RETURN(in_float, quant::evaluate(network.network, quant::FloatArithmetic(),
                                                    data.images, data.labels, setting.jobs));

  FEWBIT_ASSIGN_OR_RETURN(float_spread,
                          quant::output_spread(network.network, quant::FloatArithmetic(),
                                               quant::images_for_remarks(data.calibration)));

  nlohmann::ordered_json json{{"network", network.file},
                              {"images", in_float.images},
                              {"float", {{"right", in_float.right}}}};
  Table summary(
      {"formats", "cost", "divergence", "right of " + std::to_string(in_float.images), "percent"});
  const auto evaluate = [&](const std::string& name, const quant::MixedChoice& choice,
                            bool is_mixed) -> Result<AccuracyRow> {
    const auto begin = std::chrono::steady_clock::now();
    quant::QuantizerOptions options = setting.technique;
    options.layers = quant::layer_formats(mixed, choice.candidates);
    FEWBIT_ASSIGN_OR_RETURN(
        arithmetic, quant::QuantizedArithmetic::make(network.network, data.calibration, options));
    FEWBIT_ASSIGN_OR_RETURN(right, quant::evaluate(network.network, arithmetic, data.images,
                                                   data.labels, setting.jobs));
    std::string names;
    for (const quant::LayerFormats& formats : options.layers) {
      names += (names.empty() ? "" : ",") + pair_name(formats);
    }
    AccuracyRow row = planned_accuracy(network, data, setting, names);
    row.command += request.command + setting.technique_words;
    row.weights = row.activations = row.weights_kind = row.activations_kind = "mixed";
    row.layers = names;
    row.status = "ok";
    row.images_right = static_cast<std::int64_t>(right.right);
    row.float_right = static_cast<std::int64_t>(in_float.right);
    if (request.luts) {
      row.mac_luts = choice.cost;
      row.mac_target = request.target;
    }
    fill_layers(arithmetic, row);
    FEWBIT_ASSIGN_OR_RETURN(
        remarks, quant::remarks(network.network, arithmetic, data.calibration, float_spread));
    row.remarks = remarks;
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    row.seconds = elapsed.count();
    summary.add({name, fmt::format("{:.3f}", choice.cost), fmt::format("{:.5f}", choice.loss),
                 std::to_string(right.right), fmt::format("{:.2f}", right.percent())});
    json[is_mixed ? "mixed" : "uniform"] = {
        {"formats", name},       {"cost", choice.cost},  {"loss", choice.loss},
        {"right", right.right},  {"layers", row.layers}, {"weight_bits", row.weight_bits},
        {"remarks", row.remarks}};
    return row;
  };
  const quant::LayerFormats& uniform = mixed.candidates[found->uniform.candidates[0]];
  FEWBIT_ASSIGN_OR_RETURN(uniform_row, evaluate(pair_name(uniform), found->uniform, false));
  FEWBIT_ASSIGN_OR_RETURN(mixed_row, evaluate("by layer", found->mixed, true));
  if (!request.database.empty()) {
    FEWBIT_ASSIGN_OR_RETURN(store,
                            store::ResultStore::open(request.database, store::Access::kWrite));
    FEWBIT_RETURN_IF_ERROR(store.insert(mixed_row));
  }
  Table table({"layer", "weights", "activations", "share of products", "share of weights"});
  const std::vector<quant::LayerFormats> chosen =
      quant::layer_formats(mixed, found->mixed.candidates);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    table.add({layers[i].name, shares[i].has_weights ? chosen[i].weights.name() : "-",
               chosen[i].activations.name(), fmt::format("{:.3f}", shares[i].of_products),
               fmt::format("{:.3f}", shares[i].of_weights)});
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  json["seconds"] = elapsed.count();
  console.print(fmt::format("{}\n{}\nfloat {:.2f} %; {:.0f} s\n", table.to_text(),
                            summary.to_text(), in_float.percent(), elapsed.count()));
  if (!mixed_row.remarks.empty()) console.print("remarks: " + mixed_row.remarks + "\n");
  console.document(json);
  return ExitCode::kOk;
}

}  // namespace fewbit::cli
