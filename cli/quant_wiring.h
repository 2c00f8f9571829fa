// Options of fewbit quant for networks with several inputs and outputs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/quant/wiring.h"

namespace CLI {
class App;
}

namespace fewbit::cli {

class WiringWords {
 public:
  void declare(CLI::App& app);
  /// What they say, as on the command line; "" where nothing.
  [[nodiscard]] std::string words() const;
  /// The network in a file, as they wire it. Errors also: other words than NAME=FILE and
  /// INPUT=OUTPUT, values that are no NPY.
  [[nodiscard]] Result<quant::Graph> read(const std::string& file) const;
  /// SHA-256 of the file, and of all others that the network is made of.
  [[nodiscard]] Result<std::string> hash(const std::string& file, const quant::Graph& graph) const;

 private:
  [[nodiscard]] Result<quant::Wiring> wiring() const;

  std::vector<std::string> inputs_;
  std::vector<std::string> states_;
  std::string output_;
};

}  // namespace fewbit::cli
