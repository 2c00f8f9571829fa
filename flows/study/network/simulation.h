// NetworkSimulation: an accelerator in Verilator, its ports and streams as numbers, cycle by cycle.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "fewbit/flows/study/network/accelerator.h"
#include "fewbit/sim/verify/verilated_model.h"

namespace fewbit::study {

class NetworkSimulation {
 public:
  /// Of a design with the ports of an accelerator whose results have so many bits, observed where
  /// there are `streams`. Verilates and compiles; errors as of VerilatedModel::build.
  static Result<std::unique_ptr<NetworkSimulation>> build(const rtl::EmittedDesign& design,
                                                          int result_bits,
                                                          const std::vector<StreamPlace>& streams,
                                                          const verify::VerilatorRuntime& runtime,
                                                          std::uint64_t seed);

  /// Inputs of the next cycle.
  void set_reset(bool is_reset) { set_bit(0, !is_reset); }
  void set_input(bool valid, std::uint8_t byte) {
    set_bit(1, valid);
    in_[0] = (in_[0] & ~(std::uint64_t{255} << 8)) | (std::uint64_t{byte} << 8);
  }
  void set_ready(bool ready) { set_bit(2, ready); }
  /// Of stream `place`, where the accelerator is observed.
  void set_stall(std::size_t place, bool stalls) { set_bit(64 + place, stalls); }
  /// Lets everything settle with the clock low; then outputs may be read.
  void settle() { model_->eval(false, in_.data(), out_.data()); }
  /// A rising edge of the clock.
  void clock() { model_->eval(true, in_.data(), out_.data()); }

  [[nodiscard]] bool takes_input() const { return bit(0); }
  [[nodiscard]] bool has_result() const { return bit(1); }
  [[nodiscard]] bool is_last() const { return bit(2); }
  [[nodiscard]] std::uint64_t result() const { return out_[1]; }
  [[nodiscard]] bool is_valid(std::size_t place) const { return bit(kTaps + 2 * place); }
  [[nodiscard]] bool is_ready(std::size_t place) const { return bit(kTaps + 2 * place + 1); }
  /// Value `lane` of the beat of stream `place`, which has a node's numbers; at most 32 bits.
  [[nodiscard]] std::uint32_t value(std::size_t place, int lane) const;

 private:
  static constexpr std::size_t kTaps = 128;  ///< first bit of the taps
  NetworkSimulation() = default;
  void set_bit(std::size_t at, bool value) {
    const std::uint64_t mask = std::uint64_t{1} << (at % 64);
    in_[at / 64] = value ? in_[at / 64] | mask : in_[at / 64] & ~mask;
  }
  [[nodiscard]] bool bit(std::size_t at) const { return (out_[at / 64] >> (at % 64) & 1) != 0; }

  std::unique_ptr<verify::VerilatedModel> model_;
  std::vector<std::uint64_t> in_, out_;
  std::vector<StreamPlace> streams_;
  std::vector<std::size_t> data_at_;  ///< first word of a stream's beat
};

}  // namespace fewbit::study
