// TensorProto to Tensor, with data in the file or in one beside it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "fewbit/gen/util/result.h"
#include "fewbit/quant/tensor.h"

namespace onnx {
class TensorProto;
}

namespace fewbit::quant {

/// Reads the tensors of one network.
class OnnxTensors {
 public:
  /// `folder`: where the network's file is.
  explicit OnnxTensors(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Errors: an element type that is not covered, a shape beyond kMostElements, too little or too
  /// much data, more than kMostConstantBytes together with the tensors read before; external data
  /// that is not in a regular file inside the folder, or behind the end of that file. Nothing is
  /// allocated before these are checked.
  Result<Tensor> read(const onnx::TensorProto& proto);

  /// Files with external data that was read, each once, in alphabetic order.
  [[nodiscard]] std::vector<std::filesystem::path> files() const;

 private:
  Result<std::string> external_data(const onnx::TensorProto& proto, std::size_t bytes);
  Result<std::filesystem::path> external_file(const onnx::TensorProto& proto,
                                              const std::string& location) const;

  std::filesystem::path folder_;
  std::map<std::string, std::filesystem::path> files_;  ///< by location
  std::size_t bytes_ = 0;                               ///< of all tensors
};

}  // namespace fewbit::quant
