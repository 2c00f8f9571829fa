// Two batches with one image in common: see batch_axis.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/batch_axis.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace fewbit::quant {
namespace {

constexpr std::size_t kOwnBatch = 3;  ///< where the file leaves it open

/// Another image of numbers that this kind of image has: the next one that differs, or, where all
/// are alike, the same back to front.
std::vector<float> other_image(const Tensor& images, std::size_t size) {
  const auto begin = images.floats().begin();
  const std::vector<float> first(begin, begin + static_cast<std::ptrdiff_t>(size));
  for (std::size_t at = size; at + size <= images.size(); at += size) {
    const std::vector<float> next(begin + static_cast<std::ptrdiff_t>(at),
                                  begin + static_cast<std::ptrdiff_t>(at + size));
    if (next != first) return next;
  }
  return {first.rbegin(), first.rend()};
}

/// The same bits, so NaN too.
bool are_same(const float* x, const float* y, std::size_t count) {
  return std::memcmp(x, y, count * sizeof(float)) == 0;
}

/// Whether element `middle` along the first axis is the same in both, as far as that can be said.
bool is_same_in(const Tensor& x, const Tensor& y, std::size_t middle, std::size_t batch) {
  if (x.shape != y.shape || !x.is_float() || x.rank() == 0 ||
      x.shape[0] != static_cast<std::int64_t>(batch)) {
    return true;
  }
  const std::size_t size = x.size() / batch;
  return are_same(x.floats().data() + middle * size, y.floats().data() + middle * size, size);
}

}  // namespace

Status check_images_are_apart(const Network& network, const Tensor& images) {
  const std::size_t batch = network.fixed_batch() == 0 ? kOwnBatch : network.fixed_batch();
  if (batch == 1 || images.shape.empty() || images.shape[0] < 1) return Ok{};
  const std::size_t size = images.size() / static_cast<std::size_t>(images.shape[0]);
  Shape shape = images.shape;
  shape[0] = static_cast<std::int64_t>(batch);
  if (!is_legal(shape)) {
    return Error{"network input", to_string(shape),
                 fmt::format("batches of at most {} elements", kMostElements), ""};
  }
  const std::size_t middle = batch / 2;
  const std::vector<float> other = other_image(images, size);
  Tensor alike = float_tensor(shape), different = float_tensor(shape);
  for (std::size_t i = 0; i < batch; ++i) {
    const auto at = static_cast<std::ptrdiff_t>(i * size);
    std::copy_n(images.floats().begin(), size, alike.floats().begin() + at);
    if (i == middle) {
      std::copy_n(images.floats().begin(), size, different.floats().begin() + at);
    } else {
      std::copy(other.begin(), other.end(), different.floats().begin() + at);
    }
  }
  const FloatArithmetic arithmetic;  // of equal shapes it adds in one order
  FEWBIT_ASSIGN_OR_RETURN(expected, network.run(alike, arithmetic));
  FEWBIT_ASSIGN_OR_RETURN(got, network.run(different, arithmetic));
  if (is_same_in(expected, got, middle, batch)) return Ok{};
  // Once more, for the node. Steps of a sequence show their nodes again, each in its turn.
  std::vector<Tensor> before;
  FEWBIT_ASSIGN_OR_RETURN(
      again, network.run(alike, arithmetic,
                         [&](const std::string&, const Tensor& x) { before.push_back(x); }));
  std::string where;
  std::size_t place = 0;
  FEWBIT_ASSIGN_OR_RETURN(
      last, network.run(different, arithmetic, [&](const std::string& name, const Tensor& x) {
        const std::size_t own = place++;
        if (!where.empty() || own >= before.size()) return;
        if (!is_same_in(before[own], x, middle, batch)) {
          where = name;
        }
      }));
  return Error{"network", "an image's answer depends on the images beside it",
               "a network whose first axis counts images through all operators",
               where.empty() ? "" : fmt::format("first seen in the value '{}'", where)};
}

}  // namespace fewbit::quant
