// Words of accumulators: see quant_accumulator.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/quant_accumulator.h"

#include <CLI/CLI.hpp>
#include <tuple>

#include "fewbit/gen/util/text.h"

namespace fewbit::cli {
namespace {

constexpr long long kMostBits = 1024;  ///< of any accumulator
constexpr long long kMostBelow = 64;
constexpr long long kMostLanes = 64;
constexpr std::string_view kBelow = "exact-";

Result<quant::AccumulatorWidth> parse_width(const std::string& text) {
  const bool below = text.starts_with(kBelow);
  const Result<long long> bits =
      parse_integer("--acc-width", below ? text.substr(kBelow.size()) : text, below ? 0 : 1,
                    below ? kMostBelow : kMostBits);
  if (bits.ok()) return quant::AccumulatorWidth{static_cast<int>(*bits), below};
  return Error{"--acc-width", text,
               fmt::format("1 to {}, or exact-0 to exact-{}", kMostBits, kMostBelow),
               "bits; exact: what the layer's weights need"};
}

}  // namespace

std::vector<const CLI::Option*> AccumulatorWords::declare(CLI::App& app) {
  const auto option = [&](const std::string& name, std::string& value, const std::string& text) {
    return app.add_option(name, value, text)->capture_default_str();
  };
  return {
      option("--accumulator", accumulator_,
             "exact, or a float format that sums are rounded to at each step, by fmac"),
      option("--accumulator-bias", bias_,
             "format: as --accumulator has it; fit: each layer's own, so that no sum overflows"),
      option("--acc-width", width_,
             "Bits of the accumulator as of mac, N, or exact-N: N fewer than each "
             "layer needs, but not fewer than one product has"),
      option("--acc-lanes", lanes_,
             "with --acc-width: products that are added exactly before each step, as by dot"),
      option("--overflow", overflow_,
             "with --acc-width: wrap (usual) or saturate; with --accumulator: as of fmac")};
}

Result<quant::AccumulatorOptions> AccumulatorWords::options() const {
  quant::AccumulatorOptions options;
  if (accumulator_ != "exact") {
    Result<Format> format = parse_format(accumulator_);
    if (!format.ok()) {
      Error error = format.error();
      error.field = "--accumulator";
      error.legal = "exact, or " + error.legal;
      return error;
    }
    options.format = *format;
  }
  if (bias_ != "format" && bias_ != "fit") {
    return Error{"--accumulator-bias", bias_, "format, fit", ""};
  }
  options.fit_bias = bias_ == "fit";
  if (!width_.empty()) {
    FEWBIT_ASSIGN_OR_RETURN(width, parse_width(width_));
    options.width = width;
  }
  FEWBIT_ASSIGN_OR_RETURN(lanes, parse_integer("--acc-lanes", lanes_, 1, kMostLanes));
  options.lanes = static_cast<int>(lanes);
  options.overflow = overflow_;
  return options;
}

}  // namespace fewbit::cli
