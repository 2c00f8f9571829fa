// Options of fewbit quant that say what is between the linear layers: floats, or integers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fewbit/cli/console.h"
#include "fewbit/flows/study/quant/grid.h"
#include "fewbit/quant/hardware/lowering.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace fewbit::cli {

class NumericsWords {
 public:
  /// The options, as they are declared.
  std::vector<const CLI::Option*> declare(CLI::App& app);
  /// Absent with floats between layers. Errors: what hardware numerics cannot have.
  [[nodiscard]] Result<std::optional<quant::LoweringOptions>> options(
      const quant::QuantizerOptions& quantizer, bool reads_text) const;

 private:
  std::string numerics_ = "float";
  std::string multiplier_bits_;
  std::string stream_bits_;
};

/// An Error where hardware numerics do not cover the network or the images, before anything long is
/// computed.
Status check_hardware(const quant::Network& network, const study::QuantData& data);

/// Lowers the network, evaluates it, prints accuracy, loss against `exact_percent` and a table of
/// layers, and gives the same as JSON.
Result<nlohmann::ordered_json> report_hardware(const quant::Network& network,
                                               const quant::QuantizedArithmetic& arithmetic,
                                               const study::QuantData& data,
                                               const quant::LoweringOptions& options,
                                               double exact_percent, int jobs,
                                               const Console& console);

}  // namespace fewbit::cli
