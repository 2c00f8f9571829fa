// Remarks: what speaks against the answers of a quantized network.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fewbit/quant/quantizer.h"

namespace fewbit::quant {

/// How much a network's results differ between images: the square root of the sum, over all places
/// of the output, of the variance over images. Errors: images that do not fit.
Result<double> output_spread(const Network& network, const LinearArithmetic& arithmetic,
                             const Tensor& images);

/// One line, "; " between remarks, or "" where nothing speaks against the answers: outputs that
/// hardly differ between images, a correction that makes a layer worse, layers whose results have
/// more noise than signal. On some calibration images; `float_spread` is output_spread in float on
/// images_for_remarks.
Result<std::string> remarks(const Network& network, const QuantizedArithmetic& arithmetic,
                            const Tensor& calibration, double float_spread);

/// The first of the calibration images: as many as remarks are made from.
Tensor images_for_remarks(const Tensor& calibration);

}  // namespace fewbit::quant
