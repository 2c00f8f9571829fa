// LayerSpec: the request of a block that is part of a network, made of a BlockSpec's options and of
// contents.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <variant>

#include "fewbit/gen/spec/block_spec.h"
#include "fewbit/gen/spec/join_spec.h"
#include "fewbit/gen/spec/matvec_spec.h"
#include "fewbit/gen/spec/pool_spec.h"
#include "fewbit/gen/spec/requantizer_spec.h"
#include "fewbit/gen/spec/thresholds_spec.h"
#include "fewbit/gen/spec/window_spec.h"

namespace fewbit {

/// PoolSpec is that of pool_max and of pool_mean: the BlockKind says which.
struct LayerSpec {
  std::variant<MatvecSpec, DepthwiseSpec, RequantizerSpec, ThresholdsSpec, WindowSpec, PoolSpec,
               JoinSpec, ArgmaxSpec>
      of;
};

/// Reads the options of a layer, whose values are all there. Contents that are not given are
/// random, by --contents-seed. An Error as the layer's own make_..._spec gives, for contents of
/// another count, shape or range, and for what takes more than kMostLayerCycles.
Result<LayerSpec> make_layer_spec(const BlockSpec& spec,
                                  const std::map<std::string, BlockContents>& contents);

/// The name of the module.
const std::string& layer_name(const LayerSpec& layer);

/// Cycles that a vector, window or image takes where nothing stalls: beats of its busiest stream,
/// or of its multiplication.
long long layer_cycles(const LayerSpec& layer);

/// What verification can simulate.
inline constexpr long long kMostLayerCycles = 1 << 20;

}  // namespace fewbit
