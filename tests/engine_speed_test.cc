// MHz of a layer on ECP5 beside those of its rows alone, placed and routed; `make engine-speed`
// runs it. FEWBIT_SEEDS: place-and-route runs of each, 1 where not given.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <memory>

#include "fewbit/flows/cost.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/rtl/design.h"
#include "fewbit/sim/model/blocks/matvec.h"
#include "fewbit/sim/model/blocks/requantizer.h"
#include "fewbit/sim/verify/stream_behaviour.h"
#include "fewbit/sim/verify/verify.h"
#include "fewbit/tests/block_run.h"
#include "fewbit/tests/engine_layers.h"

namespace fewbit {
namespace {

using fewbit::testing::append;
using fewbit::testing::kEngineLayers;
using fewbit::testing::layer;
using fewbit::testing::layer_of;
using fewbit::testing::LayerSpecs;
using fewbit::testing::NamedLayer;
using fewbit::testing::random_codes;

/// A layer of the rows alone may be at most so much faster.
constexpr double kLeastShare = 0.85;

rtl::EmittedDesign emitted(const LayerSpecs& specs) {
  rtl::Module m("fewbit_layer");
  m.header("fewbit_layer - a matrix and a requantizer");
  m.clocked(rtl::Reset::kAsyncLow);
  const blocks::Stream x = blocks::input_stream(
      m, "x", {.data_bits = specs.matvec.lanes * specs.matvec.activation.bits(), .has_last = true});
  blocks::output_stream(m, "y", layer(m, specs, x));
  rtl::EmittedDesign design = rtl::Design(m).emit();
  design.signature.arch = "block";
  design.signature.dsp = "one";
  return design;
}

/// A few vectors and the codes of the models.
Result<bool> does_as_its_model(const LayerSpecs& specs, const rtl::EmittedDesign& design) {
  verify::StreamPlan plan = verify::streams_of(design.signature);
  const auto answers = std::make_shared<model::Beats>();
  plan.stimulus = [specs, answers](std::mt19937_64& random, std::size_t /*count*/) {
    const model::Matvec matvec(specs.matvec);
    model::Beats sent;
    answers->clear();
    for (int vector = 0; vector < 3; ++vector) {
      const int bits = specs.matvec.activation.bits();
      const std::vector<Code> x = random_codes(random, specs.matvec.terms, bits);
      append(sent, x, specs.matvec.lanes, bits);
      append(*answers, model::requantized(specs.requantizer, matvec(x)), specs.requantizer.units,
             specs.requantizer.result.bits());
    }
    return model::StreamBeats{{"x", sent}};
  };
  plan.model = [answers](const model::StreamBeats&) { return model::StreamBeats{{"y", *answers}}; };
  plan.at_full_rate = false;
  verify::StreamBehaviour behaviour(plan, {.beats = 300, .runs = 3});
  FEWBIT_ASSIGN_OR_RETURN(report, verify::verify_design(design, behaviour, {}));
  return report.passed;
}

flows::CostOptions options_of(
    const std::function<Result<bool>(const rtl::EmittedDesign&)>& is_equal) {
  const char* seeds = std::getenv("FEWBIT_SEEDS");
  return {
      .seeds = seeds == nullptr ? 1 : std::atoi(seeds),
      .jobs = 1,
      .is_equal_to_model = [is_equal](const std::vector<flows::Netlist>& netlists) -> Result<bool> {
        for (const flows::Netlist& netlist : netlists) {
          FEWBIT_ASSIGN_OR_RETURN(equal, is_equal(netlist.design));
          if (!equal) return false;
        }
        return true;
      },
      .progress = [](const std::string& step) { fmt::print(stderr, "  {}\n", step); }};
}

class EngineSpeed : public ::testing::TestWithParam<NamedLayer> {};

TEST_P(EngineSpeed, ALayerIsNearlyAsFastAsItsRows) {
  const LayerSpecs specs = layer_of(GetParam().shape);
  const flows::Target target = flows::find_target("ecp5-25f").value();
  const auto whole = flows::measure_cost(
      emitted(specs), target,
      options_of([&](const rtl::EmittedDesign& one) { return does_as_its_model(specs, one); }));
  ASSERT_TRUE(whole.ok()) << whole.error().message();
  const auto row = flows::measure_cost(
      ops::emit(specs.matvec.dot), target, options_of([&](const rtl::EmittedDesign& one) {
        return [&]() -> Result<bool> {
          FEWBIT_ASSIGN_OR_RETURN(reports,
                                  verify::verify({{specs.matvec.dot, one, {}, "row"}}, {}));
          return reports.front().passed;
        }();
      }));
  ASSERT_TRUE(row.ok()) << row.error().message();
  ASSERT_TRUE(whole->fmax_mhz && row->fmax_mhz);
  const double share = whole->fmax_mhz->median / row->fmax_mhz->median;
  fmt::print("| {} | {} x {} | {} | {} | {} | {} | {:.0f} | {:.0f} | {:.0f} % |\n", GetParam().name,
             specs.matvec.rows, specs.matvec.lanes, whole->lut_equivalents, whole->ffs,
             whole->brams, whole->dsps, whole->fmax_mhz->median, row->fmax_mhz->median,
             100 * share);
  EXPECT_EQ(whole->fmax_mhz->failed, 0);
  EXPECT_GE(share, kLeastShare);
}

INSTANTIATE_TEST_SUITE_P(Layers, EngineSpeed, ::testing::ValuesIn(kEngineLayers),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace fewbit
