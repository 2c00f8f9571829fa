// ModuleSignature: what harnesses, flows and packages need to know of a module.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "fewbit/gen/rtl/probe.h"
#include "fewbit/gen/util/files.h"

namespace fewbit::rtl {

enum class Direction { kInput, kOutput };
/// What a port means to whoever drives or reads it.
enum class PortRole {
  kClock,
  kReset,
  kValid,
  kReady,
  kFirst,
  kTag,
  kOperand,
  kResult,
  kScale,
  kNan,
  kPlusInf,
  kMinusInf
};

struct PortSignature {
  std::string name;
  Direction direction = Direction::kInput;
  PortRole role = PortRole::kOperand;
  int width_bits = 1;
  bool is_signed = false;
  std::string format;           ///< canonical name of the number format, or "" for control
  int lsb_exponent = 0;         ///< integers and fixed point: weight of bit 0
  int lanes = 1;                ///< numbers of `format` side by side, lane 0 lowest
  std::string width_parameter;  ///< the module parameter that sets the width, or ""
};

struct ParameterSignature {
  std::string name;
  long long value = 0;  ///< default
  std::string meaning;
};

struct FileSignature {
  std::string name;
  std::string sha256;
};

struct ModuleSignature {
  std::string module;
  std::string operator_name;
  std::string arch;
  std::string fabric;  ///< ice40, ecp5, xilinx; "any" for the generic architecture
  std::string reset;   ///< async_low, sync_high, sync_low, none; "" for combinational modules
  std::string handshake = "none";  ///< none, valid, valid_ready
  int latency_cycles = 0;
  int initiation_interval = 1;
  std::string rounding;  ///< "" where the result is exact
  std::string overflow;  ///< "" where nothing can overflow
  std::string dsp;       ///< one, packed; "" where nothing is for a hard multiplier
  long long terms = 0;   ///< accumulators sized by a number of terms
  std::vector<ParameterSignature> parameters;
  std::vector<PortSignature> ports;
  std::vector<FileSignature> files;
  std::vector<FileSignature> model_files;      ///< C and DPI-C, where they were asked for
  std::vector<FileSignature> testbench_files;  ///< and test benches with their vectors
  std::string command;

  [[nodiscard]] bool is_clocked() const { return !reset.empty(); }
  [[nodiscard]] const PortSignature* find(PortRole role) const;
  [[nodiscard]] const PortSignature* find(const std::string& port) const;
};

std::string_view to_string(PortRole role);
/// Keys as the member names; byte-stable.
nlohmann::ordered_json to_json(const ModuleSignature& signature);

/// A module with all the files it needs, ready to be written, simulated or synthesized.
struct EmittedDesign {
  std::vector<TextFile> files;  ///< SystemVerilog, each after the ones it instantiates; top last
  ModuleSignature signature;
  std::vector<TextFile> data_files;  ///< contents of memories, which the files read at the start
  std::vector<Probe> probes;         ///< of the top module
};

}  // namespace fewbit::rtl
