// fewbit build: a network (ONNX) as a bit-exact streaming accelerator.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "fewbit/cli/build_device.h"
#include "fewbit/cli/command.h"
#include "fewbit/cli/network_budget.h"
#include "fewbit/cli/network_drawing.h"
#include "fewbit/cli/network_input.h"
#include "fewbit/cli/network_report.h"
#include "fewbit/cli/progress.h"
#include "fewbit/cli/replacement.h"
#include "fewbit/cli/steps.h"
#include "fewbit/cli/version.h"
#include "fewbit/flows/cost.h"
#include "fewbit/flows/store/result_store.h"
#include "fewbit/flows/study/network/cost_network.h"
#include "fewbit/flows/study/network/fit.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/util/check.h"
#include "fewbit/gen/util/commit.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/json.h"
#include "fewbit/gen/util/text.h"
#include "fewbit/quant/array_files.h"
#include "fewbit/quant/hardware/hardware_accuracy.h"
#include "fewbit/quant/hardware/lowering.h"

namespace fewbit::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::int64_t kCalibrationImages = 256;
constexpr long long kMostRate = 1000000;
constexpr long long kMostMhz = 1000;
constexpr long long kMostImages = 10000;
constexpr std::int64_t kMostLabelled = 1000000;
constexpr long long kUsualRate = 1000;

Status check_finite(const std::string& option, const std::string& text, const Format& format) {
  if (format.has_zero() && !format.has_nan() && !format.has_infinity()) return Ok{};
  return Error{option, text, "a format of finite numbers with a zero, such as e2m1 or e4m3f",
               "what is beyond the end of a vector or an image is 0"};
}

