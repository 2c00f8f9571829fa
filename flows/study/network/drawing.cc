// Drawing accelerators: see drawing.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/network/drawing.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "fewbit/flows/study/network/depths.h"

namespace fewbit::study {

using quant::LoweredNode;

namespace {

constexpr int kBoxWidth = 290, kColumn = kBoxWidth + 40, kGap = 34, kMargin = 24, kTitle = 26;
constexpr int kLine = 17, kPad = 8;          ///< of text in a box
constexpr std::size_t kMostCharacters = 37;  ///< of 7.3 units in a box
constexpr int kApart = 12;                   ///< between lines that enter or leave one box

/// A box, or with no text a bend of a line.
struct Box {
  const char* kind = "";
  std::vector<std::string> text{};
  std::vector<std::size_t> inputs{};  ///< earlier boxes
  int row = 0, column = 0;
};

/// Printable ASCII for XML, no longer than a box is wide.
std::string shown(const std::string& text) {
  std::string shown;
  std::size_t count = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xc0U) == 0x80U) continue;  // inside a character of UTF-8
    if (++count > kMostCharacters) return shown + "...";
    if (c == '&') {
      shown += "&amp;";
    } else if (c == '<') {
      shown += "&lt;";
    } else {
      shown += c < ' ' || c > '~' ? '?' : c;
    }
  }
  return shown;
}

const rtl::Module* part_of(const Accelerator& accelerator, const std::string& stem,
                           const char* block) {
  for (const rtl::Instance& instance : accelerator.top->instances()) {
    const std::string& name = instance.module->name();
    if (name.ends_with("_" + stem + "_" + block)) return instance.module.get();
  }
  return nullptr;
}

/// The memory of weights: the largest that nobody writes.
const rtl::MemorySpec* largest_memory(const rtl::Module& module) {
  const rtl::MemorySpec* largest = nullptr;
  const auto bits = [](const rtl::MemorySpec& spec) {
    return std::int64_t{spec.depth} * spec.width;
  };
  for (const rtl::Memory& memory : module.memories()) {
    if (memory.is_written()) continue;
    if (largest == nullptr || bits(memory.spec) > bits(*largest)) largest = &memory.spec;
  }
  return largest;
}

class Drawing {
 public:
  Drawing(const quant::LoweredNetwork& network, const Accelerator& accelerator,
          const DrawingFacts& facts)
      : network_(network), accelerator_(accelerator), facts_(facts) {}

  Result<std::string> text() {
    FEWBIT_ASSIGN_OR_RETURN(layouts, layouts_of(network_));
    layouts_ = std::move(layouts);
    make_boxes();
    place_boxes();
    return svg();
  }

 private:
  std::size_t add(Box box) {
    boxes_.push_back(std::move(box));
    return boxes_.size() - 1;
  }

