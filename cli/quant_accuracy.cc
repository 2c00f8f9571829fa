// Right answers of classifiers, right characters of readers.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/quant_accuracy.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "fewbit/cli/meter.h"
#include "fewbit/quant/sequences.h"

namespace fewbit::cli {

Result<nlohmann::ordered_json> report_accuracy(const std::string& label,
                                               const quant::Network& network,
                                               const quant::LinearArithmetic& arithmetic,
                                               const QuantData& data, int jobs,
                                               const Console& console) {
  std::optional<Meter> meter("quant");
  const auto share = [&](double done) { meter->at(label, done); };
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

}  // namespace fewbit::cli
