// Images and labels: IDX files (also gzipped) and NPY files.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>

#include "fewbit/gen/util/result.h"
#include "fewbit/quant/tensor.h"

namespace fewbit::quant {

/// An IDX file of unsigned bytes as floats 0 to 255. Errors: another magic number or element type,
/// more than kMostDimensions or kMostFileElements, a length that differs from what the shape needs,
/// broken compression, an interrupt. No more is read, and unpacked, than the shape needs.
Result<Tensor> read_idx(const std::filesystem::path& path);

/// An NPY file (versions 1 to 3, little-endian, C order) of float16, float32, float64, uint8, int8,
/// uint16, int16, int32 or int64, as floats or integers. Errors as above.
Result<Tensor> read_npy(const std::filesystem::path& path);

/// Images for a network. IDX: [n, height, width] bytes become [n, 1, height, width] from 0 to 1;
/// NPY: floats as they are. At least one image, finite numbers. The first `most` of them: of the
/// rest the file's length and compression are checked, no more.
Result<Tensor> read_images(const std::filesystem::path& path,
                           std::int64_t most = std::numeric_limits<std::int64_t>::max());

/// Whether the images of a file that read_images takes are bytes, and so not below 0.
Result<bool> holds_bytes(const std::filesystem::path& path);

/// Labels, IDX or NPY of one dimension: integers from 0.
Result<std::vector<std::int64_t>> read_labels(const std::filesystem::path& path);

}  // namespace fewbit::quant
