// Fuzz target: a sweep file. What is accepted reads back from its plan.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/sweep/sweep_file.h"
#include "fewbit/tests/fuzz/input_file.h"
#include "fewbit/tests/fuzz/plan_again.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fewbit;              // NOLINT(google-build-using-namespace): one function
  constexpr std::size_t kJobs = 2000;  // more take long and show nothing else
  const Result<sweep::Plan> plan = sweep::parse_sweep(fuzz::text_of(data, size), "x.yaml", kJobs);
  if (plan.ok()) {
    fuzz::check_reads_back(*plan);
  } else {
    static_cast<void>(plan.error().message());
  }
  return 0;
}
