// Devices that networks are built for: see build_device.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/build_device.h"

#include <fmt/format.h>

namespace fewbit::cli {
namespace {

constexpr BuildDevice kDevices[] = {{"ice40-hx8k", rtl::ice40_blocks, 32, 7680, 512, "50"},
                                    {"ecp5-25f", rtl::ecp5_blocks, 56, 24288, 2048, "120"},
                                    {"ecp5-45f", rtl::ecp5_blocks, 108, 43848, 2048, "120"},
                                    {"ecp5-85f", rtl::ecp5_blocks, 208, 83640, 2048, "120"}};

}  // namespace

Result<BuildDevice> find_device(const std::string& name) {
  std::string names;
  for (const BuildDevice& device : kDevices) {
    if (device.name == name) return device;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", device.name);
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
