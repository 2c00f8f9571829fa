// Right answers of classifiers, right characters of readers.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/quant_accuracy.h"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>

#include "fewbit/cli/meter.h"
#include "fewbit/gen/util/text.h"
#include "fewbit/quant/sequences.h"

namespace fewbit::cli {

Result<nlohmann::ordered_json> report_accuracy(const std::string& label,
                                               const quant::Network& network,
                                               const quant::LinearArithmetic& arithmetic,
                                               const study::QuantData& data,
                                               const std::optional<quant::MetricTask>& task,
                                               int jobs, const Console& console) {
  std::optional<Meter> meter("quant");
  const auto share = [&](double done) { meter->at(label, done); };
  if (task) {
    const auto start = std::chrono::steady_clock::now();
    FEWBIT_ASSIGN_OR_RETURN(outputs,
                            quant::all_outputs(network, arithmetic, data.images, jobs, share));
    FEWBIT_ASSIGN_OR_RETURN(value, quant::metric_of(task->metric, outputs, task->targets));
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    meter.reset();
    const std::string name = quant::metric_name(task->metric);
    console.print(fmt::format("{:<28} {} {:.4f} of {} images, {:.2f} s\n", label, name, value,
                              data.images.shape[0], seconds.count()));
    return nlohmann::ordered_json{{"metric", name}, {"value", value}, {"seconds", seconds.count()}};
  }
  if (data.text) {
    FEWBIT_ASSIGN_OR_RETURN(lines, quant::evaluate_sequences(network, arithmetic, data.images,
                                                             *data.text, jobs, share));
    meter.reset();
    console.print(fmt::format("{:<28} {:.2f} % of {} characters, {} of {} lines exact, {:.2f} s\n",
                              label, lines.percent(), lines.characters, lines.exact, lines.images,
                              lines.seconds));
    return nlohmann::ordered_json{{"characters", lines.characters},
                                  {"edits", lines.edits},
                                  {"exact_lines", lines.exact},
                                  {"percent", lines.percent()},
                                  {"seconds", lines.seconds}};
  }
  FEWBIT_ASSIGN_OR_RETURN(
      images, quant::evaluate(network, arithmetic, data.images, data.labels, jobs, share));
  meter.reset();
  console.print(fmt::format("{:<28} {:.2f} % of {} images, {:.2f} s\n", label, images.percent(),
                            images.images, images.seconds));
  return nlohmann::ordered_json{
      {"right", images.right}, {"percent", images.percent()}, {"seconds", images.seconds}};
}

Result<quant::QuantizedArithmetic> quantized_arithmetic(const quant::Network& network,
                                                        const quant::Tensor& calibration,
                                                        const quant::QuantizerOptions& options) {
  Meter meter("quant");
  meter.at("chooses ranges, rounds weights");
  return quant::QuantizedArithmetic::make(network, calibration, options);
}

Result<std::vector<double>> layer_sqnr_db(const quant::Network& network,
                                          const quant::LinearArithmetic& arithmetic,
                                          const quant::Tensor& images) {
  Meter meter("quant");
  meter.at("compares layers with float");
  return quant::result_sqnr_db(network, arithmetic, images);
}

void print_layers(const quant::QuantizedArithmetic& arithmetic, const std::vector<double>& sqnr_db,
                  const Console& console, nlohmann::ordered_json& json) {
  const std::vector<quant::QuantizedLayer>& layers = arithmetic.layers();
  const bool is_exact = layers.empty() || !layers.front().accumulator;
  std::vector<std::string> heading = {
      "layer", "left", "right", "terms", "accumulator bits", "worst case", "result SQNR dB"};
  if (!is_exact) heading.emplace_back("accumulator");
  Table table(heading);
  json["layers"] = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < sqnr_db.size(); ++i) {
    const quant::QuantizedLayer& layer = layers[i];
    const std::string left = layer.left_grid.format().name();
    const std::string right = layer.right_grid.format().name();
    std::vector<std::string> row = {layer.name,
                                    left,
                                    right,
                                    std::to_string(layer.terms),
                                    std::to_string(layer.accumulator_bits()),
                                    std::to_string(layer.worst_case_bits()),
                                    fmt::format("{:.1f}", sqnr_db[i])};
    if (!is_exact) row.push_back(quant::accumulator_text(*layer.accumulator));
    table.add(row);
    json["layers"].push_back({{"name", layer.name},
                              {"left", left},
                              {"right", right},
                              {"terms", layer.terms},
                              {"accumulator_bits", layer.accumulator_bits()},
                              {"worst_case_bits", layer.worst_case_bits()},
                              {"result_sqnr_db", sqnr_db[i]}});
    if (layer.corrected_error) json["layers"].back()["corrected_error"] = *layer.corrected_error;
    if (is_exact) continue;
    json["layers"].back()["accumulator"] = quant::accumulator_text(*layer.accumulator);
    json["layers"].back()["emit"] = layer.accumulator->command();
  }
  console.print("\n" + table.to_text());
}

void print_use(const quant::FormatUse& use, nlohmann::ordered_json& json, const Console& console) {
  json["format_layers"] = use.layers;
  json["linear_layers"] = use.all_layers;
  json["format_products"] = use.products;
  console.print(fmt::format("\n{} x {} in {} of {} linear layers, {:.2f} % of the products\n",
                            json["weights"].get<std::string>(),
                            json["activations"].get<std::string>(), use.layers, use.all_layers,
                            100 * use.products));
}

}  // namespace fewbit::cli
