// Compiling, loading and driving C models.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/verify/c_model.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/interrupt.h"
#include "fewbit/gen/util/process.h"
#include "fewbit/sim/c_model/c_model.h"
#include "fewbit/sim/vectors/stream.h"
#include "fewbit/sim/verify/bench.h"
#include "fewbit/sim/verify/scoreboard.h"
#include "fewbit/sim/verify/simulator_text.h"
#include "fewbit/sim/verify/stream_model.h"
#include "fewbit/sim/verify/verilator_runtime.h"

namespace fewbit::verify {
namespace {

constexpr std::size_t kModelsPerLibrary = 24;
constexpr std::uint64_t kCyclesBetweenInterruptChecks = 1024;

using c_model::CPort;

/// Statements that put the outputs into out, as Simulation has them.
std::string stores(const OperatorSpec& spec) {
  const CPort result = c_model::results_of(spec)[0];
  std::string text;
  for (int i = 0; i < (result.bits + 63) / 64; ++i) {
    if (!result.is_array()) {
      text += fmt::format("  out[0] = o.{};\n", result.name);
      continue;
    }
    text += fmt::format("  out[{}] = o.{}[{}]", i, result.name, 2 * i);
    if (2 * i + 1 < result.words()) {
      text += fmt::format(" | (uint64_t)o.{}[{}] << 32", result.name, 2 * i + 1);
    }
    text += ";\n";
  }
  text += fmt::format("  out[{}] = 0", (result.bits + 63) / 64);
  for (const std::string& flag : c_model::flags_of(spec)) {
    const int bit = flag == "nan_o" ? 1 : flag == "pinf_o" ? 2 : 3;
    text += fmt::format(" | (uint64_t)(o.{} != 0) << {}", flag, bit);
  }
  const auto block = block_port(spec);
  return text + fmt::format(";\n  out[{}] = {};\n", (result.bits + 63) / 64 + 1,
                            block ? "o." + block->name : "0");
}

/// Function `k` of the shim: by the header's functions.
std::string header_call(const Subject& subject, std::size_t k) {
  const OperatorSpec& spec = subject.spec;
  const std::string name = spec.module_name();
  const std::vector<CPort> ports = c_model::operands_of(spec);
  const InputLayout layout = input_layout(subject);
  std::string words, arguments;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const std::size_t at = layout.operands[i].word;
    arguments += arguments.empty() ? "" : ", ";
    if (!ports[i].is_array()) {
      arguments += fmt::format("in[{}]", at);
      continue;
    }
    words += fmt::format("  uint32_t {}[{}];\n", ports[i].name, ports[i].words());
    words += fmt::format(
        "  for (int i = 0; i < {0}; ++i) {1}[i] = (uint32_t)(in[{2} + i / 2] >> (i % 2 * 32));\n",
        ports[i].words(), ports[i].name, at);
    arguments += ports[i].name;
  }
  const std::string head =
      fmt::format("void fewbit_c_{}(const uint64_t* in, uint64_t* out) {{\n", k) + words;
  if (!spec.accumulates()) {
    return fmt::format("{0}  const {1}_outputs o = {1}({2});\n{3}}}\n", head, name, arguments,
                       stores(spec));
  }
  return fmt::format(
      "static {1}_state state_{4};\n{0}  {1}_outputs o;\n"
      "  if (in[0] & 1) {1}_init(&state_{4});\n"
      "  if (!(in[0] & 2)) return;\n"
      "  o = {1}_step(&state_{4}, in[0] >> 2 & 1, {2});\n{3}}}\n",
      head, name, arguments, stores(spec), k);
}

/// The same by those of DPI-C, which take every operand and give every result in words.
std::string dpi_call(const Subject& subject, std::size_t k) {
  const OperatorSpec& spec = subject.spec;
  const std::string name = spec.module_name();
  const std::vector<CPort> ports = c_model::operands_of(spec);
  const InputLayout layout = input_layout(subject);
  std::string body, arguments, after;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    body += fmt::format(
        "  uint32_t {1}[{0}];\n"
        "  for (int i = 0; i < {0}; ++i) {1}[i] = (uint32_t)(in[{2} + i / 2] >> (i % 2 * 32));\n",
        ports[i].words(), ports[i].name, layout.operands[i].word);
    arguments += (arguments.empty() ? "" : ", ") + ports[i].name;
  }
  const std::vector<CPort> results = c_model::results_of(spec);
  for (const CPort& port : results) {
    body += fmt::format("  uint32_t {}[{}];\n", port.name, port.words());
    arguments += ", " + port.name;
  }
  for (int i = 0; i < results[0].words(); ++i) {
    after += fmt::format("  out[{}] {}= (uint64_t){}[{}] << {};\n", i / 2, i % 2 == 0 ? "" : "|",
                         results[0].name, i, i % 2 * 32);
  }
  after += fmt::format("  out[{}] = 0", (results[0].bits + 63) / 64);
  for (const std::string& flag : c_model::flags_of(spec)) {
    body += fmt::format("  unsigned char {};\n", flag);
    arguments += ", &" + flag;
    const int bit = flag == "nan_o" ? 1 : flag == "pinf_o" ? 2 : 3;
    after += fmt::format(" | (uint64_t){} << {}", flag, bit);
  }
  after += fmt::format(";\n  out[{}] = 0", (results[0].bits + 63) / 64 + 1);
  for (int i = 0; results.size() > 1 && i < results[1].words(); ++i) {
    after += fmt::format(" | (uint64_t){}[{}] << {}", results[1].name, i, 32 * i);
  }
  after += ";\n";
  const std::string head =
      fmt::format("void fewbit_c_{}(const uint64_t* in, uint64_t* out) {{\n", k);
  if (!spec.accumulates()) {
    return fmt::format("{}{}  {}_dpi_eval({});\n{}}}\n", head, body, name, arguments, after);
  }
  return fmt::format(
      "static void* sum_{0};\n{1}{2}"
      "  if (sum_{0} == NULL) sum_{0} = {3}_dpi_create();\n"
      "  if (in[0] & 1) {3}_dpi_init(sum_{0});\n"
      "  if (!(in[0] & 2)) return;\n"
      "  {3}_dpi_step(sum_{0}, in[0] >> 2 & 1, {4});\n{5}}}\n"
      "__attribute__((destructor)) static void release_{0}(void) {{ {3}_dpi_release(sum_{0}); }}\n",
      k, head, body, name, arguments, after);
}

