// Emissions: see emission.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/emission.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "fewbit/cli/companions.h"
#include "fewbit/flows/packages/packages.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/util/check.h"
#include "fewbit/gen/util/json.h"
#include "fewbit/gen/util/text.h"

namespace fewbit::cli {
namespace {

constexpr char kPackages[] = "core, edam, tcl";

/// The words of --with, each once.
Result<std::set<std::string>> packages_of(const EmissionOptions& options) {
  std::set<std::string> kinds;
  for (const std::string& kind : split_commas(options.packages)) {
    if (kind != "core" && kind != "edam" && kind != "tcl") {
      return Error{"--with", kind, kPackages, ""};
    }
    kinds.insert(kind);
  }
  return kinds;
}

void add(const std::vector<TextFile>& more, std::vector<TextFile>& files) {
  files.insert(files.end(), more.begin(), more.end());
}

/// Takes these files out of the design; their signatures.
std::vector<rtl::FileSignature> leave_out(const std::set<std::string>& names,
                                          rtl::EmittedDesign& design) {
  std::vector<rtl::FileSignature> cells;
  std::vector<rtl::FileSignature>& files = design.signature.files;
  for (const rtl::FileSignature& file : files) {
    if (names.contains(file.name)) cells.push_back(file);
  }
  std::erase_if(files, [&](const rtl::FileSignature& file) { return names.contains(file.name); });
  std::erase_if(design.files, [&](const TextFile& file) { return names.contains(file.name); });
  return cells;
}

/// A file list with a folder before every name; any other file as it is.
void put_into(const std::string& folder, TextFile& file) {
  if (!file.name.ends_with(".f") || folder.empty()) return;
  std::string list;
  std::istringstream names(file.text);
  for (std::string name; std::getline(names, name);) list += folder + name + "\n";
  file.text = list;
}

std::vector<rtl::FileSignature> signed_again(const std::vector<rtl::FileSignature>& signatures,
                                             const std::vector<TextFile>& files,
                                             const ops::Renamer& rename) {
  std::vector<rtl::FileSignature> renamed;
  for (const rtl::FileSignature& one : signatures) {
    const std::string name = rename.text(one.name);
    const auto file = std::find_if(files.begin(), files.end(),
                                   [&](const TextFile& text) { return text.name == name; });
    FEWBIT_CHECK(file != files.end(), "no file {}", name);
    renamed.push_back({name, sha256(file->text)});
  }
  return renamed;
}

/// A package's contents, of one design.
packages::Contents contents_of(const Emission& emission) {
  const rtl::ModuleSignature& signature = emission.signature;
  packages::Contents contents{.name = signature.module,
                              .summary = signature.command,
                              .top = signature.module,
                              .sources = emission.sources,
                              .parameters = signature.parameters};
  for (const rtl::FileSignature& file : signature.testbench_files) {
    if (file.name.ends_with(".sv")) {
      contents.bench = signature.module + "_tb";
      contents.bench_sources.push_back(file.name);
    } else if (file.name.ends_with(".hex")) {
      contents.bench_data.push_back(file.name);
    }
  }
  return contents;
}

std::vector<TextFile> package_files(const packages::Contents& contents,
                                    const std::set<std::string>& kinds) {
  std::vector<TextFile> files;
  if (kinds.contains("core")) files.push_back(packages::core(contents));
  if (kinds.contains("edam") && !contents.top.empty()) files.push_back(packages::edam(contents));
  if (kinds.contains("tcl")) add(packages::tcl(contents), files);
  return files;
}

Status check_cells(const EmissionOptions& options) {
  if (options.has_cells) return Ok{};
  if (!options.testbenches.empty()) {
    return Error{"--testbench", options.testbenches, "no --testbench with --no-cells",
                 "a test bench needs the whole design"};
  }
  if (!options.packages.empty()) {
    return Error{"--with", options.packages, "no --with with --no-cells",
                 "a package has the whole design"};
  }
  return Ok{};
}

}  // namespace

nlohmann::ordered_json signature_json(const Emission& emission) {
  nlohmann::ordered_json json = rtl::to_json(emission.signature);
  for (const rtl::FileSignature& cell : emission.cells) {
    json["cells"].push_back({{"name", cell.name}, {"sha256", cell.sha256}});
  }
  return json;
}

Result<Emission> make_emission(const OperatorSpec& spec, const EmissionOptions& options) {
  rtl::EmittedDesign design = ops::emit(spec);
  FEWBIT_RETURN_IF_ERROR(check_cells(options));
  FEWBIT_ASSIGN_OR_RETURN(beside,
                          companions(spec, options.models, options.testbenches, design.signature));
  return make_emission(std::move(design), std::move(beside), options);
}

Result<Emission> make_emission(rtl::EmittedDesign design, std::vector<TextFile> beside,
                               const EmissionOptions& options) {
  FEWBIT_RETURN_IF_ERROR(check_cells(options));
  FEWBIT_RETURN_IF_ERROR(ops::check_naming(options.naming));
  FEWBIT_ASSIGN_OR_RETURN(kinds, packages_of(options));
  const ops::Renamer rename(design.signature, options.naming);
  std::set<std::string> cells;
  for (const TextFile& file : design.files) {
    const bool is_cell = !options.has_cells && ops::is_shared_file(file.name);
    if (is_cell) cells.insert(rename.text(file.name));
  }
  design = rename.design(design);
  const std::vector<rtl::FileSignature> left_out = leave_out(cells, design);
  for (TextFile& file : beside) {
    file = rename.file(file);
    put_into(options.list_folder, file);
  }
  rtl::ModuleSignature& signature = design.signature;
  signature.model_files = signed_again(signature.model_files, beside, rename);
  signature.testbench_files = signed_again(signature.testbench_files, beside, rename);
  Emission emission{design.signature, left_out, ops::output_files(design), {}};
  for (TextFile& file : emission.files) {
    put_into(options.list_folder, file);
    if (file.name == signature.module + ".json") {
      file.text = json_text(signature_json(emission), 2) + "\n";
    }
  }
  for (const TextFile& file : design.files) emission.sources.push_back(file.name);
  add(beside, emission.files);
  add(package_files(contents_of(emission), kinds), emission.files);
  return emission;
}

Result<Emissions> make_emissions(const std::vector<OperatorSpec>& specs,
                                 const EmissionOptions& options) {
  FEWBIT_RETURN_IF_ERROR(ops::check_naming(options.naming));
  FEWBIT_ASSIGN_OR_RETURN(kinds, packages_of(options));
  EmissionOptions each = options;
  each.naming.module.clear();
  Emissions all;
  std::map<std::string, std::string> texts;
  std::set<std::string> modules;
  packages::Contents joint{.name = options.naming.prefix + (options.naming.module.empty()
                                                                ? "fewbit_designs"
                                                                : options.naming.module)};
  for (const OperatorSpec& spec : specs) {
    FEWBIT_ASSIGN_OR_RETURN(emission, make_emission(spec, each));
    for (const TextFile& file : emission.files) {
      const auto [place, is_new] = texts.emplace(file.name, file.text);
      if (is_new) {
        all.files.push_back(file);
        if (std::count(emission.sources.begin(), emission.sources.end(), file.name) > 0) {
          joint.sources.push_back(file.name);
        }
      } else if (place->second != file.text) {
        return Error{"--list", emission.signature.command, "designs whose modules have other names",
                     fmt::format("another one writes {} too", file.name)};
      }
    }
    if (modules.insert(emission.signature.module).second) {
      all.designs.push_back(std::move(emission));
    }
  }
  if (modules.contains(joint.name)) {
    return Error{"--name", joint.name, "no name of a design of the list", ""};
  }
  joint.summary = fmt::format("{} designs by fewbit emit --list", all.designs.size());
  std::string list;
  for (const std::string& source : joint.sources) list += source + "\n";
  all.files.push_back({joint.name + ".f", list});
  put_into(options.list_folder, all.files.back());
  add(package_files(joint, kinds), all.files);
  return all;
}

}  // namespace fewbit::cli
