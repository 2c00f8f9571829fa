// Proofs of a dot product lane by lane: what each lane adds to the sum, and the text around it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "gen/rtl/signature.h"
#include "gen/spec/operator_spec.h"

namespace fewbit::flows {

/// Part of what a lane of a split dot adds to the sum, by nets of the design:
///   where `used`, (bits, extended upward + carry) x 2^place.
/// A term that is always used is a number of the result's signedness; others are extended by their
/// carry.
struct LaneTerm {
  int lane = 0;
  std::string bits;
  int width_bits = 0;
  int place = 0;
  std::string used;       ///< empty: always
  std::string carry;      ///< of a negative lane, in one's complement; empty: none
  bool is_late = false;   ///< the design adds the carry after the bits of other lanes
  bool is_first = false;  ///< of a running sum
};

/// The terms of all lanes in the text of a design: nets term_K, or term_K_at_P with _used, and
/// term_carry_K or term_late_carry_K. Nets lanes_K_.. are running sums that begin with lane K. None
/// where a lane has no term.
std::vector<LaneTerm> lane_terms(const std::string& text, int lanes);

/// The nets of the terms, each once; with `free_only` not those that say where a term is used.
std::vector<std::string> nets_of(const std::vector<LaneTerm>& terms, bool free_only);

/// Module top with one instance of `gate`, whose nets_of(terms) are ports, and the output
/// differs_o. Lane K: 1 where the lane's terms are not the exact product, or that is out of a
/// lane's range. lane < 0: 1 where the terms' sum is not result_o; a lane's term that is narrower
/// than the result is assumed to be within the range of a lane.
std::string lane_text(const OperatorSpec& spec, const rtl::ModuleSignature& gate,
                      const rtl::ModuleSignature& exact, const std::vector<LaneTerm>& terms,
                      int lane);

/// Module gold: a split dot as the sum of its lanes' exact products, with the operator's ports.
std::string reference_dot_text(const OperatorSpec& spec, const rtl::ModuleSignature& gate,
                               const rtl::ModuleSignature& exact);

}  // namespace fewbit::flows
