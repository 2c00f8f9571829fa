// Worked example: a design of two operators and a memory, built, verified and written out.
// SPDX-License-Identifier: Apache-2.0
//
//   y[c] = round(sum over k of w[c][k] x[k]), e2m1 weights in a memory; see docs/library.md
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <random>
#include <utility>

#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/rtl/control.h"
#include "fewbit/gen/rtl/design.h"
#include "fewbit/sim/verify/design_simulation.h"

using namespace fewbit;  // an example may
using rtl::Signal;

namespace {

constexpr int kLanes = 4;   // products at a time
constexpr int kBeats = 16;  // of them for one result
constexpr int kRows = 10;   // results

/// The weights of beat b of row c, lane 0 lowest.
BigInt weights(int row, int beat) {
  BigInt word = 0;
  for (int lane = kLanes; lane-- > 0;) {
    word = (word << 4) | ((row * 7 + beat * 5 + lane * 3 + row * beat) % 16);
  }
  return word;
}

/// While valid_i is 1 it takes the beats of x, row after row; y_o is there where valid_o is 1.
void build(rtl::Module& m) {
  const auto made = [](const OperatorRequest& r) { return make_operator_spec(r).value(); };
  const auto dot = made({.op = "dot", .a = "e2m1", .b = "e2m1", .lanes = kLanes, .terms = kBeats});
  const auto round = made({.op = "convert", .a = output_format(dot).name(), .result = "int8"});
  m.header("fewbit_dot_engine - rows of e2m1 weights times a stream of e2m1 vectors");
  m.clocked(rtl::Reset::kAsyncLow);
  const Signal valid = m.input("valid_i", 1);
  const rtl::Counter beat = counter(m, "beat", kBeats, valid);
  const rtl::Counter row = counter(m, "row", kRows, m.net("row_ends", valid & beat.last));
  const auto behind = [&](const std::string& name, const Signal& value) {
    const Signal q = m.reg(name, value.width());
    m.drive(q, value);
    return q;
  };

  m.section("Weights, one clock edge after their address; the beat waits for them");
  rtl::MemorySpec spec{.depth = kRows * kBeats, .width = kLanes * 4, .in_file = true};
  for (int i = 0; i < spec.depth; ++i) spec.contents.push_back(weights(i / kBeats, i % kBeats));
  const Signal address = m.net("address", rtl::concat({row.value, beat.value}));
  const Signal word = m.read(m.memory("weights", spec), "weight", address);
  const Signal first = m.net("first", equal(beat.value, m.constant(4, 0)));

  m.section("Exact sum of a row, and one rounding");
  const auto sum = m.instance(ops::module_of(dot), "u_dot",
                              {{"valid_i", behind("valid_q", valid)},
                               {"first_i", behind("first_q", first)},
                               {"a_i", word},
                               {"b_i", behind("x_q", m.input("x_i", kLanes * 4))}});
  const auto rounded = m.instance(ops::module_of(round), "u_round", {{"a_i", sum["acc_o"]}});
  Signal whole = behind("whole_0_q", m.net("whole", valid & beat.last));
  for (int k = 1; k <= dot.latency(); ++k) whole = behind(fmt::format("whole_{}_q", k), whole);
  m.output("valid_o", whole);
  m.output("y_o", rounded["result_o"]);
}

double value_of(unsigned code) {  // of the lowest four bits, as e2m1
  const double magnitudes[] = {0, 0.5, 1, 1.5, 2, 3, 4, 6};
  return (code & 8) != 0 ? -magnitudes[code & 7] : magnitudes[code & 7];
}

/// Beats with gaps between them; the results in order.
class Engine : public verify::Behaviour {
 public:
  bool drive(verify::Ports& inputs, std::string& phase) override {
    phase = "rows";
    const bool valid = ++cycle_ > 2 && random_() % 4 != 0;
    const unsigned x = random_() & 0xffff;
    inputs = {{"rst_ni", cycle_ > 2 ? 1 : 0}, {"valid_i", valid ? 1 : 0}, {"x_i", x}};
    for (int lane = 0; valid && lane < kLanes; ++lane) {
      const auto w = static_cast<unsigned>(weights(beat_ / kBeats % kRows, beat_ % kBeats));
      sum_ += value_of(w >> (4 * lane)) * value_of(x >> (4 * lane));
    }
    if (valid && ++beat_ % kBeats == 0) results.push_back(std::nearbyint(std::exchange(sum_, 0)));
    return cycle_ < 20000;
  }
  verify::Ports expect(const verify::Ports& outputs) override {
    if (cycle_ < 3 || outputs.at("valid_o") == 0) return {};
    if (results.empty()) return {{"valid_o", 0}};
    const int result = static_cast<int>(std::clamp(results.front(), -128.0, 127.0));
    results.pop_front();
    return {{"y_o", result & 255}};
  }
  std::deque<double> results;  ///< that are still to come

 private:
  std::mt19937 random_{1};
  int cycle_ = 0, beat_ = 0;
  double sum_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  rtl::Module m("fewbit_dot_engine");
  build(m);
  const rtl::EmittedDesign design = rtl::Design(m).emit();
  if (argc > 1 && !write_files(argv[1], ops::output_files(design)).ok()) return 2;
  Engine engine;
  const auto report = verify::verify_design(design, engine, {});
  if (!report.ok()) return fmt::print(stderr, "{}\n", report.error().message()), 2;
  fmt::print("{}", verify::to_text(*report));
  return report->passed && engine.results.size() <= 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
