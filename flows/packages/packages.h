// Packages: emitted designs as FuseSoC, Edalize, Vivado and Quartus take them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/gen/rtl/signature.h"
#include "fewbit/gen/util/files.h"

namespace fewbit::packages {

/// One design, or several with the files that they share. All names are of files beside the
/// package.
struct Contents {
  std::string name;                  ///< of the package: its files are NAME.core and others
  std::string summary;               ///< one line
  std::string top;                   ///< the module, or "" of several designs
  std::vector<std::string> sources;  ///< SystemVerilog, each after what it instantiates
  std::vector<rtl::ParameterSignature> parameters;  ///< of `top`, integers
  std::string bench;                       ///< the module of the test bench in SystemVerilog, or ""
  std::vector<std::string> bench_sources;  ///< its files beside `sources`
  std::vector<std::string> bench_data;     ///< and its vectors
};

/// NAME.core: a core of FuseSoC (CAPI2), fewbit:emitted:NAME:RELEASE. Target default has the
/// design, for those who depend on it; lint, for a single design, runs Verilator's; sim, where
/// there is a bench, runs it by Icarus.
TextFile core(const Contents& contents);

/// NAME.eda.yml: one design as Edalize's description of a tool's run (EDAM 0.2.1), without tool
/// options.
TextFile edam(const Contents& contents);

/// NAME_vivado.tcl and NAME_quartus.tcl: add the files to the open project (Vivado: or to the
/// session that has none), from any folder.
std::vector<TextFile> tcl(const Contents& contents);

}  // namespace fewbit::packages
