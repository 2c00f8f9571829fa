// Benchmarks: emission of the grid's MACs, the model, the in-process evaluator.
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/rtl/evaluator.h"
#include "fewbit/gen/util/check.h"
#include "fewbit/sim/model/operators.h"

namespace fewbit {
namespace {

OperatorSpec spec_of(const std::string& op, const std::string& a, const std::string& b) {
  return make_operator_spec({.op = op, .a = a, .b = b}).value();
}

/// All 900 ordered pairs of the paper's formats of 3 to 8 bits.
std::vector<OperatorSpec> grid_macs() {
  std::vector<OperatorSpec> specs;
  for (const Format& a : paper_formats(3, 8)) {
    for (const Format& b : paper_formats(3, 8)) specs.push_back(spec_of("mac", a.name(), b.name()));
  }
  return specs;
}

void emit_grid_macs(benchmark::State& state) {
  const std::vector<OperatorSpec> specs = grid_macs();
  for (auto _ : state) {
    for (const OperatorSpec& spec : specs) benchmark::DoNotOptimize(ops::emit(spec));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(specs.size()));
}
BENCHMARK(emit_grid_macs)->Unit(benchmark::kMillisecond);

/// All 65,536 products of two 8-bit operands, rounded.
void model_mul_e4m3fn(benchmark::State& state) {
  OperatorSpec spec = spec_of("mul", "e4m3fn", "e4m3fn");
  spec.result = spec.a;
  for (auto _ : state) {
    for (int pair = 0; pair < 65536; ++pair) {
      benchmark::DoNotOptimize(model::evaluate(spec, pair >> 8, pair & 255));
    }
  }
  state.SetItemsProcessed(state.iterations() * 65536);
}
BENCHMARK(model_mul_e4m3fn)->Unit(benchmark::kMillisecond);

void model_mac_e4m3fn(benchmark::State& state) {
  model::Accumulator accumulator(spec_of("mac", "e4m3fn", "e4m3fn"));
  int pair = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(accumulator.step(pair % 1024 == 0, (pair >> 8) & 255, pair & 255));
    ++pair;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(model_mac_e4m3fn);

void evaluate_mul_e4m3fn(benchmark::State& state) {
  const OperatorSpec spec = spec_of("mul", "e4m3fn", "e4m3fn");
  rtl::Module module(spec.module_name());
  ops::build(module, spec);
  rtl::Evaluator evaluator(module);
  int pair = 0;
  for (auto _ : state) {
    evaluator.set("a_i", (pair >> 8) & 255);
    evaluator.set("b_i", pair & 255);
    evaluator.settle();
    benchmark::DoNotOptimize(evaluator.get("result_o"));
    ++pair;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(evaluate_mul_e4m3fn);

}  // namespace
}  // namespace fewbit

BENCHMARK_MAIN();
