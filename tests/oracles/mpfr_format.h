// Formats as the MPFR judge knows them: by name, without fewbit's catalogue, parser and codes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mpfr.h>

#include <cstdint>
#include <memory>
#include <string>

#include "fewbit/gen/util/result.h"

namespace fewbit::oracles {

/// A request's rounding, overflow and subnormals, by fewbit's names; the random bits of one case.
struct Policy {
  std::string rounding = "ties_to_even";
  std::string overflow = "saturate";
  bool flushes_inputs = false;
  bool flushes_outputs = false;
  int random_bits = 0;
  std::uint64_t random = 0;
  bool symmetric = false;  ///< integers that saturate go no further down than up
};

/// A number format.
class MpfrFormat {
 public:
  virtual ~MpfrFormat() = default;
  [[nodiscard]] virtual int bits() const = 0;
  /// Sets exact (of kExactBits bits) to the value of a code: a number, an infinity or NaN.
  virtual void decode(std::uint64_t code, mpfr_ptr exact) const = 0;
  /// The code of the exact value, rounded once by MPFR. A magnitude above the largest finite one
  /// follows the policy as docs/formats.md has it.
  [[nodiscard]] virtual std::uint64_t encode(mpfr_ptr exact, const Policy& policy) const = 0;
  /// Exponent of the largest finite value, and the bits of its significand.
  [[nodiscard]] virtual long largest_exponent() const = 0;
  [[nodiscard]] virtual int precision() const = 0;
  /// A subnormal number becomes a zero of its sign.
  virtual void flush(mpfr_ptr) const {}
};

/// e4m3fn, ue4m3fn, binary8p3se, e8m0, int8, mxint8, bfloat16, binary64 and the like.
Result<std::shared_ptr<const MpfrFormat>> mpfr_format(const std::string& name);

/// The MPFR mode, also of the signs of exact zeros; MPFR_RNDN for those that it lacks.
mpfr_rnd_t mpfr_mode(const std::string& rounding);

}  // namespace fewbit::oracles
