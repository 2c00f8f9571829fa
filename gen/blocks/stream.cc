// Streams: see stream.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/stream.h"

#include <fmt/format.h>

#include <set>
#include <string_view>

#include "fewbit/gen/rtl/instance.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::blocks {

using rtl::Module;
using rtl::Signal;

Stream input_stream(Module& m, const std::string& name, const StreamShape& shape) {
  FEWBIT_CHECK(shape.data_bits >= 1, "stream {} of {} bits", name, shape.data_bits);
  Stream stream;
  stream.valid = m.input(name + "_valid_i", 1);
  stream.data = m.input(name + "_data_i", shape.data_bits);
  if (shape.has_last) stream.last = m.input(name + "_last_i", 1);
  stream.ready = m.wire(name + "_ready", 1);
  m.output(name + "_ready_o", stream.ready);
  return stream;
}

Stream make_stream(Module& m, const std::string& name, const Signal& valid, const Signal& data,
                   const Signal& last) {
  return {valid, m.wire(name + "_ready", 1), data, last};
}

void output_stream(Module& m, const std::string& name, const Stream& stream) {
  m.drive(stream.ready, m.input(name + "_ready_i", 1));
  m.output(name + "_valid_o", stream.valid);
  m.output(name + "_data_o", stream.data);
  if (stream.has_last()) m.output(name + "_last_o", stream.last);
}

Signal moves(const Stream& stream) { return stream.valid & stream.ready; }

const Stream& StreamInstance::operator[](const std::string& name) const {
  const auto found = streams_.find(name);
  FEWBIT_CHECK(found != streams_.end(), "no stream {}", name);
  return found->second;
}

namespace {

/// NAME of a port NAME_ready_i, "" of another.
std::string sent_by(const std::string& port) {
  constexpr std::string_view kEnd = "_ready_i";
  return port.ends_with(kEnd) ? port.substr(0, port.size() - kEnd.size()) : "";
}

}  // namespace

StreamInstance stream_instance(Module& m, const std::shared_ptr<Module>& part,
                               const std::string& name,
                               const std::vector<std::pair<std::string, Stream>>& streams,
                               const std::vector<std::pair<std::string, Signal>>& others,
                               const std::vector<rtl::Argument>& arguments) {
  std::vector<std::pair<std::string, Signal>> inputs = others;
  for (const auto& [port, stream] : streams) {
    inputs.emplace_back(port + "_valid_i", stream.valid);
    inputs.emplace_back(port + "_data_i", stream.data);
    if (stream.has_last()) inputs.emplace_back(port + "_last_i", stream.last);
  }
  const std::string stem = name.starts_with("u_") ? name.substr(2) : name;
  std::map<std::string, Stream> sent;
  for (const int id : part->inputs()) {
    const std::string port = sent_by(part->node(id).name);
    if (port.empty()) continue;
    sent[port].ready = m.wire(fmt::format("{}_{}_ready", stem, port), 1);
    inputs.emplace_back(port + "_ready_i", sent[port].ready);
  }
  const rtl::InstanceOutputs outputs = m.instance(part, name, inputs, arguments);
  for (const auto& [port, stream] : streams) m.drive(stream.ready, outputs[port + "_ready_o"]);
  for (auto& [port, stream] : sent) {
    stream.valid = outputs[port + "_valid_o"];
    stream.data = outputs[port + "_data_o"];
    if (outputs.has(port + "_last_o")) stream.last = outputs[port + "_last_o"];
  }
  return {std::move(sent), outputs};
}

std::vector<std::string> stream_defects(const Module& m, bool registered) {
  const auto gets_ready = [&](std::size_t input) {
    return !sent_by(m.node(m.inputs()[input]).name).empty();
  };
  std::vector<std::string> defects;
  const std::vector<std::set<std::size_t>> depends = combinational_inputs(m);
  for (std::size_t i = 0; i < m.outputs().size(); ++i) {
    const std::string& output = m.outputs()[i].name;
    const bool is_sent =
        output.ends_with("_valid_o") || output.ends_with("_data_o") || output.ends_with("_last_o");
    if (!is_sent && !(registered && output.ends_with("_ready_o"))) continue;
    for (const std::size_t input : depends[i]) {
      if (!gets_ready(input)) continue;
      defects.push_back(fmt::format("{} depends on {} without a register between", output,
                                    m.node(m.inputs()[input]).name));
    }
  }
  return defects;
}

}  // namespace fewbit::blocks
