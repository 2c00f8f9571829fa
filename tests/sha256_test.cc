// SHA-256: the examples of NIST and of the system's sha256sum.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>

#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/process.h"

namespace fewbit {
namespace {

TEST(Sha256, ExamplesOfTheStandard) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, EveryLengthAroundTwoBlocks) {
  const ScratchDirectory scratch = ScratchDirectory::make().value();
  std::string names;
  std::vector<std::string> texts;
  for (int length = 50; length < 140; ++length) {
    std::string text;
    for (int i = 0; i < length; ++i) text += static_cast<char>(i * 37 + length);
    const auto path = scratch.path() / std::to_string(length);
    std::ofstream(path, std::ios::binary) << text;
    names += " " + path.string();
    texts.push_back(text);
  }
  FILE* pipe = ::popen(("sha256sum" + names).c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  char line[4096];
  std::size_t compared = 0;
  while (std::fgets(line, sizeof line, pipe) != nullptr && compared < texts.size()) {
    EXPECT_EQ(std::string(line).substr(0, 64), sha256(texts[compared++]));
  }
  ::pclose(pipe);
  EXPECT_EQ(compared, texts.size());
}

}  // namespace
}  // namespace fewbit
