// What several blocks are made of.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "fewbit/gen/blocks/stream.h"

namespace fewbit::blocks {

/// The names of a block, and its section's title; nothing where `name` is "".
class BlockScope {
 public:
  BlockScope(rtl::Module& module, const std::string& name) {
    if (!name.empty()) scope_.emplace(module, name, name);
  }

 private:
  std::optional<rtl::Scope> scope_;
};

/// Data and last of a stream as one signal, last on top.
rtl::Signal packed(const Stream& stream);
/// The stream of such beats: out.
Stream sent(rtl::Module& module, const rtl::Signal& valid, const rtl::Signal& beat, bool has_last);

/// A number from 0 to `most` that goes one up and one down, in NAME_q; both at once leave it.
rtl::Signal up_down(rtl::Module& module, const std::string& name, int most, const rtl::Signal& up,
                    const rtl::Signal& down, int at_reset = 0);

/// The registers between a memory and a stream: the word that is read is the beat that is sent.
class ReadStage {
 public:
  ReadStage(rtl::Module& module, bool output_register);
  /// 1 at clock edges at which a word can be fetched.
  [[nodiscard]] const rtl::Signal& load() const { return load_; }
  /// The stream, `fetches`: a word is fetched where load() is 1. `last` (absent: in the word, where
  /// has_last) is that of the word.
  Stream finish(int memory, const rtl::Signal& address, const rtl::Signal& fetches, bool has_last,
                const rtl::Signal& last = {});

 private:
  rtl::Module& m_;
  bool output_register_;
  rtl::Signal ready_, valid_, fetched_, load_, move_;
};

}  // namespace fewbit::blocks
