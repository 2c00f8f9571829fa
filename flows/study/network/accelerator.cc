// Accelerators: see accelerator.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/network/accelerator.h"

#include <fmt/format.h>

#include <algorithm>

#include "fewbit/flows/study/network/fold_layers.h"
#include "fewbit/flows/study/network/network_builder.h"
#include "fewbit/gen/blocks/header.h"

namespace fewbit::study {

using rtl::Module;

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
  design.signature.arch = "block";  // memories are meant for block RAM
  if (has_multipliers) design.signature.dsp = "one";
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
  FEWBIT_ASSIGN_OR_RETURN(accelerator, NetworkBuilder(network, request, m).build(top));
  if (request.block_rams) {
    const BlockRams& rams = *request.block_rams;
    place_memories(m, rams.shapes, rams.least_bits, rams.blocks);
  }
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
  accelerator.has_multipliers = request.has_multipliers;
  return accelerator;
}

}  // namespace fewbit::study
