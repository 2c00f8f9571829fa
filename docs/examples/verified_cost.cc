// Worked example: what a multiplier costs, verified as RTL and as mapped netlist.
// SPDX-License-Identifier: Apache-2.0
//
//   verified_cost [TARGET]      see docs/library.md
#include <fmt/format.h>

#include "fewbit/flows/cost.h"
#include "fewbit/flows/study/measure.h"
#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/gen/util/interrupt.h"
#include "fewbit/gen/util/result.h"

namespace {

using fewbit::Result;

Result<fewbit::study::Measurement> measure_on(const std::string& name) {
  FEWBIT_ASSIGN_OR_RETURN(target, fewbit::flows::find_target(name));
  FEWBIT_ASSIGN_OR_RETURN(fabric, fewbit::flows::fabric_of(target));
  FEWBIT_ASSIGN_OR_RETURN(
      spec, fewbit::make_operator_spec({.op = "mul", .a = "e2m1", .b = "e2m1", .fabric = fabric}));
  return fewbit::study::measure(spec, target, {.seeds = 0});  // synthesis alone
}

}  // namespace

int main(int argc, char** argv) {
  fewbit::install_interrupt_handler();
  const auto measured = measure_on(argc > 1 ? argv[1] : "ice40-hx8k");
  if (!measured.ok()) {
    fmt::print(stderr, "{}\n", measured.error().message());
    return 2;
  }
  if (!measured->cost) {
    fmt::print(stderr, "no cost: {}\n", measured->why_not());
    return 1;
  }
  fmt::print("{}: {} LUTs by flow {}, {} operand pairs of {} compared\n",
             measured->design.signature.module, measured->cost->luts, measured->cost->flow,
             measured->netlist_vectors(), 1 << operand_bits(measured->spec));
  return measured->exhaustive() ? 0 : 1;
}