class BuildCommand : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "build"; }
  [[nodiscard]] bool runs_tools(const std::string& /*name*/) const override { return true; }
  [[nodiscard]] std::string summary() const override {
    return "Turn a network (ONNX) into a streaming accelerator, verify it, place it";
  }
  void declare(CLI::App& app) override {
    app.add_option("NETWORK", network_, "ONNX file, of what docs/numerics.md covers");
    app.add_option("--target", target_, "ice40-hx8k, ecp5-25f, ecp5-45f or ecp5-85f")
        ->capture_default_str();
    app.add_option("--weights", weights_, "Format of weights");
    app.add_option("--activations", activations_,
                   "Format of activations; without a sign where nothing is negative");
    app.add_option("--edge-layers", edges_, "8bit or same: formats of the first and last layer")
        ->capture_default_str();
    app.add_option("--formats", formats_,
                   "File of lines WEIGHTS ACTIVATIONS LAYER: formats of layers by name");
    app.add_option("--calibration-images", calibration_,
                   "IDX of bytes, the first 256 of which choose ranges: training images");
    app.add_option("--gptq", gptq_, "on: weights rounded one after the other, errors made up for")
        ->capture_default_str();
    app.add_option("--bias-correction", bias_correction_,
                   "on: results shifted to the mean that they have in float")
        ->capture_default_str();
    app.add_option(
        "--images-per-second", rate_,
        "The fewest lanes that are so fast; default: 1000, on ECP5 the fastest that fits");
    budget_.declare(app);
    app.add_option("--mhz", mhz_, "Clock that the rate is reckoned with; default 50, on ECP5 120");
    app.add_option("--answer", answer_, "logits or class: what leaves for each image")
        ->capture_default_str();
    app.add_option("--name", name_, "Name of the module behind fewbit_; default: that of the file");
    app.add_flag("--plan", plan_, "Say how it is folded, and write nothing");
    app.add_flag("--verify", verify_,
                 "Simulate it (Verilator) before it is written: every stream and the logits\n"
                 "against hardware numerics, without and with random stalls");
    app.add_option("--images", images_, "IDX of bytes to verify with; default: calibration images");
    app.add_option("--verify-images", verify_images_, "How many of them; default 4");
    app.add_flag("--cost", cost_,
                 "Map, place and route it whole; counts are of a netlist that\n"
                 "was compared with the network");
    app.add_option("--seeds", seeds_, "Place-and-route runs of --cost; default 3");
    app.add_option("--labels", labels_,
                   "Labels of --images: how many of them are right, in hardware numerics");
    app.add_option("--db", database_, "Results database that --cost adds a row of networks to");
    app.add_option("-o,--output", directory_, "Folder for the files; made if missing");
    app.add_flag("--force", force_, "Replace the accelerator of another request in that folder");
    app.footer(
        "Examples:\n"
        "  fewbit build quant/networks/small.onnx --weights e2m0f --activations e1m2f \\\n"
        "    --calibration-images "
        "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz \\\n"
        "    --target ice40-hx8k --verify -o build/small");
  }

  Result<ExitCode> run(const Console& console) override {
    FEWBIT_RETURN_IF_ERROR(check_words());
    FEWBIT_ASSIGN_OR_RETURN(device, find_device(target_));
    FEWBIT_ASSIGN_OR_RETURN(seeds, parse_seeds(seeds_.empty() ? "3" : seeds_));
    const std::string clock = mhz_.empty() ? device.mhz : mhz_;
    FEWBIT_ASSIGN_OR_RETURN(mhz, parse_integer("--mhz", clock, 1, kMostMhz));
    FEWBIT_ASSIGN_OR_RETURN(subject, lowered_subject());
    FEWBIT_ASSIGN_OR_RETURN(found, fitted(subject.lowered, device, static_cast<double>(mhz) * 1e6));
    const NetworkFacts facts{network_, target_, mhz, found.memory.blocks, device.blocks};
    ordered_json json = network_json(found.accelerator, subject.lowered, facts);
    console.print(network_text(found.accelerator, facts));
    if (plan_) {
      console.document(json);
      return ExitCode::kOk;
    }
    const rtl::EmittedDesign design = found.accelerator.emit();
    FEWBIT_RETURN_IF_ERROR(check_folder(design));
    if (!database_.empty()) FEWBIT_RETURN_IF_ERROR(check_database());
    study::NetworkCost cost;
    FEWBIT_ASSIGN_OR_RETURN(is_good, measure(subject, found, seeds, json, cost, console));
    if (is_good) {
      FEWBIT_ASSIGN_OR_RETURN(drawing,
                              network_drawing(subject.lowered, found.accelerator, device, cost));
      FEWBIT_ASSIGN_OR_RETURN(files, write(design, json, drawing));
      json["files"] = files;
      console.print(fmt::format("wrote {} files to {}\n", files.size(), directory_));
    }
    console.document(json);
    return is_good ? ExitCode::kOk : ExitCode::kMismatch;
  }

 private:
  /// A network in integers, and images to verify it with.
  struct Subject {
    quant::LoweredNetwork lowered;
    quant::Tensor images;
  };

  [[nodiscard]] Result<Subject> lowered_subject() const {
    FEWBIT_ASSIGN_OR_RETURN(
        count, parse_integer("--verify-images", verify_images_.empty() ? "4" : verify_images_, 1,
                             kMostImages));
    FEWBIT_ASSIGN_OR_RETURN(pair, quantizer_options());
    FEWBIT_ASSIGN_OR_RETURN(graph, read_byte_network(network_));
    FEWBIT_ASSIGN_OR_RETURN(network, quant::Network::make(std::move(graph)));
    FEWBIT_ASSIGN_OR_RETURN(options, formats_of_file(pair, network));
    FEWBIT_ASSIGN_OR_RETURN(calibration,
                            read_bytes("--calibration-images", calibration_, kCalibrationImages));
    FEWBIT_ASSIGN_OR_RETURN(images, verification_images(calibration, count));
    FEWBIT_ASSIGN_OR_RETURN(arithmetic,
                            quant::QuantizedArithmetic::make(network, calibration, options));
    FEWBIT_ASSIGN_OR_RETURN(lowered, quant::lower(network, arithmetic, calibration, {}));
    return Subject{std::move(lowered), std::move(images)};
  }

  /// Whatever was asked for of accuracy, simulation and cost, into `json` and `cost`; false where
  /// something differs.
  Result<bool> measure(const Subject& subject, const study::Fitted& found, int seeds,
                       ordered_json& json, study::NetworkCost& cost, const Console& console) const {
    Steps steps(console);
    const auto progress = [&](const std::string& step) { steps.begin(step); };
    std::optional<quant::Evaluation> accuracy;
    if (!labels_.empty()) {
      steps.begin("hardware numerics of all images");
      FEWBIT_ASSIGN_OR_RETURN(evaluated, accuracy_of(subject.lowered));
      steps.end();
      accuracy = evaluated;
      json["accuracy"] = {{"images", evaluated.images},
                          {"right", evaluated.right},
                          {"percent", evaluated.percent()}};
      console.print(fmt::format("{} of {} images right, {:.2f} %\n", evaluated.right,
                                evaluated.images, evaluated.percent()));
    }
    if (verify_) {
      FEWBIT_ASSIGN_OR_RETURN(report,
                              study::verify_network(subject.lowered, found.request, subject.images,
                                                    {.progress = progress}));
      steps.end();
      json["verified"] = report_json(report);
      console.print(report_text(report, found.accelerator));
      if (!report.passed) return false;
    }
    if (!cost_) return true;
    FEWBIT_ASSIGN_OR_RETURN(target, flows::find_target(target_));
    study::NetworkCostOptions options;
    options.seeds = seeds;
    FEWBIT_ASSIGN_OR_RETURN(jobs, parse_jobs(""));
    options.jobs = jobs;
    options.progress = progress;
    FEWBIT_ASSIGN_OR_RETURN(measured, study::cost_network(subject.lowered, found.request,
                                                          subject.images, target, options));
    steps.end();
    cost = std::move(measured);
    if (!cost.netlist.passed) {
      json["cost"] = {{"netlist", report_json(cost.netlist)}};
      console.print("netlist " + report_text(cost.netlist, found.accelerator));
      return false;
    }
    json["cost"] = cost_json(cost);
    console.print(cost_text(cost));
    if (!database_.empty()) FEWBIT_RETURN_IF_ERROR(store(found, cost, accuracy, seeds, console));
    return true;
  }

  [[nodiscard]] Result<quant::Evaluation> accuracy_of(const quant::LoweredNetwork& lowered) const {
    FEWBIT_ASSIGN_OR_RETURN(images, read_bytes("--images", images_, kMostLabelled));
    FEWBIT_ASSIGN_OR_RETURN(labels, from_option("--labels", quant::read_labels(labels_)));
    FEWBIT_ASSIGN_OR_RETURN(jobs, parse_jobs(""));
    FEWBIT_ASSIGN_OR_RETURN(result, quant::evaluate(lowered, images, labels, jobs));
    return result.evaluation;
  }

  /// Before anything long is done.
  [[nodiscard]] Status check_database() const {
    const std::filesystem::path path(database_);
    if (std::filesystem::exists(path)) {
      FEWBIT_RETURN_IF_ERROR(store::ResultStore::open(path, store::Access::kRead));
    }
    return from_option("--db", check_writable(path.parent_path(), {{path.filename(), ""}}));
  }

  /// A row of the table of networks.
  [[nodiscard]] Status store(const study::Fitted& found, const study::NetworkCost& cost,
                             const std::optional<quant::Evaluation>& accuracy, int seeds,
                             const Console& console) const {
    FEWBIT_ASSIGN_OR_RETURN(database, store::ResultStore::open(database_, store::Access::kWrite));
    FEWBIT_ASSIGN_OR_RETURN(text, read_file(network_));
    store::NetworkRow row = network_row(found.accelerator, cost, accuracy);
    row.command = command() + fmt::format(" --cost --seeds {}", seeds);
    if (accuracy) {
      row.command +=
          fmt::format(" --images {} --labels {}", printable(images_), printable(labels_));
    }
    row.network = std::filesystem::path(network_).stem().string();
    row.network_hash = sha256(text);
    row.weights = weights_;
    row.activations = activations_;
    for (int seed = 1; seed <= seeds; ++seed) {
      row.seeds += fmt::format("{}{}", seed == 1 ? "" : ",", seed);
    }
    row.fewbit_version = version();
    // The design has all that files decided: weights, formats, scales.
    std::string decides = row.command + "\n" + row.fewbit_version + "\n" + row.tools;
    for (const TextFile& file : ops::output_files(found.accelerator.emit())) {
      decides += "\n" + sha256(file.text);
    }
    row.key = sha256(decides);
    FEWBIT_ASSIGN_OR_RETURN(inserted, database.insert(row));
    console.print(
        fmt::format("{} {}\n", inserted ? "a row in" : "the row was there in", database_));
    return Ok{};
  }

  [[nodiscard]] Status check_words() const {
    for (const auto& [option, text, legal] : {std::tuple{"--gptq", gptq_, "on, off"},
                                              {"--bias-correction", bias_correction_, "on, off"},
                                              {"--answer", answer_, "logits, class"}}) {
      const std::string all = std::string(", ") + legal + ",";
      if (text.empty() || all.find(", " + text + ",") == std::string::npos) {
        return Error{option, text, legal, ""};
      }
    }
    if (calibration_.empty()) return Error{"--calibration-images", "", "IDX of bytes", ""};
    for (const auto& [option, is_given] : {std::pair{"--verify", verify_},
                                           {"--cost", cost_},
                                           {"--force", force_},
                                           {"--labels", !labels_.empty()},
                                           {"-o", !directory_.empty()}}) {
      if (plan_ && is_given) {
        return Error{option, directory_.empty() ? "on" : directory_,
                     fmt::format("no {} with --plan", option), "a plan writes nothing"};
      }
    }
    if (!plan_ && directory_.empty())
      return Error{"-o", "", "a folder for the files, or --plan", ""};
    if (!rate_.empty() && budget_.is_given()) {
      return Error{"--images-per-second", rate_, "no rate together with" + budget_.words(),
                   "budgets ask for the fastest that is within them"};
    }
    return check_tool_words();
  }

  /// Of simulation and cost.
  [[nodiscard]] Status check_tool_words() const {
    if (!cost_ && !seeds_.empty()) return Error{"--seeds", seeds_, "no --seeds without --cost", ""};
    if (!labels_.empty() && images_.empty()) {
      return Error{"--labels", labels_, "--labels together with --images", "labels of what"};
    }
    if (!database_.empty() && !cost_) {
      return Error{"--db", database_, "--db together with --cost", "a row has what was measured"};
    }
    for (const auto& [option, text] :
         {std::pair{"--images", images_}, std::pair{"--verify-images", verify_images_}}) {
      const bool is_used = verify_ || cost_ || (text == images_ && !labels_.empty());
      if (!is_used && !text.empty()) {
        return Error{option, text, fmt::format("no {} without --verify or --cost", option), ""};
      }
    }
    return Ok{};
  }

  [[nodiscard]] bool target_is_family() const { return target_.starts_with("ecp5"); }

  [[nodiscard]] Result<quant::QuantizerOptions> quantizer_options() const {
    FEWBIT_ASSIGN_OR_RETURN(options, formats_of_layers(weights_, activations_, edges_));
    FEWBIT_RETURN_IF_ERROR(check_finite("--weights", weights_, options.weights));
    FEWBIT_RETURN_IF_ERROR(check_finite("--activations", activations_, options.activations));
    options.gptq = gptq_ == "on";
    options.bias_correction = bias_correction_ == "on";
    return options;
  }

  /// With --formats, each of which is finite too.
  [[nodiscard]] Result<quant::QuantizerOptions> formats_of_file(
      const quant::QuantizerOptions& pair, const quant::Network& network) const {
    FEWBIT_ASSIGN_OR_RETURN(options, with_formats_of_file(pair, formats_, network));
    for (const quant::LayerFormats& layer : options.layers) {
      for (const quant::OperandFormat* format : {&layer.weights, &layer.activations}) {
        FEWBIT_RETURN_IF_ERROR(check_finite("--formats", format->name(), format->element));
      }
    }
    return options;
  }

  static Result<quant::Tensor> read_bytes(const std::string& option, const std::string& file,
                                          std::int64_t most) {
    FEWBIT_ASSIGN_OR_RETURN(are_bytes, from_option(option, quant::holds_bytes(file)));
    if (!are_bytes) return Error{option, file, "IDX of bytes", "images enter as bytes"};
    FEWBIT_ASSIGN_OR_RETURN(images, from_option(option, quant::read_images(file, most)));
    const auto count = static_cast<std::size_t>(std::min(most, images.shape[0]));
    return quant::slice_batch(images, 0, count);
  }

  [[nodiscard]] Result<quant::Tensor> verification_images(const quant::Tensor& calibration,
                                                          long long count) const {
    if (!images_.empty()) return read_bytes("--images", images_, count);
    const auto own = std::min<std::int64_t>(count, calibration.shape[0]);
    return quant::slice_batch(calibration, 0, static_cast<std::size_t>(own));
  }

  [[nodiscard]] study::AcceleratorRequest accelerator_request(const BuildDevice& built,
                                                              int blocks) const {
    study::AcceleratorRequest request;
    const std::string stem = std::filesystem::path(network_).stem().string();
    request.name = "fewbit_" + study::legal_stem(name_.empty() ? stem : name_);
    request.fabric = target_is_family() ? Fabric::kEcp5 : Fabric::kIce40;
    request.has_multipliers = target_is_family();
    if (target_is_family()) request.block_rams = {built.shapes(), built.least_bits, blocks};
    request.sends_class = answer_ == "class";
    request.command = command();
    return request;
  }

  /// What the target has, and the budgets leave of it.
  [[nodiscard]] Result<study::FitBudget> fit_budget(const BuildDevice& built) const {
    study::FitBudget budget;
    budget.weighed = {built.shapes(), 1.0 * built.luts / built.blocks, target_is_family()};
    budget.least_bits = built.least_bits;
    if (!target_is_family()) {
      FEWBIT_ASSIGN_OR_RETURN(blocks, budget_.applied_to_memories(target_, built.blocks));
      budget.blocks = blocks;
      return budget;
    }
    FEWBIT_ASSIGN_OR_RETURN(device, quant::find_plan_device(target_));
    FEWBIT_ASSIGN_OR_RETURN(planned, budget_.applied(device));
    budget.blocks = planned.brams;
    budget.planned = planned;
    return budget;
  }

  /// With rows and lanes: the fastest within the budgets where the target has a plan or there are
  /// some; else the fewest that are fast enough.
  [[nodiscard]] Result<study::Fitted> fitted(const quant::LoweredNetwork& lowered,
                                             const BuildDevice& built, double hertz) const {
    FEWBIT_ASSIGN_OR_RETURN(budget, fit_budget(built));
    const study::AcceleratorRequest request = accelerator_request(built, budget.blocks);
    if (rate_.empty() && (target_is_family() || budget_.is_given())) {
      int least_blocks = 0;
      FEWBIT_ASSIGN_OR_RETURN(found, study::fit_fastest(lowered, request, budget, least_blocks));
      if (found) return std::move(*found);
      return does_not_fit(lowered, budget, least_blocks).error();
    }
    FEWBIT_ASSIGN_OR_RETURN(
        rate, parse_integer("--images-per-second",
                            rate_.empty() ? std::to_string(kUsualRate) : rate_, 1, kMostRate));
    const auto cycles = static_cast<std::int64_t>(hertz / static_cast<double>(rate));
    FEWBIT_ASSIGN_OR_RETURN(layers, study::fold_layers(lowered, cycles, budget.weighed));
    FEWBIT_ASSIGN_OR_RETURN(made, study::fitted_with(lowered, request, layers, budget));
    FEWBIT_RETURN_IF_ERROR(check_memory(built, made.memory));
    return made;
  }

  /// By how much, and what would do.
  [[nodiscard]] Status does_not_fit(const quant::LoweredNetwork& lowered,
                                    const study::FitBudget& budget, int least_blocks) const {
    if (budget.planned && least_blocks == 0) {
      const quant::BlockCosts& costs = quant::BlockCosts::measured();
      FEWBIT_ASSIGN_OR_RETURN(pipeline, quant::pipeline_of(lowered, costs));
      if (budget_.is_given()) return budget_.too_small(pipeline, *budget.planned, costs);
      FEWBIT_ASSIGN_OR_RETURN(plan,
                              quant::fold(pipeline, *budget.planned, quant::kAnyCycles, costs));
      FEWBIT_CHECK(plan.has_value(), "no plan for {} at any rate", target_);
      return Error{"--target", target_, "a larger one, or formats of fewer bits",
                   needs(*plan, *budget.planned) + " at its slowest"};
    }
    const bool is_budget = budget_.is_given();
    return Error{is_budget ? "--brams" : "--target",
                 is_budget ? std::to_string(budget.blocks) : target_,
                 fmt::format("at least {} block RAMs, formats of fewer bits, or a smaller network",
                             least_blocks),
                 fmt::format("the larger memories alone take {} of {} at its slowest", least_blocks,
                             budget.blocks)};
  }

  /// What makes these files again.
  [[nodiscard]] std::string command() const {
    std::string words = fmt::format(
        "fewbit build {} --target {} --weights {} --activations {} --calibration-images {}",
        printable(network_), target_, weights_, activations_, printable(calibration_));
    for (const auto& [option, text, usual] : {std::tuple{"--edge-layers", edges_, "8bit"},
                                              {"--gptq", gptq_, "off"},
                                              {"--bias-correction", bias_correction_, "off"},
                                              {"--formats", formats_, ""},
                                              {"--images-per-second", rate_, ""},
                                              {"--mhz", mhz_, ""},
                                              {"--answer", answer_, "logits"},
                                              {"--name", name_, ""}}) {
      if (text != usual) words += fmt::format(" {} {}", option, printable(text));
    }
    return words + budget_.words();
  }
  static std::string printable(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c <= ' ' || c > '~'; }, '?');
    return text;
  }

  [[nodiscard]] Status check_memory(const BuildDevice& device,
                                    const study::MemoryUse& memory) const {
    if (memory.blocks <= device.blocks) return Ok{};
    return Error{"--target", device.name,
                 fmt::format("at most {} block RAMs: formats of fewer bits, a smaller network, "
                             "another target or rate",
                             device.blocks),
                 fmt::format("the larger memories alone would take {}", memory.blocks)};
  }

  /// Before anything long is done: an Error where the folder has the accelerator of another
  /// request.
  [[nodiscard]] Status check_folder(const rtl::EmittedDesign& design) const {
    FEWBIT_RETURN_IF_ERROR(finish_any_commit(directory_));
    const std::vector<TextFile> files = ops::output_files(design);
    FEWBIT_RETURN_IF_ERROR(check_writable(directory_, files));
    if (force_) return Ok{};
    return Replacement(directory_, files).check(design.signature);
  }

  /// The names of what is written.
  [[nodiscard]] Result<std::vector<std::string>> write(const rtl::EmittedDesign& design,
                                                       const ordered_json& json,
                                                       const std::string& drawing) const {
    std::vector<TextFile> files = ops::output_files(design);
    files.push_back({design.signature.module + "_network.json", json_text(json, 2) + "\n"});
    files.push_back({design.signature.module + ".svg", drawing});
    FEWBIT_RETURN_IF_ERROR(write_files(directory_, files));
    std::vector<std::string> names;
    for (const TextFile& file : files) names.push_back(file.name);
    return names;
  }

  std::string network_;
  std::string target_ = "ice40-hx8k";
  std::string weights_, activations_;
  std::string edges_ = "8bit", formats_;
  BudgetWords budget_;
  std::string calibration_;
  std::string gptq_ = "off", bias_correction_ = "off";
  std::string rate_, mhz_;
  std::string answer_ = "logits";
  std::string name_;
  std::string images_, verify_images_, seeds_, labels_, database_;
  std::string directory_;
  bool plan_ = false, verify_ = false, cost_ = false, force_ = false;
};

}  // namespace

std::unique_ptr<Command> make_build_command() { return std::make_unique<BuildCommand>(); }

}  // namespace fewbit::cli
