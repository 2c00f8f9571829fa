// Everything that is emitted, by Icarus: read without a word, finished, equal to the model, and
// free of X in time. Some minutes: `make verify-icarus` runs it, `make test` a sample
// (icarus_test).
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "fewbit/tests/icarus_requests.h"

namespace fewbit {
namespace {

using testing::add_design;
using testing::icarus_options;

TEST(IcarusMatrix, EveryOptionOfEveryOperator) {
  std::vector<verify::Subject> subjects;
  testing::for_matrix([&](const OperatorSpec& spec) { add_design(spec, subjects); },
                      [](const OperatorInfo&, Option, const std::string&) {});
  EXPECT_GT(subjects.size(), 700U);
  testing::expect_equal(subjects, icarus_options());
}

/// Handshake, reset and latency together, of what keeps something, for every fabric.
TEST(IcarusMatrix, EveryHandshakeResetAndLatencyOfWhatHasAState) {
  std::vector<verify::Subject> subjects;
  for (OperatorRequest request : testing::small_clocked_requests()) {
    for (const char* handshake : {"valid", "valid_ready"}) {
      for (const char* reset : {"async_low", "sync_high", "sync_low", "none"}) {
        request.handshake = handshake;
        request.reset = reset;
        request.fabric = Fabric::kIce40;
        request.latency.reset();
        request.arch = "generic";
        add_design(make_operator_spec(request).value(), subjects);
        request.arch = "optimized";
        for (const Fabric fabric : {Fabric::kIce40, Fabric::kEcp5, Fabric::kXilinx}) {
          request.fabric = fabric;
          request.latency.reset();
          const int least = make_operator_spec(request).value().least_latency();
          for (int latency = least; latency <= least + 5; ++latency) {
            request.latency = latency;
            const Result<OperatorSpec> spec = make_operator_spec(request);
            if (spec.ok()) add_design(*spec, subjects);  // sums rounded at each step have no more
          }
        }
      }
    }
  }
  EXPECT_GT(subjects.size(), 1000U);
  testing::expect_equal(subjects, icarus_options());
}

/// FEWBIT_ICARUS_RUNS: requests for each operator, for longer campaigns.
TEST(IcarusMatrix, RandomRequests) {
  const char* runs = std::getenv("FEWBIT_ICARUS_RUNS");
  const int count = runs != nullptr ? std::atoi(runs) : 20;
  std::vector<verify::Subject> subjects;
  for (const OperatorInfo& info : operator_table()) {
    testing::RandomRequests requests(19);
    for (int i = 0; i < count; ++i) {
      OperatorSpec spec = requests.next(info);
      for (const Architecture arch : {Architecture::kGeneric, Architecture::kOptimized}) {
        spec.arch = arch;
        add_design(spec, subjects);
      }
    }
  }
  testing::expect_equal(subjects, icarus_options());
}

TEST(IcarusMatrix, NetlistsOfEveryOperatorWithTheCellsOfTheTarget) {
  std::vector<verify::Subject> subjects;
  for (const char* target : {"ice40-hx8k", "ecp5", "xilinx-usp"}) {
    for (OperatorRequest request : testing::small_clocked_requests()) {
      for (const char* reset : {"async_low", "sync_high", "none"}) {
        request.reset = reset;
        for (const char* arch : {"generic", "optimized"}) {
          request.arch = arch;
          request.fabric = flows::fabric_of(flows::find_target(target).value()).value();
          testing::add_netlists(make_operator_spec(request).value(), target, subjects);
        }
      }
    }
    for (const OperatorInfo& info : operator_table()) {
      OperatorRequest request = testing::plain_request(info.name);
      request.fabric = flows::fabric_of(flows::find_target(target).value()).value();
      testing::add_netlists(make_operator_spec(request).value(), target, subjects);
    }
  }
  testing::expect_equal(subjects, icarus_options());
}

}  // namespace
}  // namespace fewbit
