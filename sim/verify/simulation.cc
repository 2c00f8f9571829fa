// Building, loading and driving a Verilator model.
// SPDX-License-Identifier: Apache-2.0
#include "sim/verify/simulation.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "gen/util/files.h"
#include "sim/verify/simulator_text.h"

namespace fewbit::verify {
namespace fs = std::filesystem;
namespace {

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

Status verilate(const std::vector<TextFile>& files, const fs::path& directory) {
  std::vector<std::string> argv = {
      "verilator", "--cc",       "--top-module", kTopModule,   "--prefix", kModelClass,   "-Mdir",
      "model",     "-Wno-fatal", "--no-timing",  "--x-assign", "unique",   "--x-initial", "unique"};
  for (const TextFile& file : files) argv.push_back(file.name);
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

Status compile(const VerilatorRuntime& runtime, const fs::path& directory) {
  std::vector<std::string> argv = {"g++"};
  argv.insert(argv.end(), runtime.compile_flags.begin(), runtime.compile_flags.end());
  // Netlists are functions of many thousand stores: without a bound, the search for aliases takes
  // more than half of the compiler's time and gains nothing at run time.
  argv.insert(argv.end(), {"-fno-tree-dse", "--param", "sccvn-max-alias-queries-per-access=20"});
  argv.insert(argv.end(), {"-include", runtime.header, "-Imodel", "-shared", "shim.cc"});
  for (const fs::path& object : runtime.objects) argv.push_back(object.string());
  argv.insert(argv.end(), {"-latomic", "-o", "model.so"});
  FEWBIT_RETURN_IF_ERROR(run_checked(argv, directory));
  return Ok{};
}

/// A model that is loaded into this process.
class VerilatedSimulation : public Simulation {
 public:
  explicit VerilatedSimulation(const std::vector<const Subject*>& subjects)
      : Simulation(subjects) {}
  ~VerilatedSimulation() override {
    if (model_ != nullptr) close_(model_);
    if (library_ != nullptr) ::dlclose(library_);
  }
  void eval(bool clk) override { eval_(model_, clk ? 1 : 0, in_.data(), out_.data()); }

  Status load(const fs::path& library, std::uint64_t seed) {
    library_ = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library_ == nullptr) {
      return Error{"simulation", "model.so", "a library that can be loaded", ::dlerror(),
                   Cause::kTool};
    }
    const auto open = reinterpret_cast<Open>(::dlsym(library_, "fewbit_open"));
    close_ = reinterpret_cast<Close>(::dlsym(library_, "fewbit_close"));
    eval_ = reinterpret_cast<Eval>(::dlsym(library_, "fewbit_eval"));
    FEWBIT_CHECK(open != nullptr && close_ != nullptr && eval_ != nullptr,
                 "the shim is incomplete");
    model_ = open(static_cast<int>(seed % 0x7fffffff) + 1);  // 0 would mean: from the clock
    return Ok{};
  }

 private:
  using Open = void* (*)(int);
  using Close = void (*)(void*);
  using Eval = void (*)(void*, int, const std::uint64_t*, std::uint64_t*);

  void* library_ = nullptr;
  void* model_ = nullptr;
  Close close_ = nullptr;
  Eval eval_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Simulation>> Simulation::build(const std::vector<const Subject*>& subjects,
                                                      const VerilatorRuntime& runtime,
                                                      std::uint64_t seed) {
  FEWBIT_ASSIGN_OR_RETURN(scratch, ScratchDirectory::make());
  const std::vector<TextFile> files = simulated_files(subjects);
  FEWBIT_RETURN_IF_ERROR(write_scratch_files(scratch.path(), files));
  FEWBIT_RETURN_IF_ERROR(verilate(files, scratch.path()));
  FEWBIT_ASSIGN_OR_RETURN(sources, model_sources(scratch.path() / "model"));
  FEWBIT_RETURN_IF_ERROR(
      write_scratch_files(scratch.path(), {{"shim.cc", shim_text(subjects, sources)}}));
  FEWBIT_RETURN_IF_ERROR(compile(runtime, scratch.path()));
  auto simulation = std::make_unique<VerilatedSimulation>(subjects);
  FEWBIT_RETURN_IF_ERROR(simulation->load(scratch.path() / "model.so", seed));
  return std::unique_ptr<Simulation>(std::move(simulation));
}

Simulation::Simulation(const std::vector<const Subject*>& subjects) {
  std::size_t in_words = 0;
  out_offsets_.push_back(0);
  for (const Subject* subject : subjects) {
    layouts_.push_back(input_layout(*subject));
    in_offsets_.push_back(in_words);
    in_words += layouts_.back().words;
    out_offsets_.push_back(out_offsets_.back() + static_cast<std::size_t>(output_words(*subject)));
  }
  in_.resize(in_words);
  out_.resize(out_offsets_.back());
  unknown_.resize(out_offsets_.back());
  pins_.resize(subjects.size());
}

bool Simulation::unknown(std::size_t subject, rtl::PortRole role) const {
  const std::size_t end = out_offsets_[subject + 1];
  const std::uint64_t status = unknown_[end - 2];
  switch (role) {
    case rtl::PortRole::kResult:
      return std::any_of(&unknown_[out_offsets_[subject]], &unknown_[end - 2],
                         [](std::uint64_t bits) { return bits != 0; });
    case rtl::PortRole::kValid:
      return (status & 1) != 0;
    case rtl::PortRole::kNan:
      return (status & 2) != 0;
    case rtl::PortRole::kPlusInf:
      return (status & 4) != 0;
    case rtl::PortRole::kMinusInf:
      return (status & 8) != 0;
    case rtl::PortRole::kReady:
      return (status & 16) != 0;
    case rtl::PortRole::kScale:
      return status >> 8 != 0;
    case rtl::PortRole::kTag:
      return unknown_[end - 1] != 0;
    default:
      FEWBIT_CHECK(false, "{} is no output", rtl::to_string(role));
  }
}

namespace {

/// value, in `count` words from the lowest.
void put_words(const BigInt& value, std::uint64_t* words, std::size_t count) {
  const auto& limbs = value.backend();
  static_assert(sizeof(limbs.limbs()[0]) == sizeof(std::uint64_t));
  for (std::size_t i = 0; i < count; ++i) words[i] = i < limbs.size() ? limbs.limbs()[i] : 0;
}

}  // namespace

void Simulation::drive(std::size_t subject, const Pins& pins) {
  std::uint64_t* words = &in_[in_offsets_[subject]];
  words[0] =
      static_cast<std::uint64_t>(pins.reset_level) | static_cast<std::uint64_t>(pins.valid) << 1 |
      static_cast<std::uint64_t>(pins.first) << 2 | static_cast<std::uint64_t>(pins.ready) << 3;
  words[1] = pins.tag;
  pins_[subject] = pins;
  if (pins.operands == nullptr) return;
  const InputLayout& layout = layouts_[subject];
  for (std::size_t i = 0; i < layout.operands.size(); ++i) {
    const InputLayout::Operand& operand = layout.operands[i];
    put_words((*pins.operands)[i], words + operand.word, operand.words);
  }
}

}  // namespace fewbit::verify
