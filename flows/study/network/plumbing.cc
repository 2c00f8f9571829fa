// Plumbing: see plumbing.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/network/plumbing.h"

#include <fmt/format.h>

#include <algorithm>

#include "fewbit/gen/blocks/emit.h"
#include "fewbit/gen/rtl/control.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::study {

using blocks::Stream;
using rtl::Module;
using rtl::Signal;

namespace {

constexpr int kMostLanes = 64;    ///< values of a beat of a repack
constexpr int kLeastMemory = 16;  ///< a fifo of fewer places is of registers
constexpr int kLeastPlaces = 2;

std::shared_ptr<Module> block(const std::string& name,
                              const std::map<std::string, std::string>& values) {
  const Result<BlockSpec> spec = make_block_spec({name, values});
  FEWBIT_CHECK(spec.ok(), "{}: {}", name, spec.error().message());
  return blocks::module_of(*spec);
}

std::string yes(bool value) { return value ? "yes" : "no"; }

}  // namespace

int tight_lanes(int values, int lanes) {
  int best = 1;
  for (int divisor = 1; divisor <= std::min(values, kMostLanes); ++divisor) {
    if (values % divisor != 0) continue;
    best = divisor;
    if (divisor >= lanes) break;
  }
  return best;
}

Plumbing::Plumbing(Module& module, std::string part_prefix, bool is_observed)
    : m_(module), prefix_(std::move(part_prefix)), is_observed_(is_observed) {}

std::string Plumbing::unique(const std::string& stem) {
  std::string name = stem;
  for (int k = 2; !names_.insert(name).second; ++k) name = fmt::format("{}_{}", stem, k);
  return name;
}

Flow Plumbing::observed(const std::string& name, Flow flow, std::optional<std::size_t> node) {
  const std::size_t place = streams_.size();
  streams_.push_back({name, node, flow.lanes, flow.value_bits, flow.values});
  if (!is_observed_) return flow;
  const rtl::Scope scope(m_, fmt::format("gate_{}", place));
  const Stream in = flow.stream;
  const Signal stall = m_.input(fmt::format("stall_{}_i", place), 1);
  const Signal held = m_.reg(m_.scoped("held_q"), 1);  // offered, and so not to be taken back
  const Signal open = m_.net("open", held | ~stall);
  const Signal valid = m_.net("valid", in.valid & open);
  flow.stream = blocks::make_stream(m_, m_.scoped("gated"), valid, in.data, in.last);
  m_.drive(in.ready, flow.stream.ready & open);
  m_.drive(held, valid & ~flow.stream.ready);
  m_.output(fmt::format("tap_{}_valid_o", place), valid);
  m_.output(fmt::format("tap_{}_ready_o", place), flow.stream.ready);
  if (node) m_.output(fmt::format("tap_{}_data_o", place), in.data);
  return flow;
}

Flow Plumbing::through(const std::string& name, const std::shared_ptr<Module>& part,
                       const std::string& port, const Flow& in, Flow out,
                       std::optional<std::size_t> node) {
  const auto made = blocks::stream_instance(m_, part, "u_" + name, {{port, in.stream}});
  out.stream = made[port == "in" ? "out" : "y"];
  return observed(name, std::move(out), node);
}

Flow Plumbing::without_last(Flow flow) {
  flow.stream.last = {};
  return flow;
}

Flow Plumbing::with_last(const std::string& stem, Flow flow, int packets) {
  const bool has_ends = flow.stream.has_last() && packets == 1;
  if (has_ends) return flow;
  FEWBIT_CHECK(flow.is_tight(), "{}: ends of packets whose last beat is filled up", stem);
  const int beats = flow.beats() * packets;
  const std::string name = unique(stem + "_end");
  flow.stream.last = beats == 1 ? m_.constant(1, 1)
                                : rtl::counter(m_, name, beats, blocks::moves(flow.stream)).last;
  flow.values *= packets;
  return flow;
}

Flow Plumbing::repacked(const std::string& stem, const Flow& flow, int lanes, bool has_last) {
  std::map<std::string, std::string> values = {{"--value-bits", std::to_string(flow.value_bits)},
                                               {"--in-values", std::to_string(flow.lanes)},
                                               {"--out-values", std::to_string(lanes)},
                                               {"--last", yes(has_last)}};
  if (has_last) {
    values["--last-values"] = std::to_string(flow.values - (flow.beats() - 1) * flow.lanes);
  }
  Flow out = flow;
  out.lanes = lanes;
  return through(unique(stem + "_repack"), block("repack", values), "in",
                 has_last ? flow : without_last(flow), out);
}

Flow Plumbing::tight(const std::string& stem, const Flow& flow, int lanes) {
  FEWBIT_CHECK(flow.values % lanes == 0, "{}: {} values, {} a beat", stem, flow.values, lanes);
  if (flow.lanes == lanes) return without_last(flow);
  return without_last(repacked(stem, flow, lanes, !flow.is_tight()));
}

Flow Plumbing::packed(const std::string& stem, const Flow& flow, int lanes) {
  if (flow.lanes == lanes) return with_last(stem, flow);
  if (flow.is_tight() && flow.values % lanes == 0) {
    return with_last(stem, repacked(stem, flow, lanes, false));
  }
  return repacked(stem, with_last(stem, flow), lanes, true);
}

std::vector<Flow> Plumbing::forked(const std::string& stem, const Flow& flow, int consumers) {
  if (consumers == 1) return {flow};
  const std::string name = unique(stem + "_fork");
  const bool has_last = flow.stream.has_last();
  const auto part = block("fork", {{"--data-bits", std::to_string(flow.lanes * flow.value_bits)},
                                   {"--outputs", std::to_string(consumers)},
                                   {"--last", yes(has_last)}});
  const auto made = blocks::stream_instance(m_, part, "u_" + name, {{"in", flow.stream}});
  std::vector<Flow> flows;
  for (int k = 0; k < consumers; ++k) {
    Flow own = flow;
    own.stream = made[fmt::format("out_{}", k)];
    flows.push_back(observed(fmt::format("{}_{}", name, k), own));
  }
  return flows;
}

Flow Plumbing::waits(const std::string& stem, const Flow& flow, int least, int depth) {
  const std::string name = unique(stem + "_fifo");
  const int bits = flow.lanes * flow.value_bits;
  depth = std::max(depth, kLeastPlaces);
  waiting_.push_back({name, least, depth, bits});
  const auto part = block("fifo", {{"--data-bits", std::to_string(bits)},
                                   {"--depth", std::to_string(depth)},
                                   {"--storage", depth < kLeastMemory ? "registers" : "any"},
                                   {"--output-register", yes(depth >= kLeastMemory)},
                                   {"--last", yes(flow.stream.has_last())}});
  return through(name, part, "in", flow, flow);
}

}  // namespace fewbit::study
