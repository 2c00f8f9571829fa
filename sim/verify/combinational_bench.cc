// Every operand pair through a combinational operator.
// SPDX-License-Identifier: Apache-2.0
#include "sim/verify/scoreboard.h"

namespace fewbit::verify {
namespace {

class CombinationalBench : public Bench {
 public:
  CombinationalBench(const OperatorSpec& spec, const VerifyOptions& options)
      : spec_(spec), pairs_(spec.a, spec.b, options.seed, options.random_vectors) {}

  void start() override {
    for (const Slot& slot : slots_) {
      slot.report->exhaustive = pairs_.exhaustive();
      slot.report->vectors = pairs_.size();
      slot.report->pairs_applied = pairs_.distinct();
      slot.report->pairs_possible = pairs_.possible();
    }
  }

  bool drive_low() override {
    if (next_ == pairs_.size()) return false;
    context_ = {next_, pairs_.phase(next_), pairs_[next_]};
    ++next_;
    for (const Slot& slot : slots_) {
      slot.simulation->drive(slot.index, {context_.operands.a, context_.operands.b});
    }
    return true;
  }

  void check_low() override {
    const model::Outputs expected =
        model::evaluate(spec_, context_.operands.a, context_.operands.b);
    for (const Slot& slot : slots_) check_outputs(slot, expected, context_);
  }

 private:
  OperatorSpec spec_;
  vectors::PairSequence pairs_;
  std::uint64_t next_ = 0;
  Context context_;
};

}  // namespace

std::unique_ptr<Bench> make_combinational_bench(const OperatorSpec& spec,
                                                const VerifyOptions& options) {
  return std::make_unique<CombinationalBench>(spec, options);
}

}  // namespace fewbit::verify
