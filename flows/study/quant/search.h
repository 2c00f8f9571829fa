// A format for each layer of a network under a budget.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fewbit/flows/study/quant/grid.h"
#include "fewbit/quant/mixed.h"

namespace fewbit::study {

struct SearchRequest {
  std::vector<quant::OperandFormat> weights, activations;  ///< candidates: all their pairs
  std::optional<double> luts;  ///< most LUTs of a MAC, the mean over all products
  std::optional<double> bits;  ///< most bits of a weight, the mean over all weights
  std::string target;          ///< of the costs
  std::string database;        ///< costs are read from it, both accuracies go into it; may be ""
  int refinements = 0;
  std::string command;  ///< `fewbit quant search` with all but network, data and technique
};

/// What a layer counts for, and the formats that it got.
struct SearchedLayer {
  std::string name;
  bool has_weights = false;
  double of_products = 0;  ///< of those of all layers whose formats are chosen
  double of_weights = 0;
  quant::LayerFormats formats;
};

/// A choice of formats and what it does on all images.
struct SearchedChoice {
  std::string formats;  ///< "e2m1/int4" of a uniform one, "by layer", "least sum"
  double cost = 0;
  double loss = 0;  ///< divergence of the outputs from those in float, on calibration images
  double sum = 0;   ///< of the divergences with one layer quantized
  std::size_t right = 0;
  store::AccuracyRow row;
};

struct SearchResult {
  std::size_t images = 0;
  std::size_t float_right = 0;
  std::vector<SearchedLayer> layers;
  SearchedChoice uniform, mixed;
  SearchedChoice optimum;  ///< the least sum within the budget
  double seconds = 0;
};

/// Chooses on the calibration images, then evaluates the choice and the best uniform formats on all
/// images. Layers that stay at 8 bits take no part in the budget. The row of the mixed choice goes
/// into the database, where there is one.
Result<SearchResult> run_search(const SearchRequest& request, const QuantNetwork& network,
                                const QuantData& data, const QuantSetting& setting);

}  // namespace fewbit::study
