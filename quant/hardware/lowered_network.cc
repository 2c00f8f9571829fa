// Running a lowered network: matrix products by BLAS, all else element by element.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/hardware/lowered_network.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "fewbit/quant/exact_sums.h"
#include "fewbit/quant/wide_vectors.h"

namespace fewbit::quant {
namespace {

using Numbers = std::variant<std::vector<float>, std::vector<double>>;  ///< doubles: sums alone

/// Adding and taking away 1.5 x 2^52 rounds to an integer, ties to even, below 2^51.
constexpr double kMagic = 0x1.8p52;
constexpr double kFar = 0x1p40;  ///< beyond every bound

/// round((x[i] + bias) x factor), limited; gives how many were limited at each end.
template <typename T>
[[gnu::always_inline]] inline std::array<std::size_t, 2> requantize_each(const T* x,
                                                                         std::size_t count,
                                                                         double bias, double factor,
                                                                         Bounds bounds, float* to) {
  double below = 0, above = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double exact = (static_cast<double>(x[i]) + bias) * factor;
    const double near = std::min(kFar, std::max(-kFar, exact));
    const double rounded = (near + kMagic) - kMagic;
    below += rounded < bounds.least ? 1.0 : 0.0;
    above += rounded > bounds.most ? 1.0 : 0.0;
    to[i] = static_cast<float>(std::min(bounds.most, std::max(bounds.least, rounded)));
  }
  return {static_cast<std::size_t>(below), static_cast<std::size_t>(above)};
}
FEWBIT_WIDE_VECTORS std::array<std::size_t, 2> requantize_all(const float* x, std::size_t count,
                                                              double bias, double factor,
                                                              const Bounds& bounds, float* to) {
  return requantize_each(x, count, bias, factor, bounds, to);
}
FEWBIT_WIDE_VECTORS std::array<std::size_t, 2> requantize_all(const double* x, std::size_t count,
                                                              double bias, double factor,
                                                              const Bounds& bounds, float* to) {
  return requantize_each(x, count, bias, factor, bounds, to);
}

/// sum x multiplier; where it has more than 53 bits, what is behind them as an odd last bit, so
/// that rounding it to fewer bits rounds the exact product.
double product(std::int64_t sum, const Multiplier& multiplier) {
  const auto exact = static_cast<__int128>(sum) * multiplier.factor;
  auto magnitude = static_cast<unsigned __int128>(exact < 0 ? -exact : exact);
  int dropped = 0;
  bool sticky = false;
  while (magnitude >> 53 != 0) {
    sticky = sticky || (magnitude & 1) != 0;
    magnitude >>= 1;
    ++dropped;
  }
  const auto kept = static_cast<double>(static_cast<std::uint64_t>(magnitude) | (sticky ? 1 : 0));
  return std::ldexp(exact < 0 ? -kept : kept, dropped - multiplier.shift);
}

/// Results that the width of a stream limits, bounds within it apart.
std::uint64_t saturated(const std::array<std::size_t, 2>& limited, const Bounds& bounds, int bits) {
  const double most = std::ldexp(1.0, bits - 1) - 1;
  return (bounds.least <= -most - 1 ? limited[0] : 0) + (bounds.most >= most ? limited[1] : 0);
}

/// One run of a batch.
class Run {
 public:
  Run(const LoweredNetwork& network, std::int64_t images, Saturations& saturations)
      : network_(network),
        images_(images),
        saturations_(saturations),
        values_(network.nodes.size()) {}

  void compute(std::size_t place) {
    const LoweredNode& node = network_.nodes[place];
    std::visit([&](const auto& op) { compute(place, node, op); }, node.op);
  }
  void set(std::size_t place, std::vector<float> values) { values_[place] = std::move(values); }
  void drop(std::size_t place) { values_[place] = std::vector<float>(); }
  [[nodiscard]] const std::vector<float>& floats(std::size_t place) const {
    return std::get<0>(values_[place]);
  }

 private:
  [[nodiscard]] const std::vector<float>& input(const LoweredNode& node, std::size_t i = 0) const {
    return floats(node.inputs[i]);
  }
  [[nodiscard]] std::size_t size_of(const LoweredNode& node) const {
    return element_count(node.shape) * static_cast<std::size_t>(images_);
  }

  void compute(std::size_t /*place*/, const LoweredNode& /*node*/, const ImageInput& /*op*/) {}

