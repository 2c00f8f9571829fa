// Building, running and reading back an Icarus model.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/verify/icarus.h"

#include <fmt/format.h>

#include "fewbit/gen/util/interrupt.h"
#include "fewbit/gen/util/process.h"
#include "fewbit/sim/verify/icarus_text.h"
#include "fewbit/sim/verify/simulator_text.h"
#include "fewbit/sim/verify/verilator_runtime.h"

namespace fewbit::verify {
namespace {

constexpr const char* kHexDigits = "0123456789abcdef";

void append_digits(std::string& line, const std::uint64_t* words, int digits, bool unknown) {
  for (int i = digits - 1; i >= 0; --i) {
    line += unknown ? 'x' : kHexDigits[(words[i / 16] >> (i % 16 * 4)) & 15];
  }
}

void append_bit(std::string& line, bool bit, bool unknown) {
  line += unknown ? 'x' : bit ? '1' : '0';
}

bool is_known(char digit) { return std::isxdigit(static_cast<unsigned char>(digit)) != 0; }

std::uint64_t value_of(char digit) {
  return static_cast<std::uint64_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

/// Digits at `at` into words, and which of their bits are X. `at` moves on.
void take_digits(const std::string& line, std::size_t& at, int digits, int bits_each,
                 std::uint64_t* words, std::uint64_t* unknown) {
  const std::uint64_t all = (std::uint64_t{1} << bits_each) - 1;
  for (int i = digits - 1; i >= 0; --i, ++at) {
    const int bit = i * bits_each;
    const bool known = is_known(line[at]);
    words[bit / 64] |= (known ? value_of(line[at]) : 0) << bit % 64;
    unknown[bit / 64] |= (known ? 0 : all) << bit % 64;
  }
}

}  // namespace

Result<std::string> icarus_version() { return tool_version("iverilog", "-V"); }

IcarusSimulation::IcarusSimulation(const std::vector<const Subject*>& subjects,
                                   ScratchDirectory scratch)
    : Simulation(subjects), scratch_(std::move(scratch)) {
  for (const Subject* subject : subjects) {
    result_digits_.push_back(hex_digits(result_width(*subject)));
    block_digits_.push_back(hex_digits(block_bits(*subject)));
    tag_digits_.push_back(tag_digits(*subject));
  }
  unknown_state_.resize(subjects.size());
}

Result<std::unique_ptr<IcarusSimulation>> IcarusSimulation::build(
    const std::vector<const Subject*>& subjects) {
  FEWBIT_ASSIGN_OR_RETURN(scratch, ScratchDirectory::make());
  std::unique_ptr<IcarusSimulation> simulation(new IcarusSimulation(subjects, std::move(scratch)));
  std::vector<TextFile> files = simulated_files(subjects);
  for (TextFile& file : files) file.text = with_probes(file.text);
  files.push_back({fmt::format("{}.sv", kIcarusBench), bench_text(subjects)});
  const std::filesystem::path& folder = simulation->scratch_.path();
  FEWBIT_RETURN_IF_ERROR(write_scratch_files(folder, files));
  std::vector<std::string> argv = {"iverilog", "-g2012", "-s", kIcarusBench, "-o", "model.vvp"};
  for (const TextFile& file : files) argv.push_back(file.name);
  FEWBIT_ASSIGN_OR_RETURN(said, run_checked(argv, folder));
  if (!said.log().empty()) {
    return Error{"simulation", "iverilog", "a design that it reads without a word", said.log(),
                 Cause::kDesign};
  }
  simulation->restart();
  return simulation;
}

void IcarusSimulation::restart() {
  response_.close();
  stimulus_.open(scratch_.path() / "stimulus", std::ios::trunc);
  flags_ = 0;
}

void IcarusSimulation::eval(bool clk) {
  for (std::vector<std::string>& names : unknown_state_) names.clear();
  std::fill(out_.begin(), out_.end(), 0);
  std::fill(unknown_.begin(), unknown_.end(), 0);
  response_.is_open() ? answer() : note(clk);
  flags_ = 0;
}

void IcarusSimulation::note(bool clk) {
  line_.clear();
  line_ += kHexDigits[flags_ | (clk ? kClock : 0)];
  for (std::size_t k = 0; k < layouts_.size(); ++k) {
    const Pins& pins = pins_[k];
    append_bit(line_, pins.reset_level, pins.reset_unknown);
    append_bit(line_, pins.valid, pins.handshake_unknown);
    append_bit(line_, pins.first, pins.first_unknown);
    append_bit(line_, pins.ready, pins.handshake_unknown);
    append_digits(line_, &pins.tag, tag_digits_[k], pins.operands_unknown);
    for (const InputLayout::Operand& operand : layouts_[k].operands) {
      append_digits(line_, &in_[in_offsets_[k] + operand.word], hex_digits(operand.bits),
                    pins.operands_unknown);
    }
  }
  stimulus_ << line_ << '\n';
}

void IcarusSimulation::answer() {
  const std::string path = fmt::format("x {}.top.u", kIcarusBench);
  while (std::getline(response_, line_) && line_.starts_with("x ")) {
    // "x fewbit_icarus.top.u3.u_acc.state_q"
    FEWBIT_CHECK(line_.starts_with(path), "an unknown place: {}", line_);
    const std::size_t dot = line_.find('.', path.size());
    const std::size_t subject = std::stoul(line_.substr(path.size(), dot - path.size()));
    unknown_state_.at(subject).push_back(line_.substr(dot + 1));
  }
  std::size_t at = 0;
  for (std::size_t k = 0; k < layouts_.size(); ++k) {
    std::uint64_t* words = &out_[out_offsets_[k]];
    std::uint64_t* unknown = &unknown_[out_offsets_[k]];
    const std::size_t status = out_offsets_[k + 1] - out_offsets_[k] - 3;
    const auto length =
        static_cast<std::size_t>(result_digits_[k] + 5 + block_digits_[k] + tag_digits_[k]);
    FEWBIT_CHECK(at + length <= line_.size(), "an answer that is too short: {}", line_);
    take_digits(line_, at, result_digits_[k], 4, words, unknown);
    take_digits(line_, at, 5, 1, words + status, unknown + status);
    take_digits(line_, at, block_digits_[k], 4, words + status + 1, unknown + status + 1);
    take_digits(line_, at, tag_digits_[k], 4, words + status + 2, unknown + status + 2);
  }
}

Status IcarusSimulation::run() {
  stimulus_.close();
  if (!stimulus_) {
    return Error{"simulation", (scratch_.path() / "stimulus").string(),
                 "a file that can be written", "is the temporary folder full?", Cause::kMachine};
  }
  FEWBIT_ASSIGN_OR_RETURN(said, run_checked({"vvp", "-n", "model.vvp"}, scratch_.path()));
  if (!said.log().empty()) {
    return Error{"simulation", "vvp", "a run without a word", said.log(), Cause::kDesign};
  }
  response_.open(scratch_.path() / "response");
  return Ok{};
}

}  // namespace fewbit::verify
