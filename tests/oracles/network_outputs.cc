// network_outputs NETWORK IMAGES: outputs of the float engine as binary32 on stdout.
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "fewbit/quant/array_files.h"
#include "fewbit/quant/evaluate.h"
#include "fewbit/quant/onnx_reader.h"

namespace fewbit::quant {
namespace {

/// One thread, so that batches come in order.
Status write_outputs(const char* network_file, const char* images_file) {
  FEWBIT_ASSIGN_OR_RETURN(graph, read_onnx(network_file));
  FEWBIT_ASSIGN_OR_RETURN(network, Network::make(std::move(graph)));
  FEWBIT_ASSIGN_OR_RETURN(images, read_images(images_file));
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
  if (count != 3) {
    std::fputs("usage: network_outputs NETWORK IMAGES\n", stderr);
    return 2;
  }
  const fewbit::Status status = fewbit::quant::write_outputs(words[1], words[2]);
  if (status.ok() && std::fflush(stdout) == 0) return 0;
  std::fputs(status.ok() ? "stdout cannot be written\n" : status.error().message().c_str(), stderr);
  return 2;
}
