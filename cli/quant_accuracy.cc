// Right answers of classifiers, right characters of readers.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/quant_accuracy.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "fewbit/quant/sequences.h"

namespace fewbit::cli {

Result<nlohmann::ordered_json> report_accuracy(const std::string& label,
                                               const quant::Network& network,
                                               const quant::LinearArithmetic& arithmetic,
                                               const QuantData& data, int jobs,
                                               const Console& console) {
  if (data.text) {
    FEWBIT_ASSIGN_OR_RETURN(
        lines, quant::evaluate_sequences(network, arithmetic, data.images, *data.text, jobs));
    console.print(fmt::format("{:<28} {:.2f} % of {} characters, {} of {} lines exact, {:.2f} s\n",
                              label, lines.percent(), lines.characters, lines.exact, lines.images,
                              lines.seconds));
    return nlohmann::ordered_json{{"characters", lines.characters},
                                  {"edits", lines.edits},
                                  {"exact_lines", lines.exact},
                                  {"percent", lines.percent()},
                                  {"seconds", lines.seconds}};
  }
  FEWBIT_ASSIGN_OR_RETURN(images,
                          quant::evaluate(network, arithmetic, data.images, data.labels, jobs));
  console.print(fmt::format("{:<28} {:.2f} % of {} images, {:.2f} s\n", label, images.percent(),
                            images.images, images.seconds));
  return nlohmann::ordered_json{
      {"right", images.right}, {"percent", images.percent()}, {"seconds", images.seconds}};
}

}  // namespace fewbit::cli
