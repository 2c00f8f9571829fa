// Which builder a layer has: see layer.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/layer.h"

#include "fewbit/gen/blocks/depthwise.h"
#include "fewbit/gen/blocks/join.h"
#include "fewbit/gen/blocks/matvec.h"
#include "fewbit/gen/blocks/pool.h"
#include "fewbit/gen/blocks/requantizer.h"
#include "fewbit/gen/blocks/thresholds.h"
#include "fewbit/gen/blocks/window.h"
#include "fewbit/gen/spec/layer_spec.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::blocks {
namespace {

struct Builder {
  BlockKind kind;

  using Made = std::shared_ptr<rtl::Module>;
  Made operator()(const MatvecSpec& spec) const { return matvec(spec); }
  Made operator()(const DepthwiseSpec& spec) const { return depthwise(spec); }
  Made operator()(const RequantizerSpec& spec) const { return requantizer(spec); }
  Made operator()(const ThresholdsSpec& spec) const { return thresholds(spec); }
  Made operator()(const WindowSpec& spec) const { return window(spec); }
  Made operator()(const PoolSpec& spec) const {
    return kind == BlockKind::kPoolMax ? pool_max(spec) : pool_mean(spec);
  }
  Made operator()(const JoinSpec& spec) const { return join(spec); }
  Made operator()(const ArgmaxSpec& spec) const { return argmax(spec); }
};

}  // namespace

std::shared_ptr<rtl::Module> layer_module(const BlockSpec& spec) {
  FEWBIT_CHECK(spec.layer, "{} is no layer", spec.info().name);
  return std::visit(Builder{spec.kind}, spec.layer->of);
}

}  // namespace fewbit::blocks
