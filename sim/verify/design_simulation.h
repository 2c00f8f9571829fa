// DesignSimulation: any design in Verilator, driven and read port by port; and runs against what it
// must do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fewbit/gen/util/bigint.h"
#include "fewbit/sim/verify/verify.h"
#include "fewbit/sim/verify/verilated_model.h"

namespace fewbit::verify {

/// Bits by port name.
using Ports = std::map<std::string, BigInt>;

/// A design and the parameters to override.
class DesignSimulation {
 public:
  /// Verilates and compiles; errors as of VerilatedModel::build. Inputs start at 0.
  static Result<std::unique_ptr<DesignSimulation>> build(
      const rtl::EmittedDesign& design, const VerilatorRuntime& runtime, std::uint64_t seed,
      const std::map<std::string, long long>& parameters = {});

  /// An input, of the width it has with the parameters. Stops the program where there is none.
  void set(const std::string& input, const BigInt& bits);
  /// Lets everything settle with the clock low.
  void settle() { eval(false); }
  /// A rising edge of the clock, and the falling one.
  void clock();
  /// An output after settle() or clock().
  [[nodiscard]] BigInt get(const std::string& output) const;

 private:
  struct Place {
    std::size_t word = 0;
    std::size_t words = 0;
  };
  DesignSimulation() = default;
  void eval(bool clk) { model_->eval(clk, in_.data(), out_.data()); }

  std::unique_ptr<VerilatedModel> model_;
  std::map<std::string, Place> inputs_, outputs_;
  std::vector<std::uint64_t> in_, out_;
};

/// What drives a design and what it must answer, cycle by cycle. It shares nothing with the design
/// but the ports.
class Behaviour {
 public:
  virtual ~Behaviour() = default;
  /// The inputs of the next cycle but the clock, those that change; false at the end. `phase` says
  /// what is being tried.
  virtual bool drive(Ports& inputs, std::string& phase) = 0;
  /// The outputs before the clock edge that ends the cycle; ports that are left out may be
  /// anything. `outputs` are those that the design has: a protocol may need them (who waits for
  /// whom), values must not follow them.
  virtual Ports expect(const Ports& outputs) = 0;
};

/// Runs the design until drive() ends. One cycle with something to compare is one vector; the
/// report's mismatches name ports, and have the inputs as operands. An Error is a tool that is
/// missing or failed, or an interrupt.
Result<VerifyReport> verify_design(const rtl::EmittedDesign& design, Behaviour& behaviour,
                                   const VerifyOptions& options,
                                   const std::map<std::string, long long>& parameters = {});

}  // namespace fewbit::verify
