// Finding Verilator, compiling its run-time library, caching the objects.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/sim/verify/verilator_runtime.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <system_error>

#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/process.h"
#include "fewbit/gen/util/trust.h"
#include "fewbit/sim/verify/kept_folder.h"
#include "fewbit/sim/verify/verify.h"

namespace fewbit::verify {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kErrorCharacters = 3000;

// What a model without traces, coverage or delays needs; a version that lacks one has it elsewhere.
constexpr const char* kRuntimeSources[] = {"verilated", "verilated_threads", "verilated_random"};

constexpr const char* kHeader = "runtime.h";
constexpr const char* kCompiledHeader = "runtime.h.gch";
constexpr const char* kHeaderText =
    "#include \"verilated.h\"\n#include <cstdint>\n#include <memory>\n";

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// The end of a tool's output, whole lines.
std::string tail(const std::string& text) {
  if (text.size() <= kErrorCharacters) return text;
  const std::size_t newline = text.find('\n', text.size() - kErrorCharacters);
  return text.substr(newline == std::string::npos ? text.size() - kErrorCharacters : newline + 1);
}

Result<fs::path> include_directory() {
  FEWBIT_ASSIGN_OR_RETURN(root, run_checked({"verilator", "--getenv", "VERILATOR_ROOT"}, "/"));
  const fs::path include = fs::path(first_line(root.output)) / "include";
  if (!fs::exists(include / "verilated.cpp")) {
    return Error{"verilator", include.string(), "the folder of verilated.cpp",
                 "VERILATOR_ROOT names an incomplete installation", Cause::kTool};
  }
  return include;
}

std::vector<std::string> compile_flags(const fs::path& include) {
  // Hidden and not unique: several loaded models must not share the runtime's static objects.
  return {"-std=gnu++17",
          "-O1",
          "-fPIC",
          "-fvisibility=hidden",
          "-fno-gnu-unique",
          "-w",
          "-pthread",
          "-I" + include.string(),
          "-I" + (include / "vltstd").string()};
}

/// What the compiled folder holds.
std::vector<std::string> files_of(const std::vector<std::string>& sources) {
  std::vector<std::string> names = {kHeader, kCompiledHeader};
  for (const std::string& source : sources) names.push_back(source + ".o");
  return names;
}

/// The cache folder, made if missing. What is in it becomes part of this process.
Result<fs::path> own_cache_directory() {
  const fs::path directory = cache_directory();
  const Status status = make_own_directory("cache directory", directory);
  if (status.ok()) return directory;
  Error error = status.error();
  error.detail += "; set FEWBIT_CACHE to a folder of your own";
  return error;
}

/// Compiles into a folder beside `target` and renames it: whoever comes first wins.
Status compile_objects(const fs::path& include, const std::vector<std::string>& sources,
                       const std::vector<std::string>& flags, const fs::path& target) {
  Result<OwnedFolder> made =
      OwnedFolder::make(target.parent_path(), target.filename().string() + ".");
  if (!made.ok()) {
    return Error{"cache directory", target.parent_path().string(), "a folder that can be written",
                 "set FEWBIT_CACHE to another one", Cause::kMachine};
  }
  OwnedFolder folder = std::move(made).value();
  const fs::path building = folder.path();
  const auto compile = [&](const std::vector<std::string>& arguments) -> Status {
    std::vector<std::string> argv = {"g++"};
    argv.insert(argv.end(), flags.begin(), flags.end());
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    FEWBIT_RETURN_IF_ERROR(run_checked(argv, building));
    return Ok{};
  };
  Status done = write_scratch_files(building, {{kHeader, kHeaderText}});
  if (done.ok()) {
    done = compile({"-x", "c++-header", kHeader, "-o", kCompiledHeader});
  }
  for (const std::string& source : sources) {
    if (done.ok()) done = compile({"-c", include / (source + ".cpp"), "-o", source + ".o"});
  }
  if (done.ok()) done = seal_folder(building, files_of(sources));
  if (done.ok()) folder.move_to(target);  // unless another process was faster
  return done;
}

}  // namespace

Result<ProcessResult> run_checked(const std::vector<std::string>& argv, const fs::path& directory) {
  FEWBIT_ASSIGN_OR_RETURN(done, run_tool(ToolKind::kSimulation, argv, directory));
  if (done.exit_code == 0) return done;
  // What Verilator and compilers say of their input has the word in front.
  const bool blames_input = done.errors.find("%Error: ") != std::string::npos ||
                            done.errors.find(" error: ") != std::string::npos;
  return failed_tool(argv[0], "simulation", done, blames_input ? "\n" + tail(done.errors) : "");
}

Result<std::string> verilator_version() { return tool_version("verilator", "--version"); }

Result<VerilatorRuntime> verilator_runtime() {
  FEWBIT_ASSIGN_OR_RETURN(version, verilator_version());
  FEWBIT_ASSIGN_OR_RETURN(include, include_directory());
  FEWBIT_ASSIGN_OR_RETURN(compiler, tool_version("g++", "--version"));
  VerilatorRuntime runtime;
  runtime.compile_flags = compile_flags(include);
  std::vector<std::string> sources;
  for (const char* source : kRuntimeSources) {
    if (fs::exists(include / (std::string(source) + ".cpp"))) sources.emplace_back(source);
  }
  const std::string key =
      fmt::format("{}\n{}\n{}\n{}\n{}", version, compiler, fmt::join(runtime.compile_flags, " "),
                  fmt::join(sources, " "), kHeaderText);
  FEWBIT_ASSIGN_OR_RETURN(cache, own_cache_directory());
  const fs::path directory = cache / ("verilator-" + sha256(key).substr(0, 16));
  if (!is_sealed(directory)) {
    remove_if_damaged(directory);
    FEWBIT_RETURN_IF_ERROR(compile_objects(include, sources, runtime.compile_flags, directory));
  }
  for (const std::string& name : files_of(sources)) {
    FEWBIT_RETURN_IF_ERROR(check_only_ours("cache directory", directory / name));
  }
  for (const std::string& source : sources) runtime.objects.push_back(directory / (source + ".o"));
  runtime.header = directory / kHeader;
  return runtime;
}

}  // namespace fewbit::verify
