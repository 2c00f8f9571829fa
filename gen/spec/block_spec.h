// BlockSpec: a complete, legal request for a block that takes and sends streams.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/gen/util/result.h"

namespace fewbit {

enum class BlockKind { kSkid, kFifo, kRepack, kFork, kReplay };

/// A parameter of a block: a number from `least` to `most`, or one of `words`.
struct BlockParameter {
  std::string option;  ///< "--depth"
  std::string meaning;
  std::string by_default;  ///< in words where it follows from others; "" where it must be given
  long long least = 0;
  long long most = 0;
  std::string words;  ///< "no, yes"; "" of a number
  std::string tag;    ///< before the number, or for yes, in module names

  [[nodiscard]] bool is_number() const { return words.empty(); }
  /// "1 to 64", or the words.
  [[nodiscard]] std::string legal() const;
};

/// One row per block. Command line, help and the tests of all blocks follow from the table.
struct BlockInfo {
  BlockKind kind;
  std::string name;      ///< "fifo"
  std::string summary;   ///< one line
  std::string contract;  ///< "out = in, up to --depth beats later"
  std::vector<BlockParameter> parameters;
};
const std::vector<BlockInfo>& block_table();
/// nullptr where no block has this name.
const BlockInfo* find_block(std::string_view name);

/// What was asked for, by option, as written.
struct BlockRequest {
  std::string block;
  std::map<std::string, std::string> values;
};

struct BlockSpec {
  BlockKind kind = BlockKind::kSkid;
  std::map<std::string, std::string> values;  ///< of every parameter of the block, by option

  [[nodiscard]] const BlockInfo& info() const;
  [[nodiscard]] int number(const std::string& option) const;
  [[nodiscard]] const std::string& word(const std::string& option) const;
  [[nodiscard]] bool is_yes(const std::string& option) const { return word(option) == "yes"; }
  [[nodiscard]] ResetKind reset() const;
  /// "fewbit_fifo_w8_d16": the same name only for the same request.
  [[nodiscard]] std::string module_name() const;
  /// "fewbit emit fifo --data-bits 8 --depth 16"
  [[nodiscard]] std::string command() const;
};

/// The request with every default filled in. An Error names the option, its value and what is
/// legal.
Result<BlockSpec> make_block_spec(const BlockRequest& request);

}  // namespace fewbit
