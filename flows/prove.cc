// Proofs: see prove.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/prove.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "fewbit/flows/prove_lanes.h"
#include "fewbit/flows/prove_probes.h"
#include "fewbit/flows/prove_text.h"
#include "fewbit/flows/yosys.h"
#include "fewbit/gen/util/interrupt.h"
#include "fewbit/gen/util/process.h"

namespace fewbit::flows {
namespace {

using rtl::ProbeRole;

constexpr int kSplitBits = 40;  // operand bits beyond which a dot is split
constexpr int kPreparationSeconds = 300;
constexpr std::size_t kLogCharacters = 600;

bool sums_lanes(const OperatorSpec& spec) {
  return spec.expression().kind == Expression::Kind::kLaneSum;
}

/// What a proof says when it ends.
enum class Verdict { kProved, kRefuted, kUnknown };

struct Run {
  Verdict verdict = Verdict::kUnknown;
  std::string detail;
};

std::string end_of(const std::string& text) {
  return text.size() > kLogCharacters ? text.substr(text.size() - kLogCharacters) : text;
}

bool timed_out(const ProcessResult& run) { return run.ending == Ending::kTimeLimit; }

Status run_yosys(const std::string& script, const std::string& name,
                 const std::filesystem::path& folder) {
  FEWBIT_RETURN_IF_ERROR(write_scratch_files(folder, {{name, script}}));
  FEWBIT_ASSIGN_OR_RETURN(run, run_tool(ToolKind::kProof, {"yosys", "-Q", "-T", "-s", name}, folder,
                                        kPreparationSeconds));
  if (run.exit_code == 0) return Ok{};
  if (!timed_out(run)) return failed_tool("yosys", name, run, "");
  return Error{"yosys", name, fmt::format("a proof prepared within {} s", kPreparationSeconds),
               "the design is too large for it", Cause::kDesign};
}

/// Writes the design's files into `folder`/`name` and returns the script that stashes it, flat, as
/// module `name`.
Result<std::string> stash(const rtl::EmittedDesign& design, const std::string& name,
                          const std::filesystem::path& folder, const Freed& freed = {}) {
  FEWBIT_RETURN_IF_ERROR(write_scratch_files(folder / name, design.files));
  FEWBIT_RETURN_IF_ERROR(write_scratch_files(folder / name, design.data_files));
  std::string files;
  for (const TextFile& file : design.files) files += fmt::format(" {}/{}", name, file.name);
  const std::string& module = design.signature.module;
  std::string frees;
  if (!freed.instance.empty()) frees += fmt::format("delete */{}\n", freed.instance);
  frees += "flatten\n";
  if (freed.memories) frees += "memory_collect\ndelete t:$mem*\n";
  if (freed.memories || !freed.instance.empty()) frees += "setundef -undriven -anyseq\n";
  return fmt::format(
      "read_verilog -sv -DFEWBIT_BEHAVIOURAL{}\nhierarchy -check -top {}\nproc "
      "-norom\n{}opt_clean\n"
      "rename {} {}\ndesign -stash {}\n",
      files, module, frees, module, name, name);
}

std::string unstash(const std::vector<std::string>& names) {
  std::string script;
  for (const std::string& name : names) {
    script += fmt::format("design -copy-from {0} -as {0} {0}\n", name);
  }
  return script;
}

constexpr const char* kToAiger =
    "hierarchy -check -top top\nproc\nflatten\nasync2sync\nopt_clean\ntechmap\nopt_clean\n"
    "dffunmap\nsimplemap\nopt_clean\nsetattr -unset init\nzinit -all\nsetundef "
    "-zero\naigmap\nopt_clean\n"
    "write_aiger -zinit top.aig\n";
constexpr const char* kToSmt =
    "hierarchy -check -top top\nproc\nflatten\nasync2sync\ndffunmap\nopt_clean\n"
    "write_smt2 -wires top.smt2\n";

/// How ABC looks at top's only output: without registers, at all times, or in the second of two
/// cycles from any state.
constexpr const char* kAtOnce = "read_aiger top.aig; iprove";
constexpr const char* kAlways = "read_aiger top.aig; scorr; dprove";
/// At all times, of monitors: dprove tries for long what finds nothing in them.
constexpr const char* kNever = "read_aiger top.aig; scorr; pdr";
constexpr const char* kSecondCycle =
    "read_aiger top.aig; frames -F 2; comb; cone -O 1; strash; iprove";

/// From any state: the next one is not looked at.
constexpr const char* kThisCycle = "read_aiger top.aig; comb; cone -O 0; strash; iprove";

/// ABC: whether top's only output can be 1.
Result<Run> ask_abc(const char* commands, int seconds, const std::filesystem::path& folder) {
  FEWBIT_ASSIGN_OR_RETURN(
      run, run_tool(ToolKind::kProof, {"yosys-abc", "-q", commands}, folder, seconds));
  if (timed_out(run))
    return Run{Verdict::kUnknown, fmt::format("not finished within {} s", seconds)};
  const auto says = [&](const char* text) { return run.output.find(text) != std::string::npos; };
  const bool satisfiable = says("SATISFIABLE") && !says("UNSATISFIABLE");
  // The last two are dprove's words, the last one pdr's too.
  const bool refuted = satisfiable || says("NOT EQUIVALENT") || says("are not equivalent") ||
                       says("was asserted in frame");
  if (refuted) return Run{Verdict::kRefuted, "a counterexample"};
  if (says("UNSATISFIABLE") || says("are equivalent") || says("Property proved"))
    return Run{Verdict::kProved, ""};
  return Run{Verdict::kUnknown, "no answer: " + end_of(run.log())};
}

/// z3: whether the assertions of top are inductive over one step.
Result<Run> ask_z3(int seconds, const std::filesystem::path& folder) {
  FEWBIT_RETURN_IF_ERROR(find_tool("z3"));
  FEWBIT_ASSIGN_OR_RETURN(run, run_tool(ToolKind::kProof,
                                        {"yosys-smtbmc", "-s", "z3", "-t", "1", "-i",
                                         "--noprogress", "--unroll", "top.smt2"},
                                        folder, seconds));
  if (timed_out(run))
    return Run{Verdict::kUnknown, fmt::format("not finished within {} s", seconds)};
  const auto says = [&](const char* text) { return run.output.find(text) != std::string::npos; };
  if (says("Temporal induction successful")) return Run{Verdict::kProved, ""};
  if (says("Assert failed")) return Run{Verdict::kRefuted, "a counterexample to the induction"};
  return Run{Verdict::kUnknown, "no answer: " + end_of(run.log())};
}

/// Outputs equal at all times.
Result<Run> outputs_equal(const rtl::EmittedDesign& gold, const rtl::EmittedDesign& gate,
                          bool flags_only, int seconds, const std::filesystem::path& folder) {
  FEWBIT_ASSIGN_OR_RETURN(first, stash(gold, "gold", folder));
  FEWBIT_ASSIGN_OR_RETURN(second, stash(gate, "gate", folder));
  const std::string top = miter_text(gold.signature, gold.signature.is_clocked(), flags_only);
  FEWBIT_RETURN_IF_ERROR(write_scratch_files(folder, {{"top.sv", top}}));
  FEWBIT_RETURN_IF_ERROR(
      run_yosys(first + second + "read_verilog -sv top.sv\n" + unstash({"gold", "gate"}) + kToAiger,
                "miter.ys", folder));
  return ask_abc(gold.signature.is_clocked() ? kAlways : kAtOnce, seconds, folder);
}

ProofPart part_of(const std::string& name, const std::string& method, const Run& run,
                  std::chrono::steady_clock::time_point start) {
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  return {
      name,       method,         run.verdict == Verdict::kProved, run.verdict == Verdict::kRefuted,
      run.detail, seconds.count()};
}

class Prover {
 public:
  Prover(const ProofInputs& inputs, const ProofOptions& options)
      : inputs_(inputs), options_(options) {}

