// network_outputs NETWORK IMAGES [OUTPUT [INPUT=FILE|STATE:OUTPUT]...]: outputs of the float engine
// as binary32 on stdout. OUTPUT "-": the only one.
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <span>

#include "fewbit/quant/array_files.h"
#include "fewbit/quant/evaluate.h"
#include "fewbit/quant/onnx_reader.h"
#include "fewbit/quant/wiring.h"

namespace fewbit::quant {
namespace {

Result<Wiring> read_wiring(std::span<char*> words) {
  Wiring wiring;
  if (words.empty()) return wiring;
  if (std::string(words[0]) != "-") wiring.output = words[0];
  for (const std::string word : words.subspan(1)) {
    const std::size_t at = word.find_first_of("=:");
    if (at == std::string::npos) return Error{"word", word, "INPUT=FILE, STATE:OUTPUT", ""};
    const std::string name = word.substr(0, at), other = word.substr(at + 1);
    if (word[at] == ':') {
      wiring.states.push_back({name, other});
      continue;
    }
    FEWBIT_ASSIGN_OR_RETURN(value, read_npy(other));
    wiring.inputs.emplace_back(name, std::move(value));
  }
  return wiring;
}

/// One thread, so that batches come in order.
Status write_outputs(std::span<char*> words) {
  FEWBIT_ASSIGN_OR_RETURN(graph, read_onnx(words[0]));
  FEWBIT_ASSIGN_OR_RETURN(wiring, read_wiring(words.subspan(2)));
  FEWBIT_ASSIGN_OR_RETURN(whole, wired(std::move(graph), wiring));
  FEWBIT_ASSIGN_OR_RETURN(network, Network::make(std::move(whole)));
  FEWBIT_ASSIGN_OR_RETURN(images, read_images(words[1]));
  return for_each_batch(
      network, FloatArithmetic(), images, 1,
      [](const Tensor& outputs, std::size_t, std::size_t) -> Status {
        const std::vector<float>& values = outputs.floats();
        if (std::fwrite(values.data(), sizeof(float), values.size(), stdout) == values.size()) {
          return Ok{};
        }
        return Error{"stdout", "", "a place that can be written", ""};
      });
}

}  // namespace
}  // namespace fewbit::quant

int main(int count, char** words) {
  if (count < 3) {
    std::fputs("usage: network_outputs NETWORK IMAGES [OUTPUT [INPUT=FILE|STATE:OUTPUT]...]\n",
               stderr);
    return 2;
  }
  const fewbit::Status status =
      fewbit::quant::write_outputs(std::span(words + 1, static_cast<std::size_t>(count) - 1));
  if (status.ok() && std::fflush(stdout) == 0) return 0;
  std::fputs(status.ok() ? "stdout cannot be written\n" : status.error().message().c_str(), stderr);
  return 2;
}
