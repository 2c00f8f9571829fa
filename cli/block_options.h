// The options of blocks, beside those of operators, in the commands that take both.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/cli/request_options.h"
#include "fewbit/gen/spec/block_spec.h"
#include "fewbit/gen/util/result.h"

namespace CLI {
class App;
}

namespace fewbit::cli {

class BlockOptions {
 public:
  /// Adds the options of block_table() that `app` does not have yet.
  void declare(CLI::App& app);
  /// The block that `request` names, with what was given; a layer for its target. Files are read.
  /// An option that no block or not this one has is an Error, but for those in `others`, which the
  /// command itself reads.
  [[nodiscard]] Result<BlockSpec> spec(const RequestOptions& request,
                                       const std::vector<std::string>& others) const;
  /// An Error where `op` is neither operator nor block, or one that names the first option that
  /// only blocks have and that was given.
  [[nodiscard]] Status none_given(const std::string& op) const;

 private:
  CLI::App* app_ = nullptr;
};

/// Blocks with contract and options, for help texts.
std::string block_help();

}  // namespace fewbit::cli
