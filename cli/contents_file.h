// Files of integers: contents of the memories of blocks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/gen/spec/block_spec.h"
#include "fewbit/gen/util/result.h"

namespace fewbit::cli {

/// The integers of a file and, of NPY, their shape. Text: integers between blanks, line ends and
/// commas, decimal or after 0x hexadecimal; from # on a line is a comment. An Error on `option`.
Result<BlockContents> read_contents(const std::string& option, const std::string& path);

}  // namespace fewbit::cli
