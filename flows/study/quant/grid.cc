// Pairs of formats one by one: see grid.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/quant/grid.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <optional>

#include "fewbit/flows/store/result_store.h"
#include "fewbit/flows/sweep/claims.h"
#include "fewbit/flows/sweep/format_set.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/interrupt.h"
#include "fewbit/gen/util/release.h"
#include "fewbit/gen/util/text.h"
#include "fewbit/quant/batch_axis.h"
#include "fewbit/quant/remarks.h"

namespace fewbit::study {
namespace {

using store::AccuracyRow;

/// Part of every key: raised when a default of the technique, or what an option does, changes.
constexpr int kMeasurement = 2;
/// Also part of it: the release of the first rows. A new release alone makes no new ones.
constexpr char kKeyRelease[] = "0.1.0";

struct Pair {
  quant::OperandFormat weights, activations;
  AccuracyRow row;
};

void fill_format(const quant::OperandFormat& format, std::string& kind, std::int64_t& width,
                 std::int64_t& exponent) {
  kind = format.blocks ? "block" : format.element.is_int() ? "int" : "float";
  width = format.element.bits();
  exponent = format.element.is_int() ? 0 : format.element.as_float().exponent_bits;
}

/// How good outputs are.
struct Outcome {
  std::size_t right = 0;    ///< answers, where targets are classes
  std::size_t answers = 0;  ///< with a metric of classes
  double value = 0;         ///< the metric, where one was asked for
};

Result<Outcome> measure(const quant::Network& network, const quant::LinearArithmetic& arithmetic,
                        const QuantData& data, int jobs) {
  if (!data.task) {
    FEWBIT_ASSIGN_OR_RETURN(found,
                            quant::evaluate(network, arithmetic, data.images, data.labels, jobs));
    return Outcome{.right = found.right};
  }
  const auto& [metric, targets] = *data.task;
  FEWBIT_ASSIGN_OR_RETURN(outputs, quant::all_outputs(network, arithmetic, data.images, jobs));
  Outcome outcome;
  FEWBIT_ASSIGN_OR_RETURN(value, quant::metric_of(metric, outputs, targets));
  outcome.value = value;
  if (quant::has_classes(metric)) {
    outcome.answers = targets.size();
    FEWBIT_ASSIGN_OR_RETURN(percent, quant::metric_of(quant::Metric::kTop1, outputs, targets));
    outcome.right = static_cast<std::size_t>(
        std::llround(percent / 100 * static_cast<double>(outcome.answers)));
  }
  return outcome;
}

/// One network: what all its pairs need is computed with the first that is missing.
class NetworkGrid {
 public:
  NetworkGrid(const QuantNetwork& network, const QuantData& data, const QuantSetting& setting)
      : network_(network), data_(data), setting_(setting) {}

  Status evaluate(Pair& pair) {
    FEWBIT_RETURN_IF_ERROR(prepare());
    const auto start = std::chrono::steady_clock::now();
    if (pair.weights.name() != weights_) known_.weights.clear();
    weights_ = pair.weights.name();
    quant::QuantizerOptions options = setting_.technique;
    options.weights = pair.weights.element;
    options.weight_blocks = pair.weights.blocks;
    options.activations = pair.activations.element;
    options.activation_blocks = pair.activations.blocks;
    const auto arithmetic = quant::QuantizedArithmetic::make(network_.network, data_.calibration,
                                                             samples_, options, known_);
    pair.row.float_right = static_cast<std::int64_t>(in_float_.right);
    pair.row.answers = static_cast<std::int64_t>(in_float_.answers);
    pair.row.float_value = in_float_.value;
    if (!arithmetic.ok()) {
      pair.row.status = "failed";
      pair.row.reason = arithmetic.error().message();
    } else {
      FEWBIT_ASSIGN_OR_RETURN(found, measure(network_.network, *arithmetic, data_, setting_.jobs));
      pair.row.status = "ok";
      pair.row.images_right = static_cast<std::int64_t>(found.right);
      pair.row.value = found.value;
      fill_layers(*arithmetic, pair.row);
      FEWBIT_ASSIGN_OR_RETURN(
          remarks, quant::remarks(network_.network, *arithmetic, data_.calibration, float_spread_));
      pair.row.remarks = remarks;
    }
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    pair.row.seconds = elapsed.count();
    return Ok{};
  }

 private:
  Status prepare() {
    if (!samples_.empty()) return Ok{};
    FEWBIT_RETURN_IF_ERROR(quant::check_images_are_apart(network_.network, data_.images));
    FEWBIT_ASSIGN_OR_RETURN(
        in_float, measure(network_.network, quant::FastFloatArithmetic(), data_, setting_.jobs));
    in_float_ = in_float;
    FEWBIT_ASSIGN_OR_RETURN(samples, quant::sample_operands(network_.network, data_.calibration,
                                                            setting_.technique.needs_moments()));
    samples_ = std::move(samples);
    FEWBIT_ASSIGN_OR_RETURN(spread,
                            quant::output_spread(network_.network, quant::FastFloatArithmetic(),
                                                 quant::images_for_remarks(data_.calibration)));
    float_spread_ = spread;
    return Ok{};
  }

