// ResultRow: what one job of a sweep found out, and the columns under which it is kept.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fewbit::store {

/// One job: a request on a target, by a set of place-and-route seeds and tools of certain versions.
/// Text is "" and a number 0 where nothing was measured; absent where the target has no such
/// figure.
struct ResultRow {
  std::string key;      ///< SHA-256 over all that decides the row
  std::string command;  ///< `fewbit cost ...` that reproduces it
  std::string op, arch;
  std::string a, b, result;  ///< canonical names; b "" for one operand; result "exact" if none
  std::string a_kind;        ///< "int" or "float"
  std::int64_t a_width = 0, a_exponent = 0, a_fraction = 0;  ///< bits; the latter 0 for integers
  std::string b_kind;
  std::int64_t b_width = 0, b_exponent = 0, b_fraction = 0;
  std::int64_t lanes = 1, terms = 0, latency = 0;
  std::string strategy, dsp;
  std::string options;                    ///< the rest of the request as the command line has it
  std::optional<std::int64_t> acc_width;  ///< of exact accumulators
  std::string target, flow;               ///< flow: the variant that counts
  std::string seeds;                      ///< "1,2,3"; "" for synthesis alone
  std::string fewbit_version;
  std::string tools;        ///< JSON object: program, version line
  std::string inputs_hash;  ///< SHA-256 of the emitted files
  std::string status;       ///< "ok" or "failed"
  std::string reason;       ///< why it failed
  std::string verified;     ///< "exhaustive", "simulated" or "proved"
  std::int64_t vectors = 0;
  std::int64_t luts = 0;
  std::optional<std::int64_t> logic_cells;
  std::int64_t carries = 0, ffs = 0, muxes = 0, dsps = 0, brams = 0, lut_equivalents = 0;
  std::int64_t depth = 0;
  std::optional<double> fmax_median_mhz, fmax_min_mhz, fmax_max_mhz;
  std::int64_t fmax_ok = 0, fmax_failed = 0;  ///< seeds
  std::optional<double> area, path_ns;  ///< of standard cells: in the library's unit; longest path
  std::optional<std::int64_t> gates;    ///< of standard cells: those that are no flip-flops
  double seconds = 0, peak_memory_mib = 0;  ///< the only columns that differ from run to run
};

/// Columns that databases may be older than: such rows have none of them.
inline bool is_later_result_column(std::string_view name) {
  return name == "area" || name == "gates" || name == "path_ns";
}

/// visit(name, member) for every column, in the order of the table. The schema, the statements, CSV
/// and JSON all follow from this list.
template <typename Row, typename Visitor>
void visit_columns(Row& row, Visitor&& visit) {
  visit("key", row.key);
  visit("command", row.command);
  visit("operator", row.op);
  visit("arch", row.arch);
  visit("a", row.a);
  visit("b", row.b);
  visit("result", row.result);
  visit("a_kind", row.a_kind);
  visit("a_width", row.a_width);
  visit("a_exponent", row.a_exponent);
  visit("a_fraction", row.a_fraction);
  visit("b_kind", row.b_kind);
  visit("b_width", row.b_width);
  visit("b_exponent", row.b_exponent);
  visit("b_fraction", row.b_fraction);
  visit("lanes", row.lanes);
  visit("terms", row.terms);
  visit("latency", row.latency);
  visit("strategy", row.strategy);
  visit("dsp", row.dsp);
  visit("options", row.options);
  visit("acc_width", row.acc_width);
  visit("target", row.target);
  visit("flow", row.flow);
  visit("seeds", row.seeds);
  visit("fewbit_version", row.fewbit_version);
  visit("tools", row.tools);
  visit("inputs_hash", row.inputs_hash);
  visit("status", row.status);
  visit("reason", row.reason);
  visit("verified", row.verified);
  visit("vectors", row.vectors);
  visit("luts", row.luts);
  visit("logic_cells", row.logic_cells);
  visit("carries", row.carries);
  visit("ffs", row.ffs);
  visit("muxes", row.muxes);
  visit("dsps", row.dsps);
  visit("brams", row.brams);
  visit("lut_equivalents", row.lut_equivalents);
  visit("depth", row.depth);
  visit("fmax_median_mhz", row.fmax_median_mhz);
  visit("fmax_min_mhz", row.fmax_min_mhz);
  visit("fmax_max_mhz", row.fmax_max_mhz);
  visit("fmax_ok", row.fmax_ok);
  visit("fmax_failed", row.fmax_failed);
  visit("area", row.area);
  visit("gates", row.gates);
  visit("path_ns", row.path_ns);
  visit("seconds", row.seconds);
  visit("peak_memory_mib", row.peak_memory_mib);
}

}  // namespace fewbit::store
