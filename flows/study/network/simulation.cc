// Simulating accelerators: see simulation.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/network/simulation.h"

#include <fmt/format.h>

namespace fewbit::study {
namespace {

constexpr std::size_t kWord = 64;

/// Ports of the design as bits of two vectors of whole words.
class Wrapper {
 public:
  Wrapper(std::size_t in_words, std::size_t out_words) : in_(in_words), out_(out_words) {}

  void input(const std::string& port, std::size_t low, int bits) {
    connect(port, "in_bits", low, bits);
  }
  void output(const std::string& port, std::size_t low, int bits) {
    connect(port, "out_bits", low, bits);
    if (low > filled_) fill(low);
    filled_ = low + static_cast<std::size_t>(bits);
  }
  std::string text(const std::string& module) {
    if (filled_ < kWord * out_) fill(kWord * out_);
    return fmt::format(
        "module {} (\n  input logic clk,\n  input logic [{}:0] in_bits,\n"
        "  output logic [{}:0] out_bits\n);\n  {} dut (.clk_i(clk){});\n{}endmodule\n",
        verify::kTopModule, kWord * in_ - 1, kWord * out_ - 1, module, connections_, zeros_);
  }

 private:
  void connect(const std::string& port, const char* vector, std::size_t low, int bits) {
    connections_ += fmt::format(",\n    .{}({}[{}:{}])", port, vector,
                                low + static_cast<std::size_t>(bits) - 1, low);
  }
  void fill(std::size_t end) {
    zeros_ += fmt::format("  assign out_bits[{}:{}] = {}'d0;\n", end - 1, filled_, end - filled_);
    filled_ = end;
  }

  std::size_t in_, out_;
  std::size_t filled_ = 0;
  std::string connections_, zeros_;
};

std::size_t words_of(std::size_t bits) { return (bits + kWord - 1) / kWord; }

}  // namespace

std::uint32_t NetworkSimulation::value(std::size_t place, int lane) const {
  const StreamPlace& stream = streams_[place];
  const std::size_t low =
      static_cast<std::size_t>(lane) * static_cast<std::size_t>(stream.value_bits);
  const std::size_t word = data_at_[place] + low / kWord;
  std::uint64_t bits = out_[word] >> (low % kWord);
  const std::size_t taken = kWord - low % kWord;
  if (taken < static_cast<std::size_t>(stream.value_bits)) bits |= out_[word + 1] << taken;
  return static_cast<std::uint32_t>(bits & ((std::uint64_t{1} << stream.value_bits) - 1));
}

Result<std::unique_ptr<NetworkSimulation>> NetworkSimulation::build(
    const rtl::EmittedDesign& design, int result_bits, const std::vector<StreamPlace>& streams,
    const verify::VerilatorRuntime& runtime, std::uint64_t seed) {
  auto made = std::unique_ptr<NetworkSimulation>(new NetworkSimulation);
  made->streams_ = streams;
  std::size_t words = kTaps / kWord + words_of(2 * streams.size());
  for (const StreamPlace& stream : streams) {
    made->data_at_.push_back(words);
    if (stream.node) words += words_of(static_cast<std::size_t>(stream.lanes * stream.value_bits));
  }
  made->in_.resize(1 + std::max<std::size_t>(1, words_of(streams.size())));
  made->out_.resize(words);
  Wrapper wrapper(made->in_.size(), made->out_.size());
  wrapper.input("rst_ni", 0, 1);
  wrapper.input("s_axis_tvalid", 1, 1);
  wrapper.input("m_axis_tready", 2, 1);
  wrapper.input("s_axis_tdata", 8, 8);
  wrapper.output("s_axis_tready", 0, 1);
  wrapper.output("m_axis_tvalid", 1, 1);
  wrapper.output("m_axis_tlast", 2, 1);
  wrapper.output("m_axis_tdata", kWord, (result_bits + 7) / 8 * 8);
  for (std::size_t k = 0; k < streams.size(); ++k) {
    wrapper.input(fmt::format("stall_{}_i", k), kWord + k, 1);
    wrapper.output(fmt::format("tap_{}_valid_o", k), kTaps + 2 * k, 1);
    wrapper.output(fmt::format("tap_{}_ready_o", k), kTaps + 2 * k + 1, 1);
  }
  for (std::size_t k = 0; k < streams.size(); ++k) {
    if (!streams[k].node) continue;
    wrapper.output(fmt::format("tap_{}_data_o", k), kWord * made->data_at_[k],
                   streams[k].lanes * streams[k].value_bits);
  }
  std::vector<TextFile> files = design.files;
  files.push_back({std::string(verify::kTopModule) + ".sv", wrapper.text(design.signature.module)});
  FEWBIT_ASSIGN_OR_RETURN(
      model, verify::VerilatedModel::build(
                 files, design.data_files,
                 "  take(m.in_bits, in);\n  m.eval();\n  put(out, m.out_bits);\n", runtime, seed));
  made->model_ = std::move(model);
  return made;
}

}  // namespace fewbit::study
