// Requests for the blocks of a layer: see parameters.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/network/parameters.h"

#include <algorithm>

#include "fewbit/gen/util/check.h"
#include "fewbit/sim/model/exact.h"

namespace fewbit::study {

using quant::LoweredNode;

namespace {

/// A value of a format in its least steps, and its code.
struct Level {
  BigInt units;
  Code code = 0;
};

/// In the order of their values, each once.
std::vector<Level> levels_of(const quant::NumberGrid& grid) {
  const Format& format = grid.format();
  std::vector<Level> levels;
  for (Code code = 0; code < Code{1} << format.bits(); ++code) {
    const model::Datum datum = model::decode(format, BigInt(code));
    if (datum.is_zero() && datum.negative) continue;
    const int exponent = datum.value.exponent - grid.unit_exponent();
    const BigInt& significand = datum.value.significand;
    levels.push_back({exponent >= 0 ? significand << exponent : significand >> -exponent, code});
  }
  std::sort(levels.begin(), levels.end(),
            [](const Level& a, const Level& b) { return a.units < b.units; });
  return levels;
}

BigInt floor_of(const BigInt& numerator, const BigInt& denominator) {
  const BigInt quotient = numerator / denominator;  // towards 0; the denominator is positive
  return numerator % denominator < 0 ? quotient - 1 : quotient;
}

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

}  // namespace

Format format_of(const LoweredNode& node) {
  FEWBIT_CHECK(node.kind != quant::IntegerKind::kSums, "sums of {} have no format", node.name);
  if (node.kind == quant::IntegerKind::kCodes) return node.grid->format();
  return IntFormat{node.bits, true, 0};
}

std::vector<Code> weight_codes(const quant::LinearSums& sums, const Layout& from) {
  std::vector<Code> codes;
  const auto add = [&](std::int64_t place) {
    codes.push_back(sums.weight_grid.code_of(sums.weights[at(place)]));
  };
  if (const auto* shape = std::get_if<quant::ConvolutionShape>(&sums.shape)) {
    const std::int64_t pixels = shape->window[0].kernel * shape->window[1].kernel;
    const std::int64_t channels = shape->channels / shape->groups;
    for (std::int64_t c = 0; c < shape->outputs; ++c) {
      for (std::int64_t p = 0; p < pixels; ++p) {
        for (std::int64_t i = 0; i < channels; ++i) add((c * channels + i) * pixels + p);
      }
    }
    return codes;
  }
  const auto& shape = std::get<quant::MatrixShape>(sums.shape);
  for (std::int64_t c = 0; c < shape.columns; ++c) {
    for (int k = 0; k < shape.terms; ++k) {
      const std::int64_t term = element_of(from, k);
      add(shape.right_transposed ? c * shape.terms + term : term * shape.columns + c);
    }
  }
  return codes;
}

std::vector<Code> depthwise_codes(const quant::LinearSums& sums) {
  const std::int64_t pixels = sums.terms();
  std::vector<Code> codes;
  for (std::int64_t p = 0; p < pixels; ++p) {
    for (std::int64_t c = 0; c < sums.channels(); ++c) {
      codes.push_back(sums.weight_grid.code_of(sums.weights[at(c * pixels + p)]));
    }
  }
  return codes;
}

int sum_lsb(const quant::LinearSums& sums, const LoweredNode& operand, const IntFormat& sum,
            int sum_shift) {
  const int unit = sums.weight_grid.unit_exponent() + operand.grid->unit_exponent();
  return sum.lsb_exponent - unit + sum_shift;
}

Clamps clamps_of(const LoweredNode& node, const std::optional<quant::Bounds>& bounds) {
  const bool is_codes = node.kind == quant::IntegerKind::kCodes;
  const Format format = format_of(node);
  const double most = is_codes ? node.grid->max() : std::ldexp(1.0, node.bits - 1) - 1;
  double least = 0;
  if (format.is_signed()) least = is_codes ? -most : -most - 1;
  const quant::Bounds own = bounds.value_or(quant::Bounds{least, most});
  const auto code = [&](double value) -> Code {
    if (is_codes) return node.grid->code_of(value);
    return to_bits(BigInt(static_cast<long long>(value)), node.bits).convert_to<Code>();
  };
  Clamps clamps;
  // Integers have one negative number more than they use as codes.
  const bool is_short = is_codes && format.is_int() && format.is_signed();
  if (own.least == 0 && format.is_signed()) {
    clamps.relu = true;
  } else if (own.least > least || (is_short && own.least == least)) {
    clamps.least = code(own.least);
  }
  if (own.most < most) clamps.most = code(own.most);
  return clamps;
}

void fill_numbers(const LoweredNode& node, const quant::Requantizer& rounding, int outputs,
                  RequantizerRequest& to) {
  // A result counts least steps of its format, and a code of the block is a value of it.
  const int unit = node.kind == quant::IntegerKind::kCodes ? node.grid->unit_exponent() : 0;
  for (int c = 0; c < outputs; ++c) {
    const auto one = [&](const auto& values) -> const auto& {
      return values[values.size() == 1 ? 0 : at(c)];
    };
    to.biases.push_back(one(rounding.biases));
    to.multipliers.push_back(one(rounding.multipliers).factor);
    to.shifts.push_back(one(rounding.multipliers).shift - unit);
  }
}

std::vector<std::vector<long long>> threshold_table(const LoweredNode& node,
                                                    const quant::Requantizer& rounding, int outputs,
                                                    const IntFormat& sum, int lsb) {
  const std::vector<Level> levels = levels_of(*node.grid);
  const double ends = node.grid->max();
  const quant::Bounds bounds = rounding.bounds.value_or(quant::Bounds{-ends, ends});
  std::vector<std::vector<long long>> table;
  for (int c = 0; c < outputs; ++c) {
    const std::int64_t bias = rounding.biases[rounding.biases.size() == 1 ? 0 : at(c)];
    const quant::Multiplier& multiplier =
        rounding.multipliers[rounding.multipliers.size() == 1 ? 0 : at(c)];
    std::vector<long long>& row = table.emplace_back();
    for (std::size_t j = 1; j < levels.size(); ++j) {
      const double value = levels[j].units.convert_to<double>();
      BigInt least = sum.max() + 1;  // never
      if (value <= bounds.least || (multiplier.factor == 0 && value <= 0)) {
        least = sum.min();  // always
      } else if (value <= bounds.most && multiplier.factor > 0) {
        // (x + bias) 2 factor against (level + the one below) 2^shift; at the middle the even code.
        const BigInt middle = (levels[j].units + levels[j - 1].units) << multiplier.shift;
        const BigInt twice = BigInt(2) * multiplier.factor;
        const bool takes_middle = levels[j].code % 2 == 0;
        const BigInt x =
            (takes_middle ? -floor_of(-middle, twice) : floor_of(middle, twice) + 1) - bias;
        least = -floor_of(-x, BigInt(1) << lsb);
      }
      row.push_back(std::clamp(least, sum.min(), BigInt(sum.max() + 1)).convert_to<long long>());
    }
  }
  return table;
}

}  // namespace fewbit::study
