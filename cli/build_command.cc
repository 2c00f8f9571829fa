// fewbit build: a network (ONNX) as a bit-exact streaming accelerator.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "fewbit/cli/command.h"
#include "fewbit/cli/network_input.h"
#include "fewbit/cli/network_report.h"
#include "fewbit/cli/progress.h"
#include "fewbit/cli/replacement.h"
#include "fewbit/flows/cost.h"
#include "fewbit/flows/study/network/cost_network.h"
#include "fewbit/flows/study/network/fold_layers.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/util/commit.h"
#include "fewbit/gen/util/json.h"
#include "fewbit/gen/util/text.h"
#include "fewbit/quant/array_files.h"
#include "fewbit/quant/hardware/lowering.h"

namespace fewbit::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::int64_t kCalibrationImages = 256;
constexpr long long kMostRate = 1000000;
constexpr long long kMostMhz = 1000;
constexpr long long kMostImages = 10000;
constexpr long long kUsualRate = 1000;

/// A target whose memories are known.
struct BuildDevice {
  const char* name;
  const std::vector<rtl::BlockShape>& (*shapes)();
  int blocks;
  int luts;
  std::int64_t least_bits;  ///< of a memory that is sure to be in block RAM
  const char* mhz;          ///< that rates are reckoned with where none is given
};
constexpr BuildDevice kDevices[] = {{"ice40-hx8k", rtl::ice40_blocks, 32, 7680, 512, "50"},
                                    {"ecp5-25f", rtl::ecp5_blocks, 56, 24288, 2048, "120"},
                                    {"ecp5-45f", rtl::ecp5_blocks, 108, 43848, 2048, "120"},
                                    {"ecp5-85f", rtl::ecp5_blocks, 208, 83640, 2048, "120"}};

