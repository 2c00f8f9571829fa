// Building and loading a Verilator model.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/verify/verilated_model.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>

#include "fewbit/gen/util/check.h"

namespace fewbit::verify {
namespace fs = std::filesystem;
namespace {

constexpr const char* kModelClass = "Vfewbit";

/// The first warning that means a wrong simulation, or "".
/// Lint is another tool's matter, with three exceptions: a combinational loop that Verilator cannot
/// order may simulate wrongly, of two modules with one name only the first is simulated, and a
/// warning in the generated top contradicts the signature.
std::string fatal_warning(const std::string& log) {
  const std::string in_top = fmt::format(": {}.sv:", kTopModule);
  for (std::size_t begin = 0; begin < log.size();) {
    const std::size_t end = std::min(log.find('\n', begin), log.size());
    const std::string line = log.substr(begin, end - begin);
    const bool is_loop = line.rfind("%Warning-UNOPTFLAT", 0) == 0;
    const bool is_double = line.rfind("%Warning-MODDUP", 0) == 0;
    const bool is_top = line.rfind("%Warning-", 0) == 0 && line.find(in_top) != std::string::npos;
    if (is_loop || is_double || is_top || line.rfind("%Error", 0) == 0) return line;
    begin = end + 1;
  }
  return "";
}

std::vector<std::string> verilator_command(const std::vector<TextFile>& files, bool trace,
                                           const fs::path& data_folder) {
  std::vector<std::string> argv = {
      "verilator", "--cc",       "--top-module", kTopModule,   "--prefix", kModelClass,   "-Mdir",
      "model",     "-Wno-fatal", "--no-timing",  "--x-assign", "unique",   "--x-initial", "unique"};
  if (trace) argv.emplace_back("--trace");
  // Where $readmemh finds the contents of memories.
  argv.push_back(fmt::format("-DFEWBIT_DATA_FOLDER=\"{}/\"", data_folder.string()));
  for (const TextFile& file : files) argv.push_back(file.name);
  return argv;
}

Status verilate(const std::vector<std::string>& argv, const fs::path& directory) {
  FEWBIT_ASSIGN_OR_RETURN(log, run_checked(argv, directory));
  if (const std::string warning = fatal_warning(log.errors); !warning.empty()) {
    return Error{"simulation", "verilator", "no warning that changes what is simulated", warning,
                 Cause::kDesign};
  }
  return Ok{};
}

Result<std::vector<std::string>> model_sources(const fs::path& directory) {
  std::vector<std::string> sources;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
    if (entry.path().extension() == ".cpp") sources.push_back(entry.path().filename().string());
  }
  if (sources.empty()) {
    return Error{"simulation", "verilator", "C++ sources of the model", "it wrote none",
                 cause_in(directory)};
  }
  std::sort(sources.begin(), sources.end());
  return sources;
}

std::vector<std::string> compiler_command(const VerilatorRuntime& runtime, bool trace) {
  std::vector<std::string> argv = {"g++"};
  argv.insert(argv.end(), runtime.compile_flags.begin(), runtime.compile_flags.end());
  // Netlists are functions of many thousand stores: without a bound, the search for aliases takes
  // more than half of the compiler's time and gains nothing at run time.
  argv.insert(argv.end(), {"-fno-tree-dse", "--param", "sccvn-max-alias-queries-per-access=20"});
  if (trace) argv.emplace_back("-DVM_TRACE=1");
  argv.insert(argv.end(), {"-include", runtime.header, "-Imodel", "-shared", "shim.cc"});
  for (const fs::path& object : runtime.objects) argv.push_back(object.string());
  argv.insert(argv.end(), {"-latomic", "-o", "model.so"});
  return argv;
}

/// `argv` as a line of a shell.
std::string shell_line(const std::vector<std::string>& argv) {
  std::string line;
  for (const std::string& word : argv) {
    const bool plain =
        word.find_first_not_of(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=/.,+") ==
        std::string::npos;
    line += (line.empty() ? "" : " ") + (plain ? word : "'" + word + "'");
  }
  return line;
}

/// Copies the files of a build, and the script that makes it again beside them.
Status keep(const fs::path& directory, const std::string& script, const fs::path& kept) {
  for (const fs::path& folder : {fs::path(), fs::path("model")}) {
    std::vector<TextFile> files;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory / folder, error)) {
      if (!entry.is_regular_file(error)) continue;
      FEWBIT_ASSIGN_OR_RETURN(text, read_file(entry.path()));
      files.push_back({entry.path().filename().string(), std::move(text)});
    }
    if (folder.empty()) files.push_back({"build.sh", script});
    FEWBIT_RETURN_IF_ERROR(write_files(kept / folder, files));
  }
  return Ok{};
}

