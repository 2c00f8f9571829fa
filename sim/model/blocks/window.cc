// Model of the windows of an image: see window.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/model/blocks/window.h"

#include "fewbit/gen/util/check.h"

namespace fewbit::model {

std::vector<Code> windows(const WindowSpec& spec, const std::vector<Code>& image) {
  FEWBIT_CHECK(image.size() == static_cast<std::size_t>(spec.height) *
                                   static_cast<std::size_t>(spec.width * spec.channels),
               "{} codes of an image", image.size());
  const int extent = spec.dilation * (spec.kernel - 1);  // from the first pixel to the last
  std::vector<Code> codes;
  for (int top = -spec.pad_top; top + extent < spec.height + spec.pad_bottom; top += spec.stride) {
    for (int left = -spec.pad_left; left + extent < spec.width + spec.pad_right;
         left += spec.stride) {
      for (int y = top; y <= top + extent; y += spec.dilation) {
        for (int x = left; x <= left + extent; x += spec.dilation) {
          const bool is_inside = y >= 0 && y < spec.height && x >= 0 && x < spec.width;
          for (int c = 0; c < spec.channels; ++c) {
            const int at = (y * spec.width + x) * spec.channels + c;
            codes.push_back(is_inside ? image[static_cast<std::size_t>(at)] : 0);
          }
        }
      }
    }
  }
  return codes;
}

}  // namespace fewbit::model
