// Numbers of the machine as data of the model, and back.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "fewbit/sim/model/exact.h"

namespace fewbit::arrays {

/// The floating-point types of the machine: the unsigned integer of their bits, and their format.
template <typename Float>
struct Machine;
template <>
struct Machine<float> {
  using Bits = std::uint32_t;
  static constexpr int kFractionBits = 23, kExponentBits = 8;
};
template <>
struct Machine<double> {
  using Bits = std::uint64_t;
  static constexpr int kFractionBits = 52, kExponentBits = 11;
};

/// binary32 or binary64.
template <typename Float>
const Format& machine_format();

/// What x stands for, exactly.
template <typename Float>
model::Datum datum_of(Float x);

/// The datum as a Float, with the sign of a zero; nothing where none is equal to it. A NaN is the
/// quiet one.
template <typename Float>
std::optional<Float> exact(const model::Datum& datum);

}  // namespace fewbit::arrays
