// fewbit best: the designs of a results database that are best at something.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "fewbit/cli/command.h"
#include "fewbit/flows/cost.h"
#include "fewbit/flows/store/export.h"
#include "fewbit/flows/store/result_store.h"
#include "fewbit/flows/sweep/format_set.h"
#include "fewbit/gen/spec/operator_spec.h"
#include "fewbit/gen/util/text.h"
#include "fewbit/sim/model/quantization.h"

namespace fewbit::cli {
namespace {

using nlohmann::ordered_json;
using store::ResultRow;

constexpr int kMostRows = 100000;

/// What is to be least, or greatest. Rows without a value are left out.
struct Objective {
  std::string name, meaning;
  bool greatest = false;
  std::optional<double> (*value)(const ResultRow& row);
};

template <auto Member>
std::optional<double> count_of(const ResultRow& row) {
  return static_cast<double>(row.*Member);
}

/// The same of lookup tables, of which standard cells have none.
template <auto Member>
std::optional<double> tables_of(const ResultRow& row) {
  return row.area ? std::optional<double>() : count_of<Member>(row);
}

const std::vector<Objective>& objectives() {
  static const std::vector<Objective> kObjectives = {
      {"luts", "LUTs", false, tables_of<&ResultRow::luts>},
      {"lut_equivalents", "LUTs, and those that carries take", false,
       tables_of<&ResultRow::lut_equivalents>},
      {"area", "area of standard cells", false, [](const ResultRow& row) { return row.area; }},
      {"path_ns", "longest path of standard cells in ns", false,
       [](const ResultRow& row) { return row.path_ns; }},
      {"ffs", "flip-flops", false, count_of<&ResultRow::ffs>},
      {"dsps", "DSP blocks", false, count_of<&ResultRow::dsps>},
      {"depth", "cells on the longest path", false, count_of<&ResultRow::depth>},
      {"logic_cells", "logic cells after packing", false,
       [](const ResultRow& row) -> std::optional<double> {
         if (!row.logic_cells) return {};
         return static_cast<double>(*row.logic_cells);
       }},
      {"fmax", "MHz, median over the seeds", true,
       [](const ResultRow& row) { return row.fmax_median_mhz; }},
      {"luts_per_bit", "LUTs for each pair of operand bits", false,
       [](const ResultRow& row) -> std::optional<double> {
         if (row.area) return {};
         const std::int64_t bits = row.a_width * std::max<std::int64_t>(row.b_width, 1);
         return static_cast<double>(row.luts) / static_cast<double>(bits * row.lanes);
       }},
      {"luts_per_mhz", "LUTs for each MHz", false,
       [](const ResultRow& row) -> std::optional<double> {
         if (!row.fmax_median_mhz) return {};
         return static_cast<double>(row.luts) / *row.fmax_median_mhz;
       }},
  };
  return kObjectives;
}

/// The dynamic range of a format in dB; what has no name that fewbit reads has none.
std::optional<double> range_db(const std::string& name) {
  const Result<Format> format = parse_format(name);
  if (!format.ok()) return {};
  return model::dynamic_range_db(*format);
}

Result<std::set<std::string>> names_of(const std::string& field, const std::string& items) {
  std::set<std::string> names;
  if (items.empty()) return names;
  FEWBIT_ASSIGN_OR_RETURN(formats, sweep::format_set(field, items));
  for (const Format& format : formats) names.insert(format.name());
  return names;
}

class BestCommand : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "best"; }
  [[nodiscard]] std::string summary() const override {
    return "Say which designs of a results database are best";
  }
  void declare(CLI::App& app) override {
    std::string names;
    std::string lines = "Objectives:\n";
    for (const Objective& objective : objectives()) {
      names += (names.empty() ? "" : ", ") + objective.name;
      lines += fmt::format("  {:<16}{} {}\n", objective.name,
                           objective.greatest ? "greatest" : "least", objective.meaning);
    }
    app.add_option("--db", database_, "Results database of fewbit sweep");
    app.add_option("--target", target_, "Target; default: all");
    app.add_option("--op", op_, "Operator; default: mac");
    app.add_option("--a", a_,
                   "Formats of the first operand: 4..8, int*, e4m3fn,\nwith commas; all");
    app.add_option("--b", b_, "Formats of the second operand; default: all");
    app.add_option("--arch", arch_, "optimized or generic; default: both");
    app.add_option("--objective", objective_, "What is best; default: luts");
    app.add_option(
        "--min-range-db", min_range_db_,
        "Least dynamic range of each operand, in dB:\n20 log10(largest / least positive)");
    app.add_option("--top", top_, "Designs to show; default: 10");
    app.footer(lines +
               "\nExamples:\n"
               "  fewbit best --db sweep.sqlite --target ice40-hx8k --a 4..8 --b 4..8 "
               "--min-range-db 40");
  }

