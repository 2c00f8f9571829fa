// fewbit quant: a trained network in few bits, and its accuracy with exact integer arithmetic.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "fewbit/cli/command.h"
#include "fewbit/cli/progress.h"
#include "fewbit/cli/quant_accumulator.h"
#include "fewbit/cli/quant_accuracy.h"
#include "fewbit/cli/quant_metric.h"
#include "fewbit/cli/quant_numerics.h"
#include "fewbit/cli/quant_search_options.h"
#include "fewbit/cli/quant_wiring.h"
#include "fewbit/cli/quant_words.h"
#include "fewbit/flows/study/quant/search.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/interrupt.h"
#include "fewbit/gen/util/text.h"
#include "fewbit/quant/array_files.h"
#include "fewbit/quant/equalization.h"
#include "fewbit/quant/evaluate.h"
#include "fewbit/quant/quantizer.h"
#include "fewbit/quant/remarks.h"

namespace fewbit::cli {
namespace {

constexpr long long kMostImages = 1000000000;
constexpr std::size_t kCalibrationImages = 256;

/// A wrong file is named by the option that gave it.
template <typename T>
Result<T> from_option(const std::string& option, Result<T> result) {
  if (result.ok() || result.error().field != "file") return result;
  Error error = result.error();
  error.field = option;
  return error;
}

class QuantCommand : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "quant"; }
  [[nodiscard]] std::string summary() const override {
    return "Run a network (ONNX) in float, or quantized with exact sums, and count right answers";
  }
  void declare(CLI::App& app) override {
    app_ = &app;
    app.add_option(
        "ACTION", action_,
        "run: one pair of formats; grid: many, into a database; search: one for each layer");
    app.add_option(
        "--network", network_,
        "ONNX file with one input and one output, the logits, beside those that --input, "
        "--state and --output name; grid: or several, commas between");
    wiring_.declare(app);
    metric_.declare(app);
    app.add_option("--images", images_,
                   "IDX (bytes become 0 to 1) or NPY of floats; may be gzipped");
    app.add_option("--labels", labels_, "IDX or NPY, one label for each image");
    app.add_option("--dictionary", dictionary_,
                   "run: the network reads lines of text (CTC); file with the character of each "
                   "class from 1 on, one in a line; --labels is then text, a line for each image");
    app.add_option("--format-weights", weights_, "Format of weights; together with the next");
    app.add_option("--format-activations", activations_, "Format of activations");
    app.add_option("--weights", weight_set_,
                   "grid, search: formats of weights, as in sweeps: 3..8,e4m3fn; mxfp4,nvfp4");
    app.add_option("--activations", activation_set_, "grid, search: formats of activations");
    app.add_option("--db", database_,
                   "grid, search: results database (SQLite), made where missing");
    search_.declare(app);
    app.add_flag("--retry-failed", retry_failed_, "grid: pairs again whose row is a failure");
    const auto quantizer_option = [&](const std::string& name, std::string& value,
                                      const std::string& text) {
      quantizer_options_.push_back(app.add_option(name, value, text)->capture_default_str());
    };
    quantizer_option(
        "--calibration-images", calibration_,
        "NPY or IDX, the first 256 of which choose ranges and all else that is chosen: "
        "training images, not those that are counted");
    quantizer_option("--range-weights", weight_range_, "absmax, percentile or mse");
    quantizer_option("--range-activations", activation_range_, "absmax, percentile or mse");
    quantizer_option("--per-channel", per_channel_, "on: a weight scale for every output channel");
    quantizer_option("--unsigned", unsigned_,
                     "on: formats without a sign after ReLU and softmax, and for images that are "
                     "bytes; edge layers int8 x uint8. off: signed ones, edges int8 or e3m4f");
    quantizer_option("--weight-equalization", weight_equalization_,
                     "on: weights of layers in a row get equal ranges, channel by channel");
    quantizer_option("--activation-equalization", activation_equalization_,
                     "on: channels of inputs get ranges more alike, weights take up the factors");
    quantizer_option("--gptq", gptq_,
                     "on: weights rounded one after the other, errors made up for");
    quantizer_option("--learned-rounding", learned_rounding_,
                     "local: weights up or down as a search with the least error of results says; "
                     "integer: the same, started as if the format had steps of 1; off");
    quantizer_option("--bias-correction", bias_correction_,
                     "on: results shifted to the mean that they have in float");
    quantizer_option("--gain-correction", gain_correction_,
                     "on, off: also to the spread, channel by channel, the factor in the weights' "
                     "scales; auto: on for weights of two bits and less");
    quantizer_option("--edge-layers", edges_, "8bit or same: formats of the first and last layer");
    for (const CLI::Option* option : accumulator_.declare(app)) {
      quantizer_options_.push_back(option);
    }
    for (const CLI::Option* option : numerics_.declare(app)) quantizer_options_.push_back(option);
    app.add_option("--limit", limit_, "Use the first N images only");
    app.add_option("--jobs", jobs_, "Threads; default: one for each processor");
    app.footer(
        "Examples:\n"
        "  fewbit quant run --network quant/networks/resnet.onnx \\\n"
        "    --images /usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz \\\n"
        "    --labels /usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz \\\n"
        "    --calibration-images "
        "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz \\\n"
        "    --format-weights e2m1 --format-activations e4m3fn\n"
        "  fewbit quant grid --network quant/networks/resnet.onnx,quant/networks/vit.onnx \\\n"
        "    --images t10k-images-idx3-ubyte.gz --labels t10k-labels-idx1-ubyte.gz \\\n"
        "    --calibration-images train-images-idx3-ubyte.gz \\\n"
        "    --weights 3..8 --activations 3..8 --limit 1000 --db results.sqlite");
  }

