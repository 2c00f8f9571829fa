// Layers by their requests: in the evaluator against their models, contents, refusals.
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <functional>

#include "fewbit/gen/blocks/emit.h"
#include "fewbit/gen/blocks/stream.h"
#include "fewbit/gen/rtl/passes.h"
#include "fewbit/gen/spec/layer_spec.h"
#include "fewbit/sim/model/blocks/layer.h"
#include "fewbit/sim/model/blocks/matvec.h"
#include "fewbit/sim/verify/block.h"
#include "fewbit/tests/evaluated_streams.h"
#include "fewbit/tests/graph_edit.h"
#include "fewbit/tests/layer_requests.h"

namespace fewbit {
namespace {

using fewbit::testing::layer_of;
using fewbit::testing::layer_request;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Layers, DoAsTheirModelsWhoeverStalls) {
  for (const BlockRequest& request : testing::layer_requests()) {
    const BlockSpec spec = layer_of(request);
    SCOPED_TRACE(spec.command());
    const auto module = blocks::module_of(spec);
    EXPECT_THAT(rtl::find_defects(*module), IsEmpty());
    EXPECT_THAT(blocks::stream_defects(*module), IsEmpty());
    verify::StreamBehaviour behaviour(verify::plan_of(spec, blocks::emit(spec).signature),
                                      verify::stream_options(spec, 1));
    EXPECT_THAT(testing::differences(*module, behaviour), IsEmpty());
    EXPECT_GT(behaviour.beats(), 1500U);
  }
}

TEST(Layers, AMistakeShowsByTheVerificationOfTheCommandLine) {
  const BlockSpec spec = layer_of(testing::layer_requests().front());
  const auto module = blocks::module_of(spec);
  testing::GraphEdit edit(*module);
  edit.plant("enters", edit["place_left"], edit.constant(1, 1));
  verify::StreamBehaviour behaviour(verify::plan_of(spec, blocks::emit(spec).signature),
                                    verify::stream_options(spec, 1));
  EXPECT_FALSE(testing::differences(*module, behaviour, 1).empty());
}

/// The first of the requests whose weights come over a stream.
BlockSpec loaded_matvec() {
  for (const BlockRequest& request : testing::layer_requests()) {
    if (request.values.contains("--load-bits")) return layer_of(request);
  }
  ADD_FAILURE() << "no request with --load-bits";
  return {};
}

TEST(LoadedMatvec, MistakesShow) {
  const BlockSpec spec = loaded_matvec();
  const auto is_found = [&](const std::function<void(testing::GraphEdit&)>& change) {
    const auto module = blocks::module_of(spec);
    testing::GraphEdit edit(*module);
    change(edit);
    verify::StreamBehaviour behaviour(verify::plan_of(spec, blocks::emit(spec).signature),
                                      verify::stream_options(spec, 1));
    return !testing::differences(*module, behaviour, 1).empty();
  };
  EXPECT_FALSE(is_found([](testing::GraphEdit&) {}));
  // Whatever the sums are; whatever the first sum is; vectors before there are weights; packets
  // into a vector; parts in the other order of time.
  EXPECT_TRUE(
      is_found([](auto& e) { e.plant("load_is_right", e["load_matches"], e.constant(1, 1)); }));
  EXPECT_TRUE(
      is_found([](auto& e) { e.plant("load_is_right", e["load_differed_q"], e.constant(1, 0)); }));
  EXPECT_TRUE(is_found([](auto& e) { e.plant("load_ready", e["holds_one_q"], e.constant(1, 0)); }));
  EXPECT_TRUE(is_found([](auto& e) { e.plant("load_ready", e["mid_vector"], e.constant(1, 0)); }));
  EXPECT_TRUE(
      is_found([](auto& e) { e.plant("load_admits", e["load_done_q"], e.constant(1, 1)); }));
}

/// The packet of a matrix of two rows of three int4, one row and two terms at a time, 8 bits a
/// beat: a word is a beat. Words 0x21 0x03, 0xf4 0x0e; s1 = 0x126, s2 = 0x21 + 0x24 + 0x118 +
/// 0x126 = 0x283.
TEST(LoadedMatvec, APacketIsAsWrittenByHand) {
  const BlockSpec spec = layer_of(layer_request(
      "matvec", {"--weights-format", "int4", "--activations-format", "int4", "--outputs", "2",
                 "--terms", "3", "--rows", "1", "--lanes", "2", "--load-bits", "8"}));
  const auto& matvec = std::get<MatvecSpec>(spec.layer->of);
  const model::Beats packet = model::weight_packet(matvec, {1, 2, 3, 4, 15, 14});
  std::vector<int> data;
  for (const model::Beat& beat : packet) data.push_back(beat.data.convert_to<int>());
  EXPECT_THAT(data, ElementsAre(0x21, 0x03, 0xf4, 0x0e, 0x26, 0x83));
  EXPECT_TRUE(packet.back().last);
  EXPECT_EQ(model::loaded(matvec, packet), model::Loaded::kRight);
  EXPECT_EQ(model::loaded(matvec, {packet.begin() + 1, packet.end()}), model::Loaded::kWrongLength);
  model::Beats swapped = packet;
  std::swap(swapped[0].data, swapped[1].data);
  EXPECT_EQ(model::loaded(matvec, swapped), model::Loaded::kWrongSums);
}

TEST(Layers, ContentsAreOfTheFileOrRandomBySeed) {
  BlockRequest request = testing::layer_requests()[3];  // 3 x 4 of e2m0f
  const auto weights = [](const BlockSpec& spec) {
    return std::get<MatvecSpec>(spec.layer->of).weights;
  };
  const BlockSpec random = layer_of(request);
  EXPECT_EQ(random.contents().at("--weights"), "random, seed 1");
  EXPECT_EQ(weights(random), weights(layer_of(request)));
  request.values["--contents-seed"] = "2";
  EXPECT_NE(weights(random), weights(layer_of(request)));
  request.values["--weights"] = "w.npy";
  request.contents["--weights"] = {{0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3}, {3, 4}};
  const BlockSpec given = layer_of(request);
  EXPECT_EQ(given.contents().at("--weights"), "w.npy");
  EXPECT_THAT(weights(given), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3));
  EXPECT_THAT(given.command(), HasSubstr("--weights w.npy"));
}

