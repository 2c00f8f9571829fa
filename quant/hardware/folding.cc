// Choosing foldings: see folding.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/hardware/folding.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace fewbit::quant {
namespace {

constexpr double kControlLuts =
    100;                         ///< counters and handshakes of one engine or part: allowed for
constexpr int kTableDepth = 16;  ///< words of one lookup table

std::int64_t over(std::int64_t amount, std::int64_t unit) { return (amount + unit - 1) / unit; }

}  // namespace

double memory_tables(std::int64_t depth, std::int64_t width, bool is_written) {
  const auto tables = static_cast<double>(over(depth, kTableDepth));
  // A selection of four takes two tables and leaves one in place of four.
  return static_cast<double>(width) * ((is_written ? 1.5 : 1.0) * tables + (tables - 1) * 2 / 3);
}

std::int64_t depthwise_cycles(std::int64_t pixels, std::int64_t groups, std::int64_t beats,
                              std::int64_t rounds) {
  return pixels * std::max(groups * beats + (groups - 1) * (rounds - 1), groups * rounds);
}

namespace {

/// A memory in both places.
struct MemoryChoice {
  int depth = 0, width = 0;
  double luts = 0;  ///< in lookup tables
  rtl::BlockUse blocks;

  static MemoryChoice of(std::int64_t depth, std::int64_t width, bool is_written) {
    MemoryChoice choice{static_cast<int>(depth), static_cast<int>(width), 0, {}};
    if (depth <= 1 || width == 0) return choice;
    choice.luts = memory_tables(depth, width, is_written);
    choice.blocks = rtl::memory_blocks(rtl::ecp5_blocks(), choice.depth, choice.width);
    return choice;
  }
  [[nodiscard]] bool is_wired() const { return depth <= 1 || width == 0; }
  [[nodiscard]] MemoryPlan plan(bool in_blocks) const {
    if (is_wired()) return {Place::kWired, depth, width, 0, {}};
    if (in_blocks) return {Place::kBlockRam, depth, width, 0, blocks};
    return {Place::kLookupTables, depth, width, luts, {}};
  }
};

/// Rows and lanes of one engine, or the units of a part, with all that follows.
struct Candidate {
  std::int64_t rows = 1, lanes = 1, cycles = 0, requantizers = 1;
  double dot_luts = 0, requantizer_luts = 0, other_luts = 0;
  int multipliers = 0;
  std::array<MemoryChoice, 3> memories;  ///< weights, parameters, operands; of a part the first

  [[nodiscard]] double luts() const { return dot_luts + requantizer_luts + other_luts; }
};

Result<Candidate> candidate_of(const Engine& engine, std::int64_t rows, std::int64_t lanes,
                               const BlockCosts& costs) {
  Candidate made;
  made.rows = rows;
  made.lanes = lanes;
  const std::int64_t groups = over(engine.channels, rows), beats = over(engine.terms, lanes);
  made.requantizers = over(rows, beats);
  made.cycles = engine.is_depthwise
                    ? depthwise_cycles(engine.pixels, groups, beats, over(rows, made.requantizers))
                    : engine.pixels * groups * beats;
  FEWBIT_ASSIGN_OR_RETURN(dot,
                          costs.dot(engine.weights, engine.activations, static_cast<int>(lanes)));
  made.dot_luts = static_cast<double>(rows) * dot;
  made.requantizer_luts = static_cast<double>(made.requantizers) * engine.requantizer_luts;
  // Each bit of a sum is taken from its row or from the sum behind it.
  made.other_luts = kControlLuts + static_cast<double>(rows * engine.sum_bits);
  made.multipliers = static_cast<int>(made.requantizers) * engine.requantizer_multipliers;
  made.memories[0] = MemoryChoice::of(groups * beats, rows * lanes * engine.weight_bits, false);
  made.memories[1] = MemoryChoice::of(over(engine.channels, made.requantizers),
                                      made.requantizers * engine.parameter_bits, false);
  // Depthwise, `rows` channels of a window are read at a time.
  const std::int64_t read = engine.is_depthwise ? rows * lanes : lanes;
  std::int64_t held = 0;
  if (engine.kernel > 1) {
    held = ((engine.kernel - 1) * engine.columns + engine.kernel) * engine.inputs;
  } else if (groups > 1) {
    held = 2 * engine.terms;  // one vector is read while the next one comes
  }
  made.memories[2] =
      MemoryChoice::of(over(held, read), held == 0 ? 0 : read * engine.activation_bits, true);
  return made;
}

/// The least of each size that gives the same number of groups.
std::vector<std::int64_t> sizes(std::int64_t all) {
  std::vector<std::int64_t> sizes;
  for (std::int64_t groups = all; groups >= 1; --groups) {
    const std::int64_t size = over(all, groups);
    if (sizes.empty() || sizes.back() != size) sizes.push_back(size);
  }
  return sizes;
}

class Folder {
 public:
  static Result<Folder> make(const Pipeline& pipeline, const Device& device,
                             const BlockCosts& costs) {
    Folder folder(pipeline, device);
    for (const Engine& engine : pipeline.engines) {
      std::vector<Candidate>& own = folder.candidates_.emplace_back();
      for (const std::int64_t rows : sizes(engine.channels)) {
        for (const std::int64_t lanes : sizes(engine.terms)) {
          FEWBIT_ASSIGN_OR_RETURN(candidate, candidate_of(engine, rows, lanes, costs));
          own.push_back(std::move(candidate));
        }
      }
    }
    return folder;
  }