  Result<ExitCode> run(const Console& console) override {
    if (action_ == "grid") return grid(console);
    if (action_ == "search") return search(console);
    if (action_ != "run") return Error{"ACTION", action_, "run, grid, search", ""};
    FEWBIT_RETURN_IF_ERROR(search_.check_absent());
    for (const auto& [option, text] :
         {std::pair{"--weights", weight_set_},
          {"--activations", activation_set_},
          {"--db", database_},
          {"--retry-failed", std::string(retry_failed_ ? "on" : "")}}) {
      if (!text.empty())
        return Error{option, text, "absent: it is an option of grid or search", ""};
    }
    FEWBIT_ASSIGN_OR_RETURN(options, quantizer_options());
    FEWBIT_ASSIGN_OR_RETURN(lowering, numerics_.options(options.value_or(quant::QuantizerOptions()),
                                                        !dictionary_.empty()));
    if (lowering) FEWBIT_RETURN_IF_ERROR(metric_.check_absent("absent with --numerics hardware"));
    if (!dictionary_.empty())
      FEWBIT_RETURN_IF_ERROR(metric_.check_absent("absent: text has its own"));
    FEWBIT_ASSIGN_OR_RETURN(jobs, parse_jobs(jobs_));
    FEWBIT_ASSIGN_OR_RETURN(graph, from_option("--network", wiring_.read(network_)));
    FEWBIT_ASSIGN_OR_RETURN(network, quant::Network::make(graph));
    FEWBIT_ASSIGN_OR_RETURN(data, read_data());
    FEWBIT_ASSIGN_OR_RETURN(task, metric_.task(labels_, data.images.shape[0]));
    if (data.text) {
      FEWBIT_ASSIGN_OR_RETURN(turned, quant::turn_images_first(graph, data.images));
      network = std::move(turned);
    }
    if (lowering) {
      FEWBIT_ASSIGN_OR_RETURN(lowered, equalized(graph, data));
      FEWBIT_RETURN_IF_ERROR(check_hardware(lowered, data));
    }
    nlohmann::ordered_json json;
    json["network"] = network_;
    json["images"] = data.images.shape[0];
    FEWBIT_ASSIGN_OR_RETURN(in_float, report_accuracy("float", network, quant::FloatArithmetic(),
                                                      data, task, jobs, console));
    json["float"] = in_float;
    if (options) {
      FEWBIT_ASSIGN_OR_RETURN(equal, equalized(std::move(graph), data));
      FEWBIT_ASSIGN_OR_RETURN(arithmetic, quantized_arithmetic(equal, data.calibration, *options));
      FEWBIT_ASSIGN_OR_RETURN(
          quantized, report_accuracy(fmt::format("{} x {}", options->weight_format().name(),
                                                 options->activation_format().name()),
                                     equal, arithmetic, data, task, jobs, console));
      json["quantized"] = quantized;
      json["quantized"]["weights"] = options->weight_format().name();
      json["quantized"]["activations"] = options->activation_format().name();
      FEWBIT_ASSIGN_OR_RETURN(sqnr_db, layer_sqnr_db(equal, arithmetic, data.calibration));
      print_layers(arithmetic, sqnr_db, console, json["quantized"]);
      print_use(arithmetic.format_use(), json["quantized"], console);
      FEWBIT_ASSIGN_OR_RETURN(float_spread,
                              quant::output_spread(equal, quant::FloatArithmetic(),
                                                   quant::images_for_remarks(data.calibration)));
      FEWBIT_ASSIGN_OR_RETURN(remarks,
                              quant::remarks(equal, arithmetic, data.calibration, float_spread));
      json["quantized"]["remarks"] = remarks;
      if (!remarks.empty()) console.print(fmt::format("remarks: {}\n", remarks));
      if (lowering) {
        FEWBIT_ASSIGN_OR_RETURN(hardware,
                                report_hardware(equal, arithmetic, data, *lowering,
                                                quantized["percent"].get<double>(), jobs, console));
        json["hardware"] = hardware;
      }
    }
    console.document(json);
    return ExitCode::kOk;
  }