/// Beats written by hand, so that the order of values in beats is checked from outside.
TEST(Layers, ModelsReadAndWriteBeatsInOrder) {
  BlockRequest request = layer_request(
      "matvec", {"--weights-format", "int4", "--activations-format", "uint4", "--outputs", "3",
                 "--terms", "3", "--rows", "2", "--lanes", "2", "--weights", "w.txt"});
  // Rows 1 2 3; -1 0 1; 0 0 7.
  request.contents["--weights"] = {{1, 2, 3, -1, 0, 1, 0, 0, 7}};
  const BlockSpec spec = layer_of(request);
  const int bits = std::get<MatvecSpec>(spec.layer->of).sum_format().bits;
  // x = 4, 5, 6, and a lane that does not count: sums 32, 2 and 42.
  const auto sent =
      model::layer_outputs(spec, {{"x", {{BigInt(0x54), false}, {BigInt(0xf6), true}}}});
  const model::Beats& y = sent.at("y");
  ASSERT_EQ(y.size(), 2U);
  EXPECT_EQ(y[0].data, (BigInt(2) << bits) | 32);
  EXPECT_FALSE(y[0].last);
  EXPECT_EQ(y[1].data, 42);
  EXPECT_TRUE(y[1].last);
}

std::string refusal(BlockRequest request, const std::string& option, const std::string& value) {
  request.values[option] = value;
  const auto spec = make_block_spec(request);
  return spec.ok() ? std::string("accepted") : spec.error().message();
}

TEST(Layers, RefuseWhatTheyDoNotCover) {
  const BlockRequest matvec = testing::layer_requests()[0];
  EXPECT_THAT(refusal(matvec, "--weights-format", "e4m3fn"),
              AllOf(HasSubstr("--weights-format"), HasSubstr("finite")));
  EXPECT_THAT(refusal(matvec, "--rows", "13"), HasSubstr("1 to 12"));
  EXPECT_THAT(refusal(matvec, "--lanes", "65"), HasSubstr("1 to 64"));
  EXPECT_THAT(refusal(matvec, "--dsp", "all"), HasSubstr("none, one, packed"));
  EXPECT_THAT(refusal(matvec, "--reset", "sync_low"), HasSubstr("no --reset for matvec"));
  EXPECT_THAT(refusal(matvec, "--weights", "a\nb"), HasSubstr("printable"));
  const BlockRequest slow =
      layer_request("matvec", {"--weights-format", "int4", "--activations-format", "int4",
                               "--outputs", "2048", "--terms", "600"});
  EXPECT_THAT(refusal(slow, "--rows", "1"), AllOf(HasSubstr("cycles"), HasSubstr("1048576")));
  EXPECT_THAT(refusal(matvec, "--load-bits", "7"), HasSubstr("8 to 64"));
  BlockRequest both = matvec;
  both.values["--weights"] = "w.npy";
  EXPECT_THAT(refusal(both, "--load-bits", "8"), HasSubstr("no --weights with --load-bits"));
  BlockRequest given = matvec;
  given.values["--weights"] = "w.npy";
  given.contents["--weights"] = {std::vector<long long>(480, 1), {40, 12}};
  EXPECT_THAT(refusal(given, "--rows", "4"), AllOf(HasSubstr("[12, 40]"), HasSubstr("[40, 12]")));
  given.contents["--weights"] = {std::vector<long long>(479, 1)};
  EXPECT_THAT(refusal(given, "--rows", "4"), AllOf(HasSubstr("480"), HasSubstr("479")));
  given.contents["--weights"] = {std::vector<long long>(480, -1)};
  EXPECT_THAT(refusal(given, "--rows", "4"), AllOf(HasSubstr("number 0"), HasSubstr("0 to 7")));
  const BlockRequest join = layer_request("join", {"--format", "int8"});
  EXPECT_THAT(refusal(join, "--left-shift", "3"), HasSubstr("no --left-shift without"));
  EXPECT_THAT(refusal(join, "--most", "200"), HasSubstr("-128 to 127"));
  EXPECT_THAT(refusal(layer_request("argmax", {"--format", "int8"}), "--classes", "1"),
              HasSubstr("2 to 65536"));
  const BlockRequest thresholds = layer_request(
      "thresholds", {"--sums-format", "int8", "--result-format", "e2m2f", "--outputs", "2"});
  EXPECT_THAT(refusal(thresholds, "--rows", "1"), HasSubstr("at most 4 bits"));
}

}  // namespace
}  // namespace fewbit
