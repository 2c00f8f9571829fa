// A convolution made of blocks against their models, one behind the other; and what the tools say
// to the text of every block.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <sstream>

#include "fewbit/gen/blocks/depthwise.h"
#include "fewbit/gen/blocks/join.h"
#include "fewbit/gen/blocks/pool.h"
#include "fewbit/gen/blocks/thresholds.h"
#include "fewbit/gen/blocks/window.h"
#include "fewbit/gen/util/process.h"
#include "fewbit/sim/model/blocks/matvec.h"
#include "fewbit/sim/model/blocks/requantizer.h"
#include "fewbit/sim/model/blocks/window.h"
#include "fewbit/tests/block_run.h"
#include "fewbit/tests/engine_layers.h"

namespace fewbit {
namespace {

using fewbit::testing::append;
using fewbit::testing::layer;
using fewbit::testing::layer_of;
using fewbit::testing::LayerSpecs;
using fewbit::testing::Outcome;
using fewbit::testing::random_codes;
using fewbit::testing::run_block;
using fewbit::testing::Traffic;

WindowSpec window_spec() {
  WindowRequest request{.format = "ue1m3f"};
  request.height = 5;
  request.width = 6;
  request.channels = 4;
  request.lanes = 2;
  request.kernel = 3;
  request.pad_top = request.pad_left = request.pad_bottom = request.pad_right = 1;
  return make_window_spec(request).value();
}

/// 3 x 3 x 4 terms, 6 outputs, 4 rows of 2 terms at a time.
LayerSpecs layer_specs() { return layer_of({"e2m0f", "ue1m3f", "ue1m3f", 6, 36, 4, 2, ""}); }

void convolution(rtl::Module& m) {
  m.header("fewbit_convolution - windows, a matrix and a requantizer");
  m.clocked(rtl::Reset::kAsyncLow);
  const blocks::Stream x = blocks::input_stream(m, "x", {.data_bits = 8});
  const auto windows =
      blocks::stream_instance(m, blocks::window(window_spec()), "u_window", {{"x", x}});
  blocks::output_stream(m, "y", layer(m, layer_specs(), windows["y"]));
}

TEST(Engine, AConvolutionDoesAsItsModels) {
  const WindowSpec window = window_spec();
  const LayerSpecs specs = layer_specs();
  const auto make = [&](std::mt19937_64& random, std::size_t count) {
    Traffic traffic;
    const model::Matvec matvec(specs.matvec);
    while (std::max(traffic.x.size(), traffic.y.size()) < count) {
      const std::vector<Code> image = random_codes(random, 5 * 6 * 4, 4);
      append(traffic.x, image, 2, 4);
      const std::vector<Code> terms = model::windows(window, image);
      for (auto at = terms.begin(); at != terms.end(); at += 36) {
        append(traffic.y, model::requantized(specs.requantizer, matvec({at, at + 36})), 1, 4);
      }
    }
    return traffic;
  };
  rtl::Module m("fewbit_convolution");
  convolution(m);
  const Outcome outcome = run_block(m, make, false, 600);
  EXPECT_TRUE(outcome.report.passed) << outcome.text();
  // A window takes its beats for each group of rows: 18 x 2 cycles for 6 codes.
  EXPECT_NEAR(outcome.rates.at("y"), 6.0 / 36, 0.01);
}

std::string run_in(const ScratchDirectory& folder, std::vector<std::string> argv,
                   const std::vector<TextFile>& files) {
  for (const TextFile& file : files) argv.push_back(file.name);
  const auto result = run_tool(ToolKind::kSimulation, argv, folder.path());
  EXPECT_TRUE(result.ok()) << result.error().message();
  if (!result.ok()) return "";
  EXPECT_EQ(result->exit_code, 0) << result->log();
  return result->log();
}

/// Verilator -Wall, Icarus and Yosys have nothing to say.
void expect_clean(rtl::Module& module) {
  const rtl::EmittedDesign design = rtl::Design(module).emit();
  const ScratchDirectory folder = ScratchDirectory::make().value();
  ASSERT_TRUE(write_files(folder.path(), design.files).ok());
  ASSERT_TRUE(write_files(folder.path(), design.data_files).ok());
  EXPECT_EQ(run_in(folder, {"verilator", "--lint-only", "-Wall", "--top-module", module.name()},
                   design.files),
            "");
  EXPECT_EQ(run_in(folder, {"iverilog", "-g2012", "-Wall", "-o", "a.vvp"}, design.files), "");
  EXPECT_EQ(run_in(folder,
                   {"yosys", "-q", "-f", "verilog -sv", "-p",
                    "hierarchy -check -top " + module.name() + "; proc; check -assert"},
                   design.files),
            "");
  for (const TextFile& file : design.files) {
    std::istringstream lines(file.text);
    for (std::string line; std::getline(lines, line);) {
      const bool has_a_name = line.find("fewbit") != std::string::npos;  // or a command
      EXPECT_TRUE(line.size() <= 100 || has_a_name) << line;
    }
  }
}

TEST(Engine, TheToolsHaveNothingToSay) {
  rtl::Module m("fewbit_convolution");
  convolution(m);
  expect_clean(m);
  ThresholdsRequest thresholds{.sums_format = "int12", .result_format = "e2m0f"};
  thresholds.outputs = 3;
  thresholds.rows = 2;
  thresholds.thresholds.assign(3, {-500, -200, -60, 10, 70, 800});
  expect_clean(*blocks::thresholds(make_thresholds_spec(thresholds).value()));
  PoolRequest pool{.format = "e2m1"};
  pool.pixels = 4;
  pool.channels = 4;
  pool.lanes = 2;
  expect_clean(*blocks::pool_max(make_pool_max_spec(pool).value()));
  expect_clean(*blocks::pool_mean(make_pool_mean_spec(pool).value()));
  DepthwiseRequest depthwise{.weights_format = "int4", .activations_format = "uint4"};
  depthwise.pixels = 9;
  depthwise.channels = 2;
  depthwise.weights.assign(18, 5);
  expect_clean(*blocks::depthwise(make_depthwise_spec(depthwise).value()));
  JoinRequest join{.format = "int16"};
  join.lanes = 2;
  join.left = Scaling{40000, 17};
  expect_clean(*blocks::join(make_join_spec(join).value()));
  ArgmaxRequest argmax{.format = "int16"};
  argmax.classes = 10;
  expect_clean(*blocks::argmax(make_argmax_spec(argmax).value()));
}

}  // namespace
}  // namespace fewbit
