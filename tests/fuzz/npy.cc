// Fuzz target: an NPY file as a tensor, as images and as labels.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/array_files.h"
#include "fewbit/tests/fuzz/input_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fewbit::fuzz::InputFile file(data, size);
  static_cast<void>(fewbit::quant::read_npy(file.path()).ok());
  static_cast<void>(fewbit::quant::read_images(file.path()).ok());
  static_cast<void>(fewbit::quant::read_labels(file.path()).ok());
  return 0;
}
