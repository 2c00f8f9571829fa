// Pictures from noise, their features and distances: see quant_sample.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/quant_sample.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "fewbit/cli/meter.h"
#include "fewbit/cli/network_input.h"
#include "fewbit/cli/progress.h"
#include "fewbit/cli/quant_accuracy.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/text.h"
#include "fewbit/quant/array_files.h"
#include "fewbit/quant/diffusion.h"
#include "fewbit/quant/metrics.h"
#include "fewbit/quant/onnx_reader.h"

namespace fewbit::cli {
namespace {

constexpr std::size_t kCalibrationInputs = 256;
constexpr long long kMostSteps = 1000, kMostSamples = 100000, kMostSeed = (1LL << 32) - 1;
constexpr std::int64_t kSheetPictures = 16;

/// Features of pictures from 0 to 1.
class Features {
 public:
  static Result<Features> make(const std::string& classifier, int jobs) {
    FEWBIT_ASSIGN_OR_RETURN(whole, from_option("--classifier", quant::read_onnx(classifier)));
    FEWBIT_ASSIGN_OR_RETURN(graph, quant::up_to_the_last_layer(std::move(whole)));
    FEWBIT_ASSIGN_OR_RETURN(network, quant::Network::make(std::move(graph)));
    return Features(std::move(network), jobs);
  }
  [[nodiscard]] Result<quant::Tensor> of(const quant::Tensor& pictures) const {
    return quant::all_outputs(network_, quant::FastFloatArithmetic(), pictures, jobs_);
  }
  /// Of pictures from -1 to 1.
  [[nodiscard]] Result<quant::Tensor> of_sampled(quant::Tensor pictures) const {
    for (float& value : pictures.floats()) value = std::clamp((value + 1) / 2, 0.0F, 1.0F);
    return of(pictures);
  }