 private:
  /// The network as it will be quantized.
  [[nodiscard]] Result<study::QuantNetwork> load(const std::string& file,
                                                 const study::QuantData& data) const {
    FEWBIT_ASSIGN_OR_RETURN(graph, from_option("--network", wiring_.read(file)));
    FEWBIT_ASSIGN_OR_RETURN(hash, wiring_.hash(file, graph));
    FEWBIT_ASSIGN_OR_RETURN(network, equalized(std::move(graph), data));
    return study::QuantNetwork{file, hash, std::move(network)};
  }

  [[nodiscard]] Result<study::QuantData> read_data() const {
    study::QuantData data;
    FEWBIT_ASSIGN_OR_RETURN(images, from_option("--images", quant::read_images(images_)));
    if (metric_.is_given()) {
      std::vector<char> of_images(static_cast<std::size_t>(images.shape[0]));
      FEWBIT_RETURN_IF_ERROR(limit(images, of_images));
    } else if (dictionary_.empty()) {
      FEWBIT_ASSIGN_OR_RETURN(labels, from_option("--labels", quant::read_labels(labels_)));
      data.labels = std::move(labels);
      FEWBIT_RETURN_IF_ERROR(limit(images, data.labels));
    } else {
      FEWBIT_ASSIGN_OR_RETURN(dictionary,
                              from_option("--dictionary", quant::Dictionary::read(dictionary_)));
      FEWBIT_ASSIGN_OR_RETURN(text, from_option("--labels", dictionary.read_text(labels_)));
      data.text = std::move(text);
      FEWBIT_RETURN_IF_ERROR(limit(images, data.text->lines));
    }
    std::size_t used = 0;
    std::vector<std::string> files = {images_, labels_};
    if (!calibration_.empty()) {
      FEWBIT_ASSIGN_OR_RETURN(calibration,
                              from_option("--calibration-images",
                                          quant::read_images(calibration_, kCalibrationImages)));
      FEWBIT_ASSIGN_OR_RETURN(images_are_bytes, quant::holds_bytes(images_));
      FEWBIT_ASSIGN_OR_RETURN(calibration_is_bytes, quant::holds_bytes(calibration_));
      data.are_bytes = images_are_bytes && calibration_is_bytes;
      used = std::min(kCalibrationImages, static_cast<std::size_t>(calibration.shape[0]));
      data.calibration = quant::slice_batch(calibration, 0, used);
      files.push_back(calibration_);
    }
    std::string hashes;
    for (const std::string& file : files) {
      FEWBIT_ASSIGN_OR_RETURN(text, read_file(file));
      hashes += sha256(text) + "\n";
    }
    data.hash = sha256(fmt::format("{}{} {}", hashes, images.shape[0], used));
    data.images = std::move(images);
    return data;
  }

