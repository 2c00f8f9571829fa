// Cell networks: see cell_network.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/fabric/cell_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "fewbit/gen/ops/fabric/fabric_traits.h"

namespace fewbit::ops {

using rtl::Module;
using rtl::Signal;

namespace {

/// A cell: bit i of `table` is its output where `inputs`, the first one lowest, are i. An input
/// below `index_bits` of the network is a bit of the index, another one an earlier cell.
struct Cell {
  std::array<int, 4> inputs;
  unsigned table;
};

struct Network {
  std::string_view fabric;
  int index_bits;
  std::vector<Cell> cells;
  std::vector<int> outputs;  ///< cells as numbers of inputs, lowest bit first
};

/// Found by a SAT solver bit by bit, each with the cells of the bits before; for all bits together
/// fewer cells may do. Synthesis takes the cells apart again, and with how many it ends depends on
/// the order of a table's inputs. So a fabric has the network and the order that came out smallest.
const std::vector<Network>& catalogue() {
  static const std::vector<Network> kCatalogue = {
      // E2M1 x E2M1, ties to even, saturating: magnitudes {a, b}.
      {"ice40",
       6,
       {{{5, 0, 1, 4}, 0x97aa},
        {{1, 5, 2, 6}, 0xf8ec},
        {{6, 7, 3, 4}, 0xdcc8},
        {{8, 2, 0, 4}, 0x166e},
        {{5, 3, 1, 9}, 0x75e8},
        {{9, 0, 5, 3}, 0xc974},
        {{2, 10, 11, 9}, 0x87e8},
        {{11, 6, 0, 12}, 0x81d2},
        {{4, 3, 13, 1}, 0x4a84},
        {{5, 13, 2, 14}, 0xfda8}},
       {12, 15, 8}},
      {"ecp5",
       6,
       {{{2, 3, 0, 4}, 0xf8aa},
        {{6, 3, 5, 1}, 0x520a},
        {{6, 4, 2, 7}, 0xc5fa},
        {{3, 7, 8, 0}, 0x2b08},
        {{3, 1, 4, 0}, 0x68c0},
        {{5, 10, 9, 2}, 0xbe6c},
        {{7, 4, 1, 2}, 0x49b8},
        {{8, 12, 3, 11}, 0xb2c0},
        {{10, 7, 9, 12}, 0x4fe0},
        {{14, 12, 0, 13}, 0x7da2}},
       {15, 11, 8}},
  };
  return kCatalogue;
}

unsigned evaluate(const Network& network, unsigned index) {
  unsigned values = index;  // of the index and the cells so far
  int next = network.index_bits;
  for (const Cell& cell : network.cells) {
    unsigned address = 0;
    for (std::size_t i = 0; i < cell.inputs.size(); ++i) {
      address |= ((values >> cell.inputs[i]) & 1U) << i;
    }
    values |= ((cell.table >> address) & 1U) << next++;
  }
  unsigned result = 0;
  for (std::size_t i = 0; i < network.outputs.size(); ++i) {
    result |= ((values >> network.outputs[i]) & 1U) << i;
  }
  return result;
}

bool computes(const Network& network, int width, const std::function<BigInt(unsigned)>& function) {
  if (static_cast<int>(network.outputs.size()) != width) return false;
  for (unsigned i = 0; i < (1U << network.index_bits); ++i) {
    if (function(i) != evaluate(network, i)) return false;
  }
  return true;
}

}  // namespace

std::optional<Signal> cell_network(Module& m, const std::string& name, const std::string& what,
                                   int width, const Signal& index, Fabric fabric,
                                   const std::function<BigInt(unsigned)>& function) {
  const auto network =
      std::find_if(catalogue().begin(), catalogue().end(), [&](const Network& entry) {
        return entry.fabric == fabric_traits(fabric).cell_networks &&
               entry.index_bits == index.width() && computes(entry, width, function);
      });
  if (network == catalogue().end()) return std::nullopt;
  const Signal bits = m.net(name + "_index", index);
  std::vector<Signal> values;
  for (int i = 0; i < index.width(); ++i) values.push_back(bits.bit(i));
  const auto value = [&values](int i) { return values[static_cast<std::size_t>(i)]; };
  for (std::size_t i = 0; i < network->cells.size(); ++i) {
    const auto& [inputs, cell] = network->cells[i];
    values.push_back(m.net(
        fmt::format("{}_cell_{}", name, i),
        rtl::table(
            cell,
            rtl::concat({value(inputs[3]), value(inputs[2]), value(inputs[1]), value(inputs[0])}),
            {fmt::format("Cell{}", i), "four-input cells that a search found; together " + what})));
  }
  std::vector<Signal> outputs;
  for (const int output : network->outputs) outputs.insert(outputs.begin(), value(output));
  return m.net(name, rtl::concat(outputs));
}

}  // namespace fewbit::ops
