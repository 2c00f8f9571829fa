// Options of fewbit quant that say what a network is tried on: images, their labels, and what
// ranges are chosen on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/flows/study/quant/grid.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace fewbit::cli {

class DataWords {
 public:
  /// `reads_text`: whether the command knows networks that read lines of text. Gives
  /// --calibration-images, which networks in float have no use for.
  const CLI::Option* declare(CLI::App& app, bool reads_text);
  [[nodiscard]] bool reads_text() const { return !dictionary_.empty(); }
  /// An Error where there is no --calibration-images.
  [[nodiscard]] Status check_calibration() const;
  [[nodiscard]] const std::string& labels_file() const { return labels_; }
  /// Without labels where `wants_labels` is false, as with a metric of its own. Errors: files that
  /// cannot be read.
  [[nodiscard]] Result<study::QuantData> read(bool wants_labels = true) const;
  /// The data's part of a command that reproduces a row.
  [[nodiscard]] std::string words() const;

 private:
  template <typename Label>
  Status limit(quant::Tensor& images, std::vector<Label>& labels) const;

  std::string images_, labels_, dictionary_, calibration_, limit_;
};

}  // namespace fewbit::cli
