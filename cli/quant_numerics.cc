// Hardware numerics on the command line.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/quant_numerics.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "fewbit/gen/util/text.h"
#include "fewbit/quant/hardware/hardware_accuracy.h"
#include "fewbit/quant/hardware/reading.h"

namespace fewbit::cli {
namespace {

/// Rows of the table and of the document: what makes a stream or codes for a linear layer.
bool is_reported(const quant::LoweredNode& node) {
  return std::holds_alternative<quant::Requantizer>(node.op) ||
         std::holds_alternative<quant::Addition>(node.op);
}

std::string decibels(const std::optional<double>& sqnr) {
  if (!sqnr) return "";
  return std::isinf(*sqnr) ? "exact" : fmt::format("{:.1f}", *sqnr);
}

}  // namespace

std::vector<const CLI::Option*> NumericsWords::declare(CLI::App& app) {
  return {app.add_option("--numerics", numerics_,
                         "float: binary32 between the linear layers; hardware: integers from "
                         "the image's bytes to the logits (docs/numerics.md)")
              ->capture_default_str(),
          app.add_option("--multiplier-bits", multiplier_bits_,
                         "with --numerics hardware: bits of the multiplier of each channel, 4 to "
                         "18; default 16"),
          app.add_option("--stream-bits", stream_bits_,
                         "with --numerics hardware: bits of sums of branches and of what is not "
                         "yet rounded for a layer, 8 to 18; default 16")};
}

Result<std::optional<quant::LoweringOptions>> NumericsWords::options(
    const quant::QuantizerOptions& quantizer, bool reads_text) const {
  using Options = std::optional<quant::LoweringOptions>;
  if (numerics_ == "float") {
    for (const auto& [option, text] : {std::pair{"--multiplier-bits", multiplier_bits_},
                                       std::pair{"--stream-bits", stream_bits_}}) {
      if (!text.empty()) return Error{option, text, "absent without --numerics hardware", ""};
    }
    return Options();
  }
  if (numerics_ != "hardware") return Error{"--numerics", numerics_, "float, hardware", ""};
  const auto refused = [](std::string detail) {
    return Error{"--numerics", "hardware", "float", std::move(detail)};
  };
  if (!quantizer.accumulator.is_exact()) return refused("sums in hardware numerics are exact");
  if (quantizer.weight_blocks || quantizer.activation_blocks) {
    return refused("formats in blocks have scales that no multiplier of a channel holds");
  }
  if (reads_text) return refused("networks with a --dictionary are not covered");
  quant::LoweringOptions options;
  if (!multiplier_bits_.empty()) {
    FEWBIT_ASSIGN_OR_RETURN(
        bits, parse_integer("--multiplier-bits", multiplier_bits_, quant::kLeastMultiplierBits,
                            quant::kMostMultiplierBits));
    options.multiplier_bits = static_cast<int>(bits);
  }
  if (!stream_bits_.empty()) {
    FEWBIT_ASSIGN_OR_RETURN(bits, parse_integer("--stream-bits", stream_bits_,
                                                quant::kLeastStreamBits, quant::kMostStreamBits));
    options.stream_bits = static_cast<int>(bits);
  }
  return Options(options);
}

Status check_hardware(const quant::Network& network, const study::QuantData& data) {
  if (!data.are_bytes) {
    return Error{"--numerics", "hardware", "float where images are not bytes (IDX)",
                 "images enter as bytes"};
  }
  FEWBIT_ASSIGN_OR_RETURN(read,
                          quant::read_network(network, quant::slice_batch(data.calibration, 0, 1)));
  return Ok{};
}

Result<nlohmann::ordered_json> report_hardware(const quant::Network& network,
                                               const quant::QuantizedArithmetic& arithmetic,
                                               const study::QuantData& data,
                                               const quant::LoweringOptions& options,
                                               double exact_percent, int jobs,
                                               const Console& console) {
  FEWBIT_ASSIGN_OR_RETURN(lowered, quant::lower(network, arithmetic, data.calibration, options));
  FEWBIT_ASSIGN_OR_RETURN(found, quant::evaluate(lowered, data.images, data.labels, jobs));
  FEWBIT_ASSIGN_OR_RETURN(sqnr_db,
                          quant::lowered_sqnr_db(lowered, network, arithmetic, data.calibration));
  const double percent = found.evaluation.percent();
  nlohmann::ordered_json json = {{"right", found.evaluation.right},
                                 {"percent", percent},
                                 {"lost_points", exact_percent - percent},
                                 {"seconds", found.evaluation.seconds},
                                 {"multiplier_bits", options.multiplier_bits},
                                 {"stream_bits", options.stream_bits},
                                 {"layers", nlohmann::ordered_json::array()}};
  Table table({"layer", "makes", "of sums of bits", "saturated", "SQNR dB"});
  std::uint64_t saturated = 0;
  for (std::size_t i = 0; i < lowered.nodes.size(); ++i) {
    const quant::LoweredNode& node = lowered.nodes[i];
    if (!is_reported(node)) continue;
    const bool is_stream = node.kind == quant::IntegerKind::kStream;
    const std::string makes =
        is_stream ? fmt::format("stream of {} bits", node.bits) : node.grid->format().name();
    const quant::LoweredNode& from = lowered.nodes[node.inputs[0]];
    const bool has_sums = from.kind == quant::IntegerKind::kSums;
    table.add({node.name, makes, has_sums ? std::to_string(from.bits) : "",
               is_stream ? std::to_string(found.saturations[i]) : "", decibels(sqnr_db[i])});
    nlohmann::ordered_json row = {{"name", node.name}, {"op", name_of(node.op)}, {"makes", makes}};
    if (has_sums) row["sum_bits"] = from.bits;
    if (is_stream) row["saturated"] = found.saturations[i];
    // Null where nothing is lost: JSON has no infinity.
    if (sqnr_db[i]) {
      row["sqnr_db"] = nullptr;
      if (!std::isinf(*sqnr_db[i])) row["sqnr_db"] = *sqnr_db[i];
    }
    json["layers"].push_back(row);
    saturated += found.saturations[i];
  }
  json["saturated"] = saturated;
  console.print(fmt::format("\n{:<28} {:.2f} % of {} images, {:.2f} s; {:.2f} points lost to it\n",
                            "hardware numerics", percent, found.evaluation.images,
                            found.evaluation.seconds, exact_percent - percent));
  console.print(table.to_text());
  return json;
}

}  // namespace fewbit::cli
