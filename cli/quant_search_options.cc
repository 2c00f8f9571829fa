// fewbit quant search in words: see quant_search_options.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/quant_search_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <nlohmann/json.hpp>

#include "fewbit/gen/util/text.h"

namespace fewbit::cli {
namespace {

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

nlohmann::ordered_json to_json(const study::SearchedChoice& choice) {
  return {{"formats", choice.formats},
          {"cost", choice.cost},
          {"loss", choice.loss},
          {"sum", choice.sum},
          {"right", choice.right},
          {"layers", choice.row.layers},
          {"weight_bits", choice.row.weight_bits},
          {"remarks", choice.row.remarks}};
}

}  // namespace

void SearchOptions::declare(CLI::App& app) {
  app.add_option("--budget-luts", luts_,
                 "Most LUTs of a MAC, the mean over all products, by the costs in --db");
  app.add_option("--budget-bits", bits_, "Most bits of a weight, the mean over all weights");
  app.add_option("--target", target_, "Target of the costs; default: ice40-hx8k");
  app.add_option("--refinements", refinements_,
                 "Choices tried near the one found by sensitivities; default: 40");
}

Result<study::SearchRequest> SearchOptions::request(const std::string& weights,
                                                    const std::string& activations,
                                                    const std::string& database) const {
  study::SearchRequest request;
  FEWBIT_ASSIGN_OR_RETURN(of_weights, study::operand_formats("--weights", weights));
  FEWBIT_ASSIGN_OR_RETURN(of_activations, study::activation_formats("--activations", activations));
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

void print_search(const std::string& network, const study::SearchResult& result,
                  const Console& console) {
  Table layers({"layer", "weights", "activations", "share of products", "share of weights"});
  for (const study::SearchedLayer& layer : result.layers) {
    layers.add({layer.name, layer.has_weights ? layer.formats.weights.name() : "-",
                layer.formats.activations.name(), fmt::format("{:.3f}", layer.of_products),
                fmt::format("{:.3f}", layer.of_weights)});
  }
  const auto percent = [&result](std::size_t right) {
    return 100.0 * static_cast<double>(right) / static_cast<double>(result.images);
  };
  Table summary({"formats", "cost", "divergence", "sum by layer",
                 "right of " + std::to_string(result.images), "percent"});
  for (const study::SearchedChoice* choice : {&result.uniform, &result.optimum, &result.mixed}) {
    summary.add({choice->formats, fmt::format("{:.3f}", choice->cost),
                 fmt::format("{:.5f}", choice->loss), fmt::format("{:.5f}", choice->sum),
                 std::to_string(choice->right), fmt::format("{:.2f}", percent(choice->right))});
  }
  console.print(fmt::format("{}\n{}\nfloat {:.2f} %; {:.0f} s\n", layers.to_text(),
                            summary.to_text(), percent(result.float_right), result.seconds));
  if (!result.mixed.row.remarks.empty()) {
    console.print("remarks: " + result.mixed.row.remarks + "\n");
  }
  console.document({{"network", network},
                    {"images", result.images},
                    {"float", {{"right", result.float_right}}},
                    {"uniform", to_json(result.uniform)},
                    {"mixed", to_json(result.mixed)},
                    {"optimum", to_json(result.optimum)},
                    {"seconds", result.seconds}});
}

}  // namespace fewbit::cli
