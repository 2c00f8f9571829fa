// VerilatedModel: a Verilator model in this process, driven and read as 64-bit words.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fewbit/gen/util/files.h"
#include "fewbit/sim/verify/verilator_runtime.h"

namespace fewbit::verify {

constexpr const char* kTopModule = "fewbit_verify_top";

/// What a model has beyond simulating.
struct ModelExtras {
  bool trace = false;               ///< it can write what every net does, as VCD
  std::filesystem::path keep = {};  ///< a folder that gets all files of the build; none where empty
};

class VerilatedModel {
 public:
  /// Verilates and compiles `files`, one of which has kTopModule with an input clk. `eval_text` is
  /// C++: from `in` into the members of the model `m`, m.eval(), and from them into `out`. A
  /// combinational loop, or a warning in the file of kTopModule, is an Error. Uninitialised
  /// registers start as random bits made from `seed`.
  static Result<std::unique_ptr<VerilatedModel>> build(const std::vector<TextFile>& files,
                                                       const std::vector<TextFile>& data_files,
                                                       const std::string& eval_text,
                                                       const VerilatorRuntime& runtime,
                                                       std::uint64_t seed,
                                                       const ModelExtras& extras = {});
  ~VerilatedModel();
  VerilatedModel(const VerilatedModel&) = delete;
  VerilatedModel& operator=(const VerilatedModel&) = delete;

  /// Lets everything settle at this level of the clock.
  void eval(bool clk, const std::uint64_t* in, std::uint64_t* out) {
    eval_(model_, clk ? 1 : 0, in, out);
  }

  /// Of a model that was built to trace: from the next eval() on, each is a time step of the file.
  void start_trace(const std::filesystem::path& file);
  /// Ends the file.
  void end_trace();

 private:
  using Open = void* (*)(int);
  using Close = void (*)(void*);
  using Eval = void (*)(void*, int, const std::uint64_t*, std::uint64_t*);

  VerilatedModel() = default;
  Status load(const std::filesystem::path& library, std::uint64_t seed);

  std::optional<ScratchDirectory> data_;  // contents of memories are read at the first eval()
  void* library_ = nullptr;
  void* model_ = nullptr;
  using Trace = void (*)(void*, const char*);
  Close close_ = nullptr;
  Trace trace_ = nullptr;  // of a model that was built to trace
  Eval eval_ = nullptr;
};

}  // namespace fewbit::verify
