// Simulation of any design: see design_simulation.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/verify/design_simulation.h"

#include <fmt/format.h>

#include <chrono>

#include "fewbit/gen/util/check.h"
#include "fewbit/gen/util/interrupt.h"
#include "fewbit/sim/verify/scoreboard.h"

namespace fewbit::verify {
namespace {

using rtl::Direction;
using rtl::PortRole;
using rtl::PortSignature;

constexpr std::uint64_t kCyclesBetweenInterruptChecks = 1024;

int bits_of(const PortSignature& port, const rtl::ModuleSignature& signature,
            const std::map<std::string, long long>& parameters) {
  const auto set = parameters.find(port.width_parameter);
  if (port.width_parameter.empty() || set == parameters.end()) return port.width_bits;
  for (const rtl::ParameterSignature& parameter : signature.parameters) {
    if (parameter.name == set->first) {
      return port.width_bits + static_cast<int>(set->second - parameter.value);
    }
  }
  FEWBIT_CHECK(false, "no parameter {}", set->first);
}

/// A wrapper whose ports are whole 64-bit words, one port for each of the design's.
std::string wrapper(const rtl::ModuleSignature& signature,
                    const std::map<std::string, long long>& parameters) {
  std::string ports = "  input logic clk";
  std::string connections;
  std::string zeros;
  for (const PortSignature& port : signature.ports) {
    const bool is_clock = port.role == PortRole::kClock;
    const int bits = bits_of(port, signature, parameters);
    const int words = (bits + 63) / 64;
    const std::string net = "port_" + port.name;
    connections += fmt::format("{}.{}({})", connections.empty() ? "" : ", ", port.name,
                               is_clock ? "clk" : fmt::format("{}[{}:0]", net, bits - 1));
    if (is_clock) continue;
    ports +=
        fmt::format(",\n  {} logic [{}:0] {}",
                    port.direction == Direction::kInput ? "input" : "output", 64 * words - 1, net);
    if (port.direction == Direction::kOutput && bits % 64 != 0) {
      zeros += fmt::format("  assign {}[{}:{}] = {}'d0;\n", net, 64 * words - 1, bits,
                           64 * words - bits);
    }
  }
  std::string values;
  for (const auto& [name, value] : parameters) {
    values += fmt::format("{}.{}({})", values.empty() ? "" : ", ", name, value);
  }
  return fmt::format("module {} (\n{}\n);\n  {}{} dut ({});\n{}endmodule\n", kTopModule, ports,
                     signature.module, values.empty() ? "" : " #(" + values + ")", connections,
                     zeros);
}

}  // namespace

Result<std::unique_ptr<DesignSimulation>> DesignSimulation::build(
    const rtl::EmittedDesign& design, const VerilatorRuntime& runtime, std::uint64_t seed,
    const std::map<std::string, long long>& parameters) {
  auto simulation = std::unique_ptr<DesignSimulation>(new DesignSimulation);
  std::string takes;
  std::string puts;
  for (const PortSignature& port : design.signature.ports) {
    if (port.role == PortRole::kClock) continue;
    const bool is_input = port.direction == Direction::kInput;
    std::vector<std::uint64_t>& all = is_input ? simulation->in_ : simulation->out_;
    const int bits = bits_of(port, design.signature, parameters);
    const Place place{all.size(), static_cast<std::size_t>((bits + 63) / 64)};
    (is_input ? simulation->inputs_ : simulation->outputs_)[port.name] = place;
    all.resize(place.word + place.words);
    (is_input ? takes : puts) +=
        is_input ? fmt::format("  take(m.port_{}, in + {});\n", port.name, place.word)
                 : fmt::format("  put(out + {}, m.port_{});\n", place.word, port.name);
  }
  std::vector<TextFile> files = design.files;
  files.push_back({fmt::format("{}.sv", kTopModule), wrapper(design.signature, parameters)});
  FEWBIT_ASSIGN_OR_RETURN(
      model, VerilatedModel::build(files, design.data_files, takes + "  m.eval();\n" + puts,
                                   runtime, seed));
  simulation->model_ = std::move(model);
  return simulation;
}

void DesignSimulation::set(const std::string& input, const BigInt& bits) {
  const auto place = inputs_.find(input);
  FEWBIT_CHECK(place != inputs_.end(), "no input {}", input);
  FEWBIT_CHECK(bits >= 0, "{} on {}", bits.str(), input);
  for (std::size_t k = 0; k < place->second.words; ++k) {
    in_[place->second.word + k] =
        static_cast<std::uint64_t>((bits >> (64 * static_cast<int>(k))) % pow2(64));
  }
}

BigInt DesignSimulation::get(const std::string& output) const {
  const auto place = outputs_.find(output);
  FEWBIT_CHECK(place != outputs_.end(), "no output {}", output);
  BigInt bits = 0;
  for (std::size_t k = place->second.words; k-- > 0;) {
    bits = (bits << 64) | out_[place->second.word + k];
  }
  return bits;
}

void DesignSimulation::clock() {
  eval(false);
  eval(true);
  eval(false);
}

Result<VerifyReport> verify_design(const rtl::EmittedDesign& design, Behaviour& behaviour,
                                   const VerifyOptions& options,
                                   const std::map<std::string, long long>& parameters) {
  const auto start = std::chrono::steady_clock::now();
  FEWBIT_ASSIGN_OR_RETURN(runtime, verilator_runtime());
  FEWBIT_ASSIGN_OR_RETURN(simulation,
                          DesignSimulation::build(design, runtime, options.seed, parameters));
  VerifyReport report;
  report.label = design.signature.module;
  report.seed = options.seed;
  Ports inputs;
  std::string phase;
  for (std::uint64_t cycle = 0; behaviour.drive(inputs, phase); ++cycle) {
    for (const auto& [port, bits] : inputs) simulation->set(port, bits);
    simulation->settle();
    Ports outputs;
    for (const PortSignature& port : design.signature.ports) {
      if (port.direction == Direction::kOutput) outputs[port.name] = simulation->get(port.name);
    }
    const Ports expected = behaviour.expect(outputs);
    report.vectors += expected.empty() ? 0 : 1;
    for (const auto& [port, bits] : expected) {
      FEWBIT_CHECK(outputs.contains(port), "no output {}", port);
      if (outputs[port] == bits || ++report.mismatch_count > kMismatchesKept) continue;
      Mismatch mismatch{.cycle = cycle, .phase = phase, .port = port};
      for (const auto& [input, value] : inputs) mismatch.operands.push_back({input, value, ""});
      mismatch.expected = bits;
      mismatch.got = outputs[port];
      report.mismatches.push_back(std::move(mismatch));
    }
    simulation->clock();
    if (cycle % kCyclesBetweenInterruptChecks == 0 && interrupted()) {
      return Error{"simulation", "verify", "a run to its end", "interrupted", Cause::kMachine};
    }
  }
  report.passed = report.mismatch_count == 0 && report.vectors > 0;
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  report.seconds = seconds.count();
  return report;
}

}  // namespace fewbit::verify
