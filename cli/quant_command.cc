// fewbit quant: a trained network in few bits, and its accuracy with exact integer arithmetic.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "fewbit/cli/command.h"
#include "fewbit/cli/network_input.h"
#include "fewbit/cli/progress.h"
#include "fewbit/cli/quant_accuracy.h"
#include "fewbit/cli/quant_data.h"
#include "fewbit/cli/quant_metric.h"
#include "fewbit/cli/quant_numerics.h"
#include "fewbit/cli/quant_sample.h"
#include "fewbit/cli/quant_search_options.h"
#include "fewbit/cli/quant_technique.h"
#include "fewbit/cli/quant_wiring.h"
#include "fewbit/flows/study/quant/search.h"
#include "fewbit/gen/util/interrupt.h"
#include "fewbit/gen/util/text.h"
#include "fewbit/quant/batch_axis.h"
#include "fewbit/quant/evaluate.h"
#include "fewbit/quant/layer_formats.h"
#include "fewbit/quant/remarks.h"
#include "fewbit/quant/wiring.h"

namespace fewbit::cli {
namespace {

class QuantCommand : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "quant"; }
  [[nodiscard]] std::string summary() const override {
    return "Run a network (ONNX) in float, or quantized with exact sums, and count right answers";
  }

  void declare(CLI::App& app) override {
    app.require_subcommand(0, 1);
    declare_run(action(app, "run", "In float, and in one pair of formats", &QuantCommand::run_one));
    declare_grid(action(app, "grid", "In many pairs of formats, a row of a database for each",
                        &QuantCommand::grid));
    declare_search(action(app, "search", "Choose formats for each layer, within a budget",
                          &QuantCommand::search));
    declare_sample(action(app, "sample", "Make pictures from noise, and tell how far off they are",
                          &QuantCommand::sample));
    app.footer(
        "Examples:\n"
        "  fewbit quant run --network quant/networks/resnet.onnx \\\n"
        "    --images t10k-images-idx3-ubyte.gz --labels t10k-labels-idx1-ubyte.gz\n"
        "  fewbit help quant grid");
  }

  Result<ExitCode> run(const Console& console) override {
    for (const auto& [app, function] : actions_) {
      if (app->parsed()) return (this->*function)(console);
    }
    return Error{"quant", "", "run, grid, search or sample", "see fewbit quant --help"};
  }

 private:
  using Function = Result<ExitCode> (QuantCommand::*)(const Console&);

  CLI::App& action(CLI::App& app, const std::string& word, const std::string& text,
                   Function function) {
    CLI::App* child = app.add_subcommand(word, text);
    actions_.emplace_back(child, function);
    return *child;
  }

  void declare_run(CLI::App& app) {
    declare_network(app);
    app.add_option("--format-weights", weights_, "Format of weights; together with the next");
    app.add_option("--format-activations", activations_, "Format of activations");
    app.add_option(
        "--formats", formats_file_,
        "File with formats of layers, lines of WEIGHTS ACTIVATIONS LAYER; the others have "
        "those of the two options, without them int8");
    need_formats_.push_back(app.add_option(
        "--activation-scales", scales_file_,
        "File with what a unit of activations stands for, lines of LEFT RIGHT LAYER; "
        "with --formats"));
    metric_.declare(app);
    need_formats_.push_back(data_.declare(app, true));
    for (const CLI::Option* option : technique_.declare(app, true)) need_formats_.push_back(option);
    for (const CLI::Option* option : numerics_.declare(app)) need_formats_.push_back(option);
    declare_jobs(app);
    app.footer(
        "Example:\n"
        "  fewbit quant run --network quant/networks/resnet.onnx \\\n"
        "    --images /usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz \\\n"
        "    --labels /usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz \\\n"
        "    --calibration-images "
        "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz \\\n"
        "    --format-weights e2m1 --format-activations e4m3fn");
  }

  void declare_grid(CLI::App& app) {
    app.add_option("--network", network_, "ONNX files, commas between");
    wiring_.declare(app);
    declare_sets(app);
    app.add_option("--db", database_, "Results database (SQLite), made where missing");
    app.add_flag("--retry-failed", retry_failed_, "Pairs again whose row is a failure");
    metric_.declare(app);
    data_.declare(app, false);
    technique_.declare(app, true);
    declare_jobs(app);
    app.footer(
        "Example:\n"
        "  fewbit quant grid --network quant/networks/resnet.onnx,quant/networks/vit.onnx \\\n"
        "    --images t10k-images-idx3-ubyte.gz --labels t10k-labels-idx1-ubyte.gz \\\n"
        "    --calibration-images train-images-idx3-ubyte.gz \\\n"
        "    --weights 3..8 --activations 3..8 --limit 1000 --db results.sqlite");
  }

  void declare_search(CLI::App& app) {
    declare_network(app);
    declare_sets(app);
    app.add_option("--db", database_, "Results database (SQLite) with the costs of MACs");
    search_.declare(app);
    data_.declare(app, false);
    technique_.declare(app, false);
    declare_jobs(app);
    app.footer(
        "Example:\n"
        "  fewbit quant search --network quant/networks/resnet.onnx \\\n"
        "    --images t10k-images-idx3-ubyte.gz --labels t10k-labels-idx1-ubyte.gz \\\n"
        "    --calibration-images train-images-idx3-ubyte.gz \\\n"
        "    --weights 3..8 --activations 3..8 --budget-bits 4");
  }

