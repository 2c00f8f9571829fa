// Verification of an accelerator: every layer's stream, and the logits, against the numbers of the
// lowered network.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "fewbit/flows/study/network/accelerator.h"

namespace fewbit::study {

struct NetworkVerifyOptions {
  std::uint64_t seed = 1;
  int stalled_runs = 2;    ///< beside those without stalls
  int stalled_images = 2;  ///< of each of them; of the others all images
  std::function<void(const std::string& step)> progress;
};

/// What was compared, and the first difference.
struct NetworkReport {
  bool passed = false;
  std::string failure;          ///< layer, image, pixel, channel and both numbers; or who waits
  std::uint64_t images = 0;     ///< of all runs
  std::uint64_t values = 0;     ///< numbers that were compared
  std::uint64_t cycles = 0;     ///< of all runs
  double cycles_per_image = 0;  ///< between last beats of images, without stalls; 0 for one image
  std::uint64_t latency_cycles = 0;  ///< from an image's first byte to its last result
  std::vector<std::string> streams;  ///< those compared number by number
};

/// Numbers of some images, to compare designs of one accelerator with.
class NetworkBench {
 public:
  /// Errors: of network.run().
  static Result<NetworkBench> make(const quant::LoweredNetwork& network,
                                   const quant::Tensor& images);
  ~NetworkBench();
  NetworkBench(NetworkBench&&) noexcept;

  /// Simulates a design with the ports of `accelerator`; compares the streams that it has taps for,
  /// and the results. Adds to `report`; false where something differs. Errors: of tools.
  Result<bool> run(const rtl::EmittedDesign& design, const Accelerator& accelerator,
                   bool is_observed, const NetworkVerifyOptions& options,
                   NetworkReport& report) const;

 private:
  struct Numbers;
  explicit NetworkBench(std::unique_ptr<Numbers> numbers);
  std::unique_ptr<Numbers> numbers_;
};

/// Simulates the design of `request` as it is emitted, without stalls and with stalls of its ports,
/// and once more with every stream between blocks observed and stalled (never, 30 %, 90 % or in
/// bursts, each by a pattern and seed of its own). `images` hold bytes / 255; they come one right
/// behind the other. Expected numbers are those of network.run(). A design in which nothing moves
/// is a failure that names the streams that wait. Errors: of tools, of the request.
Result<NetworkReport> verify_network(const quant::LoweredNetwork& network,
                                     AcceleratorRequest request, const quant::Tensor& images,
                                     const NetworkVerifyOptions& options);

}  // namespace fewbit::study
