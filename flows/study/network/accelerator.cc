// Accelerators: see accelerator.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/network/accelerator.h"

#include <fmt/format.h>

#include <algorithm>

#include "fewbit/flows/study/network/depths.h"
#include "fewbit/flows/study/network/parameters.h"
#include "fewbit/gen/blocks/depthwise.h"
#include "fewbit/gen/blocks/header.h"
#include "fewbit/gen/blocks/join.h"
#include "fewbit/gen/blocks/matvec.h"
#include "fewbit/gen/blocks/pool.h"
#include "fewbit/gen/blocks/requantizer.h"
#include "fewbit/gen/blocks/thresholds.h"
#include "fewbit/gen/blocks/window.h"
#include "fewbit/gen/rtl/passes.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::study {

using quant::IntegerKind;
using quant::LoweredNode;
using rtl::Module;
using rtl::Signal;

namespace {

constexpr int kMostThresholdBits = 4;
constexpr int kByte = 8;

Error not_covered(const LoweredNode& node, const std::string& legal, const std::string& detail) {
  return Error{"NETWORK: node", node.name, legal, detail};
}

/// What a block refuses, of the node that it was made for.
template <typename T>
Result<T> of_node(const LoweredNode& node, Result<T> made) {
  if (made.ok()) return made;
  const Error& error = made.error();
  return not_covered(node, error.legal,
                     fmt::format("{} {}: {}", error.field, error.value, error.detail));
}

/// The sums of a node and all that is known of them.
struct Sums {
  Flow flow;
  std::string format;  ///< of a sum, in units of the biases
  IntFormat integer;   ///< the same in units of 1
  int lsb = 0;         ///< of `format`
  bool by_channel = false;
};

class Builder {
 public:
  Builder(const quant::LoweredNetwork& network, const AcceleratorRequest& request, Module& top)
      : network_(network),
        request_(request),
        plumbing_(top, request.name + "_", request.is_observed),
        consumers_(network.nodes.size(), 0),
        ready_(network.nodes.size()),
        sums_(network.nodes.size()) {}

  Result<Accelerator> build(std::shared_ptr<Module> top) {
    FEWBIT_ASSIGN_OR_RETURN(layouts, layouts_of(network_));
    layouts_ = std::move(layouts);
    for (const LoweredNode& node : network_.nodes) {
      for (const std::size_t input : node.inputs) ++consumers_[input];
    }
    ++consumers_[network_.output];
    Module& m = *top;
    m.clocked(rtl::Reset::kAsyncLow);
    for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
      if (consumers_[i] == 0) continue;  // bytes that nothing reads
      const LoweredNode& node = network_.nodes[i];
      m.section(fmt::format("{}: {}", legal_stem(node.name), name_of(node.op)));
      const Status done = std::visit([&](const auto& op) { return add(i, node, op); }, node.op);
      FEWBIT_RETURN_IF_ERROR(done);
    }
    m.section("Results");
    FEWBIT_ASSIGN_OR_RETURN(bits, send());
    rtl::drop_aliases(m);
    Accelerator made;
    made.top = std::move(top);
    made.streams = plumbing_.streams();
    made.waiting = plumbing_.waiting();
    made.engines = std::move(engines_);
    made.cycles = plumbing_.cycles();
    made.image = layouts_[0];
    made.logits = layouts_[network_.output];
    made.result_bits = bits;
    return made;
  }

 private:
  /// A stem that the node's blocks share; another node of the same legal name has another.
  const std::string& stem_of(const LoweredNode& node) {
    const auto [found, is_new] = stems_.try_emplace(node.name);
    if (is_new) {
      std::string stem = legal_stem(node.name);
      for (int k = 2; !used_stems_.insert(stem).second; ++k) {
        stem = fmt::format("{}_{}", legal_stem(node.name), k);
      }
      found->second = stem;
    }
    return found->second;
  }
  [[nodiscard]] std::string part_name(const std::string& stem) { return plumbing_.part_name(stem); }
  [[nodiscard]] int values_of(std::size_t place) const { return layouts_[place].values(); }