  Result<std::vector<ProofPart>> run() {
    const OperatorSpec& spec = inputs_.spec;
    if (spec.accumulates()) {
      FEWBIT_RETURN_IF_ERROR(accumulator());
    } else if (sums_lanes(spec) && operand_bits(spec) > kSplitBits) {
      FEWBIT_RETURN_IF_ERROR(split_dot());
    } else {
      FEWBIT_RETURN_IF_ERROR(equal("optimized equals generic", inputs_.generic, inputs_.optimized));
    }
    if (spec.handshake == Handshake::kValidReady) FEWBIT_RETURN_IF_ERROR(handshake());
    for (const Netlist& netlist : inputs_.netlists) {
      FEWBIT_RETURN_IF_ERROR(equal("netlist " + netlist.flow, inputs_.optimized, netlist.design));
    }
    return std::move(parts_);
  }

 private:
  using Work = std::function<Result<Run>(const std::filesystem::path&)>;

  Status part(const std::string& name, const std::string& method, const Work& work) {
    if (options_.progress) options_.progress(name);
    const auto start = std::chrono::steady_clock::now();
    FEWBIT_ASSIGN_OR_RETURN(folder, ScratchDirectory::make());
    FEWBIT_ASSIGN_OR_RETURN(run, work(folder.path()));
    if (interrupted())
      return Error{"prove", name, "an undisturbed run", "interrupted", Cause::kMachine};
    parts_.push_back(part_of(name, method, run, start));
    return Ok{};
  }

