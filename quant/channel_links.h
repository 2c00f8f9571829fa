// ChannelLink: where factors for the channels of a linear layer's input can go.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "fewbit/quant/graph.h"

namespace fewbit::quant {

/// A constant operand of a node that is multiplied or divided by a factor for each channel.
struct ChannelConstant {
  std::size_t node = 0;
  std::size_t input = 0;
  std::size_t axis_from_end = 0;  ///< that counts the channels; broadcast where shorter
};

/// A value that linear layers with constant weights read, and what makes it: dividing its channels
/// by positive factors and multiplying the weights behind it leaves the network's function as it
/// is. Between maker and readers are only operators that let positive factors through: ReLU,
/// pooling, transposition, means of other axes, sums and minima with constants.
struct ChannelLink {
  std::size_t maker = 0;                   ///< node that takes up the factors
  bool maker_is_linear = false;            ///< Conv, Gemm or MatMul; else a factor or a norm
  std::vector<ChannelConstant> constants;  ///< of maker and operators between: divided
  std::vector<std::size_t> readers;        ///< linear nodes whose weights are multiplied
  std::size_t channels = 0;
};

/// The same function with Clip from 0 as ReLU and Min: a minimum can have a bound for each channel.
Graph prepare_for_links(Graph graph);

/// All links of a prepared graph, in the order of their readers.
std::vector<ChannelLink> find_channel_links(const Graph& graph);

/// Of each channel: the largest magnitude of the maker's weights that lead to it.
std::vector<double> maker_ranges(const Graph& graph, const ChannelLink& link);
/// Of each channel: the largest magnitude of the readers' weights that it meets.
std::vector<double> reader_ranges(const Graph& graph, const ChannelLink& link);

/// Divides the channels by `factors`, and multiplies the readers' weights. Constants that other
/// nodes use too are copied.
void scale_channels(Graph& graph, const ChannelLink& link, std::span<const double> factors);

}  // namespace fewbit::quant
