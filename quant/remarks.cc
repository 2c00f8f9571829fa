// Remarks: see remarks.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/remarks.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "fewbit/quant/evaluate.h"

namespace fewbit::quant {
namespace {

constexpr std::size_t kImages = 64;
constexpr std::size_t kBatch = 8;
constexpr std::size_t kMostNames = 3;
/// Below this part of the spread in float, outputs hardly differ between images.
constexpr double kLeastSpread = 0.05;
/// The best estimate of a noisy signal is smaller than the signal: bringing results to the spread
/// of the signal costs some error by itself, twice as much at the most.
constexpr double kMostCorrectedError = 1.25;

/// "a, b, c and 5 more"
std::string some_of(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(names.size(), kMostNames);
  std::string text = fmt::format(
      "{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  if (names.size() > shown) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

}  // namespace

Tensor images_for_remarks(const Tensor& calibration) {
  const auto count = static_cast<std::size_t>(calibration.shape[0]);
  return slice_batch(calibration, 0, std::min(count, kImages));
}

Result<double> output_spread(const Network& network, const LinearArithmetic& arithmetic,
                             const Tensor& images) {
  const auto count = static_cast<std::size_t>(images.shape[0]);
  const std::size_t batch = network.batch_near(kBatch);
  std::vector<double> sums, squares;
  for (std::size_t first = 0; first < count; first += batch) {
    const std::size_t size = std::min(batch, count - first);
    FEWBIT_ASSIGN_OR_RETURN(outputs, network.run(slice_batch(images, first, size), arithmetic));
    if (!outputs.is_float() || outputs.size() % size != 0) {
      return Error{"network output", to_string(outputs.shape), "numbers of each image", ""};
    }
    const std::size_t places = outputs.size() / size;
    sums.resize(places);
    squares.resize(places);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const auto value = static_cast<double>(outputs.floats()[i]);
      sums[i % places] += value;
      squares[i % places] += value * value;
    }
  }
  const auto images_seen = static_cast<double>(count);
  double variance = 0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    variance += std::max(0.0, squares[i] / images_seen - std::pow(sums[i] / images_seen, 2));
  }
  return std::sqrt(variance);
}

Result<std::string> remarks(const Network& network, const QuantizedArithmetic& arithmetic,
                            const Tensor& calibration, double float_spread) {
  const Tensor images = images_for_remarks(calibration);
  std::vector<std::string> all;
  FEWBIT_ASSIGN_OR_RETURN(spread, output_spread(network, arithmetic, images));
  if (images.shape[0] > 1 && float_spread > 0 && spread < kLeastSpread * float_spread) {
    all.push_back(
        fmt::format("outputs hardly differ between images: by {:.2g} of what they do in float",
                    spread / float_spread));
  }
  FEWBIT_ASSIGN_OR_RETURN(sqnr_db, result_sqnr_db(network, arithmetic, images));
  std::vector<std::string> worse, noisy;
  for (std::size_t i = 0; i < sqnr_db.size(); ++i) {
    const QuantizedLayer& layer = arithmetic.layers()[i];
    if (layer.corrected_error.value_or(0) > kMostCorrectedError) worse.push_back(layer.name);
    if (sqnr_db[i] < 0) noisy.push_back(layer.name);
  }
  if (!worse.empty()) {
    all.push_back("the gain correction makes results worse in " + some_of(worse));
  }
  if (!noisy.empty()) all.push_back("more noise than signal in " + some_of(noisy));
  return fmt::format("{}", fmt::join(all, "; "));
}

}  // namespace fewbit::quant