  void compute(std::size_t place, const LoweredNode& node, const LinearSums& op) {
    LinearCall call{op.layer, op.shape, nullptr, nullptr, {}};
    if (auto* shape = std::get_if<ConvolutionShape>(&call.shape)) {
      shape->batch = images_;
      call.output = {images_, shape->outputs, shape->window[0].output, shape->window[1].output};
    } else {
      auto& matrix = std::get<MatrixShape>(call.shape);
      matrix.rows = images_;
      call.output = {images_, matrix.columns};
    }
    const std::vector<float>& codes = input(node);
    if (!op.as_floats.empty()) {
      std::vector<float> sums(size_of(node));
      sums_of_products(call, codes.data(), op.as_floats.data(), sums.data());
      values_[place] = std::move(sums);
      return;
    }
    const std::vector<double> wide(codes.begin(), codes.end());
    std::vector<double> sums(size_of(node));
    sums_of_products(call, wide.data(), op.weights.data(), sums.data());
    values_[place] = std::move(sums);
  }

  void compute(std::size_t place, const LoweredNode& node, const WindowSums& op) {
    std::vector<double> sums;
    sums.reserve(size_of(node));
    for_each_window(op.window, input(node), [&](const auto& visit_pixels) {
      double sum = 0;
      visit_pixels([&](float value) { sum += static_cast<double>(value); });
      sums.push_back(sum);
    });
    values_[place] = std::move(sums);
  }

  void compute(std::size_t place, const LoweredNode& node, const MaxPooling& op) {
    std::vector<float> result;
    result.reserve(size_of(node));
    for_each_window(op.window, input(node), [&](const auto& visit_pixels) {
      float most = -std::numeric_limits<float>::infinity();
      visit_pixels([&](float value) { most = std::max(most, value); });
      result.push_back(most);
    });
    values_[place] = std::move(result);
  }

  /// Calls visit(for_each_pixel) for every window of every channel, in order.
  template <typename Visit>
  static void for_each_window(const Window& window, const std::vector<float>& values, Visit visit) {
    const WindowAxis& y = window[0];
    const WindowAxis& x = window[1];
    const auto pixels = static_cast<std::size_t>(y.input * x.input);
    const auto first_inside = [](const WindowAxis& axis, std::int64_t at) {
      return at < 0 ? (-at + axis.dilation - 1) / axis.dilation : 0;
    };
    for (std::size_t image = 0; image < values.size(); image += pixels) {
      for (std::int64_t row = 0; row < y.output; ++row) {
        for (std::int64_t column = 0; column < x.output; ++column) {
          const std::int64_t top = row * y.stride - y.pad_begin;
          const std::int64_t left = column * x.stride - x.pad_begin;
          visit([&](const auto& use) {
            for (std::int64_t ky = first_inside(y, top); ky < y.kernel; ++ky) {
              const std::int64_t at = top + ky * y.dilation;
              if (at >= y.input) break;
              const float* const line = values.data() + image + at * x.input;
              for (std::int64_t kx = first_inside(x, left); kx < x.kernel; ++kx) {
                const std::int64_t to = left + kx * x.dilation;
                if (to >= x.input) break;
                use(line[to]);
              }
            }
          });
        }
      }
    }
  }

  void compute(std::size_t place, const LoweredNode& node, const Requantizer& op) {
    std::vector<float> result(size_of(node));
    const std::size_t channels = node.channels();
    const std::size_t inner = element_count(node.shape) / channels;
    const bool is_one = op.multipliers.size() == 1;
    const std::size_t run = is_one ? result.size() : inner;
    std::visit(
        [&](const auto& numbers) {
          for (std::size_t first = 0, channel = 0; first < result.size(); first += run) {
            requantize(place, node, op, channel, numbers.data() + first, run,
                       result.data() + first);
            if (!is_one && ++channel == channels) channel = 0;
          }
        },
        values_[node.inputs[0]]);
    if (op.bounds && node.kind == IntegerKind::kCodes) limit(*op.bounds, result);
    values_[place] = std::move(result);
  }

  template <typename T>
  void requantize(std::size_t place, const LoweredNode& node, const Requantizer& op,
                  std::size_t channel, const T* sums, std::size_t count, float* to) {
    const Multiplier& multiplier = op.multipliers[channel];
    // In units of the sum, which is exact.
    const double bias = std::ldexp(static_cast<double>(op.biases[channel]), -op.sum_shift);
    const double factor = std::ldexp(multiplier.value(), op.sum_shift);
    if (!op.is_exact_in_double) {
      for (std::size_t i = 0; i < count; ++i) {
        const double exact = product(
            (static_cast<std::int64_t>(sums[i]) << op.sum_shift) + op.biases[channel], multiplier);
        // 0 + exact and times 1 leave it as it is.
        requantize_exact(place, node, op, exact, to + i);
      }
    } else if (node.kind == IntegerKind::kCodes) {
      node.grid->round_affine(sums, count, bias, factor, to);
    } else {
      saturations_[place] += saturated(requantize_all(sums, count, bias, factor, *op.bounds, to),
                                       *op.bounds, node.bits);
    }
  }

