// Slurm: see slurm.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/sweep/slurm.h"

#include <fmt/format.h>

#include <utility>

#include "fewbit/gen/util/utf8.h"

namespace fewbit::sweep {

std::string shell_word(const std::string& text) {
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? "'\\''" : std::string(1, c);
  return word + "'";
}

Result<std::string> slurm_script(const SlurmOptions& options) {
  for (const auto& [field, path] :
       {std::pair{"fewbit", options.binary}, std::pair{"sweep file", options.plan},
        std::pair{"--folder", options.folder}}) {
    const std::string text = std::filesystem::absolute(path).string();
    const bool is_quoted = path == options.folder;
    if (printable(text, false) == text && text.find('\t') == std::string::npos &&
        (!is_quoted || text.find_first_of("\"\\") == std::string::npos)) {
      continue;
    }
    return Error{field, text,
                 fmt::format("a path in UTF-8 without control characters{}",
                             is_quoted ? ", double quotes and backslashes" : ""),
                 "it becomes part of a script"};
  }
  const auto word = [](const std::filesystem::path& path) {
    return shell_word(std::filesystem::absolute(path).lexically_normal().string());
  };
  // %a in a log's name is the shard; a % of the folder's own is doubled.
  std::string log = (std::filesystem::absolute(options.folder).lexically_normal()).string();
  for (std::size_t at = 0; (at = log.find('%', at)) != std::string::npos; at += 2) {
    log.insert(at, "%");
  }
  return fmt::format(
      R"(#!/bin/bash
# Runs a fewbit sweep in {0} shards, each into a database of its own. Submit: sbatch THIS_FILE
# Submitted again, it does what is missing. Afterwards:
#   {1} sweep merge {2}/shard-*.sqlite -o {2}/all.sqlite
#SBATCH --job-name=fewbit-sweep
#SBATCH --array=1-{0}
#SBATCH --cpus-per-task={3}
#SBATCH --output="{4}/shard-%a.log"
set -euo pipefail
exec {1} sweep run {5} \
  --shard "$SLURM_ARRAY_TASK_ID/{0}" --jobs {3} \
  --db {2}/shard-"$SLURM_ARRAY_TASK_ID".sqlite
)",
      options.shards, word(options.binary), word(options.folder), options.jobs, log,
      word(options.plan));
}

}  // namespace fewbit::sweep
