// Depths: see depths.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/network/depths.h"

#include <algorithm>
#include <map>
#include <set>

namespace fewbit::study {
namespace {

/// Pixels that the engines of a branch hold: each two vectors and one whose sums are under way.
constexpr int kInside = 8;

/// Of each pixel of a node: how many pixels of an earlier node it needs.
using Needs = std::vector<int>;

class Branches {
 public:
  Branches(const quant::LoweredNetwork& network, const std::vector<Layout>& layouts,
           std::size_t source)
      : network_(network), layouts_(layouts), source_(source) {}

  const Needs& of(std::size_t place) {
    const auto [found, is_new] = known_.try_emplace(place);
    if (!is_new) return found->second;
    Needs needs(static_cast<std::size_t>(layouts_[place].pixels()), 0);
    if (place == source_) {
      for (std::size_t k = 0; k < needs.size(); ++k) needs[k] = static_cast<int>(k) + 1;
    }
    for (const std::size_t input : network_.nodes[place].inputs) {
      if (place == source_) break;
      const std::vector<int> own =
          pixels_needed(network_.nodes[place], layouts_[input], layouts_[place]);
      const Needs& before = of(input);
      for (std::size_t k = 0; k < needs.size(); ++k) {
        needs[k] = std::max(needs[k], before[static_cast<std::size_t>(own[k] - 1)]);
      }
    }
    return known_[place] = std::move(needs);
  }

 private:
  const quant::LoweredNetwork& network_;
  const std::vector<Layout>& layouts_;
  std::size_t source_;
  std::map<std::size_t, Needs> known_;
};

std::set<std::size_t> ancestors_of(const quant::LoweredNetwork& network, std::size_t place) {
  std::set<std::size_t> found;
  std::vector<std::size_t> open = {place};
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    if (!found.insert(at).second) continue;
    const auto& inputs = network.nodes[at].inputs;
    open.insert(open.end(), inputs.begin(), inputs.end());
  }
  return found;
}

/// Whether some way from the image to `place` goes past `node`.
bool goes_past(const quant::LoweredNetwork& network, std::size_t place, std::size_t node) {
  if (place == node) return false;
  const auto& inputs = network.nodes[place].inputs;
  return inputs.empty() || std::any_of(inputs.begin(), inputs.end(), [&](std::size_t input) {
           return goes_past(network, input, node);
         });
}

/// The last node that every way to both operands goes through.
std::size_t source_of(const quant::LoweredNetwork& network, const std::vector<std::size_t>& ends) {
  const std::set<std::size_t> one = ancestors_of(network, ends[0]);
  const std::set<std::size_t> other = ancestors_of(network, ends[1]);
  for (auto node = one.rbegin(); node != one.rend(); ++node) {
    if (!other.contains(*node)) continue;
    if (!goes_past(network, ends[0], *node) && !goes_past(network, ends[1], *node)) return *node;
  }
  return 0;
}

/// The most pixels of a branch that are there and not taken when pixel k of the sum can be made, or
/// `ahead` pixels of the other branch after it.
int most_waiting(const Needs& own, const Needs& other, int ahead) {
  int most = 0;
  for (std::size_t k = 0; k < own.size(); ++k) {
    const std::size_t later = std::min(k + static_cast<std::size_t>(ahead), own.size() - 1);
    const auto made = std::upper_bound(own.begin(), own.end(), other[later]) - own.begin();
    most = std::max(most, static_cast<int>(made) - static_cast<int>(k));
  }
  return most;
}

}  // namespace

std::vector<Waiting> waiting_at(const quant::LoweredNetwork& network,
                                const std::vector<Layout>& layouts, std::size_t place) {
  const std::vector<std::size_t>& inputs = network.nodes[place].inputs;
  Branches branches(network, layouts, source_of(network, inputs));
  const Needs one = branches.of(inputs[0]);
  const Needs other = branches.of(inputs[1]);
  const int ahead = layouts[place].width + kInside;
  return {{most_waiting(one, other, 0), most_waiting(one, other, ahead)},
          {most_waiting(other, one, 0), most_waiting(other, one, ahead)}};
}

}  // namespace fewbit::study