  Status equal(const std::string& name, const rtl::EmittedDesign& gold,
               const rtl::EmittedDesign& gate, bool flags_only = false) {
    return part(name, "abc", [&](const auto& folder) {
      return outputs_equal(gold, gate, flags_only, options_.seconds, folder);
    });
  }

  /// The optimized design with its probes as ports.
  Result<rtl::EmittedDesign> opened(const std::vector<ProbeRole>& free) const {
    FEWBIT_CHECK(inputs_.opened, "a proof of {} without its opened design",
                 inputs_.optimized.signature.module);
    return check_opened(inputs_.opened(free), free);
  }

  Status split_dot() {
    const OperatorSpec& spec = inputs_.spec;
    FEWBIT_ASSIGN_OR_RETURN(shown, opened({}));
    FEWBIT_ASSIGN_OR_RETURN(
        free, opened({ProbeRole::kTerm, ProbeRole::kTermCarry, ProbeRole::kTermLateCarry}));
    for (int lane = -1; lane < spec.lanes; ++lane) {
      const rtl::EmittedDesign& gate = lane < 0 ? free : shown;
      FEWBIT_ASSIGN_OR_RETURN(terms, lane_terms(spec, gate));
      // Running sums of free terms are in reach of ABC; a tree that needs assumptions is not.
      const bool by_z3 = lane < 0 && terms.front().used.empty();
      const std::string top = lane_text(spec, gate, inputs_.exact->signature, terms, lane, by_z3);
      const std::string name = lane < 0 ? "sum of free lanes" : fmt::format("lane {}", lane);
      const Status status = part(name, by_z3 ? "z3" : "abc", [&](const auto& folder) {
        return by_z3 ? ask_z3_about(gate, top, folder) : ask_abc_about(gate, top, kAtOnce, folder);
      });
      if (!status.ok()) return status;
    }
    const Status sum = against_reference(
        "generic equals the sum of its lanes",
        reference_dot_text(spec, inputs_.generic.signature, inputs_.exact->signature) +
            miter_text(inputs_.generic.signature, false));
    if (!sum.ok() || !special_flags(spec).any()) return sum;
    return equal("flags: optimized equals generic", inputs_.generic, inputs_.optimized, true);
  }

  Status accumulator() {
    const std::vector<ProbeRole> addend = {ProbeRole::kAddend, ProbeRole::kAddendCarry};
    for (const bool is_stage : {true, false}) {
      FEWBIT_ASSIGN_OR_RETURN(gate, opened(is_stage ? std::vector<ProbeRole>{} : addend));
      FEWBIT_ASSIGN_OR_RETURN(wires, accumulator_wires(inputs_.spec, gate));
      const std::string top =
          accumulator_text(inputs_.spec, gate, inputs_.exact->signature, wires, is_stage);
      const Status status =
          is_stage
              ? part("stage: the addend is the exact product", "abc",
                     [&](const auto& at) {
                       return ask_abc_about(
                           gate, top, inputs_.spec.latency() == 1 ? kThisCycle : kSecondCycle, at);
                     })
              : part("step: adds exactly the addend", "z3",
                     [&](const auto& at) { return ask_z3_about(gate, top, at); });
      if (!status.ok()) return status;
    }
    // Generic and monitor have the same registers.
    return against_reference(
        "generic equals the monitor",
        reference_text(inputs_.spec, inputs_.generic.signature, inputs_.exact->signature) +
            miter_text(inputs_.generic.signature, true));
  }

