// Drawing: the pipeline of an accelerator with its folding, as SVG.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "fewbit/flows/study/network/accelerator.h"

namespace fewbit::study {

/// What the accelerator's own report does not say.
struct DrawingFacts {
  std::string title;
  /// Where a memory is: "2 block RAMs", "LUTs".
  std::function<std::string(const rtl::MemorySpec&)> place;
  /// LUTs of a layer: "about 900 LUTs", or "" where they are not known.
  std::function<std::string(std::size_t layer)> luts;
};

/// From the image down to the logits a box for every layer with its rounding and for every other
/// node: name, shape, formats, rows and lanes, memory, LUTs, cycles; queues of branches with their
/// depths. All text is inside of boxes and so short that it ends there; boxes have a light ground,
/// lines between them a grey that is seen on white and on black. Equal accelerators give equal
/// text.
Result<std::string> drawing_of(const quant::LoweredNetwork& network, const Accelerator& accelerator,
                               const DrawingFacts& facts);

}  // namespace fewbit::study
