// What the memories of a layer hold: numbers of a file, or random ones.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "fewbit/gen/spec/block_spec.h"
#include "fewbit/gen/spec/format.h"

namespace fewbit {

class LayerContents {
 public:
  LayerContents(const BlockSpec& spec, const std::map<std::string, BlockContents>& files);

  /// Numbers of the option's file, as many as `shape` has places: without a shape, in one
  /// dimension, or of this shape. nullptr where no file was given.
  [[nodiscard]] Result<const std::vector<long long>*> numbers(
      const std::string& option, const std::vector<long long>& shape) const;

  /// Codes of a format: of the file, where negative integers of a signed integer format are its
  /// values too; or uniformly random.
  [[nodiscard]] Result<std::vector<Code>> codes(const std::string& option,
                                                const std::vector<long long>& shape,
                                                const Format& format) const;
  /// Numbers of the file, or random ones of `least` to `most`.
  [[nodiscard]] Result<std::vector<long long>> integers(const std::string& option, long long count,
                                                        long long least, long long most) const;
  /// Rows of `each` numbers that rise: of the file, or random ones of `least` to `most`.
  [[nodiscard]] Result<std::vector<std::vector<long long>>> rising(const std::string& option,
                                                                   long long rows, long long each,
                                                                   long long least,
                                                                   long long most) const;

 private:
  [[nodiscard]] std::mt19937_64 random(const std::string& option) const;

  const BlockSpec& spec_;
  const std::map<std::string, BlockContents>& files_;
};

}  // namespace fewbit
