// fewbit quant sample: pictures from noise by a quantized network, and how far they are from
// others.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "fewbit/cli/console.h"
#include "fewbit/cli/quant_technique.h"

namespace CLI {
class App;
}

namespace fewbit::cli {

class SampleWords {
 public:
  void declare(CLI::App& app);
  /// `technique`, declared for the same command, and --jobs as it was given.
  [[nodiscard]] Result<ExitCode> run(const TechniqueWords& technique, const std::string& jobs,
                                     const Console& console) const;

 private:
  /// Nothing where no format was given.
  [[nodiscard]] Result<std::optional<quant::QuantizerOptions>> formats(
      quant::QuantizerOptions options) const;

  std::string network_, classifier_, images_, steps_ = "20", samples_ = "2000", seed_ = "1";
  std::string weights_, activations_, sheet_;
};

}  // namespace fewbit::cli
