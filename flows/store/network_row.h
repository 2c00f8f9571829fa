// NetworkRow: what a network costs as an accelerator, and the columns under which it is kept.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace fewbit::store {

/// One accelerator, mapped, placed and routed as a whole. Absent: what was not measured.
struct NetworkRow {
  std::string key;                   ///< SHA-256 over all that decides the row
  std::string command;               ///< `fewbit build ...` that measures it
  std::string network;               ///< stem of the file's name
  std::string network_hash;          ///< SHA-256 of the file
  std::string weights, activations;  ///< names of formats, as they were asked for
  std::string layers;                ///< "WEIGHTS/ACTIVATIONS,..." of every linear layer
  std::string target, flow;
  std::string folding;  ///< "ROWSxLANES:UNITS,..." of every linear layer
  std::string seeds;    ///< "1,2,3"
  std::string fewbit_version;
  std::string tools;          ///< JSON object: program, version line
  std::string status;         ///< "ok" or "failed"
  std::string reason;         ///< why it failed
  std::int64_t compared = 0;  ///< numbers on which the netlist was compared with the network
  std::optional<std::int64_t> images, images_right;  ///< with labels, in hardware numerics
  std::int64_t luts = 0;
  std::optional<std::int64_t> logic_cells;
  std::int64_t carries = 0, ffs = 0, brams = 0, dsps = 0, lut_equivalents = 0;
  std::optional<double> fmax_median_mhz, fmax_min_mhz, fmax_max_mhz;
  std::int64_t fmax_ok = 0, fmax_failed = 0;  ///< seeds
  /// Between images, in simulation of the netlist; of one image alone by the formula.
  std::int64_t cycles = 0;
  std::optional<double> images_per_second;  ///< at the median of the clocks
};

/// visit(name, member) for every column, in the order of the table.
template <typename Row, typename Visitor>
void visit_network_columns(Row& row, Visitor&& visit) {
  visit("key", row.key);
  visit("command", row.command);
  visit("network", row.network);
  visit("network_hash", row.network_hash);
  visit("weights", row.weights);
  visit("activations", row.activations);
  visit("layers", row.layers);
  visit("target", row.target);
  visit("flow", row.flow);
  visit("folding", row.folding);
  visit("seeds", row.seeds);
  visit("fewbit_version", row.fewbit_version);
  visit("tools", row.tools);
  visit("status", row.status);
  visit("reason", row.reason);
  visit("compared", row.compared);
  visit("images", row.images);
  visit("images_right", row.images_right);
  visit("luts", row.luts);
  visit("logic_cells", row.logic_cells);
  visit("carries", row.carries);
  visit("ffs", row.ffs);
  visit("brams", row.brams);
  visit("dsps", row.dsps);
  visit("lut_equivalents", row.lut_equivalents);
  visit("fmax_median_mhz", row.fmax_median_mhz);
  visit("fmax_min_mhz", row.fmax_min_mhz);
  visit("fmax_max_mhz", row.fmax_max_mhz);
  visit("fmax_ok", row.fmax_ok);
  visit("fmax_failed", row.fmax_failed);
  visit("cycles", row.cycles);
  visit("images_per_second", row.images_per_second);
}
template <typename Visitor>
void visit_columns(NetworkRow& row, Visitor&& visit) {
  visit_network_columns(row, visit);
}
template <typename Visitor>
void visit_columns(const NetworkRow& row, Visitor&& visit) {
  visit_network_columns(row, visit);
}

}  // namespace fewbit::store
