// Icarus: simulation with four states. What is driven is recorded, run, and then read back.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "fewbit/gen/util/files.h"
#include "fewbit/sim/verify/simulation.h"

namespace fewbit::verify {

/// Subjects in one Icarus model. Whoever drives it does the same twice: at first eval() only notes
/// the inputs; after run() it reads what the model answered to them.
class IcarusSimulation : public Simulation {
 public:
  /// Compiles. Whatever iverilog prints is an Error: it says so where it takes a text for something
  /// else than it means.
  static Result<std::unique_ptr<IcarusSimulation>> build(
      const std::vector<const Subject*>& subjects);

  void eval(bool clk) override;
  /// Before the next eval: every bit of the state of all subjects becomes X, or each of half of
  /// them.
  void poison(bool all) { flags_ |= all ? kPoisonAll : kPoisonSome; }
  /// After the next eval unknown_state() tells which registers have an X.
  void probe() { flags_ |= kProbe; }
  /// By subject: names, from the subject's module on; of a kind of their own where it has none.
  [[nodiscard]] const std::vector<std::vector<std::string>>& unknown_state() const {
    return unknown_state_;
  }

  /// Runs what was noted; from here on eval() answers.
  Status run();
  /// Once more from the start: eval() notes again.
  void restart();

 private:
  static constexpr unsigned kClock = 1, kPoisonSome = 2, kPoisonAll = 4, kProbe = 8;

  IcarusSimulation(const std::vector<const Subject*>& subjects, ScratchDirectory scratch);
  void note(bool clk);
  void answer();

  const ScratchDirectory scratch_;
  std::vector<int> result_digits_, block_digits_, tag_digits_;  // hexadecimal, of each subject
  unsigned flags_ = 0;
  std::string line_;
  std::ofstream stimulus_;
  std::ifstream response_;
  std::vector<std::vector<std::string>> unknown_state_;
};

}  // namespace fewbit::verify