 private:
  Features(quant::Network network, int jobs) : network_(std::move(network)), jobs_(jobs) {}
  quant::Network network_;
  int jobs_;
};

struct Sampled {
  quant::Tensor pictures;
  double seconds = 0;
};

Result<Sampled> sampled(const std::string& label, const quant::Network& network,
                        const quant::LinearArithmetic& arithmetic, const quant::Tensor& noise,
                        int steps, int jobs) {
  Meter meter("quant");
  const auto start = std::chrono::steady_clock::now();
  FEWBIT_ASSIGN_OR_RETURN(pictures,
                          quant::pictures_from_noise(network, arithmetic, noise, steps, jobs,
                                                     [&](double done) { meter.at(label, done); }));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  return Sampled{std::move(pictures), seconds.count()};
}

/// A grey picture (PGM): a row of the first pictures of each set.
std::string sheet_of(const std::vector<quant::Tensor>& sets) {
  const quant::Shape& shape = sets[0].shape;
  const std::int64_t across = std::min(shape[0], kSheetPictures), rows = shape[2];
  const std::int64_t columns = shape[3];
  std::string text = fmt::format("P5\n{} {}\n255\n", across * columns,
                                 static_cast<std::int64_t>(sets.size()) * rows);
  for (const quant::Tensor& set : sets) {
    for (std::int64_t y = 0; y < rows; ++y) {
      for (std::int64_t x = 0; x < across * columns; ++x) {
        const std::int64_t place = (x / columns * rows + y) * columns + x % columns;
        const float value = set.floats()[static_cast<std::size_t>(place)];
        const float grey = std::clamp((value + 1) / 2, 0.0F, 1.0F) * 255;
        text += static_cast<char>(static_cast<unsigned char>(std::lround(grey)));
      }
    }
  }
  return text;
}

/// Rows and columns that a network which takes noise out has in its file.
Status check_denoiser(const quant::Network& network) {
  const quant::Shape& shape = network.input().shape;
  if (shape.size() == 4 && shape[1] == 2 && shape[2] > 0 && shape[3] > 0) return Ok{};
  return Error{"--network", quant::to_string(shape), "an input [n, 2, rows, columns]",
               "what is hidden in noise, and the time in every pixel"};
}

}  // namespace

void SampleWords::declare(CLI::App& app) {
  app.add_option(
      "--network", network_,
      "ONNX file that takes noise out: [n, 2, rows, columns], picture in noise and time, "
      "to v (docs/diffusion.md)");
  app.add_option("--classifier", classifier_,
                 "ONNX file of a classifier of such pictures, 0 to 1; what its last linear layer "
                 "takes are the features that distances are measured in");
  app.add_option("--images", images_, "IDX of pictures to compare with; may be gzipped");
  app.add_option("--steps", steps_, "Steps from noise to picture, 1 to 1000")
      ->capture_default_str();
  app.add_option("--samples", samples_, "Pictures, 2 to 100000")->capture_default_str();
  app.add_option("--seed", seed_, "Of the noise, 0 to 4294967295")->capture_default_str();
  app.add_option("--format-weights", weights_, "Format of weights; together with the next");
  app.add_option("--format-activations", activations_, "Format of activations");
  app.add_option("--sheet", sheet_, "File (PGM) for the first 16 pictures, in float and quantized");
}

Result<std::optional<quant::QuantizerOptions>> SampleWords::formats(
    quant::QuantizerOptions options) const {
  if (weights_.empty() && activations_.empty()) return std::optional<quant::QuantizerOptions>();
  FEWBIT_ASSIGN_OR_RETURN(formats, with_operand_formats(options, weights_, activations_));
  return std::optional(std::move(formats));
}

Result<ExitCode> SampleWords::run(const TechniqueWords& technique, const std::string& jobs_word,
                                  const Console& console) const {
  FEWBIT_ASSIGN_OR_RETURN(usual, technique.options());
  FEWBIT_ASSIGN_OR_RETURN(options, formats(usual));
  FEWBIT_ASSIGN_OR_RETURN(steps, parse_integer("--steps", steps_, 1, kMostSteps));
  FEWBIT_ASSIGN_OR_RETURN(samples, parse_integer("--samples", samples_, 2, kMostSamples));
  FEWBIT_ASSIGN_OR_RETURN(seed, parse_integer("--seed", seed_, 0, kMostSeed));
  FEWBIT_ASSIGN_OR_RETURN(jobs, parse_jobs(jobs_word));
  if (!sheet_.empty()) {
    const std::filesystem::path sheet = std::filesystem::absolute(sheet_);
    FEWBIT_RETURN_IF_ERROR(check_writable(sheet.parent_path(), {{sheet.filename().string(), ""}}));
  }
  FEWBIT_ASSIGN_OR_RETURN(graph, from_option("--network", quant::read_onnx(network_)));
  FEWBIT_ASSIGN_OR_RETURN(network, quant::Network::make(graph));
  FEWBIT_RETURN_IF_ERROR(check_denoiser(network));
  FEWBIT_ASSIGN_OR_RETURN(features, Features::make(classifier_, jobs));
  FEWBIT_ASSIGN_OR_RETURN(images, from_option("--images", quant::read_images(images_)));
  FEWBIT_ASSIGN_OR_RETURN(of_images, features.of(images));

  const quant::Shape& shape = network.input().shape;
  const int count = static_cast<int>(steps);
  const auto first_seed = static_cast<std::uint64_t>(seed);
  const quant::Tensor noise = quant::normal_noise({samples, 1, shape[2], shape[3]}, first_seed);
  FEWBIT_ASSIGN_OR_RETURN(
      in_float, sampled("float", network, quant::FastFloatArithmetic(), noise, count, jobs));
  FEWBIT_ASSIGN_OR_RETURN(of_float, features.of_sampled(in_float.pictures));
  FEWBIT_ASSIGN_OR_RETURN(to_images, quant::frechet_distance(of_float, of_images));
  nlohmann::ordered_json json = {{"network", network_}, {"samples", samples}, {"steps", steps}};
  json["float"] = {{"to_images", to_images}, {"seconds", in_float.seconds}};
  console.print(fmt::format("{:<28} {:.4f} from the images, {:.2f} s\n", "float", to_images,
                            in_float.seconds));
  std::vector<quant::Tensor> sets = {in_float.pictures};
  if (options) {
    // Of noise that no sample has.
    FEWBIT_ASSIGN_OR_RETURN(calibration, quant::inputs_of_all_steps(
                                             network, shape[2], shape[3], count, kCalibrationInputs,
                                             first_seed + (1ULL << 32), jobs));
    FEWBIT_ASSIGN_OR_RETURN(equal, technique.equalized(std::move(graph), false, calibration));
    FEWBIT_ASSIGN_OR_RETURN(arithmetic, quantized_arithmetic(equal, calibration, *options));
    const std::string label = fmt::format("{} x {}", options->weight_format().name(),
                                          options->activation_format().name());
    FEWBIT_ASSIGN_OR_RETURN(found, sampled(label, equal, arithmetic, noise, count, jobs));
    FEWBIT_ASSIGN_OR_RETURN(of_found, features.of_sampled(found.pictures));
    FEWBIT_ASSIGN_OR_RETURN(from_images, quant::frechet_distance(of_found, of_images));
    FEWBIT_ASSIGN_OR_RETURN(from_float, quant::frechet_distance(of_found, of_float));
    nlohmann::ordered_json& quantized = json["quantized"];
    quantized = {{"weights", options->weight_format().name()},
                 {"activations", options->activation_format().name()},
                 {"to_images", from_images},
                 {"to_float", from_float},
                 {"seconds", found.seconds}};
    console.print(fmt::format("{:<28} {:.4f} from the images, {:.4f} from float, {:.2f} s\n", label,
                              from_images, from_float, found.seconds));
    print_use(arithmetic.format_use(), quantized, console);
    sets.push_back(std::move(found.pictures));
  }
  if (!sheet_.empty()) {
    FEWBIT_RETURN_IF_ERROR(write_file(sheet_, sheet_of(sets)));
  }
  console.document(json);
  return ExitCode::kOk;
}

}  // namespace fewbit::cli