/// C++: fewbit_open, fewbit_close and fewbit_eval. Includes the model's sources, so that it is the
/// only translation unit.
std::string shim_text(const std::vector<std::string>& model_sources, const std::string& eval) {
  std::string text =
      "#if VM_TRACE\n#include \"verilated_vcd_c.h\"\n#include \"verilated_vcd_c.cpp\"\n#endif\n";
  // What Verilator calls slow runs once, at the start: it is half of the text and needs no
  // optimizer.
  for (const std::string& source : model_sources) {
    text += source.ends_with("Slow.cpp")
                ? fmt::format(
                      "#pragma GCC push_options\n#pragma GCC optimize(\"O0\")\n"
                      "#include \"{}\"\n#pragma GCC pop_options\n",
                      source)
                : fmt::format("#include \"{}\"\n", source);
  }
  text += fmt::format(
      R"(
#include <cstdint>
#include <memory>
#define FEWBIT_EXPORT extern "C" __attribute__((visibility("default")))
namespace {{
void put(std::uint64_t* out, QData value) {{ *out = value; }}
template <std::size_t N>
void put(std::uint64_t* out, const VlWide<N>& value) {{
  for (std::size_t i = 0; i < N; i += 2) {{
    out[i / 2] = value[i] | (i + 1 < N ? static_cast<std::uint64_t>(value[i + 1]) << 32 : 0);
  }}
}}
void take(QData& port, const std::uint64_t* in) {{ port = *in; }}
template <std::size_t N>
void take(VlWide<N>& port, const std::uint64_t* in) {{
  for (std::size_t i = 0; i < N; ++i) port[i] = static_cast<EData>(in[i / 2] >> (i % 2 * 32));
}}
struct Handle {{
  VerilatedContext context;
  std::unique_ptr<{0}> model;
#if VM_TRACE
  VerilatedVcdC trace;
  std::uint64_t time = 0;
#endif
}};
}}
FEWBIT_EXPORT void* fewbit_open(int seed) {{
  Handle* handle = new Handle;
  handle->context.randReset(2);
  handle->context.randSeed(seed);
#if VM_TRACE
  handle->context.traceEverOn(true);
#endif
  handle->model = std::make_unique<{0}>(&handle->context);
#if VM_TRACE
  handle->model->trace(&handle->trace, 99);
#endif
  return handle;
}}
FEWBIT_EXPORT void fewbit_close(void* handle) {{ delete static_cast<Handle*>(handle); }}
#if VM_TRACE
FEWBIT_EXPORT void fewbit_trace(void* handle, const char* path) {{
  Handle* one = static_cast<Handle*>(handle);
  path == nullptr ? one->trace.close() : one->trace.open(path);
}}
#endif
FEWBIT_EXPORT void fewbit_eval(void* handle, int clk, const std::uint64_t* in, std::uint64_t* out) {{
  {0}& m = *static_cast<Handle*>(handle)->model;
  m.clk = clk;
)",
      kModelClass);
  return text + eval +
         "#if VM_TRACE\n  Handle* one = static_cast<Handle*>(handle);\n"
         "  VerilatedVcdC* trace = &one->trace;\n"
         "  if (trace->isOpen()) trace->dump(one->time++);\n#endif\n}\n";
}

}  // namespace

void VerilatedModel::start_trace(const fs::path& file) {
  FEWBIT_CHECK(trace_ != nullptr, "a model that was not built to trace");
  trace_(model_, file.c_str());
}

void VerilatedModel::end_trace() { trace_(model_, nullptr); }

VerilatedModel::~VerilatedModel() {
  if (model_ != nullptr) close_(model_);
  if (library_ != nullptr) ::dlclose(library_);
}

Status VerilatedModel::load(const fs::path& library, std::uint64_t seed) {
  library_ = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library_ == nullptr) {
    return Error{"simulation", "model.so", "a library that can be loaded", ::dlerror(),
                 Cause::kTool};
  }
  const auto open = reinterpret_cast<Open>(::dlsym(library_, "fewbit_open"));
  close_ = reinterpret_cast<Close>(::dlsym(library_, "fewbit_close"));
  eval_ = reinterpret_cast<Eval>(::dlsym(library_, "fewbit_eval"));
  trace_ = reinterpret_cast<Trace>(::dlsym(library_, "fewbit_trace"));
  FEWBIT_CHECK(open != nullptr && close_ != nullptr && eval_ != nullptr, "the shim is incomplete");
  model_ = open(static_cast<int>(seed % 0x7fffffff) + 1);  // 0 would mean: from the clock
  return Ok{};
}

Result<std::unique_ptr<VerilatedModel>> VerilatedModel::build(
    const std::vector<TextFile>& files, const std::vector<TextFile>& data_files,
    const std::string& eval_text, const VerilatorRuntime& runtime, std::uint64_t seed,
    const ModelExtras& extras) {
  FEWBIT_ASSIGN_OR_RETURN(scratch, ScratchDirectory::make());
  FEWBIT_RETURN_IF_ERROR(write_scratch_files(scratch.path(), files));
  FEWBIT_RETURN_IF_ERROR(write_scratch_files(scratch.path(), data_files));
  FEWBIT_RETURN_IF_ERROR(
      verilate(verilator_command(files, extras.trace, scratch.path()), scratch.path()));
  FEWBIT_ASSIGN_OR_RETURN(sources, model_sources(scratch.path() / "model"));
  FEWBIT_RETURN_IF_ERROR(
      write_scratch_files(scratch.path(), {{"shim.cc", shim_text(sources, eval_text)}}));
  const std::vector<std::string> compiler = compiler_command(runtime, extras.trace);
  FEWBIT_RETURN_IF_ERROR(run_checked(compiler, scratch.path()));
  if (!extras.keep.empty()) {
    const std::string script = fmt::format(
        "#!/bin/sh\n# Builds model.so, the simulator that fewbit loaded, again.\nset -e\n"
        "cd \"$(dirname \"$0\")\"\n{}\n{}\n",
        shell_line(verilator_command(files, extras.trace, ".")), shell_line(compiler));
    FEWBIT_RETURN_IF_ERROR(keep(scratch.path(), script, extras.keep));
  }
  auto model = std::unique_ptr<VerilatedModel>(new VerilatedModel);
  FEWBIT_RETURN_IF_ERROR(model->load(scratch.path() / "model.so", seed));
  if (!data_files.empty()) model->data_.emplace(std::move(scratch));
  return model;
}

}  // namespace fewbit::verify
