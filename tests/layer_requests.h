// Requests for every layer that between them use every parameter and every word.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fewbit/gen/spec/block_spec.h"

namespace fewbit::testing {

/// Options and values one after the other.
inline BlockRequest layer_request(const std::string& block, const std::vector<std::string>& words,
                                  Fabric fabric = Fabric::kEcp5) {
  BlockRequest request{block, {}};
  for (std::size_t k = 0; k + 1 < words.size(); k += 2) request.values[words[k]] = words[k + 1];
  request.fabric = fabric;
  return request;
}

/// Small ones: dividing and not, one group of rows and several, hard multipliers, every clamp.
inline const std::vector<BlockRequest>& layer_requests() {
  using Words = std::vector<std::string>;
  static const Words kMixed = {"--weights-format", "e2m0f", "--activations-format", "ue1m3f"};
  static const Words kInt4 = {"--weights-format", "int4", "--activations-format", "int4"};
  static const Words kInt8 = {"--weights-format", "int8", "--activations-format", "uint8"};
  const auto with = [](Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  static const std::vector<BlockRequest> requests = {
      layer_request("matvec", with(kMixed, {"--outputs", "12", "--terms", "40", "--rows", "4",
                                            "--lanes", "8", "--contents-seed", "7"})),
      layer_request("matvec", with(kInt4, {"--outputs", "7", "--terms", "21", "--rows", "3",
                                           "--lanes", "4", "--latency", "2", "--dsp", "packed"})),
      layer_request("matvec", with(kInt8, {"--outputs", "4", "--terms", "6", "--rows", "4",
                                           "--lanes", "3", "--dsp", "one"})),
      layer_request("matvec",
                    with(kMixed, {"--outputs", "3", "--terms", "4", "--rows", "3", "--lanes", "4"}),
                    Fabric::kIce40),
      layer_request("matvec", with(kMixed, {"--outputs", "7", "--terms", "21", "--rows", "3",
                                            "--lanes", "4", "--load-bits", "16"})),
      layer_request("matvec", with(kInt4, {"--outputs", "5", "--terms", "20", "--rows", "5",
                                           "--lanes", "4", "--load-bits", "13"})),
      layer_request("matvec", with(kInt4, {"--outputs", "2", "--terms", "3", "--rows", "2",
                                           "--lanes", "3", "--load-bits", "32"})),
      layer_request("depthwise", with(kMixed, {"--pixels", "9", "--channels", "6", "--lanes", "2",
                                               "--contents-seed", "3"})),
      layer_request("depthwise", with(kInt8, {"--pixels", "4", "--channels", "2", "--lanes", "2",
                                              "--latency", "3", "--dsp", "one"})),
      layer_request("requantizer",
                    {"--sums-format", "int18", "--result-format", "e2m1", "--outputs", "22",
                     "--rows", "8", "--relu", "yes", "--most", "6", "--contents-seed", "2"}),
      layer_request("requantizer",
                    {"--sums-format", "int16_lsb2", "--result-format", "int16", "--outputs", "6",
                     "--rows", "6", "--units", "2", "--multiplier-bits", "12", "--latency", "2"}),
      layer_request("requantizer",
                    {"--sums-format", "int17", "--result-format", "ue1m3f", "--outputs", "9",
                     "--rows", "4", "--units", "4", "--dsp", "one"}),
      layer_request("thresholds", {"--sums-format", "int14", "--result-format", "e2m1", "--outputs",
                                   "7", "--rows", "4", "--units", "2", "--contents-seed", "9"}),
      layer_request("thresholds", {"--sums-format", "uint6", "--result-format", "int3", "--outputs",
                                   "3", "--rows", "1"}),
      layer_request("window", {"--format",    "e2m1", "--height",   "6", "--width",      "7",
                               "--channels",  "4",    "--lanes",    "2", "--kernel",     "3",
                               "--pad-top",   "1",    "--pad-left", "1", "--pad-bottom", "1",
                               "--pad-right", "1"}),
      layer_request("window", {"--format", "uint8", "--height", "9", "--width", "8", "--channels",
                               "1", "--kernel", "2", "--stride", "2", "--dilation", "2"}),
      layer_request("pool_max",
                    {"--format", "e2m1", "--pixels", "4", "--channels", "6", "--lanes", "2"}),
      layer_request("pool_mean",
                    {"--format", "uint8", "--pixels", "4", "--channels", "3", "--lanes", "3"}),
      layer_request("join", {"--format", "int16", "--lanes", "2", "--least", "0"}),
      layer_request("join", {"--format", "int12", "--left-multiplier", "50001", "--left-shift",
                             "16", "--right-multiplier", "3", "--right-shift", "2", "--most", "600",
                             "--dsp", "one"}),
      layer_request("argmax", {"--format", "int5", "--classes", "10"}),
  };
  return requests;
}

/// The request as a spec, which must be legal.
inline BlockSpec layer_of(const BlockRequest& request) {
  const Result<BlockSpec> spec = make_block_spec(request);
  EXPECT_TRUE(spec.ok()) << request.block << ": " << (spec.ok() ? "" : spec.error().message());
  return *spec;
}

}  // namespace fewbit::testing
