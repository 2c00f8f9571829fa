// RequantizerSpec: sums of a layer into codes of a format, with a bias, a multiplier and a shift
// for each channel.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fewbit/gen/spec/operator_spec.h"

namespace fewbit {

/// What the user wrote; empty or absent = default.
struct RequantizerRequest {
  std::string sums_format{};    ///< an integer; int18_lsb3 counts in eights of a bias
  std::string result_format{};  ///< int16 for a trunk
  long long outputs = 1;        ///< C
  long long rows = 1;           ///< P
  long long units = 1;          ///< N
  std::vector<long long> biases{};
  std::vector<long long> multipliers{};
  std::vector<long long> shifts{};
  long long multiplier_bits = 16;
  /// Of a sum with its bias: it is known to fit them, and what is above them is dropped. 0: as many
  /// as the largest one needs.
  long long biased_bits = 0;
  bool relu = false;
  std::optional<Code> least{}, most{};
  std::optional<long long> latency{};
  std::string dsp{};
  std::string name{};
  Fabric fabric = Fabric::kIce40;
};

/// code[c] = Q((sum[c] + bias[c]) * multiplier[c] / 2^shift[c]), Q to nearest, ties to even,
/// saturating: one rounding. A sum is in units of 2^lsb of its format, a bias in units of 1. Then
/// clamps: ReLU, then from `least` to `most`. Sums come `rows` a beat, codes leave `units` a beat.
struct RequantizerSpec {
  Format sum = IntFormat{};
  Format result = IntFormat{};
  int outputs = 1;
  int rows = 1;                                        ///< 1 to outputs
  int units = 1;                                       ///< divides rows
  std::vector<long long> biases, multipliers, shifts;  ///< for each of the outputs
  bool relu = false;                                   ///< what is negative becomes 0
  std::optional<Code> least;  ///< what is below the value of this code becomes it
  std::optional<Code> most;   ///< what is above the value of this code becomes it
  OperatorSpec add;           ///< of a sum and a bias, exact
  int biased_bits = 0;        ///< low bits of it that count, two's complement where it is
  OperatorSpec requant;       ///< of the result of `add`
  std::string module_name;

  /// Beats of the codes of one vector: outputs / units, rounded up.
  [[nodiscard]] int beats() const { return (outputs + units - 1) / units; }
};

/// Checks every field. The widths of biases and shifts are the least that hold them; latency is
/// that of the multiplication and rounding, 3 where not given.
Result<RequantizerSpec> make_requantizer_spec(const RequantizerRequest& request);

}  // namespace fewbit
