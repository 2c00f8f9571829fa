// Benches: one stimulus and one model run, and the subjects that must behave like it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "fewbit/sim/verify/simulation.h"

namespace fewbit::verify {

/// A subject's place in a simulation, and where its findings go.
struct Slot {
  const Subject* subject = nullptr;
  Simulation* simulation = nullptr;
  std::size_t index = 0;
  VerifyReport* report = nullptr;
  bool has_scale = false;
};

/// The half cycles of a clocked run: what the driver calls, in this order, once per cycle.
///   drive_low()   inputs at the falling edge of the clock; false at the end of the stimulus
///   check_low()   after the model settled: an asynchronous reset acts at once
///   drive_high()  true where the inputs changed again before the rising edge
///   check_high()  outputs after the rising edge
/// Combinational subjects have drive_low() and check_low() alone.
class Bench {
 public:
  virtual ~Bench() = default;
  void add(const Slot& slot) { slots_.push_back(slot); }
  virtual void start() = 0;  ///< after the last add()
  virtual bool drive_low() = 0;
  virtual void check_low() = 0;
  virtual bool drive_high() { return false; }
  virtual void check_high() {}
  /// How much of the stimulus was applied, 0 to 1.
  [[nodiscard]] virtual double share() const = 0;

 protected:
  std::vector<Slot> slots_;
};

/// Whether both have the same operands, outputs and behaviour, so that one bench serves both:
/// everything but architecture and fabric.
bool same_behaviour(const OperatorSpec& x, const OperatorSpec& y);

std::unique_ptr<Bench> make_combinational_bench(const OperatorSpec& spec,
                                                const VerifyOptions& options);
std::unique_ptr<Bench> make_stream_bench(const OperatorSpec& spec, const VerifyOptions& options);

}  // namespace fewbit::verify