/// Calls C functions where others run a simulator.
class CSimulation : public Simulation {
 public:
  CSimulation(const std::vector<const Subject*>& subjects, void* library) : Simulation(subjects) {
    for (std::size_t k = 0; k < subjects.size(); ++k) {
      const auto function =
          reinterpret_cast<Function>(::dlsym(library, fmt::format("fewbit_c_{}", k).c_str()));
      FEWBIT_CHECK(function != nullptr, "the shim is incomplete");
      functions_.push_back(function);
    }
  }
  void choose(std::size_t subject) { subject_ = subject; }
  void eval(bool /*clk*/) override {
    functions_[subject_](&in_[in_offsets_[subject_]], &out_[out_offsets_[subject_]]);
  }

 private:
  using Function = void (*)(const std::uint64_t*, std::uint64_t*);
  std::vector<Function> functions_;
  std::size_t subject_ = 0;
};

/// The accepted operations and the resets of a clocked run, one in each cycle.
class SumBench : public Bench {
 public:
  SumBench(const OperatorSpec& spec, const VerifyOptions& options)
      : model_(spec),
        stimulus_(spec, {options.seed, options.random_vectors, options.coverage, options.quick}) {}

  void start() override {
    VerifyReport& report = *slots_[0].report;
    report.exhaustive = stimulus_.operands().exhaustive();
    report.operands_applied = stimulus_.operands().distinct();
    report.operands_possible = stimulus_.operands().possible();
    report.worst_sum_terms = stimulus_.worst_sum_terms();
    report.worst_sum_applied = stimulus_.worst_sum_applied();
  }
  bool drive_low() override {
    bool resets = !started_;
    started_ = true;
    do {
      if (!stimulus_.next(cycle_)) return false;
      resets = resets || cycle_.reset || cycle_.reset_pulse;
    } while (!cycle_.valid || cycle_.reset);
    if (resets) model_.reset();
    slots_[0].simulation->drive(slots_[0].index, {.operands = &cycle_.operands,
                                                  .reset_level = resets,
                                                  .valid = true,
                                                  .first = cycle_.first});
    model_.step(cycle_.first, cycle_.operands);
    return true;
  }
  [[nodiscard]] double share() const override { return stimulus_.share(); }
  void check_low() override {
    ++slots_[0].report->vectors;
    check_outputs(slots_[0], model_.outputs(), {count_++, cycle_.phase, &cycle_.operands});
  }

