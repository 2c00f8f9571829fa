// What of a device a network may take: --luts, --brams and --dsps of the commands that fold it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/gen/util/result.h"
#include "fewbit/quant/hardware/folding.h"

namespace CLI {
class App;
}

namespace fewbit::cli {

class BudgetWords {
 public:
  void declare(CLI::App& app);
  [[nodiscard]] bool is_given() const {
    return !luts_.empty() || !brams_.empty() || !dsps_.empty();
  }
  /// " --luts 9000 --brams 40" as a command line has them.
  [[nodiscard]] std::string words() const;
  /// The device with no more than the budgets. Errors: a budget beyond the device.
  [[nodiscard]] Result<quant::Device> applied(quant::Device device) const;
  /// The same of a device of which nothing but block RAMs is counted before synthesis.
  [[nodiscard]] Result<int> applied_to_memories(const std::string& device, int brams) const;
  /// The Error of a network whose smallest folding takes more than the budgets: by how much, and
  /// what would do.
  [[nodiscard]] Status too_small(const quant::Pipeline& pipeline, const quant::Device& device,
                                 const quant::BlockCosts& costs) const;

 private:
  std::string luts_, brams_, dsps_;
};

/// "about 21,000 of 20,644 LUTs, ..." of a plan that does not fit.
std::string needs(const quant::FoldingPlan& plan, const quant::Device& device);

}  // namespace fewbit::cli
