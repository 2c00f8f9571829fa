// Fuzz target: a network in a file, made and run on one image.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/network.h"
#include "fewbit/quant/onnx_reader.h"
#include "fewbit/tests/fuzz/input_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fewbit;  // NOLINT(google-build-using-namespace): one function
  const fuzz::InputFile file(data, size);
  Result<quant::Graph> graph = quant::read_onnx(file.path());
  if (!graph.ok()) return 0;
  const Result<quant::Network> network = quant::Network::make(std::move(graph).value());
  if (!network.ok()) return 0;
  quant::Shape shape = network->input().shape;
  for (std::int64_t& extent : shape) extent = extent == -1 ? 1 : extent;
  if (!quant::is_legal(shape) || quant::element_count(shape) > 4096) return 0;
  quant::Tensor image = quant::float_tensor(shape);
  for (std::size_t i = 0; i < image.size(); ++i) {
    image.floats()[i] = static_cast<float>(i % 7) - 3;
  }
  const quant::FloatArithmetic arithmetic;
  static_cast<void>(network->run(image, arithmetic).ok());
  return 0;
}
