// Model of replay: groups of beats, each written down several times.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/model/blocks/blocks.h"

namespace fewbit::model {

Beats replay(const BlockSpec& spec, const Beats& in) {
  const auto group = static_cast<std::size_t>(spec.number("--beats"));
  Beats out;
  for (std::size_t begin = 0; begin < in.size(); begin += group) {
    for (int time = 0; time < spec.number("--times"); ++time) {
      for (std::size_t k = 0; k < group; ++k) {
        out.push_back({in.at(begin + k).data, k + 1 == group});
      }
    }
  }
  return out;
}

}  // namespace fewbit::model
