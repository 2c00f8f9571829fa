// MPFR as a judge: the exact result of every operator, rounded by MPFR into any format.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "fewbit/tests/oracles/mpfr_format.h"
#include "fewbit/tests/oracles/mpfr_number.h"
#include "fewbit/tests/oracles/serve.h"

namespace fewbit::oracles {
namespace {

using Shared = std::shared_ptr<const MpfrFormat>;
using Codes = std::vector<std::uint64_t>;

void check_exact(int inexact) {
  FEWBIT_CHECK(inexact == 0, "a result needs more than {} bits", kExactBits);
}

/// The elements of one operand of a case.
class Operand {
 public:
  Operand(Shared format, std::size_t position, std::size_t lanes)
      : format_(std::move(format)), position_(position), numbers_(lanes) {}

  void decode(const Codes& codes, bool flushes) {
    for (std::size_t k = 0; k < numbers_.size(); ++k) {
      std::uint64_t code = codes[position_];
      if (numbers_.size() > 1) {
        code = (code >> (k * format_->bits())) & ((std::uint64_t{1} << format_->bits()) - 1);
      }
      format_->decode(code, numbers_[k].get());
      if (flushes) format_->flush(numbers_[k].get());
    }
  }
  mpfr_ptr number(std::size_t lane = 0) { return numbers_[lane].get(); }
  [[nodiscard]] std::size_t lanes() const { return numbers_.size(); }

 private:
  Shared format_;
  std::size_t position_;
  std::vector<Number> numbers_;
};

/// Everything one request needs.
class Judgement {
 public:
  Judgement(const Request& request, Shared result)
      : op_(request.op),
        result_(std::move(result)),
        first_(request.position("f")),
        shift_(request.position("h")),
        random_(request.position("r")) {
    scale_policy_ = request.field("scale_policy");
    ignores_nan_ = request.field("nan") == "ignore";
    policy_.rounding = request.field("rounding");
    policy_.overflow = request.field("overflow");
    const std::string subnormals = request.field("subnormals");
    policy_.flushes_inputs = subnormals == "flush" || subnormals == "flush_inputs";
    policy_.flushes_outputs = subnormals == "flush" || subnormals == "flush_outputs";
    if (random_) policy_.random_bits = std::stoi(request.field("r").substr(4));  // uint<N>
    mode_ = mpfr_mode(policy_.rounding);
  }

  void add_operand(const Shared& format, std::size_t position, std::size_t lanes) {
    operands_.push_back(std::make_unique<Operand>(format, position, lanes));
  }

  std::uint64_t answer(const Codes& codes) {
    if (random_) policy_.random = codes[*random_];
    for (const auto& operand : operands_) operand->decode(codes, policy_.flushes_inputs);
    if (op_ == "mxquant") return quantised_block();
    compute(codes);
    last_ = result_->encode(exact_.get(), policy_);
    return last_;
  }

 private:
  mpfr_ptr number(std::size_t operand) { return operands_[operand]->number(); }

  /// exact_ = the operator of the operands.
  void compute(const Codes& codes) {
    if (op_ == "decode" || op_ == "convert") {
      mpfr_set(exact_.get(), number(0), MPFR_RNDN);
    } else if (op_ == "mul") {
      check_exact(mpfr_mul(exact_.get(), number(0), number(1), mode_));
    } else if (op_ == "add") {
      check_exact(mpfr_add(exact_.get(), number(0), number(1), mode_));
    } else if (op_ == "sub") {
      check_exact(mpfr_sub(exact_.get(), number(0), number(1), mode_));
    } else if (op_ == "max" || op_ == "min") {
      choose();
    } else if (op_ == "fma") {
      check_exact(mpfr_fma(exact_.get(), number(0), number(1), number(2), mode_));
    } else if (op_ == "dot" || op_ == "mxdot") {
      sum_products();
    } else if (op_ == "requant") {
      requantise(codes);
    } else {
      FEWBIT_CHECK(first_.has_value(), "{} is no operator of the MPFR judge", op_);
      accumulate(codes[*first_] != 0);
    }
  }

  /// MPFR's choice is that of maximumNumber: one NaN is ignored.
  void choose() {
    const bool any_nan = mpfr_nan_p(number(0)) != 0 || mpfr_nan_p(number(1)) != 0;
    if (any_nan && !ignores_nan_) return mpfr_set_nan(exact_.get());
    const auto function = op_ == "max" ? mpfr_max : mpfr_min;
    check_exact(function(exact_.get(), number(0), number(1), mode_));
  }

  /// The zero of a dot product has no sign of its own: +0, rounded downward -0.
  void sum_products() {
    mpfr_set_zero(exact_.get(), 1);
    for (std::size_t k = 0; k < operands_[0]->lanes(); ++k) {
      check_exact(mpfr_fma(exact_.get(), operands_[0]->number(k), operands_[1]->number(k),
                           exact_.get(), mode_));
    }
    for (std::size_t scale = 2; scale < operands_.size(); ++scale) {
      check_exact(mpfr_mul(exact_.get(), exact_.get(), number(scale), mode_));
    }
    if (mpfr_zero_p(exact_.get()) != 0) {
      mpfr_set_zero(exact_.get(), mode_ == MPFR_RNDD ? -1 : 1);
    }
  }

