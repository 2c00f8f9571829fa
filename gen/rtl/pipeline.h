// Pipelining: registers placed into combinational logic where the delay model says they help most.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fewbit/gen/rtl/delay.h"
#include "fewbit/gen/rtl/module.h"

namespace fewbit::rtl {

/// Where a path ends: at a register behind this signal, or, with `after`, behind logic that is not
/// built yet and takes so many ns more.
struct PipelineSink {
  Signal signal;
  double after = 0;
};

/// Which of the stages 0 .. registers each named net is computed in.
struct PipelinePlan {
  int registers = 0;
  std::vector<int> stage;  ///< by node; -1: not part of the logic
  double period = 0;       ///< estimated, ns: of the slowest stage
  int register_bits = 0;   ///< flip-flops that it takes
};

/// Instances of combinational modules are crossed at their ports alone; those of modules that state
/// a latency (Module::pipelined) count as so many of the registers. Other instances begin paths.
///
/// The fastest placement of `registers` registers on every path from inputs and registers to the
/// sinks, and of those the one with few flip-flops. Named nets are not taken apart.
PipelinePlan plan_pipeline(Module& module, const std::vector<PipelineSink>& sinks, int registers,
                           const DelayModel& model);

/// Builds it: the sinks, `registers` cycles later. Every register has `control`; where that has an
/// enable, it must be the enable of the instances with latency too. What the sinks
/// were made of stays, and is dead where nothing else reads it.
std::vector<Signal> pipeline(Module& module, const std::vector<PipelineSink>& sinks,
                             const PipelinePlan& plan, const RegisterControl& control);

}  // namespace fewbit::rtl
