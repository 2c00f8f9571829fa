// Options of fewbit quant that say what a network is tried on: see quant_data.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/quant_data.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "fewbit/cli/network_input.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/text.h"
#include "fewbit/quant/array_files.h"

namespace fewbit::cli {
namespace {

constexpr long long kMostImages = 1000000000;
constexpr std::size_t kCalibrationImages = 256;

}  // namespace

const CLI::Option* DataWords::declare(CLI::App& app, bool reads_text) {
  app.add_option("--images", images_, "IDX (bytes become 0 to 1) or NPY of floats; may be gzipped");
  app.add_option("--labels", labels_, "IDX or NPY, one label for each image");
  if (reads_text) {
    app.add_option("--dictionary", dictionary_,
                   "The network reads lines of text (CTC); file with the character of each "
                   "class from 1 on, one in a line; --labels is then text, a line for each image");
  }
  const CLI::Option* calibration = app.add_option(
      "--calibration-images", calibration_,
      "NPY or IDX, the first 256 of which choose ranges and all else that is chosen: "
      "training images, not those that are counted");
  app.add_option("--limit", limit_, "Use the first N images only");
  return calibration;
}

Status DataWords::check_calibration() const {
  if (!calibration_.empty()) return Ok{};
  return Error{"--calibration-images", "", "a file of images that ranges are chosen on",
               "training images: those of --images would judge themselves"};
}

template <typename Label>
Status DataWords::limit(quant::Tensor& images, std::vector<Label>& labels) const {
  if (limit_.empty()) return Ok{};
  FEWBIT_ASSIGN_OR_RETURN(count, parse_integer("--limit", limit_, 1, kMostImages));
  if (count < images.shape[0] && labels.size() == static_cast<std::size_t>(images.shape[0])) {
    images = quant::slice_batch(images, 0, static_cast<std::size_t>(count));
    labels.resize(static_cast<std::size_t>(count));
  }
  return Ok{};
}

Result<study::QuantData> DataWords::read(bool wants_labels) const {
  study::QuantData data;
  FEWBIT_ASSIGN_OR_RETURN(images, from_option("--images", quant::read_images(images_)));
  if (!wants_labels) {
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
  std::vector<std::pair<const char*, std::string>> files = {{"--images", images_},
                                                            {"--labels", labels_}};
  if (!calibration_.empty()) {
    FEWBIT_ASSIGN_OR_RETURN(
        calibration,
        from_option("--calibration-images", quant::read_images(calibration_, kCalibrationImages)));
    FEWBIT_ASSIGN_OR_RETURN(images_are_bytes, quant::holds_bytes(images_));
    FEWBIT_ASSIGN_OR_RETURN(calibration_is_bytes, quant::holds_bytes(calibration_));
    data.are_bytes = images_are_bytes && calibration_is_bytes;
    used = std::min(kCalibrationImages, static_cast<std::size_t>(calibration.shape[0]));
    data.calibration = quant::slice_batch(calibration, 0, used);
    files.emplace_back("--calibration-images", calibration_);
  }
  std::string hashes;
  for (const auto& [option, file] : files) {
    FEWBIT_ASSIGN_OR_RETURN(text, from_option(option, read_file(file)));
    hashes += sha256(text) + "\n";
  }
  data.hash = sha256(fmt::format("{}{} {}", hashes, images.shape[0], used));
  data.images = std::move(images);
  return data;
}

std::string DataWords::words() const {
  std::string words = fmt::format(" --images {} --labels {} --calibration-images {}", images_,
                                  labels_, calibration_);
  if (!limit_.empty()) words += " --limit " + limit_;
  return words;
}

}  // namespace fewbit::cli
