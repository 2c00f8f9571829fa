// Every operand through a combinational operator.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/vectors/operands.h"
#include "fewbit/sim/verify/scoreboard.h"

namespace fewbit::verify {
namespace {

class CombinationalBench : public Bench {
 public:
  CombinationalBench(const OperatorSpec& spec, const VerifyOptions& options)
      : function_(spec), sequence_(spec, options.seed, options.random_vectors, options.coverage) {}

  void start() override {
    const std::uint64_t distinct = sequence_.distinct();
    for (const Slot& slot : slots_) {
      slot.report->exhaustive = sequence_.exhaustive();
      slot.report->vectors = sequence_.size();
      slot.report->operands_applied = distinct;
      slot.report->operands_possible = sequence_.possible();
    }
  }

  bool drive_low() override {
    if (next_ == sequence_.size()) return false;
    operands_ = sequence_[next_];
    context_ = {next_, sequence_.phase(next_), &operands_};
    ++next_;
    for (const Slot& slot : slots_) slot.simulation->drive(slot.index, {.operands = &operands_});
    return true;
  }

  [[nodiscard]] double share() const override {
    return static_cast<double>(next_) / static_cast<double>(sequence_.size());
  }

  void check_low() override {
    const model::Outputs expected = function_(operands_);
    for (const Slot& slot : slots_) check_outputs(slot, expected, context_);
  }

 private:
  model::Function function_;
  vectors::OperandSequence sequence_;
  std::uint64_t next_ = 0;
  model::Operands operands_;
  Context context_;
};

}  // namespace

std::unique_ptr<Bench> make_combinational_bench(const OperatorSpec& spec,
                                                const VerifyOptions& options) {
  return std::make_unique<CombinationalBench>(spec, options);
}

}  // namespace fewbit::verify