Result<BuildDevice> find_device(const std::string& name) {
  std::string names;
  for (const BuildDevice& device : kDevices) {
    if (device.name == name) return device;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", device.name);
  }
  return Error{"--target", name, names, ""};
}

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
    FEWBIT_ASSIGN_OR_RETURN(target, flows::find_target(target_));
    const std::string clock = mhz_.empty() ? device.mhz : mhz_;
    FEWBIT_ASSIGN_OR_RETURN(mhz, parse_integer("--mhz", clock, 1, kMostMhz));
    FEWBIT_ASSIGN_OR_RETURN(
        count, parse_integer("--verify-images", verify_images_.empty() ? "4" : verify_images_, 1,
                             kMostImages));
    FEWBIT_ASSIGN_OR_RETURN(seeds, parse_seeds(seeds_.empty() ? "3" : seeds_));
    FEWBIT_ASSIGN_OR_RETURN(options, quantizer_options());
    FEWBIT_ASSIGN_OR_RETURN(graph, read_byte_network(network_));
    FEWBIT_ASSIGN_OR_RETURN(network, quant::Network::make(std::move(graph)));
    FEWBIT_ASSIGN_OR_RETURN(calibration,
                            read_bytes("--calibration-images", calibration_, kCalibrationImages));
    FEWBIT_ASSIGN_OR_RETURN(images, verification_images(calibration, count));
    FEWBIT_ASSIGN_OR_RETURN(arithmetic,
                            quant::QuantizedArithmetic::make(network, calibration, options));
    FEWBIT_ASSIGN_OR_RETURN(lowered, quant::lower(network, arithmetic, calibration, {}));
    FEWBIT_ASSIGN_OR_RETURN(request,
                            accelerator_request(lowered, device, static_cast<double>(mhz) * 1e6));
    FEWBIT_ASSIGN_OR_RETURN(accelerator, study::build_accelerator(lowered, request));
    const study::MemoryUse memory =
        study::memory_use(*accelerator.top, device.shapes(), device.least_bits);
    FEWBIT_RETURN_IF_ERROR(check_memory(device, memory));
    ordered_json json =
        network_json(accelerator, lowered, {network_, target_, mhz, memory.blocks, device.blocks});
    console.print(
        network_text(accelerator, {network_, target_, mhz, memory.blocks, device.blocks}));
    const rtl::EmittedDesign design = accelerator.emit();
    if (!plan_) FEWBIT_RETURN_IF_ERROR(check_folder(design));
    const auto progress = [&](const std::string& step) { console.note(step); };
    if (verify_) {
      FEWBIT_ASSIGN_OR_RETURN(
          report, study::verify_network(lowered, request, images, {.progress = progress}));
      json["verified"] = report_json(report);
      console.print(report_text(report, accelerator));
      if (!report.passed) {
        console.document(json);
        return ExitCode::kMismatch;
      }
    }
    if (cost_) {
      study::NetworkCostOptions cost_options;
      cost_options.seeds = seeds;
      cost_options.progress = progress;
      FEWBIT_ASSIGN_OR_RETURN(cost,
                              study::cost_network(lowered, request, images, target, cost_options));
      if (!cost.netlist.passed) {
        json["cost"] = {{"netlist", report_json(cost.netlist)}};
        console.print("netlist " + report_text(cost.netlist, accelerator));
        console.document(json);
        return ExitCode::kMismatch;
      }
      json["cost"] = cost_json(cost);
      console.print(cost_text(cost));
    }
    if (!plan_) {
      FEWBIT_ASSIGN_OR_RETURN(files, write(design, json));
      json["files"] = files;
      console.print(fmt::format("wrote {} files to {}\n", files.size(), directory_));
    }
    console.document(json);
    return ExitCode::kOk;
  }

 private:
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
                                           {"-o", !directory_.empty()}}) {
      if (plan_ && is_given) {
        return Error{option, directory_.empty() ? "on" : directory_,
                     fmt::format("no {} with --plan", option), "a plan writes nothing"};
      }
    }
    if (!plan_ && directory_.empty())
      return Error{"-o", "", "a folder for the files, or --plan", ""};
    return check_tool_words();
  }

  /// Of simulation and cost.
  [[nodiscard]] Status check_tool_words() const {
    if (!cost_ && !seeds_.empty()) return Error{"--seeds", seeds_, "no --seeds without --cost", ""};
    for (const auto& [option, text] :
         {std::pair{"--images", images_}, std::pair{"--verify-images", verify_images_}}) {
      if (!verify_ && !cost_ && !text.empty()) {
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

  /// Rows and lanes: of a plan where the device has one, else the fewest that are fast enough.
  [[nodiscard]] Result<std::vector<study::LayerFolding>> folding(
      const quant::LoweredNetwork& lowered, const BuildDevice& built, double hertz) const {
    const study::FoldingDevice weighed{built.shapes(), 1.0 * built.luts / built.blocks,
                                       target_is_family()};
    if (!target_is_family() || !rate_.empty()) {
      FEWBIT_ASSIGN_OR_RETURN(
          rate, parse_integer("--images-per-second",
                              rate_.empty() ? std::to_string(kUsualRate) : rate_, 1, kMostRate));
      const auto cycles = static_cast<std::int64_t>(hertz / static_cast<double>(rate));
      return study::fold_layers(lowered, cycles, weighed);
    }
    FEWBIT_ASSIGN_OR_RETURN(device, quant::find_plan_device(target_));
    const quant::BlockCosts& costs = quant::BlockCosts::measured();
    FEWBIT_ASSIGN_OR_RETURN(pipeline, quant::pipeline_of(lowered, costs));
    FEWBIT_ASSIGN_OR_RETURN(plan, quant::fold_fastest(pipeline, device, costs));
    if (plan) return study::fold_layers(lowered, *plan, weighed);
    return Error{"--target", target_, "a larger one, or formats of fewer bits",
                 "fewbit plan says what it would take"};
  }

  [[nodiscard]] Result<study::AcceleratorRequest> accelerator_request(
      const quant::LoweredNetwork& lowered, const BuildDevice& built, double hertz) const {
    study::AcceleratorRequest request;
    FEWBIT_ASSIGN_OR_RETURN(layers, folding(lowered, built, hertz));
    request.layers = std::move(layers);
    const std::string stem = std::filesystem::path(network_).stem().string();
    request.name = "fewbit_" + study::legal_stem(name_.empty() ? stem : name_);
    request.fabric = target_is_family() ? Fabric::kEcp5 : Fabric::kIce40;
    request.has_multipliers = target_is_family();
    if (target_is_family()) {
      request.block_rams = {built.shapes(), built.least_bits, built.blocks};
    }
    request.sends_class = answer_ == "class";
    request.command = command();
    return request;
  }

  /// What makes these files again.
  [[nodiscard]] std::string command() const {
    std::string words = fmt::format(
        "fewbit build {} --target {} --weights {} --activations {} --calibration-images {}",
        printable(network_), target_, weights_, activations_, printable(calibration_));
    for (const auto& [option, text, usual] : {std::tuple{"--edge-layers", edges_, "8bit"},
                                              {"--gptq", gptq_, "off"},
                                              {"--bias-correction", bias_correction_, "off"},
                                              {"--images-per-second", rate_, ""},
                                              {"--mhz", mhz_, ""},
                                              {"--answer", answer_, "logits"},
                                              {"--name", name_, ""}}) {
      if (text != usual) words += fmt::format(" {} {}", option, printable(text));
    }
    return words;
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
                                                       const ordered_json& json) const {
    std::vector<TextFile> files = ops::output_files(design);
    files.push_back({design.signature.module + "_network.json", json_text(json, 2) + "\n"});
    FEWBIT_RETURN_IF_ERROR(write_files(directory_, files));
    std::vector<std::string> names;
    for (const TextFile& file : files) names.push_back(file.name);
    return names;
  }

  std::string network_;
  std::string target_ = "ice40-hx8k";
  std::string weights_, activations_;
  std::string edges_ = "8bit";
  std::string calibration_;
  std::string gptq_ = "off", bias_correction_ = "off";
  std::string rate_, mhz_;
  std::string answer_ = "logits";
  std::string name_;
  std::string images_, verify_images_, seeds_;
  std::string directory_;
  bool plan_ = false, verify_ = false, cost_ = false, force_ = false;
};

}  // namespace

std::unique_ptr<Command> make_build_command() { return std::make_unique<BuildCommand>(); }

}  // namespace fewbit::cli
