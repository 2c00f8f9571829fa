// Requests whose test benches are run: every operator, and every way in which one is clocked.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>

#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/process.h"
#include "fewbit/sim/testbench/testbench.h"
#include "fewbit/tests/request_matrix.h"

namespace fewbit::testing {

inline std::vector<OperatorSpec> operators_of_benches() {
  std::vector<OperatorSpec> specs;
  for (const OperatorInfo& info : operator_table()) {
    specs.push_back(make_operator_spec(plain_request(info.name)).value());
  }
  return specs;
}

inline std::vector<OperatorSpec> clocked_benches() {
  std::vector<OperatorSpec> specs;
  for (const OperatorRequest& request : std::vector<OperatorRequest>{
           {.op = "mul", .a = "int3", .b = "e2m1", .handshake = "valid"},
           {.op = "mul", .a = "e2m1", .b = "e2m1", .latency = 4, .handshake = "valid_ready"},
           {.op = "add",
           .a = "e3m2",
           .b = "e4m3fn",
           .result = "e4m3fn",
           .tag_bits = 1,
           .handshake = "valid_ready",
           .reset = "sync_high"},
           {.op = "convert",
           .a = "e5m2",
           .result = "e2m1",
           .rounding = "stochastic_b",
           .random_bits = 4,
           .tag_bits = 64,
           .handshake = "valid",
           .reset = "none"},
           {.op = "mul", .a = "e5m2", .b = "e5m2"},
           {.op = "dot", .a = "e5m2", .b = "int4", .lanes = 3, .terms = 9, .reset = "sync_low"},
           {.op = "mac", .a = "int4", .b = "int4", .acc_width = 12, .latency = 5},
           {.op = "acc", .a = "e5m2", .overflow = "saturate", .acc_width = 40, .reset = "none"},
           {.op = "fmac",
           .a = "e2m1",
           .b = "e2m1",
           .result = "e4m3fn",
           .arch = "generic",
           .handshake = "valid_ready"},
           {.op = "mxquant", .a = "e3m2", .result = "e2m1", .lanes = 9, .handshake = "valid"},
           {.op = "squant",
           .a = "binary32",
           .result = "uint3",
           .lanes = 2,
           .handshake = "valid"}}) {
    specs.push_back(make_operator_spec(request).value());
  }
  return specs;
}

/// Design and test benches in a folder.
inline void write_bench(const OperatorSpec& spec, const std::filesystem::path& folder) {
  const rtl::EmittedDesign design = ops::emit(spec);
  std::vector<TextFile> files = ops::output_files(design);
  const std::vector<TextFile> sv = testbench::sv_testbench(spec, design.signature);
  files.insert(files.end(), sv.begin(), sv.end());
  files.push_back(testbench::cocotb_testbench(spec, design.signature).front());
  ASSERT_TRUE(write_files(folder, files).ok());
}

inline ProcessResult run_in(const std::filesystem::path& folder,
                            const std::vector<std::string>& argv) {
  const Result<ProcessResult> run = run_process(argv, folder);
  EXPECT_TRUE(run.ok()) << (run.ok() ? "" : run.error().message());
  return run.ok() ? *run : ProcessResult{.exit_code = 127};
}

/// What vvp says and how it ends, after a compilation without a word.
inline ProcessResult run_by_icarus(const std::string& module, const std::filesystem::path& folder) {
  const ProcessResult compiled =
      run_in(folder, {"iverilog", "-g2012", "-Wall", "-Wno-timescale", "-s", module + "_tb", "-o",
                      module + ".vvp", "-f", module + "_tb.f"});
  EXPECT_EQ(compiled.exit_code, 0) << module;
  EXPECT_EQ(compiled.log(), "") << module;
  return run_in(folder, {"vvp", "-n", module + ".vvp"});
}

/// The same by a Verilator with its time, built and run. ccache keeps what all models share.
inline ProcessResult run_by_verilator(const std::string& module,
                                      const std::filesystem::path& folder) {
  const ProcessResult built =
      run_in(folder, {"env", "OBJCACHE=ccache", "verilator", "--binary", "--timing", "--top-module",
                      module + "_tb", "-Mdir", module + "_model", "-o", "run", "-CFLAGS", "-O0",
                      "-f", module + "_tb.f"});
  EXPECT_EQ(built.exit_code, 0) << module << built.log();
  return run_in(folder, {(folder / (module + "_model") / "run").string()});
}

inline void expect_pass(const ProcessResult& run, const std::string& module) {
  EXPECT_EQ(run.exit_code, 0) << run.log();
  EXPECT_THAT(run.log(), ::testing::HasSubstr("PASS " + module + ": ")) << run.log();
}

}  // namespace fewbit::testing
