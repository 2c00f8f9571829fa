// Verification of operators with AXI4-Stream ports: see axi_stream.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/verify/axi_stream.h"

#include <algorithm>
#include <memory>

#include "fewbit/gen/util/check.h"
#include "fewbit/sim/vectors/operands.h"
#include "fewbit/sim/verify/stream_model.h"

namespace fewbit::verify {
namespace {

constexpr std::size_t kBeatsOfRun = 600;
constexpr int kRuns = 12;
constexpr std::uint64_t kPatience = 2000;
constexpr long long kPacketLengths[] = {1, 2, 3, 9, 50};
constexpr int kByte = 8;

int padded(int bits) { return (bits + kByte - 1) / kByte * kByte; }

StreamPorts axi_ports(const std::string& side, const rtl::ModuleSignature& signature) {
  StreamPorts ports{.name = side,
                    .valid = side + "_tvalid",
                    .ready = side + "_tready",
                    .data = side + "_tdata",
                    .last = side + "_tlast"};
  for (const std::string& port : {ports.valid, ports.ready, ports.data, ports.last}) {
    FEWBIT_CHECK(signature.find(port) != nullptr, "{} has no {}", signature.module, port);
  }
  ports.data_bits = signature.find(ports.data)->width_bits;
  const rtl::PortSignature* user = signature.find(side + "_tuser");
  if (user != nullptr) {
    ports.user = user->name;
    ports.user_bits = user->width_bits;
  }
  return ports;
}

/// Places fields one after another, each from a byte boundary on.
class Bytes {
 public:
  void add(const BigInt& bits, int width, int unknown_bits = 0) {
    data_ += bits << low_;
    unknown_ += (pow2(unknown_bits) - 1) << low_;
    low_ += padded(width);
  }
  [[nodiscard]] const BigInt& data() const { return data_; }
  [[nodiscard]] const BigInt& unknown() const { return unknown_; }
  [[nodiscard]] int bits() const { return low_; }

 private:
  BigInt data_ = 0, unknown_ = 0;
  int low_ = 0;
};

model::Beat answer(const OperatorSpec& spec, const model::Outputs& outputs) {
  const Format format = output_format(spec);
  const int bits = format.bits() * output_lanes(spec);
  const bool is_signed = output_lanes(spec) == 1 && format.is_int() && format.is_signed();
  const BigInt value = from_bits(outputs.result, bits, is_signed);
  Bytes bytes;
  if (outputs.result_defined) {
    bytes.add(to_bits(value, padded(bits)), bits);
  } else {
    // A sign that is unknown is unknown wherever it is repeated.
    bytes.add(0, bits, is_signed ? padded(bits) : bits);
  }
  if (const auto block = block_port(spec)) bytes.add(outputs.scale, block->bits());
  if (special_flags(spec).any()) {
    bytes.add((outputs.nan ? 1 : 0) + (outputs.pinf ? 2 : 0) + (outputs.ninf ? 4 : 0), 3);
  }
  return {bytes.data(), false, bytes.unknown()};
}

/// The beats that come out for those that went in.
model::Beats answers(const OperatorSpec& spec, int data_bits, int result_bits,
                     const model::Beats& sent) {
  StreamModel model(spec);
  const std::vector<OperandPort> ports = operand_ports(spec);
  model::Beats results;
  bool first = true;
  for (const model::Beat& beat : sent) {
    model::Operands operands;
    BigInt rest = beat.data;
    for (const OperandPort& port : ports) {
      operands.push_back(rest % pow2(port.bits()));
      rest >>= padded(port.bits());
    }
    model.step(first, operands);
    first = beat.last;
    if (spec.accumulates() && !beat.last) continue;
    model::Beat result = answer(spec, model.outputs());
    result.last = beat.last;
    result.data += (beat.data >> data_bits) << result_bits;  // tuser
    results.push_back(result);
  }
  return results;
}

}  // namespace

StreamPlan axi_plan(const OperatorSpec& spec, const rtl::ModuleSignature& signature) {
  StreamPlan plan;
  const StreamPorts in = axi_ports("s_axis", signature);
  const StreamPorts out = axi_ports("m_axis", signature);
  plan.inputs = {in};
  plan.outputs = {out};
  const rtl::PortSignature* reset = signature.find(rtl::PortRole::kReset);
  FEWBIT_CHECK(reset != nullptr, "{} has no reset", signature.module);
  plan.reset = reset->name;
  plan.reset_active = signature.reset == "sync_high";
  const auto operands = std::make_shared<vectors::OperandSequence>(
      spec, 1, kRuns * kBeatsOfRun, vectors::Coverage{.corners = kRuns * kBeatsOfRun});
  const auto next = std::make_shared<std::uint64_t>(0);
  const long long longest = spec.terms > 0 ? spec.terms : kPacketLengths[4];
  plan.stimulus = [=](std::mt19937_64& random, std::size_t count) {
    model::Beats beats(count);
    long long left = 0;
    for (model::Beat& beat : beats) {
      if (left == 0) {
        const long long most = kPacketLengths[random() % std::size(kPacketLengths)];
        left = 1 + static_cast<long long>(random() %
                                          static_cast<std::uint64_t>(std::min(most, longest)));
      }
      beat.last = --left == 0 || &beat == &beats.back();
      Bytes bytes;
      const std::vector<OperandPort> ports = operand_ports(spec);
      const model::Operands operation = (*operands)[(*next)++ % operands->size()];
      for (std::size_t k = 0; k < ports.size(); ++k) {
        // What pads an operand may be anything.
        const int bits = ports[k].bits();
        const BigInt noise = BigInt(random()) % pow2(padded(bits) - bits);
        bytes.add(operation[k] + (noise << bits), bits);
      }
      beat.data = bytes.data();
      if (in.user_bits > 0) beat.data += (BigInt(random()) % pow2(in.user_bits)) << in.data_bits;
    }
    return model::StreamBeats{{in.name, beats}};
  };
  plan.model = [=](const model::StreamBeats& sent) {
    return model::StreamBeats{
        {out.name, answers(spec, in.data_bits, out.data_bits, sent.at(in.name))}};
  };
  return plan;
}

Result<BlockReport> verify_axi_stream(const OperatorSpec& spec, const rtl::EmittedDesign& design,
                                      const std::string& label, const VerifyOptions& options) {
  StreamBehaviour behaviour(axi_plan(spec, design.signature),
                            {options.seed, kBeatsOfRun, kRuns, kPatience});
  FEWBIT_ASSIGN_OR_RETURN(report, verify_design(design, behaviour, options));
  report.label = label;
  return BlockReport{std::move(report), behaviour.rates(), behaviour.beats()};
}

}  // namespace fewbit::verify