  /// The generic design against a reference around `exact`.
  Status against_reference(const std::string& name, const std::string& top) {
    return part(name, "abc", [&](const auto& at) {
      const bool is_clocked = inputs_.generic.signature.is_clocked();
      return ask_abc_about(inputs_.generic, top, is_clocked ? kAlways : kAtOnce, at);
    });
  }

  Status handshake() {
    FEWBIT_ASSIGN_OR_RETURN(gate, opened({}));
    FEWBIT_ASSIGN_OR_RETURN(valid, valid_wires(gate));
    const std::string top = handshake_text(inputs_.spec, gate, valid);
    return part("valid and ready: nothing lost or made, stable", "abc",
                [&](const auto& at) { return ask_abc_about(gate, top, kAlways, at); });
  }

  /// Writes gate, exact (where there is one) and top, and the script that makes them one design.
  Result<std::string> together(const rtl::EmittedDesign& gate, const std::string& top,
                               const std::filesystem::path& folder) {
    FEWBIT_ASSIGN_OR_RETURN(script, stash(gate, "gate", folder));
    std::vector<std::string> modules = {"gate"};
    if (inputs_.exact) {
      FEWBIT_ASSIGN_OR_RETURN(exact, stash(*inputs_.exact, "exact", folder));
      script += exact;
      modules.push_back("exact");
    }
    FEWBIT_RETURN_IF_ERROR(write_scratch_files(folder, {{"top.sv", top}}));
    return script + "read_verilog -sv -formal top.sv\n" + unstash(modules);
  }

  Result<Run> ask_abc_about(const rtl::EmittedDesign& gate, const std::string& top,
                            const char* question, const std::filesystem::path& folder) {
    FEWBIT_ASSIGN_OR_RETURN(script, together(gate, top, folder));
    FEWBIT_RETURN_IF_ERROR(run_yosys(script + kToAiger, "top.ys", folder));
    return ask_abc(question, options_.seconds, folder);
  }

  Result<Run> ask_z3_about(const rtl::EmittedDesign& gate, const std::string& top,
                           const std::filesystem::path& folder) {
    FEWBIT_ASSIGN_OR_RETURN(script, together(gate, top, folder));
    FEWBIT_RETURN_IF_ERROR(run_yosys(script + kToSmt, "top.ys", folder));
    return ask_z3(options_.seconds, folder);
  }

