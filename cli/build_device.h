// Devices that networks are built for: their memories, and the clock that rates are reckoned with.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fewbit/gen/rtl/memory.h"
#include "fewbit/gen/util/result.h"

namespace fewbit::cli {

struct BuildDevice {
  std::string name;
  const std::vector<rtl::BlockShape>& (*shapes)();
  int blocks;  ///< block RAMs
  int luts;
  std::int64_t least_bits;  ///< of a memory that is sure to be in block RAM
  const char* mhz;          ///< that rates are reckoned with where none is given

  /// "540 x 3 bits in 1 RAM", of so many blocks, or "54 x 8 bits in LUTs".
  [[nodiscard]] std::string place(const rtl::MemorySpec& spec) const;
};

/// Errors: a name that is none of a target, as --target.
Result<BuildDevice> find_device(const std::string& name);

}  // namespace fewbit::cli