  [[nodiscard]] std::optional<FoldingPlan> fold(std::int64_t cycles) const {
    if (cycles < pipeline_.input_values) return std::nullopt;
    return within_brams(cycles);
  }

  /// Cycles with one row of one lane everywhere.
  [[nodiscard]] std::int64_t most_cycles() const {
    std::int64_t most = pipeline_.input_values;
    for (const Engine& engine : pipeline_.engines) most = std::max(most, engine.products());
    for (const Part& part : pipeline_.parts) most = std::max(most, part.values);
    return most;
  }

 private:
  Folder(const Pipeline& pipeline, const Device& device) : pipeline_(pipeline), device_(device) {}

  /// One way to build an engine or a part: bit i of `in_blocks`: memory i is in block RAM.
  struct Choice {
    double cost = std::numeric_limits<double>::infinity();
    const Candidate* candidate = nullptr;
    unsigned in_blocks = 0;
  };

  /// Puts the cheapest choices of a candidate into `cheapest`, by block RAMs.
  static void consider(const Candidate& candidate, std::vector<Choice>& cheapest) {
    for (unsigned in_blocks = 0; in_blocks < 8; ++in_blocks) {
      double cost = candidate.luts();
      std::size_t brams = 0;
      bool is_choice = true;
      for (std::size_t i = 0; i < candidate.memories.size(); ++i) {
        const MemoryChoice& memory = candidate.memories[i];
        const bool in_block = (in_blocks >> i & 1) != 0;
        is_choice = is_choice && !(in_block && memory.is_wired());
        if (in_block) brams += static_cast<std::size_t>(memory.blocks.blocks());
        if (!in_block) cost += memory.luts;
      }
      if (!is_choice || brams >= cheapest.size() || cost >= cheapest[brams].cost) continue;
      cheapest[brams] = {cost, &candidate, in_blocks};
    }
  }

  /// Of each engine and part the cheapest choice for every number of block RAMs. `parts` outlives
  /// the choices.
  [[nodiscard]] std::vector<std::vector<Choice>> choices_of(
      std::int64_t cycles, const std::vector<Candidate>& parts) const {
    const auto sizes = static_cast<std::size_t>(device_.brams) + 1;
    std::vector<std::vector<Choice>> choices;
    for (const std::vector<Candidate>& candidates : candidates_) {
      std::vector<Choice>& own = choices.emplace_back(sizes);
      bool is_fast_enough = false;
      for (const Candidate& candidate : candidates) {
        if (candidate.cycles > cycles) continue;
        is_fast_enough = true;
        consider(candidate, own);
      }
      if (!is_fast_enough) consider(candidates.back(), own);
    }
    for (const Candidate& part : parts) consider(part, choices.emplace_back(sizes));
    return choices;
  }

  /// One choice of each with the least cost of all, exactly, by the number of block RAMs that the
  /// first ones have together.
  static std::vector<Choice> share_out(const std::vector<std::vector<Choice>>& choices,
                                       std::size_t brams) {
    std::vector<double> least(brams + 1, 0.0);
    std::vector<std::vector<std::size_t>> used;  // of the last one, by those of all
    for (const std::vector<Choice>& own : choices) {
      std::vector<double> next(brams + 1, std::numeric_limits<double>::infinity());
      std::vector<std::size_t>& taken = used.emplace_back(brams + 1, 0);
      for (std::size_t all = 0; all <= brams; ++all) {
        for (std::size_t last = 0; last <= all; ++last) {
          const double cost = own[last].cost + least[all - last];
          if (cost >= next[all]) continue;
          next[all] = cost;
          taken[all] = last;
        }
      }
      least = std::move(next);
    }
    std::vector<Choice> chosen(choices.size());
    std::size_t left = brams;
    for (std::size_t i = choices.size(); i-- > 0;) {
      chosen[i] = choices[i][used[i][left]];
      left -= used[i][left];
    }
    return chosen;
  }

