// LoweredNetwork: a network of nothing but integers between the bytes of an image and its logits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "fewbit/quant/linear.h"
#include "fewbit/quant/number_grid.h"

namespace fewbit::quant {

/// Exact sums, biases included, have at most this many bits, the sign among them.
inline constexpr int kMostSumBits = 48;
/// Right shifts of a multiplier are at most this far.
inline constexpr int kMostShift = 62;

/// What the integers of a tensor are.
enum class IntegerKind {
  kCodes,   ///< numbers of a format, in its least steps (NumberGrid)
  kStream,  ///< two's complement numbers of the trunk
  kSums,    ///< exact sums, two's complement
};

/// x factor / 2^shift. A factor of N bits has its highest bit set where the shift is below
/// kMostShift.
struct Multiplier {
  std::int64_t factor = 0;
  int shift = 0;
  [[nodiscard]] double value() const;
  bool operator==(const Multiplier&) const = default;
};

/// Results below `least` become `least`, those above `most` become `most`.
struct Bounds {
  double least = 0;
  double most = 0;
};

struct ImageInput {};  ///< bytes 0 to 255

/// Exact sums of products of codes: a convolution (groups of one or of all channels) or a matrix
/// product, of one image. Padding is zero.
struct LinearSums {
  std::size_t layer = 0;  ///< among the network's linear layers
  std::variant<ConvolutionShape, MatrixShape> shape;
  NumberGrid weight_grid;
  std::vector<double> weights;   ///< in the least steps of their format, as ONNX orders them
  std::vector<float> as_floats;  ///< the same, where all sums are exact in binary32
  double greatest = 0;           ///< no magnitude of a sum is larger
  [[nodiscard]] bool is_depthwise() const;
  [[nodiscard]] std::int64_t terms() const;
  [[nodiscard]] std::int64_t channels() const;  ///< of the result
  [[nodiscard]] std::int64_t pixels() const;    ///< of the result, for each channel
};

/// Exact sums over the elements of a window that lie inside the image; `count` of them in each.
struct WindowSums {
  Window window;
  std::int64_t count = 1;
};

/// Q((x x 2^sum_shift + bias) x multiplier), rounded once, ties to even, into the node's codes or
/// stream, then limited. One bias and multiplier, or one for each channel. Codes: the nearest, ties
/// to the even code.
struct Requantizer {
  int sum_shift = 0;  ///< biases are finer than sums by so many bits
  std::vector<std::int64_t> biases;
  std::vector<Multiplier> multipliers;
  std::optional<Bounds> bounds;    ///< always of a stream
  bool is_exact_in_double = true;  ///< every (x x 2^sum_shift + bias) x factor is
};

/// The code nearest to x / 2^fraction_bits, ties to the even one.
struct Conversion {
  int fraction_bits = 0;
};
/// The sum of two streams of one unit, limited.
struct Addition {
  Bounds bounds;
};
struct Clamp {
  Bounds bounds;
};
/// The largest element of a window inside the image.
struct MaxPooling {
  Window window;
};

using LoweredOp = std::variant<ImageInput, LinearSums, WindowSums, Requantizer, Conversion,
                               Addition, Clamp, MaxPooling>;
const char* name_of(const LoweredOp& op);

/// A node and the tensor that it makes.
struct LoweredNode {
  LoweredOp op;
  std::vector<std::size_t> inputs;  ///< earlier nodes
  std::string name;                 ///< of the ONNX node that it belongs to
  std::string value;                ///< of the ONNX value that it stands for; "" of others
  Shape shape;                      ///< of one image, batch apart, as ONNX has it
  IntegerKind kind = IntegerKind::kCodes;
  std::optional<NumberGrid> grid;  ///< of codes
  int bits = 0;                    ///< of a number
  bool is_signed = true;
  double unit = 0;  ///< what 1 stands for; 0 where each channel has its own

  [[nodiscard]] std::size_t channels() const {
    return static_cast<std::size_t>(shape.empty() ? 1 : shape[0]);
  }
};

/// How many results of each node were limited by the width of the trunk alone: bounds of the
/// network's own apart.
using Saturations = std::vector<std::uint64_t>;

struct LoweredNetwork {
  std::vector<LoweredNode> nodes;  ///< in an order of computation; the first is the ImageInput
  std::size_t output = 0;          ///< the node of the logits, a stream
  int multiplier_bits = 0;
  int stream_bits = 0;

  /// Sees the integers of a node for a batch of images; not those of sums.
  using NodeObserver = std::function<void(std::size_t node, std::span<const float> values)>;
  /// The logits of a batch, in units of the output node, exactly as the numerics say: every sum,
  /// product and rounding is exact, whatever the order. `images` hold bytes / 255. Saturations are
  /// added to `saturations`, of as many elements as there are nodes. Safe for several threads.
  /// Errors: images of another shape, or not of bytes.
  [[nodiscard]] Result<Tensor> run(const Tensor& images, Saturations& saturations,
                                   const NodeObserver& observer = {}) const;
};

}  // namespace fewbit::quant