  Result<ExitCode> run(const Console& console) override {
    FEWBIT_ASSIGN_OR_RETURN(objective, objective_named());
    FEWBIT_ASSIGN_OR_RETURN(top, parse_integer("--top", top_, 1, kMostRows));
    FEWBIT_ASSIGN_OR_RETURN(min_range, least_range());
    FEWBIT_ASSIGN_OR_RETURN(a_names, names_of("--a", a_));
    FEWBIT_ASSIGN_OR_RETURN(b_names, names_of("--b", b_));
    if (!target_.empty()) FEWBIT_RETURN_IF_ERROR(flows::find_target(target_));
    FEWBIT_RETURN_IF_ERROR(operator_is_known());
    if (!arch_.empty() && arch_ != "optimized" && arch_ != "generic") {
      return Error{"--arch", arch_, "optimized, generic", ""};
    }
    if (database_.empty()) return Error{"--db", "", "a results database of fewbit sweep", ""};
    FEWBIT_ASSIGN_OR_RETURN(store, store::ResultStore::open(database_, store::Access::kRead));
    FEWBIT_ASSIGN_OR_RETURN(all, store.rows());

    std::vector<ResultRow> rows;
    for (const ResultRow& row : all) {
      const bool is_of_formats =
          (a_.empty() || a_names.contains(row.a)) && (b_.empty() || b_names.contains(row.b));
      if (!is_asked(row) || !is_of_formats || !objective.value(row)) continue;
      const double range = std::min(range_db(row.a).value_or(-1),
                                    row.b.empty() ? HUGE_VAL : range_db(row.b).value_or(-1));
      if (min_range && range < *min_range) continue;
      rows.push_back(row);
    }
    if (rows.empty()) {
      return Error{"--db", database_, "a database with a row that is asked for",
                   fmt::format("none of its {} rows fits", all.size())};
    }
    std::stable_sort(rows.begin(), rows.end(), [&](const ResultRow& x, const ResultRow& y) {
      const double difference = *objective.value(x) - *objective.value(y);
      return objective.greatest ? difference > 0 : difference < 0;
    });
    const std::size_t found = rows.size();
    rows.resize(std::min(rows.size(), static_cast<std::size_t>(top)));
    show(rows, objective, found, console);
    return ExitCode::kOk;
  }

 private:
  /// All but the formats of the operands.
  [[nodiscard]] bool is_asked(const ResultRow& row) const {
    return row.status == "ok" && row.op == op_ && (target_.empty() || row.target == target_) &&
           (arch_.empty() || row.arch == arch_);
  }

  [[nodiscard]] Result<Objective> objective_named() const {
    std::string names;
    for (const Objective& objective : objectives()) {
      if (objective.name == objective_) return objective;
      names += (names.empty() ? "" : ", ") + objective.name;
    }
    return Error{"--objective", objective_, names, ""};
  }

  [[nodiscard]] Status operator_is_known() const {
    std::string names;
    for (const OperatorInfo& info : operator_table()) {
      if (info.name == op_) return Ok{};
      names += (names.empty() ? "" : ", ") + std::string(info.name);
    }
    return Error{"--op", op_, names, ""};
  }

  [[nodiscard]] Result<std::optional<double>> least_range() const {
    if (min_range_db_.empty()) return std::optional<double>();
    const Error error{"--min-range-db", min_range_db_, "a number, 0 or more", "decibels"};
    try {
      std::size_t used = 0;
      const double value = std::stod(min_range_db_, &used);
      if (used != min_range_db_.size() || !(value >= 0) || std::isinf(value)) return error;
      return std::optional<double>(value);
    } catch (const std::exception&) {
      return error;
    }
  }

  void show(const std::vector<ResultRow>& rows, const Objective& objective, std::size_t found,
            const Console& console) const {
    Table table({objective.name, "a", "b", "range dB", "arch", "target", "LUTs", "FFs", "DSPs",
                 "Fmax MHz", "verified"});
    ordered_json json = ordered_json::array();
    const ordered_json documents = store::to_json(rows);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const ResultRow& row = rows[i];
      const std::string b_range =
          row.b.empty() ? "" : fmt::format(" / {:.1f}", range_db(row.b).value_or(0));
      table.add(
          {fmt::format("{:.6g}", *objective.value(row)), row.a, row.b,
           fmt::format("{:.1f}{}", range_db(row.a).value_or(0), b_range), row.arch, row.target,
           std::to_string(row.luts), std::to_string(row.ffs), std::to_string(row.dsps),
           row.fmax_median_mhz ? fmt::format("{:.1f}", *row.fmax_median_mhz) : "-", row.verified});
      ordered_json one{{"objective", *objective.value(row)}};
      one.update(documents[i]);
      json.push_back(one);
    }
    console.document(json);
    console.print(fmt::format("{}\n{} of {} designs. The first one:\n  {}\n", table.to_text(),
                              rows.size(), found, rows.front().command));
  }

  std::string database_, target_, a_, b_, arch_, min_range_db_;
  std::string op_ = "mac";
  std::string objective_ = "luts";
  std::string top_ = "10";
};

}  // namespace

std::unique_ptr<Command> make_best_command() { return std::make_unique<BestCommand>(); }

}  // namespace fewbit::cli
