// What a row of results says about accuracy: ranges and quantization errors of its formats.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fewbit/flows/report/page.h"
#include "fewbit/flows/store/result_row.h"

namespace fewbit::study {

/// Each row with its figures, in the same order. A format is quantized once, however often it
/// occurs; of one that cannot be quantized to, or whose name means nothing, the figures are absent.
std::vector<report::Row> with_figures(const std::vector<store::ResultRow>& rows);

}  // namespace fewbit::study
