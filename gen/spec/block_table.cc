// The table of blocks: streams, and layers of networks.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "fewbit/gen/spec/block_spec.h"

namespace fewbit {
namespace {

constexpr int kMaxDataBits = 4096;
constexpr int kMaxDepth = 65536;
constexpr int kMaxValueBits = 64;
constexpr int kMaxValues = 64;
constexpr int kMaxBeats = 16384;
constexpr int kMaxTimes = 1024;
constexpr int kRegisterDepth = 4;
constexpr int kLeastMemoryDepth = 4;
constexpr int kMaxOutputs = 65536;
constexpr int kMaxRows = 256;
constexpr int kMaxLanes = 64;
constexpr int kMaxChannels = 4096;
constexpr int kMaxPixels = 4096;
constexpr int kMaxCode = 0x7fffffff;

BlockParameter yes_or_no(const std::string& option, const std::string& meaning,
                         const std::string& tag) {
  return {option, meaning, "no", 0, 0, "no, yes", tag};
}

const BlockParameter kDataBits = {
    "--data-bits", "Bits of the data of a beat", "", 1, kMaxDataBits, "", "w"};
const BlockParameter kLast = yes_or_no("--last", "Beats have last, the end of a packet", "last");
const BlockParameter kReset = {
    "--reset", "Reset", "async_low", 0, 0, "async_low, sync_high, sync_low", ""};
const BlockParameter kOutputRegister =
    yes_or_no("--output-register", "A register behind the memory, as block RAM wants for speed",
              "registered");

std::vector<BlockInfo> stream_blocks() {
  return {
      {BlockKind::kSkid,
       "skid",
       "two places that cut every path between both sides, at full rate",
       "out = in",
       {kDataBits, kLast, kReset}},
      {BlockKind::kFifo,
       "fifo",
       "queue of --depth beats, at full rate",
       "out = in",
       {kDataBits,
        {"--depth", "Beats that it holds", "", 2, kMaxDepth, "", "d"},
        {"--storage", "What holds them",
         fmt::format("registers up to a depth of {}, else any", kRegisterDepth), 0, 0,
         "registers, any, block, distributed", ""},
        kOutputRegister,
        yes_or_no("--level", "level_o, the number of beats held", "level"),
        kLast,
        kReset}},
      {BlockKind::kRepack,
       "repack",
       "P values a beat as S values a beat: widens or narrows, dividing or not",
       "out = the values of in, in order; a packet's end fills up with zeros",
       {{"--value-bits", "Bits of a value", "", 1, kMaxValueBits, "", "w"},
        {"--in-values", "P, values of a beat that comes in", "", 1, kMaxValues, "", "p"},
        {"--out-values", "S, values of a beat that goes out", "", 1, kMaxValues, "", "s"},
        {"--last-values", "Values that count of a packet's last beat, the lowest", "all of them", 1,
         kMaxValues, "", "l"},
        kLast,
        kReset}},
      {BlockKind::kFork,
       "fork",
       "the same beats to several consumers, each at its own pace",
       "out_0 = out_1 = ... = in",
       {kDataBits, {"--outputs", "Consumers", "", 2, 16, "", "n"}, kLast, kReset}},
      {BlockKind::kReplay,
       "replay",
       "each --beats beats --times times, the last of them with last",
       "out = in[0..K), R times, then in[K..2K), R times, ...",
       {kDataBits,
        {"--beats", "K, beats of a group", "", 1, kMaxBeats, "", "k"},
        {"--times", "R, times that a group is sent", "", 1, kMaxTimes, "", "r"},
        {"--depth", "Words of the memory",
         fmt::format("twice --beats, at least {}", kLeastMemoryDepth), 2, 2 * kMaxBeats, "", "d"},
        {"--storage", "What the memory is made of", "any", 0, 0, "any, block, distributed", ""},
        kOutputRegister,
        kReset}},
  };
}

// Parameters of layers. Where one has no default, "none" says that it is absent.

BlockParameter format(const std::string& option, const std::string& meaning) {
  return {option, meaning, "", 0, 0, "FORMAT", ""};
}
BlockParameter number(const std::string& option, const std::string& meaning, long long least,
                      long long most, const std::string& by_default = "") {
  return {option, meaning, by_default, least, most, "", ""};
}
BlockParameter file(const std::string& option, const std::string& meaning) {
  return {option, meaning, "random", 0, 0, "FILE", ""};
}

const BlockParameter kFormat = format("--format", "Number format of the values");
const BlockParameter kWeightsFormat = format("--weights-format", "Number format of the weights");
const BlockParameter kActivationsFormat =
    format("--activations-format", "Number format of what comes in");
const BlockParameter kSumsFormat =
    format("--sums-format", "Integer format of the sums that come in");
const BlockParameter kResultFormat = format("--result-format", "Number format of the codes");
const BlockParameter kOutputs = number("--outputs", "C, outputs of the layer", 1, kMaxOutputs);
const BlockParameter kRows = number("--rows", "P, sums of a beat", 1, kMaxRows, "1");
const BlockParameter kUnits = number("--units", "N, codes of a beat; divides P", 1, kMaxRows, "1");
const BlockParameter kPixels = number("--pixels", "Pixels of a window", 1, kMaxOutputs);
const BlockParameter kChannels = number("--channels", "Channels of a pixel", 1, kMaxChannels);
const BlockParameter kLanes = number("--lanes", "S, values of a beat", 1, kMaxChannels, "1");
const BlockParameter kWeights = file("--weights", "Codes of the weights");
const BlockParameter kContentsSeed =
    number("--contents-seed", "Seed of random contents, where no file is given", 1, kMaxCode, "1");

BlockParameter latency(const std::string& of, const std::string& by_default) {
  return number("--latency", "Clock edges of " + of, 1, kMostLatency, by_default);
}
BlockParameter dsp(const std::string& of, const std::string& words = "none, one") {
  return {"--dsp", "Hard multipliers for " + of, "none", 0, 0, words, ""};
}

BlockInfo layer(BlockKind kind, const std::string& name, const std::string& summary,
                const std::string& contract, std::vector<BlockParameter> parameters) {
  return {kind, name, summary, contract, std::move(parameters), true};
}

std::vector<BlockInfo> sum_blocks() {
  return {
      layer(BlockKind::kMatvec, "matvec", "a matrix in memory times vectors, exact",
            "y[c] = sum over k of w[c][k] x[k]",
            {kWeightsFormat, kActivationsFormat, kOutputs,
             number("--terms", "K, terms of a sum", 1, kMaxOutputs), kRows,
             number("--lanes", "S, terms of a beat", 1, kMaxLanes, "1"), kWeights, kContentsSeed,
             number("--load-bits", "Weights come over the stream w, so many bits a beat", 8, 64,
                    "none"),
             latency("a row's sum", "4"), dsp("the products", "none, one, packed")}),
      layer(BlockKind::kDepthwise, "depthwise",
            "each channel of a window times a filter of its own, exact",
            "y[c] = sum over p of w[p][c] x[p][c]",
            {kWeightsFormat, kActivationsFormat, kPixels, kChannels, kLanes, kWeights,
             kContentsSeed, latency("a product", "2"), dsp("the products")}),
      layer(BlockKind::kRequantizer, "requantizer", "sums as codes, rounded once",
            "y[c] = Q((x[c] + bias[c]) multiplier[c] / 2^shift[c])",
            {kSumsFormat, kResultFormat, kOutputs, kRows, kUnits,
             file("--biases", "Biases, one for each output"),
             file("--multipliers", "Multipliers, one for each output"),
             file("--shifts", "Shifts, one for each output, 0 to 63"), kContentsSeed,
             number("--multiplier-bits", "Bits of a multiplier", 1, 24, "16"),
             yes_or_no("--relu", "Negative results become 0", ""),
             number("--most", "Code of the largest result", 0, kMaxCode, "none"),
             latency("multiplication and rounding", "3"), dsp("the multiplications")}),
      layer(BlockKind::kThresholds, "thresholds", "sums as codes of few bits, without a multiplier",
            "y[c] = the level of so many thresholds of c as x[c] reaches",
            {kSumsFormat, kResultFormat, kOutputs, kRows, kUnits,
             file("--thresholds", "Thresholds of each output, rising"), kContentsSeed})};
}

std::vector<BlockInfo> image_blocks() {
  return {layer(BlockKind::kWindow, "window", "the windows of an image, pixel by pixel",
                "y = x at each place of a k x k window, row by row; 0 beyond the image",
                {kFormat, number("--height", "Rows of the image", 1, kMaxPixels),
                 number("--width", "Columns of the image", 1, kMaxPixels), kChannels, kLanes,
                 number("--kernel", "k, rows and columns of a window", 1, 15),
                 number("--stride", "Pixels from window to window", 1, 16, "1"),
                 number("--dilation", "Pixels from place to place in a window", 1, 16, "1"),
                 number("--pad-top", "Rows of 0 above the image", 0, 224, "0"),
                 number("--pad-left", "Columns of 0 before it", 0, 224, "0"),
                 number("--pad-bottom", "Rows of 0 below it", 0, 224, "0"),
                 number("--pad-right", "Columns of 0 behind it", 0, 224, "0")}),
          layer(BlockKind::kPoolMax, "pool_max", "the largest code of each channel of a window",
                "y[c] = max over p of x[p][c]", {kFormat, kPixels, kChannels, kLanes}),
          layer(BlockKind::kPoolMean, "pool_mean", "the exact sum of each channel of a window",
                "y[c] = sum over p of x[p][c]", {kFormat, kPixels, kChannels, kLanes}),
          layer(BlockKind::kJoin, "join", "the sum of two streams, saturating: a residual",
                "y = min(most, max(least, left + right)), each scaled before where asked for",
                {kFormat, number("--lanes", "S, values of a beat", 1, kMaxLanes, "1"),
                 number("--left-multiplier", "left is multiplied by it", 0, 65535, "none"),
                 number("--left-shift", "and shifted right, rounded to nearest", 0, 63, "0"),
                 number("--right-multiplier", "right is multiplied by it", 0, 65535, "none"),
                 number("--right-shift", "and shifted right, rounded to nearest", 0, 63, "0"),
                 number("--least", "Least sum", -kMaxCode - 1LL, kMaxCode, "none"),
                 number("--most", "Largest sum", -kMaxCode - 1LL, kMaxCode, "none"),
                 dsp("the scaling")}),
          layer(BlockKind::kArgmax, "argmax",
                "the number of the largest value, the first of equals", "y = argmax of x[0..N)",
                {kFormat, number("--classes", "N, values to choose from", 2, kMaxOutputs)})};
}

}  // namespace

std::string BlockParameter::type_name() const {
  return is_number() ? "N" : is_choice() ? "WORD" : words;
}

std::string BlockParameter::legal() const {
  if (is_format()) return "a format";
  if (is_file()) return "a file of integers, NPY or text";
  return is_number() ? fmt::format("{} to {}", least, most) : words;
}

std::string BlockInfo::verbs() const {
  return has_proof() ? "emit, verify, prove, cost" : "emit, verify, cost";
}

const std::vector<BlockInfo>& block_table() {
  static const std::vector<BlockInfo> kTable = [] {
    std::vector<BlockInfo> all = stream_blocks();
    for (const std::vector<BlockInfo>& more : {sum_blocks(), image_blocks()}) {
      all.insert(all.end(), more.begin(), more.end());
    }
    return all;
  }();
  return kTable;
}

}  // namespace fewbit
