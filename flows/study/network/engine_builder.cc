// Linear layers and their roundings: see network_builder.h.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fewbit/flows/study/network/fold_layers.h"
#include "fewbit/flows/study/network/network_builder.h"
#include "fewbit/flows/study/network/parameters.h"
#include "fewbit/gen/blocks/depthwise.h"
#include "fewbit/gen/blocks/matvec.h"
#include "fewbit/gen/blocks/requantizer.h"
#include "fewbit/gen/blocks/thresholds.h"
#include "fewbit/gen/blocks/window.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::study {

using quant::IntegerKind;
using quant::LoweredNode;
using rtl::Module;
using rtl::Signal;

namespace {

/// No stage of an operator is estimated to take longer on ECP5. The estimate is of short wires;
/// this leaves 2.3 ns of a clock of 120 MHz for the longer ones of a full device.
constexpr double kStageNs = 6.0;
constexpr int kMostRegisters = 12;

/// What `make` makes of the request, with as many registers in the operator as keep its stages
/// short.
template <typename Request, typename Make, typename Operator>
auto paced(Request request, Fabric fabric, const Make& make, const Operator& operator_of)
    -> decltype(make(request)) {
  auto spec = make(request);
  if (fabric != Fabric::kEcp5) return spec;
  while (spec.ok() && operator_of(*spec).latency() < kMostRegisters &&
         ops::estimated_period(operator_of(*spec)) > kStageNs) {
    request.latency = operator_of(*spec).latency() + 1;
    spec = make(request);
  }
  return spec;
}

/// Of sums of at most this magnitude with their biases.
int biased_bits(double greatest, const std::vector<long long>& biases) {
  double most = 1;
  for (const long long bias : biases) {
    most = std::max(most, greatest + std::abs(static_cast<double>(bias)));
  }
  return std::ilogb(most) + 2;
}

constexpr int kMostThresholdBits = 4;

}  // namespace

Result<Flow> NetworkBuilder::windows(const LoweredNode& node, const std::string& stem,
                                     const Flow& flow, const quant::Window& window, int lanes) {
  const LoweredNode& operand = network_.nodes[node.inputs[0]];
  FEWBIT_ASSIGN_OR_RETURN(request, window_request(node.name, window, layouts_[node.inputs[0]]));
  const std::string name = plumbing_.unique(stem + "_window");
  request.format = format_of(operand).name();
  request.lanes = lanes;
  request.name = part_name(name);
  FEWBIT_ASSIGN_OR_RETURN(spec, of_node(node, make_window_spec(request)));
  Flow out = flow;
  out.lanes = lanes;
  out.values = spec.kernel * spec.kernel * spec.channels;
  plumbing_.takes(name,
                  static_cast<std::int64_t>(spec.beats()) * spec.out_height() * spec.out_width());
  return plumbing_.through(name, blocks::window(spec), "x", plumbing_.tight(stem, flow, lanes),
                           out);
}

Status NetworkBuilder::add(std::size_t place, const LoweredNode& node,
                           const quant::LinearSums& op) {
  FEWBIT_CHECK(next_layer_ < request_.layers.size(), "no folding of {}", node.name);
  const LayerFolding folding = request_.layers[next_layer_++];
  const std::string stem = stem_of(node);
  const LoweredNode& operand = network_.nodes[node.inputs[0]];
  EngineReport report{.name = node.name, .stem = stem};
  report.folding = folding;
  report.weights = op.weight_grid.format().name();
  report.activations = operand.grid->format().name();
  report.channels = static_cast<int>(op.channels());
  report.terms = static_cast<int>(op.terms());
  report.pixels = static_cast<int>(op.pixels());
  const Status done = op.is_depthwise() ? add_depthwise(place, node, op, report)
                                        : add_matvec(place, node, op, report);
  FEWBIT_RETURN_IF_ERROR(done);
  report.sums = Format(sums_[place].integer).name();
  engines_.push_back(report);
  return Ok{};
}

