// Memories of a module, and the blocks that hold them.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/rtl/memory.h"

#include <bit>

#include "fewbit/gen/rtl/module.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::rtl {

int address_bits(int depth) { return std::bit_width(static_cast<unsigned>(depth - 1)); }

const std::vector<BlockShape>& ice40_blocks() {
  static const std::vector<BlockShape> shapes = {{256, 16}, {512, 8}, {1024, 4}, {2048, 2}};
  return shapes;
}

const std::vector<BlockShape>& ecp5_blocks() {
  static const std::vector<BlockShape> shapes = {{512, 36}, {1024, 18}, {2048, 9},
                                                 {4096, 4}, {8192, 2},  {16384, 1}};
  return shapes;
}

const std::vector<BlockShape>& xilinx_blocks() { return ecp5_blocks(); }

BlockUse memory_blocks(const std::vector<BlockShape>& shapes, int depth, int width) {
  FEWBIT_CHECK(depth > 0 && width > 0, "{} words of {} bits", depth, width);
  const auto over = [](int amount, int unit) { return (amount + unit - 1) / unit; };
  BlockUse best;
  for (const BlockShape& shape : shapes) {
    const BlockUse use{shape, over(depth, shape.depth), over(width, shape.width)};
    const bool is_better = best.blocks() == 0 || use.blocks() < best.blocks() ||
                           (use.blocks() == best.blocks() && use.deep < best.deep);
    if (is_better) best = use;
  }
  return best;
}

int Module::memory(const std::string& name, const MemorySpec& spec) {
  FEWBIT_CHECK(clock_.valid(), "memory {} in a module without a clock", name);
  FEWBIT_CHECK(spec.depth >= 2 && spec.width >= 1, "memory {} of {} words of {} bits", name,
               spec.depth, spec.width);
  FEWBIT_CHECK(spec.contents.size() <= static_cast<std::size_t>(spec.depth),
               "memory {} with {} words of contents", name, spec.contents.size());
  for (const BigInt& word : spec.contents) {
    FEWBIT_CHECK(word >= 0 && word < pow2(spec.width), "word {} in memory {} of {} bits",
                 word.str(), name, spec.width);
  }
  const long long bits = static_cast<long long>(spec.depth) * spec.width;
  FEWBIT_CHECK(spec.contents.empty() || spec.in_file || bits <= kMostInlineBits,
               "memory {} with {} bits of contents inline", name, bits);
  memories_.push_back({.name = name, .spec = spec});
  return static_cast<int>(memories_.size()) - 1;
}

namespace {

void check_address(const Memory& memory, const Signal& address) {
  FEWBIT_CHECK(address.full_width() == Width(address_bits(memory.spec.depth)),
               "address of {} bits for memory {} of {} words", address.width(), memory.name,
               memory.spec.depth);
}

}  // namespace

Signal Module::word(int memory, const Signal& address) {
  const Memory& read = memories_[static_cast<std::size_t>(memory)];
  check_address(read, address);
  return add(
      {.op = Op::kMemoryWord, .width = read.spec.width, .args = {address.id()}, .source = memory});
}

Signal Module::read(int memory, const std::string& name, const Signal& address,
                    const Signal& enable, bool output_register) {
  const Signal data = word(memory, address);
  const RegisterControl control{.enable = enable, .reset = false};
  const Signal q = reg(name + (output_register ? "_read_q" : "_q"), data.full_width(), control);
  drive(q, data);
  if (!output_register) return q;
  const Signal late = reg(name + "_q", data.full_width(), control);
  drive(late, q);
  return late;
}

void Module::write(int memory, const Signal& enable, const Signal& address, const Signal& data) {
  Memory& written = memories_[static_cast<std::size_t>(memory)];
  FEWBIT_CHECK(!written.is_written(), "memory {} has a write port", written.name);
  check_address(written, address);
  FEWBIT_CHECK(enable.width() == 1 && data.full_width() == Width(written.spec.width),
               "write of {} bits into memory {}", data.width(), written.name);
  written.write_enable = enable.id();
  written.write_address = address.id();
  written.write_data = data.id();
}

}  // namespace fewbit::rtl
