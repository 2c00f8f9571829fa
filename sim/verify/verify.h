// Verification: emitted designs, run by Verilator or Icarus, against the bit-exact model.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "fewbit/gen/rtl/signature.h"
#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/gen/util/result.h"
#include "fewbit/sim/vectors/operands.h"

namespace fewbit::verify {

/// One thing to simulate: a design, what it must do, and module parameters to override.
struct Subject {
  OperatorSpec spec;  ///< as overridden: spec.acc_width is what AccWidth is set to
  rtl::EmittedDesign design;
  std::map<std::string, long long> parameters;
  std::string label;  ///< for reports: "mac int4 int4 optimized"
};

/// What was on one operand port.
struct OperandValue {
  std::string name;  ///< "a", "scale_a"
  BigInt code;
  std::string decoded;  ///< "" where several numbers are side by side
};

struct Mismatch {
  std::uint64_t cycle = 0;
  std::string phase;  ///< "every operand", "extreme sum +", "reset in mid-flow"
  std::vector<OperandValue> operands;
  std::string port;  ///< or what in the design should have been known
  BigInt expected, got;
  bool got_unknown = false;  ///< a bit of it was X, and `got` means nothing
  std::string expected_decoded, got_decoded;
};

struct VerifyReport {
  std::string label;
  bool passed = false;
  bool exhaustive = false;             ///< every combination of operands was applied
  std::uint64_t vectors = 0;           ///< accepted operations that were compared
  std::uint64_t operands_applied = 0;  ///< distinct operations
  double operands_possible = 0;        ///< 2^(bits of all operands)
  double worst_sum_terms = 0;  ///< accumulators: addends from 0 to the farther end, or `terms`
  std::uint64_t worst_sum_applied = 0;  ///< how many of these were applied in one sum
  std::uint64_t recoveries = 0;  ///< Icarus: times that X was put in, and had to be gone in time
  std::uint64_t mismatch_count = 0;
  std::vector<Mismatch> mismatches;  ///< the first few
  std::uint64_t seed = 0;
  double seconds = 0;  ///< build and run of its model, shared equally by its subjects
};

enum class Simulator {
  kVerilator,  ///< two states: fast
  kIcarus      ///< four: what starts as X must become known; then, that every X goes away
};

struct VerifyOptions {
  Simulator simulator = Simulator::kVerilator;
  std::uint64_t seed = 1;
  int jobs = 2;
  std::uint64_t random_vectors = 200000;  ///< where not exhaustive
  vectors::Coverage coverage;
  bool quick = false;  ///< the same phases with fewer gaps and repetitions; used by the grid
  std::function<void(const VerifyReport&, std::size_t done, std::size_t total)> progress;
  /// What is done now and, of comparing, how much is done: 0 to 1, else -1. From several threads.
  std::function<void(const std::string& step, double share)> running;
  /// Verilator: a folder for the files of the simulator that was built (that of the last, where
  /// there are several). None where empty.
  std::filesystem::path keep;
};

/// Builds (many subjects to a model; of Verilator the runtime is compiled once and cached) and runs
/// all subjects; one report each, in order. An Error is a tool that is missing or failed, or
/// (Icarus) has something to say about a design; a mismatch is data.
Result<std::vector<VerifyReport>> verify(const std::vector<Subject>& subjects,
                                         const VerifyOptions& options);

/// The first mismatch of a report on `subject` once more, in a simulation of it alone: what every
/// net does from some 250 cycles before to some cycles after it, as a VCD file with a time step for
/// each evaluation (two in a clock cycle). Errors: those of verify(); a mismatch that is gone, as
/// one may be that hangs on what registers are at power-up; a file that cannot be written.
Status write_trace(const Subject& subject, const VerifyReport& report, const VerifyOptions& options,
                   const std::filesystem::path& file);

/// The simulators' version lines, for reports.
Result<std::string> verilator_version();
Result<std::string> icarus_version();

nlohmann::ordered_json to_json(const VerifyReport& report);
/// What the terminal shows: one line when passed, the mismatches as a table when not.
std::string to_text(const VerifyReport& report);

}  // namespace fewbit::verify
