// Devices that networks are built for: see build_device.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/build_device.h"

#include <fmt/format.h>

#include "fewbit/quant/hardware/block_costs.h"

namespace fewbit::cli {
namespace {

const BuildDevice kIce40 = {"ice40-hx8k", rtl::ice40_blocks, 32, 7680, 512, "50"};

}  // namespace

Result<BuildDevice> find_device(const std::string& name) {
  if (name == kIce40.name) return kIce40;
  std::string names = kIce40.name;
  for (const quant::Device& device : quant::plan_devices()) {
    if (device.name == name) {
      return BuildDevice{device.name, rtl::ecp5_blocks, device.brams, device.luts, 2048, "120"};
    }
    names += ", " + device.name;
  }
  return Error{"--target", name, names, ""};
}

std::string BuildDevice::place(const rtl::MemorySpec& spec) const {
  const std::string words = fmt::format("{} x {} bits", spec.depth, spec.width);
  const std::int64_t bits = std::int64_t{spec.depth} * spec.width;
  if (bits < least_bits || spec.style == rtl::MemoryStyle::kDistributed) {
    return words + " in LUTs";
  }
  const int used = rtl::memory_blocks(shapes(), spec.depth, spec.width).blocks();
  return fmt::format("{} in {} RAM{}", words, used, used == 1 ? "" : "s");
}

}  // namespace fewbit::cli
