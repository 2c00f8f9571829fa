// Interface: the ports of an operator and the registers that its handshake and its tag need.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fewbit/gen/ops/fabric/stage.h"

namespace fewbit::ops {

/// Special results as one-bit signals; constant 0 where they cannot occur.
struct SpecialResult {
  rtl::Signal nan;
  rtl::Signal pinf;
  rtl::Signal ninf;
  [[nodiscard]] rtl::Signal any() const { return nan | pinf | ninf; }
};

/// What a builder hands back; the interface makes the ports. An accumulator's are registers.
struct Results {
  rtl::Signal result;
  SpecialResult flags;  ///< looked at where special_flags(spec) has them
  rtl::Signal block;    ///< what block_port(spec) says: mxquant, squant
  rtl::Signal valid;    ///< a generic accumulator's own valid_o and ready_o
  rtl::Signal ready;
};

/// Results that share operands as one: side by side, the first lowest, each flag of any of them.
Results together(const std::vector<Results>& results);

/// The handshake as an accumulator sees it.
struct Control {
  rtl::Signal valid;  ///< valid_i: an operand is offered
  rtl::Signal ready;  ///< ready_i; absent where there is no back-pressure
  rtl::Signal first;  ///< first_i
  /// [n]: the operand of n cycles before, less those in which nothing moved, was valid.
  std::vector<rtl::Signal> valid_after;
  rtl::Signal advance;  ///< nothing moves without it; absent where there is no back-pressure

  /// x, in cycles in which the pipeline moves.
  [[nodiscard]] rtl::Signal moving(const rtl::Signal& x) const {
    return advance.valid() ? x & advance : x;
  }
  /// The boundary after the operands, cleared by `clear` (absent: never).
  [[nodiscard]] Stage stage(const rtl::Signal& clear = {}) const {
    boundary->clear = clear;
    if (!has_stage) return {.clear = clear, .is_last = loads_alone};
    return {true, advance, stage_clear(clear), is_pipelined, &boundary->registers};
  }
  [[nodiscard]] rtl::Signal stage_clear(const rtl::Signal& clear) const {
    const bool gated = clear.valid() && advance.valid();
    return gated ? clear.module().net("stage_clear", moving(clear)) : clear;
  }

  /// The stage's registers and what clears them, for who moves them to a later cycle.
  struct Boundary {
    std::vector<rtl::Signal> registers;
    rtl::Signal clear;
  };
  bool is_pipelined = false;  ///< there is more latency than the usual
  bool has_stage = true;      ///< an accumulator's addend is in registers before it is added
  bool loads_alone = false;   ///< without them: a first addend can be loaded if no carry is beside
  std::shared_ptr<Boundary> boundary = std::make_shared<Boundary>();
};

/// Makes the input ports in this order: clk_i, rst_ni or rst_i, valid_i, ready_i, first_i, tag_i,
/// the operands; and with finish() the outputs ready_o, valid_o, result_o or acc_o, scale_o or
/// range_o, flags, tag_o. Operators that do not accumulate have a register behind them where there
/// is latency, and more of it goes into their logic. With valid_ready the whole pipeline stands
/// still while its result is offered and not taken: ready_o = ready_i | ~valid_o.
class Interface {
 public:
  Interface(rtl::Module& module, const OperatorSpec& spec);

  /// A whole operand port by its name ("a_i"), or one lane of it.
  [[nodiscard]] rtl::Signal operand(const std::string& name) const { return operands_.at(name); }
  [[nodiscard]] rtl::Signal lane(const std::string& name, int lane) const;
  /// random_i; no bits where the request has none.
  [[nodiscard]] rtl::Signal random() const;
  [[nodiscard]] const Control& control() const { return control_; }

  void finish(const Results& results);

 private:
  void make_handshake();
  Results pipelined(const Results& results);
  void output_tag(const rtl::Signal& advance);

  rtl::Module& m_;
  const OperatorSpec& spec_;
  Control control_;
  rtl::Signal tag_;
  std::map<std::string, rtl::Signal> operands_;
};

/// The names of output p, where there are several.
class OutputScope {
 public:
  OutputScope(rtl::Module& module, int outputs, int p) {
    if (outputs > 1) {
      scope_.emplace(module, fmt::format("output_{}", p), fmt::format("Output {}", p));
    }
  }

 private:
  std::optional<rtl::Scope> scope_;
};

/// The names of lane k, where there are several.
class LaneScope {
 public:
  LaneScope(rtl::Module& module, int lanes, int k) {
    if (lanes > 1) scope_.emplace(module, fmt::format("lane_{}", k), fmt::format("Lane {}", k));
  }

 private:
  std::optional<rtl::Scope> scope_;
};

rtl::Reset reset_of(const OperatorSpec& spec);

}  // namespace fewbit::ops