  /// All options that say how is rounded, as the command line has them; those left at what is usual
  /// apart, but --unsigned, whose usual value was another one once.
  [[nodiscard]] std::string technique_words() const {
    static const std::set<std::string> kOthers = {"ACTION",
                                                  "--network",
                                                  "--images",
                                                  "--labels",
                                                  "--calibration-images",
                                                  "--limit",
                                                  "--jobs",
                                                  "--weights",
                                                  "--activations",
                                                  "--format-weights",
                                                  "--format-activations",
                                                  "--db",
                                                  "--retry-failed",
                                                  "--unsigned"};
    std::set<std::string> of_others = SearchOptions::names();
    of_others.merge(WiringWords::names());
    std::string words = " --unsigned " + unsigned_ + wiring_.words();
    for (const CLI::Option* option : app_->get_options()) {
      const std::string name = option->get_name();
      if (is_common_option(name) || kOthers.contains(name) || of_others.contains(name)) continue;
      if (option->count() == 0) continue;
      const std::string value = option->results().back();
      if (value != option->get_default_str()) words += fmt::format(" {} {}", name, value);
    }
    return words;
  }

  /// The data's part of a command that reproduces a row.
  [[nodiscard]] std::string data_words() const {
    std::string words = fmt::format(" --images {} --labels {} --calibration-images {}", images_,
                                    labels_, calibration_);
    if (!limit_.empty()) words += " --limit " + limit_;
    return words;
  }

  /// Technique and threads of a grid or a search; the formats of `run` are refused.
  [[nodiscard]] Result<study::QuantSetting> setting() const {
    for (const auto& [option, text] : {std::pair{"--format-weights", weights_},
                                       std::pair{"--format-activations", activations_}}) {
      if (text.empty()) continue;
      return Error{option, text, "absent: grid and search have --weights, --activations", ""};
    }
    if (!dictionary_.empty()) {
      return Error{"--dictionary", dictionary_, "absent: it is an option of run", ""};
    }
    FEWBIT_RETURN_IF_ERROR(numerics_.check_absent());
    FEWBIT_RETURN_IF_ERROR(metric_.check_absent("absent: it is an option of run"));
    FEWBIT_RETURN_IF_ERROR(check_calibration());
    study::QuantSetting setting;
    FEWBIT_ASSIGN_OR_RETURN(technique, this->technique());
    setting.technique = technique;
    setting.technique_words = technique_words();
    setting.command =
        fmt::format("fewbit quant {}{}", action_ == "grid" ? "run" : action_, data_words());
    FEWBIT_ASSIGN_OR_RETURN(jobs, parse_jobs(jobs_));
    setting.jobs = jobs;
    return setting;
  }

  Result<ExitCode> search(const Console& console) {
    FEWBIT_ASSIGN_OR_RETURN(setting, this->setting());
    if (retry_failed_) return Error{"--retry-failed", "on", "absent: it is an option of grid", ""};
    FEWBIT_RETURN_IF_ERROR(accumulator_.check_absent());
    FEWBIT_ASSIGN_OR_RETURN(request, search_.request(weight_set_, activation_set_, database_));
    FEWBIT_ASSIGN_OR_RETURN(data, read_data());
    FEWBIT_ASSIGN_OR_RETURN(network, load(network_, data));
    FEWBIT_ASSIGN_OR_RETURN(result, study::run_search(request, network, data, setting));
    print_search(network.file, result, console);
    return ExitCode::kOk;
  }

