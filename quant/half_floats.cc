// Floats of 16 bits: see half_floats.h. What a code stands for is the model's to say.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/half_floats.h"

#include <vector>

#include "fewbit/sim/arrays/numbers.h"

namespace fewbit::quant {
namespace {

/// The values of all codes of a format of 16 bits.
std::vector<float> values_of(const char* name) {
  const Format format = parse_format(name).value();
  std::vector<float> values;
  for (std::uint32_t code = 0; code >> format.bits() == 0; ++code) {
    values.push_back(arrays::exact<float>(model::decode(format, BigInt(code))).value());
  }
  return values;
}

}  // namespace

Binary16::operator float() const {
  static const std::vector<float> kValues = values_of("binary16");
  return kValues[code];
}

Bfloat16::operator float() const {
  static const std::vector<float> kValues = values_of("bfloat16");
  return kValues[code];
}

}  // namespace fewbit::quant
