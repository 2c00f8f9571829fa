// Cost of an accelerator: see cost_network.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/network/cost_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "fewbit/flows/yosys.h"
#include "fewbit/gen/util/process.h"

namespace fewbit::study {
namespace {

/// Cells by module, and instances of modules by module, from the text of `stat`: its JSON is broken
/// in Yosys 0.23 where there are several modules.
using Cells = std::map<std::string, std::map<std::string, int>>;

Cells cells_of(const std::string& stat) {
  Cells cells;
  std::istringstream lines(stat);
  std::string module;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string first, second;
    words >> first >> second;
    if (first == "===") module = second == "design" ? "" : second;  // all of it at the end
    const bool is_count =
        !second.empty() && second.find_first_not_of("0123456789") == std::string::npos;
    if (!module.empty() && is_count) cells[module][first] += std::stoi(second);
  }
  return cells;
}

/// LUTs of a module and of all that it instances.
int luts_of(const Cells& cells, const std::string& module, const flows::Target& target) {
  const auto found = cells.find(module);
  if (found == cells.end()) return 0;
  int luts = 0;
  for (const auto& [type, count] : found->second) {
    const auto is_in = [&](const std::string& group) {
      const auto types = target.cells.find(group);
      return types != target.cells.end() &&
             std::find(types->second.begin(), types->second.end(), type) != types->second.end();
    };
    const auto several = target.lut_equivalents.find(type);
    if (is_in("luts"))
      luts += count * (several != target.lut_equivalents.end() ? several->second : 1);
    if (is_in("carries")) luts += count * target.lut_equivalents_per_carry;
    luts += count * luts_of(cells, type, target);
  }
  return luts;
}

/// "matvec" of fewbit_small_conv1_matvec and of fewbit_small_conv1_matvec_2, "repack" of
/// fewbit_repack_w8_p1_s4.
std::string block_of(const std::string& module) {
  static constexpr const char* kBlocks[] = {
      "window", "matvec", "depthwise", "requantizer", "thresholds", "convert", "scale", "clamp",
      "mean",   "max",    "argmax",    "add",         "repack",     "fifo",    "fork"};
  std::string found = "other";
  std::size_t last = 0;
  for (const char* block : kBlocks) {
    const std::size_t place = module.rfind(std::string("_") + block);
    if (place == std::string::npos || place < last) continue;
    last = place;
    found = block;
  }
  return found;
}

Result<std::vector<BlockLuts>> blocks_of(const Accelerator& accelerator,
                                         const flows::Target& target,
                                         const flows::FlowVariant& flow) {
  const rtl::EmittedDesign design = accelerator.emit();
  FEWBIT_ASSIGN_OR_RETURN(scratch, ScratchDirectory::make());
  FEWBIT_RETURN_IF_ERROR(write_scratch_files(scratch.path(), design.files));
  FEWBIT_RETURN_IF_ERROR(write_scratch_files(scratch.path(), design.data_files));
  std::string names;
  for (const TextFile& file : design.files) names += " " + file.name;
  std::vector<std::string> argv = {target.yosys, "-q", "-p",
                                   fmt::format("read_verilog -sv{}; {} -noflatten -top {}; "
                                               "tee -q -o stat.txt stat",
                                               names, flow.script, design.signature.module)};
  FEWBIT_ASSIGN_OR_RETURN(run, run_tool(ToolKind::kSynthesis, argv, scratch.path()));
  if (run.exit_code != 0) {
    return Error{"synthesis", target.yosys, "a run without errors", run.log(), Cause::kTool};
  }
  FEWBIT_ASSIGN_OR_RETURN(stat, read_file(scratch.path() / "stat.txt"));
  const Cells cells = cells_of(stat);
  std::map<std::string, BlockLuts> blocks;
  int whole = 0;
  for (const rtl::Instance& instance : accelerator.top->instances()) {
    BlockLuts& own = blocks[block_of(instance.module->name())];
    const int luts = luts_of(cells, instance.module->name(), target);
    ++own.count;
    own.luts += luts;
    whole += luts;
  }
  std::vector<BlockLuts> sorted;
  for (auto& [block, luts] : blocks) {
    luts.block = block;
    sorted.push_back(luts);
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const BlockLuts& a, const BlockLuts& b) { return a.luts > b.luts; });
  const int top = luts_of(cells, design.signature.module, target) - whole;
  if (top > 0) sorted.push_back({"between blocks", 1, top});
  return sorted;
}

}  // namespace

Result<NetworkCost> cost_network(const quant::LoweredNetwork& network,
                                 const AcceleratorRequest& request, const quant::Tensor& images,
                                 const flows::Target& target, const NetworkCostOptions& options) {
  NetworkCost cost;
  FEWBIT_ASSIGN_OR_RETURN(accelerator, build_accelerator(network, request));
  const auto count = std::min<std::size_t>(static_cast<std::size_t>(images.shape[0]),
                                           static_cast<std::size_t>(options.netlist_images));
  FEWBIT_ASSIGN_OR_RETURN(bench, NetworkBench::make(network, slice_batch(images, 0, count)));
  const rtl::EmittedDesign design = accelerator.emit();
  FEWBIT_ASSIGN_OR_RETURN(flows, flows::flows_of(target, design.signature, options.flow));
  const auto is_equal = [&](const std::vector<flows::Netlist>& netlists) -> Result<bool> {
    for (const flows::Netlist& netlist : netlists) {
      NetworkVerifyOptions verify;
      verify.stalled_runs = 1;
      verify.stalled_images = 1;
      verify.progress = options.progress;
      FEWBIT_ASSIGN_OR_RETURN(same,
                              bench.run(netlist.design, accelerator, false, verify, cost.netlist));
      if (!same) return false;
    }
    cost.netlist.passed = true;
    return true;
  };
  const flows::CostOptions cost_options{.flow = flows.front().name,
                                        .seeds = options.seeds,
                                        .jobs = options.jobs,
                                        .is_equal_to_model = is_equal,
                                        .progress = options.progress};
  const Result<flows::CostPoint> point = flows::measure_cost(design, target, cost_options);
  if (!cost.netlist.failure.empty()) return cost;
  if (!point.ok()) return point.error();
  cost.point = *point;
  if (options.progress) options.progress("LUTs by block");
  FEWBIT_ASSIGN_OR_RETURN(blocks, blocks_of(accelerator, target, flows.front()));
  cost.blocks = std::move(blocks);
  return cost;
}

}  // namespace fewbit::study
