// The project's own networks and some test images, for the tests of quant.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "fewbit/quant/array_files.h"
#include "fewbit/quant/network.h"
#include "fewbit/quant/onnx_reader.h"

namespace fewbit::quant {

inline constexpr const char* kNetworkNames[] = {"resnet", "mobilenet", "vit"};
inline constexpr char kFashionMnist[] = "/usr/share/datasets/fashion-mnist";

inline std::filesystem::path network_file(const std::string& name) {
  return std::filesystem::path(FEWBIT_SOURCE_DIR) / "quant" / "networks" / (name + ".onnx");
}

inline Network network_named(const std::string& name) {
  return Network::make(read_onnx(network_file(name)).value()).value();
}

/// The first test images of Fashion-MNIST.
inline Tensor test_images(std::size_t count) {
  const auto path = std::filesystem::path(kFashionMnist) / "t10k-images-idx3-ubyte.gz";
  return slice_batch(read_images(path).value(), 0, count);
}

inline std::vector<std::int64_t> test_labels(std::size_t count) {
  const auto path = std::filesystem::path(kFashionMnist) / "t10k-labels-idx1-ubyte.gz";
  std::vector<std::int64_t> labels = read_labels(path).value();
  labels.resize(count);
  return labels;
}

}  // namespace fewbit::quant