Result<Flow> NetworkBuilder::vectors(const LoweredNode& node, const std::string& stem,
                                     const quant::LinearSums& op, const LayerFolding& folding) {
  const Layout& from = layouts_[node.inputs[0]];
  const Flow flow = take_input(node);
  const quant::Window* window = window_of(node.op);
  if (window != nullptr && !is_pixelwise(*window) && !covers_image(*window)) {
    // As fast as the engine reads vectors, and where it can be as wide as it reads them.
    const std::int64_t beats = (op.terms() + folding.lanes - 1) / folding.lanes;
    const std::int64_t groups = (op.channels() + folding.rows - 1) / folding.rows;
    const auto needed = static_cast<int>((op.terms() + beats * groups - 1) / (beats * groups));
    const bool divides = from.channels % folding.lanes == 0;
    const int lanes = divides ? folding.lanes : tight_lanes(from.channels, needed);
    FEWBIT_ASSIGN_OR_RETURN(made, windows(node, stem, flow, *window, lanes));
    return plumbing_.packed(stem, made, folding.lanes);
  }
  const bool is_pixel = from.pixels() == 1 || (window != nullptr && is_pixelwise(*window));
  if (is_pixel) return plumbing_.packed(stem, flow, folding.lanes);
  const int lanes = tight_lanes(from.channels, std::max(flow.lanes, 1));
  const Flow all = plumbing_.with_last(stem, plumbing_.tight(stem, flow, lanes), from.pixels());
  return plumbing_.packed(stem, all, folding.lanes);
}

Status NetworkBuilder::add_matvec(std::size_t place, const LoweredNode& node,
                                  const quant::LinearSums& op, EngineReport& report) {
  const LayerFolding& folding = report.folding;
  FEWBIT_ASSIGN_OR_RETURN(vectors, this->vectors(node, report.stem, op, folding));
  const LoweredNode& operand = network_.nodes[node.inputs[0]];
  const std::string name = plumbing_.unique(report.stem + "_matvec");
  MatvecRequest request{.weights_format = report.weights, .activations_format = report.activations};
  request.outputs = op.channels();
  request.terms = op.terms();
  request.rows = folding.rows;
  request.lanes = folding.lanes;
  request.weights = weight_codes(op, layouts_[node.inputs[0]]);
  request.taken_in = folding.rows / folding.units;
  request.name = part_name(name);
  request.fabric = request_.fabric;
  const auto row = [](const MatvecSpec& made) { return made.dot; };
  FEWBIT_ASSIGN_OR_RETURN(spec,
                          of_node(node, paced(request, request_.fabric, make_matvec_spec, row)));
  Flow out;
  out.lanes = spec.rows;
  out.value_bits = spec.sum_format().bits;
  out.values = spec.outputs;
  report.cycles = op.pixels() * spec.beats() * spec.groups();
  plumbing_.takes(name, report.cycles);
  const Flow made = plumbing_.through(name, blocks::matvec(spec), "x", vectors, out);
  set_sums(place, made, spec.sum_format(), sum_lsb(op, operand, spec.sum_format(), 0));
  return Ok{};
}

Status NetworkBuilder::add_depthwise(std::size_t place, const LoweredNode& node,
                                     const quant::LinearSums& op, EngineReport& report) {
  const int lanes = report.folding.rows;
  const LoweredNode& operand = network_.nodes[node.inputs[0]];
  const quant::Window& window = *window_of(node.op);
  Flow flow = take_input(node);
  if (is_pixelwise(window) || covers_image(window)) {
    flow = plumbing_.tight(report.stem, flow, lanes);
  } else {
    FEWBIT_ASSIGN_OR_RETURN(made, windows(node, report.stem, flow, window, lanes));
    flow = made;
  }
  const std::string name = plumbing_.unique(report.stem + "_depthwise");
  DepthwiseRequest request{.weights_format = report.weights,
                           .activations_format = report.activations};
  request.pixels = op.terms();
  request.channels = op.channels();
  request.lanes = lanes;
  request.weights = depthwise_codes(op);
  request.name = part_name(name);
  request.fabric = request_.fabric;
  const auto product = [](const DepthwiseSpec& made) { return made.mul; };
  FEWBIT_ASSIGN_OR_RETURN(
      spec, of_node(node, paced(request, request_.fabric, make_depthwise_spec, product)));
  Flow out;
  out.lanes = lanes;
  out.value_bits = spec.sum_format().bits;
  out.values = spec.channels;
  report.cycles = depthwise_cycles(op, report.folding);
  plumbing_.takes(name, report.cycles);
  const Flow made =
      plumbing_.through(name, blocks::depthwise(spec), "x",
                        plumbing_.with_last(report.stem, flow, ends_of(flow, spec.pixels)), out);
  set_sums(place, made, spec.sum_format(), sum_lsb(op, operand, spec.sum_format(), 0));
  return Ok{};
}

void NetworkBuilder::set_sums(std::size_t place, const Flow& flow, const IntFormat& sum, int lsb,
                              bool by_channel) {
  const IntFormat integer{sum.bits, sum.is_signed, 0};
  sums_[place] = {flow, integer, lsb, by_channel};
  ready_[place] = {flow};
}

