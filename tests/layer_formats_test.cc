// Files with formats of layers by name.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/layer_formats.h"

#include <gmock/gmock.h>

#include "fewbit/gen/util/files.h"
#include "fewbit/tests/quant_networks.h"

namespace fewbit::quant {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// Four matrix products, "first", "a b", "third" and "last".
Network four_layers() {
  Graph graph;
  graph.inputs = {{"x", {-1, 3}, true}};
  graph.outputs = {"y4"};
  std::string from = "x";
  int number = 0;
  for (const char* name : {"first", "a b", "third", "last"}) {
    const std::string weights = "w" + std::to_string(++number), to = "y" + std::to_string(number);
    graph.constants[weights] = float_tensor({3, 3}, {1, 0, 0, 0, 1, 0, 0, 0, 1});
    graph.nodes.push_back({"Gemm", name, 13, {from, weights}, {to}, {}});
    from = to;
  }
  return Network::make(std::move(graph)).value();
}

class LayerFormatsTest : public ::testing::Test {
 protected:
  Result<std::vector<LayerFormats>> read(const std::string& text) {
    EXPECT_TRUE(write_files(scratch_.path(), {{"formats.txt", text}}).ok());
    return read_layer_formats(scratch_.path() / "formats.txt", network_, options_);
  }
  std::vector<std::string> names(const std::string& text) {
    std::vector<std::string> names;
    for (const LayerFormats& layer : read(text).value()) {
      names.push_back(layer.weights.name() + "/" + layer.activations.name());
    }
    return names;
  }
  std::string refused(const std::string& text) {
    const auto formats = read(text);
    return formats.ok() ? "" : formats.error().message();
  }
  const Network network_ = four_layers();
  QuantizerOptions options_{.weights = parse_format("int4").value(),
                            .activations = parse_format("e2m1").value()};
  const ScratchDirectory scratch_ = ScratchDirectory::make().value();
};

TEST_F(LayerFormatsTest, LinesNameLayersAndTheOthersHaveTheUsualFormats) {
  EXPECT_EQ(names("# by hand\n\ne2m0f  int3\ta b\r\n"),
            (std::vector<std::string>{"int8/int8", "e2m0f/int3", "int4/e2m1", "int8/int8"}));
  // An edge is as the file says.
  EXPECT_EQ(names("int2 int2 last\nint3 int3 first"),
            (std::vector<std::string>{"int3/int3", "int4/e2m1", "int4/e2m1", "int2/int2"}));
  options_.edges_at_8_bits = false;
  EXPECT_EQ(names("int2 int2 third"),
            (std::vector<std::string>{"int4/e2m1", "int4/e2m1", "int2/int2", "int4/e2m1"}));
}

TEST_F(LayerFormatsTest, WrongLinesAreNamed) {
  EXPECT_THAT(refused("int4 int4 first\nint4 first"),
              AllOf(HasSubstr("line 2"), HasSubstr("fewer")));
  EXPECT_THAT(refused("int4 int4 fist"),
              AllOf(HasSubstr("line 1"), HasSubstr("first, a b, third")));
  EXPECT_THAT(refused("int4 int4 a b\nint3 int4 a b"),
              AllOf(HasSubstr("line 2"), HasSubstr("before")));
  EXPECT_THAT(refused("int4 int44 first"), AllOf(HasSubstr("line 1 of"), HasSubstr("int44")));
  EXPECT_THAT(refused("int4 bipolar first"), HasSubstr("zero"));
  EXPECT_THAT(refused("# nothing\n"), HasSubstr("names no layer"));
  EXPECT_FALSE(read_layer_formats(scratch_.path() / "none", network_, options_).ok());
}

}  // namespace
}  // namespace fewbit::quant
