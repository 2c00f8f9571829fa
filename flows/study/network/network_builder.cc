// The blocks of an accelerator: see network_builder.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/network/network_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "fewbit/flows/study/network/depths.h"
#include "fewbit/flows/study/network/parameters.h"
#include "fewbit/gen/blocks/join.h"
#include "fewbit/gen/blocks/pool.h"
#include "fewbit/gen/blocks/requantizer.h"
#include "fewbit/gen/rtl/passes.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::study {

using quant::IntegerKind;
using quant::LoweredNode;
using rtl::Module;
using rtl::Signal;

namespace {

constexpr int kByte = 8;

}  // namespace

Result<Accelerator> NetworkBuilder::build(std::shared_ptr<Module> top) {
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

namespace {

/// The words of a fifo fill block RAMs of a power of two words, and two more places are its
/// registers, where that leaves a quarter of the places that are there so that the other branch
/// does not wait.
int without_half_used_block(int least, int depth) {
  const int filled = static_cast<int>(std::bit_floor(static_cast<unsigned>(depth))) + 2;
  const bool is_enough = 4 * (filled - least) >= depth - least;
  return is_enough ? std::min(depth, filled) : depth;
}

}  // namespace

const std::string& NetworkBuilder::stem_of(const LoweredNode& node) {
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

Flow NetworkBuilder::take(std::size_t place) {
  FEWBIT_CHECK(!ready_[place].empty(), "nothing is sent by node {}", place);
  Flow flow = ready_[place].back();
  ready_[place].pop_back();
  return flow;
}

Flow NetworkBuilder::take_input(const LoweredNode& node, std::size_t which) {
  return take(node.inputs[which]);
}

void NetworkBuilder::publish(std::size_t place, const Flow& flow) {
  ready_[place] = plumbing_.forked(stem_of(network_.nodes[place]), flow, consumers_[place]);
}

Status NetworkBuilder::add(std::size_t place, const LoweredNode& /*node*/,
                           const quant::ImageInput& /*op*/) {
  Module& m = plumbing_.module();
  blocks::Stream bytes;
  bytes.valid = m.input("s_axis_tvalid", 1);
  bytes.data = m.input("s_axis_tdata", kByte);
  bytes.ready = m.wire("s_axis_ready", 1);
  m.output("s_axis_tready", bytes.ready);
  plumbing_.takes("s_axis", values_of(place));
  publish(place, plumbing_.observed("s_axis", {bytes, 1, kByte, layouts_[place].channels}, place));
  return Ok{};
}

Result<Flow> NetworkBuilder::pooled(const LoweredNode& node, const std::string& stem,
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

PoolRequest NetworkBuilder::pool_request(const LoweredNode& node, const Flow& flow,
                                         const std::string& name) {
  PoolRequest request{.format = format_of(network_.nodes[node.inputs[0]]).name()};
  request.channels = layouts_[node.inputs[0]].channels;
  request.pixels = flow.values / static_cast<int>(request.channels);
  request.lanes = flow.lanes;
  request.name = part_name(name);
  request.fabric = request_.fabric;
  return request;
}

Status NetworkBuilder::add(std::size_t place, const LoweredNode& node,
                           const quant::WindowSums& op) {
  const std::string stem = stem_of(node);
  FEWBIT_ASSIGN_OR_RETURN(flow, pooled(node, stem, op.window));
  const std::string name = plumbing_.unique(stem + "_mean");
  FEWBIT_ASSIGN_OR_RETURN(spec, of_node(node, make_pool_mean_spec(pool_request(node, flow, name))));
  Flow out = flow;
  out.values = spec.channels;
  out.value_bits = spec.sum_format().bits;
  plumbing_.takes(name, static_cast<std::int64_t>(flow.beats()) * layouts_[place].pixels());
  set_sums(place, plumbing_.through(name, blocks::pool_mean(spec), "x", flow, out),
           spec.sum_format(), 0, false);
  return Ok{};
}

Status NetworkBuilder::add(std::size_t place, const LoweredNode& node,
                           const quant::MaxPooling& op) {
  const std::string stem = stem_of(node);
  const bool pads = op.window[0].pad_begin > 0 || op.window[1].pad_begin > 0 ||
                    op.window[0].pad_end > 0 || op.window[1].pad_end > 0;
  if (pads && format_of(node).is_signed()) {
    return not_covered(node, "maxima without padding, or of numbers that are not negative",
                       "what a window has beyond the image is 0");
  }
  FEWBIT_ASSIGN_OR_RETURN(flow, pooled(node, stem, op.window));
  const std::string name = plumbing_.unique(stem + "_max");
  FEWBIT_ASSIGN_OR_RETURN(spec, of_node(node, make_pool_max_spec(pool_request(node, flow, name))));
  Flow out = flow;
  out.values = spec.channels;
  plumbing_.takes(name, static_cast<std::int64_t>(flow.beats()) * layouts_[place].pixels());
  publish(place, plumbing_.through(name, blocks::pool_max(spec), "x", flow, out, place));
  return Ok{};
}

Result<IntFormat> NetworkBuilder::integer_of(const LoweredNode& operand, const LoweredNode& node) {
  const Format format = format_of(operand);
  if (format.is_int()) return IntFormat{format.bits(), format.is_signed(), 0};
  return not_covered(node, "a node that works on integers", "its operand has " + format.name());
}

Status NetworkBuilder::add_elementwise(std::size_t place, const LoweredNode& node,
                                       const quant::Requantizer& op, const IntFormat& integer,
                                       int lsb, const std::string& stem) {
  Flow flow = take_input(node);
  const int lanes = tight_lanes(flow.values, flow.lanes);
  flow = plumbing_.with_last(stem, plumbing_.tight(stem, flow, lanes));
  const std::string name = plumbing_.unique(stem);
  FEWBIT_ASSIGN_OR_RETURN(
      spec, requantizer(node, op, {integer.bits, integer.is_signed, lsb}, {lanes, lanes, lanes},
                        op.bounds, name, std::ldexp(1.0, integer.bits + lsb)));
  Flow out = flow;
  out.value_bits = format_of(node).bits();
  plumbing_.takes(name, static_cast<std::int64_t>(flow.beats()) * layouts_[place].pixels());
  const Flow made = plumbing_.through(name, blocks::requantizer(spec), "x", flow, out, place);
  publish(place, Plumbing::without_last(made));  // each beat is a vector of its own
  return Ok{};
}

Status NetworkBuilder::add(std::size_t place, const LoweredNode& node,
                           const quant::Conversion& op) {
  FEWBIT_ASSIGN_OR_RETURN(integer, integer_of(network_.nodes[node.inputs[0]], node));
  quant::Requantizer rounding;
  rounding.biases = {0};
  rounding.multipliers = {{1, std::max(0, op.fraction_bits)}};
  return add_elementwise(place, node, rounding, integer, std::max(0, -op.fraction_bits),
                         stem_of(node) + "_convert");
}

Status NetworkBuilder::add(std::size_t place, const LoweredNode& node, const quant::Clamp& op) {
  FEWBIT_ASSIGN_OR_RETURN(integer, integer_of(network_.nodes[node.inputs[0]], node));
  quant::Requantizer rounding;
  rounding.biases = {0};
  rounding.multipliers = {{1, 0}};
  rounding.bounds = op.bounds;
  return add_elementwise(place, node, rounding, integer, 0, stem_of(node) + "_clamp");
}

Status NetworkBuilder::add(std::size_t place, const LoweredNode& node, const quant::Addition& op) {
  const std::string stem = stem_of(node);
  const std::vector<Waiting> waiting = waiting_at(network_, layouts_, place);
  const std::vector<Flow> came = {take_input(node, 0), take_input(node, 1)};
  const int lanes = tight_lanes(came[0].values, std::max(came[0].lanes, came[1].lanes));
  std::vector<Flow> flows;
  for (std::size_t k = 0; k < came.size(); ++k) {
    Flow flow = plumbing_.tight(stem, came[k], lanes);
    if (waiting[k].least > 1) {
      const int beats = flow.beats();
      const int least = waiting[k].least * beats;
      int depth = (waiting[k].at_rate + 1) * beats;
      if (request_.block_rams) depth = without_half_used_block(least, depth);
      flow = plumbing_.waits(stem, flow, least,
                             request_.waiting ? request_.waiting(least, depth) : depth);
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

Result<int> NetworkBuilder::send() {
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

}  // namespace fewbit::study
