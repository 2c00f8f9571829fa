// Worked example: a complex multiply-accumulate of e2m1 numbers, composed from fewbit's pieces.
// SPDX-License-Identifier: Apache-2.0
//
//   acc += (a.re + j a.im) x (b.re + j b.im), exactly; see docs/library.md
#include <fmt/format.h>

#include <complex>
#include <cstdlib>
#include <random>

#include "fewbit/gen/ops/product/exact_product.h"
#include "fewbit/gen/rtl/design.h"
#include "fewbit/sim/verify/design_simulation.h"

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

  return rtl::Design(m).emit({{"valid_i", rtl::PortRole::kValid},
                              {"first_i", rtl::PortRole::kFirst},
                              {"valid_o", rtl::PortRole::kValid}});
}

/// The model in a few lines: e2m1's eight magnitudes, and complex arithmetic in double, exact here.
double value_of(unsigned code) {
  const double magnitudes[] = {0, 0.5, 1, 1.5, 2, 3, 4, 6};
  return (code & 8) != 0 ? -magnitudes[code & 7] : magnitudes[code & 7];
}
std::complex<double> complex_of(unsigned code) {
  return {value_of(code & 15), value_of(code >> 4)};
}

BigInt bits_of(double sum) { return to_bits(BigInt(static_cast<int>(sum * 4)), kAccBits); }

/// Every pair of complex operands, in sums of 4,096, with gaps between them.
class ComplexSum : public verify::Behaviour {
 public:
  bool drive(verify::Ports& inputs, std::string& phase) override {
    phase = "every pair";
    held_ = next_;
    const unsigned order = (done_ * 40503U) & 0xffff;
    const bool reset = cycle_++ < 2;
    const bool valid = !reset && random_() % 8 != 0;
    const bool first = !valid || done_ % 4096 == 0;
    inputs = {{"rst_i", reset ? 1 : 0},
              {"valid_i", valid ? 1 : 0},
              {"first_i", first ? 1 : 0},
              {"a_i", order >> 8},
              {"b_i", order & 255}};
    next_.valid = valid;
    if (!valid) return true;
    const auto product = complex_of(order >> 8) * complex_of(order & 255);
    next_.sum = first ? product : next_.sum + product;
    return done_++ < 1U << 16;
  }
  verify::Ports expect(const verify::Ports& /*outputs*/) override {
    if (cycle_ < 3) return {};
    const BigInt sum = bits_of(held_.sum.imag()) << kAccBits | bits_of(held_.sum.real());
    return {{"valid_o", held_.valid ? 1 : 0}, {"acc_o", sum}};
  }

 private:
  struct Held {
    bool valid = false;
    std::complex<double> sum;
  };
  std::mt19937 random_{1};
  int cycle_ = 0;
  unsigned done_ = 0;
  Held held_, next_;
};

}  // namespace

int main(int argc, char** argv) {
  const rtl::EmittedDesign design = complex_mac(*parse_format("e2m1"));
  if (argc > 1) {
    const Status written = write_files(argv[1], design.files);
    if (!written.ok()) return fmt::print(stderr, "{}\n", written.error().message()), 2;
  }
  ComplexSum sum;
  const auto report = verify::verify_design(design, sum, {});
  if (!report.ok()) return fmt::print(stderr, "{}\n", report.error().message()), 2;
  fmt::print("{}", verify::to_text(*report));
  return report->passed ? EXIT_SUCCESS : EXIT_FAILURE;
}
