// Accelerators: a lowered network as one design of streaming blocks, an engine for each layer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fewbit/flows/study/network/plumbing.h"
#include "fewbit/gen/rtl/design.h"
#include "fewbit/gen/rtl/memory.h"
#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit::study {

/// Of a linear layer: so many sums at a time, of so many products in each cycle, and so many
/// results a cycle. Of a depthwise layer `rows` channels at a time, `lanes` is 1.
struct LayerFolding {
  int rows = 1;
  int lanes = 1;
  int units = 1;  ///< divides rows
};

struct BlockRams {
  std::vector<rtl::BlockShape> shapes;
  std::int64_t least_bits = 0;  ///< of a memory that synthesis puts into them
  int blocks = 0;
};

struct AcceleratorRequest {
  std::string name;  ///< of the top module, "fewbit_..."; its parts begin with it
  std::string command;
  Fabric fabric = Fabric::kIce40;
  bool has_multipliers = false;  ///< hard ones, for requantizers; else results of up to 4 bits come
                                 ///< of thresholds
  bool sends_class = false;      ///< the number of the largest logit in place of all of them
  std::vector<LayerFolding> layers;  ///< of the linear layers in order of computation
  /// Block RAMs that there are: what does not fit them is in lookup tables. Absent: synthesis
  /// chooses.
  std::optional<BlockRams> block_rams{};
  bool is_observed = false;  ///< see Plumbing
  /// Beats that wait for another branch, of so many, in place of those that are computed.
  std::function<int(int least, int computed)> waiting = {};
};

/// A linear layer as it was built.
struct EngineReport {
  std::string name;                                 ///< of the ONNX node
  std::string stem;                                 ///< in names of modules and instances
  std::string weights, activations, sums, results;  ///< formats
  std::string rounding;                             ///< requantizer or thresholds
  LayerFolding folding;
  int channels = 1, terms = 1, pixels = 1;
  std::int64_t cycles = 0;  ///< of an image
};

struct Accelerator {
  std::shared_ptr<rtl::Module> top;
  std::vector<StreamPlace> streams;
  std::vector<WaitingPlace> waiting;
  std::vector<EngineReport> engines;
  std::vector<BlockCycles> cycles;
  Layout image, logits;
  bool sends_class = false;
  int result_bits = 0;  ///< of a logit, or of the class
  /// Cycles between images in the long run: those of the slowest block.
  [[nodiscard]] const BlockCycles& slowest() const;
  /// Ports of the top: AXI4-Stream.
  [[nodiscard]] rtl::EmittedDesign emit() const;
  std::string command;
  Fabric fabric = Fabric::kIce40;
  bool has_multipliers = false;  ///< hard ones
};

/// Receives s_axis, the bytes of images, channel-last, one a beat. Sends m_axis: the logits in
/// units of the network's output, one a beat, sign-extended to whole bytes, tlast on the last of an
/// image; or the class. Errors: what no block covers, named by its node.
Result<Accelerator> build_accelerator(const quant::LoweredNetwork& network,
                                      const AcceleratorRequest& request);

}  // namespace fewbit::study