  const QuantNetwork& network_;
  const QuantData& data_;
  const QuantSetting& setting_;
  std::vector<quant::LayerSample> samples_;
  quant::KnownOperands known_;
  std::string weights_;  // whose weights are known
  Outcome in_float_;
  double float_spread_ = 0;
};

}  // namespace

Result<std::vector<quant::OperandFormat>> operand_formats(const std::string& field,
                                                          const std::string& items) {
  std::vector<quant::OperandFormat> all;
  const auto add = [&](const quant::OperandFormat& format) {
    for (const quant::OperandFormat& other : all) {
      if (other.name() == format.name()) return;
    }
    all.push_back(format);
  };
  for (const std::string& item : split_commas(items)) {
    bool in_blocks = false;
    for (const quant::OperandFormat& format : quant::block_formats()) {
      if (format.name() != item) continue;
      add(format);
      in_blocks = true;
    }
    if (in_blocks) continue;
    FEWBIT_ASSIGN_OR_RETURN(formats, sweep::formats_of(field, item));
    for (const Format& format : formats) {
      FEWBIT_ASSIGN_OR_RETURN(checked, quant::parse_operand_format(field, format.name()));
      add({format, {}});
    }
  }
  if (all.empty()) return Error{field, items, sweep::kFormatItems, "or formats in blocks: mxfp4"};
  return all;
}

Result<std::vector<quant::OperandFormat>> activation_formats(const std::string& field,
                                                             const std::string& items) {
  for (const std::string& item : split_commas(items)) {
    const Result<Format> format = parse_format(item);
    if (format.ok()) FEWBIT_RETURN_IF_ERROR(quant::check_activations(field, {*format, {}}));
  }
  FEWBIT_ASSIGN_OR_RETURN(all, operand_formats(field, items));
  std::erase_if(all, [](const quant::OperandFormat& format) { return !format.element.has_zero(); });
  if (all.empty()) return Error{field, items, "formats with a zero", ""};
  return all;
}

void fill_formats(const quant::OperandFormat& weights, const quant::OperandFormat& activations,
                  AccuracyRow& row) {
  row.weights = weights.name();
  row.activations = activations.name();
  fill_format(weights, row.weights_kind, row.weights_width, row.weights_exponent);
  fill_format(activations, row.activations_kind, row.activations_width, row.activations_exponent);
}

AccuracyRow planned_accuracy(const QuantNetwork& network, const QuantData& data,
                             const QuantSetting& setting, const std::string& formats) {
  AccuracyRow row;
  row.network = std::filesystem::path(network.file).stem().string();
  row.network_hash = network.hash;
  row.technique = setting.technique_words;
  row.images = data.images.shape[0];
  row.calibration_images = data.calibration.shape[0];
  row.images_hash = data.hash;
  row.fewbit_version = release();
  if (data.task) row.metric = quant::metric_name(data.task->metric);
  row.key = sha256(fmt::format("{}\n{}\n{}\n{}\n{}\n{}{}", kMeasurement, row.network_hash,
                               data.hash, formats, row.technique, kKeyRelease,
                               row.metric.empty() ? "" : "\n" + row.metric));
  row.command = fmt::format("{} --network {}", setting.command, network.file);
  return row;
}

void fill_layers(const quant::QuantizedArithmetic& arithmetic, AccuracyRow& row) {
  std::vector<int> bits;
  for (const quant::QuantizedLayer& layer : arithmetic.layers()) {
    bits.push_back(layer.accumulator_bits());
    if (bits.back() > row.accumulator_bits.value_or(0)) row.accumulator_bits = bits.back();
    row.weight_bits += layer.weight_bits;
  }
  row.accumulators = fmt::format("{}", fmt::join(bits, ","));
  const quant::FormatUse use = arithmetic.format_use();
  row.format_layers = static_cast<std::int64_t>(use.layers);
  row.linear_layers = static_cast<std::int64_t>(use.all_layers);
  row.format_products = use.products;
}

/// Refuses a network of which no pair would have its formats.
Status check_formats_are_used(const QuantNetwork& network, const GridRequest& request,
                              const QuantSetting& setting) {
  Status refused = Ok{};
  for (const quant::OperandFormat& weights : request.weights) {
    for (const quant::OperandFormat& activations : request.activations) {
      quant::QuantizerOptions options = setting.technique;
      options.weights = weights.element;
      options.weight_blocks = weights.blocks;
      options.activations = activations.element;
      options.activation_blocks = activations.blocks;
      refused = quant::check_formats_are_used(network.network, options);
      if (refused.ok()) return Ok{};
    }
  }
  Error error = refused.error();
  error.detail = fmt::format("{}: {}", network.file, error.detail);
  return error;
}

namespace {

/// All pairs of a network with their rows-to-be.
std::vector<Pair> pairs_of(const GridRequest& request, const QuantNetwork& network,
                           const QuantData& data, const QuantSetting& setting) {
  std::vector<Pair> pairs;
  for (const quant::OperandFormat& weights : request.weights) {
    for (const quant::OperandFormat& activations : request.activations) {
      const std::string formats = fmt::format(" --format-weights {} --format-activations {}",
                                              weights.name(), activations.name());
      Pair pair{weights, activations, planned_accuracy(network, data, setting, formats)};
      pair.row.command += formats + setting.technique_words;
      fill_formats(weights, activations, pair.row);
      pairs.push_back(std::move(pair));
    }
  }
  return pairs;
}

/// "91.86 %; remarks", "auc 0.9012", or why there is no accuracy.
std::string outcome_of(const AccuracyRow& row) {
  if (row.status != "ok") return row.reason;
  const std::string result =
      row.metric.empty() ? fmt::format("{:.2f} %", 100.0 * static_cast<double>(row.images_right) /
                                                       static_cast<double>(row.images))
                         : fmt::format("{} {:.4f}", row.metric, row.value);
  return fmt::format("{}{}{}", result, row.remarks.empty() ? "" : "; ", row.remarks);
}

/// Evaluates the pairs of one network that no other process has evaluated or is evaluating.
Status evaluate_missing(NetworkGrid& grid, std::vector<Pair>& pairs, store::ResultStore& store,
                        sweep::Claims& claims, Watcher& watcher) {
  for (Pair& pair : pairs) {
    if (interrupted()) return Ok{};
    const std::string step =
        fmt::format("{} {} x {}", pair.row.network, pair.row.weights, pair.row.activations);
    // Claimed first, looked up then: what another process has inserted before is seen.
    if (!claims.take(pair.row.key)) continue;
    FEWBIT_ASSIGN_OR_RETURN(now, store.keys<AccuracyRow>());
    if (!now.contains(pair.row.key)) {
      watcher.started(step);
      FEWBIT_RETURN_IF_ERROR(grid.evaluate(pair));
      FEWBIT_RETURN_IF_ERROR(store.insert(pair.row));
      watcher.finished(step, outcome_of(pair.row));
    }
    claims.release(pair.row.key);
  }
  return Ok{};
}

}  // namespace

Result<GridSummary> run_grid(const GridRequest& request, const QuantData& data,
                             const QuantSetting& setting,
                             const std::function<Result<QuantNetwork>(const std::string&)>& load,
                             Watcher& watcher) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<QuantNetwork> networks;
  for (const std::string& file : request.networks) {
    FEWBIT_ASSIGN_OR_RETURN(network, load(file));
    FEWBIT_RETURN_IF_ERROR(check_formats_are_used(network, request, setting));
    networks.push_back(std::move(network));
  }
  FEWBIT_ASSIGN_OR_RETURN(store, store::ResultStore::open(request.database, store::Access::kWrite));
  FEWBIT_ASSIGN_OR_RETURN(claims, sweep::Claims::open(request.database));
  std::set<std::string> planned;
  std::vector<std::vector<Pair>> missing;
  for (const QuantNetwork& network : networks) {
    missing.push_back(pairs_of(request, network, data, setting));
    for (const Pair& pair : missing.back()) planned.insert(pair.row.key);
  }
  if (request.retry_failed) {
    FEWBIT_RETURN_IF_ERROR(store.forget_failures<AccuracyRow>(planned));
  }
  FEWBIT_ASSIGN_OR_RETURN(keys, store.keys<AccuracyRow>());
  GridSummary summary;
  std::size_t work = 0;
  for (std::vector<Pair>& pairs : missing) {
    summary.pairs += pairs.size();
    std::erase_if(pairs, [&](const Pair& pair) { return keys.contains(pair.row.key); });
    work += pairs.size();
  }
  summary.there = summary.pairs - work;
  watcher.begin("quant grid", work);
  for (std::size_t i = 0; i < networks.size(); ++i) {
    NetworkGrid grid(networks[i], data, setting);
    FEWBIT_RETURN_IF_ERROR(evaluate_missing(grid, missing[i], store, claims, watcher));
  }
  FEWBIT_ASSIGN_OR_RETURN(rows, store.rows<AccuracyRow>());
  for (const AccuracyRow& row : rows) {
    summary.failed += row.status == "failed" && planned.contains(row.key) ? 1 : 0;
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  summary.seconds = elapsed.count();
  return summary;
}

}  // namespace fewbit::study
