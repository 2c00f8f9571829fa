// Layers made of blocks, for tests: windows, a matrix, a requantizer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <ostream>
#include <random>
#include <string>

#include "fewbit/gen/blocks/matvec.h"
#include "fewbit/gen/blocks/requantizer.h"
#include "fewbit/gen/blocks/stream.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::testing {

struct LayerShape {
  std::string weights, activations, result;
  int outputs = 1, terms = 1, rows = 1, lanes = 1;
  std::string dsp;  ///< of the requantizer's multiplier
};

/// The layers whose LUTs and MHz are measured.
struct NamedLayer {
  const char* name;
  LayerShape shape;
};
inline void PrintTo(const NamedLayer& one, std::ostream* out) { *out << one.name; }
inline const NamedLayer kEngineLayers[] = {
    {"E2m0fP16S8", {"e2m0f", "ue1m3f", "ue1m3f", 96, 864, 16, 8, "one"}},
    {"E2m0fP4S32", {"e2m0f", "ue1m3f", "ue1m3f", 96, 864, 4, 32, "one"}},
    {"Int4P16S8", {"int4", "int4", "int4", 96, 864, 16, 8, "one"}},
};

struct LayerSpecs {
  MatvecSpec matvec;
  RequantizerSpec requantizer;
};

/// Random weights, biases and shifts; results of all sizes.
inline LayerSpecs layer_of(const LayerShape& shape) {
  std::mt19937 random(17);
  MatvecRequest matvec{.weights_format = shape.weights, .activations_format = shape.activations};
  matvec.outputs = shape.outputs;
  matvec.terms = shape.terms;
  matvec.rows = shape.rows;
  matvec.lanes = shape.lanes;
  matvec.fabric = Fabric::kEcp5;
  const int bits = parse_format(shape.weights).value().bits();
  for (int i = 0; i < shape.outputs * shape.terms; ++i) {
    matvec.weights.push_back(random() % (Code{1} << bits));
  }
  const auto matvec_spec = make_matvec_spec(matvec);
  FEWBIT_CHECK(matvec_spec.ok(), "{}", matvec_spec.error().message());
  const IntFormat sum = matvec_spec->sum_format();
  RequantizerRequest requantizer{
      .sums_format = Format(IntFormat{sum.bits, sum.is_signed, 0}).name(),
      .result_format = shape.result};
  requantizer.outputs = shape.outputs;
  requantizer.rows = shape.rows;
  requantizer.dsp = shape.dsp;
  requantizer.fabric = Fabric::kEcp5;
  for (int c = 0; c < shape.outputs; ++c) {
    requantizer.biases.push_back(static_cast<int>(random() % 801) - 400);
    requantizer.multipliers.push_back(32768 + random() % 32768);
    requantizer.shifts.push_back(14 + static_cast<int>(random() % 10));
  }
  const auto requantizer_spec = make_requantizer_spec(requantizer);
  FEWBIT_CHECK(requantizer_spec.ok(), "{}", requantizer_spec.error().message());
  return {*matvec_spec, *requantizer_spec};
}

/// A matrix and a requantizer behind the stream; what they send.
inline blocks::Stream layer(rtl::Module& m, const LayerSpecs& specs, const blocks::Stream& x) {
  const auto sums =
      blocks::stream_instance(m, blocks::matvec(specs.matvec), "u_matvec", {{"x", x}});
  return blocks::stream_instance(m, blocks::requantizer(specs.requantizer), "u_requantizer",
                                 {{"x", sums["y"]}})["y"];
}

}  // namespace fewbit::testing
