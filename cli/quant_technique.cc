// Options of fewbit quant that say how a network is rounded: see quant_technique.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/quant_technique.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "fewbit/quant/equalization.h"

namespace fewbit::cli {
namespace {

constexpr char kUnsigned[] = "--unsigned";

Result<quant::RangeRule> parse_rule(const std::string& option, const std::string& text) {
  if (text == "absmax") return quant::RangeRule::kAbsoluteMaximum;
  if (text == "percentile") return quant::RangeRule::kPercentile;
  if (text == "mse") return quant::RangeRule::kLeastSquares;
  return Error{option, text, "absmax, percentile, mse", ""};
}

Result<bool> parse_switch(const std::string& option, const std::string& text) {
  if (text == "on") return true;
  if (text == "off") return false;
  return Error{option, text, "on, off", ""};
}

Result<std::optional<quant::RoundingStart>> parse_start(const std::string& text) {
  using Start = std::optional<quant::RoundingStart>;
  if (text == "off") return Start();
  if (text == "local") return Start(quant::RoundingStart::kLocalGrid);
  if (text == "integer") return Start(quant::RoundingStart::kInteger);
  return Error{"--learned-rounding", text, "off, local, integer", ""};
}

}  // namespace

std::vector<const CLI::Option*> TechniqueWords::declare(CLI::App& app, bool accumulators) {
  std::vector<const CLI::Option*> declared;
  const auto option = [&](const std::string& name, std::string& value, const std::string& text) {
    declared.push_back(app.add_option(name, value, text)->capture_default_str());
  };
  option("--range-weights", weight_range_, "absmax, percentile or mse");
  option("--range-activations", activation_range_, "absmax, percentile or mse");
  option("--per-channel", per_channel_, "on: a weight scale for every output channel");
  option("--unsigned", unsigned_,
         "on: formats without a sign after ReLU and softmax, and for images that are "
         "bytes; edge layers int8 x uint8. off: signed ones, edges int8 or e3m4f");
  option("--weight-equalization", weight_equalization_,
         "on: weights of layers in a row get equal ranges, channel by channel");
  option("--activation-equalization", activation_equalization_,
         "on: channels of inputs get ranges more alike, weights take up the factors");
  option("--gptq", gptq_, "on: weights rounded one after the other, errors made up for");
  option("--learned-rounding", learned_rounding_,
         "local: weights up or down as a search with the least error of results says; "
         "integer: the same, started as if the format had steps of 1; off");
  option("--bias-correction", bias_correction_,
         "on: results shifted to the mean that they have in float");
  option("--gain-correction", gain_correction_,
         "on, off: also to the spread, channel by channel, the factor in the weights' "
         "scales; auto: on for weights of two bits and less");
  option("--edge-layers", edges_, "8bit or same: formats of the first and last layer");
  if (accumulators) {
    for (const CLI::Option* one : accumulator_.declare(app)) declared.push_back(one);
  }
  declared_.insert(declared_.end(), declared.begin(), declared.end());
  return declared;
}

std::string TechniqueWords::words() const {
  std::string words = fmt::format(" {} {}", kUnsigned, unsigned_);
  for (const CLI::Option* option : declared_) {
    if (option->count() == 0 || option->get_name() == kUnsigned) continue;
    const std::string value = option->results().back();
    if (value == option->get_default_str()) continue;
    words += fmt::format(" {} {}", option->get_name(), value);
  }
  return words;
}

Result<quant::QuantizerOptions> TechniqueWords::options() const {
  quant::QuantizerOptions options;
  FEWBIT_ASSIGN_OR_RETURN(weight_range, parse_rule("--range-weights", weight_range_));
  options.weight_range = weight_range;
  FEWBIT_ASSIGN_OR_RETURN(range, parse_rule("--range-activations", activation_range_));
  options.activation_range = range;
  FEWBIT_ASSIGN_OR_RETURN(per_channel, parse_switch("--per-channel", per_channel_));
  options.per_channel = per_channel;
  FEWBIT_ASSIGN_OR_RETURN(is_unsigned, parse_switch("--unsigned", unsigned_));
  options.unsigned_inputs = is_unsigned;
  for (const auto& [option, text] :
       {std::pair{"--weight-equalization", weight_equalization_},
        std::pair{"--activation-equalization", activation_equalization_}}) {
    const Result<bool> is_on = parse_switch(option, text);
    if (!is_on.ok()) return is_on.error();
  }
  FEWBIT_ASSIGN_OR_RETURN(gptq, parse_switch("--gptq", gptq_));
  options.gptq = gptq;
  FEWBIT_ASSIGN_OR_RETURN(learned, parse_start(learned_rounding_));
  options.learned_rounding = learned;
  FEWBIT_ASSIGN_OR_RETURN(correction, parse_switch("--bias-correction", bias_correction_));
  options.bias_correction = correction;
  if (gain_correction_ != "auto") {
    const Result<bool> gain = parse_switch("--gain-correction", gain_correction_);
    if (!gain.ok()) return Error{"--gain-correction", gain_correction_, "auto, on, off", ""};
    options.gain_correction = *gain;
  }
  FEWBIT_RETURN_IF_ERROR(quant::check_gain(options));
  if (edges_ != "8bit" && edges_ != "same") return Error{"--edge-layers", edges_, "8bit, same", ""};
  options.edges_at_8_bits = edges_ == "8bit";
  FEWBIT_ASSIGN_OR_RETURN(accumulator, accumulator_.options());
  FEWBIT_RETURN_IF_ERROR(quant::check_accumulator(accumulator, false));
  options.accumulator = accumulator;
  if (gptq && learned) {
    return Error{"--learned-rounding", learned_rounding_, "off where --gptq is on",
                 "both choose the weights"};
  }
  return options;
}

Result<quant::Network> TechniqueWords::equalized(quant::Graph graph, bool images_are_bytes,
                                                 const quant::Tensor& calibration) const {
  if (images_are_bytes && graph.inputs.size() == 1) graph.inputs[0].nonnegative = true;
  if (weight_equalization_ == "on") graph = quant::equalize_weights(std::move(graph));
  if (activation_equalization_ == "on") {
    FEWBIT_ASSIGN_OR_RETURN(equal, quant::equalize_activations(std::move(graph), calibration));
    graph = std::move(equal);
  }
  return quant::Network::make(std::move(graph));
}

}  // namespace fewbit::cli
