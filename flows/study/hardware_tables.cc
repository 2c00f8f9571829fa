// The tables of docs/hardware.md from what was measured: see hardware.h.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fewbit/flows/study/hardware.h"
#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/ops/fabric/delays.h"
#include "fewbit/gen/spec/tuned.h"

namespace fewbit::study {
namespace {

constexpr const char* kFailed = "failed";

/// LUT4s and, on ECP5, the LUTs that the carry cells hold; of each core. 0 where there is no cost.
double luts_of(const Cell& cell) {
  if (!cell.measured.cost) return 0;
  const flows::CostPoint& cost = *cell.measured.cost;
  return cost.per_core(cost.lut_equivalents);
}

std::string luts_text(const Cell& cell) {
  if (!cell.measured.cost) return kFailed;
  const flows::CostPoint& cost = *cell.measured.cost;
  return flows::per_core_text(cost, cost.lut_equivalents);
}

/// x / y, of figures that were measured.
std::string ratio_text(double x, double y) {
  return x > 0 && y > 0 ? fmt::format("{:.2f}", x / y) : "-";
}

/// Ratios of a column, and their geometric mean.
class Ratios {
 public:
  /// Notes x / y, and says it.
  std::string add(double x, double y) {
    if (x > 0 && y > 0) {
      sum_of_logarithms_ += std::log(x / y);
      ++count_;
    }
    return ratio_text(x, y);
  }
  [[nodiscard]] std::string mean() const {
    return count_ == 0 ? "-" : ratio_text(std::exp(sum_of_logarithms_ / count_), 1);
  }

