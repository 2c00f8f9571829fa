// ONNX files: networks, and tensors on their own as ONNX's test data has them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "fewbit/quant/graph.h"

namespace fewbit::quant {

/// The network in a file; Constant nodes become constants. Errors: no ONNX file, no graph, an
/// operator set other than ONNX's own 9 to 28, element types other than float, double, float16,
/// bfloat16, int64, int32, int8, uint8 and bool, too little or too much data, data in a file
/// outside the network's folder, more than kMostConstantBytes, a constant that is NaN.
Result<Graph> read_onnx(const std::filesystem::path& path);

/// A file with one TensorProto. Its values may be of any kind.
Result<Tensor> read_onnx_tensor(const std::filesystem::path& path);

/// "float16" for ONNX's data type 10.
std::string onnx_type_name(std::int64_t type);

}  // namespace fewbit::quant