  /// a, or a x b, divided by 2^shift; zeros of integers are +0.
  void requantise(const Codes& codes) {
    mpfr_set(exact_.get(), number(0), MPFR_RNDN);
    if (operands_.size() > 1) {
      check_exact(mpfr_mul(exact_.get(), exact_.get(), number(1), MPFR_RNDN));
    }
    mpfr_div_2ui(exact_.get(), exact_.get(), codes[*shift_], MPFR_RNDN);
    if (mpfr_zero_p(exact_.get()) != 0) mpfr_set_zero(exact_.get(), 1);
  }

  /// facc, fmac: the sum so far is the last answer; it begins as +0.
  void accumulate(bool starts) {
    Number addend;
    if (op_ == "fmac") {
      check_exact(mpfr_mul(addend.get(), number(0), number(1), mode_));
    } else {
      mpfr_set(addend.get(), number(0), MPFR_RNDN);
    }
    if (starts) {
      mpfr_swap(exact_.get(), addend.get());
    } else {
      Number sum;
      result_->decode(last_, sum.get());
      check_exact(mpfr_add(exact_.get(), sum.get(), addend.get(), mode_));
    }
  }

  /// The exponent of the block's scale before emax is taken off: of its largest magnitude, rounded
  /// as the policy has it. The magnitude is not zero.
  [[nodiscard]] long block_exponent(mpfr_ptr magnitude) const {
    Number rounded(scale_policy_ == "even" ? result_->precision() : 1);
    const mpfr_rnd_t mode =
        scale_policy_ == "even" ? MPFR_RNDN : (scale_policy_ == "ceil" ? MPFR_RNDU : MPFR_RNDD);
    mpfr_set(rounded.get(), magnitude, mode);
    return mpfr_get_exp(rounded.get()) - 1;
  }

  /// mxquant: the elements, and above them the scale, 0xff alone where an operand is no number.
  std::uint64_t quantised_block() {
    Operand& block = *operands_[0];
    const auto element_bits = static_cast<std::size_t>(result_->bits());
    Number largest;
    mpfr_set_zero(largest.get(), 1);
    for (std::size_t k = 0; k < block.lanes(); ++k) {
      if (mpfr_number_p(block.number(k)) == 0)
        return std::uint64_t{0xff} << (block.lanes() * element_bits);
      if (mpfr_cmpabs(block.number(k), largest.get()) > 0)
        mpfr_abs(largest.get(), block.number(k), MPFR_RNDN);
    }
    long exponent = -127;
    if (mpfr_zero_p(largest.get()) == 0) {
      exponent =
          std::clamp(block_exponent(largest.get()) - result_->largest_exponent(), -127L, 127L);
    }
    std::uint64_t answer = static_cast<std::uint64_t>(exponent + 127)
                           << (block.lanes() * element_bits);
    for (std::size_t k = 0; k < block.lanes(); ++k) {
      mpfr_mul_2si(exact_.get(), block.number(k), -exponent, MPFR_RNDN);
      Policy saturating;
      saturating.symmetric = true;
      answer |= result_->encode(exact_.get(), saturating) << (k * element_bits);
    }
    return answer;
  }

  std::string op_;
  std::string scale_policy_;
  bool ignores_nan_ = false;
  Shared result_;
  std::optional<std::size_t> first_, shift_, random_;
  std::vector<std::unique_ptr<Operand>> operands_;
  Policy policy_;
  mpfr_rnd_t mode_ = MPFR_RNDN;
  Number exact_;
  std::uint64_t last_ = 0;
};

Result<Answer> prepare(const Request& request) {
  const bool is_decode = request.op == "decode";
  FEWBIT_ASSIGN_OR_RETURN(result, mpfr_format(is_decode ? "binary64" : request.field("result")));
  const auto judgement = std::make_shared<Judgement>(request, result);
  const std::string lanes = request.field("lanes");
  for (const std::string name : {"a", "b", "c", "s", "t"}) {
    const auto position = request.position(name);
    if (!position) continue;
    FEWBIT_ASSIGN_OR_RETURN(format, mpfr_format(request.field(name)));
    const bool is_vector = !lanes.empty() && (name == "a" || name == "b");
    judgement->add_operand(format, *position, is_vector ? std::stoul(lanes) : 1);
  }
  return Answer([judgement](const Codes& codes) { return judgement->answer(codes); });
}

}  // namespace
}  // namespace fewbit::oracles

int main(int argc, char** argv) {
  return fewbit::oracles::serve(argc, argv, mpfr_get_version(), fewbit::oracles::prepare);
}