 private:
  double sum_of_logarithms_ = 0;
  int count_ = 0;
};

bool has_peer(const Group& group) {
  return std::any_of(group.rows.begin(), group.rows.end(), [](const Row& row) {
    return std::any_of(row.cells.begin(), row.cells.end(),
                       [](const Cell& cell) { return cell.peer.has_value(); });
  });
}

std::vector<std::string> area_heading(const Group& group, bool with_reference, bool with_peer) {
  std::vector<std::string> heading = {"design"};
  for (const std::string& target : group.targets) {
    heading.push_back(target);
    if (with_reference) {
      heading.insert(heading.end(), {group.with_generic ? "generic" : "one line", "ratio"});
    }
    if (with_peer) heading.insert(heading.end(), {"peer", "ratio"});
  }
  if (with_peer) heading.emplace_back("peers");
  return heading;
}

/// Design, then for each target: fewbit, the reference and the ratio to it, the peer and the ratio
/// to it.
Table area_table(const Group& group) {
  const bool with_reference = group.with_generic || group.with_one_line;
  const bool with_peer = has_peer(group);
  Table table(area_heading(group, with_reference, with_peer));
  std::vector<Ratios> to_peer(group.targets.size());
  std::vector<Ratios> to_reference(group.targets.size());
  for (const Row& row : group.rows) {
    std::vector<std::string> texts = {row.label};
    for (std::size_t t = 0; t < row.cells.size(); ++t) {
      const Cell& cell = row.cells[t];
      texts.push_back(luts_text(cell));
      if (with_reference) {
        texts.push_back(luts_text(row.reference[t]));
        texts.push_back(to_reference[t].add(luts_of(cell), luts_of(row.reference[t])));
      }
      if (!with_peer) continue;
      texts.push_back(cell.peer ? std::to_string(*cell.peer) : "-");
      texts.push_back(cell.peer ? to_peer[t].add(luts_of(cell), *cell.peer) : "-");
    }
    if (with_peer) texts.push_back(row.peer_source.empty() ? "-" : row.peer_source);
    table.add(texts);
  }
  if (!with_reference && !with_peer) return table;
  std::vector<std::string> means = {"geometric mean"};
  for (std::size_t t = 0; t < group.targets.size(); ++t) {
    means.emplace_back("");
    if (with_reference) means.insert(means.end(), {"", to_reference[t].mean()});
    if (with_peer) means.insert(means.end(), {"", to_peer[t].mean()});
  }
  if (with_peer) means.emplace_back("");
  table.add(means);
  return table;
}

/// Each core of many, beside one LUT per bit of the accumulator and beside the bar.
Table floor_table(const Group& group) {
  std::vector<std::string> heading = {"design", "floor"};
  for (const std::string& target : group.targets) {
    heading.insert(heading.end(), {target, "bar", "over the floor"});
  }
  Table table(heading);
  for (const Row& row : group.rows) {
    const int floor = row.cells.front().measured.spec.acc_width;
    std::vector<std::string> texts = {row.label, std::to_string(floor)};
    for (const Cell& cell : row.cells) {
      texts.push_back(luts_text(cell));
      texts.push_back(cell.bar ? std::to_string(*cell.bar) : "-");
      texts.push_back(ratio_text(luts_of(cell), floor));
    }
    table.add(texts);
  }
  return table;
}

/// Multiply-accumulates of minifloats over those of integers as wide; with and without the way back
/// from the accumulator into the format.
Table overhead_table(const Group& group) {
  std::vector<std::string> heading = {"design", "over"};
  for (const std::string& target : group.targets) {
    heading.insert(heading.end(), {target, "ratio", "requant", "ratio of both"});
  }
  Table table(heading);
  for (const Row& row : group.rows) {
    const auto base = std::find_if(group.rows.begin(), group.rows.end(),
                                   [&](const Row& other) { return other.label == row.over; });
    const bool has_base = base != group.rows.end();
    std::vector<std::string> texts = {row.label, has_base ? row.over : "-"};
    for (std::size_t t = 0; t < row.cells.size(); ++t) {
      const double mac = luts_of(row.cells[t]);
      const auto both = [t](const Row& x) {
        const bool measured = x.cells[t].measured.cost && x.requant[t].measured.cost;
        return measured ? luts_of(x.cells[t]) + luts_of(x.requant[t]) : 0.0;
      };
      texts.push_back(luts_text(row.cells[t]));
      texts.push_back(has_base ? ratio_text(mac, luts_of(base->cells[t])) : "-");
      texts.push_back(luts_text(row.requant[t]));
      texts.push_back(has_base ? ratio_text(both(row), both(*base)) : "-");
    }
    table.add(texts);
  }
  return table;
}

/// Latency against clock frequency and area; the delay model's estimate beside what was measured.
Table speed_table(const Group& group) {
  Table table({"operands", "target", "latency", "MHz, median", "least to greatest", "estimate",
               "LUTs", "flip-flops"});
  for (const Row& row : group.rows) {
    for (const Cell& cell : row.cells) {
      if (!cell.measured.cost) {
        table.add({row.label, cell.target.name, std::to_string(cell.measured.spec.latency()),
                   kFailed, "-", "-", "-", "-"});
        continue;
      }
      const flows::CostPoint& cost = *cell.measured.cost;
      const flows::Fmax& fmax = *cost.fmax_mhz;
      table.add({row.label, cell.target.name, std::to_string(cell.measured.spec.latency()),
                 fmt::format("{:.0f}", fmax.median),
                 fmt::format("{:.0f} to {:.0f}", fmax.min, fmax.max),
                 fmt::format("{:.0f}", 1000.0 / ops::estimated_period(cell.measured.spec)),
                 std::to_string(cost.lut_equivalents), std::to_string(cost.ffs)});
    }
  }
  return table;
}

/// One cell of it.
std::vector<std::string> blocks_row(const Row& row, const Cell& cell) {
  std::string with;
  for (const Option option : {Option::kDsp, Option::kStrategy}) {
    const std::string value = option_value(cell.measured.spec, option);
    if (!value.empty()) with += fmt::format("`{} {}`", option_info(option).name, value);
  }
  if (with.empty()) with = "-";
  if (!cell.measured.cost) {
    return {row.label, cell.target.name, with, kFailed, "-", "-", "-", "-", "-"};
  }
  const flows::CostPoint& cost = *cell.measured.cost;
  const bool routed = cost.fmax_mhz && cost.fmax_mhz->ok > 0;
  return {row.label,
          cell.target.name,
          with,
          std::to_string(cost.lut_equivalents),
          std::to_string(cost.ffs),
          std::to_string(cost.dsps),
          std::to_string(cost.brams),
          routed ? fmt::format("{:.0f}", cost.fmax_mhz->median) : "-",
          routed ? fmt::format("{:.0f} to {:.0f}", cost.fmax_mhz->min, cost.fmax_mhz->max) : "-"};
}

/// What each design costs in cells of every kind, by target, as it was asked for; beside peers
/// where there are some.
Table blocks_table(const Group& group) {
  const bool with_peer = has_peer(group);
  std::vector<std::string> heading = {"design",     "target",      "built with",
                                      "LUTs",       "flip-flops",  "multipliers",
                                      "block RAMs", "MHz, median", "least to greatest"};
  if (with_peer) heading.insert(heading.end(), {"peer", "ratio", "peers"});
  Table table(heading);
  for (const Row& row : group.rows) {
    for (const Cell& cell : row.cells) {
      std::vector<std::string> texts = blocks_row(row, cell);
      if (with_peer && cell.peer) {
        texts.insert(texts.end(), {std::to_string(*cell.peer),
                                   ratio_text(luts_of(cell), *cell.peer), row.peer_source});
      } else if (with_peer) {
        texts.insert(texts.end(), {"-", "-", "-"});
      }
      table.add(texts);
    }
  }
  return table;
}

}  // namespace

Table table_of(const Group& group) {
  switch (group.layout) {
    case Layout::kArea:
      return area_table(group);
    case Layout::kSpeed:
      return speed_table(group);
    case Layout::kFloor:
      return floor_table(group);
    case Layout::kOverhead:
      return overhead_table(group);
    case Layout::kBlocks:
      return blocks_table(group);
  }
  FEWBIT_CHECK(false, "layout of table {}", group.name);
}

/// The constants of the delay models.
Table delay_table() {
  Table table({"ns", "iCE40 HX", "ECP5", "Xilinx"});
  const rtl::DelayModel* models[] = {&ops::delay_model(Fabric::kIce40),
                                     &ops::delay_model(Fabric::kEcp5),
                                     &ops::delay_model(Fabric::kXilinx)};
  const auto add = [&](const std::string& name, double rtl::DelayModel::*time) {
    std::vector<std::string> row = {name};
    for (const rtl::DelayModel* model : models) row.push_back(fmt::format("{:.3f}", model->*time));
    table.add(row);
  };
  add("clock to output", &rtl::DelayModel::clock_to_output);
  add("wire", &rtl::DelayModel::wire);
  add("table", &rtl::DelayModel::lut);
  add("setup", &rtl::DelayModel::setup);
  add("into a carry chain", &rtl::DelayModel::carry_enter);
  add("carry, per bit", &rtl::DelayModel::carry);
  add("more every 8 bits", &rtl::DelayModel::carry_between_groups);
  add("out of a chain, to a sum bit", &rtl::DelayModel::carry_exit);
  add("more for the last carry itself", &rtl::DelayModel::carry_out);
  add("more for a sum bit with two registers", &rtl::DelayModel::shared_sum);
  add("more for a carry with one cycle to the next segment", &rtl::DelayModel::carry_to_carry);
  add("more at the end of a full tile", &rtl::DelayModel::full_group);
  add("through a hard multiplier", &rtl::DelayModel::multiply);
  return table;
}

// One line a request and target: the strategy and the flow that measured best for each goal.
Table tuned_table() {
  Table table({"request", "target", "area", "speed", "balanced"});
  const std::vector<TunedRow>& rows = tuned_rows();
  const auto text = [](const TunedRow& row) {
    return fmt::format("{}, {}", to_string(row.choice.strategy), row.choice.flow);
  };
  // The goals of a request follow one another in the order of kGoals.
  for (std::size_t i = 0; i + 2 < rows.size(); i += 3) {
    table.add({rows[i].request, rows[i].choice.target, text(rows[i]), text(rows[i + 1]),
               text(rows[i + 2])});
  }
  return table;
}

}  // namespace fewbit::study
