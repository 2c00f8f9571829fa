// The contract that opens a block's file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "fewbit/gen/rtl/module.h"
#include "fewbit/gen/spec/format.h"

namespace fewbit::blocks {

/// Writes the header of a module, in the form that operators have (gen/ops/header.h).
class BlockHeader {
 public:
  BlockHeader(rtl::Module& module, const std::string& title);
  void equation(const std::string& text);
  /// "Title      text", broken at spaces.
  void entry(const std::string& title, const std::string& text);
  /// The formats of exact sums y of products of w and x.
  void exact_sums(const Format& weight, const Format& activation, const IntFormat& sum);
  /// What all blocks have in common: the rules of streams, reset, licence.
  void stream_entries();

 private:
  rtl::Module& m_;
  bool has_entries_ = false;
};

}  // namespace fewbit::blocks
