// Simulation: many subjects in one model of a simulator, driven and read from this process.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "fewbit/sim/model/operators.h"
#include "fewbit/sim/verify/simulator_text.h"
#include "fewbit/sim/verify/verify.h"
#include "fewbit/sim/verify/verilated_model.h"
#include "fewbit/sim/verify/verilator_runtime.h"

namespace fewbit::verify {

/// What one subject's inputs are set to. Control inputs it does not have are ignored.
struct Pins {
  const model::Operands* operands = nullptr;  ///< in the order of operand_ports(spec)
  bool reset_level = false;                   ///< the level of the pin, not whether it is asserted
  bool valid = false;
  bool first = false;
  bool ready = true;
  std::uint64_t tag = 0;
  // X instead, where the simulator knows it (Icarus):
  bool operands_unknown = false;  ///< operands and tag
  bool first_unknown = false;
  bool handshake_unknown = false;  ///< valid and ready
  bool reset_unknown = false;
};

class Simulation {
 public:
  /// Verilates and compiles. No two subjects may have different texts of one module. A
  /// combinational loop, or a port that differs from the signature, is an Error. Uninitialised
  /// registers start as random bits made from `seed`.
  static Result<std::unique_ptr<Simulation>> build(const std::vector<const Subject*>& subjects,
                                                   const VerilatorRuntime& runtime,
                                                   std::uint64_t seed,
                                                   const ModelExtras& extras = {});
  virtual ~Simulation() = default;
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  void drive(std::size_t subject, const Pins& pins);
  /// Lets everything settle at this level of the clock.
  virtual void eval(bool clk) = 0;

  /// The main output, in 64-bit words from the lowest bit.
  [[nodiscard]] const std::uint64_t* result(std::size_t subject) const {
    return &out_[out_offsets_[subject]];
  }
  [[nodiscard]] bool valid(std::size_t subject) const { return (status(subject) & 1) != 0; }
  [[nodiscard]] bool nan(std::size_t subject) const { return (status(subject) & 2) != 0; }
  [[nodiscard]] bool pinf(std::size_t subject) const { return (status(subject) & 4) != 0; }
  [[nodiscard]] bool ninf(std::size_t subject) const { return (status(subject) & 8) != 0; }
  [[nodiscard]] bool ready(std::size_t subject) const { return (status(subject) & 16) != 0; }
  /// scale_o or range_o.
  [[nodiscard]] std::uint64_t scale(std::size_t subject) const {
    return out_[out_offsets_[subject + 1] - 2];
  }
  [[nodiscard]] std::uint64_t tag(std::size_t subject) const {
    return out_[out_offsets_[subject + 1] - 1];
  }

  /// Of a simulation that was built to trace (ModelExtras); "" ends the file.
  virtual void trace(const std::filesystem::path& file);

  /// Whether a bit of the output of this role is X; never so with Verilator.
  [[nodiscard]] bool unknown(std::size_t subject, rtl::PortRole role) const;

 protected:
  explicit Simulation(const std::vector<const Subject*>& subjects);

  std::vector<InputLayout> layouts_;
  std::vector<std::size_t> in_offsets_;   // of each subject's words in in_
  std::vector<std::size_t> out_offsets_;  // of each subject's words in out_, and the end
  std::vector<std::uint64_t> in_;
  std::vector<std::uint64_t> out_;
  std::vector<std::uint64_t> unknown_;  // bits of out_ that are X
  std::vector<Pins> pins_;              // of each subject, the operands left out

 private:
  [[nodiscard]] std::uint64_t status(std::size_t subject) const {
    return out_[out_offsets_[subject + 1] - 3];
  }
};

}  // namespace fewbit::verify
