// Mistakes planted in an emitted design, and how many of them verification finds.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/gen/util/result.h"

namespace fewbit::study {

/// What became of the mutants of one design.
struct MutantTally {
  std::string label;
  std::size_t possible = 0;
  std::size_t tried = 0;
  std::size_t killed = 0;
  std::size_t equivalent = 0;
  std::vector<std::string> survivors;  ///< "sum_q: enable dropped (a counterexample)"

  [[nodiscard]] std::size_t counted() const { return tried - equivalent; }
  /// Percent.
  [[nodiscard]] double score() const {
    return counted() == 0 ? 100.0
                          : 100.0 * static_cast<double>(killed) / static_cast<double>(counted());
  }
};

/// Plants `limit` of the mistakes that can be planted in the optimized design of `spec`, chosen at
/// random by `seed`, and verifies each; those that pass are compared with the design by proof.
/// `jobs` simulators at a time.
Result<MutantTally> mutate(const OperatorSpec& spec, std::size_t limit, unsigned seed, int jobs);

/// mul, add, mac, dot and convert of the demo's formats.
Result<std::vector<OperatorSpec>> mutation_suite();

}  // namespace fewbit::study
