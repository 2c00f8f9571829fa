// What Icarus is asked about, in a sample and in whole: requests, netlists, and how much of each.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>

#include "fewbit/flows/cost.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/sim/verify/verify.h"
#include "fewbit/tests/request_matrix.h"

namespace fewbit::testing {

/// Icarus is some hundred times slower than a Verilator model, and Verilator sees every operand.
inline verify::VerifyOptions icarus_options() {
  verify::VerifyOptions options;
  options.simulator = verify::Simulator::kIcarus;
  options.quick = true;
  options.random_vectors = 300;
  options.coverage = {.exhaustive_bits = 10, .corners = 300, .longest_sum = 300};
  return options;
}

inline void add_design(const OperatorSpec& spec, std::vector<verify::Subject>& subjects) {
  subjects.push_back({spec, ops::emit(spec), {}, spec.command()});
}

/// The netlists with Yosys' models of the target's cells: those of fewbit take a table that is read
/// at an unknown address for unknown.
inline void add_netlists(const OperatorSpec& spec, const std::string& target_name,
                         std::vector<verify::Subject>& subjects) {
  flows::Target target = flows::find_target(target_name).value();
  target.lut_models.clear();
  const auto netlists = flows::synthesize_netlists(ops::emit(spec), target);
  ASSERT_TRUE(netlists.ok()) << target_name << ": " << netlists.error().message();
  for (const flows::Netlist& netlist : *netlists) {
    subjects.push_back({spec,
                        netlist.design,
                        {},
                        spec.command() + ", netlist " + target_name + " " + netlist.flow});
  }
}

/// Sums and others that keep something, small enough to be mapped in a second or two.
inline std::vector<OperatorRequest> small_clocked_requests() {
  return {{.op = "acc", .a = "e2m1", .terms = 20},
          {.op = "acc", .a = "int4", .overflow = "saturate", .acc_width = 7},
          {.op = "mac", .a = "int3", .b = "e2m1", .terms = 20},
          {.op = "mac", .a = "int3", .b = "uint2", .acc_width = 9},
          {.op = "mac", .a = "e2m2ieee", .b = "e2m1", .terms = 9},
          {.op = "dot", .a = "int2", .b = "e2m1", .lanes = 2, .terms = 20},
          {.op = "mac", .a = "bipolar", .b = "int3", .terms = 20},
          {.op = "dot", .a = "bipolar", .b = "bipolar", .lanes = 5, .terms = 20},
          {.op = "mac", .a = "ternary", .b = "ternary", .terms = 20},
          {.op = "dot", .a = "ternary", .b = "bipolar", .lanes = 3, .terms = 9},
          {.op = "mxdot", .a = "e2m1", .b = "int2", .scale = "ue2m1f", .lanes = 2, .terms = 9},
          {.op = "facc", .a = "e2m1", .result = "e3m3fn"},
          {.op = "fmac", .a = "e2m1", .b = "e2m1", .result = "e4m3fn"},
          {.op = "mul", .a = "e2m1", .b = "e2m1", .result = "e2m1", .handshake = "valid"},
          {.op = "mxquant", .a = "e3m2", .result = "e2m1", .lanes = 2, .handshake = "valid"},
          {.op = "squant",
           .a = "e2m1",
           .result = "uint1",
           .lanes = 2,
           .random_bits = 2,
           .handshake = "valid"}};
}

/// Every number reported: designs, vectors, recoveries, and every mismatch a failure.
inline void expect_equal(const std::vector<verify::Subject>& subjects,
                         const verify::VerifyOptions& options) {
  const auto reports = verify::verify(subjects, options);
  ASSERT_TRUE(reports.ok()) << reports.error().message();
  std::uint64_t vectors = 0, recoveries = 0, mismatches = 0;
  for (const verify::VerifyReport& report : *reports) {
    EXPECT_TRUE(report.passed) << verify::to_text(report);
    EXPECT_GT(report.recoveries, 0U) << report.label;
    vectors += report.vectors;
    recoveries += report.recoveries;
    mismatches += report.mismatch_count;
  }
  fmt::print("{} designs, {} vectors, {} recoveries from X, {} mismatches\n", reports->size(),
             vectors, recoveries, mismatches);
}

}  // namespace fewbit::testing
