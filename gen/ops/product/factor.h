// What products are made of: factors, results, and how their rows are laid side by side.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fewbit/gen/rtl/module.h"

namespace fewbit::ops {

struct Factor {
  rtl::Signal bits;
  bool is_signed = false;
};

/// value = bits (two's complement if is_signed) + carry. The carry is one unit of the last place
/// that the next adder takes as its carry-in; constant 0 where there is none.
struct Product {
  rtl::Signal bits;
  bool is_signed = false;
  rtl::Signal carry;
};

inline rtl::Signal extend(const rtl::Signal& x, int width, bool is_signed) {
  return is_signed ? sign_extend(x, width) : zero_extend(x, width);
}

/// x where `bit` is 1, else 0.
inline rtl::Signal gated(const rtl::Signal& x, const rtl::Signal& bit) {
  return x & replicate(bit, x.width());
}

/// For concat: `top` above the finished bits `lows`, which are in the order in which they came.
inline std::vector<rtl::Signal> under(const rtl::Signal& top,
                                      const std::vector<rtl::Signal>& lows) {
  std::vector<rtl::Signal> parts = {top};
  parts.insert(parts.end(), lows.rbegin(), lows.rend());
  return parts;
}

}  // namespace fewbit::ops
