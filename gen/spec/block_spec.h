// BlockSpec: a complete, legal request for a block that takes and sends streams.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/gen/util/result.h"

namespace fewbit {

enum class BlockKind {
  kSkid,
  kFifo,
  kRepack,
  kFork,
  kReplay,
  kMatvec,
  kRequantizer,
  kThresholds,
  kWindow,
  kDepthwise,
  kPoolMax,
  kPoolMean,
  kJoin,
  kArgmax
};

/// A parameter of a block: a number from `least` to `most`, one of `words`, a number format, or a
/// file of numbers.
struct BlockParameter {
  std::string option;  ///< "--depth"
  std::string meaning;
  std::string by_default;  ///< in words where it follows from others; "" where it must be given
  long long least = 0;
  long long most = 0;
  std::string words;  ///< "no, yes"; "" of a number; "FORMAT", "FILE"
  std::string tag;    ///< before the number, or for yes, in module names

  [[nodiscard]] bool is_number() const { return words.empty(); }
  [[nodiscard]] bool is_format() const { return words == "FORMAT"; }
  [[nodiscard]] bool is_file() const { return words == "FILE"; }
  [[nodiscard]] bool is_choice() const { return !is_number() && !is_format() && !is_file(); }
  /// What stands for its value in help: "N", "WORD", "FORMAT", "FILE".
  [[nodiscard]] std::string type_name() const;
  /// "1 to 64", the words, or what else it may be.
  [[nodiscard]] std::string legal() const;
};

/// One row per block. Command line, help and the tests of all blocks follow from the table.
struct BlockInfo {
  BlockKind kind;
  std::string name;      ///< "fifo"
  std::string summary;   ///< one line
  std::string contract;  ///< "out = in, up to --depth beats later"
  std::vector<BlockParameter> parameters;
  bool is_layer = false;  ///< part of a network: has arithmetic, and so a structure for a fabric

  /// Whether `prove` takes it.
  [[nodiscard]] bool has_proof() const { return !is_layer; }
  /// What the command line does with it: "emit, verify, cost".
  [[nodiscard]] std::string verbs() const;
};
const std::vector<BlockInfo>& block_table();
/// nullptr where no block has this name.
const BlockInfo* find_block(std::string_view name);

/// Numbers that a file holds; without a shape where it has none, as text.
struct BlockContents {
  std::vector<long long> numbers;
  std::vector<long long> shape{};
};

/// What was asked for, by option, as written.
struct BlockRequest {
  std::string block;
  std::map<std::string, std::string> values;
  std::map<std::string, BlockContents> contents{};  ///< of the files among the values
  Fabric fabric = Fabric::kIce40;                   ///< of layers
  std::string target{};                             ///< its name on the command line, or ""
};

struct LayerSpec;

struct BlockSpec {
  BlockKind kind = BlockKind::kSkid;
  std::map<std::string, std::string> values;  ///< of every parameter of the block, by option
  Fabric fabric = Fabric::kIce40;
  std::string target{};
  std::shared_ptr<const LayerSpec> layer{};  ///< of layers: formats, shape and contents

  [[nodiscard]] const BlockInfo& info() const;
  [[nodiscard]] int number(const std::string& option) const;
  [[nodiscard]] const std::string& word(const std::string& option) const;
  [[nodiscard]] bool is_yes(const std::string& option) const { return word(option) == "yes"; }
  /// Of a parameter whose default is none.
  [[nodiscard]] bool has_number(const std::string& option) const { return word(option) != "none"; }
  /// Where the contents of its memories are from, by option: "random, seed 1", or a file.
  [[nodiscard]] std::map<std::string, std::string> contents() const;
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
