// A network's nodes as hardware numerics know them: what is covered, and who reads whose result.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "fewbit/quant/network.h"

namespace fewbit::quant {

/// Real bounds of a Relu or Clip.
struct RealBounds {
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  /// These bounds, then `next`.
  [[nodiscard]] RealBounds then(const RealBounds& next) const;
};

/// A Conv or Gemm for one image; alpha and beta are Gemm's.
struct LinearPart {
  std::size_t layer = 0;
  std::variant<ConvolutionShape, MatrixShape> shape;
  const Tensor* bias = nullptr;
  double alpha = 1, beta = 1;
};
struct ClampPart {
  RealBounds bounds;
};
struct PoolPart {
  Window window;
};
struct MeanPart {
  Window window;
  std::int64_t count = 1;
};
struct AddPart {};
struct ReshapePart {};

struct ReadNode {
  std::string name, output;
  std::vector<std::string> inputs;  ///< computed ones
  std::variant<LinearPart, ClampPart, PoolPart, MeanPart, AddPart, ReshapePart> part;

  /// Its result has the unit of its input: clamps, largest elements, other shapes.
  [[nodiscard]] bool passes() const;
  template <typename Part>
  [[nodiscard]] bool is() const {
    return std::holds_alternative<Part>(part);
  }
};

struct ReadValue {
  Shape shape;                         ///< of one image
  double range = 0;                    ///< the largest magnitude on calibration images
  std::vector<std::size_t> consumers;  ///< nodes; twice where both operands are this value
};

/// Nodes that the output needs, in order of computation.
struct ReadNetwork {
  std::vector<ReadNode> nodes;
  std::map<std::string, ReadValue> values;
  std::string input, output;
  [[nodiscard]] const ReadValue& value(const std::string& name) const { return values.at(name); }
};

/// Reads the network and runs it in float on the calibration images. Errors name the node that is
/// not covered: other operators, groups of several channels, products of two computed matrices,
/// means over windows of different sizes or of other axes than rows and columns, additions of
/// constants, shapes other than [images, elements]; and images that do not fit.
Result<ReadNetwork> read_network(const Network& network, const Tensor& calibration);

}  // namespace fewbit::quant
