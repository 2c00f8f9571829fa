// Headers of blocks: see header.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/blocks/header.h"

#include <fmt/format.h>

#include <algorithm>

namespace fewbit::blocks {
namespace {

constexpr std::size_t kColumns = 97;  // 100 less the comment's slashes
constexpr std::size_t kTitle = 11;

}  // namespace

BlockHeader::BlockHeader(rtl::Module& module, const std::string& title) : m_(module) {
  m_.header(fmt::format("{} - {}", m_.name(), title));
  m_.header("");
}

void BlockHeader::equation(const std::string& text) { m_.header("  " + text); }

void BlockHeader::entry(const std::string& title, const std::string& text) {
  if (!has_entries_) m_.header("");
  has_entries_ = true;
  std::string line = fmt::format("{:<{}}", title, kTitle);
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t space = std::min(text.find(' ', from), text.size());
    const std::string word = text.substr(from, space - from);
    if (line.size() > kTitle && line.size() + 1 + word.size() > kColumns) {
      m_.header(line);
      line = std::string(kTitle, ' ');
    }
    line += (line.size() > kTitle ? " " : "") + word;
    from = space + 1;
  }
  m_.header(line);
}

void BlockHeader::exact_sums(const Format& weight, const Format& activation, const IntFormat& sum) {
  entry("Formats", fmt::format("w: {} = {}", weight.name(), weight.description()));
  entry("", fmt::format("x: {} = {}", activation.name(), activation.description()));
  entry("", fmt::format("y: {} bits, {}, in units of 2^{}", sum.bits,
                        sum.is_signed ? "two's complement" : "unsigned", sum.lsb_exponent));
  entry("Rounding", "none: the sums are exact");
}

void BlockHeader::stream_entries() {
  entry("Streams",
        "a beat moves where valid and ready are 1; until then it stays as it is; no ready "
        "that the block gives depends on one that it gets without a register between");
  entry("Reset", "async_low; forgets what is inside");
  entry("Licence", "yours: fewbit claims no rights in what it generates");
}

}  // namespace fewbit::blocks
