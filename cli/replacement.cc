// What a command would replace: see replacement.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/cli/replacement.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "fewbit/gen/util/json.h"

namespace fewbit::cli {
namespace {

/// Whether the module alone has the file; the others that it instantiates are shared cells.
bool is_of(const rtl::ModuleSignature& signature, const std::string& name) {
  const bool is_memory = name.ends_with(".hex") && name.starts_with(signature.module + "_");
  return is_memory || name == signature.module + ".sv" ||
         std::none_of(signature.files.begin(), signature.files.end(),
                      [&](const rtl::FileSignature& file) { return file.name == name; });
}

}  // namespace

Replacement::Replacement(std::filesystem::path directory, const std::vector<TextFile>& files)
    : directory_(std::move(directory)) {
  for (const TextFile& file : files) {
    const Result<std::string> there = read_file(directory_ / file.name);
    if (there.ok() && *there != file.text) different_.push_back(file.name);
  }
}

Status Replacement::check(const rtl::ModuleSignature& signature) const {
  for (const std::string& name : different_) {
    if (!is_of(signature, name)) continue;
    const std::string command = command_of(signature.module);
    if (command == signature.command) return Ok{};  // another version of fewbit wrote it
    return Error{
        "-o", (directory_ / name).string(), "a folder without the module of another request",
        fmt::format("it is {}; --force replaces it",
                    command.empty() ? "no file of a request that is known" : "of " + command)};
  }
  return Ok{};
}

std::vector<std::string> Replacement::cells(const rtl::ModuleSignature& signature) const {
  std::vector<std::string> names;
  for (const std::string& name : different_) {
    if (!is_of(signature, name)) names.push_back(name);
  }
  return names;
}

/// The request that the signature in the folder names, or "".
std::string Replacement::command_of(const std::string& module) const {
  const Result<std::string> text = read_file(directory_ / (module + ".json"));
  const auto json = parse_json<nlohmann::json>(text.ok() ? *text : "");
  const bool has_command = json.is_object() && json.contains("command");
  return has_command && json["command"].is_string() ? json["command"].get<std::string>() : "";
}

}  // namespace fewbit::cli
