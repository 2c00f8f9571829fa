// Yosys: see yosys.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/yosys.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "fewbit/flows/cell_timing.h"
#include "fewbit/flows/liberty.h"
#include "fewbit/flows/wrapper.h"
#include "fewbit/gen/util/check.h"
#include "fewbit/gen/util/json.h"
#include "fewbit/gen/util/process.h"

namespace fewbit::embedded {
const std::vector<TextFile>& rtl_templates();
const std::vector<TextFile>& cell_models();
const std::vector<TextFile>& place_files();
}  // namespace fewbit::embedded

namespace fewbit::flows {

namespace {

/// What Yosys says of its input, each line once; "" where it says nothing.
std::string complaints(const std::string& log) {
  std::vector<std::string> errors;
  std::istringstream stream(log);
  for (std::string line; std::getline(stream, line);) {
    const bool is_error = line.find("ERROR: ") != std::string::npos;  // perhaps behind FILE:LINE
    if (is_error && std::find(errors.begin(), errors.end(), line) == errors.end()) {
      errors.push_back(line);
    }
  }
  return fmt::format("{}", fmt::join(errors, " "));
}

Result<std::string> run_script(const Target& target, const std::string& script,
                               const std::filesystem::path& folder, const std::string& name) {
  FEWBIT_RETURN_IF_ERROR(write_scratch_files(folder, {{name, script}}));
  FEWBIT_ASSIGN_OR_RETURN(
      run, run_tool(ToolKind::kSynthesis, {target.yosys, "-Q", "-T", "-s", name}, folder));
  if (run.exit_code != 0) return failed_tool(target.yosys, name, run, complaints(run.log()));
  return run.output;
}

/// The library of a target of standard cells; null of another one.
Result<std::shared_ptr<const CellLibrary>> library_of(const Target& target) {
  if (target.is_of_cells()) return target.library();
  return std::shared_ptr<const CellLibrary>();
}

/// Takes out of a selection what ends a path: flip-flops, and blocks, which may have registers.
std::string without_path_ends(const Target& target, const CellLibrary* library) {
  std::vector<std::string> cells;
  for (const char* group : {"ffs", "dsps", "brams"}) {
    const std::vector<std::string>& own = target.cells.at(group);
    cells.insert(cells.end(), own.begin(), own.end());
  }
  if (library != nullptr) {
    for (const auto& [name, cell] : library->cells) {
      if (cell.state) cells.push_back(name);
    }
  }
  std::string text;
  for (const std::string& cell : cells) text += fmt::format(" fewbit_measure/t:{} %d", cell);
  return text;
}

/// What the scratch folder calls the library: ABC splits paths at blanks.
constexpr const char* kLibraryFile = "library.lib";

/// The files that a run needs of the library.
Status write_library(const CellLibrary& library, const std::filesystem::path& folder) {
  FEWBIT_ASSIGN_OR_RETURN(text, read_file(library.path));
  std::vector<TextFile> files = {{kLibraryFile, text}, {"library.v", library.verilog()}};
  if (const auto adder = library.full_adder()) files.push_back({"adders.v", techmap_of(*adder)});
  return write_scratch_files(folder, files);
}

}  // namespace

Result<std::map<std::string, int>> parse_stat(const std::string& text, const std::string& module) {
  const auto json = parse_json<nlohmann::json>(text);
  const std::string name = "\\" + module;
  if (json.is_discarded() || !json.contains("modules") || !json["modules"].contains(name) ||
      !json["modules"][name].contains("num_cells_by_type")) {
    return Error{"yosys stat", module, "a module with num_cells_by_type",
                 "is this Yosys older or newer?", Cause::kTool};
  }
  return json["modules"][name]["num_cells_by_type"].get<std::map<std::string, int>>();
}

Result<int> parse_longest_path(const std::string& text) {
  const std::string key = "(length=";
  const std::size_t at = text.find(key);
  if (text.find("Longest topological path") == std::string::npos || at == std::string::npos) {
    return Error{"yosys ltp", text.substr(0, 80), "a line 'Longest topological path .. (length=N)'",
                 "", Cause::kTool};
  }
  if (text.find("Detected loop") != std::string::npos) {
    return Error{"yosys ltp", "a combinational loop", "a netlist without one",
                 text.substr(text.find("Detected loop"), 80), Cause::kDesign};
  }
  int length = 0;
  const char* end = text.data() + text.size();
  if (std::from_chars(text.data() + at + key.size(), end, length).ec != std::errc()) {
    return Error{"yosys ltp", text.substr(at, 80), "(length=N)", "", Cause::kTool};
  }
  return length;
}

std::vector<std::string> parse_warnings(const std::string& log) {
  // Exact texts that say nothing of the design, each with the reason why it is let through:
  static const std::set<std::string> kHarmless = {
      // 0.23 has no delays of UltraScale+ cells for abc9, so it optimises for those of 7 series;
      // the cells are the same, only timing is estimated, and none is reported.
      "Warning: 'synth_xilinx -abc9' not currently supported for the 'xcup' family, will use "
      "timing for 'xc7' instead.",
  };
  const bool mfs_asserts = log.find("Gia_ManInsertMfs: Assertion") != std::string::npos;
  std::vector<std::string> warnings;
  std::istringstream stream(log);
  for (std::string line; std::getline(stream, line);) {
    // A warning about a place in a file begins with "FILE:LINE: ". Lines that begin with "ABC:" are
    // ABC's remarks on the combinational network that Yosys gives it.
    if (line.find("Warning: ") == std::string::npos || line.rfind("ABC:", 0) == 0) continue;
    // ABC of 0.23 stops in an assertion of &mfs on some networks (giaMfs.c:388). The mapping before
    // &mfs has been written by then and is used; where it has not, Yosys ends with an error.
    const bool stopped_in_mfs = line.rfind("Warning: ABC: execution of command", 0) == 0 &&
                                line.ends_with("failed: return code 134.") && mfs_asserts;
    if (!stopped_in_mfs && !kHarmless.contains(line)) warnings.push_back(line);
  }
  return warnings;
}

namespace {

/// One flow variant, from where it parts, and what it made as mapped.il, stat.json and ltp.txt in
/// `folder`, which ends in a slash or is "".
std::string map_and_write(const Target& target, const FlowVariant& flow, const CellLibrary* library,
                          const std::string& folder) {
  std::string script;
  for (const std::string& command : flow.before) script += command + "\n";
  if (flow.full_adders) {
    script += fmt::format(
        "{0} -top fewbit_measure -run begin:fine\ntechmap -map adders.v\nopt_clean\n"
        "{0} -top fewbit_measure -run fine:\n",
        flow.script);
  } else if (!flow.parts_at.empty()) {
    script += fmt::format("{} -top fewbit_measure -run {}:\n", flow.script, flow.parts_at);
  } else if (flow.stages.empty()) {
    script += flow.script + " -top fewbit_measure\n";
  }
  for (const std::string& stage : flow.stages) {
    script += fmt::format("{} -top fewbit_measure -run {}\n", flow.script, stage);
  }
  if (library != nullptr) {
    script += fmt::format("dfflibmap -liberty {0}\nabc -liberty {0}\nopt_clean\n", kLibraryFile);
  }
  script += fmt::format("write_rtlil {0}mapped.il\ntee -q -o {0}stat.json stat -json\n", folder);
  script += fmt::format(
      "tee -q -o {}ltp.txt ltp -noff fewbit_measure/*{} "
      "fewbit_measure/t:fewbit_measure_register %d\n",
      folder, without_path_ends(target, library));
  if (library != nullptr) {  // with the wrapper's flip-flops as cells of the library, too
    script += fmt::format(
        "setattr -mod -unset keep_hierarchy fewbit_measure_register\nflatten fewbit_measure\n"
        "write_json {}timing.json\n",
        folder);
  }
  return script;
}

/// Reads the design and maps it inside its wrapper, by one flow variant or by several that part at
/// one label, each into its folder.
std::string synthesis_script(const std::vector<std::string>& sources, const Target& target,
                             const std::vector<FlowVariant>& flows, const CellLibrary* library,
                             const std::vector<std::string>& folders) {
  const FlowVariant& first = flows.front();
  std::string script = fmt::format("read_verilog -sv {}\n", fmt::join(sources, " "));
  if (library != nullptr) script += fmt::format("read_liberty -lib {}\n", kLibraryFile);
  for (const std::string& known : target.libraries) {
    if (!first.stages.empty()) script += "read_verilog " + known + "\n";
  }
  for (const std::string& known : target.primitives) {
    if (first.dsp) script += "read_verilog " + known + "\n";
  }
  script += "hierarchy -check -top fewbit_measure\n";
  if (!first.parts_at.empty()) {
    script += fmt::format("{} -top fewbit_measure -run :{}\n", first.script, first.parts_at);
  }
  if (flows.size() > 1) script += "design -save parting\n";
  for (std::size_t i = 0; i < flows.size(); ++i) {
    if (i > 0) script += "design -load parting\n";
    script += map_and_write(target, flows[i], library, folders[i]);
  }
  return script;
}

/// What makes copy `copy` of the flattened measured design a module of its own: the other copies
/// lose their ports and their kept wires, and what then leads to no output goes.
std::string cut_out(const rtl::ModuleSignature& signature, int copy, int copies) {
  std::string script;
  for (int other = 0; other < copies; ++other) {
    if (other == copy) continue;
    for (const rtl::PortSignature& port : signature.ports) {
      if (!is_data(port)) continue;
      const std::string name = port_of_copy(port, other, copies);
      script += fmt::format("delete -port fewbit_measure/w:{}\n", name);
      script += fmt::format("delete fewbit_measure/c:bank_{}.*\n", name);
    }
  }
  if (copies == 1) return script;
  script += "cd fewbit_measure\n";
  for (const rtl::PortSignature& port : signature.ports) {
    if (!is_data(port)) continue;
    script += fmt::format("rename {} {}\n", port_of_copy(port, copy, copies), port.name);
  }
  script += "cd\n";
  return script;
}

/// Those of `files` that are named.
std::vector<TextFile> named_files(const std::vector<TextFile>& files,
                                  const std::vector<std::string>& names) {
  std::vector<TextFile> chosen;
  for (const TextFile& file : files) {
    if (std::find(names.begin(), names.end(), file.name) != names.end()) chosen.push_back(file);
  }
  return chosen;
}

/// From mapped.il to netlist_N.v. -defer elaborates only the cell models that are instantiated: the
/// rest holds memories of 16,384 words, which take minutes.
std::string netlist_script(const rtl::ModuleSignature& signature, const Target& target,
                           int copies) {
  std::string script = "read_rtlil mapped.il\ndelete fewbit_measure_register\n";
  script += "read_verilog -icells wire_cell.v\ndelete =A:blackbox\n";
  for (const std::string& models : target.cell_models) {
    // Ours take the place of those of Yosys, some of which are black boxes.
    const bool is_ours = !models.starts_with('+');
    script += fmt::format("read_verilog -defer{} {}\n", is_ours ? " -overwrite" : "", models);
  }
  if (target.is_of_cells()) script += "read_verilog -icells -defer library.v\n";
  if (!target.lut_models.empty()) {
    script += "read_verilog -icells -defer -overwrite " + target.lut_models + "\n";
  }
  // The address of a block RAM's port that a block does not use is open. 0 for it: Verilator 5.006
  // stops at an index of x.
  if (signature.arch == "block") script += "setundef -zero\n";
  script +=
      "hierarchy -check -top fewbit_measure\nproc\nflatten\nopt_clean\n"
      "delete -port fewbit_measure/w:measure_clk_i\ndesign -save all\n";
  for (int copy = 0; copy < copies; ++copy) {
    script += "design -load all\n" + cut_out(signature, copy, copies) + "splitnets\nclean\n";
    script += fmt::format("rename fewbit_measure {}\nrename -hide w:*\n", signature.module);
    script += fmt::format("write_verilog -noattr netlist_{}.v\n", copy);
  }
  return script;
}

}  // namespace

namespace {

Result<Mapping> read_mapping(const Target& target, const std::filesystem::path& folder) {
  Mapping mapping;
  FEWBIT_ASSIGN_OR_RETURN(stat, read_output(target.yosys, folder, "stat.json"));
  FEWBIT_ASSIGN_OR_RETURN(cells, parse_stat(stat, "fewbit_measure"));
  mapping.cells = cells;
  mapping.cells.erase("fewbit_measure_register");
  mapping.cells.erase("$scopeinfo");  // 0.70: the name of a flattened instance, no hardware
  FEWBIT_ASSIGN_OR_RETURN(ltp, read_output(target.yosys, folder, "ltp.txt"));
  FEWBIT_ASSIGN_OR_RETURN(depth, parse_longest_path(ltp));
  mapping.depth = depth;
  FEWBIT_ASSIGN_OR_RETURN(library, library_of(target));
  if (library != nullptr) {
    FEWBIT_ASSIGN_OR_RETURN(timing, read_output(target.yosys, folder, "timing.json"));
    FEWBIT_ASSIGN_OR_RETURN(path, longest_path_ns(timing, "fewbit_measure", *library));
    mapping.path_ns = path;
  }
  return mapping;
}

Result<std::vector<Mapping>> map_into(const rtl::EmittedDesign& design, const Target& target,
                                      const std::vector<FlowVariant>& flows, int copies,
                                      const std::filesystem::path& folder,
                                      const std::vector<std::string>& folders) {
  std::vector<TextFile> files = design.files;
  for (const TextFile& file : embedded::rtl_templates()) {
    if (file.name == "fewbit_measure_register.sv" || file.name == "fewbit_measure_bank.sv") {
      files.push_back(file);
    }
  }
  files.push_back({"measure.sv", measure_shell(design.signature, copies)});
  std::vector<std::string> names;
  for (const TextFile& file : files) names.push_back(file.name);
  FEWBIT_RETURN_IF_ERROR(write_scratch_files(folder, files));
  FEWBIT_RETURN_IF_ERROR(write_scratch_files(folder, design.data_files));
  for (const std::string& made : folders) {  // Yosys makes none
    FEWBIT_RETURN_IF_ERROR(write_scratch_files(folder / made, {}));
  }

  FEWBIT_ASSIGN_OR_RETURN(library, library_of(target));
  if (library != nullptr) FEWBIT_RETURN_IF_ERROR(write_library(*library, folder));
  FEWBIT_ASSIGN_OR_RETURN(
      log, run_script(target, synthesis_script(names, target, flows, library.get(), folders),
                      folder, "synthesize.ys"));
  if (const std::vector<std::string> warnings = parse_warnings(log); !warnings.empty()) {
    return Error{target.yosys, design.signature.module, "a design that it reads without a warning",
                 fmt::format("{}", fmt::join(warnings, " ")), Cause::kDesign};
  }
  std::vector<Mapping> mappings;
  for (const std::string& made : folders) {
    FEWBIT_ASSIGN_OR_RETURN(mapping, read_mapping(target, folder / made));
    mappings.push_back(mapping);
  }
  return mappings;
}

}  // namespace

Result<Mapping> map_design(const rtl::EmittedDesign& design, const Target& target,
                           const FlowVariant& flow, int copies,
                           const std::filesystem::path& folder) {
  FEWBIT_ASSIGN_OR_RETURN(mappings, map_into(design, target, {flow}, copies, folder, {""}));
  return mappings.front();
}

Result<std::vector<Mapping>> map_design(const rtl::EmittedDesign& design, const Target& target,
                                        const std::vector<FlowVariant>& flows, int copies,
                                        const std::filesystem::path& folder) {
  std::vector<std::string> folders = {""};  // runs in that of the first
  for (std::size_t i = 1; i < flows.size(); ++i) {
    FEWBIT_CHECK(flows[i].parts_at == flows[0].parts_at, "{} and {} part at two labels",
                 flows[i].name, flows[0].name);
    folders.push_back("../" + flows[i].name + "/");
  }
  return map_into(design, target, flows, copies, folder / flows[0].name, folders);
}

Result<std::vector<std::string>> simulation_netlists(const rtl::EmittedDesign& design,
                                                     const Target& target, int copies,
                                                     const std::filesystem::path& folder) {
  std::vector<std::string> names = target.cell_models;
  names.push_back(target.lut_models);
  std::vector<TextFile> files = named_files(embedded::cell_models(), names);
  files.push_back({"wire_cell.v", wire_cell()});
  FEWBIT_RETURN_IF_ERROR(write_scratch_files(folder, files));
  FEWBIT_RETURN_IF_ERROR(
      run_script(target, netlist_script(design.signature, target, copies), folder, "netlist.ys"));
  std::vector<std::string> netlists;
  for (int copy = 0; copy < copies; ++copy) {
    FEWBIT_ASSIGN_OR_RETURN(text,
                            read_output(target.yosys, folder, fmt::format("netlist_{}.v", copy)));
    netlists.push_back(text);
  }
  return netlists;
}

Status write_place_json(const rtl::EmittedDesign& design, const Target& target, int copies,
                        const std::filesystem::path& folder) {
  std::vector<TextFile> files = named_files(embedded::place_files(), target.place_files);
  files.push_back({"place.v", place_shell(design.signature, copies)});
  FEWBIT_RETURN_IF_ERROR(write_scratch_files(folder, files));
  std::string script = "read_rtlil mapped.il\nread_verilog place.v\n";
  script += "hierarchy -top fewbit_place\nproc fewbit_place\n";
  script += "simplemap fewbit_place\n";
  for (const std::string& command : target.place_before) script += command + "\n";
  script += fmt::format("techmap -map {} fewbit_place\n", target.ff_map);
  script += "setattr -mod -unset keep_hierarchy fewbit_measure_register\n";
  script += "setattr -set keep 1 fewbit_measure_register/*\n";
  script += "flatten\nclean\n";
  for (const std::string& command : target.place_after) script += command + "\n";
  script += "write_json place.json\n";
  FEWBIT_RETURN_IF_ERROR(run_script(target, script, folder, "place.ys"));
  FEWBIT_RETURN_IF_ERROR(read_output(target.yosys, folder, "place.json"));
  return Ok{};
}

Result<std::vector<FlowVariant>> flows_of(const Target& target, const rtl::ModuleSignature& design,
                                          const std::string& name) {
  FEWBIT_ASSIGN_OR_RETURN(flows, target.flows_for(design.dsp, name));
  FEWBIT_ASSIGN_OR_RETURN(library, library_of(target));
  if (library != nullptr && !library->full_adder()) {
    std::erase_if(flows, [](const FlowVariant& flow) { return flow.full_adders; });
    if (flows.empty()) {
      return Error{"--flow", name, "a flow that needs no full adder",
                   fmt::format("library {} has none", library->name)};
    }
  }
  constexpr std::string_view kOption = " -nobram";
  for (FlowVariant& flow : flows) {
    const std::size_t at = flow.script.find(kOption);
    if (design.arch == "block" && at != std::string::npos) flow.script.erase(at, kOption.size());
  }
  return flows;
}

Result<std::string> yosys_version(const Target& target) { return tool_version(target.yosys, "-V"); }

}  // namespace fewbit::flows