Status NetworkBuilder::add(std::size_t place, const LoweredNode& node,
                           const quant::Requantizer& op) {
  const std::size_t from = node.inputs[0];
  const std::string stem = stem_of(node);
  const bool are_sums = network_.nodes[from].kind == IntegerKind::kSums;
  if (are_sums && sums_[from].by_channel) return add_rounding(place, node, op, stem);
  IntFormat integer;
  if (are_sums) {
    integer = sums_[from].integer;
  } else {
    FEWBIT_ASSIGN_OR_RETURN(format, integer_of(network_.nodes[from], node));
    integer = format;
  }
  return add_elementwise(place, node, op, integer, op.sum_shift, stem + "_scale");
}

Status NetworkBuilder::add_rounding(std::size_t place, const LoweredNode& node,
                                    const quant::Requantizer& op, const std::string& stem) {
  const Sums& sums = sums_[node.inputs[0]];
  const Flow flow = take_input(node);
  EngineReport& engine = engines_.back();
  const int lsb = sums.lsb + op.sum_shift;
  const int outputs = layouts_[place].channels;
  Flow out;
  out.lanes = engine.folding.units;
  out.value_bits = format_of(node).bits();
  out.values = outputs;
  const bool by_thresholds = !request_.has_multipliers && node.kind == IntegerKind::kCodes &&
                             out.value_bits <= kMostThresholdBits && lsb >= 0;
  engine.rounding = by_thresholds ? "thresholds" : "requantizer";
  engine.results = format_of(node).name();
  const std::string name = plumbing_.unique(stem + "_" + engine.rounding);
  plumbing_.takes(name, static_cast<std::int64_t>((outputs + out.lanes - 1) / out.lanes) *
                            layouts_[place].pixels());
  if (by_thresholds) {
    ThresholdsRequest request{.sums_format = Format(sums.integer).name(),
                              .result_format = format_of(node).name()};
    request.outputs = outputs;
    request.rows = flow.lanes;
    request.units = out.lanes;
    request.thresholds = threshold_table(node, op, outputs, sums.integer, lsb);
    request.name = part_name(name);
    FEWBIT_ASSIGN_OR_RETURN(spec, of_node(node, make_thresholds_spec(request)));
    publish(place, plumbing_.through(name, blocks::thresholds(spec), "x", flow, out, place));
    return Ok{};
  }
  const auto& linear = std::get<quant::LinearSums>(network_.nodes[node.inputs[0]].op);
  const IntFormat scaled{sums.integer.bits, sums.integer.is_signed, lsb};
  FEWBIT_ASSIGN_OR_RETURN(
      spec, requantizer(node, op, scaled, {outputs, flow.lanes, out.lanes}, op.bounds, name,
                        std::ldexp(linear.greatest, op.sum_shift)));
  publish(place, plumbing_.through(name, blocks::requantizer(spec), "x", flow, out, place));
  return Ok{};
}

Result<RequantizerSpec> NetworkBuilder::requantizer(const LoweredNode& node,
                                                    const quant::Requantizer& op,
                                                    const IntFormat& sums, const Order& order,
                                                    const std::optional<quant::Bounds>& bounds,
                                                    const std::string& name, double greatest) {
  RequantizerRequest request{.sums_format = Format(sums).name(),
                             .result_format = format_of(node).name()};
  request.outputs = order.outputs;
  request.rows = order.rows;
  request.units = order.units;
  fill_numbers(node, op, order.outputs, request);
  request.biased_bits = biased_bits(greatest, request.biases);
  const long long most = *std::max_element(request.multipliers.begin(), request.multipliers.end());
  request.multiplier_bits = std::max(1, bit_length(BigInt(most)));
  const Clamps clamps = clamps_of(node, bounds);
  request.relu = clamps.relu;
  request.least = clamps.least;
  request.most = clamps.most;
  request.name = part_name(name);
  request.fabric = request_.fabric;
  const auto rounder = [](const RequantizerSpec& made) { return made.requant; };
  if (request_.has_multipliers && request.multiplier_bits > 1) {
    request.dsp = "one";
    const Result<RequantizerSpec> made =
        paced(request, request_.fabric, make_requantizer_spec, rounder);
    if (made.ok()) return made;
    request.dsp = "";  // takes more blocks than a product may
  }
  return of_node(node, paced(request, request_.fabric, make_requantizer_spec, rounder));
}

}  // namespace fewbit::study
