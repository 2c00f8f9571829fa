// What `fewbit emit` makes of requests before anything is written: designs under a user's names,
// what goes beside them, file lists and packages.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "fewbit/gen/ops/naming.h"
#include "fewbit/gen/rtl/signature.h"
#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/gen/util/result.h"

namespace fewbit::cli {

struct EmissionOptions {
  std::string models;       ///< --model
  std::string testbenches;  ///< --testbench
  std::string packages;     ///< --with: core, edam, tcl
  ops::Naming naming;
  bool has_cells = true;    ///< false: without the files that designs share
  std::string list_folder;  ///< before every name in a file list, with its "/"; "" for names alone
};

/// One design and all files of it.
struct Emission {
  rtl::ModuleSignature signature;
  std::vector<rtl::FileSignature> cells;  ///< shared files that were left out
  std::vector<TextFile> files;
  std::vector<std::string> sources;  ///< of the design, in the order of the file list
};

/// What NAME.json says: the signature and, where some were left out, its cells.
nlohmann::ordered_json signature_json(const Emission& emission);

/// The design of a request, its models, test benches and packages. Errors: words that the options
/// do not have; a test bench or a package without the shared files.
Result<Emission> make_emission(const OperatorSpec& spec, const EmissionOptions& options);
/// The same of any design, with the files that its signature names `beside` it.
Result<Emission> make_emission(rtl::EmittedDesign design, std::vector<TextFile> beside,
                               const EmissionOptions& options);

/// All designs of a list, and over them `naming.prefix` + `naming.module` (or fewbit_designs) with
/// the endings .f, .core and those of Tcl: every source once, in order. A design that comes twice
/// is one. An Error where two designs have one name and different texts.
struct Emissions {
  std::vector<Emission> designs;
  std::vector<TextFile> files;  ///< all, each once
};
Result<Emissions> make_emissions(const std::vector<OperatorSpec>& specs,
                                 const EmissionOptions& options);

}  // namespace fewbit::cli
