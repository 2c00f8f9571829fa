// Words of inputs, states and outputs: see quant_wiring.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/quant_wiring.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <utility>

#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/text.h"
#include "fewbit/quant/array_files.h"
#include "fewbit/quant/onnx_reader.h"

namespace fewbit::cli {
namespace {

/// What is before the first "=" and behind it.
Result<std::pair<std::string, std::string>> halves(const std::string& option,
                                                   const std::string& text,
                                                   const std::string& legal) {
  const std::size_t at = text.find('=');
  if (at == std::string::npos || at == 0 || at + 1 == text.size()) {
    return Error{option, text, legal, ""};
  }
  return std::pair{text.substr(0, at), text.substr(at + 1)};
}

}  // namespace

void WiringWords::declare(CLI::App& app) {
  app.add_option("--input", inputs_,
                 "NAME=FILE: an input of the network that is the same for all images, NPY; may be "
                 "given several times")
      ->allow_extra_args(false);
  app.add_option("--state", states_,
                 "INPUT=OUTPUT: an input that is 0 at the first step of a sequence, and behind it "
                 "what the output was a step before; images are then [sequences, steps, ..]")
      ->allow_extra_args(false);
  app.add_option("--output", output_,
                 "The output that answers, where the network has several that are no states");
}

std::string WiringWords::words() const {
  std::string words;
  for (const std::string& text : inputs_) words += " --input " + text;
  for (const std::string& text : states_) words += " --state " + text;
  if (!output_.empty()) words += " --output " + output_;
  return words;
}

Result<quant::Wiring> WiringWords::wiring() const {
  quant::Wiring wiring;
  for (const std::string& text : inputs_) {
    FEWBIT_ASSIGN_OR_RETURN(parts, halves("--input", text, "NAME=FILE"));
    Result<quant::Tensor> value = quant::read_npy(parts.second);
    if (!value.ok()) {
      Error error = value.error();
      if (error.field == "file") error.field = "--input";
      return error;
    }
    wiring.inputs.emplace_back(parts.first, std::move(value).value());
  }
  for (const std::string& text : states_) {
    FEWBIT_ASSIGN_OR_RETURN(parts, halves("--state", text, "INPUT=OUTPUT"));
    wiring.states.push_back({parts.first, parts.second});
  }
  wiring.output = output_;
  return wiring;
}

Result<quant::Graph> WiringWords::read(const std::string& file) const {
  FEWBIT_ASSIGN_OR_RETURN(graph, quant::read_onnx(file));
  FEWBIT_ASSIGN_OR_RETURN(wiring, this->wiring());
  return quant::wired(std::move(graph), wiring);
}

Result<std::string> WiringWords::hash(const std::string& file, const quant::Graph& graph) const {
  FEWBIT_ASSIGN_OR_RETURN(text, read_file(file));
  std::string hash = sha256(text);
  std::vector<std::filesystem::path> others = graph.files;
  for (const std::string& input : inputs_) others.push_back(input.substr(input.find('=') + 1));
  for (const std::filesystem::path& other : others) {
    FEWBIT_ASSIGN_OR_RETURN(more, read_file(other));
    hash = sha256(hash + sha256(more));
  }
  return hash;
}

}  // namespace fewbit::cli
