// Options of fewbit quant that say what sums of products are collected in.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/quant/accumulators.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace fewbit::cli {

class AccumulatorWords {
 public:
  /// The options, as they are declared.
  std::vector<const CLI::Option*> declare(CLI::App& app);
  /// What they say, formats of operands apart.
  [[nodiscard]] Result<quant::AccumulatorOptions> options() const;

 private:
  std::string accumulator_ = "exact";
  std::string bias_ = "format";
  std::string width_;
  std::string lanes_ = "1";
  std::string overflow_;
};

}  // namespace fewbit::cli
