// A format for each layer of a network under a budget.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>

#include "fewbit/cli/quant_grid.h"

namespace CLI {
class App;
}

namespace fewbit::cli {

struct SearchRequest {
  std::vector<quant::OperandFormat> weights, activations;  ///< candidates: all their pairs
  std::optional<double> luts;  ///< most LUTs of a MAC, the mean over all products
  std::optional<double> bits;  ///< most bits of a weight, the mean over all weights
  std::string target;          ///< of the costs
  std::string database;        ///< costs are read from it, both accuracies go into it; may be ""
  int refinements = 0;
  std::string command;  ///< `fewbit quant search` with all but network, data and technique
};

/// The options that a search has and other actions have not.
class SearchOptions {
 public:
  void declare(CLI::App& app);
  static std::set<std::string> names();
  /// An Error where one of them is given.
  [[nodiscard]] Status check_absent() const;
  [[nodiscard]] Result<SearchRequest> request(const std::string& weights,
                                              const std::string& activations,
                                              const std::string& database) const;

 private:
  std::string luts_, bits_, target_, refinements_;
};

/// Chooses on the calibration images, then evaluates the choice and the best uniform formats on all
/// images. Layers that stay at 8 bits take no part in the budget.
Result<ExitCode> run_search(const SearchRequest& request, const QuantNetwork& network,
                            const QuantData& data, const QuantSetting& setting,
                            const Console& console);

}  // namespace fewbit::cli
