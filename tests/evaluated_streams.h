// A module with streams in the evaluator against its behaviour: what verify_design does, without
// Verilator.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "fewbit/gen/rtl/evaluator.h"
#include "fewbit/gen/rtl/module.h"
#include "fewbit/sim/verify/stream_behaviour.h"

namespace fewbit::testing {

/// The first mismatches, "no stalls: out_valid_o is 0, not 1 in cycle 7"; none where there are
/// none. Ends at the `most`th.
inline std::vector<std::string> differences(const rtl::Module& module, verify::Behaviour& behaviour,
                                            std::size_t most = 5) {
  rtl::Evaluator run(module);
  verify::Ports inputs;
  std::string phase;
  std::vector<std::string> found;
  for (long long cycle = 0; found.size() < most && behaviour.drive(inputs, phase); ++cycle) {
    for (const auto& [port, bits] : inputs) run.set(port, bits);
    run.settle();
    verify::Ports outputs;
    for (const rtl::Output& output : module.outputs()) outputs[output.name] = run.get(output.name);
    for (const auto& [port, bits] : behaviour.expect(outputs)) {
      if (outputs.at(port) == bits) continue;
      found.push_back(fmt::format("{}: {} is {}, not {} in cycle {}", phase, port,
                                  outputs.at(port).str(), bits.str(), cycle));
    }
    run.clock();
  }
  return found;
}

}  // namespace fewbit::testing