  [[nodiscard]] FoldingPlan within_brams(std::int64_t cycles) const {
    std::vector<Candidate> parts;
    for (const Part& part : pipeline_.parts) parts.push_back(part_of(part, cycles));
    const std::vector<Choice> chosen =
        share_out(choices_of(cycles, parts), static_cast<std::size_t>(device_.brams));
    FoldingPlan plan;
    plan.cycles = pipeline_.input_values;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      if (i < candidates_.size()) {
        add_engine(chosen[i], plan);
      } else {
        add_part(chosen[i], plan);
      }
    }
    return plan;
  }

  static Candidate part_of(const Part& part, std::int64_t cycles) {
    Candidate made;
    made.rows = over(part.values, cycles);
    made.cycles = over(part.values, made.rows);
    made.other_luts = kControlLuts + static_cast<double>(made.rows) * part.luts_each;
    made.multipliers = static_cast<int>(made.rows) * part.multipliers_each;
    made.memories[0] = MemoryChoice::of(part.held_values, part.held_bits, true);
    return made;
  }

  static void count(double luts, int brams, const Candidate& candidate, FoldingPlan& plan) {
    plan.used.luts += luts;
    plan.used.brams += brams;
    plan.used.multipliers += candidate.multipliers;
    plan.cycles = std::max(plan.cycles, candidate.cycles);
  }

  static void add_engine(const Choice& choice, FoldingPlan& plan) {
    const Candidate& chosen = *choice.candidate;
    EngineFolding folding;
    folding.rows = chosen.rows;
    folding.lanes = chosen.lanes;
    folding.cycles = chosen.cycles;
    folding.requantizers = chosen.requantizers;
    folding.dot_luts = chosen.dot_luts;
    folding.requantizer_luts = chosen.requantizer_luts;
    folding.other_luts = chosen.other_luts;
    folding.multipliers = chosen.multipliers;
    MemoryPlan* const memories[] = {&folding.weights, &folding.parameters, &folding.operands};
    for (std::size_t i = 0; i < chosen.memories.size(); ++i) {
      *memories[i] = chosen.memories[i].plan((choice.in_blocks >> i & 1) != 0);
      folding.other_luts += memories[i]->luts;
      folding.brams += memories[i]->brams();
    }
    count(folding.luts(), folding.brams, chosen, plan);
    plan.engines.push_back(std::move(folding));
  }

  static void add_part(const Choice& choice, FoldingPlan& plan) {
    const Candidate& chosen = *choice.candidate;
    PartFolding folding;
    folding.units = chosen.rows;
    folding.held = chosen.memories[0].plan((choice.in_blocks & 1) != 0);
    folding.luts = chosen.luts() + folding.held.luts;
    folding.brams = folding.held.brams();
    folding.multipliers = chosen.multipliers;
    count(folding.luts, folding.brams, chosen, plan);
    plan.parts.push_back(std::move(folding));
  }

  const Pipeline& pipeline_;
  const Device& device_;
  std::vector<std::vector<Candidate>> candidates_;
};

}  // namespace

bool FoldingPlan::fits(const Device& device) const {
  return used.luts <= device.most_luts() && used.brams <= device.brams &&
         used.multipliers <= device.multipliers;
}

Result<double> engine_luts(const Engine& engine, std::int64_t rows, std::int64_t lanes,
                           const BlockCosts& costs) {
  FEWBIT_ASSIGN_OR_RETURN(made, candidate_of(engine, rows, lanes, costs));
  return made.luts();
}

Result<std::optional<FoldingPlan>> fold(const Pipeline& pipeline, const Device& device,
                                        std::int64_t cycles, const BlockCosts& costs) {
  FEWBIT_ASSIGN_OR_RETURN(folder, Folder::make(pipeline, device, costs));
  std::optional<FoldingPlan> plan = folder.fold(cycles);
  if (plan && plan->cycles > cycles) plan = std::nullopt;
  return plan;
}

Result<std::optional<FoldingPlan>> fold_fastest(const Pipeline& pipeline, const Device& device,
                                                const BlockCosts& costs) {
  FEWBIT_ASSIGN_OR_RETURN(folder, Folder::make(pipeline, device, costs));
  std::int64_t low = pipeline.input_values - 1, high = folder.most_cycles();
  std::optional<FoldingPlan> best = folder.fold(high);
  if (!best || !best->fits(device)) return std::optional<FoldingPlan>();
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    std::optional<FoldingPlan> tried = folder.fold(middle);
    const bool is_good = tried && tried->cycles <= middle && tried->fits(device);
    (is_good ? high : low) = middle;
    if (is_good) best = std::move(tried);
  }
  return best;
}

}  // namespace fewbit::quant