  Flow take(std::size_t place) {
    FEWBIT_CHECK(!ready_[place].empty(), "nothing is sent by node {}", place);
    Flow flow = ready_[place].back();
    ready_[place].pop_back();
    return flow;
  }
  Flow take_input(const LoweredNode& node, std::size_t which = 0) {
    return take(node.inputs[which]);
  }
  void publish(std::size_t place, const Flow& flow) {
    ready_[place] = plumbing_.forked(stem_of(network_.nodes[place]), flow, consumers_[place]);
  }

  Status add(std::size_t place, const LoweredNode& /*node*/, const quant::ImageInput& /*op*/) {
    Module& m = plumbing_.module();
    blocks::Stream bytes;
    bytes.valid = m.input("s_axis_tvalid", 1);
    bytes.data = m.input("s_axis_tdata", kByte);
    bytes.ready = m.wire("s_axis_ready", 1);
    m.output("s_axis_tready", bytes.ready);
    plumbing_.takes("s_axis", values_of(place));
    publish(place,
            plumbing_.observed("s_axis", {bytes, 1, kByte, layouts_[place].channels}, place));
    return Ok{};
  }

  /// Windows of a node's operand, `lanes` values a beat.
  Result<Flow> windows(const LoweredNode& node, const std::string& stem, const Flow& flow,
                       const quant::Window& window, int lanes) {
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

  Status add(std::size_t place, const LoweredNode& node, const quant::LinearSums& op) {
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

  /// What a layer reads at a time, as packets with ends.
  Result<Flow> vectors(const LoweredNode& node, const std::string& stem,
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

  Status add_matvec(std::size_t place, const LoweredNode& node, const quant::LinearSums& op,
                    EngineReport& report) {
    const LayerFolding& folding = report.folding;
    FEWBIT_ASSIGN_OR_RETURN(vectors, this->vectors(node, report.stem, op, folding));
    const LoweredNode& operand = network_.nodes[node.inputs[0]];
    const std::string name = plumbing_.unique(report.stem + "_matvec");
    MatvecRequest request{.weights_format = report.weights,
                          .activations_format = report.activations};
    request.outputs = op.channels();
    request.terms = op.terms();
    request.rows = folding.rows;
    request.lanes = folding.lanes;
    request.weights = weight_codes(op, layouts_[node.inputs[0]]);
    request.name = part_name(name);
    request.fabric = request_.fabric;
    FEWBIT_ASSIGN_OR_RETURN(spec, of_node(node, make_matvec_spec(request)));
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

  Status add_depthwise(std::size_t place, const LoweredNode& node, const quant::LinearSums& op,
                       EngineReport& report) {
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
    FEWBIT_ASSIGN_OR_RETURN(spec, of_node(node, make_depthwise_spec(request)));
    Flow out;
    out.lanes = lanes;
    out.value_bits = spec.sum_format().bits;
    out.values = spec.channels;
    report.cycles = op.pixels() * spec.pixels * spec.pixel_beats();
    plumbing_.takes(name, report.cycles);
    const Flow made =
        plumbing_.through(name, blocks::depthwise(spec), "x",
                          plumbing_.with_last(report.stem, flow, ends_of(flow, spec.pixels)), out);
    set_sums(place, made, spec.sum_format(), sum_lsb(op, operand, spec.sum_format(), 0));
    return Ok{};
  }

  /// How many packets are one that a block of windows reads: windows come with ends.
  static int ends_of(const Flow& flow, int pixels) { return flow.stream.has_last() ? 1 : pixels; }

  void set_sums(std::size_t place, const Flow& flow, const IntFormat& sum, int lsb,
                bool by_channel = true) {
    const IntFormat integer{sum.bits, sum.is_signed, 0};
    sums_[place] = {flow, "", integer, lsb, by_channel};
    ready_[place] = {flow};
  }

  /// The operand of a pool: its windows, or the whole image.
  Result<Flow> pooled(const LoweredNode& node, const std::string& stem,
                      const quant::Window& window) {
    const Flow flow = take_input(node);
    const Layout& from = layouts_[node.inputs[0]];
    const int lanes = tight_lanes(from.channels, flow.lanes);
    if (is_pixelwise(window) || covers_image(window)) {
      const int pixels = covers_image(window) ? from.pixels() : 1;
      return plumbing_.with_last(stem, plumbing_.tight(stem, flow, lanes), pixels);
    }
    return windows(node, stem, flow, window, lanes);
  }
  PoolRequest pool_request(const LoweredNode& node, const Flow& flow, const std::string& name) {
    PoolRequest request{.format = format_of(network_.nodes[node.inputs[0]]).name()};
    request.channels = layouts_[node.inputs[0]].channels;
    request.pixels = flow.values / static_cast<int>(request.channels);
    request.lanes = flow.lanes;
    request.name = part_name(name);
    request.fabric = request_.fabric;
    return request;
  }

  Status add(std::size_t place, const LoweredNode& node, const quant::WindowSums& op) {
    const std::string stem = stem_of(node);
    FEWBIT_ASSIGN_OR_RETURN(flow, pooled(node, stem, op.window));
    const std::string name = plumbing_.unique(stem + "_mean");
    FEWBIT_ASSIGN_OR_RETURN(spec,
                            of_node(node, make_pool_mean_spec(pool_request(node, flow, name))));
    Flow out = flow;
    out.values = spec.channels;
    out.value_bits = spec.sum_format().bits;
    plumbing_.takes(name, static_cast<std::int64_t>(flow.beats()) * layouts_[place].pixels());
    set_sums(place, plumbing_.through(name, blocks::pool_mean(spec), "x", flow, out),
             spec.sum_format(), 0, false);
    return Ok{};
  }

  Status add(std::size_t place, const LoweredNode& node, const quant::MaxPooling& op) {
    const std::string stem = stem_of(node);
    const bool pads = op.window[0].pad_begin > 0 || op.window[1].pad_begin > 0 ||
                      op.window[0].pad_end > 0 || op.window[1].pad_end > 0;
    if (pads && format_of(node).is_signed()) {
      return not_covered(node, "maxima without padding, or of numbers that are not negative",
                         "what a window has beyond the image is 0");
    }
    FEWBIT_ASSIGN_OR_RETURN(flow, pooled(node, stem, op.window));
    const std::string name = plumbing_.unique(stem + "_max");
    FEWBIT_ASSIGN_OR_RETURN(spec,
                            of_node(node, make_pool_max_spec(pool_request(node, flow, name))));
    Flow out = flow;
    out.values = spec.channels;
    plumbing_.takes(name, static_cast<std::int64_t>(flow.beats()) * layouts_[place].pixels());
    publish(place, plumbing_.through(name, blocks::pool_max(spec), "x", flow, out, place));
    return Ok{};
  }

  Status add(std::size_t place, const LoweredNode& node, const quant::Requantizer& op) {
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

  /// Codes of integers and streams; codes of minifloats are no integers.
  static Result<IntFormat> integer_of(const LoweredNode& operand, const LoweredNode& node) {
    const Format format = format_of(operand);
    if (format.is_int()) return IntFormat{format.bits(), format.is_signed(), 0};
    return not_covered(node, "a node that works on integers", "its operand has " + format.name());
  }

  /// The results of a linear layer: a bias and a multiplier for each channel.
  Status add_rounding(std::size_t place, const LoweredNode& node, const quant::Requantizer& op,
                      const std::string& stem) {
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
    const IntFormat scaled{sums.integer.bits, sums.integer.is_signed, lsb};
    FEWBIT_ASSIGN_OR_RETURN(
        spec, requantizer(node, op, scaled, {outputs, flow.lanes, out.lanes}, op.bounds, name));
    publish(place, plumbing_.through(name, blocks::requantizer(spec), "x", flow, out, place));
    return Ok{};
  }

  struct Order {
    int outputs = 1, rows = 1, units = 1;
  };
  Result<RequantizerSpec> requantizer(const LoweredNode& node, const quant::Requantizer& op,
                                      const IntFormat& sums, const Order& order,
                                      const std::optional<quant::Bounds>& bounds,
                                      const std::string& name) {
    RequantizerRequest request{.sums_format = Format(sums).name(),
                               .result_format = format_of(node).name()};
    request.outputs = order.outputs;
    request.rows = order.rows;
    request.units = order.units;
    fill_numbers(node, op, order.outputs, request);
    const long long most =
        *std::max_element(request.multipliers.begin(), request.multipliers.end());
    request.multiplier_bits = std::max(1, bit_length(BigInt(most)));
    const Clamps clamps = clamps_of(node, bounds);
    request.relu = clamps.relu;
    request.least = clamps.least;
    request.most = clamps.most;
    request.name = part_name(name);
    request.fabric = request_.fabric;
    if (request_.has_multipliers && request.multiplier_bits > 1) {
      request.dsp = "one";
      const Result<RequantizerSpec> made = make_requantizer_spec(request);
      if (made.ok()) return made;
      request.dsp = "";  // too wide for one
    }
    return of_node(node, make_requantizer_spec(request));
  }

  /// Every number of a tensor by one bias and one multiplier.
  Status add_elementwise(std::size_t place, const LoweredNode& node, const quant::Requantizer& op,
                         const IntFormat& integer, int lsb, const std::string& stem) {
    Flow flow = take_input(node);
    const int lanes = tight_lanes(flow.values, flow.lanes);
    flow = plumbing_.with_last(stem, plumbing_.tight(stem, flow, lanes));
    const std::string name = plumbing_.unique(stem);
    FEWBIT_ASSIGN_OR_RETURN(spec, requantizer(node, op, {integer.bits, integer.is_signed, lsb},
                                              {lanes, lanes, lanes}, op.bounds, name));
    Flow out = flow;
    out.value_bits = format_of(node).bits();
    plumbing_.takes(name, static_cast<std::int64_t>(flow.beats()) * layouts_[place].pixels());
    const Flow made = plumbing_.through(name, blocks::requantizer(spec), "x", flow, out, place);
    publish(place, Plumbing::without_last(made));  // each beat is a vector of its own
    return Ok{};
  }

  Status add(std::size_t place, const LoweredNode& node, const quant::Conversion& op) {
    FEWBIT_ASSIGN_OR_RETURN(integer, integer_of(network_.nodes[node.inputs[0]], node));
    quant::Requantizer rounding;
    rounding.biases = {0};
    rounding.multipliers = {{1, std::max(0, op.fraction_bits)}};
    return add_elementwise(place, node, rounding, integer, std::max(0, -op.fraction_bits),
                           stem_of(node) + "_convert");
  }

  Status add(std::size_t place, const LoweredNode& node, const quant::Clamp& op) {
    FEWBIT_ASSIGN_OR_RETURN(integer, integer_of(network_.nodes[node.inputs[0]], node));
    quant::Requantizer rounding;
    rounding.biases = {0};
    rounding.multipliers = {{1, 0}};
    rounding.bounds = op.bounds;
    return add_elementwise(place, node, rounding, integer, 0, stem_of(node) + "_clamp");
  }

  Status add(std::size_t place, const LoweredNode& node, const quant::Addition& op) {
    const std::string stem = stem_of(node);
    const std::vector<Waiting> waiting = waiting_at(network_, layouts_, place);
    const std::vector<Flow> came = {take_input(node, 0), take_input(node, 1)};
    const int lanes = tight_lanes(came[0].values, std::max(came[0].lanes, came[1].lanes));
    std::vector<Flow> flows;
    for (std::size_t k = 0; k < came.size(); ++k) {
      Flow flow = plumbing_.tight(stem, came[k], lanes);
      if (waiting[k].at_rate > 1) {
        const int beats = flow.beats();
        flow =
            plumbing_.waits(stem, flow, waiting[k].least * beats, (waiting[k].at_rate + 1) * beats);
      }
      flows.push_back(plumbing_.with_last(stem, flow));
    }
    const std::string name = plumbing_.unique(stem + "_add");
    JoinRequest request{.format = format_of(node).name()};
    request.lanes = lanes;
    request.least = static_cast<long long>(op.bounds.least);
    request.most = static_cast<long long>(op.bounds.most);
    request.name = part_name(name);
    request.fabric = request_.fabric;
    FEWBIT_ASSIGN_OR_RETURN(spec, of_node(node, make_join_spec(request)));
    plumbing_.takes(name, static_cast<std::int64_t>(flows[0].beats()) * layouts_[place].pixels());
    const auto made =
        blocks::stream_instance(plumbing_.module(), blocks::join(spec), "u_" + name,
                                {{"left", flows[0].stream}, {"right", flows[1].stream}});
    Flow out = flows[0];
    out.stream = made["y"];
    publish(place, plumbing_.observed(name, out, place));
    return Ok{};
  }

  /// The logits or the class as m_axis; its bits.
  Result<int> send() {
    const LoweredNode& node = network_.nodes[network_.output];
    const Layout& layout = layouts_[network_.output];
    Module& m = plumbing_.module();
    Flow flow = plumbing_.tight("logits", take(network_.output), 1);
    flow = plumbing_.with_last("logits", flow, layout.pixels());
    blocks::Stream sent = flow.stream;
    int bits = node.bits;
    if (request_.sends_class) {
      ArgmaxRequest request{.format = format_of(node).name()};
      request.classes = layout.values();
      request.name = part_name("argmax");
      FEWBIT_ASSIGN_OR_RETURN(spec, of_node(node, make_argmax_spec(request)));
      sent = blocks::stream_instance(m, blocks::argmax(spec), "u_argmax", {{"x", sent}})["y"];
      bits = sent.data.width();
    }
    const int padded = (bits + kByte - 1) / kByte * kByte;
    const Signal data = m.net("result", sent.data);
    m.drive(sent.ready, m.input("m_axis_tready", 1));
    m.output("m_axis_tvalid", sent.valid);
    m.output("m_axis_tdata", m.net("padded", request_.sends_class ? zero_extend(data, padded)
                                                                  : sign_extend(data, padded)));
    m.output("m_axis_tlast", sent.has_last() ? sent.last : m.constant(1, 1));
    return bits;
  }

  const quant::LoweredNetwork& network_;
  const AcceleratorRequest& request_;
  Plumbing plumbing_;
  std::vector<Layout> layouts_;
  std::vector<int> consumers_;
  std::vector<std::vector<Flow>> ready_;
  std::vector<Sums> sums_;
  std::vector<EngineReport> engines_;
  std::map<std::string, std::string> stems_;
  std::set<std::string> used_stems_;
  std::size_t next_layer_ = 0;
};

}  // namespace

const BlockCycles& Accelerator::slowest() const {
  return *std::max_element(
      cycles.begin(), cycles.end(),
      [](const BlockCycles& a, const BlockCycles& b) { return a.cycles < b.cycles; });
}

rtl::EmittedDesign Accelerator::emit() const {
  std::map<std::string, rtl::PortRole> roles;
  const auto add = [&](const std::string& port) {
    if (port.ends_with("_tvalid")) roles[port] = rtl::PortRole::kValid;
    if (port.ends_with("_tready")) roles[port] = rtl::PortRole::kReady;
    if (port.ends_with("_tdata")) {
      roles[port] = port.starts_with("s_") ? rtl::PortRole::kOperand : rtl::PortRole::kResult;
    }
  };
  for (const int id : top->inputs()) add(top->node(id).name);
  for (const rtl::Output& output : top->outputs()) add(output.name);
  rtl::EmittedDesign design = rtl::Design(*top).emit(roles);
  design.signature.operator_name = "network";
  design.signature.arch = "optimized";
  design.signature.fabric = std::string(to_string(fabric));
  design.signature.handshake = "axi_stream";
  design.signature.command = command;
  return design;
}

Result<Accelerator> build_accelerator(const quant::LoweredNetwork& network,
                                      const AcceleratorRequest& request) {
  auto top = std::make_shared<Module>(request.name + (request.is_observed ? "_observed" : ""));
  Module& m = *top;
  blocks::BlockHeader header(m, "a network as a pipeline of blocks");
  header.equation("m_axis = the network's answer to the bytes of s_axis");
  FEWBIT_ASSIGN_OR_RETURN(accelerator, Builder(network, request, m).build(top));
  const Layout& image = accelerator.image;
  header.entry("Input", fmt::format("s_axis: an image is {} rows of {} pixels of {} bytes, one "
                                    "byte a beat, row by row, the bytes of a pixel together",
                                    image.height, image.width, image.channels));
  header.entry(
      "Output",
      request.sends_class
          ? fmt::format("m_axis: the number of the largest of {} logits, one beat an image",
                        accelerator.logits.values())
          : fmt::format("m_axis: {} logits of {} bits, one a beat, m_axis_tlast on the last",
                        accelerator.logits.values(), accelerator.result_bits));
  header.entry("Timing", fmt::format("an image in {} cycles in the long run, those of {}",
                                     accelerator.slowest().cycles, accelerator.slowest().name));
  header.entry("Reproduce", request.command);
  header.stream_entries();
  accelerator.sends_class = request.sends_class;
  accelerator.command = request.command;
  accelerator.fabric = request.fabric;
  return accelerator;
}

}  // namespace fewbit::study
