// Worked example: a complex multiply-accumulate of e2m1 numbers, composed from fewbit's pieces.
// SPDX-License-Identifier: Apache-2.0
//
//   acc += (a.re + j a.im) x (b.re + j b.im), exactly; see docs/library.md
#include <fmt/format.h>

#include <complex>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "gen/ops/exact_product.h"
#include "gen/rtl/printer.h"
#include "sim/verify/simulation.h"

using namespace fewbit;  // an example may
using rtl::Signal;

namespace {

constexpr int kAccBits = 20;  // 4,096 terms of at most 2 x 36, in units of 1/4, and a sign

/// One lane of the sum: first ? x + y : acc + x + y, loaded where valid.
Signal lane(rtl::Module& m, const std::string& name, const Signal& valid, const Signal& first,
            const ops::Addend& x, const ops::Addend& y) {
  const Signal acc = m.reg(name + "_q", kAccBits, {.enable = valid});
  const Signal kept = m.net(name + "_kept", acc & rtl::replicate(~first, kAccBits));
  // A negative product comes in one's complement; its +1 is the carry-in of the adder that takes
  // it.
  const Signal one = m.net(name + "_one", add_with_carry(kept, x.extended(kAccBits), x.carry));
  const Signal sum = m.net(name + "_sum", add_with_carry(one, y.extended(kAccBits), y.carry));
  m.drive(acc, sum);
  return acc;
}

rtl::EmittedDesign complex_mac(const Format& format) {
  rtl::Module m("fewbit_complex_mac");
  m.header("fewbit_complex_mac - exact complex multiply-accumulate, operands {im, re}");
  m.clocked(rtl::Reset::kSyncHigh);
  const Signal valid = m.input("valid_i", 1);
  const Signal first = m.input("first_i", 1);
  const int bits = format.bits();
  const Signal a = m.input("a_i", 2 * bits);
  const Signal b = m.input("b_i", 2 * bits);

  m.section("Unpack");
  const ops::Unpacked a_re = ops::unpack(m, format, a.low(bits), "a_re", false);
  const ops::Unpacked a_im = ops::unpack(m, format, a.slice(2 * bits - 1, bits), "a_im", false);
  const ops::Unpacked b_re = ops::unpack(m, format, b.low(bits), "b_re", false);
  const ops::Unpacked b_im = ops::unpack(m, format, b.slice(2 * bits - 1, bits), "b_im", false);

  m.section("Four exact products");
  OperatorSpec mul;
  mul.a = format;
  mul.b = format;
  const auto product = [&](const ops::Unpacked& x, const ops::Unpacked& y, int negate) {
    return ops::exact_product(m, x, &y, m.constant(1, negate), mul, {}, kAccBits);
  };
  const ops::Addend re_re = product(a_re, b_re, 0);
  const ops::Addend im_im = product(a_im, b_im, 1);  // j x j = -1
  const ops::Addend re_im = product(a_re, b_im, 0);
  const ops::Addend im_re = product(a_im, b_re, 0);

  m.section("Two sums");
  const Signal re = lane(m, "acc_re", valid, first, re_re, im_im);
  const Signal im = lane(m, "acc_im", valid, first, re_im, im_re);
  const Signal valid_q = m.reg("valid_q", 1);
  m.drive(valid_q, valid);
  m.output("valid_o", valid_q);
  m.output("acc_o", rtl::concat({im, re}));

  rtl::EmittedDesign design;
  design.files = {{m.name() + ".sv", rtl::print(m)}};
  design.signature.module = m.name();
  design.signature.reset = "sync_high";
  design.signature.latency_cycles = 1;
  using enum rtl::Direction;
  using enum rtl::PortRole;
  design.signature.ports = {
      {"clk_i", kInput, kClock, 1},        {"rst_i", kInput, kReset, 1},
      {"valid_i", kInput, kValid, 1},      {"first_i", kInput, kFirst, 1},
      {"a_i", kInput, kOperand, 2 * bits}, {"b_i", kInput, kOperand, 2 * bits},
      {"valid_o", kOutput, kValid, 1},     {"acc_o", kOutput, kResult, 2 * kAccBits}};
  return design;
}

/// The model in a few lines: e2m1's eight magnitudes, and complex arithmetic in double, exact here.
double value_of(unsigned code) {
  const double magnitudes[] = {0, 0.5, 1, 1.5, 2, 3, 4, 6};
  return (code & 8) != 0 ? -magnitudes[code & 7] : magnitudes[code & 7];
}
std::complex<double> complex_of(unsigned code) {
  return {value_of(code & 15), value_of(code >> 4)};
}

double lane_value(std::uint64_t bits) {
  const auto shifted = static_cast<std::int64_t>(bits << (64 - kAccBits));
  return static_cast<double>(shifted >> (64 - kAccBits)) / 4;
}

}  // namespace

int main(int argc, char** argv) {
  // A mul of 8 bits each says what the operand ports are: two e2m1 numbers side by side.
  const auto ports = make_operator_spec({.op = "mul", .a = "uint8", .b = "uint8"});
  const verify::Subject subject{.spec = *ports, .design = complex_mac(*parse_format("e2m1"))};
  if (argc > 1) {
    const Status written = write_files(argv[1], subject.design.files);
    if (!written.ok()) return fmt::print(stderr, "{}\n", written.error().message()), 2;
  }
  const auto runtime = verify::verilator_runtime();
  if (!runtime.ok()) return fmt::print(stderr, "{}\n", runtime.error().message()), 2;
  auto built = verify::Simulation::build({&subject}, *runtime, 1);
  if (!built.ok()) return fmt::print(stderr, "{}\n", built.error().message()), 2;
  verify::Simulation& simulation = **built;

  const auto clock = [&](const verify::Pins& pins) {
    simulation.drive(0, pins);
    simulation.eval(false);
    simulation.eval(true);
  };
  clock({.reset_level = true});
  std::mt19937 random(1);
  std::complex<double> expected = 0;
  int checked = 0;
  for (unsigned i = 0; i < 1U << 16; ++i) {  // every pair of complex operands, in sums of 4,096
    const unsigned order = (i * 40503U) & 0xffff;
    const bool valid = random() % 8 != 0;
    const bool first = i % 4096 == 0;
    const model::Operands operands = {order >> 8, order & 255};
    const model::Operands others = {order & 255, 7};
    if (!valid) clock({.operands = &others, .valid = false, .first = true});  // a gap
    clock({.operands = &operands, .valid = true, .first = first});
    const auto product = complex_of(order >> 8) * complex_of(order & 255);
    expected = first ? product : expected + product;
    const std::uint64_t got = simulation.result(0)[0];
    const std::complex<double> sum(lane_value(got), lane_value(got >> kAccBits));
    if (!simulation.valid(0) || sum != expected) {
      fmt::print("operands {:#x} {:#x}: expected {} {}, got {} {}\n", order >> 8, order & 255,
                 expected.real(), expected.imag(), sum.real(), sum.imag());
      return 1;
    }
    ++checked;
  }
  fmt::print("complex MAC of e2m1: {} products, every pair of operands, equal to the model\n",
             checked);
  return EXIT_SUCCESS;
}