  const ProofInputs& inputs_;
  const ProofOptions& options_;
  std::vector<ProofPart> parts_;
};

}  // namespace

Status provable(const OperatorSpec& spec) {
  if (spec.accumulates_rounded()) {
    return Error{"operator", spec.info().name, "an operator without a rounded running sum",
                 "no proof is known to be in reach"};
  }
  if (spec.reads_bram()) {
    return Error{"--strategy", "bram", "a strategy without a block RAM",
                 "proofs do not look into one; verify simulates it"};
  }
  if (spec.latency() > spec.usual_latency()) {
    const int least = spec.least_latency(), most = spec.usual_latency();
    return Error{"--latency", std::to_string(spec.latency()),
                 least == most ? std::to_string(most) : fmt::format("{} to {}", least, most),
                 "proofs are of the usual latency or less; verify simulates the others"};
  }
  if (spec.is_clocked() && spec.reset == ResetKind::kNone) {
    return Error{"--reset", "none", "async_low, sync_high, sync_low", "proofs start from a reset"};
  }
  const bool split = sums_lanes(spec) && operand_bits(spec) > kSplitBits;
  if (spec.outputs > 1 && (split || spec.accumulates())) {
    return Error{"--outputs", std::to_string(spec.outputs), "1",
                 fmt::format("outputs are proved together where they are combinational, with up to "
                             "{} bits of operands",
                             kSplitBits)};
  }
  if (split && (spec.result || spec.is_clocked())) {
    return Error{"--lanes", std::to_string(spec.lanes),
                 fmt::format("operands of up to {} bits together", kSplitBits),
                 "a dot is split into lanes where it is exact and combinational"};
  }
  return Ok{};
}

Result<std::vector<ProofPart>> prove(const ProofInputs& inputs, const ProofOptions& options) {
  FEWBIT_RETURN_IF_ERROR(provable(inputs.spec));
  return Prover(inputs, options).run();
}

Result<ProofPart> prove_equal(const rtl::EmittedDesign& gold, const rtl::EmittedDesign& gate,
                              const ProofOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  FEWBIT_ASSIGN_OR_RETURN(folder, ScratchDirectory::make());
  FEWBIT_ASSIGN_OR_RETURN(run, outputs_equal(gold, gate, false, options.seconds, folder.path()));
  if (interrupted())
    return Error{"prove", gate.signature.module, "an undisturbed run", "interrupted",
                 Cause::kMachine};
  return part_of("equal", "abc", run, start);
}

Result<ProofPart> prove_never(const std::string& name, const rtl::EmittedDesign& gate,
                              const std::string& top, const ProofOptions& options,
                              const Freed& freed) {
  if (options.progress) options.progress(name);
  const auto start = std::chrono::steady_clock::now();
  FEWBIT_ASSIGN_OR_RETURN(folder, ScratchDirectory::make());
  FEWBIT_ASSIGN_OR_RETURN(script, stash(gate, "gate", folder.path(), freed));
  FEWBIT_RETURN_IF_ERROR(write_scratch_files(folder.path(), {{"top.sv", top}}));
  FEWBIT_RETURN_IF_ERROR(
      run_yosys(script + "read_verilog -sv top.sv\n" + unstash({"gate"}) + kToAiger, "top.ys",
                folder.path()));
  FEWBIT_ASSIGN_OR_RETURN(run, ask_abc(kNever, options.seconds, folder.path()));
  if (interrupted())
    return Error{"prove", name, "an undisturbed run", "interrupted", Cause::kMachine};
  return part_of(name, "abc", run, start);
}

Result<ProofPart> prove_registered(const std::string& name, const rtl::EmittedDesign& gate,
                                   const std::vector<std::string>& inputs,
                                   const std::vector<std::string>& outputs,
                                   const ProofOptions& options) {
  if (options.progress) options.progress(name);
  const auto start = std::chrono::steady_clock::now();
  FEWBIT_ASSIGN_OR_RETURN(folder, ScratchDirectory::make());
  FEWBIT_ASSIGN_OR_RETURN(script, stash(gate, "gate", folder.path()));
  script += "design -load gate\n";
  const auto define = [&](const char* set, const char* side,
                          const std::vector<std::string>& ports) {
    std::string words;
    for (std::size_t i = 0; i < ports.size(); ++i) {
      script += fmt::format("select -assert-count 1 gate/{}:{}\n", side, ports[i]);
      words += fmt::format(" gate/{}:{}{}", side, ports[i], i > 0 ? " %u" : "");
    }
    script += fmt::format("select -set {}{}\n", set, words);
  };
  define("begins", "i", inputs);
  define("ends", "o", outputs);
  // Without its registers, which become ports, what leads to an output is what it depends on.
  script +=
      "expose -evert-dff\n"
      "tee -q -o paths.txt select -list @begins @ends %ci* %i\n";
  FEWBIT_RETURN_IF_ERROR(run_yosys(script, "top.ys", folder.path()));
  FEWBIT_ASSIGN_OR_RETURN(paths, read_file(folder.path() / "paths.txt"));
  Run run{Verdict::kProved, ""};
  if (!paths.empty()) {
    run = {Verdict::kRefuted, "a path from " + paths.substr(0, paths.find('\n'))};
  }
  return part_of(name, "yosys", run, start);
}

bool all_proved(const std::vector<ProofPart>& parts) {
  return !parts.empty() &&
         std::all_of(parts.begin(), parts.end(), [](const ProofPart& part) { return part.proved; });
}

nlohmann::ordered_json to_json(const std::vector<ProofPart>& parts) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const ProofPart& part : parts) {
    list.push_back({{"part", part.name},
                    {"method", part.method},
                    {"proved", part.proved},
                    {"detail", part.detail},
                    {"seconds", part.seconds}});
  }
  return list;
}

}  // namespace fewbit::flows