  void declare_sample(CLI::App& app) {
    sample_.declare(app);
    technique_.declare(app, true);
    declare_jobs(app);
    app.footer(
        "Example:\n"
        "  fewbit quant sample --network quant/networks/denoiser.onnx \\\n"
        "    --classifier quant/networks/resnet.onnx \\\n"
        "    --images /usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz \\\n"
        "    --format-weights e2m1 --format-activations e4m3fn --sheet pictures.pgm");
  }

  void declare_network(CLI::App& app) {
    app.add_option(
        "--network", network_,
        "ONNX file with one input and one output, the logits, beside those that --input, "
        "--state and --output name");
    wiring_.declare(app);
  }

  void declare_sets(CLI::App& app) {
    app.add_option("--weights", weight_set_,
                   "Formats of weights, as in sweeps: 3..8,e4m3fn; mxfp4,nvfp4");
    app.add_option("--activations", activation_set_, "Formats of activations");
  }

  void declare_jobs(CLI::App& app) {
    app.add_option("--jobs", jobs_, "Threads; default: one for each processor");
  }

  Result<ExitCode> run_one(const Console& console) {
    FEWBIT_RETURN_IF_ERROR(metric_.check());
    FEWBIT_ASSIGN_OR_RETURN(options, quantizer_options());
    FEWBIT_ASSIGN_OR_RETURN(lowering, numerics_.options(options.value_or(quant::QuantizerOptions()),
                                                        data_.reads_text()));
    if (lowering) FEWBIT_RETURN_IF_ERROR(metric_.check_absent("absent with --numerics hardware"));
    if (data_.reads_text()) {
      FEWBIT_RETURN_IF_ERROR(metric_.check_absent("absent: text has its own"));
    }
    FEWBIT_ASSIGN_OR_RETURN(jobs, parse_jobs(jobs_));
    FEWBIT_ASSIGN_OR_RETURN(graph, from_option("--network", wiring_.read(network_)));
    FEWBIT_ASSIGN_OR_RETURN(network, quant::Network::make(graph));
    if (options) {
      FEWBIT_ASSIGN_OR_RETURN(by_layer, with_layer_files(*options, network));
      options = std::move(by_layer);
    }
    FEWBIT_ASSIGN_OR_RETURN(data, data_.read(!metric_.is_given()));
    FEWBIT_ASSIGN_OR_RETURN(task, metric_.task(data_.labels_file(), data.images.shape[0]));
    if (data.text) {
      FEWBIT_ASSIGN_OR_RETURN(turned, quant::turn_images_first(graph, data.images));
      network = std::move(turned);
    }
    FEWBIT_RETURN_IF_ERROR(quant::check_images_are_apart(network, data.images));
    if (lowering) {
      FEWBIT_ASSIGN_OR_RETURN(lowered, equalized(graph, data));
      FEWBIT_RETURN_IF_ERROR(check_hardware(lowered, data));
    }

    nlohmann::ordered_json json;
    json["network"] = network_;
    json["images"] = data.images.shape[0];
    FEWBIT_ASSIGN_OR_RETURN(
        in_float,
        report_accuracy("float", network, quant::FastFloatArithmetic(), data, task, jobs, console));
    json["float"] = in_float;
    if (options) {
      FEWBIT_ASSIGN_OR_RETURN(equal, equalized(std::move(graph), data));
      FEWBIT_ASSIGN_OR_RETURN(arithmetic, quantized_arithmetic(equal, data.calibration, *options));
      const std::string weights = by_layer() ? "by layer" : options->weight_format().name();
      const std::string activations = by_layer() ? weights : options->activation_format().name();
      FEWBIT_ASSIGN_OR_RETURN(
          quantized,
          report_accuracy(by_layer() ? weights : fmt::format("{} x {}", weights, activations),
                          equal, arithmetic, data, task, jobs, console));
      json["quantized"] = quantized;
      json["quantized"]["weights"] = weights;
      json["quantized"]["activations"] = activations;
      FEWBIT_ASSIGN_OR_RETURN(sqnr_db, layer_sqnr_db(equal, arithmetic, data.calibration));
      print_layers(arithmetic, sqnr_db, console, json["quantized"]);
      if (!by_layer()) print_use(arithmetic.format_use(), json["quantized"], console);
      FEWBIT_ASSIGN_OR_RETURN(float_spread,
                              quant::output_spread(equal, quant::FastFloatArithmetic(),
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

  Result<ExitCode> grid(const Console& console) {
    FEWBIT_RETURN_IF_ERROR(metric_.check());
    FEWBIT_ASSIGN_OR_RETURN(setting, this->setting("run"));
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
    FEWBIT_ASSIGN_OR_RETURN(data, data_.read(!metric_.is_given()));
    FEWBIT_ASSIGN_OR_RETURN(task, metric_.task(data_.labels_file(), data.images.shape[0]));
    data.task = std::move(task);
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

  Result<ExitCode> search(const Console& console) {
    FEWBIT_ASSIGN_OR_RETURN(setting, this->setting("search"));
    FEWBIT_ASSIGN_OR_RETURN(request, search_.request(weight_set_, activation_set_, database_));
    FEWBIT_ASSIGN_OR_RETURN(data, data_.read());
    FEWBIT_ASSIGN_OR_RETURN(network, load(network_, data));
    FEWBIT_ASSIGN_OR_RETURN(result, study::run_search(request, network, data, setting));
    print_search(network.file, result, console);
    return ExitCode::kOk;
  }

  Result<ExitCode> sample(const Console& console) {
    return sample_.run(technique_, jobs_, console);
  }

  /// The network as it will be quantized.
  [[nodiscard]] Result<study::QuantNetwork> load(const std::string& file,
                                                 const study::QuantData& data) const {
    FEWBIT_ASSIGN_OR_RETURN(graph, from_option("--network", wiring_.read(file)));
    FEWBIT_ASSIGN_OR_RETURN(hash, wiring_.hash(file, graph));
    FEWBIT_ASSIGN_OR_RETURN(network, equalized(std::move(graph), data));
    return study::QuantNetwork{file, hash, std::move(network)};
  }

  [[nodiscard]] Result<quant::Network> equalized(quant::Graph graph,
                                                 const study::QuantData& data) const {
    return technique_.equalized(std::move(graph), data.are_bytes, data.calibration);
  }

  /// Technique and threads of a grid or a search, whose rows are reproduced by quant `action`.
  [[nodiscard]] Result<study::QuantSetting> setting(const std::string& action) const {
    FEWBIT_RETURN_IF_ERROR(data_.check_calibration());
    study::QuantSetting setting;
    FEWBIT_ASSIGN_OR_RETURN(technique, technique_.options());
    setting.technique = technique;
    setting.technique_words = technique_.words() + wiring_.words();
    setting.command = fmt::format("fewbit quant {}{}{}", action, data_.words(), metric_.words());
    FEWBIT_ASSIGN_OR_RETURN(jobs, parse_jobs(jobs_));
    setting.jobs = jobs;
    return setting;
  }

  [[nodiscard]] bool by_layer() const { return !formats_file_.empty(); }

  /// With --formats and --activation-scales.
  [[nodiscard]] Result<quant::QuantizerOptions> with_layer_files(
      const quant::QuantizerOptions& usual, const quant::Network& network) const {
    if (!scales_file_.empty() && !by_layer()) {
      return Error{"--activation-scales", scales_file_, "only together with --formats", ""};
    }
    FEWBIT_ASSIGN_OR_RETURN(options, with_formats_of_file(usual, formats_file_, network));
    if (!scales_file_.empty()) {
      FEWBIT_RETURN_IF_ERROR(
          from_option("--activation-scales",
                      quant::read_activation_scales(scales_file_, network, options.layers)));
    }
    return options;
  }

  /// Nothing where no format was given.
  [[nodiscard]] Result<std::optional<quant::QuantizerOptions>> quantizer_options() const {
    FEWBIT_ASSIGN_OR_RETURN(options, technique_.options());
    if (by_layer() && weights_.empty() && activations_.empty()) {
      FEWBIT_RETURN_IF_ERROR(data_.check_calibration());
      return std::optional(options);
    }
    if (weights_.empty() && activations_.empty()) {
      for (const CLI::Option* option : need_formats_) {
        if (option->count() == 0) continue;
        return Error{option->get_name(), option->as<std::string>(),
                     "only together with --format-weights and --format-activations, or --formats",
                     "without formats the network runs in float"};
      }
      return std::optional<quant::QuantizerOptions>();
    }
    // Refused here, before any file is read.
    FEWBIT_ASSIGN_OR_RETURN(formats, with_operand_formats(options, weights_, activations_));
    options = std::move(formats);
    FEWBIT_RETURN_IF_ERROR(quant::check_accumulator(
        options.accumulator, options.weight_blocks || options.activation_blocks));
    if (options.weight_blocks && options.learned_rounding) {
      return Error{"--format-weights", weights_, "a format without blocks",
                   "--learned-rounding rounds weights one by one"};
    }
    FEWBIT_RETURN_IF_ERROR(data_.check_calibration());
    return std::optional(options);
  }

  std::vector<std::pair<CLI::App*, Function>> actions_;
  std::string network_, jobs_;
  std::string weights_, activations_;                   // of run
  std::string formats_file_, scales_file_;              // of run, by layer
  std::string weight_set_, activation_set_, database_;  // of grid and search
  bool retry_failed_ = false;
  WiringWords wiring_;
  MetricWords metric_;
  DataWords data_;
  TechniqueWords technique_;
  NumericsWords numerics_;
  SearchOptions search_;
  SampleWords sample_;
  std::vector<const CLI::Option*> need_formats_;  ///< options of run without a use in float
};

}  // namespace

std::unique_ptr<Command> make_quant_command() { return std::make_unique<QuantCommand>(); }

}  // namespace fewbit::cli
