// Slurm: the array script that runs a plan in shards.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "fewbit/gen/util/result.h"

namespace fewbit::sweep {

struct SlurmOptions {
  std::filesystem::path binary;  ///< fewbit
  std::filesystem::path plan;    ///< sweep file or plan
  std::filesystem::path folder;  ///< of the shards' databases and logs
  int shards = 16;
  int jobs = 2;  ///< workers, and CPUs, of a shard
};

/// A script for sbatch: shard I of N into FOLDER/shard-I.sqlite. All paths are absolute in it.
/// Submitted again, it does what is missing. Errors: a path that the script's comments or its line
/// for Slurm, which knows no quoting inside quotes, cannot hold: control characters anywhere,
/// double quotes and backslashes in the folder's.
Result<std::string> slurm_script(const SlurmOptions& options);

/// `text` as one word of a shell.
std::string shell_word(const std::string& text);

}  // namespace fewbit::sweep
