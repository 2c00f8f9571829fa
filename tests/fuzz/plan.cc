// Fuzz target: a plan. What is accepted reads back.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/tests/fuzz/input_file.h"
#include "fewbit/tests/fuzz/plan_again.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fewbit;  // NOLINT(google-build-using-namespace): one function
  const Result<sweep::Plan> plan = sweep::parse_lines(fuzz::text_of(data, size), "x.json");
  if (plan.ok()) {
    fuzz::check_reads_back(*plan);
  } else {
    static_cast<void>(plan.error().message());
  }
  return 0;
}
