// Options of fewbit quant that say how a network is rounded, formats apart.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/cli/quant_accumulator.h"
#include "fewbit/quant/graph.h"
#include "fewbit/quant/network.h"
#include "fewbit/quant/quantizer.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace fewbit::cli {

/// One object serves several commands, each with its own options of the same names.
class TechniqueWords {
 public:
  /// `accumulators`: whether the command can collect sums in something else than exact integers.
  /// Gives the options, as they are declared.
  std::vector<const CLI::Option*> declare(CLI::App& app, bool accumulators);
  /// What they say. Errors: a word that is none, two that exclude each other.
  [[nodiscard]] Result<quant::QuantizerOptions> options() const;
  /// Those that were given and are not what is usual, as the command line has them; and --unsigned,
  /// whose usual value was another one once.
  [[nodiscard]] std::string words() const;
  /// The network with what the options move between layers. `images_are_bytes`: the network's input
  /// is never negative.
  [[nodiscard]] Result<quant::Network> equalized(quant::Graph graph, bool images_are_bytes,
                                                 const quant::Tensor& calibration) const;

 private:
  std::string weight_range_ = "mse";
  std::string activation_range_ = "mse";
  std::string per_channel_ = "on";
  std::string unsigned_ = "on";
  std::string weight_equalization_ = "off";
  std::string activation_equalization_ = "off";
  std::string gptq_ = "off";
  std::string learned_rounding_ = "off";
  std::string bias_correction_ = "off";
  std::string gain_correction_ = "auto";
  std::string edges_ = "8bit";
  AccumulatorWords accumulator_;
  std::vector<const CLI::Option*> declared_;  ///< of all commands; those of one are given at most
};

}  // namespace fewbit::cli
