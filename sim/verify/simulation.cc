// Building, loading and driving a Verilator model.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/verify/simulation.h"

#include <algorithm>

#include "fewbit/gen/util/check.h"
#include "fewbit/sim/verify/simulator_text.h"
#include "fewbit/sim/verify/verilated_model.h"

namespace fewbit::verify {
namespace {

/// A model that is loaded into this process.
class VerilatedSimulation : public Simulation {
 public:
  VerilatedSimulation(const std::vector<const Subject*>& subjects,
                      std::unique_ptr<VerilatedModel> model)
      : Simulation(subjects), model_(std::move(model)) {}
  void eval(bool clk) override { model_->eval(clk, in_.data(), out_.data()); }
  void trace(const std::filesystem::path& file) override {
    file.empty() ? model_->end_trace() : model_->start_trace(file);
  }

 private:
  std::unique_ptr<VerilatedModel> model_;
};

}  // namespace

Result<std::unique_ptr<Simulation>> Simulation::build(const std::vector<const Subject*>& subjects,
                                                      const VerilatorRuntime& runtime,
                                                      std::uint64_t seed,
                                                      const ModelExtras& extras) {
  std::vector<TextFile> data_files;
  for (const Subject* subject : subjects) {
    const std::vector<TextFile>& more = subject->design.data_files;
    data_files.insert(data_files.end(), more.begin(), more.end());
  }
  FEWBIT_ASSIGN_OR_RETURN(model, VerilatedModel::build(simulated_files(subjects), data_files,
                                                       eval_text(subjects), runtime, seed, extras));
  return std::unique_ptr<Simulation>(
      std::make_unique<VerilatedSimulation>(subjects, std::move(model)));
}

Simulation::Simulation(const std::vector<const Subject*>& subjects) {
  std::size_t in_words = 0;
  out_offsets_.push_back(0);
  for (const Subject* subject : subjects) {
    layouts_.push_back(input_layout(*subject));
    in_offsets_.push_back(in_words);
    in_words += layouts_.back().words;
    out_offsets_.push_back(out_offsets_.back() + static_cast<std::size_t>(output_words(*subject)));
  }
  in_.resize(in_words);
  out_.resize(out_offsets_.back());
  unknown_.resize(out_offsets_.back());
  pins_.resize(subjects.size());
}

void Simulation::trace(const std::filesystem::path& /*file*/) {
  FEWBIT_CHECK(false, "this simulator has no traces");
}

bool Simulation::unknown(std::size_t subject, rtl::PortRole role) const {
  const std::size_t end = out_offsets_[subject + 1];
  const std::uint64_t status = unknown_[end - 3];
  switch (role) {
    case rtl::PortRole::kResult:
      return std::any_of(&unknown_[out_offsets_[subject]], &unknown_[end - 3],
                         [](std::uint64_t bits) { return bits != 0; });
    case rtl::PortRole::kValid:
      return (status & 1) != 0;
    case rtl::PortRole::kNan:
      return (status & 2) != 0;
    case rtl::PortRole::kPlusInf:
      return (status & 4) != 0;
    case rtl::PortRole::kMinusInf:
      return (status & 8) != 0;
    case rtl::PortRole::kReady:
      return (status & 16) != 0;
    case rtl::PortRole::kScale:
      return unknown_[end - 2] != 0;
    case rtl::PortRole::kTag:
      return unknown_[end - 1] != 0;
    default:
      FEWBIT_CHECK(false, "{} is no output", rtl::to_string(role));
  }
}

namespace {

/// value, in `count` words from the lowest.
void put_words(const BigInt& value, std::uint64_t* words, std::size_t count) {
  const auto& limbs = value.backend();
  static_assert(sizeof(limbs.limbs()[0]) == sizeof(std::uint64_t));
  for (std::size_t i = 0; i < count; ++i) words[i] = i < limbs.size() ? limbs.limbs()[i] : 0;
}

}  // namespace

void Simulation::drive(std::size_t subject, const Pins& pins) {
  std::uint64_t* words = &in_[in_offsets_[subject]];
  words[0] =
      static_cast<std::uint64_t>(pins.reset_level) | static_cast<std::uint64_t>(pins.valid) << 1 |
      static_cast<std::uint64_t>(pins.first) << 2 | static_cast<std::uint64_t>(pins.ready) << 3;
  words[1] = pins.tag;
  pins_[subject] = pins;
  if (pins.operands == nullptr) return;
  const InputLayout& layout = layouts_[subject];
  for (std::size_t i = 0; i < layout.operands.size(); ++i) {
    const InputLayout::Operand& operand = layout.operands[i];
    put_words((*pins.operands)[i], words + operand.word, operand.words);
  }
}

}  // namespace fewbit::verify