  Result<ExitCode> grid(const Console& console) {
    FEWBIT_RETURN_IF_ERROR(search_.check_absent());
    FEWBIT_ASSIGN_OR_RETURN(setting, this->setting());
    study::GridRequest request;
    request.networks = split_commas(network_);
    if (request.networks.empty()) {
      return Error{"--network", "", "ONNX files, commas between", ""};
    }
    FEWBIT_ASSIGN_OR_RETURN(weights, study::operand_formats("--weights", weight_set_));
    FEWBIT_ASSIGN_OR_RETURN(activations,
                            study::activation_formats("--activations", activation_set_));
    request.weights = std::move(weights);
    request.activations = std::move(activations);
    request.database = database_;
    request.retry_failed = retry_failed_;
    if (database_.empty()) {
      return Error{"--db", "", "a results database, made where it is missing", ""};
    }
    FEWBIT_ASSIGN_OR_RETURN(data, read_data());
    const auto load_network = [&](const std::string& file) { return load(file, data); };
    ShownProgress progress;
    FEWBIT_ASSIGN_OR_RETURN(summary,
                            study::run_grid(request, data, setting, load_network, progress));
    if (interrupted()) return ExitCode::kInterrupted;
    console.document({{"pairs", summary.pairs},
                      {"there", summary.there},
                      {"failed", summary.failed},
                      {"seconds", summary.seconds}});
    console.print(fmt::format("{} pairs: {} were in {}, {} evaluated in {:.0f} s; {} failed\n",
                              summary.pairs, summary.there, request.database, summary.evaluated(),
                              summary.seconds, summary.failed));
    return summary.failed > 0 ? ExitCode::kMismatch : ExitCode::kOk;
  }

  [[nodiscard]] Status check_calibration() const {
    if (!calibration_.empty()) return Ok{};
    return Error{"--calibration-images", "", "a file of images that ranges are chosen on",
                 "training images: those of --images would judge themselves"};
  }

  /// How is rounded, formats apart.
  [[nodiscard]] Result<quant::QuantizerOptions> technique() const {
    quant::QuantizerOptions options;
    FEWBIT_ASSIGN_OR_RETURN(weight_range, parse_rule("--range-weights", weight_range_));
    options.weight_range = weight_range;
    FEWBIT_ASSIGN_OR_RETURN(range, parse_rule("--range-activations", activation_range_));
    options.activation_range = range;
    FEWBIT_ASSIGN_OR_RETURN(per_channel, parse_switch("--per-channel", per_channel_));
    options.per_channel = per_channel;
    FEWBIT_ASSIGN_OR_RETURN(is_unsigned, parse_switch("--unsigned", unsigned_));
    options.unsigned_inputs = is_unsigned;
    for (const auto& [option, text] :
         {std::pair{"--weight-equalization", weight_equalization_},
          std::pair{"--activation-equalization", activation_equalization_}}) {
      const Result<bool> is_on = parse_switch(option, text);
      if (!is_on.ok()) return is_on.error();
    }
    FEWBIT_ASSIGN_OR_RETURN(gptq, parse_switch("--gptq", gptq_));
    options.gptq = gptq;
    FEWBIT_ASSIGN_OR_RETURN(learned, parse_start(learned_rounding_));
    options.learned_rounding = learned;
    FEWBIT_ASSIGN_OR_RETURN(correction, parse_switch("--bias-correction", bias_correction_));
    options.bias_correction = correction;
    if (gain_correction_ != "auto") {
      const Result<bool> gain = parse_switch("--gain-correction", gain_correction_);
      if (!gain.ok()) return Error{"--gain-correction", gain_correction_, "auto, on, off", ""};
      options.gain_correction = *gain;
    }
    FEWBIT_RETURN_IF_ERROR(quant::check_gain(options));
    if (edges_ != "8bit" && edges_ != "same")
      return Error{"--edge-layers", edges_, "8bit, same", ""};
    options.edges_at_8_bits = edges_ == "8bit";
    FEWBIT_ASSIGN_OR_RETURN(accumulator, accumulator_.options());
    FEWBIT_RETURN_IF_ERROR(quant::check_accumulator(accumulator, false));
    options.accumulator = accumulator;
    if (gptq && learned) {
      return Error{"--learned-rounding", learned_rounding_, "off where --gptq is on",
                   "both choose the weights"};
    }
    return options;
  }

