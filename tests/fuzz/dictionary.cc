// Fuzz target: a dictionary, and the same file as text in its characters.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/dictionary.h"

#include "fewbit/tests/fuzz/input_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fewbit;  // NOLINT(google-build-using-namespace): one function
  const fuzz::InputFile file(data, size);
  const Result<quant::Dictionary> dictionary = quant::Dictionary::read(file.path());
  if (!dictionary.ok()) {
    static_cast<void>(dictionary.error().message());
    return 0;
  }
  const Result<quant::Text> text = dictionary->read_text(file.path());
  FEWBIT_CHECK(text.ok(), "a dictionary is a text of its characters: {}", text.error().message());
  return 0;
}