 private:
  StreamModel model_;
  vectors::StreamStimulus stimulus_;
  vectors::Cycle cycle_;
  bool started_ = false;
  std::uint64_t count_ = 0;
};

Result<std::filesystem::path> compile(const std::vector<const Subject*>& subjects, CModel model,
                                      const std::vector<std::string>& flags,
                                      const std::filesystem::path& folder) {
  std::vector<TextFile> files;
  std::string includes, calls;
  for (std::size_t k = 0; k < subjects.size(); ++k) {
    const OperatorSpec& spec = subjects[k]->spec;
    const bool by_dpi = model == CModel::kDpi;
    const std::vector<TextFile> own =
        by_dpi ? c_model::dpi_files(spec) : std::vector<TextFile>{c_model::c_header(spec)};
    files.insert(files.end(), own.begin(), own.end());
    includes += fmt::format("#include \"{}{}\"\n", spec.module_name(), by_dpi ? "_dpi.c" : ".h");
    calls += by_dpi ? dpi_call(*subjects[k], k) : header_call(*subjects[k], k);
  }
  files.push_back({"shim.c", "#include <stddef.h>\n" + includes + calls});
  FEWBIT_RETURN_IF_ERROR(write_scratch_files(folder, files));
  std::vector<std::string> argv = {"gcc", "-std=c99", "-Wall",   "-Wextra", "-pedantic", "-Werror",
                                   "-O1", "-fPIC",    "-shared", "-o",      "model.so"};
  argv.insert(argv.end(), flags.begin(), flags.end());
  argv.emplace_back("shim.c");
  FEWBIT_RETURN_IF_ERROR(run_checked(argv, folder));
  return folder / "model.so";
}

struct Library {
  void* handle = nullptr;
  ~Library() {
    if (handle != nullptr) ::dlclose(handle);
  }
};

Status run_library(const std::vector<const Subject*>& subjects, CModel model,
                   const VerifyOptions& options, const std::vector<std::string>& flags,
                   VerifyReport* reports) {
  const auto start = std::chrono::steady_clock::now();
  FEWBIT_ASSIGN_OR_RETURN(scratch, ScratchDirectory::make());
  FEWBIT_ASSIGN_OR_RETURN(path, compile(subjects, model, flags, scratch.path()));
  const Library library{::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)};
  if (library.handle == nullptr) {
    return Error{"C model", "model.so", "a library that can be loaded", ::dlerror(), Cause::kTool};
  }
  CSimulation simulation(subjects, library.handle);
  for (std::size_t k = 0; k < subjects.size(); ++k) {
    const OperatorSpec& spec = subjects[k]->spec;
    std::unique_ptr<Bench> bench;
    if (spec.accumulates()) {
      bench = std::make_unique<SumBench>(spec, options);
    } else {
      bench = make_combinational_bench(spec, options);
    }
    bench->add({subjects[k], &simulation, k, &reports[k], block_port(spec).has_value()});
    bench->start();
    simulation.choose(k);
    for (std::uint64_t cycle = 0; bench->drive_low(); ++cycle) {
      simulation.eval(false);
      bench->check_low();
      if (cycle % kCyclesBetweenInterruptChecks == 0 && interrupted()) {
        return Error{"C model", "verify", "a run to its end", "interrupted", Cause::kMachine};
      }
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    reports[k].label = subjects[k]->label + (model == CModel::kDpi ? " DPI-C model" : " C model");
    reports[k].passed = reports[k].mismatch_count == 0 && reports[k].vectors > 0;
    reports[k].seed = options.seed;
    reports[k].seconds = seconds.count() / static_cast<double>(subjects.size());
  }
  return Ok{};
}

}  // namespace

Result<std::vector<VerifyReport>> verify_c_models(const std::vector<Subject>& subjects,
                                                  CModel model, const VerifyOptions& options,
                                                  const std::vector<std::string>& flags) {
  std::vector<VerifyReport> reports(subjects.size());
  for (std::size_t begin = 0; begin < subjects.size(); begin += kModelsPerLibrary) {
    std::vector<const Subject*> some;
    for (std::size_t k = begin; k < std::min(subjects.size(), begin + kModelsPerLibrary); ++k) {
      some.push_back(&subjects[k]);
    }
    FEWBIT_RETURN_IF_ERROR(run_library(some, model, options, flags, &reports[begin]));
  }
  return reports;
}

Result<std::string> compiler_version() { return tool_version("gcc", "--version"); }

}  // namespace fewbit::verify