  /// Nothing where no format was given.
  [[nodiscard]] Result<std::optional<quant::QuantizerOptions>> quantizer_options() const {
    FEWBIT_ASSIGN_OR_RETURN(options, technique());
    if (weights_.empty() && activations_.empty()) {
      for (const CLI::Option* option : quantizer_options_) {
        if (option->count() == 0) continue;
        return Error{option->get_name(), option->as<std::string>(),
                     "only together with --format-weights and --format-activations",
                     "without formats the network runs in float"};
      }
      return std::optional<quant::QuantizerOptions>();
    }
    for (const auto& [option, text] : {std::pair{"--format-weights", weights_},
                                       std::pair{"--format-activations", activations_}}) {
      if (text.empty()) {
        return Error{option, text, "a format, as the other operand has one", "fewbit formats"};
      }
    }
    // Refused here, before any file is read.
    FEWBIT_ASSIGN_OR_RETURN(weights, quant::parse_operand_format("--format-weights", weights_));
    FEWBIT_ASSIGN_OR_RETURN(activations,
                            quant::parse_operand_format("--format-activations", activations_));
    FEWBIT_RETURN_IF_ERROR(quant::check_activations("--format-activations", activations));
    options.weights = weights.element;
    options.weight_blocks = weights.blocks;
    options.activations = activations.element;
    options.activation_blocks = activations.blocks;
    FEWBIT_RETURN_IF_ERROR(quant::check_accumulator(
        options.accumulator, options.weight_blocks || options.activation_blocks));
    if (options.weight_blocks && options.learned_rounding) {
      return Error{"--format-weights", weights_, "a format without blocks",
                   "--learned-rounding rounds weights one by one"};
    }
    FEWBIT_RETURN_IF_ERROR(check_calibration());
    return std::optional(options);
  }

  /// The network with what the options move between layers.
  [[nodiscard]] Result<quant::Network> equalized(quant::Graph graph,
                                                 const study::QuantData& data) const {
    if (data.are_bytes && graph.inputs.size() == 1) graph.inputs[0].nonnegative = true;
    if (weight_equalization_ == "on") graph = quant::equalize_weights(std::move(graph));
    if (activation_equalization_ == "on") {
      FEWBIT_ASSIGN_OR_RETURN(equal,
                              quant::equalize_activations(std::move(graph), data.calibration));
      graph = std::move(equal);
    }
    return quant::Network::make(std::move(graph));
  }

  template <typename Label>
  Status limit(quant::Tensor& images, std::vector<Label>& labels) const {
    if (limit_.empty()) return Ok{};
    FEWBIT_ASSIGN_OR_RETURN(count, parse_integer("--limit", limit_, 1, kMostImages));
    if (count < images.shape[0] && labels.size() == static_cast<std::size_t>(images.shape[0])) {
      images = quant::slice_batch(images, 0, static_cast<std::size_t>(count));
      labels.resize(static_cast<std::size_t>(count));
    }
    return Ok{};
  }

  const CLI::App* app_ = nullptr;
  std::string action_;
  std::string network_, images_, labels_, dictionary_, calibration_;
  std::string weights_, activations_;
  std::string weight_range_ = "mse";
  std::string activation_range_ = "mse";
  std::string per_channel_ = "on";
  std::string unsigned_ = "on";
  std::string weight_equalization_ = "off";
  std::string activation_equalization_ = "off";
  std::string gptq_ = "off";
  std::string learned_rounding_ = "off";
  std::string bias_correction_ = "off";
  std::string gain_correction_ = "auto";
  std::string edges_ = "8bit";
  std::string limit_, jobs_;
  std::string weight_set_, activation_set_, database_;
  bool retry_failed_ = false;
  SearchOptions search_;
  WiringWords wiring_;
  MetricWords metric_;
  AccumulatorWords accumulator_;
  NumericsWords numerics_;
  std::vector<const CLI::Option*> quantizer_options_;  ///< without a use where there are no formats
};

}  // namespace

std::unique_ptr<Command> make_quant_command() { return std::make_unique<QuantCommand>(); }

}  // namespace fewbit::cli
