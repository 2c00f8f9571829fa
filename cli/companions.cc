// Models in C and test benches of one request.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/companions.h"

#include <algorithm>

#include "fewbit/gen/util/text.h"
#include "fewbit/sim/c_model/c_model.h"
#include "fewbit/sim/testbench/testbench.h"

namespace fewbit::cli {
namespace {

/// Adds those that are not there yet; a name stands for one text.
void add(const std::vector<TextFile>& more, std::vector<TextFile>& files) {
  for (const TextFile& file : more) {
    const bool there = std::any_of(files.begin(), files.end(),
                                   [&](const TextFile& one) { return one.name == file.name; });
    if (!there) files.push_back(file);
  }
}

std::vector<rtl::FileSignature> signed_files(const std::vector<TextFile>& files) {
  std::vector<rtl::FileSignature> signatures;
  for (const TextFile& file : files) signatures.push_back({file.name, sha256(file.text)});
  return signatures;
}

}  // namespace

Result<std::vector<TextFile>> companions(const OperatorSpec& spec, const std::string& models,
                                         const std::string& testbenches,
                                         rtl::ModuleSignature& signature) {
  std::vector<TextFile> model_files;
  for (const std::string& model : split_commas(models)) {
    if (model == "c") {
      add({c_model::c_header(spec)}, model_files);
    } else if (model == "dpi") {
      add(c_model::dpi_files(spec), model_files);
    } else {
      return Error{"--model", model, "c, dpi", ""};
    }
  }
  std::vector<TextFile> testbench_files;
  for (const std::string& testbench : split_commas(testbenches)) {
    if (testbench == "sv") {
      add(testbench::sv_testbench(spec, signature), testbench_files);
    } else if (testbench == "cocotb") {
      add(testbench::cocotb_testbench(spec, signature), testbench_files);
    } else {
      return Error{"--testbench", testbench, "sv, cocotb", ""};
    }
  }
  signature.model_files = signed_files(model_files);
  signature.testbench_files = signed_files(testbench_files);
  model_files.insert(model_files.end(), testbench_files.begin(), testbench_files.end());
  return model_files;
}

}  // namespace fewbit::cli
