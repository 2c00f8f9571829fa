// From options and contents to the requests of layers: see layer_spec.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/layer_spec.h"

#include <fmt/format.h>

#include <algorithm>

#include "fewbit/gen/spec/block_fields.h"
#include "fewbit/gen/spec/layer_contents.h"
#include "fewbit/gen/util/check.h"

namespace fewbit {
namespace {

constexpr long long kMostContents = 1LL << 26;

std::string dsp_of(const BlockSpec& spec) {
  return spec.word("--dsp") == "none" ? std::string() : spec.word("--dsp");
}

/// How its products are made, and for which cells.
template <typename Request>
void fill_structure(const BlockSpec& spec, Request& request) {
  request.latency = spec.number("--latency");
  request.dsp = dsp_of(spec);
  request.fabric = spec.fabric;
}

/// Before random contents are made for it.
Status check_size(const BlockSpec& spec, const char* rows, const char* columns) {
  const long long count = 1LL * spec.number(rows) * spec.number(columns);
  if (count <= kMostContents) return Ok{};
  return Error{rows, spec.word(rows), fmt::format("at most {} weights", kMostContents),
               fmt::format("{} with {} {}", count, columns, spec.word(columns))};
}

Result<LayerSpec> matvec(const BlockSpec& spec, const LayerContents& contents) {
  MatvecRequest request{.weights_format = spec.word("--weights-format"),
                        .activations_format = spec.word("--activations-format")};
  request.outputs = spec.number("--outputs");
  request.terms = spec.number("--terms");
  request.rows = spec.number("--rows");
  request.lanes = spec.number("--lanes");
  fill_structure(spec, request);
  FEWBIT_ASSIGN_OR_RETURN(format,
                          finite_format_with_zero("--weights-format", request.weights_format));
  FEWBIT_RETURN_IF_ERROR(check_size(spec, "--outputs", "--terms"));
  if (spec.has_number("--load-bits")) request.load_bits = spec.number("--load-bits");
  if (request.load_bits && spec.word("--weights") != "random") {
    return Error{"--weights", spec.word("--weights"), "no --weights with --load-bits",
                 "they come over the stream w"};
  }
  if (!request.load_bits) {
    FEWBIT_ASSIGN_OR_RETURN(codes,
                            contents.codes("--weights", {request.outputs, request.terms}, format));
    request.weights = codes;
  }
  FEWBIT_ASSIGN_OR_RETURN(made, make_matvec_spec(request));
  return LayerSpec{made};
}

Result<LayerSpec> depthwise(const BlockSpec& spec, const LayerContents& contents) {
  DepthwiseRequest request{.weights_format = spec.word("--weights-format"),
                           .activations_format = spec.word("--activations-format")};
  request.pixels = spec.number("--pixels");
  request.channels = spec.number("--channels");
  request.lanes = spec.number("--lanes");
  fill_structure(spec, request);
  FEWBIT_ASSIGN_OR_RETURN(format,
                          finite_format_with_zero("--weights-format", request.weights_format));
  FEWBIT_RETURN_IF_ERROR(check_size(spec, "--pixels", "--channels"));
  FEWBIT_ASSIGN_OR_RETURN(codes,
                          contents.codes("--weights", {request.pixels, request.channels}, format));
  request.weights = codes;
  FEWBIT_ASSIGN_OR_RETURN(made, make_depthwise_spec(request));
  return LayerSpec{made};
}

/// Random shifts bring a sum of full size to a result of full size, some to more, some to less.
Result<LayerSpec> requantizer(const BlockSpec& spec, const LayerContents& contents) {
  RequantizerRequest request{.sums_format = spec.word("--sums-format"),
                             .result_format = spec.word("--result-format")};
  request.outputs = spec.number("--outputs");
  request.rows = spec.number("--rows");
  request.units = spec.number("--units");
  request.multiplier_bits = spec.number("--multiplier-bits");
  request.relu = spec.is_yes("--relu");
  if (spec.has_number("--most")) request.most = static_cast<Code>(spec.number("--most"));
  fill_structure(spec, request);
  constexpr int kMostLsb = 16;
  FEWBIT_ASSIGN_OR_RETURN(sum, integer_format("--sums-format", request.sums_format, kMostLsb));
  FEWBIT_ASSIGN_OR_RETURN(parsed, parsed_format("--result-format", request.result_format));
  const int bits = sum.bits() + sum.as_int().lsb_exponent;
  const int result_bits = parsed.is_int() ? parsed.bits() : std::min(parsed.bits(), 8);
  const long long multiplier = 1LL << request.multiplier_bits;
  const long long bias = 1LL << std::clamp(bits - 2, 0, 30);
  const long long shift = bits + request.multiplier_bits - 1 - result_bits;
  FEWBIT_ASSIGN_OR_RETURN(biases, contents.integers("--biases", request.outputs, -bias, bias - 1));
  FEWBIT_ASSIGN_OR_RETURN(multipliers, contents.integers("--multipliers", request.outputs,
                                                         multiplier / 2, multiplier - 1));
  FEWBIT_ASSIGN_OR_RETURN(
      shifts, contents.integers("--shifts", request.outputs, std::clamp(shift - 2, 0LL, 60LL),
                                std::clamp(shift + 3, 1LL, 63LL)));
  request.biases = biases;
  request.multipliers = multipliers;
  request.shifts = shifts;
  FEWBIT_ASSIGN_OR_RETURN(made, make_requantizer_spec(request));
  return LayerSpec{made};
}

/// One less than the format has values; 0 of one that has too many, which is refused.
Result<int> thresholds_of(const std::string& text) {
  FEWBIT_ASSIGN_OR_RETURN(format, finite_format_with_zero("--result-format", text));
  constexpr int kMostBits = 4;
  if (format.bits() > kMostBits) return 0;
  const bool has_two_zeros = format.is_float() && format.is_signed();
  return (1 << format.bits()) - (has_two_zeros ? 2 : 1);
}

Result<LayerSpec> thresholds(const BlockSpec& spec, const LayerContents& contents) {
  ThresholdsRequest request{.sums_format = spec.word("--sums-format"),
                            .result_format = spec.word("--result-format")};
  request.outputs = spec.number("--outputs");
  request.rows = spec.number("--rows");
  request.units = spec.number("--units");
  FEWBIT_ASSIGN_OR_RETURN(sum, integer_format("--sums-format", request.sums_format));
  FEWBIT_ASSIGN_OR_RETURN(count, thresholds_of(request.result_format));
  const IntFormat range = sum.as_int();
  FEWBIT_ASSIGN_OR_RETURN(rows, contents.rising("--thresholds", request.outputs, count,
                                                range.min().convert_to<long long>(),
                                                range.max().convert_to<long long>() + 1));
  request.thresholds = rows;
  FEWBIT_ASSIGN_OR_RETURN(made, make_thresholds_spec(request));
  return LayerSpec{made};
}

Result<LayerSpec> window(const BlockSpec& spec) {
  WindowRequest request{.format = spec.word("--format")};
  request.height = spec.number("--height");
  request.width = spec.number("--width");
  request.channels = spec.number("--channels");
  request.lanes = spec.number("--lanes");
  request.kernel = spec.number("--kernel");
  request.stride = spec.number("--stride");
  request.dilation = spec.number("--dilation");
  request.pad_top = spec.number("--pad-top");
  request.pad_left = spec.number("--pad-left");
  request.pad_bottom = spec.number("--pad-bottom");
  request.pad_right = spec.number("--pad-right");
  FEWBIT_ASSIGN_OR_RETURN(made, make_window_spec(request));
  return LayerSpec{made};
}

Result<LayerSpec> pool(const BlockSpec& spec) {
  PoolRequest request{.format = spec.word("--format")};
  request.pixels = spec.number("--pixels");
  request.channels = spec.number("--channels");
  request.lanes = spec.number("--lanes");
  request.fabric = spec.fabric;
  FEWBIT_ASSIGN_OR_RETURN(made, spec.kind == BlockKind::kPoolMax ? make_pool_max_spec(request)
                                                                 : make_pool_mean_spec(request));
  return LayerSpec{made};
}

/// The scaling of one side of a join, where it has one.
Result<std::optional<Scaling>> scaling_of(const BlockSpec& spec, const std::string& side) {
  const std::string multiplier = "--" + side + "-multiplier";
  const std::string shift = "--" + side + "-shift";
  if (spec.has_number(multiplier)) {
    return std::optional<Scaling>(Scaling{spec.number(multiplier), spec.number(shift)});
  }
  if (spec.number(shift) == 0) return std::optional<Scaling>();
  return Error{shift, spec.word(shift), fmt::format("no {} without {}", shift, multiplier), ""};
}

Result<LayerSpec> join(const BlockSpec& spec) {
  JoinRequest request{.format = spec.word("--format")};
  request.lanes = spec.number("--lanes");
  FEWBIT_ASSIGN_OR_RETURN(left, scaling_of(spec, "left"));
  FEWBIT_ASSIGN_OR_RETURN(right, scaling_of(spec, "right"));
  request.left = left;
  request.right = right;
  if (spec.has_number("--least")) request.least = spec.number("--least");
  if (spec.has_number("--most")) request.most = spec.number("--most");
  request.dsp = dsp_of(spec);
  request.fabric = spec.fabric;
  FEWBIT_ASSIGN_OR_RETURN(made, make_join_spec(request));
  return LayerSpec{made};
}

Result<LayerSpec> argmax(const BlockSpec& spec) {
  ArgmaxRequest request{.format = spec.word("--format")};
  request.classes = spec.number("--classes");
  FEWBIT_ASSIGN_OR_RETURN(made, make_argmax_spec(request));
  return LayerSpec{made};
}

Result<LayerSpec> made_of(const BlockSpec& spec, const LayerContents& contents) {
  switch (spec.kind) {
    case BlockKind::kMatvec:
      return matvec(spec, contents);
    case BlockKind::kDepthwise:
      return depthwise(spec, contents);
    case BlockKind::kRequantizer:
      return requantizer(spec, contents);
    case BlockKind::kThresholds:
      return thresholds(spec, contents);
    case BlockKind::kWindow:
      return window(spec);
    case BlockKind::kPoolMax:
    case BlockKind::kPoolMean:
      return pool(spec);
    case BlockKind::kJoin:
      return join(spec);
    case BlockKind::kArgmax:
      return argmax(spec);
    default:
      FEWBIT_CHECK(false, "{} is no layer", spec.info().name);
  }
}

struct Cycles {
  long long operator()(const MatvecSpec& spec) const {
    const long long all = 1LL * spec.beats() * spec.groups();
    return spec.is_loaded() ? std::max(all, spec.load_beats()) : all;
  }
  long long operator()(const RequantizerSpec& spec) const { return spec.beats(); }
  long long operator()(const ThresholdsSpec& spec) const { return spec.beats(); }
  long long operator()(const WindowSpec& spec) const {
    const long long in = 1LL * spec.height * spec.width * spec.pixel_beats();
    return std::max(in, 1LL * spec.out_height() * spec.out_width() * spec.beats());
  }
  template <typename Windows>
  long long operator()(const Windows& spec) const {
    return 1LL * spec.pixels * spec.pixel_beats();
  }
  long long operator()(const JoinSpec& /*spec*/) const { return 1; }
  long long operator()(const ArgmaxSpec& spec) const { return spec.classes; }
};

}  // namespace

const std::string& layer_name(const LayerSpec& layer) {
  return std::visit([](const auto& spec) -> const std::string& { return spec.module_name; },
                    layer.of);
}

long long layer_cycles(const LayerSpec& layer) { return std::visit(Cycles{}, layer.of); }

Result<LayerSpec> make_layer_spec(const BlockSpec& spec,
                                  const std::map<std::string, BlockContents>& contents) {
  FEWBIT_ASSIGN_OR_RETURN(layer, made_of(spec, LayerContents(spec, contents)));
  const long long cycles = layer_cycles(layer);
  if (cycles <= kMostLayerCycles) return layer;
  return Error{"block", spec.info().name,
               fmt::format("at most {} cycles for a vector, window or image", kMostLayerCycles),
               fmt::format("{} of these options, more than verification simulates", cycles)};
}

}  // namespace fewbit