  void requantize_exact(std::size_t place, const LoweredNode& node, const Requantizer& op,
                        double exact, float* to) {
    if (node.kind == IntegerKind::kCodes) {
      node.grid->round_affine(&exact, 1, 0, 1, to);
    } else {
      saturations_[place] +=
          saturated(requantize_all(&exact, 1, 0, 1, *op.bounds, to), *op.bounds, node.bits);
    }
  }

  static void limit(const Bounds& bounds, std::vector<float>& values) {
    const auto least = static_cast<float>(bounds.least), most = static_cast<float>(bounds.most);
    for (float& value : values) value = std::min(most, std::max(least, value));
  }

  void compute(std::size_t place, const LoweredNode& node, const Conversion& op) {
    const std::vector<float>& stream = input(node);
    std::vector<float> codes(stream.size());
    node.grid->round_affine(stream.data(), stream.size(), 0, std::ldexp(1.0, -op.fraction_bits),
                            codes.data());
    values_[place] = std::move(codes);
  }

  void compute(std::size_t place, const LoweredNode& node, const Addition& op) {
    std::vector<float> sums = input(node, 0);
    const std::vector<float>& other = input(node, 1);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += other[i];
    saturations_[place] +=
        saturated(requantize_all(sums.data(), sums.size(), 0, 1, op.bounds, sums.data()), op.bounds,
                  node.bits);
    values_[place] = std::move(sums);
  }

  void compute(std::size_t place, const LoweredNode& node, const Clamp& op) {
    std::vector<float> values = input(node);
    limit(op.bounds, values);
    values_[place] = std::move(values);
  }

  const LoweredNetwork& network_;
  std::int64_t images_;
  Saturations& saturations_;
  std::vector<Numbers> values_;
};

/// Bytes of images that hold bytes / 255.
Result<std::vector<float>> bytes_of(const Tensor& images) {
  std::vector<float> bytes(images.floats());
  bool are_bytes = true;
  for (float& value : bytes) {
    const float byte = std::nearbyint(value * 255);
    are_bytes = are_bytes && byte >= 0 && byte <= 255 && byte / 255 == value;
    value = byte;
  }
  if (are_bytes) return bytes;
  return Error{"images", "other than bytes", "IDX of bytes",
               "under hardware numerics images enter as bytes"};
}

}  // namespace

double Multiplier::value() const { return std::ldexp(static_cast<double>(factor), -shift); }

bool LinearSums::is_depthwise() const {
  const auto* convolution = std::get_if<ConvolutionShape>(&shape);
  return convolution != nullptr && convolution->groups > 1;
}

std::int64_t LinearSums::terms() const {
  if (const auto* convolution = std::get_if<ConvolutionShape>(&shape)) return convolution->terms();
  return std::get<MatrixShape>(shape).terms;
}

std::int64_t LinearSums::channels() const {
  if (const auto* convolution = std::get_if<ConvolutionShape>(&shape)) return convolution->outputs;
  return std::get<MatrixShape>(shape).columns;
}

std::int64_t LinearSums::pixels() const {
  const auto* convolution = std::get_if<ConvolutionShape>(&shape);
  return convolution == nullptr ? 1 : convolution->window[0].output * convolution->window[1].output;
}

const char* name_of(const LoweredOp& op) {
  static constexpr std::array kNames = {"image",   "linear", "window sum", "requantizer",
                                        "convert", "add",    "clamp",      "max pool"};
  static_assert(std::variant_size_v<LoweredOp> == kNames.size());
  return kNames[op.index()];
}

Result<Tensor> LoweredNetwork::run(const Tensor& images, Saturations& saturations,
                                   const NodeObserver& observer) const {
  FEWBIT_CHECK(saturations.size() == nodes.size(), "{} counts of {} nodes", saturations.size(),
               nodes.size());
  const Shape& own = nodes[0].shape;
  if (!images.is_float() || images.shape.empty() ||
      !std::equal(images.shape.begin() + 1, images.shape.end(), own.begin(), own.end())) {
    return Error{"images", to_string(images.shape), fmt::format("{} each", to_string(own)), ""};
  }
  std::vector<std::size_t> last_use(nodes.size(), 0);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const std::size_t input : nodes[i].inputs) last_use[input] = i;
  }
  last_use[output] = nodes.size();
  Run run(*this, images.shape[0], saturations);
  FEWBIT_ASSIGN_OR_RETURN(bytes, bytes_of(images));
  run.set(0, std::move(bytes));
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    run.compute(i);
    if (observer && nodes[i].kind != IntegerKind::kSums) observer(i, run.floats(i));
    for (const std::size_t input : nodes[i].inputs) {
      if (last_use[input] == i) run.drop(input);
    }
  }
  Shape shape = {images.shape[0]};
  shape.insert(shape.end(), nodes[output].shape.begin(), nodes[output].shape.end());
  return float_tensor(std::move(shape), run.floats(output));
}

}  // namespace fewbit::quant