  void make_boxes() {
    std::vector<std::size_t> made(network_.nodes.size(), 0);
    for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
      const LoweredNode& node = network_.nodes[i];
      std::vector<std::size_t> inputs;
      for (const std::size_t input : node.inputs) inputs.push_back(made[input]);
      const bool rounds_layer =
          std::holds_alternative<quant::Requantizer>(node.op) &&
          std::holds_alternative<quant::LinearSums>(network_.nodes[node.inputs[0]].op);
      if (rounds_layer) {
        made[i] = inputs[0];
      } else if (std::holds_alternative<quant::LinearSums>(node.op)) {
        made[i] = add_layer(inputs);
      } else if (std::holds_alternative<quant::Addition>(node.op)) {
        made[i] = add_sum(i, inputs);
      } else {
        made[i] = add({"node", {node.name, described(i)}, inputs});
      }
    }
    const Layout& logits = layouts_[network_.output];
    add({"end",
         {accelerator_.sends_class ? "class" : fmt::format("{} logits", logits.values()),
          fmt::format("m_axis, {} bits", accelerator_.result_bits)},
         {made[network_.output]}});
  }

  [[nodiscard]] std::string described(std::size_t place) const {
    const Layout& layout = layouts_[place];
    const std::string shape = layout.pixels() == 1 ? std::to_string(layout.channels)
                                                   : fmt::format("{} x {} x {}", layout.channels,
                                                                 layout.height, layout.width);
    const bool is_image = std::holds_alternative<quant::ImageInput>(network_.nodes[place].op);
    return (is_image ? "image, bytes of " : std::string(name_of(network_.nodes[place].op)) + ", ") +
           shape;
  }

  std::size_t add_layer(const std::vector<std::size_t>& inputs) {
    const std::size_t layer = next_layer_++;
    const EngineReport& engine = accelerator_.engines[layer];
    const LayerFolding& folding = engine.folding;
    const rtl::Module* part = part_of(accelerator_, engine.stem, "matvec");
    const char* block = part == nullptr ? "depthwise" : "matvec";
    if (part == nullptr) part = part_of(accelerator_, engine.stem, block);
    const rtl::MemorySpec* memory = part == nullptr ? nullptr : largest_memory(*part);
    const std::string luts = facts_.luts(layer);
    return add(
        {"layer",
         {engine.name,
          fmt::format("{} {} x {}, {} pixels", block, engine.channels, engine.terms, engine.pixels),
          fmt::format("P {}, S {}, rounds {} a cycle", folding.rows, folding.lanes, folding.units),
          fmt::format("{} x {}", engine.weights, engine.activations),
          fmt::format("to {} by {}", engine.results, engine.rounding),
          "weights: " + (memory == nullptr ? std::string("wired") : facts_.place(*memory)),
          fmt::format("{}{}{} cycles", luts, luts.empty() ? "" : ", ", engine.cycles)},
         inputs});
  }

  /// With the queues before it.
  std::size_t add_sum(std::size_t place, std::vector<std::size_t> inputs) {
    const std::vector<Waiting> waiting = waiting_at(network_, layouts_, place);
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      if (waiting[k].least <= 1 || next_queue_ == accelerator_.waiting.size()) continue;
      const WaitingPlace& queue = accelerator_.waiting[next_queue_++];
      inputs[k] = add({"queue",
                       {fmt::format("fifo of {} x {} bits", queue.depth, queue.bits),
                        fmt::format("{} must fit", queue.least)},
                       {inputs[k]}});
    }
    return add({"node", {network_.nodes[place].name, described(place)}, inputs});
  }

  /// The row is the longest way from the image. The line of the input in the row above goes on
  /// straight down, if no other box was first; else in the first column that is free.
  void place_boxes() {
    std::set<std::pair<int, int>> taken;
    std::set<std::size_t> continued;
    std::vector<Box> placed;
    std::vector<std::size_t> at(boxes_.size());
    for (std::size_t i = 0; i < boxes_.size(); ++i) {
      Box box = boxes_[i];
      for (std::size_t& input : box.inputs) {
        input = at[input];
        box.row = std::max(box.row, placed[input].row + 1);
      }
      std::optional<std::size_t> above;
      for (const std::size_t input : box.inputs) {
        if (!above && placed[input].row + 1 == box.row && !continued.contains(input)) above = input;
      }
      const auto free_column = [&](int from, int to) {
        for (int column = 0;; ++column) {
          bool is_free = true;
          for (int row = from; row <= to; ++row) is_free &= !taken.contains({column, row});
          if (is_free) return column;
        }
      };
      for (std::size_t& input : box.inputs) {
        if (above == input) continue;
        const Box from = placed[input];
        const bool goes_on = !continued.contains(input) && box.row > from.row + 1;
        if (goes_on) {
          for (int row = from.row + 1; row < box.row; ++row) taken.insert({from.column, row});
          continued.insert(input);
        } else if (box.row > from.row + 1) {
          const int column = free_column(from.row + 1, box.row - 1);
          for (int row = from.row + 1; row < box.row; ++row) taken.insert({column, row});
          placed.push_back({"bend", {}, {input}, from.row + 1, column});
          input = placed.size() - 1;
        }
      }
      box.column = above ? placed[*above].column : free_column(box.row, box.row);
      if (above) continued.insert(*above);
      taken.insert({box.column, box.row});
      placed.push_back(box);
      at[i] = placed.size() - 1;
    }
    boxes_ = std::move(placed);
  }

  static int height_of(const Box& box) {
    return box.text.empty() ? 0 : kLine * static_cast<int>(box.text.size()) + 2 * kPad;
  }
  [[nodiscard]] int x_of(const Box& box) const {
    static_cast<void>(this);
    return kMargin + box.column * kColumn;
  }

  std::string svg() {
    int rows = 0, columns = 0;
    for (const Box& box : boxes_) {
      rows = std::max(rows, box.row + 1);
      columns = std::max(columns, box.column + 1);
    }
    std::vector<int> heights(static_cast<std::size_t>(rows), 0);
    for (const Box& box : boxes_) {
      int& height = heights[static_cast<std::size_t>(box.row)];
      height = std::max(height, height_of(box));
    }
    tops_.assign(1, kMargin + kTitle);
    for (const int height : heights) tops_.push_back(tops_.back() + height + kGap);
    const int width = 2 * kMargin + columns * kColumn - (kColumn - kBoxWidth);
    const int height = tops_.back() - kGap + kMargin;
    std::string text = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" "
        "viewBox=\"0 0 {0} {1}\" font-family=\"monospace\" font-size=\"12\">\n"
        "<rect x=\"{2}\" y=\"{3}\" width=\"{4}\" height=\"24\" rx=\"3\" fill=\"#e8e8e8\"/>\n"
        "<text x=\"{5}\" y=\"{6}\" fill=\"#101010\">{7}</text>\n",
        width, height, kMargin, kMargin - kPad, kBoxWidth, kMargin + kPad, kMargin + kPad,
        shown(facts_.title));
    for (const Box& box : boxes_) text += lines_to(box);
    for (const Box& box : boxes_) text += drawn(box);
    return text + "</svg>\n";
  }

  /// Where line `which` of `count` meets a box.
  [[nodiscard]] int meeting(const Box& box, int which, int count) const {
    return x_of(box) + kBoxWidth / 2 + (2 * which - count + 1) * kApart / 2;
  }

  /// From the foot of each input, across in the gap above the box or below the input, to its head.
  std::string lines_to(const Box& box) {
    std::string text;
    const int count = static_cast<int>(box.inputs.size());
    for (int k = 0; k < count; ++k) {
      const std::size_t place = box.inputs[static_cast<std::size_t>(k)];
      const Box& from = boxes_[place];
      const int leaving = readers_of(place);
      const int x = meeting(from, left_[place]++, leaving), end = meeting(box, k, count);
      const int y = tops_[static_cast<std::size_t>(from.row)] + height_of(from);
      const int head = tops_[static_cast<std::size_t>(box.row)];
      // A line that bends off does so below its input; one that comes back, above its box.
      const bool is_first = box.column > from.column;
      const int gap = is_first ? row_end(from.row) + kGap / 3 : head - kGap / 3;
      text += fmt::format(
          "<path d=\"M{} {}V{}H{}V{}\" fill=\"none\" stroke=\"#808080\" stroke-width=\"2\"/>\n", x,
          y, gap, end, head);
    }
    return text;
  }
  [[nodiscard]] int row_end(int row) const {
    return tops_[static_cast<std::size_t>(row) + 1] - kGap;
  }
  [[nodiscard]] int readers_of(std::size_t place) const {
    int readers = 0;
    for (const Box& box : boxes_) {
      readers += static_cast<int>(std::count(box.inputs.begin(), box.inputs.end(), place));
    }
    return readers;
  }

  [[nodiscard]] std::string drawn(const Box& box) const {
    if (box.text.empty()) return "";
    static const std::map<std::string, const char*> kFills = {
        {"layer", "#cfe3f7"}, {"queue", "#f7e3c0"}, {"node", "#dceedd"}, {"end", "#e8e8e8"}};
    const int x = x_of(box), y = tops_[static_cast<std::size_t>(box.row)];
    std::string text = fmt::format(
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"4\" fill=\"{}\" "
        "stroke=\"#808080\"/>\n",
        x, y, kBoxWidth, height_of(box), kFills.at(box.kind));
    for (std::size_t i = 0; i < box.text.size(); ++i) {
      text += fmt::format("<text x=\"{}\" y=\"{}\" fill=\"#101010\"{}>{}</text>\n", x + kPad,
                          y + kPad + 12 + static_cast<int>(i) * kLine,
                          i == 0 ? " font-weight=\"bold\"" : "", shown(box.text[i]));
    }
    return text;
  }

  const quant::LoweredNetwork& network_;
  const Accelerator& accelerator_;
  const DrawingFacts& facts_;
  std::vector<Layout> layouts_;
  std::vector<Box> boxes_;
  std::vector<int> tops_;
  std::map<std::size_t, int> left_;  ///< lines that were drawn from a box
  std::size_t next_layer_ = 0, next_queue_ = 0;
};

}  // namespace

Result<std::string> drawing_of(const quant::LoweredNetwork& network, const Accelerator& accelerator,
                               const DrawingFacts& facts) {
  return Drawing(network, accelerator, facts).text();
}

}  // namespace fewbit::study
