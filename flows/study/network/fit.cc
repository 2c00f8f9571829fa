// Fitting accelerators: see fit.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/network/fit.h"

#include <algorithm>

namespace fewbit::study {
namespace {

constexpr std::int64_t kShare = 50;  ///< how near the fewest cycles are found

class Fitter {
 public:
  Fitter(const quant::LoweredNetwork& network, const AcceleratorRequest& request,
         const FitBudget& budget)
      : network_(network), request_(request), budget_(budget) {}

  Result<std::optional<Fitted>> fastest() {
    std::int64_t low = static_cast<std::int64_t>(quant::element_count(network_.nodes[0].shape)) - 1;
    if (budget_.planned) {
      const quant::BlockCosts& costs = quant::BlockCosts::measured();
      FEWBIT_ASSIGN_OR_RETURN(pipeline, quant::pipeline_of(network_, costs));
      pipeline_ = std::move(pipeline);
      FEWBIT_ASSIGN_OR_RETURN(plan, quant::fold_fastest(pipeline_, *budget_.planned, costs));
      if (!plan) return std::optional<Fitted>();
      low = plan->cycles - 1;
    }
    std::optional<Fitted> best;
    std::int64_t high = low + 1;
    for (;; high = 2 * high) {
      FEWBIT_ASSIGN_OR_RETURN(tried, at(high));
      best = std::move(tried);
      if (best || high > most_cycles()) break;
      low = high;
    }
    while (best && high - low > 1 + low / kShare) {
      const std::int64_t middle = low + (high - low) / 2;
      FEWBIT_ASSIGN_OR_RETURN(tried, at(middle));
      (tried ? high : low) = middle;
      if (tried) best = std::move(tried);
    }
    return best;
  }
  [[nodiscard]] int least_blocks() const { return least_blocks_; }

 private:
  /// With one row of one lane everywhere, and more.
  [[nodiscard]] std::int64_t most_cycles() const {
    std::int64_t most = 0;
    for (const quant::LoweredNode& node : network_.nodes) {
      if (const auto* sums = std::get_if<quant::LinearSums>(&node.op)) {
        most = std::max(most, sums->channels() * sums->terms() * sums->pixels());
      }
      most = std::max(most, static_cast<std::int64_t>(quant::element_count(node.shape)));
    }
    return most;
  }

  /// Absent where no layers are so fast.
  [[nodiscard]] Result<std::optional<std::vector<LayerFolding>>> layers(std::int64_t cycles) const {
    std::optional<std::vector<LayerFolding>> found;
    if (!budget_.planned) {
      Result<std::vector<LayerFolding>> folded = fold_layers(network_, cycles, budget_.weighed);
      if (folded.ok()) found = std::move(*folded);
      return found;
    }
    FEWBIT_ASSIGN_OR_RETURN(
        plan, quant::fold(pipeline_, *budget_.planned, cycles, quant::BlockCosts::measured()));
    if (!plan || !plan->fits(*budget_.planned)) return found;
    FEWBIT_ASSIGN_OR_RETURN(folded, fold_layers(network_, *plan, budget_.weighed));
    found = std::move(folded);
    return found;
  }

  Result<std::optional<Fitted>> at(std::int64_t cycles) {
    FEWBIT_ASSIGN_OR_RETURN(layers, this->layers(cycles));
    if (!layers) return std::optional<Fitted>();
    FEWBIT_ASSIGN_OR_RETURN(made, fitted_with(network_, request_, std::move(*layers), budget_));
    const int blocks = made.memory.blocks;
    least_blocks_ = least_blocks_ == 0 ? blocks : std::min(least_blocks_, blocks);
    if (blocks > budget_.blocks) return std::optional<Fitted>();
    return std::optional(std::move(made));
  }

  const quant::LoweredNetwork& network_;
  const AcceleratorRequest& request_;
  const FitBudget& budget_;
  quant::Pipeline pipeline_;
  int least_blocks_ = 0;
};

}  // namespace

Result<Fitted> fitted_with(const quant::LoweredNetwork& network, AcceleratorRequest request,
                           std::vector<LayerFolding> layers, const FitBudget& budget) {
  request.layers = std::move(layers);
  FEWBIT_ASSIGN_OR_RETURN(accelerator, build_accelerator(network, request));
  const MemoryUse memory = memory_use(*accelerator.top, budget.weighed.shapes, budget.least_bits);
  return Fitted{std::move(request), std::move(accelerator), memory};
}

Result<std::optional<Fitted>> fit_fastest(const quant::LoweredNetwork& network,
                                          const AcceleratorRequest& request,
                                          const FitBudget& budget, int& least_blocks) {
  Fitter fitter(network, request, budget);
  FEWBIT_ASSIGN_OR_RETURN(found, fitter.fastest());
  least_blocks = fitter.least_blocks();
  return found;
}

}  // namespace fewbit::study
